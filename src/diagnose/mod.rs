//! From what was explored to findings. What a test does over some orderings is read by `outcomes`; single polluters and
//! minimal sets are sought by `search`; what a finding shows is filled in by `describe`, why by `why`, what cures it by `remedy` and
//! `cleaner`, how likely it is by `probability`. What a finding *is* stands in `finding`.

mod cleaner;
mod cures_everywhere;
mod describe;
mod finding;
mod outcomes;
mod probability;
mod remedy;
mod search;
mod why;

pub use cleaner::SOUGHT_AMONG as CLEANERS_SOUGHT_AMONG;
pub use finding::{Alone, Finding, OutcomeCount, Probability, Recommendation, Remedy, Trial};
pub use probability::Odds;

use crate::cause::Cause;
use crate::explore::{Budget, ExploreError, Explorer, Stage, Start, lines, setup_lines};
use crate::interpreter::NoOutcome;
use crate::kind::FindingKind;
use crate::world::Nanos;
use std::time::{Duration, Instant};

/// What is known before findings are sought.
#[derive(Debug)]
pub struct Explored<'e, 'a> {
    /// The explorer, with all that was performed so far.
    pub explorer: &'e mut Explorer<'a>,
    /// The orderings that were sampled, by the test of each step; none where they were walked through.
    pub samples: Option<Vec<Vec<usize>>>,
    /// Whether the walk covered all orderings.
    pub complete: bool,
    /// Tests of which nothing is sought: what they do is chance.
    pub unsteady: Vec<usize>,
    /// Whether each test fails, and whether it passes, in some ordering of everything, where that is known without listing any.
    pub fates: Option<Vec<(bool, bool)>>,
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
    /// Whether the budget was used up before all was looked at.
    pub cut_short: bool,
}

impl Findings {
    /// Nothing sought, nothing found.
    pub fn none(tests: usize) -> Self {
        Self { alone: vec![Alone::Unknown; tests], findings: Vec::new(), runs: 0, cut_short: false }
    }
}

/// Whether something ended early because its budget was used up; other problems are passed on.
fn is_cut_short<T>(done: Result<T, ExploreError>) -> Result<Option<T>, ExploreError> {
    match done {
        Err(ExploreError::Interpreter(NoOutcome::Interrupted)) => Ok(None),
        done => done.map(Some),
    }
}

/// Seeks the findings of every test, with witness, neighbour and steps.
///
/// # Errors
/// Where the interpreter is lost for good.
pub fn findings(explored: Explored<'_, '_>) -> Result<Findings, ExploreError> {
    let mut search = search::Search::new(explored);
    let search::SearchResult { alone, suspects, mut cut_short } = search.suspects()?;
    let mut findings = Vec::with_capacity(suspects.len());
    for suspect in suspects {
        let Some(finding) = is_cut_short(describe::describe(search.explorer(), suspect))? else {
            cut_short = true;
            break;
        };
        findings.push(finding);
    }
    findings.sort_by(|a, b| (a.test, a.kind, &a.others).cmp(&(b.test, b.kind, &b.others)));
    Ok(Findings { alone, findings, runs: search.runs(), cut_short })
}

/// What came of narrowing down one ordering.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Narrowing {
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
) -> Result<Narrowing, ExploreError> {
    let (samples, unsteady) = (Some(Vec::new()), Vec::new());
    let known = Explored { explorer, samples, complete: false, unsteady, fates: None, jobs: 1, budget };
    let mut search = search::Search::new(known);
    let (fails, suspect) = search.narrow(test, steps)?;
    let finding = suspect.map(|suspect| describe::describe(search.explorer(), suspect)).transpose()?;
    Ok(Narrowing { fails, finding, runs: search.runs() })
}

/// What looking into findings needs beside the explorer.
#[derive(Clone, Copy)]
pub struct Inquiry<'i> {
    /// Starts one more interpreter of the kind that was explored.
    pub start: Start<'i>,
    /// The granularity of modification times.
    pub tick: Nanos,
    /// Limits of the whole.
    pub budget: &'i Budget,
    /// Real time, over all findings, for trying recommended remedies on the whole scenario.
    pub trial_time: Duration,
}

