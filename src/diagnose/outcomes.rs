//! What a test does over all orderings of some tests, read off the explored graph: whether it can fail and pass, and the first
//! ordering in which it does, with the neighbour in which it does not.

use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::explore::{Edge, Graph, NodeId};
use crate::interpreter::Outcome;
use crate::kind::FindingKind;
use crate::ordering::Shape;

/// Orderings that are looked at for a neighbour before the search gives up.
const LOOKED_AT: usize = 200_000;

/// Letters, squared by ordering, past which it gives up as well: each neighbour is a whole ordering.
const LETTERS: usize = 400_000_000;

/// What a test can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct TestOutcomes {
    /// It fails in some ordering.
    pub(super) fails: bool,
    /// It passes in some ordering.
    pub(super) passes: bool,
}

impl TestOutcomes {
    /// Whether some ordering shows a finding of this kind.
    pub(super) fn can_show(self, kind: FindingKind) -> bool {
        if kind.shows_by_failing() { self.fails } else { self.passes }
    }
}

/// An ordering that shows something, and one an adjacent swap away that does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Witness {
    /// The word.
    pub(super) word: Vec<usize>,
    /// The word with two adjacent letters swapped.
    pub(super) neighbour: Option<Vec<usize>>,
}

/// A state on the way through the orderings.
struct Fork {
    at: NodeId,
    /// Whether the test has failed before it.
    failed: bool,
    /// Ways on that nobody has gone, the last one first.
    edges: Vec<Edge>,
}

/// Reads the fates of one test off a graph, over the orderings of `scope` that were performed to their end.
pub(super) struct GraphReader<'g> {
    pub(super) graph: &'g Graph,
    shape: &'g Shape,
    scope: Vec<bool>,
    pub(super) test: usize,
    known: HashMap<NodeId, TestOutcomes>,
}

impl<'g> GraphReader<'g> {
    pub(super) fn new(graph: &'g Graph, shape: &'g Shape, scope: &[usize], test: usize) -> Self {
        let scope = (0..shape.tests()).map(|other| scope.contains(&other)).collect();
        Self { graph, shape, scope, test, known: HashMap::new() }
    }

    /// What the test can do from the start.
    pub(super) fn fate(&mut self) -> TestOutcomes {
        self.fate_from(Graph::ROOT)
    }

    /// What the test can do in its steps after this state, in orderings that were performed to their end.
    fn fate_from(&mut self, id: NodeId) -> TestOutcomes {
        let mut left = vec![id];
        while let Some(&at) = left.last() {
            let before = left.len();
            if !self.known.contains_key(&at) {
                let below = self.edges(at).into_iter().map(|edge| edge.to);
                left.extend(below.filter(|to| !self.known.contains_key(to)));
            }
            if left.len() == before {
                left.pop();
                let fate = self.fate_by_edges(at);
                self.known.insert(at, fate);
            }
        }
        self.known[&id]
    }

    /// The same, from what is known of the states behind it.
    fn fate_by_edges(&self, id: NodeId) -> TestOutcomes {
        let mut fate = TestOutcomes { fails: false, passes: self.is_end(id) };
        for edge in self.edges(id) {
            let rest = self.known.get(&edge.to).copied().unwrap_or_default();
            let fails_here = edge.test == self.test && self.graph.outcome(edge).is_failure();
            fate.fails |= rest.fails || fails_here && rest.passes;
            fate.passes |= !fails_here && rest.passes;
        }
        fate
    }

    /// The performed steps from a state that are in scope.
    pub(super) fn edges(&self, id: NodeId) -> Vec<Edge> {
        self.graph.node(id).edges.iter().filter(|edge| self.scope[edge.test]).copied().collect()
    }

    /// Whether all steps in scope are past.
    pub(super) fn is_end(&self, id: NodeId) -> bool {
        let progress = &self.graph.node(id).progress;
        (0..self.scope.len()).all(|test| !self.scope[test] || self.shape.is_complete(progress, test))
    }

