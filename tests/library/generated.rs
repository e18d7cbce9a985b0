//! Generated scenarios: many tests that do not affect each other, and a few that do, at places that a seed decides.

use std::fmt::Write as _;
use std::path::Path;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use taster::scenario::{self, Scenario};

/// A scenario and the pairs that are hidden in it: names of polluter and victim.
pub(crate) struct Generated {
    pub(crate) scenario: Scenario,
    pub(crate) pairs: Vec<(String, String)>,
}

/// What the hidden pairs do: a module that changes another's attribute, one that blocks another, and a lookup that fills a
/// directory's listing before a module is there.
const PAIRS: [(&str, &str); 3] = [
    (r#"{ import = "deploy" }"#, r#"{ import = "settings", expect = { MODE = "default" } }"#),
    (r#"{ import = "blocker" }"#, r#"{ import = "codec", expect = { V = 1 } }"#),
    (
        r#"{ import = "ghost", raises = "ImportError" }"#,
        r#"{ write = "late/plugin.py" }, { import = "plugin" }"#,
    ),
];

/// Modules that the other tests import.
const MODULES: usize = 20;

/// `count` tests, at least six, with three hidden pairs.
pub(crate) fn many_tests(count: usize, seed: u64) -> Generated {
    let mut places: Vec<usize> = (0..count).collect();
    places.shuffle(&mut StdRng::seed_from_u64(seed));
    let mut steps: Vec<String> = (0..count)
        .map(|number| number % MODULES)
        .map(|module| {
            format!("{{ import = \"m{module}\", expect = {{ V = {module} }} }}, {{ forget = \"m{module}\" }}")
        })
        .collect();
    let mut pairs = Vec::new();
    for (pair, at) in PAIRS.iter().zip(places.chunks(2)) {
        pair.0.clone_into(&mut steps[at[0]]);
        pair.1.clone_into(&mut steps[at[1]]);
        pairs.push((name(at[0]), name(at[1])));
    }
    let text = text(&steps);
    let scenario =
        scenario::parse(Path::new("generated.toml"), &text).expect("the generator writes scenarios");
    Generated { scenario, pairs }
}

fn name(number: usize) -> String {
    format!("t{number:03}")
}

fn text(steps: &[String]) -> String {
    let mut text = String::from("title = \"Many tests, three hidden pairs\"\nbytecode = false\nsetup = [\n");
    for number in 0..MODULES {
        let _ = writeln!(text, "  {{ write = \"lib/m{number}.py\", text = \"V = {number}\" }},");
    }
    text += r#"  { write = "lib/settings.py", text = "MODE = 'default'" },
  { write = "lib/deploy.py", text = "import settings\nsettings.MODE = 'production'" },
  { write = "lib/codec.py", text = "V = 1" },
  { write = "lib/blocker.py", text = "import sys\nsys.modules['codec'] = None" },
  { mkdir = "late" },
  { sys-path = "lib" },
  { sys-path = "late" },
]
[clock]
timestamps = ["1s"]
"#;
    for (number, steps) in steps.iter().enumerate() {
        let _ = writeln!(text, "[[test]]\nname = \"{}\"\nsteps = [{steps}]", name(number));
    }
    text
}
