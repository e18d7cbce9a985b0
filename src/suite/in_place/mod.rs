//! Runs in the user's own files: what a run was seen to write is put back when it is over, and nothing else.
//!
//! Only what lies in a directory of the suite's own is put back, only where it is still exactly as the run left it, and
//! without following a link. All is done from the log on disk, so that whoever outlives taster can do it, and as often as it
//! is asked for. What is about to be overwritten or removed is copied first; the copies stay until the hunt ends.

pub(crate) mod again;
pub(crate) mod ground;
pub(crate) mod left;
pub(crate) mod notes;
pub(crate) mod put_back;
mod restore;
pub(crate) mod undo;
pub(crate) mod written;
