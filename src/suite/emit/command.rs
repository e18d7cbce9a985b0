//! A finding as a command, with an order file if it is about the order of tests. `commands` makes the command and runs it.

use super::emitter::{Emitter, ReproductionError, numbers, slug, write};
use crate::kind::FindingKind;
use crate::suite::commands::CommandTrials;
use crate::suite::finding::HuntFinding;
use crate::suite::reproduction::Reproduction;
use crate::suite::runner::zygote::Zygote;

impl Emitter<'_> {
    /// Names the tests or files on pytest's command line, in place of those in the user's arguments.
    pub(super) fn command(
        &self,
        zygote: &Zygote,
        finding: &mut HuntFinding,
    ) -> Result<Option<Reproduction>, ReproductionError> {
        let mut files = Vec::new();
        if finding.finding != FindingKind::Collection {
            let path = self.folder.join(format!("{}.order", slug(finding)));
            let ids =
                numbers(zygote, finding).into_iter().map(|test| zygote.suite.items[test].id.clone() + "\n");
            write(&path, &ids.collect::<String>())?;
            files.push(path.to_string_lossy().into_owned());
        }
        let trials = CommandTrials::new(zygote, self.settings, self.budget);
        let trials = trials.map_err(ReproductionError::Scenario)?;
        // A command without a file holds as well; one that needs the order gets the file.
        let holds =
            finding.commands.as_ref().is_some_and(|known| known.hold && !known.fails.contains("--order -"));
        if !holds {
            finding.commands = trials.of(finding, files.first().map(String::as_str))?;
        }
        let Some(commands) = &finding.commands else { return Ok(None) };
        let needs_others = finding.state_setters.is_some();
        let command = if needs_others { &commands.passes } else { &commands.fails };
        Ok(Some(Reproduction { command: command.clone(), files, shows_it: commands.hold }))
    }
}
