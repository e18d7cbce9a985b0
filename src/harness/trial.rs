//! One trial: judges its scenario and reports the differences.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::{Completion, Failed, Trial};

use super::lane::Lane;
use super::plan::{Job, Planned};
use crate::bless::Observations;
use crate::budget::Interruption;
use crate::interpreter::NoOutcome;
use crate::report::{self, Spellings, Verbosity};
use crate::run::{self, RunError, RunOptions};
use crate::scenario::{ReadError, Style};
use crate::verdict::{Judgement, SecondOpinion, Verdict};

/// What all trials share.
#[derive(Debug)]
pub(super) struct Context {
    options: RunOptions,
    spellings: Spellings,
    remarks: Mutex<Vec<Remark>>,
    /// The observations to declare, by file, if declarations are rewritten.
    observations: Option<Mutex<Observations>>,
}

/// A remark about a trial that did not fail, for the end of the run.
#[derive(Debug)]
pub(super) enum Remark {
    /// It passed, with this report.
    Passed { name: String, report: String },
    /// It passed as far as the budget went.
    Incomplete { name: String, covered: String },
    /// It was not run.
    NotRun { reason: String },
}

impl Context {
    /// The context of trials on these lanes. The trials themselves run in parallel, so each explores with one worker.
    pub(super) fn new(lanes: &[Lane], planned: &[Planned], blesses: bool) -> Self {
        let installations = lanes.iter().filter_map(|lane| match lane {
            Lane::Interpreter(installation) => Some(installation),
            Lane::NoPython => None,
        });
        let options =
            RunOptions { jobs: 1, interruption: Interruption::on_ctrl_c(), ..RunOptions::default() };
        let ignored = planned.iter().filter_map(|planned| match &planned.job {
            Job::Ignored(reason) => Some(Remark::NotRun { reason: reason.clone() }),
            _ => None,
        });
        Self {
            options,
            spellings: Spellings::of(installations),
            remarks: Mutex::new(ignored.collect()),
            observations: blesses.then(Mutex::default),
        }
    }

    /// The remarks, in no particular order.
    pub(super) fn take_remarks(&self) -> Vec<Remark> {
        std::mem::take(&mut self.remarks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The observations to declare; empty if declarations are not rewritten.
    pub(super) fn take_observations(&self) -> Observations {
        let observations = self.observations.as_ref();
        observations
            .map(|all| std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner)))
            .unwrap_or_default()
    }

    /// Records the findings to declare; returns whether declarations are rewritten.
    fn observe(&self, verdict: &Verdict) -> bool {
        let observations = self.observations.as_ref();
        observations.is_some_and(|all| all.lock().unwrap_or_else(PoisonError::into_inner).record(verdict))
    }

    /// Records that a trial of this file ended without a verdict.
    fn observe_nothing(&self, path: &Path) {
        if let Some(observations) = &self.observations {
            observations.lock().unwrap_or_else(PoisonError::into_inner).record_nothing(path);
        }
    }

    fn remark(&self, remark: Remark) {
        self.remarks.lock().unwrap_or_else(PoisonError::into_inner).push(remark);
    }
}

/// The trial for a plan.
pub(super) fn trial(planned: Planned, context: &Arc<Context>) -> Trial {
    let Planned { name, job } = planned;
    let is_ignored = matches!(job, Job::Ignored(_));
    let (context, trial) = (Arc::clone(context), name.clone());
    Trial::ignorable_test(name, move || perform(&job, &trial, &context)).with_ignored_flag(is_ignored)
}

fn perform(job: &Job, name: &str, context: &Context) -> Result<Completion, Failed> {
    match job {
        Job::ShowProblems(unreadable) => Err(shown(unreadable).into()),
        Job::Ignored(reason) => Ok(Completion::ignored_with(reason)),
        Job::Judge { scenario, installation, timestamps } => {
            let path = scenario.path.clone();
            let judged = run::run(scenario, installation, timestamps, &context.options, &|_| {});
            match judged {
                Ok(verdict) => conclude(verdict, name, context),
                Err(RunError::Interpreter(
                    NoOutcome::Refused { reason } | NoOutcome::Lacks { reason, .. },
                )) => {
                    context.observe_nothing(&path);
                    context.remark(Remark::NotRun {
                        reason: format!("{}: {reason}", installation.identity.label),
                    });
                    Ok(Completion::ignored_with(reason))
                }
                Err(error) => {
                    context.observe_nothing(&path);
                    Err(error.to_string().into())
                }
            }
        }
    }
}

/// A trial passes if the findings equal the declared ones, as far as the budget went.
fn conclude(verdict: Verdict, name: &str, context: &Context) -> Result<Completion, Failed> {
    let name = name.to_owned();
    let blessed = context.observe(&verdict);
    if matches!(verdict.model, SecondOpinion::Differs(_)) {
        // This is a defect of taster, whatever the findings are: the report's notes show the difference.
        return Err(report::explained(verdict, Verbosity::Shapes, &context.spellings).into());
    }
    match verdict.judgement {
        Judgement::Differs if blessed => {}
        Judgement::Differs => {
            return Err(report::explained(verdict, Verbosity::Undeclared, &context.spellings).into());
        }
        Judgement::Incomplete => {
            let (covered, total) = (&verdict.coverage.covered, &verdict.coverage.total);
            let covered = format!("{covered} of {total} orderings were covered");
            context.remark(Remark::Incomplete { name, covered });
        }
        Judgement::AsDeclared => {
            let report = report::explained(verdict, Verbosity::Shapes, &context.spellings);
            context.remark(Remark::Passed { name, report });
        }
    }
    Ok(Completion::Completed)
}

fn shown(unreadable: &ReadError) -> String {
    match unreadable {
        ReadError::Problems(problems) => problems.render(Style::Plain),
        other => other.to_string(),
    }
}