    /// The witness of the test failing (`wanted` true) or passing: of the first orderings that show it, letter by letter,
    /// the first with a neighbour that does not; without such a one, the first.
    pub(super) fn witness(&mut self, wanted: bool) -> Option<Witness> {
        let mut first: Option<Vec<usize>> = None;
        let mut found: Option<Witness> = None;
        let (mut looked_at, mut letters) = (0, 0);
        self.each(wanted, &mut |reader, steps| {
            let word = reader.shape.word_from(steps);
            looked_at += 1;
            letters += word.len() * word.len();
            if let Some(neighbour) = reader.neighbour(&word, wanted) {
                found = Some(Witness { word, neighbour: Some(neighbour) });
                return ControlFlow::Break(());
            }
            first.get_or_insert(word);
            let go_on = looked_at < LOOKED_AT && letters < LETTERS;
            if go_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        found.or(first.map(|word| Witness { word, neighbour: None }))
    }

    /// Calls `visit` with each ordering in which the test fails (or passes), in the order of their letters.
    pub(super) fn each(&mut self, wanted: bool, visit: &mut dyn FnMut(&Self, &[usize]) -> ControlFlow<()>) {
        let mut steps = Vec::new();
        let mut path: Vec<Fork> = self.fork((Graph::ROOT, false), wanted).into_iter().collect();
        while let Some(fork) = path.last_mut() {
            if self.is_end(fork.at) && visit(self, &steps).is_break() {
                return;
            }
            let Some(edge) = fork.edges.pop() else {
                path.pop();
                steps.pop();
                continue;
            };
            let fails_here = edge.test == self.test && self.graph.outcome(edge).is_failure();
            let failed = fork.failed || fails_here;
            if let Some(next) = self.fork((edge.to, failed), wanted) {
                steps.push(edge.test);
                path.push(next);
            }
        }
    }

    /// The ways on from a state after which the test has failed or not, or `None` if it can no longer do what is wanted.
    fn fork(&mut self, (at, failed): (NodeId, bool), wanted: bool) -> Option<Fork> {
        let rest = self.fate_from(at);
        let possible = match (wanted, failed) {
            (true, true) => rest.fails || rest.passes,
            (true, false) => rest.fails,
            (false, failed) => !failed && rest.passes,
        };
        let mut edges = self.edges(at);
        edges.sort_by_key(|edge| std::cmp::Reverse(edge.test));
        possible.then_some(Fork { at, failed, edges })
    }

    /// The word with the first two adjacent letters swapped for which the test does the contrary.
    pub(super) fn neighbour(&self, word: &[usize], wanted: bool) -> Option<Vec<usize>> {
        let names = vec![""; self.shape.tests()];
        (1..word.len()).filter(|&at| word[at - 1] != word[at]).find_map(|at| {
            let mut swapped = word.to_vec();
            swapped.swap(at - 1, at);
            self.shape.check(&swapped, &names).ok()?;
            let failed = failure(self.graph, &self.shape.steps_of(&swapped), self.test)?.is_some();
            (failed != wanted).then_some(swapped)
        })
    }
}

/// The step (from 1) at which a test fails in an ordering, and how, or `Some(None)` if it passes; `None` if the ordering was not
/// performed.
#[expect(clippy::option_option, reason = "not performed and passed are two things")]
pub(super) fn failure(graph: &Graph, steps: &[usize], test: usize) -> Option<Option<(usize, Outcome)>> {
    Some(failure_in(steps, &graph.walk(steps)?, test))
}

/// The step (from 1) at which a test fails among these outcomes, and how.
pub(super) fn failure_in(steps: &[usize], outcomes: &[&Outcome], test: usize) -> Option<(usize, Outcome)> {
    let own = steps.iter().zip(outcomes).filter(|(step, _)| **step == test);
    let mut numbered = own.enumerate().map(|(at, (_, outcome))| (at + 1, *outcome));
    numbered.find(|(_, outcome)| outcome.is_failure()).map(|(number, outcome)| (number, outcome.clone()))
}
