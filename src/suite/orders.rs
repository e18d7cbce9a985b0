//! Orders in which a suite can be run, modules and classes kept together so that their fixtures are set up once.
//!
//! The covering orders come from row-complete squares (`ordering::rows`): among the children of one group, n orders have
//! every ordered pair as neighbours. Pairs across groups are covered as groups meet; `Cover` chooses what is still missing.

use std::collections::BTreeSet;

use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

use crate::ordering::{row, rows};
use crate::suite::runner::message::Item;

/// Random orders among which the best is chosen.
const CANDIDATES: usize = 100;

/// Tests as they stand in files and classes.
#[derive(Debug, Clone)]
enum Node {
    Test(usize),
    Group { key: String, children: Vec<Node> },
}

/// The suite as a tree, in the order given.
fn tree(items: &[Item], tests: &[usize]) -> Vec<Node> {
    let mut roots = Vec::new();
    for &test in tests {
        insert(&mut roots, &items[test].groups, test);
    }
    roots
}

fn insert(nodes: &mut Vec<Node>, groups: &[String], test: usize) {
    let Some((first, deeper)) = groups.split_first() else {
        nodes.push(Node::Test(test));
        return;
    };
    let known = nodes.iter_mut().find_map(|node| match node {
        Node::Group { key, children } if key == first => Some(children),
        _ => None,
    });
    if let Some(children) = known {
        insert(children, deeper, test);
        return;
    }
    let mut children = Vec::new();
    insert(&mut children, deeper, test);
    nodes.push(Node::Group { key: first.clone(), children });
}

/// Whether an order leaves a module or class and comes back, which sets its fixtures up twice.
pub(crate) fn reenters(items: &[Item], order: &[usize]) -> bool {
    let mut left: BTreeSet<&str> = BTreeSet::new();
    let mut inside: &[String] = &[];
    for &test in order {
        let groups = &items[test].groups;
        left.extend(inside.iter().filter(|group| !groups.contains(group)).map(String::as_str));
        if groups.iter().any(|group| left.contains(group.as_str())) {
            return true;
        }
        inside = groups;
    }
    false
}

/// At most so many of the places where an order goes from one file to another, evenly spread.
pub(crate) fn between_files(items: &[Item], order: &[usize], most: usize) -> Vec<usize> {
    let file = |place: usize| items[order[place]].groups.first();
    let places: Vec<usize> = (1..order.len()).filter(|&place| file(place - 1) != file(place)).collect();
    let every = places.len().div_ceil(most.max(1)).max(1);
    places.into_iter().step_by(every).collect()
}

/// What is known of an ordered pair of tests as neighbours: flags.
const PLANNED: u8 = 1;
const RAN: u8 = 2;
const PLANNED_TWICE: u8 = 4;

/// Orders that go on until every ordered pair of tests was run as neighbours. What is planned may not come to run: a
/// test before it may end the process.
#[derive(Debug)]
pub(crate) struct Cover {
    roots: Vec<Node>,
    tests: Vec<usize>,
    total: usize,
    pairs: Vec<u8>,
    planned: usize,
    covered: usize,
    used: BTreeSet<(String, usize)>,
    number: usize,
}

impl Cover {
    pub(crate) fn new(items: &[Item], tests: &[usize]) -> Self {
        let total = items.len();
        Self {
            roots: tree(items, tests),
            tests: tests.to_vec(),
            total,
            pairs: vec![0; total * total],
            planned: 0,
            covered: 0,
            used: BTreeSet::new(),
            number: 0,
        }
    }

    /// Ordered pairs of neighbours that ran, of how many.
    pub(crate) fn coverage(&self) -> (usize, usize) {
        (self.covered, self.tests.len() * self.tests.len().saturating_sub(1))
    }

    /// Counts the neighbours of tests that have run in one process.
    pub(crate) fn note(&mut self, order: &[usize]) {
        self.mark(order, PLANNED | RAN);
    }

    fn mark(&mut self, order: &[usize], flags: u8) {
        for pair in order.windows(2).filter(|pair| pair[0] != pair[1]) {
            let known = &mut self.pairs[pair[0] * self.total + pair[1]];
            let new = flags & !*known;
            *known |= flags;
            self.planned += usize::from(new & PLANNED != 0);
            self.covered += usize::from(new & RAN != 0);
        }
    }

