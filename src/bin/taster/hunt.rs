//! `taster hunt`: options in, report out; the search itself is `taster::suite`.

use std::num::NonZeroUsize;
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use taster::budget::Interruption;
use taster::report::{self, Account, HuntTelling};
use taster::suite::{
    self, Baseline, HuntClock, HuntError, HuntEvent, HuntFinding, HuntReport, HuntSettings, Isolation,
    OrderKind, ProcessError, RunnerError,
};

use crate::baseline_options::{self, BaselineOptions};
use crate::format::{Format, print};
use crate::hunt_places::{cache_folder, private_directories};
use crate::hunt_python::ChosenPython;
use crate::patch_options::PatchOptions;
use crate::progress::{Progress, ToldOfHunt};
use crate::report_options::{self, ReportOptions};
use crate::shard_option::ShardOptions;
use crate::status::{CommandError, Status};
use crate::{jobs, time, verify};

/// Options of `taster hunt`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(crate) struct HuntOptions {
    /// The interpreter that runs the suite: a path, a name on PATH, or a version (3.11) [default: that of the active
    /// virtual environment, else of the one that taster is installed in, else python3 on PATH]
    #[arg(long, value_name = "WHICH")]
    python: Option<PathBuf>,
    /// Look only for orders in which this test changes its outcome; repeatable
    #[arg(long, value_name = "NODEID", conflicts_with = "shard")]
    victim: Vec<String>,
    /// Begin with the order in this file (-: standard input): node ids, one per line
    #[arg(long, value_name = "FILE")]
    order: Option<PathBuf>,
    /// Kinds of orders to run
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "KINDS",
        default_value = "given,state,reverse,pairs,random"
    )]
    orders: Vec<OrderOption>,
    /// Seed of the random orders
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    shard: ShardOptions,
    /// Modification times that the import system sees [default: real ones, then one pass with frozen ones]
    #[arg(long, value_name = "KIND")]
    timestamps: Option<ClockOption>,
    /// Time limit for the search (90s, 10m)
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = time::real)]
    budget: Duration,
    /// Time limit for one test
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = time::real)]
    test_timeout: Duration,
    /// Number of runs at the same time [default: one per core in a private view, else 1]
    #[arg(long, value_name = "N", value_parser = jobs::number)]
    jobs: Option<NonZeroUsize>,
    /// Where tests run: in a private view of the files, which taster throws away after each run, or in place [default:
    /// private if the system allows it]
    #[arg(long, value_enum, value_name = "KIND", default_value = "auto", hide_default_value = true)]
    isolation: IsolationOption,
    /// Run each order in a new process instead of a fork
    #[arg(long)]
    fresh: bool,
    /// Continue from the finished runs of a hunt that was cut short
    #[arg(long)]
    resume: bool,
    /// Directory of the journal [default: taster/hunt in the user's cache directory]
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
    /// Write files that reproduce each finding into this directory: a scenario, or an order file and a command
    #[arg(long, value_name = "DIR")]
    emit: Option<PathBuf>,
    /// Do not try the commands that show a finding in plain pytest
    #[arg(long)]
    no_commands: bool,
    #[command(flatten)]
    patches: PatchOptions,
    #[command(flatten)]
    reports: ReportOptions,
    #[command(flatten)]
    known: BaselineOptions,
    /// Tell each order that runs
    #[arg(short, long)]
    verbose: bool,
    /// Show a line for each leak, and nothing else
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "terminal")]
    format: Format,
    /// Arguments for pytest. Paths, and options that taster does not have, need no `--` before them
    #[arg(last = true, value_name = "PYTEST ARGS")]
    arguments: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OrderOption {
    Given,
    State,
    Reverse,
    Pairs,
    Random,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum IsolationOption {
    Auto,
    Private,
    InPlace,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ClockOption {
    Real,
    Frozen,
    #[value(name = "1s")]
    Seconds,
}

/// Hunts in the suite that the options name.
pub(crate) fn hunt(options: &HuntOptions) -> Result<Status, CommandError> {
    let python = ChosenPython::choose(options.python.as_ref())?;
    let settings = options.settings(&python)?;
    let baseline = options.known.read()?;
    if let Some(baseline) = baseline.as_ref().filter(|_| options.known.only_verifies()) {
        return verify::verify(&settings, baseline, options.format, (&python, could_not_begin));
    }
    options.reports.check(options.format)?;
    for folder in [&options.emit, &options.patches.fix].into_iter().flatten() {
        report_options::make_folder(folder)?;
    }
    let is_known = |finding: &HuntFinding| baseline.as_ref().is_some_and(|baseline| baseline.knows(finding));
    let told = ToldOfHunt { orders: options.verbose, findings: options.format == Format::Json };
    let progress = Progress::of_hunt(told, &python);
    let mut telling = if options.quiet { HuntTelling::quiet() } else { HuntTelling::default() };
    let mut written = Ok(());
    let report = suite::hunt(&settings, &mut |event| {
        progress.hunt(&event);
        if let (HuntEvent::Found { finding, .. }, Format::Terminal, Ok(())) =
            (&event, options.format, &written)
            && !is_known(finding)
        {
            written = progress.aside(|| print(&telling.found(finding)));
            if written.is_err() {
                // Nobody reads on.
                settings.interruption.request();
            }
        }
    });
    progress.finish();
    written?;
    let report = report.map_err(|error| could_not_begin(&error, &python))?;
    options.conclude(&report, baseline.as_ref(), telling)
}

fn could_not_begin(error: &HuntError, python: &ChosenPython) -> CommandError {
    match error {
        HuntError::Runner(RunnerError::Process(ProcessError::NoPytest(why))) => python.has_no_pytest(why),
        HuntError::Runner(RunnerError::Process(ProcessError::OldPytest(version))) => {
            python.has_old_pytest(version)
        }
        other => CommandError::with_sources(other),
    }
}

pub(crate) fn status(report: &HuntReport) -> Status {
    match (report.findings.is_empty(), &report.halted) {
        (false, _) => Status::Differs,
        (true, Some(_)) => Status::Incomplete,
        // Something failed, and nobody knows why.
        (true, None) if !report.seen_failing.is_empty() || !report.unconfirmed.is_empty() => {
            Status::Incomplete
        }
        (true, None) => Status::AsDeclared,
    }
}

/// What taster starts itself as for a hunt.
pub(crate) fn keep() -> Result<Status, CommandError> {
    let control = std::io::stderr().as_fd().try_clone_to_owned();
    match control.and_then(suite::keep) {
        Ok(()) => Ok(Status::AsDeclared),
        Err(error) => {
            Err(CommandError::CouldNot(format!("only taster itself starts `taster keep` ({error})")))
        }
    }
}

impl HuntOptions {
    /// Writes what came out, to people or programs and into the files that are wanted.
    fn conclude(
        &self,
        report: &HuntReport,
        baseline: Option<&Baseline>,
        telling: HuntTelling,
    ) -> Result<Status, CommandError> {
        let compared = baseline.map(|baseline| baseline.compare(report));
        let news = compared.as_ref().map_or(report, |compared| &compared.news);
        print(&match self.format {
            Format::Terminal => {
                telling.end(news) + &compared.as_ref().map(report::compared).unwrap_or_default()
            }
            Format::Json => {
                report::hunted_json(report)
                    + &compared.as_ref().map(report::compared_json).unwrap_or_default()
            }
        })?;
        if let Some(shard) = &report.shard {
            ShardOptions::tell(shard.shard, &shard.whole, self.format);
        }
        let here = std::env::current_dir().unwrap_or_default();
        self.reports.write(&Account::of_hunt(news, report_options::top(&here)))?;
        self.emit.as_ref().map_or(Ok(()), |folder| baseline_options::keep_in(folder, report))?;
        let updated = baseline.map(|baseline| self.known.update(baseline, report)).transpose()?;
        // What was written into the baseline is known from now on.
        Ok(if updated == Some(true) && !news.findings.is_empty() { Status::AsDeclared } else { status(news) })
    }

    fn settings(&self, python: &ChosenPython) -> Result<HuntSettings, CommandError> {
        let no_cache =
            || CommandError::CouldNot("no cache directory is known; name one with --journal".into());
        let journal = self.journal.clone().or_else(cache_folder).ok_or_else(no_cache)?;
        let keeper = std::env::current_exe()
            .map_err(|error| CommandError::CouldNot(format!("cannot find taster itself: {error}")))?;
        let mut settings = HuntSettings::new(python.path.clone(), self.arguments.clone(), journal, keeper);
        settings.isolation = self.isolation.into();
        settings.directories = private_directories();
        settings.victims.clone_from(&self.victim);
        settings.order = self.order.as_deref().map(order_file).transpose()?;
        settings.orders = self.orders.iter().copied().map(OrderKind::from).collect();
        settings.seed = self.seed;
        settings.shard = self.shard.shard()?;
        settings.timestamps = self.timestamps.map(HuntClock::from);
        settings.budget = self.budget;
        settings.test_timeout = self.test_timeout;
        settings.jobs = self.jobs.map(NonZeroUsize::get);
        settings.fresh = self.fresh;
        settings.resume = self.resume;
        settings.emit.clone_from(&self.emit);
        settings.commands = !self.no_commands;
        settings.fix.clone_from(&self.patches.fix);
        settings.apply = self.patches.apply;
        settings.interruption = Interruption::on_ctrl_c();
        Ok(settings)
    }
}

fn order_file(path: &Path) -> Result<Vec<String>, CommandError> {
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(path)
    };
    let text =
        text.map_err(|error| CommandError::CouldNot(format!("cannot read {}: {error}", path.display())))?;
    Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

impl From<OrderOption> for OrderKind {
    fn from(kind: OrderOption) -> Self {
        match kind {
            OrderOption::Given => Self::Given,
            OrderOption::State => Self::State,
            OrderOption::Reverse => Self::Reverse,
            OrderOption::Pairs => Self::Pairs,
            OrderOption::Random => Self::Random,
        }
    }
}

impl From<IsolationOption> for Isolation {
    fn from(files: IsolationOption) -> Self {
        match files {
            IsolationOption::Auto => Self::Auto,
            IsolationOption::Private => Self::Private,
            IsolationOption::InPlace => Self::InPlace,
        }
    }
}

impl From<ClockOption> for HuntClock {
    fn from(times: ClockOption) -> Self {
        match times {
            ClockOption::Real => Self::Real,
            ClockOption::Frozen => Self::Frozen,
            ClockOption::Seconds => Self::Seconds,
        }
    }
}
