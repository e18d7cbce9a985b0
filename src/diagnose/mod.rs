//! From what was explored to findings. `search` seeks single polluters and minimal sets, by `bisection` within one ordering; an
//! `experimenter` performs what both ask for, and `outcomes` and `sample` read what a test does over some orderings. `describe` fills in
//! what a finding shows, `why` its cause, `remedies` (which runs the `candidates`, among them what `cures` makes of the repair that confirmed the cause), `cures_everywhere` and `cleaner` what helps against
//! it, `probability` how likely it is. What is known of one finding is known of those that are `alike` but for a `renaming` of `names`. `causes` finds the other causes of the
//! same tests, by their `shares` of the orderings. `finding` says what a finding is, `evidence` what shows its
//! cause.

mod alike;
mod assignment;
mod bisection;
mod candidates;
mod causes;
mod cleaner;
mod cures;
mod cures_everywhere;
mod describe;
mod evidence;
mod experimenter;
mod finding;
mod names;
mod original;
mod outcomes;
mod probability;
mod progress;
mod remedies;
mod renaming;
mod sample;
mod search;
mod shares;
mod taken_apart;
mod why;

pub use cleaner::SOUGHT_AMONG as CLEANERS_SOUGHT_AMONG;
pub use evidence::{Evidence, EvidenceKind};
pub use finding::{Alone, Finding, OutcomeCount, Probability, Recommendation, Remedy, Share, Trial};
pub use probability::Odds;
pub use progress::{DiagnosisStep, Listener};
pub use search::Exploration;

use experimenter::is_cut_short;

use crate::budget::Budget;
use crate::cause::Cause;
use crate::explore::{ExploreError, Explorer, Performer, Script};
use crate::interpreter::NoOutcome;
use crate::ordering::Shape;
use crate::scenario::Scenario;
use crate::world::Nanos;
use num_bigint::BigUint;
use std::time::Duration;

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

/// Seeks the findings of every test, with witness, neighbour and steps.
///
/// # Errors
/// Where the interpreter is lost for good.
pub fn findings(exploration: Exploration<'_, '_>) -> Result<Findings, ExploreError> {
    let mut search = search::FindingSearch::new(exploration);
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

/// The result of narrowing down one ordering.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Narrowing {
    /// Whether the test fails in the ordering.
    pub fails: bool,
    /// Who makes the difference, or `None` if the test does the same without the others.
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
    let mut experimenter = experimenter::Experimenter::new(explorer, false, budget);
    let (fails, suspect) = bisection::narrow(&mut experimenter, test, steps)?;
    let finding = suspect.map(|suspect| describe::describe(experimenter.explorer(), suspect)).transpose()?;
    Ok(Narrowing { fails, finding, runs: experimenter.runs() })
}

/// What looking into findings needs beside the explorer.
#[derive(Debug, Clone, Copy)]
pub struct DiagnosisLimits<'i> {
    /// Limits of the whole.
    pub budget: &'i Budget,
    /// Real time, over all findings, for trying recommended remedies on the whole scenario.
    pub trial_time: Duration,
    /// Whether what is found of one finding is carried over to those that are alike but for names. All orderings have to be known.
    pub carries_over: bool,
    /// Receives how far it is.
    pub listener: Listener<'i>,
}

/// Looks into findings: causes confirmed by their repair, cleaners, remedies that were run, and the exact probability of each
/// witness. Where a victim fails for several causes, a finding becomes several. An interrupted budget ends it early, with what is
/// known until then.
///
/// # Errors
/// Where the interpreter is lost for good.
pub fn look_into(
    explorer: &mut Explorer<'_>,
    findings: &mut Vec<Finding>,
    inquiry: DiagnosisLimits<'_>,
) -> Result<(), ExploreError> {
    let mut performer = None;
    let mut cures = Vec::new();
    let mut at = 0;
    while at < findings.len() {
        inquiry.listener.tell(DiagnosisStep::LookingInto { finding: at + 1, of: findings.len() });
        if inquiry.budget.check().is_err() {
            return Ok(());
        }
        let (earlier, here) = findings.split_at_mut(at);
        let finding = &mut here[0];
        let earlier = if inquiry.carries_over { &*earlier } else { &[] };
        let is_first = finding.cause == Cause::NotSought;
        let looked = look_into_one(explorer, finding, earlier, (inquiry, &mut performer));
        let Some(cure) = is_cut_short(looked)? else {
            return Ok(());
        };
        cures.push(cure);
        at += 1;
        if is_first {
            let others = is_cut_short(causes::others(explorer, finding, inquiry.budget))?;
            findings.splice(at..at, others.unwrap_or_default());
        }
    }
    // Its interpreter serves what is tried now.
    drop(performer);
    explorer.rest();
    try_on_the_whole(explorer, findings, cures, inquiry)
}

