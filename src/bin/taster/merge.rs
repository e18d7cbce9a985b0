//! `taster merge`: what shards wrote, in one report, with the exit status of one machine.

use std::io;
use std::path::PathBuf;

use taster::merge::{self, Merged, MergedHunt, MergedPackage, MergedRun, ToldOfRun};
use taster::report::{self, Account, AccountOfRun, Report as _, Spellings};

use crate::format::{Format, print};
use crate::report_options::{self, ReportOptions};
use crate::run_report::{self, HowMuch};
use crate::status::{CommandError, Status};
use crate::{hunt, package};

/// Options of `taster merge`.
#[derive(Debug, clap::Args)]
pub(crate) struct MergeOptions {
    /// Files that shards have written, with --shard K/N --format json
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value = "terminal")]
    format: Format,
    #[command(flatten)]
    how_much: HowMuch,
    #[command(flatten)]
    reports: ReportOptions,
}

/// Joins the files that the options name.
pub(crate) fn merge(options: &MergeOptions) -> Result<Status, CommandError> {
    options.reports.check(options.format)?;
    let files = options.files.iter().map(|file| {
        let text = std::fs::read_to_string(file);
        let name = file.display().to_string();
        text.map(|text| (name.clone(), text))
            .map_err(|why| CommandError::CouldNot(format!("cannot read {name}: {why}")))
    });
    match merge::merge(&files.collect::<Result<Vec<_>, _>>()?).map_err(CommandError::because)? {
        Merged::Run(merged) => options.run(merged),
        Merged::Hunt(merged) => options.hunt(*merged),
        Merged::Package(merged) => options.package(&merged),
        _ => Err(CommandError::CouldNot("a command whose shards cannot be joined".to_owned())),
    }
}

impl MergeOptions {
    fn run(&self, merged: MergedRun) -> Result<Status, CommandError> {
        let MergedRun { told, shards, missing, files } = merged;
        let spellings = Spellings::of_identities(told.iter().filter_map(|told| match told {
            ToldOfRun::Verdict(verdict) => Some(&verdict.interpreter),
            ToldOfRun::NotRun(not_run) => not_run.interpreter.as_ref(),
        }));
        let out = io::BufWriter::new(anstream::stdout());
        let mut report =
            run_report::report(out, self.format, self.how_much.verbosity(files), spellings.clone());
        let mut account = AccountOfRun::new(spellings);
        let mut worst = None;
        for told in told {
            worst = worst.max(match &told {
                ToldOfRun::Verdict(verdict) => Some(Status::of(verdict)),
                ToldOfRun::NotRun(not_run) => Status::of_not_run(not_run.kind),
            });
            match told {
                ToldOfRun::Verdict(verdict) => {
                    account.verdict((*verdict).clone())?;
                    report.verdict(*verdict)?;
                }
                ToldOfRun::NotRun(not_run) => {
                    account.not_run(not_run.clone())?;
                    report.not_run(not_run)?;
                }
            }
        }
        report.finish()?;
        print(&match self.format {
            Format::Terminal => report::missing(shards, &missing),
            Format::Json => report::missing_json(shards, &missing),
        })?;
        self.reports.write(&account.account())?;
        Ok(worst.unwrap_or(Status::CouldNotJudge))
    }

    fn package(&self, merged: &MergedPackage) -> Result<Status, CommandError> {
        let MergedPackage { reports, shards, missing } = merged;
        if reports.is_empty() {
            return Err(CommandError::CouldNot("no shard of this survey came to its end".to_owned()));
        }
        for surveyed in reports {
            print(&match self.format {
                Format::Terminal => report::surveyed(surveyed),
                Format::Json => report::surveyed_json(surveyed),
            })?;
        }
        print(&match self.format {
            Format::Terminal => report::missing(*shards, missing),
            Format::Json => report::missing_json(*shards, missing),
        })?;
        let here = std::env::current_dir().unwrap_or_default();
        self.reports.write(&Account::of_package(reports, report_options::top(&here)))?;
        Ok(reports.iter().map(package::status).max().unwrap_or(Status::CouldNotJudge))
    }

    fn hunt(&self, merged: MergedHunt) -> Result<Status, CommandError> {
        let MergedHunt { report, shards, missing } = merged;
        let Some(report) = report else {
            return Err(CommandError::CouldNot("no shard of this hunt came to its end".to_owned()));
        };
        print(&match self.format {
            Format::Terminal => self.how_much.telling().end(&report) + &report::missing(shards, &missing),
            Format::Json => report::hunted_json(&report) + &report::missing_json(shards, &missing),
        })?;
        let here = std::env::current_dir().unwrap_or_default();
        self.reports.write(&Account::of_hunt(&report, report_options::top(&here)))?;
        Ok(hunt::status(&report))
    }
}
