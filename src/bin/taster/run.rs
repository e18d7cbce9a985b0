//! `taster run`: every scenario on every interpreter under every clock, side by side; verdicts to the report, in order, the worst
//! of them into the exit status.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use taster::bless::Observations;
use taster::budget::Interruption;
use taster::interpreter::Installation;
use taster::replay::replay_finding;
use taster::report::{self, AccountOfRun, Json, Report, Spellings};
use taster::run::{NotRun, NotRunKind, RunError, RunPlace};
use taster::scenario::{self, Scenario, Timestamps};
use taster::verdict::Verdict;

use crate::division::Division;
use crate::format::{Format, print};
use crate::progress::Progress;
use crate::rejected::Rejected;
use crate::report_options::ReportOptions;
use crate::run_report::{self, HowMuch};
use crate::search_options::SearchOptions;
use crate::shard_option::ShardOptions;
use crate::status::{CommandError, Status, complain};
use crate::step_time::StepTime;
use crate::task::{Task, judge, lanes, tasks};
use crate::{files, finding_option, pythons_option, side_by_side};

/// Options of `taster run`.
#[derive(Debug, clap::Args)]
pub(crate) struct RunOptions {
    /// Scenario files, and directories of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    interpreters: pythons_option::InterpreterOptions,
    /// Timestamps to use instead of the scenario's: a duration or a preset (ext3, ntfs, ...); repeatable
    #[arg(long, value_name = "TICK")]
    timestamps: Vec<Timestamps>,
    /// How long each step takes, instead of the scenario's: a duration, or `measured`: probabilities are of steps that take
    /// what they take on this interpreter and machine
    #[arg(long, value_name = "TIME")]
    step_time: Option<StepTime>,
    /// Run only these tests, and those that they must come after
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    test: Vec<String>,
    /// Output format
    #[arg(long, value_enum, default_value = "terminal")]
    format: Format,
    #[command(flatten)]
    how_much: HowMuch,
    #[command(flatten)]
    shard: ShardOptions,
    /// Rewrite the declarations in the files to match the findings, and print the difference
    #[arg(long, conflicts_with_all = ["test", "timestamps", "diagnose", "shard"])]
    bless: bool,
    #[command(flatten)]
    reports: ReportOptions,
    #[command(flatten)]
    search: SearchOptions,
}

/// Judges every scenario that the options name.
pub(crate) fn run(options: &RunOptions) -> Result<Status, CommandError> {
    let files = files::named(&options.paths)?;
    let installations = options.interpreters.installations()?;
    options.reports.check(options.format)?;
    let interruption = Interruption::on_ctrl_c();
    let scenarios: Vec<_> = files.iter().map(|file| (file, options.scenario(file))).collect();
    let mut search = options.search.for_run(interruption.clone());
    let division = Division::new(options.shard.shard()?, &scenarios, &installations);
    let tasks = tasks(&scenarios, &installations, &division);
    let runs = tasks.iter().filter(|task| matches!(task, Task::Judge(..))).count();
    let progress = Progress::over(runs);
    let report = options.report(&installations, files.len(), &division, &search)?;
    let lanes = lanes(&mut search, &tasks);
    let mut session = Session {
        is_shard: division.is_shard(),
        progress: &progress,
        report,
        account: AccountOfRun::new(Spellings::of(&installations)),
        accounted: !options.reports.is_empty(),
        worst: None,
        observations: options.bless.then(Observations::default),
    };
    let judge = |at: usize| judge(&tasks[at], &search, &progress);
    side_by_side::in_order(tasks.len(), lanes, judge, |at, judged| {
        let told = match (&tasks[at], judged) {
            (Task::Reject(file, rejected), _) => session.reject(file, rejected),
            (Task::Judge(_, scenario, place), Some(judged)) => session.tell(scenario, *place, judged),
            (Task::Judge(..), None) => Ok(()),
        };
        if told.is_err() {
            // Nobody reads what is still to come.
            interruption.request();
        }
        told
    })?;
    progress.finish();
    session.report.finish()?;
    session.bless(options.format)?;
    let status = session.status();
    options.reports.write(&session.account.account())?;
    Ok(status)
}

impl RunOptions {
    /// The scenario in `file`, with the tests and timestamps that are wanted.
    fn scenario(&self, file: &Path) -> Result<Scenario, Rejected> {
        let mut scenario = scenario::read(file)?;
        if !self.test.is_empty() {
            scenario = restricted(&scenario, &self.test)?;
        }
        if let Some(time) = self.step_time {
            time.give_to(&mut scenario);
        }
        if !self.timestamps.is_empty() {
            scenario.timestamps.clone_from(&self.timestamps);
        }
        Ok(scenario)
    }

    fn report(
        &self,
        installations: &[Installation],
        files: usize,
        division: &Division,
        searching: &taster::run::RunOptions,
    ) -> io::Result<Box<dyn Report>> {
        let out = io::BufWriter::new(anstream::stdout());
        let head = division.head(searching);
        if let Some(head) = &head {
            ShardOptions::tell(head.shard, &head.whole, self.format);
        }
        Ok(match (head, self.format) {
            (Some(head), Format::Json) => Box::new(Json::of_shard(out, &head)?),
            _ => run_report::report(
                out,
                self.format,
                self.how_much.verbosity(files),
                Spellings::of(installations),
            ),
        })
    }
}

