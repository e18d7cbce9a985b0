//! Random orders that keep modules and classes together: they find effects of more than two tests in a row.
//!
//! Invariant: order number n depends only on the seed and on n, not on how many run at the same time, so that a search
//! can be repeated with its seed. The strategy ends after a number of orders in a row without a finding.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;

use super::groups::{GroupNode, tree};
use super::strategy::{OrderStrategy, OrdersSeen, PlannedOrder};
use crate::suite::plan::OrderKind;
use crate::suite::runner::message::Item;
use crate::suite::runner::run::HuntClock;

/// The number of orders in a row without a finding after which the strategy ends.
const FRUITLESS: u64 = 20;

/// Random orders.
#[derive(Debug)]
pub(super) struct Random {
    roots: Vec<GroupNode>,
    timestamps: HuntClock,
    seed: u64,
    /// The number of orders drawn so far.
    drawn: u64,
}

impl Random {
    pub(super) fn new(items: &[Item], given: &[usize], timestamps: HuntClock, seed: u64) -> Self {
        Self { roots: tree(items, given), timestamps, seed, drawn: 0 }
    }

    fn draw(&mut self) -> Vec<usize> {
        let mut generator = StdRng::seed_from_u64(self.seed.wrapping_add(self.drawn));
        self.drawn += 1;
        let mut order = Vec::new();
        shuffle(&self.roots, &mut generator, &mut order);
        order
    }
}

impl OrderStrategy for Random {
    fn next(&mut self, most: usize, seen: &mut OrdersSeen) -> Vec<PlannedOrder> {
        if seen.fruitless >= FRUITLESS {
            return Vec::new();
        }
        let (kind, timestamps) = (OrderKind::Random, self.timestamps);
        (0..most).map(|_| PlannedOrder { kind, tests: self.draw(), timestamps }).collect()
    }
}

fn shuffle(nodes: &[GroupNode], generator: &mut StdRng, order: &mut Vec<usize>) {
    let mut nodes: Vec<&GroupNode> = nodes.iter().collect();
    nodes.shuffle(generator);
    for node in nodes {
        match node {
            GroupNode::Test(test) => order.push(*test),
            GroupNode::Group { children, .. } => shuffle(children, generator, order),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::orders::groups::{reenters, samples};

    fn drawn(items: &[Item], seed: u64, most: &[usize]) -> Vec<PlannedOrder> {
        let tests: Vec<usize> = (0..items.len()).collect();
        let mut random = Random::new(items, &tests, HuntClock::Real, seed);
        let mut seen = OrdersSeen::new(items.len(), &tests);
        most.iter().flat_map(|&most| random.next(most, &mut seen)).collect()
    }

    #[test]
    fn a_random_order_is_one_of_groups_and_repeats_with_its_seed() {
        let items = samples::items(&[("a", 5), ("b/B", 5), ("b", 5)]);
        let orders = drawn(&items, 7, &[4]);
        assert_eq!(orders, drawn(&items, 7, &[1, 3]));
        assert_ne!(orders, drawn(&items, 11, &[4]));
        assert!(orders.iter().all(|order| !reenters(&items, &order.tests)));
    }

    #[test]
    fn there_is_an_end_once_orders_bring_nothing() {
        let items = samples::items(&[("a", 3)]);
        let mut random = Random::new(&items, &[0, 1, 2], HuntClock::Real, 0);
        let mut seen = OrdersSeen::new(3, &[0, 1, 2]);
        assert_eq!(random.next(2, &mut seen).len(), 2);
        seen.fruitless = FRUITLESS;
        assert_eq!(random.next(2, &mut seen), []);
    }
}
