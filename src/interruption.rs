//! Ctrl-C: the first one asks what is running to end early, the second one ends the process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Exit status of a process that a second Ctrl-C ended.
const INTERRUPTED: i32 = 130;
/// What a second Ctrl-C leaves for directories to be removed and children to be reaped.
const GRACE: Duration = Duration::from_millis(500);

/// A flag that the first Ctrl-C (SIGTERM, SIGHUP) sets, for [`Options::interrupted`](crate::run::Options::interrupted). The
/// second one ends the process with status 130. Where a handler is installed already, the flag is never set.
pub fn on_ctrl_c() -> Arc<AtomicBool> {
    let interrupted = Arc::<AtomicBool>::default();
    let flag = Arc::clone(&interrupted);
    let handler = move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::thread::sleep(GRACE);
            std::process::exit(INTERRUPTED);
        }
    };
    // An error means that somebody else handles signals in this process; theirs is then the say.
    let _ = ctrlc::set_handler(handler);
    interrupted
}
