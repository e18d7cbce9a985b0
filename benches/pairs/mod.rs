//! The scenario that benchmarks share: tests that each write a module and import it.

use std::fmt::Write;

/// So many tests, whose steps interleave.
pub(crate) fn text(count: usize) -> String {
    let mut text = String::from(
        "title = 'pairs'\npermute = 'steps'\nsetup = [{ mkdir = 'lib' }, { sys-path = 'lib' }]\n[clock]\ntimestamps = ['1s']\n",
    );
    for test in 1..=count {
        let _ = write!(
            text,
            "[[test]]\nname = 't{test}'\nsteps = [{{ write = 'lib/m{test}.py' }}, {{ import = 'm{test}' }}]\n"
        );
    }
    text
}
