//! Pairs by state: what each test leaves behind on its own, and what the others do in states that tests have left. What
//! comes out otherwise than alone is a suspicion.
//!
//! ```text
//! test_set, leavings <- cover, account, readers <- states <- rounds <- requests, blame, runs <- check, halves, stage
//! ```
//!
//! Instead of one order for each pair, one run decides many: all others run in a state in which several tests have each
//! left something else. Where one of them does something else than alone, states of some of these tests tell which of them
//! decides; if no single one does, they are halved until no half does it.

pub(crate) mod account;
mod blame;
mod check;
mod cover;
mod halves;
mod leavings;
mod near;
mod readers;
mod requests;
mod rounds;
mod runs;
pub(crate) mod stage;
pub(crate) mod states;
mod test_set;
