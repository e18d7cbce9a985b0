//! Which states the failures of a test go through: every failing ordering passes exactly one step that fails it, from one state. What
//! is true of the failure there is true of all orderings that go through it.

use std::collections::{BTreeMap, HashMap};

use num_bigint::BigUint;

use super::outcomes::GraphReader;
use crate::explore::{Edge, Graph, NodeId};

/// A step that fails the test, from one state, and the orderings that go through it.
#[derive(Debug, Clone)]
pub(super) struct FailingEdge {
    /// How many they are.
    pub(super) orderings: BigUint,
    /// The first of them, letter by letter, as the test of each step.
    pub(super) steps: Vec<usize>,
    /// The state and the step.
    pub(super) edge: (NodeId, usize),
}

impl GraphReader<'_> {
    /// Every step that fails the test, by the first ordering that goes through it; and the number of all orderings.
    pub(super) fn failing_edges(&self) -> (Vec<FailingEdge>, BigUint) {
        let nodes = self.reachable();
        let on = self.ways_on(&nodes);
        let mut into: HashMap<NodeId, (BigUint, Vec<usize>)> = HashMap::new();
        into.insert(Graph::ROOT, (BigUint::from(1u32), Vec::new()));
        let mut failing = Vec::new();
        for &at in &nodes {
            let Some((ways, first)) = into.get(&at).cloned() else { continue };
            for edge in self.edges(at) {
                let mut steps = first.clone();
                steps.push(edge.test);
                if self.fails(edge) {
                    let orderings = &ways * &on[&edge.to];
                    let steps = self.to_the_end(steps.clone(), edge.to, &on);
                    failing.push(FailingEdge { orderings, steps, edge: (at, edge.test) });
                }
                let (sum, known) = into.entry(edge.to).or_insert_with(|| (BigUint::ZERO, steps.clone()));
                *sum += &ways;
                if steps < *known {
                    *known = steps;
                }
            }
        }
        failing.retain(|edge| edge.orderings > BigUint::ZERO);
        failing.sort_by(|one, other| one.steps.cmp(&other.steps));
        (failing, on[&Graph::ROOT].clone())
    }

    /// The states in scope, each after those that lead to it.
    fn reachable(&self) -> Vec<NodeId> {
        let mut layers: BTreeMap<usize, Vec<NodeId>> = BTreeMap::new();
        let mut seen = std::collections::HashSet::from([Graph::ROOT]);
        let mut left = vec![(Graph::ROOT, 0)];
        while let Some((at, depth)) = left.pop() {
            layers.entry(depth).or_default().push(at);
            left.extend(
                self.edges(at).iter().filter(|edge| seen.insert(edge.to)).map(|edge| (edge.to, depth + 1)),
            );
        }
        layers.into_values().flatten().collect()
    }

    /// In how many ways an ordering can go on from each state to its end.
    fn ways_on(&self, nodes: &[NodeId]) -> HashMap<NodeId, BigUint> {
        let mut on: HashMap<NodeId, BigUint> = HashMap::new();
        for &at in nodes.iter().rev() {
            let here = if self.is_end(at) { BigUint::from(1u32) } else { BigUint::ZERO };
            let ways = self.edges(at).iter().map(|edge| &on[&edge.to]).sum::<BigUint>() + here;
            on.insert(at, ways);
        }
        on
    }

    /// The steps, and on from a state to the end by the first letters that lead there.
    fn to_the_end(&self, mut steps: Vec<usize>, from: NodeId, on: &HashMap<NodeId, BigUint>) -> Vec<usize> {
        let mut at = from;
        loop {
            let ways = self.edges(at).into_iter().filter(|edge| on[&edge.to] > BigUint::ZERO);
            let Some(edge) = ways.min_by_key(|edge| edge.test) else { return steps };
            steps.push(edge.test);
            at = edge.to;
        }
    }

    fn fails(&self, edge: Edge) -> bool {
        edge.test == self.test && self.graph.outcome(edge).is_failure()
    }
}
