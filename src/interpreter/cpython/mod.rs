//! A real CPython as an [`Interpreter`](super::Interpreter): steps run in forked copies of a process of it, against a
//! world made real in a directory of its own. `levels` keeps the states, `agent` owns the processes, `protocol`
//! says how they are talked to, `encode` (with `repair` and `literal`) turns steps into commands, and `decode` turns answers
//! into outcomes. Where interpreters are found is `discover`.
//!
//! Processes: the one that is started becomes the *watcher*; its child, the *zygote*, begins a session and never performs a
//! step; each state is a descendant of it in a process group of its own. A state that ends takes its group with it, a step
//! past its time limit is ended by its group, and when the agent's owner is dropped or taster itself is killed the watcher
//! ends the whole session (found in `/proc`; where there is none, processes that wait for a command end on their own, those
//! in an endless loop do not).
//!
//! What can escape: a process that module code forks and that begins a session of its own (a daemon); what module code
//! writes outside of its directory, or in it after its step; a watcher that module code seeks out and kills; files whose
//! modification time module code sets to later than September 2020, which read as changed now; and a file changed in
//! place with its size and modification time as they were, within one tick of the kernel's own clock.
//! A FIFO, socket or device is removed when the directory is read back.

mod agent;
mod confine;
mod decode;
pub mod discover;
mod encode;
mod guard;
mod levels;
mod limits;
mod literal;
mod processes;
mod program;
mod protocol;
mod recognise;
mod repair;

/// Questions about objects that these cannot hear, as Python source: the first of the files that write states.
pub(crate) const KINDS: &str = include_str!("kinds.py");

pub use confine::gaps;
pub use levels::CPython;
pub use program::Program;
