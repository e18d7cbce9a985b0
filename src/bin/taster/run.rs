//! `taster run`: every scenario on every interpreter under every clock, one after the other; verdicts to the report, the
//! worst of them into the exit status.

use std::io::{self, Write as _};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::ValueEnum;
use taster::bless;
use taster::budget::Interruption;
use taster::interpreter::{Installation, NoOutcome};
use taster::report::{self, Json, NotRun, NotRunKind, Report, Spellings, Terminal, Verbosity};
use taster::run::{Diagnosis, RunError};
use taster::scenario::edit::Observation;
use taster::scenario::{self, ReadError, Scenario, Timestamps};
use taster::verdict::Verdict;

use crate::format::{Format, print};
use crate::progress::Progress;
use crate::status::{Status, Stop, complain};
use crate::{choice, files, time};

/// Options of `taster run`.
#[derive(Debug, clap::Args)]
pub(crate) struct RunOptions {
    /// Scenario files, and directories of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    choice: choice::Interpreters,
    /// Timestamps instead of the scenario's: a duration or a preset (ext3, ntfs, ...); repeatable
    #[arg(long, value_name = "TICK")]
    timestamps: Vec<Timestamps>,
    /// Only these tests, and what they must come after
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    test: Vec<String>,
    #[command(flatten)]
    search: Search,
    /// Output format
    #[arg(long, value_enum, default_value = "terminal")]
    format: Format,
    /// Show every finding in full
    #[arg(long, short)]
    verbose: bool,
    /// Rewrite the declared findings in the files to what is found, and print the difference
    #[arg(long, conflicts_with_all = ["test", "timestamps", "diagnose"])]
    bless: bool,
}

/// How the search proceeds.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Search")]
struct Search {
    /// Workers [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Sample instead of exploring beyond N states
    #[arg(long, value_name = "N")]
    max_states: Option<u64>,
    /// Time for one search (30s, 5m); past it the verdict is on what was covered, and incomplete
    #[arg(long, value_name = "TIME", value_parser = time::real)]
    max_time: Option<Duration>,
    /// Seed for sampling and the audit
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Orderings to perform again from a fresh interpreter and compare [default: as many as enter every merged state
    /// otherwise than before, within some thousand steps]
    #[arg(long, value_name = "N")]
    audit: Option<usize>,
    /// Explore equal states again instead of once
    #[arg(long)]
    no_merge: bool,
    /// How far findings are looked into
    #[arg(long, value_enum, value_name = "DEPTH")]
    diagnose: Option<Diagnose>,
    /// Time for trying the recommended remedy on the whole scenario, and at most for looking into findings once --max-time is
    /// over
    #[arg(long, value_name = "TIME", value_parser = time::real)]
    diagnose_time: Option<Duration>,
}

/// How far findings are looked into.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Diagnose {
    /// Orderings are counted, nothing more
    None,
    /// Findings with their orderings and steps
    Findings,
    /// Causes, remedies and probabilities too
    Full,
}

impl From<Diagnose> for Diagnosis {
    fn from(depth: Diagnose) -> Self {
        match depth {
            Diagnose::None => Self::None,
            Diagnose::Findings => Self::Findings,
            Diagnose::Full => Self::Full,
        }
    }
}

impl Search {
    fn options(&self, interruption: Interruption) -> taster::run::RunOptions {
        let mut options = taster::run::RunOptions::default();
        options.jobs = self.jobs.map_or(options.jobs, NonZero::get);
        options.max_states = self.max_states.unwrap_or(options.max_states);
        options.max_time = self.max_time.unwrap_or(options.max_time);
        options.seed = self.seed.unwrap_or(options.seed);
        options.audit = self.audit.unwrap_or(options.audit);
        options.merge = !self.no_merge;
        options.diagnose = self.diagnose.map_or(options.diagnose, Diagnosis::from);
        options.diagnose_time = self.diagnose_time.unwrap_or(options.diagnose_time);
        options.interruption = interruption;
        options
    }
}

/// Judges every scenario that the options name.
pub(crate) fn run(options: &RunOptions) -> Result<Status, Stop> {
    let files = files::named(&options.paths)?;
    let installations = options.choice.installations()?;
    let interruption = Interruption::on_ctrl_c();
    let scenarios: Vec<_> = files.iter().map(|file| (file, options.scenario(file))).collect();
    let runs = scenarios.iter().flat_map(|(_, read)| read).map(|scenario| scenario.timestamps.len());
    let mut session = Session {
        options: options.search.options(interruption),
        progress: Progress::over(runs.sum::<usize>() * installations.len()),
        report: options.report(&installations, files.len()),
        worst: None,
        observations: options.bless.then(Vec::new),
    };
    for (file, read) in &scenarios {
        match read {
            Ok(scenario) => session.judge_everywhere(scenario, &installations)?,
            Err(rejected) => session.reject(file, rejected)?,
        }
    }
    session.progress.finish();
    session.report.finish()?;
    for (file, observations) in session.observations.take().unwrap_or_default() {
        session.bless(&file, &observations, options.format)?;
    }
    Ok(session.status())
}

impl RunOptions {
    /// The scenario in `file`, with the tests and timestamps that are wanted.
    fn scenario(&self, file: &Path) -> Result<Scenario, Rejected> {
        let mut scenario = scenario::read(file)?;
        if !self.test.is_empty() {
            scenario = restricted(&scenario, &self.test)?;
        }
        if !self.timestamps.is_empty() {
            scenario.timestamps.clone_from(&self.timestamps);
        }
        Ok(scenario)
    }

