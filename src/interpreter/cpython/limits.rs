//! The system's limits for an interpreter's processes. The processes that they start inherit them.

use crate::scenario::Limits;

/// Sets the limits of a process, as far as this system has such limits. A process that has ended needs none.
#[cfg(target_os = "linux")]
pub(super) fn set(pid: i64, limits: Limits) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};

    let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) else {
        return;
    };
    // A core dump would be a file of the ordering.
    let all = [(Resource::As, limits.memory), (Resource::Fsize, limits.file_size), (Resource::Core, 0)];
    for (resource, most) in all {
        let _ = prlimit(Some(pid), resource, Rlimit { current: Some(most), maximum: Some(most) });
    }
}

/// On other systems only the process itself can set its limits.
#[cfg(not(target_os = "linux"))]
pub(super) fn set(_pid: i64, _limits: Limits) {}
