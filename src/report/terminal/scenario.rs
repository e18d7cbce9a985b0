//! What was told of one scenario: its verdict, why it is that, and its findings.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::finding;
use super::group::{self, FindingGroup, FindingShape};
use crate::report::gather::gather;
use crate::report::layout::palette::{BAD, FAINT, GOOD, STRONG, UNSURE};
use crate::report::layout::wrapped;
use crate::report::origin::FindingOrigin;
use crate::report::{Spellings, notes, words};
use crate::run::{NotRun, NotRunKind};
use crate::scenario::{Declaration, Scenario};
use crate::verdict::{Judgement, SecondOpinion, Verdict};

/// Which findings are shown with their orderings, steps and evidence; the others get a line each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verbosity {
    /// None: a line for each scenario.
    Verdicts,
    /// Those that the scenario does not declare, the first of each shape.
    Undeclared,
    /// All, the first of each shape.
    Shapes,
    /// All.
    Everything,
}

/// All that was told of one scenario.
#[derive(Debug, Default)]
pub(super) struct ScenarioResults {
    pub(super) verdicts: Vec<Verdict>,
    pub(super) not_run: Vec<NotRun>,
}

impl ScenarioResults {
    pub(super) fn is_empty(&self) -> bool {
        self.verdicts.is_empty() && self.not_run.is_empty()
    }

    /// The scenario's file.
    pub(super) fn path(&self) -> Option<&Path> {
        let judged = self.verdicts.first().map(|verdict| verdict.scenario.path.as_path());
        judged.or_else(|| self.not_run.first().map(|not_run| not_run.scenario.as_path()))
    }

    pub(super) fn is_of(&self, path: &Path) -> bool {
        self.path() == Some(path)
    }

    pub(super) fn standing(&self) -> ScenarioStatus {
        let judged = self.verdicts.iter().map(|verdict| ScenarioStatus::of(verdict.judgement));
        let faults = self.not_run.iter().filter_map(|not_run| match not_run.kind {
            NotRunKind::Fault => Some(ScenarioStatus::Fault),
            NotRunKind::Interrupted | NotRunKind::Missing => Some(ScenarioStatus::Incomplete),
            NotRunKind::Skipped => None,
        });
        judged.chain(faults).max().unwrap_or(ScenarioStatus::NotRun)
    }
}

/// How a scenario stands after all its runs; the worst counts, so the worst comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ScenarioStatus {
    NotRun,
    AsDeclared,
    Incomplete,
    Differs,
    Fault,
}

impl ScenarioStatus {
    pub(super) fn of(judgement: Judgement) -> Self {
        match judgement {
            Judgement::AsDeclared => Self::AsDeclared,
            Judgement::Incomplete => Self::Incomplete,
            Judgement::Differs => Self::Differs,
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::NotRun => "not run",
            Self::AsDeclared => "as declared",
            Self::Incomplete => "incomplete",
            Self::Differs => "DIFFERS",
            Self::Fault => "NOT JUDGED",
        }
    }

    /// As it is said of this many scenarios.
    pub(super) fn counted(self, count: usize) -> &'static str {
        match self {
            Self::Differs if count == 1 => "differs",
            Self::Differs => "differ",
            Self::Fault => "not judged",
            other => other.words(),
        }
    }

    pub(super) fn styled(self) -> String {
        let style = match self {
            Self::AsDeclared => GOOD,
            Self::NotRun | Self::Incomplete => UNSURE,
            Self::Differs | Self::Fault => BAD,
        };
        format!("{style}{}{style:#}", self.words())
    }
}

/// The verdict, why it is that, and the findings.
pub(super) fn text(told: &ScenarioResults, verbosity: Verbosity, spellings: &Spellings) -> String {
    let standing = told.standing();
    let path = told.path().map(|path| path.display().to_string()).unwrap_or_default();
    let blanks = " ".repeat(11 - standing.words().len());
    let mut text = format!("{}{blanks}  {STRONG}{path}{STRONG:#}\n", standing.styled());
    if verbosity == Verbosity::Verdicts {
        return text;
    }
    let parts = told.verdicts.iter().any(|verdict| matches!(verdict.model, SecondOpinion::Differs(_)));
    if verbosity == Verbosity::Undeclared && !parts {
        match standing {
            ScenarioStatus::AsDeclared => return text.trim_end().to_owned() + &in_short(told),
            ScenarioStatus::NotRun => return text + &why_not_run(told),
            _ => {}
        }
    }
    if let Some(verdict) = told.verdicts.first() {
        text += &wrapped("             ", &verdict.scenario.title);
    }
    text += &reasons(told);
    if verbosity != Verbosity::Undeclared || standing != ScenarioStatus::AsDeclared || parts {
        text += &notes(told);
    }
    text += &findings(told, verbosity, spellings);
    text
}

