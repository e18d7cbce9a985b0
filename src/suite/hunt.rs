//! A whole hunt: collect, search, look at collection, sum up. Options and output are the command's business.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::budget::Budget;
use crate::budget::Interruption;
use crate::kind::FindingKind;
use crate::suite::collection::{self, not_collected};
use crate::suite::emit::emitter::Emitter;
use crate::suite::event::HuntEvent;
use crate::suite::files::changes::{self, Files};
use crate::suite::files::old_files::listed;
use crate::suite::files::recheck::recheck;
use crate::suite::finding::{About, BrokenTest, HuntFinding, HuntReport};
use crate::suite::in_place::left;
use crate::suite::in_place::notes::WriteNotes;
use crate::suite::plan::{OrderKind, Plan, SearchEnd};
use crate::suite::runner::budgeted::BudgetedRunner;
use crate::suite::runner::folder::HuntFolder;
use crate::suite::runner::journal::Journal;
use crate::suite::runner::pool::Pool;
use crate::suite::runner::process::{Start, View};
use crate::suite::runner::process_error::ProcessError;
use crate::suite::runner::run::{HuntClock, Runner, RunnerError};
use crate::suite::runner::suite::Suite;
use crate::suite::runner::zygote::Zygote;
use crate::suite::search::Search;

const SHUFFLED: &str = "pytest collects these tests in another order each time (a plugin shuffles them?); \
                        the order given is the one of the first time";

/// Files that a message tells of.
const MOST_TOLD: usize = 5;

/// What to hunt in, and how long.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HuntSettings {
    /// The interpreter, which has pytest.
    pub python: PathBuf,
    /// Arguments for pytest.
    pub arguments: Vec<String>,
    /// Look only for orders in which these tests change their outcome.
    pub victims: Vec<String>,
    /// Ids of tests, in the order to begin with.
    pub order: Option<Vec<String>>,
    /// The kinds of orders to run.
    pub orders: Vec<OrderKind>,
    /// Rules all randomness.
    pub seed: u64,
    /// The timestamps; `None` is real ones and a frozen pass.
    pub timestamps: Option<HuntClock>,
    /// How long to search.
    pub budget: Duration,
    /// How long one test may take.
    pub test_timeout: Duration,
    /// How many runs may be made at once; `None` is as many as there are cores in a private view, else one.
    pub jobs: Option<usize>,
    /// Which files runs see.
    pub isolation: Isolation,
    /// The executable that hands over to [`keep`](super::keep) when it is started with the one argument `keep`.
    pub keeper: PathBuf,
    /// What a private view covers besides the suite's checkout: the home directory, temporary ones.
    pub directories: Vec<PathBuf>,
    /// A process per order instead of forks.
    pub fresh: bool,
    /// Where finished runs are kept.
    pub journal: PathBuf,
    /// Go on with what the journal holds.
    pub resume: bool,
    /// Where what reproduces findings is written, if anywhere.
    pub emit: Option<PathBuf>,
    /// Set when somebody wants the hunt to end.
    pub interruption: Interruption,
}

impl HuntSettings {
    /// The defaults, for an interpreter, arguments for pytest, the journal's directory and the keeper's executable.
    pub fn new(python: PathBuf, arguments: Vec<String>, journal: PathBuf, keeper: PathBuf) -> Self {
        Self {
            python,
            arguments,
            victims: Vec::new(),
            order: None,
            orders: vec![OrderKind::Given, OrderKind::Reverse, OrderKind::Pairs, OrderKind::Random],
            seed: 0,
            timestamps: None,
            budget: Duration::from_mins(10),
            test_timeout: Duration::from_mins(1),
            jobs: None,
            isolation: Isolation::Auto,
            keeper,
            directories: Vec::new(),
            fresh: false,
            journal,
            resume: false,
            emit: None,
            interruption: Interruption::default(),
        }
    }
}

/// Which files runs see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Isolation {
    /// Private where the system allows that, else in place.
    Auto,
    /// Each run a view of its own; the hunt does not begin where that is not allowed.
    Private,
    /// Those that everybody sees.
    InPlace,
}

