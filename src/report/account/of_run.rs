//! The account of a run: a case for each scenario on each interpreter under each clock.

use std::io;
use std::time::Duration;

use super::{Account, Annotation, Case, CaseResult, FilePlace, RUN, Weight};
use crate::cause::Cause;
use crate::diagnose::Finding;
use crate::explain::Topic;
use crate::report::terminal::declaration_claim;
use crate::report::{Report, Spellings, Verbosity, code, explained, words};
use crate::run::{NotRun, NotRunKind};
use crate::verdict::{Judgement, SecondOpinion, Verdict};

/// A report that becomes an account.
#[derive(Debug)]
pub struct AccountOfRun {
    spellings: Spellings,
    cases: Vec<Case>,
}

impl AccountOfRun {
    /// Nothing yet. `spellings` are for the commands in it.
    pub fn new(spellings: Spellings) -> Self {
        Self { spellings, cases: Vec::new() }
    }

    /// Whether the last verdict is among what was found, of which a report shows everything.
    pub fn shows_last(&self) -> bool {
        self.cases.last().is_some_and(|case| case.result == CaseResult::Failed)
    }

    /// Adds the orderings of a finding of the last verdict, side by side, to it.
    pub fn add_timeline(&mut self, timeline: String) {
        if let Some(case) = self.cases.last_mut() {
            case.timelines.push(timeline);
        }
    }

    /// What was told so far, as an account.
    pub fn account(self) -> Account {
        let count =
            |wanted: fn(&CaseResult) -> bool| self.cases.iter().filter(|case| wanted(&case.result)).count();
        let summary = format!(
            "{}: {} as declared, {} not; {} not run",
            words::counted(self.cases.len(), "verdict"),
            count(|result| *result == CaseResult::Passed),
            count(|result| matches!(result, CaseResult::Failed | CaseResult::NotJudged)),
            count(|result| matches!(result, CaseResult::Skipped(_))),
        );
        Account {
            command: RUN.to_owned(),
            cases: self.cases,
            summary,
            edges: Vec::new(),
            pictures: Vec::new(),
        }
    }
}

impl Report for AccountOfRun {
    fn verdict(&mut self, verdict: Verdict) -> io::Result<()> {
        let annotations = annotations(&verdict);
        let result = match (&verdict.model, verdict.judgement) {
            (SecondOpinion::Differs(_), _) => CaseResult::NotJudged,
            (_, Judgement::AsDeclared) => CaseResult::Passed,
            (_, Judgement::Differs | Judgement::Incomplete) => CaseResult::Failed,
        };
        let (group, name) = (verdict.scenario.path.display().to_string(), place_of(&verdict));
        let took = verdict.seconds + verdict.diagnosis_seconds;
        let took = Duration::try_from_secs_f64(took).unwrap_or_default();
        let details = explained(verdict, Verbosity::Undeclared, &self.spellings);
        self.cases.push(Case { group, name, result, details, took, annotations, timelines: Vec::new() });
        Ok(())
    }

    fn not_run(&mut self, not_run: NotRun) -> io::Result<()> {
        let result = match not_run.kind {
            NotRunKind::Skipped | NotRunKind::Interrupted | NotRunKind::Missing => {
                CaseResult::Skipped(not_run.reason.clone())
            }
            NotRunKind::Fault => CaseResult::NotJudged,
        };
        let interpreter = not_run.interpreter.as_ref().map(|identity| identity.label.clone());
        let parts = [interpreter, not_run.timestamps].into_iter().flatten().collect::<Vec<_>>();
        let file = not_run.scenario.display().to_string();
        let annotations = match result {
            CaseResult::NotJudged => vec![Annotation {
                topic: None,
                weight: Weight::Error,
                message: not_run.reason.clone(),
                at: FilePlace { file: file.clone(), line: None },
                related: Vec::new(),
            }],
            _ => Vec::new(),
        };
        self.cases.push(Case {
            name: if parts.is_empty() { file.clone() } else { parts.join(" at ") },
            group: file,
            result,
            details: not_run.reason,
            took: Duration::ZERO,
            annotations,
            timelines: Vec::new(),
        });
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn place_of(verdict: &Verdict) -> String {
    format!("{} at {}", verdict.interpreter.label, verdict.timestamps.written)
}

/// What differs from the declarations; where code of the scenario fails, with its line.
fn annotations(verdict: &Verdict) -> Vec<Annotation> {
    let scenario = &verdict.scenario;
    let place = place_of(verdict);
    let annotation = |topic, message: String, line| Annotation {
        topic: Some(topic),
        weight: Weight::Error,
        message,
        at: FilePlace { file: scenario.path.display().to_string(), line },
        related: Vec::new(),
    };
    let found = verdict.findings.iter().filter(|finding| !finding.declared).map(|finding| {
        let claim = words::finding_claim(scenario, finding);
        let line = code::line_at(scenario, finding.failing_step, &finding.outcome);
        let failure =
            line.map(|_| format!(": {}", code::outcome_at(scenario, finding.failing_step, &finding.outcome)));
        let failure = failure.unwrap_or_default();
        annotation(topic(finding), format!("{claim}, which is not declared (on {place}){failure}"), line)
    });
    let missing = verdict.missing.iter().map(|&at| {
        let declared = &scenario.declarations[at];
        let topic = declared.cause.map_or(Topic::Kind(declared.kind), Topic::Cause);
        let claim = declaration_claim(scenario, declared);
        annotation(topic, format!("declared, but not found: {claim} (on {place})"), None)
    });
    found.chain(missing).collect()
}

fn topic(finding: &Finding) -> Topic {
    match finding.cause {
        Cause::NotSought | Cause::Unknown => Topic::Kind(finding.kind),
        cause => Topic::Cause(cause),
    }
}
