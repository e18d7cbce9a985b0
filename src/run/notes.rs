//! What a reader must know beside the figures of a verdict.

use num_bigint::BigUint;

use super::cover::{Manner, Run};
use crate::diagnose;
use crate::explore::Disagreement;
use crate::remedy::StepPlace;
use crate::verdict::{Coverage, SecondOpinion};

impl Run<'_> {
    /// The notes, each a sentence.
    pub(super) fn notes(&self, runs: u64, coverage: &Coverage, model: &SecondOpinion) -> Vec<String> {
        let mut notes = self.writers();
        if self.explorer.graph().has_unmergeable() {
            notes
                .push("some states hold what cannot be compared faithfully: they were not merged".to_owned());
        }
        notes.extend(self.about_the_sample(runs));
        notes.extend(self.about_the_audit());
        notes.extend(self.about_chance());
        if let SecondOpinion::Differs(Disagreement { steps, first, second, .. }) = model {
            let names = &self.setting.lab.scenario().tests;
            let steps: Vec<&str> = steps.iter().map(|&test| names[test].name.as_str()).collect();
            let steps = steps.join(", ");
            notes.push(format!(
                "a defect of taster: after the steps {steps} the model says `{second}` where the interpreter says `{first}`"
            ));
        }
        notes.extend(self.about_the_end(coverage));
        notes
    }

    /// Steps whose own code wrote files.
    fn writers(&self) -> Vec<String> {
        let told = |(test, number): (usize, usize)| {
            let name = &self.setting.lab.scenario().tests[test].name;
            format!(
                "step {number} of `{name}` writes files itself: time stands still within a step, so what it imports \
                 of them is judged as on the coarsest clock"
            )
        };
        self.explorer.writers().into_iter().map(told).collect()
    }

    fn about_the_sample(&self, runs: u64) -> Vec<String> {
        let Some(samples) = &self.samples else { return Vec::new() };
        let rehearsals = self.explorer.scripts_performed();
        let mut notes = vec![format!(
            "{} orderings were performed, {runs} more to see what each test does alone and who interferes, and \
             {rehearsals} to look into findings",
            samples.len()
        )];
        if self.setting.lab.scenario().tests.len() > diagnose::CLEANERS_SOUGHT_AMONG {
            notes.push("cleaners were not sought among so many tests".to_owned());
        }
        notes
    }

    /// In which manner the orderings were explored, where not in the usual one, and what the audit did not reach.
    fn about_the_audit(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let asked = if self.setting.options.merge { Manner::Merging } else { Manner::Unmerged };
        if self.manner != asked {
            notes.push(match self.manner {
                Manner::Afresh => {
                    "orderings came out differently on interpreters of their own, even unmerged: every one was \
                     performed on an interpreter of its own"
                        .to_owned()
                }
                _ => "orderings came out differently when the audit performed them again: states that are not one were \
                      merged, and all was explored once more without merging"
                    .to_owned(),
            });
        }
        if self.misled {
            notes.push(
                "orderings came out differently when they were performed again, and there was no time to explore all of \
                 them in another manner: these figures are not to be relied on"
                    .to_owned(),
            );
        }
        if self.audit.covered < self.audit.merged_entries {
            notes.push(format!(
                "the audit performed {} orderings again and took {} of {} ways into merged states; a larger --audit \
                 takes more",
                self.audit.orderings, self.audit.covered, self.audit.merged_entries
            ));
        }
        notes
    }

    /// Steps whose outcome is not fixed.
    fn about_chance(&self) -> Option<String> {
        let tests = &self.setting.lab.scenario().tests;
        let named = |place: StepPlace| format!("step {} of `{}`", place.step, tests[place.test].name);
        let steps: Vec<String> = self.unsteady.iter().map(|unsteady| named(unsteady.place)).collect();
        let first = steps.first()?;
        let steps =
            if steps.len() > 4 { format!("{first} and {} more", steps.len() - 1) } else { steps.join(", ") };
        Some(format!(
            "what is not fixed ({steps}) counts as it came out while the orderings were explored, and no other test is \
             blamed for it"
        ))
    }

    fn about_the_end(&self, coverage: &Coverage) -> Vec<String> {
        let mut notes = Vec::new();
        if self.interrupted {
            notes.push("interrupted: what follows is what was found until then".to_owned());
        } else if self.cut_short {
            let covered = &coverage.covered;
            if *covered == BigUint::ZERO {
                let (_, steps) = self.effort();
                notes.push(format!(
                    "the time (--max-time) was over before one ordering was performed to the end: {steps} steps were performed"
                ));
                return notes;
            }
            let were = if *covered == 1_u32.into() { "ordering was" } else { "orderings were" };
            notes.push(format!(
                "the time (--max-time) was over before the search was: {covered} {were} performed to the end"
            ));
        }
        notes
    }
}
