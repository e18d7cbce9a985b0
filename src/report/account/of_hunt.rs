//! The account of a hunt: a case for each finding, for each test that fails in every order, and for each that was seen failing.

use std::path::Path;
use std::time::Duration;

use super::{Account, Annotation, Case, CaseResult, FilePlace, HUNT, TestEdge, Weight, plain};
use crate::cause::Cause;
use crate::explain::Topic;
use crate::kind::FindingKind;
use crate::report::hunt::{after_findings, block, in_words};
use crate::suite::{HuntClock, HuntFinding, HuntReport};

impl Account {
    /// Of a hunt; paths are told as seen from `top`, the top of the checkout.
    pub fn of_hunt(report: &HuntReport, top: &Path) -> Self {
        let hunt = Hunt { report, top };
        let mut cases: Vec<Case> = Vec::new();
        cases.extend(report.findings.iter().map(|finding| hunt.finding(finding)));
        cases.extend(report.unconfirmed.iter().map(|finding| {
            let message = format!("{}, which plain pytest does not confirm", in_words(&[finding]));
            hunt.seen(&finding.victim, Topic::Cause(finding.cause), message, &finding.message)
        }));
        cases.extend(report.broken.iter().map(|each| {
            let message = format!("{} fails on its own and in every order: {}", each.test, each.outcome);
            hunt.seen(&each.test, Topic::Kind(FindingKind::Broken), message, &each.message)
        }));
        cases.extend(report.seen_failing.iter().map(|each| {
            let message = format!(
                "{} was seen failing after {} other tests, and the hunt ended before it was looked into",
                each.test, each.after
            );
            hunt.seen(&each.test, Topic::Cause(Cause::NotSought), message, &each.message)
        }));
        if report.findings.is_empty() {
            cases.push(hunt.nothing_found());
        }
        let summary = plain(&after_findings(report));
        let edges = report.findings.iter().flat_map(|finding| {
            let edge = |test: &String| TestEdge {
                from: test.clone(),
                to: finding.victim.clone(),
                needs: finding.state_setters.is_some(),
            };
            finding.before().iter().map(edge)
        });
        Self { command: HUNT.to_owned(), cases, summary, edges: edges.collect(), pictures: Vec::new() }
    }
}

/// Tests that run before that a annotation names.
const MOST_RELATED: usize = 5;

/// A hunt, and where paths are seen from.
struct Hunt<'a> {
    report: &'a HuntReport,
    top: &'a Path,
}

impl Hunt<'_> {
    fn finding(&self, finding: &HuntFinding) -> Case {
        let under = match finding.timestamps {
            HuntClock::Real => String::new(),
            other => format!(" ({} timestamps)", other.name()),
        };
        let message = in_words(&[finding]) + &under;
        let fails_at = finding.victim_at.as_ref().map(|line| self.place(&line.file, Some(line.line)));
        let mut related = Vec::new();
        if let Some(line) = &finding.guilty {
            related.push((self.place(&line.file, Some(line.line)), format!("changes it: {}", line.code)));
        }
        let before = finding.before().iter().take(MOST_RELATED);
        related.extend(before.map(|test| (self.place(file(test), None), role(finding, test))));
        let topic = match finding.cause {
            Cause::NotSought if finding.finding == FindingKind::Nondeterministic => {
                Topic::Kind(finding.finding)
            }
            cause => Topic::Cause(cause),
        };
        let annotation = Annotation {
            topic: Some(topic),
            weight: Weight::Error,
            message,
            at: fails_at.unwrap_or_else(|| self.place(file(&finding.victim), None)),
            related,
        };
        Case {
            group: file(&finding.victim).to_owned(),
            name: finding.victim.clone() + &under,
            result: CaseResult::Failed,
            details: plain(&block::text(1, &[finding])).replacen("[1] ", "    ", 1),
            took: Duration::try_from_secs_f64(finding.seconds).unwrap_or_default(),
            annotations: vec![annotation],
            timelines: Vec::new(),
        }
    }

    /// A test that fails, without a finding.
    fn seen(&self, test: &str, topic: Topic, message: String, details: &str) -> Case {
        let annotation = Annotation {
            topic: Some(topic),
            weight: Weight::Warning,
            message,
            at: self.place(file(test), None),
            related: Vec::new(),
        };
        Case {
            group: file(test).to_owned(),
            name: test.to_owned(),
            result: CaseResult::Failed,
            details: details.trim().to_owned(),
            took: Duration::ZERO,
            annotations: vec![annotation],
            timelines: Vec::new(),
        }
    }

    /// So that a report of a hunt without findings is not empty.
    fn nothing_found(&self) -> Case {
        let tests = crate::report::words::counted(self.report.about.tests, "test");
        Case {
            group: HUNT.to_owned(),
            name: format!("the order of {tests}"),
            result: match &self.report.halted {
                None => CaseResult::Passed,
                Some(why) => CaseResult::Skipped(format!("nothing found so far, and incomplete: {why}")),
            },
            details: String::new(),
            took: Duration::try_from_secs_f64(self.report.seconds).unwrap_or_default(),
            annotations: Vec::new(),
            timelines: Vec::new(),
        }
    }

    fn place(&self, file: &str, line: Option<usize>) -> FilePlace {
        let path = Path::new(&self.report.about.root).join(file);
        let file = path.strip_prefix(self.top).unwrap_or(&path);
        FilePlace { file: file.display().to_string(), line }
    }
}

fn role(finding: &HuntFinding, test: &str) -> String {
    match finding.state_setters {
        Some(_) => format!("{test} sets up what it needs"),
        None => format!("{test} runs before it"),
    }
}

/// The file of a test.
fn file(test: &str) -> &str {
    test.split("::").next().unwrap_or(test)
}
