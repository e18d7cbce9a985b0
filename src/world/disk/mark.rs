//! How to recognise that an entry was changed, and which of its times are virtual.

use rustix::fs::{Stat, Timespec, Timestamps};

use crate::world::{Nanos, Time};

/// The newest virtual time; every later modification time is a real one.
pub(super) const NEWEST: Time = Time(1_600_000_000 * Nanos::SECOND.0);

/// Changes whenever the entry does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileMark {
    inode: u64,
    pub(super) modified: (i64, i64),
    changed: (i64, i64),
    size: i64,
}

/// The current mark of an entry.
pub(super) fn mark_of(stat: &Stat) -> FileMark {
    FileMark {
        inode: stat.st_ino,
        modified: (whole(stat.st_mtime), whole(stat.st_mtime_nsec)),
        changed: (whole(stat.st_ctime), whole(stat.st_ctime_nsec)),
        size: stat.st_size,
    }
}

/// The modification time as a world records it: the step's own time if it is newer than virtual time.
pub(super) fn virtual_time(stat: &Stat, stamp: Time) -> Time {
    let (second, nano) = mark_of(stat).modified;
    let since = u64::try_from(second)
        .ok()
        .and_then(|second| second.checked_mul(Nanos::SECOND.0))
        .zip(u64::try_from(nano).ok());
    match since {
        Some((seconds, nanos)) if seconds <= NEWEST.0 => Time(seconds + nanos),
        Some(_) => stamp,
        None => Time(0),
    }
}

/// Seconds and nanoseconds, as a file system keeps them.
pub(super) fn clock(time: Time) -> (i64, i64) {
    (whole(time.second()), whole(time.subsecond()))
}

pub(super) fn timestamps(time: Time) -> Timestamps {
    let (second, nano) = clock(time);
    let time = Timespec { tv_sec: second, tv_nsec: whole(nano) };
    Timestamps { last_access: time, last_modification: time }
}

/// The types of these numbers differ between platforms.
fn whole<N, M: TryFrom<N> + From<i32>>(number: N) -> M {
    M::try_from(number).unwrap_or_else(|_| M::from(i32::MAX))
}
