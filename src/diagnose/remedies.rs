//! What cures a finding: steps put in at every place between the polluting and the failing step, each run. One is verified where
//! the test then passes in every ordering of itself and the others; where it helps nowhere it is a placebo.

use super::candidates::{candidates, forgetting_brought_earlier};
use super::cures::Candidate;
use super::why::{Contrast, SuspectedCause, passes, passes_if_evaluated};
use super::{Finding, Recommendation, Remedy, Trial};
use crate::cause::Cause;
use crate::explore::{ExploreError, Explorer, Script, ScriptLine};
use crate::kind::FindingKind;
use crate::ordering::Counter;
use crate::remedy::{Place, RemedyKind, StepPlace};
use crate::scenario::{Scenario, Step};

/// Orderings past which a remedy is not verified in every one of them.
const VERIFIED_IN: u32 = 400;

/// What a report recommends: the first of these that is verified and that a scenario can write.
const RECOMMENDED: [RemedyKind; 11] = [
    RemedyKind::InvalidateCaches,
    RemedyKind::Import,
    RemedyKind::Forget,
    RemedyKind::ForgetWithChildren,
    RemedyKind::ImportSubmodule,
    RemedyKind::PutBack,
    RemedyKind::Remove,
    RemedyKind::Seed,
    RemedyKind::Sleep,
    RemedyKind::RemoveBytecode,
    RemedyKind::DropPathEntry,
];

/// The remedy that a report recommends, at the last of its places.
pub(super) struct CandidateCure {
    kind: RemedyKind,
    written: String,
    steps: Vec<Step>,
    place: Place,
}

impl CandidateCure {
    /// The recommendation, not yet tried on the whole scenario.
    pub(super) fn recommendation(&self) -> Recommendation {
        let (kind, step, place) = (self.kind, self.written.clone(), self.place);
        Recommendation { kind, step, place, cures_everywhere: None }
    }

    /// The whole scenario with the remedy as steps of the test that it stands beside, and nothing declared.
    pub(super) fn applied(&self, scenario: &Scenario) -> Scenario {
        let mut cured = scenario.clone();
        let (beside, at) = match self.place {
            Place::Before(step) => (step.test, step.step - 1),
            Place::After(step) => (step.test, step.step),
        };
        cured.tests[beside].steps.splice(at..at, self.steps.iter().cloned());
        cured.declarations.clear();
        cured
    }
}

/// Tries every remedy at every place, and says which to recommend.
pub(super) fn try_all(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
    contrast: &Contrast,
    proof: Option<&SuspectedCause>,
) -> Result<(Vec<Remedy>, Option<CandidateCure>), ExploreError> {
    let scene = &contrast.failing;
    let script = scene.script(explorer.scenario());
    let places = places(&script, scene.at, finding);
    let words = words(explorer, finding);
    let mut remedies = Vec::new();
    let mut cures: Vec<CandidateCure> = Vec::new();
    let mut all = candidates(explorer, finding, contrast, proof);
    let mut late = forgetting_brought_earlier(contrast);
    late.retain(|candidate| all.iter().all(|other| other.steps != candidate.steps));
    let loses_more: Vec<String> = late.iter().map(|candidate| candidate.written.clone()).collect();
    all.extend(late);
    let tried = try_in_one(explorer, finding, (&script, &places), &all)?;
    for (candidate, (helps, evaluated)) in all.into_iter().zip(tried) {
        let (mut remedy, place) = verify(explorer, finding, (&candidate, helps), words.as_deref())?;
        if !evaluated && remedy.trial == Trial::Placebo {
            remedy.trial = Trial::NotTried;
        }
        remedies.push(remedy);
        let Candidate { kind, written, steps, .. } = candidate;
        cures.extend(place.map(|place| CandidateCure { kind, written, steps, place }));
    }
    remedies.extend(reorder(explorer, finding)?);
    // Who takes a name again keeps all else of the module, which forgetting it would not.
    let is_rebinding = proof.is_some_and(|proof| proof.cause == Cause::StaleName);
    let rank = |cure: &CandidateCure| match cure.kind {
        RemedyKind::PutBack if is_rebinding => Some(0),
        _ if loses_more.contains(&cure.written) => Some(RECOMMENDED.len()),
        kind => RECOMMENDED.iter().position(|known| *known == kind),
    };
    let best = cures.into_iter().filter(|cure| rank(cure).is_some()).min_by_key(rank);
    Ok((remedies, best))
}

