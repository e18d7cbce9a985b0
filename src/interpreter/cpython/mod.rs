//! A real CPython as an [`Interpreter`](super::Interpreter): steps run in forked copies of a process of it, against a
//! world made real in a directory of its own. `walk` keeps the states, `agent` owns the processes, `protocol`,
//! `script`, `repair` and `answer` are what is said to them and by them; where interpreters are found is `discover`.

mod agent;
mod answer;
pub mod discover;
mod program;
mod protocol;
mod recognise;
mod repair;
mod script;
mod walk;

pub use program::Program;
pub use walk::CPython;
