//! A real CPython as an [`Interpreter`](super::Interpreter): steps run in forked copies of one of its
//! processes, against a world written to a directory of its own. `levels` keeps the states, `room` the interpreter that they are copies of, `agent` owns the
//! processes, `source` names its files, `compiled` keeps their code, `protocol` defines the frames, `encode` (with `repair` and `literal`) turns steps into commands,
//! and `decode` turns answers into outcomes. `conversation` is with an agent that performs something else than steps.
//! `discover` finds interpreters, `packages` says what is installed beside them; `compiling` asks one what it cannot compile.
//!
//! Processes: the first process becomes the *watcher*. Its child, the *zygote*, begins a session and never performs a
//! step. Each state is a descendant of the zygote, in a process group of its own. A state that ends takes its group
//! with it, and a step past its time limit is ended with its group. When the agent's owner is dropped or taster itself
//! is killed, the watcher ends the whole session. It finds the session in `/proc`; without `/proc`, processes that wait
//! for a command end on their own, but processes in an endless loop do not.
//!
//! What can escape: a process that module code forks and that begins a session of its own (a daemon); what
//! module code writes outside its directory, or in it after its step; a watcher that module code finds and
//! kills; files whose modification time module code sets to later than September 2020, which read as changed
//! now; and a file changed in place with its old size and modification time, within one tick of the kernel's
//! own clock. A FIFO, socket or device is removed when the directory is read back.

mod agent;
mod compiled;
pub mod compiling;
mod configure;
mod confine;
mod conversation;
mod decode;
pub mod discover;
mod encode;
mod guard;
mod home;
mod levels;
mod limits;
mod literal;
pub mod packages;
mod processes;
mod program;
mod protocol;
mod recognise;
mod repair;
mod room;
mod source;

/// Questions about objects that run none of their code, as Python source: the first of the files that write states.
pub(crate) const KINDS: &str = include_str!("kinds.py");

pub(crate) use compiled::CompiledAgents;
pub use confine::gaps;
pub(crate) use confine::spawn as spawn_confined;
pub(crate) use conversation::{Conversation, ConversationStart};
pub use levels::CPython;
pub use program::Program;
pub(crate) use room::Shelf;
