//! Orders that go on until every ordered pair of tests has run as neighbours, modules and classes kept together.
//!
//! Among the n children of one group, the rows of a row-complete square (`ordering::rows`) have every ordered pair as
//! neighbours, in n orders. Example with four tests: `0 1 3 2`, `1 2 0 3`, `2 3 1 0`, `3 0 2 1`; each of the 12 pairs
//! is in one row. Pairs across groups occur where a group ends and the next begins: there the strategy chooses a row
//! whose first test is new after the last one. When the rows are exhausted, it runs the best of some random orders
//! around a missing pair.
//!
//! Invariant: every planned order has at least one pair that was not planned, so the strategy ends. A planned pair need
//! not run: an earlier test may end the process. Such pairs are planned once more, after all others.

use std::collections::BTreeSet;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;

use super::groups::{GroupNode, tree};
use super::neighbours::Neighbours;
use super::strategy::{OrderStrategy, OrdersSeen, PlannedOrder};
use crate::ordering::{row, rows};
use crate::shard::Shard;
use crate::suite::plan::OrderKind;
use crate::suite::runner::message::Item;
use crate::suite::runner::run::HuntClock;

/// The number of random orders to choose the best from.
const CANDIDATES: usize = 100;

/// Orders that cover every ordered pair.
#[derive(Debug)]
pub(super) struct Pairs {
    roots: Vec<GroupNode>,
    timestamps: HuntClock,
    /// The rows already used, by group.
    used: BTreeSet<(String, usize)>,
    /// The number of orders made so far.
    number: usize,
    retries: bool,
    /// Whether orders are made of what did not run.
    is_retry: bool,
    /// Which of the orders are this machine's, if others run the rest.
    shard: Option<Shard>,
}

impl Pairs {
    pub(super) fn new(items: &[Item], given: &[usize], timestamps: HuntClock) -> Self {
        Self {
            roots: tree(items, given),
            timestamps,
            used: BTreeSet::new(),
            number: 0,
            retries: false,
            is_retry: false,
            shard: None,
        }
    }

    /// Only the orders of a shard. All shards plan the same orders, and each runs its own.
    pub(super) fn of_shard(self, shard: Option<Shard>) -> Self {
        Self { shard, ..self }
    }

    /// Also plans once more the planned pairs that did not run.
    pub(super) fn with_retries(self) -> Self {
        Self { retries: true, ..self }
    }

    /// The next order of this machine.
    fn own_order(&mut self, neighbours: &mut Neighbours) -> Option<Vec<usize>> {
        loop {
            // What did not run here, nobody else runs.
            let is_own = self.is_retry || self.shard.is_none_or(|shard| shard.has_in_turn(self.number));
            let order = self.order(neighbours, is_own)?;
            if is_own {
                return Some(order);
            }
        }
    }

    /// The next order with new neighbours, or `None` once every pair is planned.
    fn order(&mut self, neighbours: &mut Neighbours, is_own: bool) -> Option<Vec<usize>> {
        if neighbours.all_planned() {
            return None;
        }
        let mut order = Vec::new();
        let roots = std::mem::take(&mut self.roots);
        self.lay("", &roots, neighbours, &mut order);
        self.number += 1;
        if neighbours.worth(&order) == 0
            && let Some(pair) = neighbours.missing()
        {
            let seeds = (0..CANDIDATES).map(|each| (self.number * CANDIDATES + each) as u64);
            let candidates = seeds.map(|seed| {
                let mut order = Vec::new();
                join(&roots, Some(pair.0), Some(pair.1), &mut StdRng::seed_from_u64(seed), &mut order);
                order
            });
            order = candidates.max_by_key(|order| neighbours.worth(order)).unwrap_or_default();
        }
        self.roots = roots;
        neighbours.plan(&order, is_own);
        Some(order)
    }

    fn lay(&mut self, key: &str, nodes: &[GroupNode], neighbours: &Neighbours, order: &mut Vec<usize>) {
        let number = self.best_row(key, nodes, neighbours, order.last().copied());
        self.used.insert((key.to_owned(), number));
        for child in row(nodes.len(), number) {
            match &nodes[child] {
                GroupNode::Test(test) => order.push(*test),
                GroupNode::Group { key, children } => self.lay(key, children, neighbours, order),
            }
        }
    }

    /// An unused row that begins with a test not planned after `previous`, or else the best of all rows.
    fn best_row(
        &self,
        key: &str,
        nodes: &[GroupNode],
        neighbours: &Neighbours,
        previous: Option<usize>,
    ) -> usize {
        let count = rows(nodes.len());
        let worth = |number: usize| {
            let fresh_row = !self.used.contains(&(key.to_owned(), number));
            let first = row(nodes.len(), number).next().map(|first| &nodes[first]);
            let fresh_pair = match (first, previous) {
                (Some(GroupNode::Test(test)), Some(previous)) => !neighbours.is_planned(previous, *test),
                _ => false,
            };
            2 * usize::from(fresh_row) + usize::from(fresh_pair)
        };
        let start = self.number % count;
        (0..count).map(|step| (start + step) % count).rev().max_by_key(|&number| worth(number)).unwrap_or(0)
    }
}

impl OrderStrategy for Pairs {
    fn next(&mut self, most: usize, seen: &mut OrdersSeen) -> Vec<PlannedOrder> {
        let mut orders: Vec<_> = (0..most).map_while(|_| self.own_order(&mut seen.neighbours)).collect();
        // A test that ended the process in the middle of an order may come later in another one.
        if orders.is_empty() && self.retries && seen.neighbours.once_more(&seen.left_out) {
            self.is_retry = true;
            orders = (0..most).map_while(|_| self.own_order(&mut seen.neighbours)).collect();
        }
        let (kind, timestamps) = (OrderKind::Pairs, self.timestamps);
        orders.into_iter().map(|tests| PlannedOrder { kind, tests, timestamps }).collect()
    }
}

