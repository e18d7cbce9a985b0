//! The graph of states: nodes are states met, edges the steps between them. Plain data under a lock; who walks it is
//! `walker`, what it adds up to is `tally`.

use std::collections::{BTreeSet, HashMap};

use crate::interpreter::Outcome;
use crate::ordering::{Shape, StepsDone};

use super::key::StateKey;
use super::outcomes::{OutcomeId, Outcomes};

/// The number of a state in its graph.
pub type NodeId = u32;

/// All states met so far and the steps performed between them.
#[derive(Debug)]
pub struct Graph {
    nodes: Vec<GraphNode>,
    known: HashMap<StateKey, NodeId>,
    outcomes: Outcomes,
    open: Vec<Vec<NodeId>>,
    transitions: u64,
    writers: BTreeSet<(usize, usize)>,
    unmergeable: bool,
}

/// One state: how far each test has got, and what comes next from here.
#[derive(Debug)]
pub struct GraphNode {
    /// Steps past.
    pub progress: StepsDone,
    /// Tests that have failed, as far as they have steps left.
    pub failed: Vec<usize>,
    /// Steps performed from here, by test.
    pub edges: Vec<Edge>,
    /// The step by which it was met first.
    pub parent: Option<(NodeId, usize)>,
    depth: usize,
    claimed: Vec<usize>,
}

/// One performed step.
#[derive(Debug, Clone, Copy)]
pub struct Edge {
    /// The test whose step it was.
    pub test: usize,
    /// The state after it.
    pub to: NodeId,
    outcome: OutcomeId,
}

/// A branch to perform next.
#[derive(Debug, Clone, Copy)]
pub(super) struct Claim {
    pub(super) test: usize,
    /// Nobody will ask for another branch of this node in this scope.
    pub(super) last: bool,
}

impl Graph {
    /// The state before the first step.
    pub const ROOT: NodeId = 0;

    pub(super) fn new(shape: &Shape) -> Self {
        let root = GraphNode {
            progress: shape.start(),
            failed: Vec::new(),
            edges: Vec::new(),
            parent: None,
            depth: 0,
            claimed: Vec::new(),
        };
        Self {
            nodes: vec![root],
            known: HashMap::new(),
            outcomes: Outcomes::default(),
            open: vec![vec![Self::ROOT]],
            transitions: 0,
            writers: BTreeSet::new(),
            unmergeable: false,
        }
    }

    /// The state of this number.
    pub fn node(&self, id: NodeId) -> &GraphNode {
        &self.nodes[id as usize]
    }

    /// The outcome of a performed step.
    pub fn outcome(&self, edge: Edge) -> &Outcome {
        self.outcomes.get(edge.outcome)
    }

    /// The step of `test` from `node`, where it has been performed.
    pub fn edge(&self, node: NodeId, test: usize) -> Option<Edge> {
        self.node(node).edges.iter().find(|edge| edge.test == test).copied()
    }

    /// Distinct states.
    pub fn states(&self) -> u64 {
        self.nodes.len() as u64
    }

    /// Steps performed.
    pub fn transitions(&self) -> u64 {
        self.transitions
    }

    /// All states, each after those that lead to it: by steps past.
    pub fn by_depth(&self) -> Vec<NodeId> {
        let mut ids: Vec<NodeId> = (0..).take(self.nodes.len()).collect();
        ids.sort_by_key(|&id| self.node(id).depth);
        ids
    }

    /// The outcomes of these steps from the start, where all of them have been performed.
    pub fn walk(&self, steps: &[usize]) -> Option<Vec<&Outcome>> {
        let mut at = Self::ROOT;
        let mut outcomes = Vec::with_capacity(steps.len());
        for &test in steps {
            let edge = self.edge(at, test)?;
            outcomes.push(self.outcome(edge));
            at = edge.to;
        }
        Some(outcomes)
    }

    /// Steps whose own code wrote files: (test, number from 1).
    pub fn writers(&self) -> impl Iterator<Item = (usize, usize)> {
        self.writers.iter().copied()
    }

