//! Runs of a suite: a process that collects it, forks of that process that run orders, and wrappers that run several at
//! once, keep a journal and end in time.

pub(crate) mod ahead;
mod branches;
pub(crate) mod budgeted;
pub(crate) mod cell;
mod cell_values;
pub(crate) mod command;
pub(crate) mod folder;
mod heard_states;
pub(crate) mod journal;
pub(crate) mod journal_file;
mod kept_tests;
pub(crate) mod listen;
pub(crate) mod message;
pub(crate) mod names;
pub(crate) mod offers;
pub(crate) mod others;
mod outcome;
pub(crate) mod patience;
pub(crate) mod pool;
pub(crate) mod probe;
pub(crate) mod process;
pub(crate) mod process_error;
pub(crate) mod program;
pub(crate) mod run;
pub(crate) mod scratch;
pub(crate) mod source_line;
pub(crate) mod suite;
pub(crate) mod surveyed;
mod surveys;
pub(crate) mod trace;
pub(crate) mod zygote;