/// A random order in which `before` is directly followed by `after`. If only one of them is here, the order ends or
/// begins with it.
fn join(
    nodes: &[GroupNode],
    before: Option<usize>,
    after: Option<usize>,
    generator: &mut StdRng,
    order: &mut Vec<usize>,
) {
    let mut nodes: Vec<&GroupNode> = nodes.iter().collect();
    nodes.shuffle(generator);
    let holder = |nodes: &[&GroupNode], test: Option<usize>| {
        test.and_then(|test| nodes.iter().position(|node| node.holds(test)))
    };
    if let Some(first) = holder(&nodes, after) {
        nodes[..=first].rotate_right(1);
    }
    if let Some(last) = holder(&nodes, before).filter(|last| *last > 0 || after.is_none()) {
        // Rotates to the front of the first one, if it is here: everything before it moves to the end.
        nodes[last..].rotate_left(1);
        nodes.rotate_right(usize::from(after.is_some()));
    }
    for node in nodes {
        match node {
            GroupNode::Test(test) => order.push(*test),
            GroupNode::Group { children, .. } => {
                let inside = |test: &usize| node.holds(*test);
                join(children, before.filter(inside), after.filter(inside), generator, order);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::orders::groups::{reenters, samples};

    #[test]
    fn every_pair_across_modules_and_classes_is_covered_without_reentering() {
        let shapes: [&[(&str, usize)]; 4] = [
            &[("a", 3), ("b/B1", 2), ("b/B2", 4), ("c", 1)],
            &[("a", 7), ("b/B1", 1), ("b", 3), ("b/B2/Inner", 3), ("b/B2", 2)],
            &[("a", 12), ("b", 11)],
            &[("a/A", 2)],
        ];
        for items in shapes.map(samples::items) {
            let tests: Vec<usize> = (0..items.len()).collect();
            let mut seen = OrdersSeen::new(items.len(), &tests);
            let mut pairs = Pairs::new(&items, &tests, HuntClock::Real).with_retries();
            let mut orders = 0;
            while let [order] = &pairs.next(1, &mut seen)[..] {
                orders += 1;
                seen.neighbours.note(&order.tests);
                assert!(!reenters(&items, &order.tests), "{order:?}");
                assert_eq!(order.tests.iter().collect::<BTreeSet<_>>().len(), items.len());
            }
            let pairs = items.len() * (items.len() - 1);
            assert_eq!(seen.neighbours.coverage(), (pairs, pairs));
            assert!(orders <= pairs, "{orders} orders");
        }
    }

    #[test]
    fn shards_run_each_order_once_and_count_each_pair_once() {
        let items = samples::items(&[("a", 7), ("b/B", 4), ("c", 3)]);
        let tests: Vec<usize> = (0..items.len()).collect();
        let all = |shard: Option<Shard>| {
            let mut seen = OrdersSeen::new(items.len(), &tests);
            seen.neighbours.note(&tests);
            let mut pairs = Pairs::new(&items, &tests, HuntClock::Real).with_retries().of_shard(shard);
            let mut orders = Vec::new();
            while let [order] = &pairs.next(1, &mut seen)[..] {
                seen.neighbours.note(&order.tests);
                orders.push(order.tests.clone());
            }
            (orders, seen.neighbours.own())
        };
        let (one, own) = all(None);
        let shards: Vec<_> = (1..=3).map(|index| all(Some(Shard { index, of: 3 }))).collect();
        let mut orders: Vec<_> = shards.iter().flat_map(|(orders, _)| orders).collect();
        assert_eq!(orders.len(), one.len());
        assert_eq!(shards.iter().map(|(_, own)| own).sum::<usize>(), own);
        assert_eq!(own + tests.len() - 1, tests.len() * (tests.len() - 1));
        orders.sort();
        let mut wanted: Vec<_> = one.iter().collect();
        wanted.sort();
        assert_eq!(orders, wanted);
    }

    /// Plans and runs orders to the end; test 2 ends its process.
    fn run_all(pairs: &mut Pairs, seen: &mut OrdersSeen) -> usize {
        let mut orders = 0;
        while let [order] = &pairs.next(1, seen)[..] {
            orders += 1;
            order.tests.split_inclusive(|test| *test == 2).for_each(|part| seen.neighbours.note(part));
        }
        orders
    }

    #[test]
    fn pairs_that_did_not_run_are_not_counted_and_planned_once_more() {
        let items = samples::items(&[("a", 4)]);
        let tests = [0, 1, 2, 3];
        let once = || (OrdersSeen::new(4, &tests), Pairs::new(&items, &tests, HuntClock::Real));
        let (mut seen, mut pairs) = once();
        let orders = run_all(&mut pairs, &mut seen);
        assert_eq!(seen.neighbours.coverage(), (9, 12));
        // A test that is left out is not planned again.
        let (mut seen, pairs) = once();
        seen.left_out = vec![2];
        assert_eq!(run_all(&mut pairs.with_retries(), &mut seen), orders);
        let (mut seen, pairs) = once();
        let mut pairs = pairs.with_retries();
        assert!(run_all(&mut pairs, &mut seen) > orders);
        assert_eq!(seen.neighbours.coverage(), (9, 12));
        // And not a third time.
        assert_eq!(pairs.next(1, &mut seen), []);
    }
}
