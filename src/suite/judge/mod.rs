//! One suspicion: is it so, which tests does it take, which state, and what helps. Where suspicions come from is `search`.
//!
//! ```text
//! alone_runs, suspicion, cause, failing, repair, known, sighting <- runs <- extra_causes, cleaner, hints, random, smallest, state <- prove <- remedies <- alike <- chained <- explain
//! ```

pub(crate) mod alike;
mod alone_runs;
pub(crate) mod cause;
mod chained;
pub(crate) mod cleaner;
pub(crate) mod explain;
pub(crate) mod extra_causes;
mod failing;
pub(crate) mod hints;
pub(crate) mod known;
#[cfg(test)]
pub(crate) mod mock_runner;
pub(crate) mod prove;
pub(crate) mod random;
mod remedies;
pub(crate) mod repair;
pub(crate) mod runs;
pub(crate) mod sighting;
mod smallest;
mod state;
pub(crate) mod suspicion;
