//! Judges a scenario in one manner: explores, audits, diagnoses what fails, and compares it with what the scenario declares.

use std::time::Duration;

use super::attempt::{Attempt, Manner, Setting};
use super::audit::AuditResult;
use super::cover::{Covered, cover};
use super::error::RunError;
use super::events::Phase;
use super::missing_module;
use super::notes::notes;
use super::opinion::second_opinion;
use super::options::Diagnosis;
use super::unsteady::Unsteady;
use crate::budget::Budget;
use crate::diagnose::{self, DiagnosisLimits, DiagnosisStep, Exploration, Finding, Findings, Listener};
use crate::note::Note;
use crate::verdict::{Causes, TestSummary, Verdict};

/// The verdict, or `None` if states were taken for one that differ, and there is time to explore again in a stricter manner.
pub(super) fn judge(setting: &Setting<'_>, manner: Manner) -> Result<Option<Verdict>, RunError> {
    let mut attempt = Attempt::new(setting, manner)?;
    let covered = cover(&mut attempt)?;
    let mut audited = AuditResult::new(&mut attempt, &covered)?;
    if audited.must_begin_again(&attempt) {
        return Ok(None);
    }
    let searched = setting.elapsed();
    let found = diagnose(&mut attempt, &covered, &mut audited)?;
    if audited.must_begin_again(&attempt) {
        return Ok(None);
    }
    verdict(&attempt, &covered, &audited, found, searched).map(Some)
}

/// Seeks findings, performs again what they rest on, and diagnoses those that stand.
fn diagnose(
    attempt: &mut Attempt<'_>,
    covered: &Covered,
    audited: &mut AuditResult,
) -> Result<Findings, RunError> {
    let setting = attempt.setting;
    let wanted = setting.options.diagnose;
    let mut found = Findings::none(attempt.explorer.shape().tests());
    if wanted != Diagnosis::None && !covered.is_interrupted() {
        let budget = setting.budget_afterwards();
        attempt.explorer.limit(&budget);
        setting.announcer.go_on_within(&budget);
        let announce = |step| setting.announcer.phase(phase_of(step));
        found = seek(attempt, covered, audited, &budget, Listener(&announce))?;
        setting.announcer.found(found.findings.len());
        audited.confirm(attempt, &found.findings, &budget)?;
        let unsteady = audited.unsteady_tests(attempt);
        found.findings.retain(|finding| !unsteady.contains(&finding.test));
        if wanted == Diagnosis::Full && !audited.must_begin_again(attempt) {
            let trial_time = setting.options.diagnose_time;
            // Under names alone nothing is taken for granted where equal states are not either.
            let carries_over = covered.is_walked_to_the_end() && attempt.manner == Manner::Merging;
            let listener = Listener(&announce);
            let inquiry = DiagnosisLimits { budget: &budget, trial_time, carries_over, listener };
            diagnose::look_into(&mut attempt.explorer, &mut found.findings, inquiry)?;
        }
    }
    found.findings.extend(audited.unsteady.iter().map(Unsteady::finding));
    setting.announcer.found(found.findings.len());
    Ok(found)
}

/// Seeks the findings of every test.
fn seek(
    attempt: &mut Attempt<'_>,
    covered: &Covered,
    audited: &AuditResult,
    budget: &Budget,
    listener: Listener<'_>,
) -> Result<Findings, RunError> {
    let unsteady = audited.unsteady_tests(attempt);
    let exploration = Exploration {
        explorer: &mut attempt.explorer,
        samples: covered.performed(),
        complete: covered.is_walked_to_the_end(),
        unsteady,
        fates: covered.fates(),
        budget: budget.clone(),
        listener,
    };
    Ok(diagnose::findings(exploration)?)
}

/// The phase of a run in which a diagnosis takes this step.
fn phase_of(step: DiagnosisStep) -> Phase {
    match step {
        DiagnosisStep::Seeking { tests, of } => Phase::Searching { tests, of },
        DiagnosisStep::LookingInto { finding, of } => Phase::Diagnosing { finding, of },
        DiagnosisStep::TryingRemedy { finding, of } => Phase::TryingRemedies { finding, of },
    }
}

/// The verdict, compared with what the scenario declares.
fn verdict(
    attempt: &Attempt<'_>,
    covered: &Covered,
    audited: &AuditResult,
    found: Findings,
    searched: Duration,
) -> Result<Verdict, RunError> {
    let Attempt { setting, explorer, .. } = attempt;
    let (coverage, failing_by_test) = covered.coverage(attempt);
    let model = second_opinion(attempt, covered, audited)?;
    let tests = failing_by_test.into_iter().zip(found.alone);
    let complete = coverage.is_complete() && !audited.misled;
    let mut notes = notes(attempt, covered, audited, (found.runs, &coverage, &model));
    notes.extend(notes_on_findings(&found.findings));
    notes.extend(missing_module::notes(setting.lab.scenario(), explorer.identity(), &found.findings));
    notes.extend(setting.lab.confinement().map(|sentence| Note::Confinement(sentence.into())));
    let (scenario, timestamps) = (setting.lab.scenario().clone(), setting.lab.timestamps().clone());
    let mut verdict = Verdict::new(scenario, explorer.identity().clone(), timestamps, coverage);
    (verdict.notes, verdict.model) = (notes, model);
    verdict.tests = tests.map(|(failing, alone)| TestSummary { failing, alone }).collect();
    (verdict.states, verdict.transitions) = covered.effort(explorer);
    (verdict.audited, verdict.audit) = (audited.audit.orderings, audited.audit);
    let sampled = covered.performed().map_or(0, |sample| sample.len() as u64);
    verdict.runs = sampled + found.runs + explorer.scripts_performed() + verdict.audited;
    verdict.seconds = searched.as_secs_f64();
    verdict.diagnosis_seconds = setting.elapsed().saturating_sub(searched).as_secs_f64();
    verdict.findings = found.findings;
    compare(&mut verdict, setting, complete, found.cut_short);
    Ok(verdict)
}

/// What a reader must know of how the findings were looked into.
fn notes_on_findings(found: &[Finding]) -> Option<Note> {
    let carried = found.iter().filter(|finding| finding.alike.is_some()).count();
    (carried > 0).then_some(Note::CarriedOver(carried))
}

/// Compares the verdict with what the scenario declares, as far as the findings were diagnosed.
fn compare(verdict: &mut Verdict, setting: &Setting<'_>, complete: bool, cut_short: bool) {
    let options = setting.options;
    let causes = if options.diagnose == Diagnosis::Full { Causes::Sought } else { Causes::NotSought };
    if options.diagnose == Diagnosis::None {
        verdict.judge_undiagnosed(complete);
    } else if options.interruption.is_requested() {
        verdict.judge_undiagnosed(false);
    } else if cut_short {
        verdict.judge_cut_short(causes);
    } else {
        verdict.judge(complete, causes);
    }
}