fn restricted(scenario: &Scenario, names: &[String]) -> Result<Scenario, Rejected> {
    let place = |name: &String| {
        finding_option::named(scenario, name).map_err(|why| Rejected::NoSuchTest(why.to_string()))
    };
    let tests = names.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    Ok(scenario.restricted(&tests))
}

/// Findings of one verdict whose orderings a report shows step by step.
const MOST_TIMELINES: usize = 5;

/// A run under way.
struct Session<'p> {
    /// Whether other machines do the rest.
    is_shard: bool,
    progress: &'p Progress,
    report: Box<dyn Report>,
    /// The same again, for the reports that go elsewhere, if there are any.
    account: AccountOfRun,
    accounted: bool,
    worst: Option<Status>,
    /// What is to be declared, where declarations are rewritten.
    observations: Option<Observations>,
}

impl Session<'_> {
    /// Rewrites what files declare and shows the difference: on stdout, or beside machine output on stderr.
    fn bless(&mut self, format: Format) -> io::Result<()> {
        for blessed in self.observations.take().unwrap_or_default().bless(None) {
            match blessed.map(|blessed| report::diff(&blessed)) {
                Ok(diff) if format == Format::Terminal => print(&diff)?,
                Ok(diff) => anstream::stderr().write_all(diff.as_bytes())?,
                Err(problem) => {
                    complain(problem);
                    self.add(Status::CouldNotJudge);
                }
            }
        }
        Ok(())
    }

    /// Adds what a verdict means for the exit status. What is going to be declared does not differ.
    fn add_verdict(&mut self, verdict: &Verdict) {
        let status = Status::of(verdict);
        let declared = self.observations.as_mut().is_some_and(|observations| observations.record(verdict));
        self.add(if declared && status == Status::Differs { Status::AsDeclared } else { status });
    }

    /// A file that cannot be judged as the options want it: why is said on stderr.
    fn reject(&mut self, file: &Path, rejected: &Rejected) -> io::Result<()> {
        let reason = match rejected {
            Rejected::Unreadable(unreadable) => {
                self.progress.aside(|| files::complain_of(unreadable));
                files::in_short(unreadable)
            }
            Rejected::NoSuchTest(why) => {
                self.progress.aside(|| complain(format!("{}: {why}", file.display())));
                why.clone()
            }
        };
        self.add(Status::CouldNotJudge);
        let (scenario, kind) = (file.to_path_buf(), NotRunKind::Fault);
        self.tell_not_run(NotRun { scenario, interpreter: None, timestamps: None, reason, kind })
    }

    fn tell_not_run(&mut self, not_run: NotRun) -> io::Result<()> {
        self.account.not_run(not_run.clone())?;
        self.progress.aside(|| self.report.not_run(not_run))
    }

    /// Tells of a verdict, or why there is none.
    fn tell(
        &mut self,
        scenario: &Scenario,
        place: RunPlace<'_>,
        judged: Result<Verdict, RunError>,
    ) -> io::Result<()> {
        match judged {
            Ok(verdict) => {
                self.add_verdict(&verdict);
                if self.accounted {
                    self.account_for(scenario, place, &verdict)?;
                }
                self.progress.aside(|| self.report.verdict(verdict))
            }
            Err(error) => {
                let not_run = not_run(scenario, place, &error);
                self.add_not_run(not_run.kind);
                self.tell_not_run(not_run)
            }
        }
    }

    /// Tells the account of a verdict; of what was found, step by step.
    fn account_for(&mut self, scenario: &Scenario, place: RunPlace<'_>, verdict: &Verdict) -> io::Result<()> {
        self.account.verdict(verdict.clone())?;
        if !self.account.shows_last() {
            return Ok(());
        }
        for finding in verdict.findings.iter().take(MOST_TIMELINES) {
            // An ordering that cannot be performed again has no steps to show, and the finding stands without.
            let replayed = replay_finding(scenario, place.installation, &verdict.timestamps, finding);
            if let Ok((failing, Some(passing))) = replayed {
                self.account.add_timeline(report::timeline(scenario, &failing, &passing));
            }
        }
        Ok(())
    }

    fn add(&mut self, status: Status) {
        self.worst = self.worst.max(Some(status));
    }

    fn add_not_run(&mut self, kind: NotRunKind) {
        self.worst = self.worst.max(Status::of_not_run(kind));
    }

    /// The worst of all; where nothing at all was judged, that, unless other shards judge.
    fn status(&self) -> Status {
        let nothing = if self.is_shard { Status::AsDeclared } else { Status::CouldNotJudge };
        self.worst.unwrap_or(nothing)
    }
}

fn not_run(scenario: &Scenario, place: RunPlace<'_>, error: &RunError) -> NotRun {
    NotRun {
        scenario: scenario.path.clone(),
        interpreter: Some(place.installation.identity.clone()),
        timestamps: Some(place.timestamps.written.clone()),
        reason: error.to_string(),
        kind: NotRunKind::of(error),
    }
}
