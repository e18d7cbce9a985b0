//! `taster sweep`: how a poisoning depends on a sleep and on the granularity of timestamps.

use std::path::{Path, PathBuf};
use std::{fs, io};

use taster::report::{self, Account};
use taster::run::Diagnosis;

use crate::finding_option::SourceOptions;
use crate::format::{Format, print};
use crate::report_options::{self, ReportOptions};
use crate::status::{CommandError, Status, complain};
use crate::step_time::{self, StepTime};

/// Options of `taster sweep`.
#[derive(Debug, clap::Args)]
pub(crate) struct SweepOptions {
    #[command(flatten)]
    source: SourceOptions,
    /// The test that fails
    #[arg(long, value_name = "NAME")]
    victim: String,
    /// The test that makes it fail [default: the first that does]
    #[arg(long, value_name = "NAME")]
    polluter: Option<String>,
    /// How long each step takes: a duration, or `measured` for what each takes on this interpreter and machine [default: as
    /// in the scenario]
    #[arg(long, value_name = "TIME")]
    step_time: Option<StepTime>,
    /// Steps take what they took in an earlier sweep, whose `--format json` this file holds: that of another machine
    #[arg(long, value_name = "FILE", conflicts_with = "step_time")]
    step_times: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value = "terminal")]
    format: Format,
    /// Write a plot to this file, as SVG
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    reports: ReportOptions,
}

/// Sweeps the witness of the finding that the options name.
pub(crate) fn sweep(options: &SweepOptions) -> Result<Status, CommandError> {
    options.reports.check(options.format)?;
    if let Some(file) = &options.svg {
        report_options::make_file(file).map_err(|error| cannot(file, &error))?;
    }
    let mut judged = options.source.judge(Diagnosis::Findings)?;
    if let Some(time) = options.step_time {
        time.give_to(&mut judged.scenario);
    }
    let (verdict, finding) = judged.of_victim(&options.victim, options.polluter.as_deref())?;
    let installation = judged.installation(verdict)?;
    let times = match &options.step_times {
        Some(file) => Some(step_time::kept(file, &judged.scenario)?),
        None if judged.scenario.measures_steps => Some(
            taster::emit::step_times(&judged.scenario, installation, &verdict.timestamps, finding)
                .map_err(CommandError::because)?,
        ),
        None => None,
    };
    let swept = taster::sweep::sweep(&judged.scenario, installation, &verdict.timestamps, finding, times)
        .map_err(CommandError::because)?;
    let text = match options.format {
        Format::Terminal => report::swept(&judged.scenario, finding, &swept),
        Format::Json => report::swept_json(&judged.scenario, finding, &swept),
    };
    if let Some(file) = &options.svg {
        let picture = report::plot(&judged.scenario, finding, &swept).map_err(CommandError::because)?;
        fs::write(file, picture).map_err(|error| cannot(file, &error))?;
        complain(format!("the plot is in {}", file.display()));
    }
    print(&text)?;
    if !options.reports.is_empty() {
        let account = Account::of_sweep(&judged.scenario, finding, &swept).map_err(CommandError::because)?;
        options.reports.write(&account)?;
    }
    Ok(Status::AsDeclared)
}

fn cannot(file: &Path, error: &io::Error) -> CommandError {
    CommandError::CouldNot(format!("cannot write {}: {error}", file.display()))
}
