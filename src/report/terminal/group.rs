//! The same finding made on several interpreters and clocks, as one; and which findings are of one shape.

use crate::cause::Cause;
use crate::diagnose::{Finding, Trial};
use crate::interpreter::Identity;
use crate::kind::FindingKind;
use crate::remedy::{RemedyKind, StepPlace};
use crate::report::gather::gather;
use crate::report::words;
use crate::scenario::{Scenario, Timestamps};
use crate::verdict::Verdict;

/// Where a finding was made.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct FindingOrigin<'a> {
    pub(in crate::report) scenario: &'a Scenario,
    pub(in crate::report) interpreter: &'a Identity,
    pub(in crate::report) timestamps: &'a Timestamps,
}

impl<'a> FindingOrigin<'a> {
    pub(in crate::report) fn of(verdict: &'a Verdict) -> Self {
        let Verdict { scenario, interpreter, timestamps, .. } = verdict;
        Self { scenario, interpreter, timestamps }
    }
}

/// One finding, and every run of its scenario in which it was made.
#[derive(Debug)]
pub(in crate::report) struct FindingGroup<'a> {
    /// The finding of each run, with its origin; at least one.
    pub(super) findings: Vec<(FindingOrigin<'a>, &'a Finding)>,
}

impl<'a> FindingGroup<'a> {
    /// One finding of one run.
    pub(in crate::report) fn single(origin: FindingOrigin<'a>, finding: &'a Finding) -> Self {
        Self { findings: vec![(origin, finding)] }
    }

    /// The run that made it first, and the finding there.
    pub(super) fn first(&self) -> (FindingOrigin<'a>, &'a Finding) {
        self.findings[0]
    }

    /// Where it was made: `cpython-3.8 and cpython-3.11 at 1s`.
    pub(super) fn places(&self) -> String {
        places(self.findings.iter().map(|(origin, _)| *origin))
    }
}

/// Interpreters and clocks in words, clocks with the same interpreters together.
pub(super) fn places<'a>(origins: impl IntoIterator<Item = FindingOrigin<'a>>) -> String {
    let runs = origins
        .into_iter()
        .map(|origin| (origin.timestamps.written.as_str(), origin.interpreter.label.as_str()));
    let clocks = gather(runs).into_iter().map(|(clock, labels)| (labels, clock));
    let one = |(labels, clocks): &(Vec<&str>, Vec<&str>)| {
        format!("{} at {}", words::listed(labels), words::listed(clocks))
    };
    gather(clocks).iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The findings of one scenario's runs, the same ones together; undeclared ones first, then by witness.
pub(super) fn groups(verdicts: &[Verdict]) -> Vec<FindingGroup<'_>> {
    let made = verdicts.iter().flat_map(|verdict| {
        let origin = FindingOrigin::of(verdict);
        verdict.findings.iter().map(move |finding| (sameness(finding), (origin, finding)))
    });
    let mut groups: Vec<FindingGroup<'_>> =
        gather(made).into_iter().map(|(_, findings)| FindingGroup { findings }).collect();
    groups.sort_by_key(|group| (group.first().1.declared, group.first().1.witness.clone()));
    groups
}

/// By what two findings of one scenario are one and the same. What the failing step says may differ between versions.
fn sameness(finding: &Finding) -> impl PartialEq {
    let Finding { kind, test, cause, declared, minimal, others, witness, neighbour, .. } = finding;
    let steps = (finding.polluting_step, finding.failing_step);
    (*kind, *test, *cause, *declared, *minimal, others.clone(), witness.clone(), neighbour.clone(), steps)
}

/// What two findings have in common when a reader who has seen one knows the other: all but the names of the tests. Places
/// are those of all runs that met it.
#[derive(Debug, PartialEq)]
pub(super) struct FindingShape {
    kind: FindingKind,
    cause: Cause,
    declared: bool,
    minimal: bool,
    witness: Vec<usize>,
    neighbour: Option<Vec<usize>>,
    polluting_step: Option<StepPlace>,
    failing_step: Option<StepPlace>,
    verbs: Vec<String>,
    remedies: Vec<(RemedyKind, Trial)>,
    places: String,
}

impl FindingShape {
    /// The shape of this finding.
    pub(super) fn of(group: &FindingGroup<'_>) -> Self {
        let (FindingOrigin { scenario, .. }, finding) = group.first();
        let roles: Vec<usize> = roles(finding);
        let role = |test: usize| roles.iter().position(|&known| known == test).unwrap_or(roles.len());
        let word = |word: &[usize]| word.iter().map(|&test| role(test)).collect::<Vec<_>>();
        let place = |place: StepPlace| StepPlace { test: role(place.test), step: place.step };
        Self {
            kind: finding.kind,
            cause: finding.cause,
            declared: finding.declared,
            minimal: finding.minimal,
            witness: word(&finding.witness),
            neighbour: finding.neighbour.as_deref().map(word),
            polluting_step: finding.polluting_step.map(place),
            failing_step: finding.failing_step.map(place),
            verbs: words::unfold(scenario, &finding.witness)
                .iter()
                .map(|place| verb(scenario, *place))
                .collect(),
            remedies: finding.remedies.iter().map(|remedy| (remedy.kind, remedy.trial)).collect(),
            places: group.places(),
        }
    }
}

/// The tests of a finding by the part they play: the test itself, its polluters, then whoever else is in the witness.
fn roles(finding: &Finding) -> Vec<usize> {
    let mut roles = vec![finding.test];
    for &test in finding.others.iter().chain(&finding.witness) {
        if !roles.contains(&test) {
            roles.push(test);
        }
    }
    roles
}

fn verb(scenario: &Scenario, place: StepPlace) -> String {
    let step = &scenario.tests[place.test].steps[place.step - 1];
    let told = words::step(step, words::Telling::Brief);
    told.split(' ').next().unwrap_or_default().to_owned()
}