/// How much is as declared, behind the name of a scenario of which nothing else is to be said.
fn in_short(told: &ScenarioResults) -> String {
    let findings = group::groups(&told.verdicts).len();
    let found = if findings == 0 { String::new() } else { words::counted(findings, "finding") };
    let left_out = told.not_run.len();
    let not_run = if left_out == 0 { String::new() } else { format!("{left_out} not run") };
    let facts: Vec<String> = [found, not_run].into_iter().filter(|fact| !fact.is_empty()).collect();
    if facts.is_empty() { "\n".to_owned() } else { format!("  {FAINT}{}{FAINT:#}\n", facts.join(", ")) }
}

/// Why a scenario was run nowhere, each reason once.
fn why_not_run(told: &ScenarioResults) -> String {
    let reasons = gather(told.not_run.iter().map(|not_run| (not_run.reason.as_str(), ())));
    reasons.iter().map(|(reason, _)| wrapped("             ", reason)).collect()
}

/// What makes the verdict differ, what was not run, and what a reader must know.
fn reasons(told: &ScenarioResults) -> String {
    let mut text = String::new();
    for (sentence, runs) in gather(told.verdicts.iter().flat_map(missing)) {
        let places = group::places(runs);
        text += &wrapped("             ", &format!("declared, but not found: {sentence}; on {places}"));
    }
    for not_run in told.not_run.iter().filter(|not_run| not_run.kind == NotRunKind::Fault) {
        // What holds for no interpreter is said on stderr, as soon as it is known.
        let said = match &not_run.interpreter {
            Some(identity) => format!("{}: {}", identity.label, not_run.reason),
            None => "why is told on stderr".to_owned(),
        };
        text += &wrapped("             ", &said);
    }
    text
}

/// What a reader must know beside the findings.
fn notes(told: &ScenarioResults) -> String {
    let sentences = told
        .verdicts
        .iter()
        .flat_map(|verdict| verdict.notes.iter().map(|note| notes::sentence(note, &verdict.scenario)));
    let sentences: BTreeSet<String> = sentences.collect();
    sentences.iter().map(|sentence| wrapped("             note: ", sentence)).collect()
}

/// Declared findings that this run should have made and did not.
fn missing(verdict: &Verdict) -> impl Iterator<Item = (String, FindingOrigin<'_>)> {
    verdict.missing.iter().map(move |&index| {
        let declaration = &verdict.scenario.declarations[index];
        (declaration_claim(&verdict.scenario, declaration), FindingOrigin::of(verdict))
    })
}

pub(in crate::report) fn declaration_claim(scenario: &Scenario, declaration: &Declaration) -> String {
    let claim = words::claim(scenario, declaration.kind, declaration.test, &declaration.others);
    match &declaration.cause {
        Some(cause) => format!("{claim} ({})", cause.code()),
        None => claim,
    }
}

/// Every finding, in as much verbosity as is wanted.
fn findings(told: &ScenarioResults, verbosity: Verbosity, spellings: &Spellings) -> String {
    let groups = group::groups(&told.verdicts);
    let (news, known): (Vec<_>, Vec<_>) = groups
        .iter()
        .enumerate()
        .partition(|(_, group)| verbosity != Verbosity::Undeclared || !group.first().1.declared);
    let known: Vec<_> = known.into_iter().map(|(_, group)| group).collect();
    let mut text = finding::brief(&known);
    text.push('\n');
    for alike in by_shape(news, verbosity) {
        let (first, others) = alike.split_first().expect("a shape is that of at least one finding");
        text += &finding::full(first.1, first.0 + 1, spellings);
        if !others.is_empty() {
            let _ = writeln!(text, "  {FAINT}Same as [{}], with a different order:{FAINT:#}", first.0 + 1);
            for (index, group) in others {
                text += &finding::alike(group, index + 1);
            }
            text.push('\n');
        }
    }
    text
}

/// Findings of one shape together, unless each of them is wanted in full.
fn by_shape<'a, 'b>(
    groups: Vec<(usize, &'a FindingGroup<'b>)>,
    verbosity: Verbosity,
) -> Vec<Vec<(usize, &'a FindingGroup<'b>)>> {
    // With its number in the key, a finding is like no other.
    let alone = |number: usize| Some(number).filter(|_| verbosity == Verbosity::Everything);
    let keyed =
        groups.into_iter().map(|(number, group)| ((FindingShape::of(group), alone(number)), (number, group)));
    gather(keyed).into_iter().map(|(_, alike)| alike).collect()
}