    fn is_planned(&self, one: usize, other: usize) -> bool {
        self.pairs[one * self.total + other] & PLANNED != 0
    }

    /// Plans once more what was planned and did not run, but for tests that are left out; whether there is any.
    pub(crate) fn once_more(&mut self, left_out: &[usize]) -> bool {
        let before = self.planned;
        for (place, pair) in self.pairs.iter_mut().enumerate() {
            let out = [place / self.total, place % self.total].iter().any(|test| left_out.contains(test));
            if *pair == PLANNED && !out {
                *pair = PLANNED_TWICE;
                self.planned -= 1;
            }
        }
        self.planned < before
    }

    /// The next order that has new neighbours, `None` once every pair is planned.
    pub(crate) fn next(&mut self) -> Option<Vec<usize>> {
        if self.planned >= self.coverage().1 {
            return None;
        }
        let mut order = Vec::new();
        let roots = std::mem::take(&mut self.roots);
        self.lay("", &roots, &mut order);
        self.number += 1;
        if self.worth(&order) == 0
            && let Some(pair) = self.missing()
        {
            // Rows have no more to give: the best of some random orders that have a missing pair.
            let seeds = (0..CANDIDATES).map(|each| (self.number * CANDIDATES + each) as u64);
            let candidates = seeds.map(|seed| {
                let mut order = Vec::new();
                join(&roots, Some(pair.0), Some(pair.1), &mut StdRng::seed_from_u64(seed), &mut order);
                order
            });
            order = candidates.max_by_key(|order| self.worth(order)).unwrap_or_default();
        }
        self.roots = roots;
        self.mark(&order, PLANNED);
        Some(order)
    }

    /// A pair that is not planned yet.
    fn missing(&self) -> Option<(usize, usize)> {
        let pairs = self.tests.iter().flat_map(|&one| self.tests.iter().map(move |&other| (one, other)));
        pairs.into_iter().find(|&(one, other)| one != other && !self.is_planned(one, other))
    }

    /// How many new pairs of neighbours an order would bring.
    fn worth(&self, order: &[usize]) -> usize {
        order.windows(2).filter(|pair| !self.is_planned(pair[0], pair[1])).count()
    }

    fn lay(&mut self, key: &str, nodes: &[Node], order: &mut Vec<usize>) {
        let number = self.best_row(key, nodes, order.last().copied());
        self.used.insert((key.to_owned(), number));
        for child in row(nodes.len(), number) {
            match &nodes[child] {
                Node::Test(test) => order.push(*test),
                Node::Group { key, children } => self.lay(key, children, order),
            }
        }
    }

    /// A row not used yet that begins with a test not planned after `previous`; else the best of what there is.
    fn best_row(&self, key: &str, nodes: &[Node], previous: Option<usize>) -> usize {
        let count = rows(nodes.len());
        let worth = |number: usize| {
            let fresh_row = !self.used.contains(&(key.to_owned(), number));
            let first = row(nodes.len(), number).next().map(|first| &nodes[first]);
            let fresh_pair = match (first, previous) {
                (Some(Node::Test(test)), Some(previous)) => !self.is_planned(previous, *test),
                _ => false,
            };
            2 * usize::from(fresh_row) + usize::from(fresh_pair)
        };
        let start = self.number % count;
        (0..count).map(|step| (start + step) % count).rev().max_by_key(|&number| worth(number)).unwrap_or(0)
    }
}

/// A random order that keeps modules and classes together.
pub(crate) fn random(items: &[Item], tests: &[usize], seed: u64) -> Vec<usize> {
    shuffled(&tree(items, tests), seed)
}

fn shuffled(nodes: &[Node], seed: u64) -> Vec<usize> {
    let mut order = Vec::new();
    shuffle(nodes, &mut StdRng::seed_from_u64(seed), &mut order);
    order
}

fn shuffle(nodes: &[Node], generator: &mut StdRng, order: &mut Vec<usize>) {
    let mut nodes: Vec<&Node> = nodes.iter().collect();
    nodes.shuffle(generator);
    for node in nodes {
        match node {
            Node::Test(test) => order.push(*test),
            Node::Group { children, .. } => shuffle(children, generator, order),
        }
    }
}

