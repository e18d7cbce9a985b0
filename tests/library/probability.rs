//! The exact probability, on real interpreters and on the model, equals that of brute force, which performs every cell
//! of a grid of phases.

use std::path::Path;

use crate::not_run;
use taster::diagnose::{Odds, Probability};
use taster::explore::{Lab, Performer, Script, ScriptLine};
use taster::interpreter::cpython::discover::{Places, discover};
use taster::interpreter::{Installation, choose};
use taster::scenario::{self, Scenario, Timestamps, Version};
use taster::world::{Nanos, Time, World};

/// All times are multiples of it.
const CELL: u64 = 100_000_000;

const LISTING: &str = r#"title = "A listing that may be stale"
permute = "steps"
setup = [{ mkdir = "d" }, { sys-path = "d" }]
[clock]
step-time = "100ms"
[[test]]
name = "first"
steps = [{ write = "d/a.py" }, { import = "a" }]
[[test]]
name = "second"
steps = [{ sleep = "200ms" }, { write = "d/b.py" }, { import = "b" }]
"#;

const BYTECODE: &str = r#"title = "Bytecode that may be stale"
permute = "steps"
setup = [{ mkdir = "d" }, { sys-path = "d" }]
[clock]
step-time = "100ms"
[[test]]
name = "first"
steps = [{ write = "d/m.py", text = "X = 1" }, { import = "m" }]
[[test]]
name = "second"
steps = [{ forget = "m" }, { write = "d/m.py", text = "X = 2" }, { import = "m", expect = { X = 2 } }]
"#;

fn by_brute_force(
    performer: &mut Performer,
    script: &[ScriptLine<'_>],
    tick: Nanos,
    period: u64,
) -> Probability {
    let cells = period / CELL;
    let failing = (0..cells).filter(|cell| {
        let world = World::beginning_at(Time(Time::START.0 + cell * CELL), tick);
        let performed = performer.perform(&world, script).unwrap();
        let own = script.iter().zip(performed).filter(|(line, _)| line.test == Some(1));
        own.map(|(_, step)| step.outcome).any(|outcome| outcome.is_failure())
    });
    Probability::of(failing.count() as u64, cells)
}

fn agrees(scenario: &Scenario, installation: &Installation) {
    let word: Vec<usize> =
        scenario.tests.iter().enumerate().flat_map(|(test, own)| vec![test; own.steps.len()]).collect();
    let script = Script::with_setup(scenario, &word);
    // With the least common multiple of tick and second.
    for (tick, period) in [(1_000, 1_000), (300, 3_000), (400, 2_000), (2_000, 2_000)] {
        let (tick, period) = (Nanos(tick * 1_000_000), period * 1_000_000);
        let timestamps = Timestamps { written: tick.to_string(), tick };
        let mut performer = Lab::new(scenario, installation, &timestamps).performer().unwrap();
        let exact =
            Odds::new(scenario, installation.identity.kind).of(&mut performer, &script, 1, tick).unwrap();
        let counted = by_brute_force(&mut performer, &script, tick, period);
        assert_eq!(exact, Some(counted), "{} at {tick} on {}", scenario.title, installation.identity.label);
    }
}

fn agrees_everywhere(installation: &Installation) {
    for text in [LISTING, BYTECODE] {
        agrees(&scenario::parse(Path::new("brute-force.toml"), text).unwrap(), installation);
    }
}

#[test]
fn the_model_fails_as_often_as_brute_force_says() {
    agrees_everywhere(&choose::built_in(Version::new(3, 13, 0)));
}

#[test]
fn cpython_fails_as_often_as_brute_force_says() {
    let found = discover(&Places::from_variables(|name| std::env::var_os(name)));
    for wanted in [(2, 7), (3, 8), (3, 13)] {
        match found.iter().find(|found| found.identity.version.feature() == wanted) {
            Some(installation) => agrees_everywhere(installation),
            None => not_run::say(&format!("no CPython {}.{} was found", wanted.0, wanted.1)),
        }
    }
}
