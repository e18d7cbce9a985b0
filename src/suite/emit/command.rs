//! A finding as a pytest command, with an order file if it is about the order of tests. Each is run before it is
//! reported.

use std::path::Path;

use super::emitter::{Emitter, ReproductionError, numbers, shell, slug, write};
use crate::kind::FindingKind;
use crate::suite::finding::{HuntFinding, Reproduction};
use crate::suite::runner::run::{HuntClock, Runner, RunnerError, TestRunOptions};
use crate::suite::runner::zygote::Zygote;

impl Emitter<'_> {
    /// Names the tests in order on pytest's command line, in place of the user's arguments.
    pub(super) fn command(
        &self,
        zygote: &mut Zygote,
        finding: &HuntFinding,
    ) -> Result<Reproduction, ReproductionError> {
        let order = numbers(zygote, finding);
        let ids: Vec<String> = order.iter().map(|&test| zygote.suite.items[test].id.clone()).collect();
        let path = self.folder.join(format!("{}.order", slug(finding)));
        write(&path, &format!("{}\n", ids.join("\n")))?;
        let file = path.to_string_lossy().into_owned();
        let options = self.options(zygote);
        let invocation = Path::new(&zygote.suite.about.root);
        let named: Vec<String> = ids.iter().map(|id| from_here(invocation, id)).collect();
        if finding.timestamps == HuntClock::Real && plain_pytest_shows(zygote, finding, &options, &named)? {
            let command = self.pytest(&options, &named);
            return Ok(Reproduction { command, files: vec![file], shows_it: true });
        }
        let arguments: Vec<String> = self.arguments.iter().map(|word| shell(word)).collect();
        let command = format!(
            "taster hunt --python {} --timestamps {} --orders given --order {} --victim {} -- {}",
            shell(&self.python.to_string_lossy()),
            finding.timestamps.name(),
            shell(&file),
            shell(&finding.victim),
            arguments.join(" ")
        );
        // That order has already run several times, to confirm the finding.
        let shows_it = finding.confirmed.after.hits > 0;
        Ok(Reproduction { command, files: vec![file], shows_it })
    }

    /// Names the polluting files and the test whose file is collected with them, in whichever order shows it; `None` if
    /// neither does.
    pub(super) fn collection_command(
        &self,
        zygote: &Zygote,
        finding: &HuntFinding,
    ) -> Result<Option<Reproduction>, ReproductionError> {
        if finding.timestamps != HuntClock::Real {
            return Ok(None);
        }
        let root = Path::new(&zygote.suite.about.root);
        let named = |ids: &[String]| -> Vec<String> { ids.iter().map(|id| from_here(root, id)).collect() };
        let (files, victim) = (named(finding.before()), named(std::slice::from_ref(&finding.victim)));
        let options = self.options(zygote);
        // pytest collects the file of a named test before named files.
        let file =
            victim.iter().filter_map(|id| id.split("::").next()).map(str::to_owned).collect::<Vec<_>>();
        if finding.state_setters.is_some() {
            // It fails with its file alone, as every process showed that collected no other.
            let command = self.pytest(&options, &victim);
            return Ok(Some(Reproduction { command, files: Vec::new(), shows_it: true }));
        }
        let orders =
            [[&files[..], &victim].concat(), [&files[..], &file].concat(), [&victim[..], &files].concat()];
        for ids in orders {
            let Some(mut plain) = started(zygote, &options, &ids)? else { continue };
            let refused = plain.suite.uncollected.iter().any(|each| each.id == finding.victim);
            let fails = match plain.suite.find(&finding.victim) {
                Some(test) => {
                    let order: Vec<usize> = (0..plain.suite.items.len()).collect();
                    let how = TestRunOptions { fresh: true, ..TestRunOptions::plain(HuntClock::Real) };
                    plain.run(&order, &how)?.fails(test)
                }
                None => false,
            };
            if refused || fails {
                let command = self.pytest(&options, &ids);
                return Ok(Some(Reproduction { command, files: Vec::new(), shows_it: true }));
            }
        }
        Ok(None)
    }

    /// The user's arguments for pytest, without those that name what to collect.
    fn options(&self, zygote: &Zygote) -> Vec<String> {
        let positional = &zygote.suite.about.positional;
        self.arguments.iter().filter(|argument| !positional.contains(argument)).cloned().collect()
    }

    fn pytest(&self, options: &[String], ids: &[String]) -> String {
        let words: Vec<String> = options.iter().chain(ids).map(|word| shell(word)).collect();
        format!("{} -m pytest {}", shell(&self.python.to_string_lossy()), words.join(" "))
    }
}

/// Runs the tests as that command would: with these arguments, in this order, in one process.
fn plain_pytest_shows(
    zygote: &Zygote,
    finding: &HuntFinding,
    options: &[String],
    ids: &[String],
) -> Result<bool, ReproductionError> {
    if zygote.shuffled {
        return Ok(false);
    }
    let Some(mut plain) = started(zygote, options, ids)? else {
        return Ok(false); // ids that pytest does not take on a command line
    };
    let collected: Vec<&str> = plain.suite.items.iter().map(|item| item.id.as_str()).collect();
    let wanted: Vec<&str> =
        finding.before().iter().map(String::as_str).chain([finding.victim.as_str()]).collect();
    if collected != wanted {
        return Ok(false);
    }
    let order: Vec<usize> = (0..wanted.len()).collect();
    let victim = wanted.len() - 1;
    // In several processes: a plugin that shuffles tests may have left them in order once, by chance.
    for _ in 0..3 {
        let run =
            plain.run(&order, &TestRunOptions { fresh: true, ..TestRunOptions::plain(HuntClock::Real) })?;
        let shows_it =
            if finding.finding == FindingKind::Brittle { run.passes(victim) } else { run.fails(victim) };
        if !shows_it || plain.shuffled {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A process that has collected as that command would, or `None` if pytest rejects the arguments.
fn started(zygote: &Zygote, options: &[String], ids: &[String]) -> Result<Option<Zygote>, ReproductionError> {
    let arguments = options.iter().chain(ids).cloned().collect();
    match zygote.with_arguments(arguments) {
        Ok(plain) => Ok(Some(plain)),
        Err(RunnerError::Process(_)) => Ok(None),
        Err(halt) => Err(halt.into()),
    }
}

/// A node id as it must be written in the current directory.
fn from_here(root: &Path, id: &str) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    match (here == root, here.strip_prefix(root)) {
        (false, Ok(inside)) => match Path::new(id).strip_prefix(inside) {
            Ok(rest) => rest.to_string_lossy().into_owned(),
            Err(_) => root.join(id).to_string_lossy().into_owned(),
        },
        (false, Err(_)) => root.join(id).to_string_lossy().into_owned(),
        (true, _) => id.to_owned(),
    }
}
