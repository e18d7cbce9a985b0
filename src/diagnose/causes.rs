//! Every cause of a pair: a victim that fails in one ordering for one reason and in another for another has a finding for each. Every
//! failing ordering of polluters and victim belongs to one of them.

use super::describe::describe;
use super::experimenter::Suspect;
use super::finding::{Finding, Share};
use super::outcomes::{GraphReader, Witness};
use super::shares::FailingEdge;
use super::why::{self, Contrast};
use crate::budget::Budget;
use crate::cause::Cause;
use crate::explore::{ExploreError, Explorer, Graph, NodeId};
use crate::kind::FindingKind;

/// Steps that fail a test past which not each is looked into.
const LOOKED_INTO: usize = 200;

/// Findings of the same tests with other causes, not yet looked into but for these; sets the share of the orderings of each.
pub(super) fn others(
    explorer: &mut Explorer<'_>,
    finding: &mut Finding,
    budget: &Budget,
) -> Result<Vec<Finding>, ExploreError> {
    if finding.kind != FindingKind::Victim || !finding.minimal || finding.cause == Cause::NotSought {
        return Ok(Vec::new());
    }
    let scope = scope(explorer, finding);
    let (edges, total) = {
        let graph = explorer.graph();
        GraphReader::new(&graph, explorer.shape(), &scope, finding.test).failing_edges()
    };
    let witness = edge_of(explorer, finding);
    if edges.len() > LOOKED_INTO || witness.is_none() {
        return Ok(Vec::new());
    }
    let share = |edge: &FailingEdge| Share { failing: edge.orderings.clone(), total: total.clone() };
    let mut found: Vec<Finding> = Vec::new();
    for edge in &edges {
        if Some(edge.edge) == witness {
            add(finding, share(edge));
            continue;
        }
        if budget.check().is_err() {
            return Ok(found);
        }
        let mut other = describe(explorer, suspect(explorer, finding, edge, &scope))?;
        let known: Vec<Cause> = found.iter().chain([&*finding]).map(|one| one.cause).collect();
        explain(explorer, &mut other, &known)?;
        let like = found.iter_mut().chain([&mut *finding]).find(|one| one.cause == other.cause);
        if let Some(like) = like {
            add(like, share(edge));
        } else {
            add(&mut other, share(edge));
            found.push(other);
        }
    }
    Ok(found)
}

fn scope(explorer: &Explorer<'_>, finding: &Finding) -> Vec<usize> {
    let tests: Vec<usize> = finding.others.iter().copied().chain([finding.test]).collect();
    explorer.scenario().closure(&tests)
}

/// The state and the step at which the witness fails.
fn edge_of(explorer: &Explorer<'_>, finding: &Finding) -> Option<(NodeId, usize)> {
    let graph = explorer.graph();
    let mut at = Graph::ROOT;
    for test in explorer.shape().steps_of(&finding.witness) {
        let edge = graph.edge(at, test)?;
        if test == finding.test && graph.outcome(edge).is_failure() {
            return Some((at, test));
        }
        at = edge.to;
    }
    None
}

fn suspect(explorer: &Explorer<'_>, finding: &Finding, edge: &FailingEdge, scope: &[usize]) -> Suspect {
    let graph = explorer.graph();
    let word = explorer.shape().word_from(&edge.steps);
    let reader = GraphReader::new(&graph, explorer.shape(), scope, finding.test);
    let neighbour = reader.neighbour(&word, true);
    let witness = Witness { word, neighbour };
    let (kind, test, others) = (finding.kind, finding.test, finding.others.clone());
    Suspect { kind, test, others, minimal: true, witness }
}

fn explain(explorer: &mut Explorer<'_>, finding: &mut Finding, known: &[Cause]) -> Result<(), ExploreError> {
    finding.cause = Cause::Unknown;
    if let Some(contrast) = Contrast::look(explorer, finding)? {
        why::explain(explorer, finding, &contrast, known)?;
    }
    Ok(())
}

fn add(finding: &mut Finding, share: Share) {
    match &mut finding.share {
        Some(known) => known.failing += share.failing,
        None => finding.share = Some(share),
    }
}
