//! The ways into merged states, and orderings that take as many of them as can be. What lies behind a merged state was performed
//! once, after the way that was kept. An ordering that enters it by another way and goes on to an end tests whether the states
//! were one. Which way was kept depends on which worker came first, so all ways count.
//!
//! An example: three tests of one step each, and `ab` and `ba` lead to one state. The walk performed `abc`, and `bac` only as far as
//! `ba`; its last outcome is taken from `abc`. The ways into the state are the step `b` after `a` and the step `a` after `b`. The
//! orderings `abc` and `bac` take both: performed again, unmerged, one of the two shows an outcome that merging could have hidden.
//! Ways into the end count for nothing, because no step lies behind it.

use std::collections::HashSet;

use rand::RngExt;
use rand::rngs::StdRng;

use super::graph::{Edge, Graph, NodeId};
use crate::ordering::Shape;

/// What a way into a merged state that nobody has taken yet counts for, beside one that somebody has.
const NEW: u64 = 1 << 20;

/// The ways into merged states of one graph, and which of them nobody has taken yet.
#[derive(Debug)]
pub struct Entries<'g> {
    graph: &'g Graph,
    /// All states, the last steps first.
    backwards: Vec<NodeId>,
    /// By state, whether performed steps lead from it to an end.
    ends: Vec<bool>,
    /// By state, whether all steps are past.
    is_end: Vec<bool>,
    /// By state, ways into it.
    ways_in: Vec<u32>,
    total: usize,
    left: HashSet<(NodeId, usize)>,
}

impl<'g> Entries<'g> {
    /// Of all that lies on complete orderings of the graph.
    pub fn of(graph: &'g Graph, shape: &Shape) -> Self {
        let mut backwards = graph.by_depth();
        backwards.reverse();
        let mut ends = vec![false; backwards.len()];
        let mut is_end = vec![false; backwards.len()];
        for &id in &backwards {
            let node = graph.node(id);
            is_end[id as usize] = shape.steps_left(&node.progress) == 0;
            ends[id as usize] = is_end[id as usize] || node.edges.iter().any(|edge| ends[edge.to as usize]);
        }
        let mut ways_in = vec![0; backwards.len()];
        for &id in &backwards {
            graph.node(id).edges.iter().for_each(|edge| ways_in[edge.to as usize] += 1);
        }
        let mut entries = Self { graph, backwards, ends, is_end, ways_in, total: 0, left: HashSet::new() };
        let all = (0..).zip(0..entries.ends.len()).flat_map(|(id, _)| {
            let edges = entries.graph.node(id).edges.iter();
            edges.filter(|edge| entries.is_entry(**edge)).map(|edge| (id, edge.test)).collect::<Vec<_>>()
        });
        entries.left = all.collect();
        entries.total = entries.left.len();
        entries
    }

    /// Whether a step leads into a merged state.
    fn is_entry(&self, edge: Edge) -> bool {
        self.ways_in[edge.to as usize] > 1 && self.ends[edge.to as usize] && !self.is_end[edge.to as usize]
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        self.total
    }

    /// How many were taken.
    pub fn taken(&self) -> usize {
        self.total - self.left.len()
    }

    /// An ordering (the test of each step) that takes as many as can be of those that nobody has taken, then as many as can be of
    /// all; of several that are equally good one at random. Returns `None` if no ordering was performed to its end.
    pub fn best(&self, random: &mut StdRng) -> Option<Vec<usize>> {
        let mut worth = vec![0_u64; self.ends.len()];
        for &id in &self.backwards {
            let edges = self.graph.node(id).edges.iter().filter(|edge| self.ends[edge.to as usize]);
            worth[id as usize] = edges.map(|edge| self.worth(id, *edge, &worth)).max().unwrap_or(0);
        }
        self.way(random, |from, edge| self.worth(from, edge, &worth))
    }

    /// An ordering at random, or `None` if none was performed to its end.
    pub fn any(&self, random: &mut StdRng) -> Option<Vec<usize>> {
        self.way(random, |_, _| 0)
    }

    fn worth(&self, from: NodeId, edge: Edge, worth: &[u64]) -> u64 {
        let own = match self.is_entry(edge) {
            true if self.left.contains(&(from, edge.test)) => NEW,
            true => 1,
            false => 0,
        };
        own + worth[edge.to as usize]
    }

    /// From the start to an end, by the step that is worth most each time.
    fn way(&self, random: &mut StdRng, worth: impl Fn(NodeId, Edge) -> u64) -> Option<Vec<usize>> {
        let mut steps = Vec::new();
        let mut at = Graph::ROOT;
        while self.ends[at as usize] && !self.is_end[at as usize] {
            let mut edges = self.graph.node(at).edges.clone();
            edges.retain(|edge| self.ends[edge.to as usize]);
            // By test: in which order they were performed depends on how many walked.
            edges.sort_by_key(|edge| edge.test);
            let best = edges.into_iter().max_by_key(|edge| (worth(at, *edge), random.random::<u32>()))?;
            steps.push(best.test);
            at = best.to;
        }
        self.ends[at as usize].then_some(steps)
    }

    /// Records which of them an ordering takes.
    pub fn take(&mut self, steps: &[usize]) {
        let mut at = Graph::ROOT;
        for &test in steps {
            let Some(edge) = self.graph.edge(at, test) else { return };
            self.left.remove(&(at, test));
            at = edge.to;
        }
    }
}
