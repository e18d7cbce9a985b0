//! Reports which test could not run, or not in full, and why: on stderr itself, because the output of a passing test is
//! not shown.

use std::io::Write as _;

/// One line, with the name of the test.
pub(crate) fn say(reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let line = format!("not run: {test}: {reason}\n");
    // In one piece: other tests write too. Whoever reads no stderr need not know.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
