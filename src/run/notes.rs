//! What a reader must know beside the figures of a verdict.

use super::attempt::{Attempt, Manner};
use super::audit::AuditResult;
use super::cover::{Covered, SampledCover};
use crate::diagnose;
use crate::note::Note;
use crate::remedy::StepPlace;
use crate::verdict::{Coverage, SecondOpinion};

/// The notes, in the order in which a report tells them. `searching` is how many orderings were performed to seek findings.
pub(super) fn notes(
    attempt: &Attempt<'_>,
    covered: &Covered,
    audited: &AuditResult,
    (searching, coverage, model): (u64, &Coverage, &SecondOpinion),
) -> Vec<Note> {
    let explorer = &attempt.explorer;
    let writers = explorer.writers().into_iter();
    let mut notes: Vec<Note> =
        writers.map(|(test, step)| Note::WritesFiles(StepPlace { test, step })).collect();
    if explorer.graph().has_unmergeable() {
        notes.push(Note::IncomparableStates);
    }
    notes.extend(about_the_sample(attempt, covered, searching));
    notes.extend(about_the_audit(attempt, audited));
    if !audited.unsteady.is_empty() {
        notes.push(Note::NotFixed(audited.unsteady.iter().map(|unsteady| unsteady.place).collect()));
    }
    if let SecondOpinion::Differs(disagreement) = model {
        notes.push(Note::ModelDiffers(disagreement.clone()));
    }
    notes.extend(about_the_end(attempt, covered, coverage));
    notes
}

fn about_the_sample(attempt: &Attempt<'_>, covered: &Covered, searching: u64) -> Vec<Note> {
    let Some(sample) = covered.sample() else { return Vec::new() };
    let looking = attempt.explorer.scripts_performed();
    let mut notes = vec![match covered {
        Covered::Effects(effects) => Note::Effects(effects.effects),
        _ => Note::Sampled { orderings: sample.len(), searching, looking },
    }];
    if let Covered::Sampled(SampledCover { not_counted: Some(reason), .. }) = covered {
        notes.push(Note::NotCounted(reason.clone()));
    }
    let limit = diagnose::CLEANERS_SOUGHT_AMONG;
    if attempt.explorer.shape().tests() > limit {
        notes.push(Note::CleanersNotSought { limit });
    }
    notes
}

/// In which manner the orderings were explored, where not in the usual one, and what the audit did not reach.
fn about_the_audit(attempt: &Attempt<'_>, audited: &AuditResult) -> Vec<Note> {
    let mut notes = Vec::new();
    if attempt.manner != Manner::first(attempt.setting.options) {
        notes.push(match attempt.manner {
            Manner::Afresh => Note::ExploredAfresh,
            Manner::Merging | Manner::Unmerged => Note::ExploredUnmerged,
        });
    }
    if audited.misled {
        notes.push(Note::Unreliable);
    }
    let audit = audited.audit;
    if audit.covered < audit.merged_entries {
        notes.push(Note::AuditIncomplete {
            orderings: audit.orderings,
            covered: audit.covered,
            entries: audit.merged_entries,
        });
    }
    notes
}

fn about_the_end(attempt: &Attempt<'_>, covered: &Covered, coverage: &Coverage) -> Option<Note> {
    if covered.is_interrupted() {
        return Some(Note::Interrupted);
    }
    let (_, steps) = covered.effort(&attempt.explorer);
    covered.stopped().map(|_| Note::OutOfTime { covered: coverage.covered.clone(), steps })
}