impl std::fmt::Debug for Inquiry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inquiry")
            .field("tick", &self.tick)
            .field("trial_time", &self.trial_time)
            .finish_non_exhaustive()
    }
}

/// Looks into findings: causes confirmed by their repair, cleaners, remedies that were run, and the exact probability of each
/// witness. An interrupted budget ends it early, with what is known until then.
///
/// # Errors
/// Where the interpreter is lost for good.
pub fn look_into(
    explorer: &mut Explorer<'_>,
    findings: &mut [Finding],
    inquiry: Inquiry<'_>,
) -> Result<(), ExploreError> {
    let mut stage = None;
    let mut cures = Vec::new();
    for finding in &mut *findings {
        if inquiry.budget.is_over(0) {
            return Ok(());
        }
        let Some(cure) = is_cut_short(look_into_one(explorer, finding, inquiry, &mut stage))? else {
            return Ok(());
        };
        cures.push(cure);
    }
    let until = Instant::now() + inquiry.trial_time;
    let until = inquiry.budget.until.map_or(until, |over| over.min(until));
    for (finding, cure) in findings.iter_mut().zip(cures) {
        if let (Some(recommended), Some(cure)) = (&mut finding.recommended, cure) {
            let cured = cure.applied(explorer.scenario());
            let (test, merges) = (finding.test, explorer.merges());
            recommended.cures_everywhere =
                cures_everywhere::passes_everywhere(&cured, (test, merges), inquiry, until)?;
        }
    }
    Ok(())
}

/// All about one finding but what its remedy does to the whole scenario; gives the remedy to recommend.
fn look_into_one(
    explorer: &mut Explorer<'_>,
    finding: &mut Finding,
    inquiry: Inquiry<'_>,
    stage: &mut Option<Stage>,
) -> Result<Option<remedy::Cure>, ExploreError> {
    let cure = if let Some(contrast) = why::Contrast::look(explorer, finding)? {
        explain(explorer, finding, &contrast)?
    } else {
        finding.cause = Cause::Unknown;
        None
    };
    let stage = match stage {
        Some(stage) => stage,
        None => stage.insert(Stage::new(explorer.scenario(), (inquiry.start)()?)),
    };
    stage.limit(Some(inquiry.budget));
    finding.probability = likelihood(explorer, finding, stage, inquiry.tick)?;
    Ok(cure)
}

/// The finding's cause, cleaners and remedies; gives the remedy to recommend.
fn explain(
    explorer: &mut Explorer<'_>,
    finding: &mut Finding,
    contrast: &why::Contrast,
) -> Result<Option<remedy::Cure>, ExploreError> {
    why::explain(explorer, finding, contrast)?;
    finding.cleaners = cleaner::cleaners(explorer, finding, &contrast.failing)?;
    let (remedies, cure) = remedy::try_all(explorer, finding, contrast)?;
    finding.remedies = remedies;
    finding.recommended = cure.as_ref().map(|cure| cure.recommendation(explorer.scenario()));
    Ok(cure)
}

/// How likely the witness shows what it shows.
fn likelihood(
    explorer: &Explorer<'_>,
    finding: &Finding,
    stage: &mut Stage,
    tick: Nanos,
) -> Result<Option<Probability>, ExploreError> {
    let scenario = explorer.scenario();
    let steps = explorer.shape().steps_of(&finding.witness);
    let mut script = setup_lines(scenario);
    script.extend(lines(scenario, &steps));
    let mut odds = Odds::new(scenario, stage.identity().kind);
    let fails = odds.of(stage, &script, finding.test, tick)?;
    let brittle = finding.kind == FindingKind::Brittle;
    Ok(if brittle { fails.map(Probability::of_the_contrary) } else { fails })
}
