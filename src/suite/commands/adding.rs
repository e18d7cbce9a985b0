//! Gives the findings of a report their commands, and takes those out that plain pytest refutes.

use std::time::{Duration, Instant};

use super::CommandTrials;
use crate::budget::Budget;
use crate::suite::finding::HuntFinding;
use crate::suite::hunt_report::HuntReport;
use crate::suite::leaks;
use crate::suite::runner::run::RunnerError;

/// The part of the time that the hunt has taken so far for further findings of leaks whose first one has its commands, and the least.
const FOR_FURTHER: u32 = 10;
const LEAST_FOR_FURTHER: Duration = Duration::from_secs(5);

/// Commands for the findings of a hunt that began then: for the first finding of each leak, those of the shortest orders first, as long as
/// the budget allows, so many at a time; then for the others, as long as that takes little beside the hunt. What plain pytest refutes is a
/// finding no more. Returns a note if none could be run.
pub(in crate::suite) fn add<'a>(
    trials: impl FnOnce() -> Result<CommandTrials<'a>, String>,
    (jobs, began): (usize, Instant),
    report: &mut HuntReport,
) -> Option<String> {
    open(report).next()?;
    let trials = match trials() {
        Ok(trials) => trials,
        Err(why) => return Some(format!("taster tried no commands for pasting: {why}")),
    };
    let mut adding = Adding { trials: &trials, jobs, report, note: None };
    // Where the first finding of a leak is refuted, the next one stands for it.
    while adding.all(first_of_leaks, trials.budget) && adding.take_refuted() {}
    let most = (began.elapsed() / FOR_FURTHER).max(LEAST_FOR_FURTHER);
    adding.all(|report| open(report).collect(), &trials.budget.clone().with_at_most(most));
    adding.take_refuted();
    adding.note
}

/// The findings for which commands are still to be tried.
fn open(report: &HuntReport) -> impl Iterator<Item = usize> {
    let is_open = |finding: &HuntFinding| {
        finding.commands.is_none() && finding.minimal && finding.holds_after_changes != Some(false)
    };
    (0..report.findings.len()).filter(move |&at| is_open(&report.findings[at]))
}

/// Those of them that are the first of their leak.
fn first_of_leaks(report: &HuntReport) -> Vec<usize> {
    let is_first = |at: &usize| {
        let (before, from_here) = report.findings.split_at(*at);
        !before.iter().any(|earlier| earlier.shares_leak_with(&from_here[0]))
    };
    open(report).filter(is_first).collect()
}

/// A report whose findings get their commands.
struct Adding<'r, 'a> {
    trials: &'r CommandTrials<'a>,
    jobs: usize,
    report: &'r mut HuntReport,
    note: Option<String>,
}

impl Adding<'_, '_> {
    /// Tries the commands of these findings; returns whether there were any, and all of them were tried.
    fn all(&mut self, choose: impl Fn(&HuntReport) -> Vec<usize>, budget: &Budget) -> bool {
        let mut chosen = choose(self.report);
        chosen.sort_by_key(|&at| self.report.findings[at].before().len());
        let findings: Vec<&HuntFinding> = chosen.iter().map(|&at| &self.report.findings[at]).collect();
        let all = self.trials.of_all(&findings, self.jobs, budget);
        let mut is_through = !chosen.is_empty();
        for (at, made) in chosen.into_iter().zip(all) {
            match made {
                Some(Ok(commands)) => self.report.findings[at].commands = commands,
                Some(Err(RunnerError::Process(error))) => {
                    self.note = Some(format!("a command for pasting could not be run: {error}"));
                    is_through = false;
                }
                // The time is over, or somebody ends the hunt.
                Some(Err(_)) | None => is_through = false,
            }
        }
        is_through
    }

    /// Takes the findings out that plain pytest refutes; returns whether there were any.
    fn take_refuted(&mut self) -> bool {
        let is_refuted = |finding: &HuntFinding| {
            finding.commands.as_ref().is_some_and(|commands| commands.refuted_by.is_some())
        };
        let (refuted, confirmed) =
            std::mem::take(&mut self.report.findings).into_iter().partition(is_refuted);
        self.report.findings = confirmed;
        let refuted: Vec<HuntFinding> = refuted;
        let any = !refuted.is_empty();
        self.report
            .unconfirmed
            .extend(refuted.into_iter().map(|finding| HuntFinding { group: None, ..finding }));
        if any {
            leaks::group(&mut self.report.findings);
        }
        any
    }
}
