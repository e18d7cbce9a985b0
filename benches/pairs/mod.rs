//! What benchmarks share: a scenario of tests that each write a module and import it, and a program that copies itself.

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

/// A Python program that makes so many copies of itself, each of which ends at once.
pub(crate) fn copying(count: u32) -> String {
    format!(
        "import posix\nfor _ in range({count}):\n pid = posix.fork()\n if not pid: posix._exit(0)\n posix.waitpid(pid, 0)\n"
    )
}