    fn report(&self, installations: &[Installation], files: usize) -> Box<dyn Report> {
        let out = io::BufWriter::new(anstream::stdout());
        let verbosity = match files {
            _ if self.verbose => Verbosity::Everything,
            1 => Verbosity::Shapes,
            _ => Verbosity::Undeclared,
        };
        match self.format {
            Format::Terminal => Box::new(Terminal::new(out, verbosity, Spellings::of(installations))),
            Format::Json => Box::new(Json::new(out)),
        }
    }
}

/// Why a scenario cannot be run as the options want it.
enum Rejected {
    Unreadable(ReadError),
    NoSuchTest(String),
}

impl From<ReadError> for Rejected {
    fn from(unreadable: ReadError) -> Self {
        Self::Unreadable(unreadable)
    }
}

fn restricted(scenario: &Scenario, names: &[String]) -> Result<Scenario, Rejected> {
    let place = |name: &String| scenario.test_named(name).ok_or_else(|| Rejected::NoSuchTest(name.clone()));
    let tests = names.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    Ok(scenario.restricted(&tests))
}

/// A run under way.
struct Session {
    options: taster::run::RunOptions,
    progress: Progress,
    report: Box<dyn Report>,
    worst: Option<Status>,
    /// What is to be declared, by file, where declarations are rewritten.
    observations: Option<Vec<(PathBuf, Vec<Observation>)>>,
}

impl Session {
    /// Rewrites what a file declares and shows the difference: on stdout, or beside machine output on stderr.
    fn bless(&mut self, file: &Path, observations: &[Observation], format: Format) -> io::Result<()> {
        match bless::bless(file, observations) {
            Ok(None) => Ok(()),
            Ok(Some(blessed)) => {
                let diff = report::diff(&blessed);
                match format {
                    Format::Terminal => print(&diff),
                    Format::Json => anstream::stderr().write_all(diff.as_bytes()),
                }
            }
            Err(problem) => {
                complain(problem);
                self.told(Status::CouldNotJudge);
                Ok(())
            }
        }
    }

    /// What a verdict means for the exit status. What is going to be declared does not differ.
    fn judged(&mut self, verdict: &Verdict) {
        let status = Status::of(verdict);
        let Some(observations) = &mut self.observations else { return self.told(status) };
        let (file, observation) = (&verdict.scenario.path, bless::observation(verdict));
        match observations.iter_mut().find(|(known, _)| known == file) {
            Some((_, known)) => known.push(observation),
            None => observations.push((file.clone(), vec![observation])),
        }
        let declared = status == Status::Differs && verdict.can_be_declared();
        self.told(if declared { Status::AsDeclared } else { status });
    }

    /// A file that is no scenario: said on stderr in full, in the report in a line.
    fn reject(&mut self, file: &Path, rejected: &Rejected) -> io::Result<()> {
        let reason = match rejected {
            Rejected::Unreadable(unreadable) => {
                self.progress.aside(|| files::complain_of(unreadable));
                files::in_short(unreadable)
            }
            Rejected::NoSuchTest(name) => format!("it has no test `{name}`"),
        };
        self.told(Status::CouldNotJudge);
        let (scenario, kind) = (file.to_path_buf(), NotRunKind::Fault);
        let not_run = NotRun { scenario, interpreter: None, timestamps: None, reason, kind };
        self.progress.aside(|| self.report.not_run(not_run))
    }

    fn judge_everywhere(&mut self, scenario: &Scenario, installations: &[Installation]) -> io::Result<()> {
        for installation in installations {
            for timestamps in &scenario.timestamps {
                self.progress.begin(&format!(
                    "{} on {} at {}",
                    scenario.path.display(),
                    installation.identity.label,
                    timestamps.written
                ));
                match self.judge(scenario, installation, timestamps) {
                    Ok(verdict) => {
                        self.judged(&verdict);
                        self.progress.aside(|| self.report.verdict(verdict))?;
                    }
                    Err(error) => {
                        let not_run = not_run(scenario, installation, timestamps, &error);
                        self.told_not_run(not_run.kind);
                        self.progress.aside(|| self.report.not_run(not_run))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn judge(
        &self,
        scenario: &Scenario,
        installation: &Installation,
        timestamps: &Timestamps,
    ) -> Result<Verdict, RunError> {
        if self.options.interruption.is_requested() {
            return Err(NoOutcome::Interrupted.into());
        }
        let progress = &self.progress;
        let report = |event| progress.event(&event);
        taster::run::run(scenario, installation, timestamps, &self.options, &report)
    }

    fn told(&mut self, status: Status) {
        self.worst = self.worst.max(Some(status));
    }

    fn told_not_run(&mut self, kind: NotRunKind) {
        match kind {
            NotRunKind::Skipped => {}
            NotRunKind::Interrupted => self.told(Status::Incomplete),
            NotRunKind::Fault => self.told(Status::CouldNotJudge),
        }
    }

    /// The worst of all; where nothing at all was judged, that.
    fn status(&self) -> Status {
        self.worst.unwrap_or(Status::CouldNotJudge)
    }
}

fn not_run(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    error: &RunError,
) -> NotRun {
    NotRun {
        scenario: scenario.path.clone(),
        interpreter: Some(installation.identity.clone()),
        timestamps: Some(timestamps.written.clone()),
        reason: error.to_string(),
        kind: NotRunKind::of(error),
    }
}
