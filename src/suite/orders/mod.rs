//! Orders in which a suite can run. Modules and classes are kept together, so that pytest sets up their fixtures once.
//! There is one file for each kind of orders; this one says which kinds a search runs, and in which sequence.
//!
//! ```text
//! stage 1: given            then forks are compared with processes of their own, and the suite is surveyed
//! stage 2: reverse          the same backwards
//! stage 3: pairs            until every ordered pair of tests has run as neighbours
//! stage 4: random           until twenty in a row have brought no finding, or all orders ran
//! stage 5: frozen           if what the import system has looked at changed while tests ran
//! ```

mod frozen;
mod given;
mod groups;
mod known;
mod neighbours;
mod pairs;
mod random;
mod reverse;
mod strategy;

pub(crate) use groups::{between_files, reenters};
pub(crate) use strategy::{OrderStrategy, OrdersSeen, PlannedOrder};

use crate::suite::plan::{HuntPlan, OrderKind};
use crate::suite::runner::message::Item;

/// Strategies whose orders may run at the same time.
pub(crate) type Stage = Vec<Box<dyn OrderStrategy>>;

/// The stages of a plan, one after the other.
pub(crate) fn stages(plan: &HuntPlan, items: &[Item]) -> [Stage; 5] {
    let (given, timestamps) = (&plan.given, plan.timestamps);
    let mut stages = [const { Stage::new() }; 5];
    for (kind, stage) in
        [(OrderKind::Given, 0), (OrderKind::Reverse, 1), (OrderKind::Pairs, 2), (OrderKind::Random, 3)]
    {
        if !plan.orders.contains(&kind) {
            continue;
        }
        let strategy: Box<dyn OrderStrategy> = match kind {
            OrderKind::State => continue,
            OrderKind::Given => Box::new(given::Given::new(given, timestamps)),
            OrderKind::Reverse => Box::new(reverse::Reverse::new(given, timestamps)),
            OrderKind::Pairs => {
                let pairs = pairs::Pairs::new(items, given, timestamps);
                // A user who names victims wants to see them fail, not to run every pair.
                Box::new(if plan.victims.is_empty() { pairs.with_retries() } else { pairs })
            }
            OrderKind::Random => Box::new(random::Random::new(items, given, timestamps, plan.seed)),
        };
        stages[stage].push(strategy);
    }
    if plan.frozen_pass {
        stages[4].push(Box::new(frozen::Frozen::new(given, &plan.orders)));
    }
    stages
}
