//! The two commands of a finding, for a person to paste: one with which the test passes, one with which it fails. Each is run
//! beforehand as it will be pasted.
//!
//! `words` writes them, without the `options` that get in the way. `pasted` runs plain pytest and `cases` reads its report;
//! `hunted` runs the hunt that shows what plain pytest cannot, in `ground`.

mod cases;
mod hunted;
mod options;
mod pasted;
mod trial;
mod words;

use std::path::PathBuf;

use crate::budget::Budget;
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::hunt_report::HuntReport;
use crate::suite::project_copy::ProjectCopy;
use crate::suite::reproduction::FindingCommands;
use crate::suite::runner::run::RunnerError;
use crate::suite::runner::zygote::Zygote;
use crate::suite::settings::HuntSettings;
use pasted::PasteGround;
use trial::CommandTrial;
use words::CommandWords;

/// Runs the commands of findings.
#[derive(Debug)]
pub(crate) struct CommandTrials<'a> {
    zygote: &'a Zygote,
    settings: &'a HuntSettings,
    budget: &'a Budget,
    here: PathBuf,
    /// The copy of the current directory for runs without a private view; it goes when this goes.
    copy: Option<ProjectCopy>,
}

impl<'a> CommandTrials<'a> {
    /// In the current directory. Without a private view it is copied; an error says why that cannot be.
    pub(crate) fn new(
        zygote: &'a Zygote,
        settings: &'a HuntSettings,
        budget: &'a Budget,
    ) -> Result<Self, String> {
        let here = std::env::current_dir().map_err(|error| error.to_string())?;
        let copy = if zygote.is_private() { None } else { Some(ProjectCopy::of(&here, zygote.around())?) };
        Ok(Self { zygote, settings, budget, here, copy })
    }

    /// The commands of a finding, each run; `None` for what happens by chance. `order` is a file with the finding's order.
    pub(crate) fn of(
        &self,
        finding: &HuntFinding,
        order: Option<&str>,
    ) -> Result<Option<FindingCommands>, RunnerError> {
        if finding.finding == FindingKind::Nondeterministic {
            return Ok(None);
        }
        let words = CommandWords::new(self.settings, &self.zygote.suite.about, self.here.clone());
        let copy = self.copy.as_ref().map(ProjectCopy::here);
        let ground = PasteGround::new(self.zygote.how_started(), self.here.clone(), copy);
        let trial = CommandTrial {
            words: &words,
            ground: &ground,
            settings: self.settings,
            budget: self.budget,
            finding,
            order,
        };
        trial.made().map(Some)
    }
}

/// Adds commands to the first finding of each group, those of the shortest orders first, as long as the budget allows. Returns a
/// note if none could be run.
pub(crate) fn add<'a>(
    trials: impl FnOnce() -> Result<CommandTrials<'a>, String>,
    report: &mut HuntReport,
) -> Option<String> {
    let is_first = |at: &usize| {
        let (before, from_here) = report.findings.split_at(*at);
        !before.iter().any(|earlier| earlier.shares_leak_with(&from_here[0]))
    };
    let mut open: Vec<usize> = (0..report.findings.len()).filter(is_first).collect();
    open.retain(|&at| {
        let finding = &report.findings[at];
        finding.commands.is_none() && finding.minimal && finding.holds_after_changes != Some(false)
    });
    open.sort_by_key(|&at| report.findings[at].before().len());
    if open.is_empty() {
        return None;
    }
    let trials = match trials() {
        Ok(trials) => trials,
        Err(why) => return Some(format!("taster tried no commands for pasting: {why}")),
    };
    for at in open {
        match trials.of(&report.findings[at], None) {
            Ok(commands) => report.findings[at].commands = commands,
            Err(RunnerError::Process(error)) => {
                return Some(format!("a command for pasting could not be run: {error}"));
            }
            Err(_the_hunt_ends) => break,
        }
    }
    None
}
