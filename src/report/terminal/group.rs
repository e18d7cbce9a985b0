//! The same finding met on several interpreters and clocks, as one; and which findings are of one shape.

use crate::cause::Cause;
use crate::diagnose::{Finding, Trial};
use crate::kind::FindingKind;
use crate::remedy::StepPlace;
use crate::report::words;
use crate::scenario::Scenario;
use crate::verdict::Verdict;

/// One finding and every run of its scenario that met it.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// As it was met in each run, with the run; at least one.
    pub(super) met: Vec<(&'a Verdict, &'a Finding)>,
}

impl<'a> Group<'a> {
    /// The run that met it first, and the finding there.
    pub(super) fn first(&self) -> (&'a Verdict, &'a Finding) {
        self.met[0]
    }

    /// Where it was met: `cpython-3.8 and cpython-3.11 at 1s`.
    pub(super) fn places(&self) -> String {
        let runs: Vec<_> = self.met.iter().map(|(verdict, _)| *verdict).collect();
        places(&runs)
    }
}

/// Interpreters and clocks in words, clocks with the same interpreters together.
pub(super) fn places(runs: &[&Verdict]) -> String {
    let mut clocks: Vec<(&str, Vec<&str>)> = Vec::new();
    for verdict in runs {
        let clock = verdict.timestamps.written.as_str();
        let label = verdict.interpreter.label.as_str();
        match clocks.iter_mut().find(|(name, _)| *name == clock) {
            Some((_, labels)) => labels.push(label),
            None => clocks.push((clock, vec![label])),
        }
    }
    let mut together: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for (clock, labels) in clocks {
        match together.iter_mut().find(|(_, same)| *same == labels) {
            Some((names, _)) => names.push(clock),
            None => together.push((vec![clock], labels)),
        }
    }
    let one = |(clocks, labels): &(Vec<&str>, Vec<&str>)| {
        format!("{} at {}", words::listed(labels), words::listed(clocks))
    };
    together.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The findings of one scenario's runs, the same ones together; undeclared ones first, then by witness.
pub(super) fn groups(verdicts: &[Verdict]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for verdict in verdicts {
        for finding in &verdict.findings {
            match groups.iter_mut().find(|group| is_same(group.first().1, finding)) {
                Some(group) => group.met.push((verdict, finding)),
                None => groups.push(Group { met: vec![(verdict, finding)] }),
            }
        }
    }
    groups.sort_by_key(|group| (group.first().1.declared, group.first().1.witness.clone()));
    groups
}

/// Whether two findings of one scenario are one and the same. What the failing step says may differ between versions.
fn is_same(one: &Finding, other: &Finding) -> bool {
    let key =
        |finding: &Finding| (finding.kind, finding.test, finding.cause, finding.declared, finding.minimal);
    let places = |finding: &Finding| (finding.polluting_step, finding.failing_step);
    key(one) == key(other)
        && places(one) == places(other)
        && one.others == other.others
        && one.witness == other.witness
        && one.neighbour == other.neighbour
}

/// What two findings have in common when a reader who has seen one knows the other: all but the names of the tests. Places
/// are those of all runs that met it.
#[derive(Debug, PartialEq)]
pub(super) struct Shape {
    kind: FindingKind,
    cause: Cause,
    declared: bool,
    minimal: bool,
    witness: Vec<usize>,
    neighbour: Option<Vec<usize>>,
    polluting_step: Option<StepPlace>,
    failing_step: Option<StepPlace>,
    verbs: Vec<String>,
    remedies: Vec<(String, Trial)>,
    places: String,
}

impl Shape {
    /// The shape of this finding.
    pub(super) fn of(group: &Group<'_>) -> Self {
        let (verdict, finding) = group.first();
        let scenario = &verdict.scenario;
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
            remedies: finding.remedies.iter().map(|remedy| (remedy.name.clone(), remedy.trial)).collect(),
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
