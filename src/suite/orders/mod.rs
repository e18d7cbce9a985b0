//! Orders in which a suite can run. Modules and classes are kept together, so that pytest sets up their fixtures once.
//! There is one file for each kind of orders; this one says which kinds a search runs, and in which sequence.
//!
//! ```text
//! stage 1: given            then forks are compared with processes of their own, and the suite is surveyed
//! stage 2: reverse          the same backwards
//! stage 3: frozen           both again, if what the import system has looked at changed while tests ran
//! stage 4: pairs            until every ordered pair of tests has run as neighbours
//! stage 5: random           until twenty in a row have brought no finding, or all orders ran
//! ```
//!
//! Where several machines share a search, each runs the first three stages, and of the others its own orders.

mod frozen;
mod given;
mod groups;
mod known;
mod neighbours;
mod pair_flags;
mod pairs;
mod random;
mod reverse;
mod strategy;

pub(crate) use groups::{between_files, reenters};
pub(crate) use strategy::{OrderStrategy, OrdersSeen, PlannedOrder};

use crate::suite::plan::{HuntPlan, OrderKind};
use crate::suite::runner::message::Item;

/// The number of the stage under frozen timestamps.
pub(crate) const FROZEN: usize = 2;

/// Strategies whose orders may run at the same time.
pub(crate) type Stage = Vec<Box<dyn OrderStrategy>>;

/// The stages of a plan, one after the other. The last two may take all the time that there is, so the frozen pass comes before them.
pub(crate) fn stages(plan: &HuntPlan, items: &[Item]) -> [Stage; 5] {
    let (given, timestamps) = (&plan.given, plan.timestamps);
    let shard = plan.part.as_ref().map(|part| part.shard);
    let mut stages = [const { Stage::new() }; 5];
    for (kind, stage) in
        [(OrderKind::Given, 0), (OrderKind::Reverse, 1), (OrderKind::Pairs, 3), (OrderKind::Random, 4)]
    {
        if !plan.orders.contains(&kind) {
            continue;
        }
        let strategy: Box<dyn OrderStrategy> = match kind {
            OrderKind::State => continue,
            OrderKind::Given => Box::new(given::Given::new(given, timestamps)),
            OrderKind::Reverse => Box::new(reverse::Reverse::new(given, timestamps)),
            OrderKind::Pairs => {
                let pairs = pairs::Pairs::new(items, given, timestamps).of_shard(shard);
                // A user who names victims wants to see them fail, not to run every pair.
                Box::new(if plan.victims.is_empty() { pairs.with_retries() } else { pairs })
            }
            OrderKind::Random => {
                Box::new(random::Random::new(items, given, timestamps, plan.seed).of_shard(shard))
            }
        };
        stages[stage].push(strategy);
    }
    if plan.frozen_pass {
        stages[FROZEN].push(Box::new(frozen::Frozen::new(given, &plan.orders)));
    }
    stages
}
