//! Explores the orderings of a scenario on an interpreter, merges equal states, and keeps the graph of states. It
//! records what each step did; what that means is for `diagnose`. The front is `explorer`; steps to perform are a
//! `script`, `performer` performs them, and a `trail` many of them, sharing what they have in common; a `lab` is
//! where interpreters come from. A `walker` goes through the graph; several are `workers`, of which a `worker_limit`
//! says how many there may be, have what is `shared`, and wait in a `queue`; `graph` holds the states, `key` says
//! which are equal, `tally` counts orderings on it. Orderings that were performed one by one are in `sampled`.
//! `afresh` performs orderings again, chosen by way of `entries`; what they have in common is performed once
//! (`together`). `compare` finds where two graphs differ, `abreast` compares two interpreters after each step, and
//! `pieces` says in what.

mod abreast;
mod afresh;
mod compare;
mod entries;
mod error;
mod explorer;
mod graph;
mod key;
mod lab;
mod outcomes;
mod performer;
mod pieces;
mod queue;
mod sampled;
mod script;
mod shared;
mod step_times;
mod tally;
mod together;
mod trail;
mod walker;
mod worker_limit;
mod workers;

pub use abreast::{Abreast, AbreastMaker, ComparedOrderings, compare_along, shorten};
pub use compare::{Disagreement, disagreement};
pub use entries::Entries;
pub use error::ExploreError;
pub use explorer::Explorer;
pub use graph::{Edge, Graph, GraphNode, NodeId};
pub use key::can_read_times;
pub use lab::Lab;
pub use performer::{Performer, StepWatcher};
pub use pieces::{ComparedPiece, DifferentPiece, different_result, different_state};
pub use script::{Script, ScriptLine, StepPerformance, StepRecord};
pub use shared::{Reach, WalkMeter, WalkProgress};
pub use step_times::StepTimes;
pub use tally::{OrderingTally, tally};
pub use trail::Enough;
pub use worker_limit::{WorkerLimit, WorkerPermit};