/// Why a hunt could not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HuntError {
    /// There is no suite to run.
    #[error(transparent)]
    Runner(#[from] RunnerError),
    /// pytest collected nothing, and no file refused to be collected.
    #[error("pytest collected no tests:\n{0}")]
    NoTests(String),
    /// Nothing could be collected.
    #[error("pytest collected no tests, because of {}", told(.0))]
    NotCollected(Vec<BrokenTest>),
    /// The time was up before there was anything to run.
    #[error("the budget of {0:?} was used up before pytest had collected the tests; --budget gives it more")]
    BudgetTooShort(Duration),
    /// A test that was asked for is not in the suite.
    #[error("no such test was collected: {0}")]
    UnknownTest(String),
    /// The journal cannot be written.
    #[error("cannot open the journal {}", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Hunts; `watch` hears of the progress.
///
/// # Errors
///
/// Only what keeps a hunt from beginning. What ends one early is part of the report.
pub fn hunt(settings: &HuntSettings, watch: &mut dyn FnMut(HuntEvent<'_>)) -> Result<HuntReport, HuntError> {
    let started = Instant::now();
    let start = start(settings)?;
    let budget = Budget::of(settings.interruption.clone()).with_time_since(started, settings.budget);
    let ours = [&start.ours[..], std::slice::from_ref(&start.around.trace.path)].concat();
    let mut files = Files::look(&settings.arguments, &ours);
    let (mut zygote, in_place) = first_zygote(settings, start, &budget)?;
    if !zygote.is_private() {
        // What the collection wrote is nobody's change.
        files = Files::look(&settings.arguments, &ours);
    }
    files.add(PathBuf::from(&zygote.suite.about.root));
    let suite = zygote.suite.clone();
    if suite.items.is_empty() {
        return Err(nothing_collected(&zygote));
    }
    watch(HuntEvent::Collected { tests: suite.items.len(), seconds: started.elapsed().as_secs_f64() });
    let mut notes = first_notes(&mut zygote, settings, watch);
    notes.extend(files.unnoticed());
    let mut plan = plan(settings, &suite, &zygote, &budget)?;
    loop {
        let hunting = Hunting { settings, suite: &suite, started, budget: &budget };
        let mut searched = hunting.search(&mut zygote, &plan, &mut files, watch)?;
        if let Some(test) = searched.forks_differ {
            let note = format!(
                "{} fails in a fork and passes in a process of its own (is it tied to the process id?); \
                 from here on each order runs in a process of its own",
                suite.items[test].id
            );
            watch(HuntEvent::Note { text: &note });
            notes.push(note);
            (zygote.fresh, plan.doubt_forks) = (true, false);
            continue;
        }
        hunting.look_without(&mut zygote, &plan, &mut searched, watch);
        let mut report = searched.report;
        tell_changes(&mut files, &zygote, &mut report);
        emit(settings, &mut zygote, &mut report);
        if zygote.shuffled {
            report.notes.push(SHUFFLED.to_owned());
        }
        report.about.forks = !zygote.fresh;
        report.about.isolation = if zygote.is_private() { "private" } else { "in-place" };
        report.about.in_place_because.clone_from(&in_place);
        notes.append(&mut zygote.notes);
        report.notes.splice(0..0, notes);
        report.runs = zygote.runs;
        report.seconds = started.elapsed().as_secs_f64();
        return Ok(report);
    }
}

/// Why there is nothing to run.
fn nothing_collected(zygote: &Zygote) -> HuntError {
    match &zygote.suite.uncollected[..] {
        [] => HuntError::NoTests(zygote.log()),
        some => HuntError::NotCollected(some.iter().map(not_collected).collect()),
    }
}

/// Tells what somebody did to the suite's files meanwhile, and whether the findings hold with them as they are now.
fn tell_changes(files: &mut Files, zygote: &Zygote, report: &mut HuntReport) {
    report.changed_meanwhile =
        changes::told(&files.changed(&zygote.written), Path::new(&zygote.suite.about.root));
    let told = report.changed_meanwhile.iter().take(MOST_TOLD).map(changes::sentence);
    report.notes.extend(told);
    match report.changed_meanwhile.len() {
        0 => return,
        few if few <= MOST_TOLD => {}
        many => report.notes.push(format!("and {} more files were changed while it ran", many - MOST_TOLD)),
    }
    if let Some(halt) = recheck(zygote, &mut report.findings) {
        report.notes.push(format!("findings were not tried again with the files as they are now: {halt}"));
    }
}

/// What the first process is started with.
fn start(settings: &HuntSettings) -> Result<Start, RunnerError> {
    let ours = [Some(&settings.journal), settings.emit.as_ref()].into_iter().flatten();
    let around = Arc::new(HuntFolder::make().map_err(ProcessError::Folder)?);
    let view = View { directories: settings.directories.clone(), on_disk: false };
    Ok(Start {
        python: settings.python.clone(),
        arguments: settings.arguments.clone(),
        files: Vec::new(),
        watch: None,
        ours: ours.filter_map(|folder| std::path::absolute(folder).ok()).collect(),
        keeper: settings.keeper.clone(),
        around: Arc::clone(&around),
        view: (settings.isolation != Isolation::InPlace).then_some(view),
        without: Vec::new(),
        notes: Arc::new(WriteNotes::new(around)),
    })
}

/// Collects in a private view where that is wanted and allowed, else in place, and says why.
fn first_zygote(
    settings: &HuntSettings,
    mut start: Start,
    budget: &Budget,
) -> Result<(Zygote, Option<String>), HuntError> {
    let started = |start| match Zygote::start(start, settings.test_timeout, budget.clone()) {
        Err(RunnerError::OutOfBudget) => Err(HuntError::BudgetTooShort(settings.budget)),
        other => other.map_err(HuntError::from),
    };
    match started(start.clone()) {
        Err(HuntError::Runner(RunnerError::Process(ProcessError::NotPrivate(why))))
            if settings.isolation == Isolation::Auto =>
        {
            start.view = None;
            Ok((started(start)?, Some(why)))
        }
        other => {
            let asked_for = settings.isolation == Isolation::InPlace;
            Ok((other?, asked_for.then(|| "--isolation in-place".to_owned())))
        }
    }
}

/// Writes what reproduces the findings; what cannot be written is noted, the findings stand.
fn emit(settings: &HuntSettings, zygote: &mut Zygote, report: &mut HuntReport) {
    let Some(folder) = &settings.emit else { return };
    let emitter = Emitter { folder, python: &settings.python, arguments: &settings.arguments };
    let wanted = |finding: &&mut HuntFinding| finding.minimal && finding.holds_after_changes != Some(false);
    for finding in report.findings.iter_mut().filter(wanted) {
        if !finding.hidden_by.is_empty() {
            let names = listed(&finding.hidden_by);
            report.notes.push(format!("{}: not reproduced: it shows only without {names}", finding.victim));
            continue;
        }
        match emitter.emit(zygote, finding) {
            Ok(note) => report.notes.extend(note),
            Err(error) => report.notes.push(format!("{}: not reproduced: {error}", finding.victim)),
        }
    }
}

fn first_notes(
    zygote: &mut Zygote,
    settings: &HuntSettings,
    watch: &mut dyn FnMut(HuntEvent<'_>),
) -> Vec<String> {
    let mut notes = Vec::new();
    if settings.fresh {
        zygote.fresh = true;
    } else if zygote.fresh {
        notes.push(format!(
            "{} threads are alive after collection, and forks would lose them; each order runs in a process of its own",
            zygote.suite.about.threads
        ));
    }
    if !zygote.suite.about.bytecode {
        notes.push(
            "bytecode is not written here (PYTHONDONTWRITEBYTECODE or -B): stale bytecode cannot show"
                .to_owned(),
        );
    }
    notes.extend(zygote.file_notes());
    for note in &notes {
        watch(HuntEvent::Note { text: note });
    }
    notes
}

fn plan(settings: &HuntSettings, suite: &Suite, zygote: &Zygote, budget: &Budget) -> Result<Plan, HuntError> {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = settings.jobs.unwrap_or_else(|| if zygote.is_private() { cores() } else { 1 });
    let number = |id: &String| suite.find(id).ok_or_else(|| HuntError::UnknownTest(id.clone()));
    let given = match &settings.order {
        Some(ids) => ids.iter().map(number).collect::<Result<_, _>>()?,
        None => (0..suite.items.len()).collect(),
    };
    Ok(Plan {
        given,
        victims: settings.victims.iter().map(number).collect::<Result<_, _>>()?,
        orders: settings.orders.clone(),
        timestamps: settings.timestamps.unwrap_or(HuntClock::Real),
        frozen_pass: settings.timestamps.is_none(),
        seed: settings.seed,
        jobs: jobs.max(1),
        doubt_forks: !zygote.fresh,
        deadline: budget.deadline(),
    })
}

/// What one search came to; `forks_differ` if it has to begin anew.
pub(super) struct Searched {
    pub(super) report: HuntReport,
    /// What runs wrote and lay there before.
    pub(super) lay_there: BTreeSet<PathBuf>,
    forks_differ: Option<usize>,
}

/// What all parts of a hunt look at.
pub(super) struct Hunting<'a> {
    pub(super) settings: &'a HuntSettings,
    pub(super) suite: &'a Suite,
    pub(super) started: Instant,
    pub(super) budget: &'a Budget,
}

impl Hunting<'_> {
    fn search(
        &self,
        zygote: &mut Zygote,
        plan: &Plan,
        files: &mut Files,
        watch: &mut dyn FnMut(HuntEvent<'_>),
    ) -> Result<Searched, HuntError> {
        let path = journal_path(self.settings, self.suite, &[]);
        let private = zygote.is_private();
        // A search that begins anew because forks differ keeps what is in the journal: its own runs are others.
        let (keep, fresh) = (self.settings.resume || (zygote.fresh && zygote.runs > 0), zygote.fresh);
        let journal = Journal::open(Pool::new(zygote, plan.jobs), &path, keep, fresh)
            .map_err(|source| HuntError::Journal { path: path.clone(), source })?;
        let limited = BudgetedRunner::new(journal, self.budget.clone());
        let mut last_finding = 0.0;
        // In place, what runs write cannot be told apart before they are over.
        let mut timed = |progress: HuntEvent<'_>| {
            if matches!(progress, HuntEvent::Found { .. }) {
                last_finding = self.started.elapsed().as_secs_f64();
            }
            if matches!(progress, HuntEvent::Order { .. }) && private {
                self.tell_at_once(files, watch);
            }
            watch(progress);
        };
        let mut search = Search::new(limited, self.suite, plan.clone(), &mut timed);
        let ended = search.all();
        let notes = search.judge.runner.notes();
        search.notes.extend(notes);
        let root = Path::new(&self.suite.about.root);
        search.notes.extend(left::told_of_views(&search.written_apart, root));
        let (mut report, failing) = self.sum_up(&mut search, plan)?;
        let lay_there = std::mem::take(&mut search.lay_there);
        drop(search);
        let forks_differ = match ended {
            Ok(SearchEnd::Complete) => None,
            Ok(SearchEnd::ForksDiffer(test)) => Some(test),
            Err(halt) => {
                report.halted = Some(halt.to_string());
                None
            }
        };
        if forks_differ.is_none() {
            if report.halted.is_none() {
                self.look_at_collection(zygote, plan, &failing, &mut report);
            }
            self.name_uncollected(&mut report);
            if report.findings.iter().any(|finding| finding.finding == FindingKind::Collection) {
                last_finding = self.started.elapsed().as_secs_f64();
            }
        }
        report.last_finding = last_finding;
        Ok(Searched { report, lay_there, forks_differ })
    }

    /// Changes of which nothing was said yet.
    fn tell_at_once(&self, files: &mut Files, watch: &mut dyn FnMut(HuntEvent<'_>)) {
        for change in files.new_by_now(Path::new(&self.suite.about.root)).iter().take(MOST_TOLD) {
            watch(HuntEvent::Note { text: &changes::sentence(change) });
        }
    }

    /// The report of a search, and the numbers of the tests that fail alone.
    fn sum_up<R: Runner>(
        &self,
        search: &mut Search<'_, R>,
        plan: &Plan,
    ) -> Result<(HuntReport, Vec<usize>), HuntError> {
        let failing: Vec<usize> = search.fails_alone.iter().copied().collect();
        let mut broken = Vec::new();
        for &test in &failing {
            // Asked before, so answered from memory: neither the budget nor the journal has a say.
            let alone = search.judge.alone(test, plan.timestamps)?;
            let (test, outcome) = (self.suite.items[test].id.clone(), alone.outcome.name());
            broken.push(BrokenTest { test, outcome, message: alone.text, broken_by: Vec::new() });
        }
        let is_known = |test, timestamps| search.is_known(test, timestamps);
        let seen_failing = search.sightings.left(&self.suite.items, is_known);
        let report = HuntReport {
            about: about(self.suite),
            findings: std::mem::take(&mut search.findings),
            broken,
            seen_failing,
            frozen_only: search.frozen_only.iter().map(|&test| self.suite.items[test].id.clone()).collect(),
            changed_meanwhile: Vec::new(),
            notes: search.notes.iter().cloned().collect(),
            orders: search.orders.clone().into_iter().collect(),
            neighbours: search.cover.coverage(),
            seed: plan.seed,
            runs: 0,
            seconds: 0.0,
            last_finding: 0.0,
            halted: None,
        };
        Ok((report, failing))
    }

    fn look_at_collection(&self, zygote: &Zygote, plan: &Plan, failing: &[usize], report: &mut HuntReport) {
        let doubts = failing.iter().copied().zip(report.broken.clone()).collect::<Vec<_>>();
        let found = collection::look(zygote, self.suite, &doubts, plan.timestamps, self.budget);
        report.broken.retain(|each| !found.findings.iter().any(|finding| finding.victim == each.test));
        report.broken.extend(found.broken);
        report.notes.extend(found.findings.iter().filter_map(HuntFinding::note));
        report.findings.extend(found.findings);
        report.halted = found.halted;
    }

    /// Whatever else came of the search: what pytest could not collect is named.
    fn name_uncollected(&self, report: &mut HuntReport) {
        for each in &self.suite.uncollected {
            let is_named = report.broken.iter().any(|broken| broken.test == each.id)
                || report.findings.iter().any(|finding| finding.victim == each.id);
            if !is_named {
                report.broken.push(not_collected(each));
            }
        }
    }
}

/// The lines that pytest marks as those of the error; all, if there are none.
fn error_lines(message: &str) -> String {
    let marked: Vec<&str> = message.lines().filter(|line| line.starts_with("E ")).collect();
    if marked.is_empty() { message.trim_end().to_owned() } else { marked.join("\n") }
}

/// Files with pytest's own words.
fn told(files: &[BrokenTest]) -> String {
    let some: Vec<String> = files
        .iter()
        .take(MOST_TOLD)
        .map(|each| format!("{}:\n{}", each.test, error_lines(&each.message)))
        .collect();
    let more = match files.len().saturating_sub(MOST_TOLD) {
        0 => String::new(),
        more => format!("\n\nand {more} more"),
    };
    format!("{}{more}", some.join("\n\n"))
}

fn about(suite: &Suite) -> About {
    let about = suite.about.clone();
    About {
        tests: suite.items.len(),
        root: about.root,
        python: about.python,
        executable: about.executable,
        pytest: about.pytest,
        bytecode: about.bytecode,
        forks: true,
        isolation: "private",
        in_place_because: None,
    }
}

/// One journal for each suite, interpreter and set of arguments, for each state of the test files, and for the files that are
/// left out.
pub(super) fn journal_path(settings: &HuntSettings, suite: &Suite, without: &[PathBuf]) -> PathBuf {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(text.as_bytes());
        hasher.update(&[0]);
    };
    add(&settings.python.to_string_lossy());
    add(&std::env::current_dir().unwrap_or_default().to_string_lossy());
    settings.arguments.iter().for_each(|argument| add(argument));
    without.iter().for_each(|path| add(&path.to_string_lossy()));
    let mut last = "";
    for item in &suite.items {
        add(&item.id);
        if item.file != last {
            last = &item.file;
            let stamp = std::fs::metadata(&item.file).and_then(|data| data.modified());
            add(&format!("{stamp:?}"));
        }
    }
    settings.journal.join(format!("{}.jsonl", &hasher.finalize().to_hex()[..16]))
}
