//! Runs of a suite: a process that collects it, forks of that process that run orders, and the wrappers that run several at once, keep a
//! journal and end in time.

pub(crate) mod budgeted;
pub(crate) mod folder;
pub(crate) mod journal;
pub(crate) mod listen;
pub(crate) mod message;
pub(crate) mod pool;
pub(crate) mod process;
pub(crate) mod run;
pub(crate) mod scratch;
pub(crate) mod zygote;
