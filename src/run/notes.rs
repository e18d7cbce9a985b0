//! What a reader must know beside the figures of a verdict.

use super::cover::{Manner, Run};
use crate::diagnose;
use crate::note::Note;
use crate::remedy::StepPlace;
use crate::verdict::{Coverage, SecondOpinion};

impl Run<'_> {
    /// The notes, in the order in which a report tells them.
    pub(super) fn notes(&self, searching: u64, coverage: &Coverage, model: &SecondOpinion) -> Vec<Note> {
        let writers = self.explorer.writers().into_iter();
        let mut notes: Vec<Note> =
            writers.map(|(test, step)| Note::WritesFiles(StepPlace { test, step })).collect();
        if self.explorer.graph().has_unmergeable() {
            notes.push(Note::IncomparableStates);
        }
        notes.extend(self.about_the_sample(searching));
        notes.extend(self.about_the_audit());
        if !self.unsteady.is_empty() {
            notes.push(Note::NotFixed(self.unsteady.iter().map(|unsteady| unsteady.place).collect()));
        }
        if let SecondOpinion::Differs(disagreement) = model {
            notes.push(Note::ModelDiffers(disagreement.clone()));
        }
        notes.extend(self.about_the_end(coverage));
        notes
    }

    fn about_the_sample(&self, searching: u64) -> Vec<Note> {
        let Some(samples) = &self.samples else { return Vec::new() };
        let looking = self.explorer.scripts_performed();
        let mut notes = vec![Note::Sampled { orderings: samples.len(), searching, looking }];
        let limit = diagnose::CLEANERS_SOUGHT_AMONG;
        if self.setting.lab.scenario().tests.len() > limit {
            notes.push(Note::CleanersNotSought { limit });
        }
        notes
    }

    /// In which manner the orderings were explored, where not in the usual one, and what the audit did not reach.
    fn about_the_audit(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let asked = if self.setting.options.merge { Manner::Merging } else { Manner::Unmerged };
        if self.manner != asked {
            notes.push(match self.manner {
                Manner::Afresh => Note::ExploredAfresh,
                Manner::Merging | Manner::Unmerged => Note::ExploredUnmerged,
            });
        }
        if self.misled {
            notes.push(Note::Unreliable);
        }
        if self.audit.covered < self.audit.merged_entries {
            notes.push(Note::AuditIncomplete {
                orderings: self.audit.orderings,
                covered: self.audit.covered,
                entries: self.audit.merged_entries,
            });
        }
        notes
    }

    fn about_the_end(&self, coverage: &Coverage) -> Option<Note> {
        if self.interrupted {
            return Some(Note::Interrupted);
        }
        let (_, steps) = self.effort();
        self.cut_short.then(|| Note::OutOfTime { covered: coverage.covered.clone(), steps })
    }
}
