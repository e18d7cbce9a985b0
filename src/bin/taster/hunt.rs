//! `taster hunt`: options in, report out; the search itself is `taster::suite`.

use std::io::{IsTerminal, Write};
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use crate::args::Format;
use clap::ValueEnum;
use taster::budget::Interruption;
use taster::report;
use taster::suite::{self, HuntClock, HuntEvent, HuntReport, HuntSettings, Isolation, OrderKind};

/// Options of `taster hunt`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The interpreter that runs the suite [default: the active virtual environment's, else python3 on PATH]
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// Look only for orders in which this test changes its outcome (repeatable)
    #[arg(long, value_name = "NODEID")]
    victim: Vec<String>,
    /// Begin with the order in this file: node ids, one per line
    #[arg(long, value_name = "FILE")]
    order: Option<PathBuf>,
    /// The kinds of orders to run
    #[arg(long, value_delimiter = ',', value_name = "KINDS", default_value = "given,reverse,pairs,random")]
    orders: Vec<Kind>,
    /// Seed of the random orders
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Modification times that the import system sees [default: real, and one frozen pass]
    #[arg(long, value_name = "KIND")]
    timestamps: Option<Times>,
    /// How long to search
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    budget: Duration,
    /// How long one test may take
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    test_timeout: Duration,
    /// How many runs may be made at once [default: one for each core in a private view, else 1]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Which files runs see: a private view that taster throws away after each run, or those in place [default: private
    /// where the system allows it]
    #[arg(long, value_enum, value_name = "KIND", default_value = "auto", hide_default_value = true)]
    isolation: Files,
    /// Run each order in a process of its own instead of a fork
    #[arg(long)]
    fresh: bool,
    /// Go on with the finished runs of a hunt that was cut short
    #[arg(long)]
    resume: bool,
    /// Directory of the journal [default: taster/hunt in the user's cache directory]
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
    /// Write what reproduces each finding into this directory: a scenario, or an order file and a command
    #[arg(long, value_name = "DIR")]
    emit: Option<PathBuf>,
    /// Form of the results
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "terminal")]
    format: Format,
    /// Arguments for pytest
    #[arg(last = true, value_name = "PYTEST ARGS")]
    arguments: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Given,
    Reverse,
    Pairs,
    Random,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Files {
    Auto,
    Private,
    InPlace,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Times {
    Real,
    Frozen,
    #[value(name = "1s")]
    Seconds,
}

/// Hunts in the suite that the options name. 0: nothing found; 1: findings; 2: could not hunt; 3: nothing found
/// before the search was cut short.
pub(crate) fn hunt(options: &Options) -> ExitCode {
    match settings(options).and_then(|settings| run(&settings)) {
        Ok(report) => show(options.format, &report),
        Err(message) => {
            let _closed = writeln!(anstream::stderr(), "taster hunt: {message}");
            ExitCode::from(2)
        }
    }
}

/// Is what taster starts itself as for a hunt.
pub(crate) fn keep() -> ExitCode {
    let control = std::io::stderr().as_fd().try_clone_to_owned();
    match control.and_then(suite::keep) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _closed =
                writeln!(anstream::stderr(), "taster keep: only taster itself starts this ({error})");
            ExitCode::from(2)
        }
    }
}

fn run(settings: &HuntSettings) -> Result<HuntReport, String> {
    let line = std::io::stderr().is_terminal();
    let report =
        suite::hunt(settings, &mut |progress| watch(&progress, line)).map_err(|error| chain(&error))?;
    if line {
        let _closed = write!(anstream::stderr(), "\r\x1b[K");
    }
    Ok(report)
}

