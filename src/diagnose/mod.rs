//! From what was explored to findings. What a test does over some orderings is read by `fate`; single polluters and
//! minimal sets are sought by `search`; what a finding shows is filled in by `detail`, why by `why`, what cures it by `remedy` and
//! `cleaner`, how likely it is by `probability`. What a finding *is* stands in `finding`.

mod cleaner;
mod detail;
mod fate;
mod finding;
mod probability;
mod remedy;
mod search;
mod why;

pub use cleaner::SOUGHT_AMONG as CLEANERS_SOUGHT_AMONG;
pub use finding::{Alone, Cause, Finding, FindingKind, Probability, Remedy, StepPlace, Trial};
pub use probability::Odds;

use crate::explore::{Budget, ExploreError, Explorer, Stage, Start, lines, setup_lines};
use crate::world::Nanos;

/// What is known before findings are sought.
#[derive(Debug)]
pub struct Explored<'e, 'a> {
    /// The explorer, with all that was performed so far.
    pub explorer: &'e mut Explorer<'a>,
    /// The orderings that were sampled, by the test of each step; none where all orderings were covered.
    pub samples: Option<Vec<Vec<usize>>>,
    /// Interpreters that may work at once.
    pub jobs: usize,
    /// Limits of the search.
    pub budget: Budget,
}

/// What each test does alone, and what was found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Findings {
    /// By test.
    pub alone: Vec<Alone>,
    /// By test, kind and others.
    pub findings: Vec<Finding>,
    /// Orderings that were performed for the search alone.
    pub runs: u64,
}

impl Findings {
    /// Nothing sought, nothing found.
    pub fn none(tests: usize) -> Self {
        Self { alone: vec![Alone::Unknown; tests], findings: Vec::new(), runs: 0 }
    }
}

/// Seeks the findings of every test, with witness, neighbour and steps.
///
/// # Errors
/// Where the interpreter is lost for good.
pub fn findings(explored: Explored<'_, '_>) -> Result<Findings, ExploreError> {
    let mut search = search::Search::new(explored);
    let (alone, suspects) = search.suspects()?;
    let mut findings = Vec::with_capacity(suspects.len());
    for suspect in suspects {
        findings.push(detail::describe(search.explorer(), suspect)?);
    }
    findings.sort_by(|a, b| (a.test, a.kind, &a.others).cmp(&(b.test, b.kind, &b.others)));
    Ok(Findings { alone, findings, runs: search.runs() })
}

/// What came of narrowing down one ordering.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Narrowed {
    /// Whether the test fails in the ordering.
    pub fails: bool,
    /// Who makes the difference; none where the test does the same without the others.
    pub finding: Option<Finding>,
    /// Orderings that were performed.
    pub runs: u64,
}

/// Finds the smallest set of tests that make `test` do what it does in one ordering (`steps` names the test of each step), with
/// O(k log n) runs for k of n tests.
///
/// # Errors
/// Where the interpreter is lost for good.
pub fn narrow(
    explorer: &mut Explorer<'_>,
    test: usize,
    steps: &[usize],
    budget: Budget,
) -> Result<Narrowed, ExploreError> {
    let explored = Explored { explorer, samples: Some(Vec::new()), jobs: 1, budget };
    let mut search = search::Search::new(explored);
    let (fails, suspect) = search.narrow(test, steps)?;
    let finding = suspect.map(|suspect| detail::describe(search.explorer(), suspect)).transpose()?;
    Ok(Narrowed { fails, finding, runs: search.runs() })
}

/// Looks into findings: causes confirmed by their repair, cleaners, remedies that were run, and the exact probability of each
/// witness. `interrupted` ends it early, with what is known until then.
///
/// # Errors
/// Where the interpreter is lost for good.
pub fn look_into(
    explorer: &mut Explorer<'_>,
    findings: &mut [Finding],
    (start, tick): (Start<'_>, Nanos),
    budget: &Budget,
) -> Result<(), ExploreError> {
    let mut stage = None;
    for finding in findings {
        if budget.is_over(0) {
            return Ok(());
        }
        if let Some(contrast) = why::Contrast::look(explorer, finding)? {
            why::explain(explorer, finding, &contrast)?;
            finding.cleaners = cleaner::cleaners(explorer, finding, &contrast.failing)?;
            finding.remedies = remedy::try_all(explorer, finding, &contrast)?;
        }
        let scenario = explorer.scenario();
        let stage = match &mut stage {
            Some(stage) => stage,
            None => stage.insert(Stage::new(scenario, start()?)),
        };
        let steps = explorer.shape().steps_of(&finding.witness);
        let mut script = setup_lines(scenario);
        script.extend(lines(scenario, &steps));
        let mut odds = Odds::new(scenario, stage.identity().kind);
        let fails = odds.of(stage, &script, finding.test, tick)?;
        finding.probability = if finding.kind == FindingKind::Brittle {
            fails.map(Probability::of_the_contrary)
        } else {
            fails
        };
    }
    Ok(())
}
