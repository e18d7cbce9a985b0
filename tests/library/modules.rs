//! The scenario whose orderings are counted, in tests and in the benchmark.

use std::path::Path;

use taster::scenario::{Scenario, parse};

/// So many tests that write a module and import it, in one directory.
pub(crate) fn modules(tests: usize) -> Scenario {
    let steps = |test| format!("[{{ write = \"lib/m{test}.py\" }}, {{ import = \"m{test}\" }}]");
    let test = |test| format!("[[test]]\nname = \"t{test}\"\nsteps = {}\n", steps(test));
    let head =
        "title = \"modules\"\npermute = \"steps\"\nsetup = [{ mkdir = \"lib\" }, { sys-path = \"lib\" }]\n";
    let text: String = std::iter::once(head.to_owned()).chain((0..tests).map(test)).collect();
    parse(Path::new("modules.toml"), &text).expect("a valid scenario")
}
