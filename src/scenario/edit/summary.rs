//! Turns the findings of runs on several versions and clocks into the smallest set of declarations that
//! describes them. Where no run looked, the scenario's own restrictions are kept.

use super::Declared;
use super::ranges::contiguous;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::scenario::{Declaration, Scenario, Specifier, Version};

/// The findings of a scenario on one version under one clock; several runs on the same version and clock add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The version of the interpreter, real or model.
    pub version: Version,
    /// The clock, as the scenario writes it.
    pub timestamps: String,
    /// All findings.
    pub findings: Vec<Observed>,
}

/// One finding, with the properties that a declaration can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The kind of the finding.
    pub kind: FindingKind,
    /// The victim, brittle, broken or flaky test.
    pub test: usize,
    /// Polluters or state-setters; empty where the kind has none.
    pub others: Vec<usize>,
    /// The cause to declare, or `None` to declare none.
    pub cause: Option<Cause>,
}

/// A finding regardless of its cause: kind, test, others in the order of the file.
type Subject = (FindingKind, usize, Vec<usize>);

/// Returns the declarations that describe the observations. The scenario's own declarations are returned
/// unchanged if they already do. Otherwise a declaration names timestamps if the finding is not there under all
/// of them, and a contiguous range of versions if it is not there on all that were run. On versions that were
/// not run it holds where the scenario's own restrictions admit them.
pub fn declare(scenario: &Scenario, observations: &[Observation]) -> Vec<Declared> {
    let subjects = subjects(scenario, observations);
    let mut declared = Vec::new();
    for subject in &subjects {
        let group = DeclarationGroup::of(scenario, observations, subject);
        if group.is_said() {
            declared.extend(group.declarations.iter().map(|one| Declared::of(scenario, one)));
        } else {
            declared.extend(group.declare());
        }
    }
    declared
}

/// Every finding that is declared or was observed, the declared ones first, in the order of the file.
fn subjects(scenario: &Scenario, observations: &[Observation]) -> Vec<Subject> {
    let declared = scenario.declarations.iter().map(of_declaration);
    let mut observed: Vec<_> =
        observations.iter().flat_map(|observation| &observation.findings).map(of_observed).collect();
    observed.sort();
    let mut subjects = Vec::new();
    for subject in declared.chain(observed) {
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    subjects
}

fn of_declaration(declaration: &Declaration) -> Subject {
    (declaration.kind, declaration.test, sorted(&declaration.others))
}

fn of_observed(observed: &Observed) -> Subject {
    (observed.kind, observed.test, sorted(&observed.others))
}

fn sorted(tests: &[usize]) -> Vec<usize> {
    let mut tests = tests.to_vec();
    tests.sort_unstable();
    tests
}

/// All declarations and observations of one finding.
struct DeclarationGroup<'a> {
    scenario: &'a Scenario,
    subject: &'a Subject,
    declarations: Vec<&'a Declaration>,
    /// Per run, the causes under which it was found, or `None` if it was not.
    runs: Vec<Run<'a>>,
}

struct Run<'a> {
    version: Version,
    timestamps: &'a str,
    causes: Vec<Option<Cause>>,
}