fn settings(options: &Options) -> Result<HuntSettings, String> {
    let python = match &options.python {
        // The interpreter runs in other directories too; a link into a virtual environment must stay one.
        Some(python) if python.components().count() > 1 => {
            std::path::absolute(python).map_err(|error| error.to_string())?
        }
        Some(python) => python.clone(),
        None => default_python().ok_or("no Python was found; name one with --python")?,
    };
    let journal = match &options.journal {
        Some(journal) => journal.clone(),
        None => cache_folder().ok_or("no cache directory is known; name one with --journal")?,
    };
    let keeper = std::env::current_exe().map_err(|error| format!("cannot find taster itself: {error}"))?;
    let mut settings = HuntSettings::new(python, options.arguments.clone(), journal, keeper);
    settings.isolation = options.isolation.into();
    settings.directories = private_directories();
    settings.victims.clone_from(&options.victim);
    settings.order = options.order.as_ref().map(order_file).transpose()?;
    settings.orders = options.orders.iter().copied().map(OrderKind::from).collect();
    settings.seed = options.seed;
    settings.timestamps = options.timestamps.map(HuntClock::from);
    settings.budget = options.budget;
    settings.test_timeout = options.test_timeout;
    settings.jobs = options.jobs.map(NonZeroUsize::get);
    settings.fresh = options.fresh;
    settings.resume = options.resume;
    settings.emit.clone_from(&options.emit);
    settings.interruption = Interruption::on_ctrl_c();
    Ok(settings)
}

/// What tests write to besides their checkout: the home directory and the temporary ones.
fn private_directories() -> Vec<PathBuf> {
    let home = std::env::home_dir().into_iter();
    let usual = ["/tmp", "/var/tmp"].map(PathBuf::from);
    home.chain(usual).chain([std::env::temp_dir()]).collect()
}

fn order_file(path: &PathBuf) -> Result<Vec<String>, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

fn show(format: Format, report: &HuntReport) -> ExitCode {
    let written = match format {
        Format::Terminal => report::hunt::terminal::write(report, &mut anstream::stdout()),
        Format::Json => report::hunt::json::write(report, &mut std::io::stdout()),
    };
    if written.is_err() {
        return ExitCode::SUCCESS; // a reader that has seen enough
    }
    match (report.findings.is_empty(), &report.halted) {
        (false, _) => ExitCode::from(1),
        (true, Some(_)) => ExitCode::from(3),
        (true, None) => ExitCode::SUCCESS,
    }
}

fn watch(progress: &HuntEvent<'_>, line: bool) {
    let text = match progress {
        HuntEvent::Collected(tests, seconds) => format!("collected {tests} tests in {seconds:.1} s"),
        HuntEvent::Order(kind, times, tests) => {
            format!("order: {}, {} tests, {} times", kind.name(), tests, times.name())
        }
        HuntEvent::Suspicion(test) => format!("looking into {test}"),
        HuntEvent::Found(finding) => format!("found: {}", finding.victim),
        HuntEvent::Note(note) => format!("note: {note}"),
        _ => return,
    };
    let mut stderr = anstream::stderr();
    let _closed = if line {
        write!(stderr, "\r\x1b[K{text}").and_then(|()| stderr.flush())
    } else {
        writeln!(stderr, "{text}")
    };
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

fn default_python() -> Option<PathBuf> {
    let active = std::env::var_os("VIRTUAL_ENV").map(|folder| PathBuf::from(folder).join("bin/python"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = ["python3", "python"].into_iter().flat_map(|name| {
        std::env::split_paths(&path).map(move |folder| folder.join(name)).collect::<Vec<_>>()
    });
    active.into_iter().chain(on_path).find(|python| python.is_file())
}

fn cache_folder() -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("taster/hunt"))
}

fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().map_err(|_| format!("{text:?} is no duration; try 90s or 10m"))?;
    let seconds = match unit {
        "ms" => number / 1000.0,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(format!("{unit:?} is no unit of time; use ms, s, m or h")),
    };
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

impl From<Kind> for OrderKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Given => Self::Given,
            Kind::Reverse => Self::Reverse,
            Kind::Pairs => Self::Pairs,
            Kind::Random => Self::Random,
        }
    }
}

impl From<Files> for Isolation {
    fn from(files: Files) -> Self {
        match files {
            Files::Auto => Self::Auto,
            Files::Private => Self::Private,
            Files::InPlace => Self::InPlace,
        }
    }
}

impl From<Times> for HuntClock {
    fn from(times: Times) -> Self {
        match times {
            Times::Real => Self::Real,
            Times::Frozen => Self::Frozen,
            Times::Seconds => Self::Seconds,
        }
    }
}