/// A random order in which `before` is directly followed by `after`; with one of them, it ends or begins with that.
fn join(
    nodes: &[Node],
    before: Option<usize>,
    after: Option<usize>,
    generator: &mut StdRng,
    order: &mut Vec<usize>,
) {
    let mut nodes: Vec<&Node> = nodes.iter().collect();
    nodes.shuffle(generator);
    let holder = |nodes: &[&Node], test: Option<usize>| {
        test.and_then(|test| nodes.iter().position(|node| node.holds(test)))
    };
    if let Some(first) = holder(&nodes, after) {
        nodes[..=first].rotate_right(1);
    }
    if let Some(last) = holder(&nodes, before).filter(|last| *last > 0 || after.is_none()) {
        // In front of the first one, if there is one to meet: all that stood before it goes to the end.
        nodes[last..].rotate_left(1);
        nodes.rotate_right(usize::from(after.is_some()));
    }
    for node in nodes {
        match node {
            Node::Test(test) => order.push(*test),
            Node::Group { children, .. } => {
                let inside = |test: &usize| node.holds(*test);
                join(children, before.filter(inside), after.filter(inside), generator, order);
            }
        }
    }
}

impl Node {
    fn holds(&self, test: usize) -> bool {
        match self {
            Self::Test(own) => *own == test,
            Self::Group { children, .. } => children.iter().any(|child| child.holds(test)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Cover, random, reenters};
    use crate::suite::runner::message::Item;

    fn items(shape: &[(&str, usize)]) -> Vec<Item> {
        let all = shape.iter().flat_map(|(group, count)| std::iter::repeat_n(*group, *count));
        all.map(|group| Item {
            id: String::new(),
            file: String::new(),
            groups: group.split('/').map(str::to_owned).collect(),
        })
        .collect()
    }

    #[test]
    fn every_pair_across_modules_and_classes_is_covered_without_reentering() {
        let shapes: [&[(&str, usize)]; 4] = [
            &[("a", 3), ("b/B1", 2), ("b/B2", 4), ("c", 1)],
            &[("a", 7), ("b/B1", 1), ("b", 3), ("b/B2/Inner", 3), ("b/B2", 2)],
            &[("a", 12), ("b", 11)],
            &[("a/A", 2)],
        ];
        for items in shapes.map(items) {
            let tests: Vec<usize> = (0..items.len()).collect();
            let mut cover = Cover::new(&items, &tests);
            let mut orders = 0;
            while let Some(order) = cover.next() {
                orders += 1;
                cover.note(&order);
                assert!(!reenters(&items, &order), "{order:?}");
                assert_eq!(order.iter().collect::<BTreeSet<_>>().len(), items.len());
            }
            let pairs = items.len() * (items.len() - 1);
            assert_eq!(cover.coverage(), (pairs, pairs));
            assert!(orders <= pairs, "{orders} orders");
        }
    }

    #[test]
    fn pairs_that_did_not_run_are_not_counted_and_planned_once_more() {
        let items = items(&[("a", 4)]);
        let mut cover = Cover::new(&items, &[0, 1, 2, 3]);
        while let Some(order) = cover.next() {
            // Test 2 ends its process.
            order.split_inclusive(|test| *test == 2).for_each(|part| cover.note(part));
        }
        assert_eq!(cover.coverage(), (9, 12));
        assert!(!cover.once_more(&[2]));
        assert!(cover.once_more(&[]));
        let order = cover.next().unwrap();
        assert!(order.windows(2).any(|pair| pair[0] == 2));
        cover.note(&order);
        while cover.next().is_some() {}
        assert!(cover.coverage().0 > 9 && !cover.once_more(&[]));
    }

    #[test]
    fn a_random_order_is_one_of_groups_and_repeats_with_its_seed() {
        let items = items(&[("a", 5), ("b/B", 5), ("b", 5)]);
        let tests: Vec<usize> = (0..15).collect();
        let order = random(&items, &tests, 7);
        assert_eq!(order, random(&items, &tests, 7));
        assert_ne!(order, random(&items, &tests, 8));
        assert!(!reenters(&items, &order));
    }

    #[test]
    fn leaving_a_module_and_coming_back_is_seen() {
        let items = items(&[("a", 2), ("b", 2)]);
        assert!(!reenters(&items, &[1, 0, 3, 2]));
        assert!(reenters(&items, &[0, 2, 1]));
    }
}