impl<'a> DeclarationGroup<'a> {
    fn of(scenario: &'a Scenario, observations: &'a [Observation], subject: &'a Subject) -> Self {
        let run = |observation: &'a Observation| {
            let found = observation.findings.iter().filter(|observed| of_observed(observed) == *subject);
            Run {
                version: observation.version,
                timestamps: &observation.timestamps,
                causes: found.map(|observed| observed.cause).collect(),
            }
        };
        let about = |declaration: &&Declaration| of_declaration(declaration) == *subject;
        Self {
            scenario,
            subject,
            declarations: scenario.declarations.iter().filter(about).collect(),
            runs: observations.iter().map(run).collect(),
        }
    }

    /// Whether the scenario's declarations are exactly right for every run.
    fn is_said(&self) -> bool {
        self.runs.iter().all(|run| {
            let applying: Vec<_> = self
                .declarations
                .iter()
                .filter(|declaration| declaration.applies(&run.version, run.timestamps))
                .map(|declaration| declaration.cause)
                .collect();
            let matches =
                |declared: Option<Cause>, found: Option<Cause>| declared.is_none() || declared == found;
            let said = |found: Option<Cause>| applying.iter().any(|&declared| matches(declared, found));
            let found = |declared: Option<Cause>| run.causes.iter().any(|&found| matches(declared, found));
            run.causes.iter().copied().all(said) && applying.iter().copied().all(found)
        })
    }

    /// Every cause that was observed or is declared.
    fn causes(&self) -> Vec<Option<Cause>> {
        let observed = self.runs.iter().flat_map(|run| &run.causes).copied();
        let mut causes: Vec<_> = observed.collect();
        causes.sort_unstable_by_key(|cause| cause.map(Cause::code));
        causes.dedup();
        let single = causes.len() == 1;
        for declaration in &self.declarations {
            let cause = declaration.cause;
            if !causes.contains(&cause) && (cause.is_some() || !single) {
                causes.push(cause);
            }
        }
        causes
    }

    fn declare(&self) -> Vec<Declared> {
        let causes = self.causes();
        let versions = self.versions();
        let mut declared = Vec::new();
        for &cause in &causes {
            // An observed cause replaces declarations that name none.
            let takes_unnamed = cause.is_none() || !causes.contains(&None);
            let mut ranges: Vec<(Option<Specifier>, Vec<&str>)> = Vec::new();
            for timestamps in &self.scenario.timestamps {
                let clock = timestamps.written.as_str();
                let holds = |&version: &Version| (version, self.holds(version, clock, cause, takes_unnamed));
                let cells: Vec<_> = versions.iter().map(holds).collect();
                for range in contiguous(&cells).into_iter().filter(|range| self.is_of_use(range.as_ref())) {
                    match ranges.iter_mut().find(|(other, _)| *other == range) {
                        Some((_, clocks)) => clocks.push(clock),
                        None => ranges.push((range, vec![clock])),
                    }
                }
            }
            declared.extend(ranges.into_iter().map(|range| self.declared(cause, range)));
        }
        declared
    }

    /// Whether a range has a version on which taster runs. The others are kept only if the scenario speaks of them alone.
    fn is_of_use(&self, range: Option<&Specifier>) -> bool {
        let is_run =
            |version: &Version| version.is_tested() || self.runs.iter().any(|run| run.version == *version);
        let versions = self.versions();
        let mut known = versions.iter().filter(|version| is_run(version));
        let has =
            |range: Option<&Specifier>, version: &Version| range.is_none_or(|range| range.contains(version));
        let is_of_others = |declaration: &&Declaration| {
            !versions.iter().any(|version| is_run(version) && has(declaration.python.as_ref(), version))
        };
        known.any(|version| has(range, version)) || self.declarations.iter().any(is_of_others)
    }

    fn declared(&self, cause: Option<Cause>, (python, clocks): (Option<Specifier>, Vec<&str>)) -> Declared {
        let name = |&test: &usize| self.scenario.tests[test].name.clone();
        let (kind, test, others) = self.subject;
        let under_all = clocks.len() == self.scenario.timestamps.len();
        Declared {
            kind: *kind,
            test: name(test),
            others: others.iter().map(name).collect(),
            cause,
            timestamps: if under_all { Vec::new() } else { clocks.into_iter().map(str::to_owned).collect() },
            python,
        }
    }

    /// The versions that were run, and one version of each minor version that was not.
    fn versions(&self) -> Vec<Version> {
        let mut versions: Vec<_> = self.runs.iter().map(|run| run.version).collect();
        let minors = [(2, 7)].into_iter().chain((0..=20).map(|minor| (3, minor)));
        let not_run: Vec<_> = minors
            .filter(|minor| versions.iter().all(|version| version.feature() != *minor))
            .map(|(major, minor)| Version::new(major, minor, 99))
            .collect();
        versions.extend(not_run);
        versions.sort_unstable();
        versions.dedup();
        versions
    }

    /// Whether the finding is there, with this cause, on this version under this clock, or `None` if nothing is known.
    fn holds(
        &self,
        version: Version,
        clock: &str,
        cause: Option<Cause>,
        takes_unnamed: bool,
    ) -> Option<bool> {
        if !self.scenario.is_for(&version) {
            return None;
        }
        let same_version = || self.runs.iter().filter(|run| run.version == version);
        let mut runs = same_version().filter(|run| run.timestamps == clock).peekable();
        if runs.peek().is_some() {
            return Some(runs.any(|run| run.causes.contains(&cause)));
        }
        let restricted = self.declarations.iter().any(|declaration| declaration.python.is_some());
        // What is declared without a restriction holds on the versions that are known; a restriction may speak of others too.
        let is_meant = same_version().next().is_some() || version.is_tested() || restricted;
        let speaks = is_meant && !self.declarations.is_empty();
        let about = |declaration: &&&Declaration| {
            let named = declaration.cause;
            named == cause || (named.is_none() && takes_unnamed)
        };
        let declared = self.declarations.iter().filter(about);
        speaks.then(|| declared.into_iter().any(|declaration| declaration.applies(&version, clock)))
    }
}
