//! Where two interpreters part: the shortest ordering on which two explored graphs of one scenario differ.

use std::collections::{HashSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::graph::{Graph, NodeId};
use super::pieces::{ComparedPiece, DifferentPiece};

/// The first steps of an ordering on which two interpreters agree but for the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Disagreement {
    /// The test of each step.
    pub steps: Vec<usize>,
    /// What differs after the last step.
    pub different: DifferentPiece,
}

/// The shortest beginning of an ordering whose last step did different things in the two graphs, among all steps that both have
/// performed; the first by letters of those that are equally short.
pub fn disagreement(first: &Graph, second: &Graph) -> Option<Disagreement> {
    let mut seen: HashSet<(NodeId, NodeId)> = HashSet::from([(Graph::ROOT, Graph::ROOT)]);
    let mut left = VecDeque::from([(Graph::ROOT, Graph::ROOT, Vec::new())]);
    while let Some((here, there, steps)) = left.pop_front() {
        let mut edges = first.node(here).edges.clone();
        edges.sort_by_key(|edge| edge.test);
        for edge in edges {
            let Some(other) = second.edge(there, edge.test) else { continue };
            let steps = [&steps[..], &[edge.test]].concat();
            let (one, two) = (first.outcome(edge), second.outcome(other));
            if !one.agrees(two) {
                let (piece, first, second) = (ComparedPiece::Outcome, one.to_string(), two.to_string());
                return Some(Disagreement { steps, different: DifferentPiece { piece, first, second } });
            }
            if seen.insert((edge.to, other.to)) {
                left.push_back((edge.to, other.to, steps));
            }
        }
    }
    None
}
