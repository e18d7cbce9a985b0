//! Random orders that keep modules and classes together: they find effects of more than two tests in a row.
//!
//! Invariant: order number n depends only on the seed, on n and on what ran before this strategy, not on how many run at the same
//! time, so that a search can be repeated with its seed. No order is drawn that ran. The strategy ends after a number of
//! orders in a row without a finding, and once all orders ran.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;

use super::groups::{GroupNode, tree};
use super::known::KnownOrders;
use super::strategy::{OrderStrategy, OrdersSeen, PlannedOrder};
use crate::shard::Shard;
use crate::suite::plan::OrderKind;
use crate::suite::runner::message::Item;
use crate::suite::runner::run::HuntClock;

/// The number of orders in a row without a finding after which the strategy ends.
const FRUITLESS: u64 = 20;
/// The number of draws in a row after which none is likely to be new.
const MOST_DRAWS: usize = 10_000;

/// Random orders.
#[derive(Debug)]
pub(super) struct Random {
    roots: Vec<GroupNode>,
    timestamps: HuntClock,
    seed: u64,
    /// The number of orders drawn so far.
    drawn: u64,
    /// The orders drawn so far, each once.
    known: KnownOrders,
    /// The number of orders that have not been drawn yet.
    left: u128,
    /// Which of the orders are this machine's, if others run the rest.
    shard: Option<Shard>,
    /// The number of new orders so far, those of other machines included.
    number: usize,
}

impl Random {
    pub(super) fn new(items: &[Item], given: &[usize], timestamps: HuntClock, seed: u64) -> Self {
        let roots = tree(items, given);
        let left = ways(&roots);
        Self {
            roots,
            timestamps,
            seed,
            drawn: 0,
            known: KnownOrders::default(),
            left,
            shard: None,
            number: 0,
        }
    }

    /// Only the orders of a shard. All shards draw the same orders, and each runs its own.
    pub(super) fn of_shard(self, shard: Option<Shard>) -> Self {
        Self { shard, ..self }
    }

    /// The next order of this machine.
    fn draw_own(&mut self, seen: &OrdersSeen) -> Option<Vec<usize>> {
        loop {
            let order = self.draw(seen)?;
            self.number += 1;
            if self.shard.is_none_or(|shard| shard.has_in_turn(self.number - 1)) {
                return Some(order);
            }
        }
    }

    /// The next order that did not run; `None` if there is none, or if none came up for long.
    fn draw(&mut self, seen: &OrdersSeen) -> Option<Vec<usize>> {
        for _ in 0..MOST_DRAWS {
            if self.left == 0 {
                return None;
            }
            let mut generator = StdRng::seed_from_u64(self.seed.wrapping_add(self.drawn));
            self.drawn += 1;
            let mut order = Vec::new();
            shuffle(&self.roots, &mut generator, &mut order);
            if self.known.add(self.timestamps, &order) {
                self.left -= 1;
                if !seen.known.has(self.timestamps, &order) {
                    return Some(order);
                }
            }
        }
        None
    }
}

/// The number of orders that keep groups together, if it is small enough to be counted.
fn ways(nodes: &[GroupNode]) -> u128 {
    let inside = |node: &GroupNode| match node {
        GroupNode::Test(_) => 1,
        GroupNode::Group { children, .. } => ways(children),
    };
    (1..=nodes.len() as u128).chain(nodes.iter().map(inside)).fold(1, u128::saturating_mul)
}

impl OrderStrategy for Random {
    fn next(&mut self, most: usize, seen: &mut OrdersSeen) -> Vec<PlannedOrder> {
        if seen.fruitless >= FRUITLESS {
            return Vec::new();
        }
        let (kind, timestamps) = (OrderKind::Random, self.timestamps);
        let drawn = (0..most).map_while(|_| self.draw_own(seen));
        drawn.map(|tests| PlannedOrder { kind, tests, timestamps }).collect()
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
    fn shards_draw_the_orders_of_one_machine() {
        let items = samples::items(&[("a", 5), ("b/B", 5), ("b", 5)]);
        let tests: Vec<usize> = (0..items.len()).collect();
        let of_shard = |index: usize| {
            let random = Random::new(&items, &tests, HuntClock::Real, 7);
            let mut random = random.of_shard(Some(Shard { index, of: 2 }));
            random.next(3, &mut OrdersSeen::new(items.len(), &tests))
        };
        let (first, second) = (of_shard(1), of_shard(2));
        let dealt: Vec<_> = first.into_iter().zip(second).flat_map(|(one, other)| [one, other]).collect();
        assert_eq!(dealt, drawn(&items, 7, &[6]));
    }

    #[test]
    fn no_order_comes_twice_and_all_come() {
        let items = samples::items(&[("a", 3), ("b", 2)]);
        let tests: Vec<usize> = (0..5).collect();
        let mut random = Random::new(&items, &tests, HuntClock::Real, 0);
        let mut seen = OrdersSeen::new(5, &tests);
        assert!(seen.known.add(HuntClock::Real, &tests));
        assert!(seen.known.add(HuntClock::Frozen, &[2, 1, 0, 4, 3]));
        let mut orders = Vec::new();
        while let [order] = &random.next(1, &mut seen)[..] {
            assert!(order.tests != tests && !orders.contains(&order.tests));
            orders.push(order.tests.clone());
        }
        // Two files in two orders, and the tests of each: the given one ran before.
        assert_eq!(orders.len(), 2 * 6 * 2 - 1);
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