/// Tries each recommended remedy on the whole scenario; where that is the same scenario, once.
fn try_on_the_whole(
    explorer: &Explorer<'_>,
    findings: &mut [Finding],
    cures: Vec<Option<remedies::CandidateCure>>,
    inquiry: DiagnosisLimits<'_>,
) -> Result<(), ExploreError> {
    let of = findings.len();
    let mut everywhere = cures_everywhere::CuresEverywhere::default();
    let budget = inquiry.budget.clone().with_at_most(inquiry.trial_time);
    for (at, cure) in cures.into_iter().enumerate() {
        let cured = match (findings[at].alike, cure) {
            (Some(other), _) => findings[other].recommended.as_ref().and_then(|known| known.cures_everywhere),
            (None, Some(cure)) => {
                inquiry.listener.tell(DiagnosisStep::TryingRemedy { finding: at + 1, of });
                everywhere.ask(explorer, cure.applied(explorer.scenario()), findings[at].test, &budget)?
            }
            (None, None) => None,
        };
        if let Some(recommended) = &mut findings[at].recommended {
            recommended.cures_everywhere = cured;
        }
    }
    Ok(())
}

/// Looks into one finding, but for what its remedy does to the whole scenario; returns the remedy to recommend.
fn look_into_one(
    explorer: &mut Explorer<'_>,
    finding: &mut Finding,
    earlier: &[Finding],
    (inquiry, performer): (DiagnosisLimits<'_>, &mut Option<Performer>),
) -> Result<Option<remedies::CandidateCure>, ExploreError> {
    let cure = if let Some(contrast) = why::Contrast::look(explorer, finding)? {
        explain(explorer, finding, &contrast, earlier)?
    } else {
        finding.cause = Cause::Unknown;
        None
    };
    if finding.alike.is_some() {
        return Ok(None);
    }
    explorer.rest();
    let own = match performer {
        Some(performer) => performer,
        None => performer.insert(explorer.lab().performer()?),
    };
    own.limit(Some(inquiry.budget));
    let tick = explorer.lab().timestamps().tick;
    finding.probability = likelihood(explorer.scenario(), tick, finding, own)?;
    if explorer.is_resting() {
        // The explorer goes on with its interpreter.
        *performer = None;
    }
    Ok(cure)
}

/// Finds the cause, cleaners and remedies; returns the remedy to recommend, unless it is that of an earlier finding.
fn explain(
    explorer: &mut Explorer<'_>,
    finding: &mut Finding,
    contrast: &why::Contrast,
    earlier: &[Finding],
) -> Result<Option<remedies::CandidateCure>, ExploreError> {
    // A cause that is known already is one of several, and this was found to be it.
    let known = [finding.cause];
    let proof = why::explain(explorer, finding, contrast, &known)?;
    if finding.cause == Cause::ImportLock {
        // Each trial would hang until its time is over, and nothing that a step can do lets go of a lock.
        return Ok(None);
    }
    finding.alike = alike::carry_over(explorer, finding, contrast, earlier)?;
    if finding.alike.is_some() {
        return Ok(None);
    }
    finding.cleaners = cleaner::cleaners(explorer, finding, &contrast.failing)?;
    let (remedies, cure) = remedies::try_all(explorer, finding, contrast, proof.as_ref())?;
    finding.remedies = remedies;
    finding.recommended = cure.as_ref().map(remedies::CandidateCure::recommendation);
    Ok(cure)
}

/// How likely the witness of a finding shows what it shows under this tick, on this interpreter, whose steps take its times.
///
/// # Errors
/// Where the interpreter is lost.
pub fn likelihood(
    scenario: &Scenario,
    tick: Nanos,
    finding: &Finding,
    performer: &mut Performer,
) -> Result<Option<Probability>, NoOutcome> {
    let steps = Shape::of(scenario).steps_of(&finding.witness);
    let script = Script::with_setup(scenario, &steps);
    let mut odds = Odds::new(scenario, performer.identity().kind);
    let fails = odds.of(performer, &script, finding.test, tick)?;
    let shown_by_failing = finding.kind.shows_by_failing();
    let shown = if shown_by_failing { fails } else { fails.map(Probability::of_the_contrary) };
    // The witness begins on a tick and shows the finding: if no performance shows it there, two performances of it differ.
    Ok(shown.filter(|shown| shown.numerator > BigUint::ZERO))
}