    /// Whether a state was met that could not be merged with any other.
    pub fn has_unmergeable(&self) -> bool {
        self.unmergeable
    }

    /// Takes a branch of `node` within `scope` that nobody has taken.
    pub(super) fn claim(&mut self, id: NodeId, shape: &Shape, scope: &[bool]) -> Option<Claim> {
        let node = &mut self.nodes[id as usize];
        let mut free = shape.next(&node.progress).filter(|test| scope[*test] && !node.claimed.contains(test));
        let (test, another) = (free.next()?, free.next());
        node.claimed.push(test);
        Some(Claim { test, last: another.is_none() })
    }

    /// Takes back that a branch was taken: nobody has performed it.
    pub(super) fn give_back(&mut self, id: NodeId, claim: Claim) {
        let node = &mut self.nodes[id as usize];
        node.claimed.retain(|&test| test != claim.test);
        let depth = node.depth;
        self.open[depth].push(id);
    }

    fn is_open(&self, id: NodeId, shape: &Shape, scope: &[bool]) -> bool {
        let node = self.node(id);
        shape.next(&node.progress).any(|test| scope[test] && !node.claimed.contains(&test))
    }

    /// The state with most steps left that has a branch nobody has taken, in any scope that holds all tests.
    pub(super) fn pop_open(&mut self, shape: &Shape, scope: &[bool]) -> Option<NodeId> {
        for depth in 0..self.open.len() {
            while let Some(&id) = self.open[depth].last() {
                if self.is_open(id, shape, scope) {
                    return Some(id);
                }
                self.open[depth].pop();
            }
        }
        None
    }

    /// The first state, along performed steps within `scope`, that has a branch nobody has taken.
    pub(super) fn find_open(&self, shape: &Shape, scope: &[bool]) -> Option<NodeId> {
        let mut seen = vec![false; self.nodes.len()];
        let mut left = vec![Self::ROOT];
        while let Some(id) = left.pop() {
            if std::mem::replace(&mut seen[id as usize], true) {
                continue;
            }
            if self.is_open(id, shape, scope) {
                return Some(id);
            }
            left.extend(self.node(id).edges.iter().filter(|edge| scope[edge.test]).map(|edge| edge.to));
        }
        None
    }

    /// The tests whose steps first led to a state.
    pub(super) fn path_to(&self, mut id: NodeId) -> Vec<usize> {
        let mut path = Vec::new();
        while let Some((parent, test)) = self.node(id).parent {
            path.push(test);
            id = parent;
        }
        path.reverse();
        path
    }

    /// Records a performed step and gives the state that it led to, a new one unless the key is known.
    pub(super) fn connect(&mut self, from: NodeId, test: usize, key: StateKey, arrival: Arrival) -> NodeId {
        self.transitions += 1;
        if arrival.wrote_files {
            self.writers.insert((test, self.node(from).progress.done(test) + 1));
        }
        self.unmergeable |= arrival.unmergeable;
        let next = NodeId::try_from(self.nodes.len()).expect("memory holds fewer than 2^32 states");
        let to = *self.known.entry(key).or_insert(next);
        if to == next {
            let depth = self.node(from).depth + 1;
            let claimed =
                if arrival.ended { (0..arrival.progress.counts().count()).collect() } else { Vec::new() };
            self.nodes.push(GraphNode {
                progress: arrival.progress,
                failed: arrival.failed,
                edges: Vec::new(),
                parent: Some((from, test)),
                depth,
                claimed,
            });
            if self.open.len() <= depth {
                self.open.resize_with(depth + 1, Vec::new);
            }
            self.open[depth].push(to);
        }
        let outcome = self.outcomes.id(&arrival.outcome);
        self.nodes[from as usize].edges.push(Edge { test, to, outcome });
        to
    }
}

/// What a step led to.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) progress: StepsDone,
    pub(super) failed: Vec<usize>,
    pub(super) outcome: Outcome,
    pub(super) wrote_files: bool,
    pub(super) unmergeable: bool,
    /// Whether no step is performed after it.
    pub(super) ended: bool,
}