/// At which places each candidate cures the failing ordering, and whether the interpreter could evaluate all of them. What is put in
/// at one place is performed one after the other: scripts share what they begin with.
fn try_in_one(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
    (script, places): (&Script<'_>, &[Place]),
    all: &[Candidate],
) -> Result<Vec<(Vec<Place>, bool)>, ExploreError> {
    let mut trials: Vec<(usize, usize, Place)> = Vec::new();
    for (which, candidate) in all.iter().enumerate() {
        for place in with_own_place(script, places, candidate.at) {
            trials.push((line_of(script, place).unwrap_or(usize::MAX), which, place));
        }
    }
    trials.sort_by_key(|&(line, which, _)| (line, which));
    let mut tried = vec![(Vec::new(), true); all.len()];
    for (_, which, place) in trials {
        let script = with(script, place, &all[which].steps);
        let (helps, evaluated) = &mut tried[which];
        match passes_if_evaluated(explorer, &script, finding.test)? {
            Some(true) => helps.push(place),
            Some(false) => {}
            None => *evaluated = false,
        }
    }
    Ok(tried)
}

/// The places, and before them that of a candidate that has one of its own.
fn with_own_place(script: &[ScriptLine<'_>], places: &[Place], at: Option<usize>) -> Vec<Place> {
    let step = at.and_then(|at| script.get(at)).and_then(|line| Some((line.test?, line.number)));
    let own = step.map(|(test, step)| Place::Before(StepPlace { test, step }));
    let own = own.filter(|own| !places.contains(own));
    own.into_iter().chain(places.iter().copied()).collect()
}

/// Which of the places at which a candidate cures the failing ordering cure all of them.
fn verify(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
    (candidate, helps): (&Candidate, Vec<Place>),
    words: Option<&[Vec<usize>]>,
) -> Result<(Remedy, Option<Place>), ExploreError> {
    let mut everywhere = Vec::new();
    for &place in &helps {
        let mut cures = words.is_some();
        for word in words.unwrap_or_default() {
            let script = explorer.script(&explorer.shape().steps_of(word));
            if !passes_with(explorer, &script, (place, &candidate.steps), finding.test)? {
                cures = false;
                break;
            }
        }
        if cures {
            everywhere.push(place);
        }
    }
    let trial = match (helps.is_empty(), everywhere.is_empty(), words) {
        (true, ..) => Trial::Placebo,
        (false, false, _) => Trial::Verified,
        (false, true, None) => Trial::NotTried,
        (false, true, Some(_)) => Trial::Partial,
    };
    let last = everywhere.last().copied();
    let places = if everywhere.is_empty() { helps } else { everywhere };
    let (kind, step) = (candidate.kind, Some(candidate.written.clone()));
    Ok((Remedy { kind, step, trial, places, order: Vec::new() }, last))
}

/// The places between the polluting step (or the start) and the failing step, each named by the step beside it that is the test's own,
/// or else by the one before it.
fn places(script: &[ScriptLine<'_>], failing: usize, finding: &Finding) -> Vec<Place> {
    let is_polluting = |line: &ScriptLine<'_>| {
        let at = line.test.map(|test| StepPlace { test, step: line.number });
        finding.kind != FindingKind::Brittle && at.is_some() && at == finding.polluting_step
    };
    let first = script.iter().position(is_polluting).map_or(0, |at| at + 1).min(failing);
    let place = |at: usize| {
        let beside = |line: &ScriptLine<'_>| line.test.map(|test| StepPlace { test, step: line.number });
        let next = beside(&script[at]).filter(|place| place.test == finding.test);
        let before = at.checked_sub(1).and_then(|at| beside(&script[at]));
        next.map(Place::Before).or(before.map(Place::After))
    };
    let mut places: Vec<Place> = (first..=failing).filter_map(place).collect();
    places.dedup();
    places
}

/// The script with these steps put in at a place. They belong to no test: where they cannot be done, nothing else ends.
fn with<'s>(script: &Script<'s>, place: Place, steps: &'s [Step]) -> Script<'s> {
    match line_of(script, place) {
        Some(at) => script.inserted(at, steps),
        None => script.clone(),
    }
}

/// Before which line a place is.
fn line_of(script: &Script<'_>, place: Place) -> Option<usize> {
    let (beside, offset) = match place {
        Place::Before(step) => (step, 0),
        Place::After(step) => (step, 1),
    };
    Some(script.place_of(beside.test, beside.step)? + offset)
}

/// Whether a test passes in the script with these steps at a place.
pub(super) fn passes_with(
    explorer: &mut Explorer<'_>,
    script: &Script<'_>,
    (place, steps): (Place, &[Step]),
    test: usize,
) -> Result<bool, ExploreError> {
    passes(explorer, &with(script, place, steps), test)
}

/// All orderings of the test and the others, or `None` if they are too many.
fn words(explorer: &Explorer<'_>, finding: &Finding) -> Option<Vec<Vec<usize>>> {
    let with_test: Vec<usize> = finding.others.iter().copied().chain([finding.test]).collect();
    let scope = explorer.scenario().closure(&with_test);
    let counter = Counter::new(explorer.shape(), &scope).ok()?;
    (counter.total() <= VERIFIED_IN.into()).then(|| explorer.shape().words_of(&scope).collect())
}

/// Running the test before the others.
pub(super) fn reorder(
    explorer: &mut Explorer<'_>,
    finding: &Finding,
) -> Result<Option<Remedy>, ExploreError> {
    if !matches!(finding.kind, FindingKind::Victim | FindingKind::Brittle) {
        return Ok(None);
    }
    let mut tests = vec![finding.test];
    if finding.kind == FindingKind::Victim {
        tests.extend(&finding.others);
    } else {
        tests.splice(0..0, finding.others.iter().copied());
    }
    let scenario = explorer.scenario();
    let mut order = Vec::new();
    for test in tests {
        order.extend(
            scenario.closure(&[test]).into_iter().filter(|test| !order.contains(test)).collect::<Vec<_>>(),
        );
    }
    let word = explorer.shape().word_of(&order);
    let script = explorer.script(&explorer.shape().steps_of(&word));
    let works = passes(explorer, &script, finding.test)?;
    Ok(Some(Remedy {
        kind: RemedyKind::Reorder,
        step: None,
        trial: if works { Trial::Verified } else { Trial::Placebo },
        places: Vec::new(),
        order: if works { order } else { Vec::new() },
    }))
}
