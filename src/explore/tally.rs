//! What a graph adds up to: orderings covered, orderings in which a test fails, counted exactly and never listed. Ways into
//! a state times ways on from it.

use num_bigint::BigUint;

use super::graph::{Graph, NodeId};
use crate::ordering::Shape;

/// Counts over the orderings of all tests whose every step was performed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderingTally {
    /// Orderings.
    pub covered: BigUint,
    /// Those in which a test fails.
    pub failing: BigUint,
    /// Those in which each test fails, by test.
    pub failing_by_test: Vec<BigUint>,
}

impl OrderingTally {
    /// Over no orderings of so many tests.
    pub fn of_nothing(tests: usize) -> Self {
        Self { covered: BigUint::ZERO, failing: BigUint::ZERO, failing_by_test: vec![BigUint::ZERO; tests] }
    }

    /// One more ordering, in which these tests fail.
    pub fn add(&mut self, failed: impl Iterator<Item = usize>) {
        self.covered += 1_u32;
        let mut any = false;
        for test in failed {
            self.failing_by_test[test] += 1_u32;
            any = true;
        }
        self.failing += u32::from(any);
    }
}

/// Adds up a graph.
pub fn tally(graph: &Graph, shape: &Shape) -> OrderingTally {
    let order = graph.by_depth();
    let mut on = vec![BigUint::ZERO; order.len()];
    let mut passing = vec![BigUint::ZERO; order.len()];
    for &id in order.iter().rev() {
        let (ways, clean) = ways_on(graph, shape, id, (&on, &passing));
        on[id as usize] = ways;
        passing[id as usize] = clean;
    }
    let mut into = vec![BigUint::ZERO; order.len()];
    into[Graph::ROOT as usize] = BigUint::from(1_u32);
    let mut failing_by_test = vec![BigUint::ZERO; shape.tests()];
    for &id in &order {
        let here = std::mem::take(&mut into[id as usize]);
        for edge in &graph.node(id).edges {
            if on[edge.to as usize] != BigUint::ZERO && graph.outcome(*edge).is_failure() {
                failing_by_test[edge.test] += &here * &on[edge.to as usize];
            }
            into[edge.to as usize] += &here;
        }
    }
    let covered = on[Graph::ROOT as usize].clone();
    let failing = &covered - &passing[Graph::ROOT as usize];
    OrderingTally { covered, failing, failing_by_test }
}

/// Ways from a state to the end, and those of them in which nothing fails.
fn ways_on(graph: &Graph, shape: &Shape, id: NodeId, known: (&[BigUint], &[BigUint])) -> (BigUint, BigUint) {
    let node = graph.node(id);
    if shape.steps_left(&node.progress) == 0 {
        return (BigUint::from(1_u32), BigUint::from(1_u32));
    }
    let (on, passing) = known;
    let ways = node.edges.iter().map(|edge| &on[edge.to as usize]).sum();
    let clean = node.edges.iter().filter(|edge| !graph.outcome(**edge).is_failure());
    (ways, clean.map(|edge| &passing[edge.to as usize]).sum())
}
