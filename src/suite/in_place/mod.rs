//! Runs in the user's own files: when a run is over, taster restores what it wrote, and nothing else.
//!
//! taster restores only entries in the suite's own directories, only those that are still exactly as the run left them,
//! and without following a link. It works from the log on disk, so that a surviving process can do it if taster is
//! gone, any number of times. Anything about to be overwritten or removed is copied first; the copies stay until the
//! hunt ends.

pub(crate) mod again;
pub(crate) mod ground;
pub(crate) mod left;
pub(crate) mod notes;
pub(crate) mod put_back;
mod restore;
pub(crate) mod undo;
pub(crate) mod written;
