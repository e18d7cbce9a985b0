//! A whole hunt: collect, search, look at collection, sum up. The command handles options and output.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::budget::Budget;
use crate::kind::FindingKind;
use crate::suite::collection::{self, CollectionDesk};
use crate::suite::error::{HuntError, nothing_collected};
use crate::suite::event::HuntEvent;
use crate::suite::files::changes::{self, Files};
use crate::suite::finding::HuntFinding;
use crate::suite::hunt_report::HuntReport;
use crate::suite::in_place::left;
use crate::suite::plan::{HuntPlan, SearchEnd};
use crate::suite::runner::budgeted::BudgetedRunner;
use crate::suite::runner::journal::Journal;
use crate::suite::runner::journal_file::JournalFile;
use crate::suite::runner::others::FilesStart;
use crate::suite::runner::pool::Pool;
use crate::suite::runner::run::Runner as _;
use crate::suite::runner::run::RunnerError;
use crate::suite::runner::suite::Suite;
use crate::suite::runner::zygote::Zygote;
use crate::suite::search::HuntSearch;
use crate::suite::settings::{HuntSettings, journal_path};
use crate::suite::{begin, leaks, summary};

const SHUFFLED: &str = "pytest collects these tests in a different order each time (does a plugin shuffle them?); \
                        taster takes the first one as the given order";

/// Hunts; `watch` receives the progress.
///
/// # Errors
///
/// Returns an error if the hunt cannot begin. If it ends early, the report says so.
pub fn hunt(settings: &HuntSettings, watch: &mut dyn FnMut(HuntEvent<'_>)) -> Result<HuntReport, HuntError> {
    let started = Instant::now();
    let start = begin::start(settings)?;
    let whole = Budget::of(settings.interruption.clone()).with_time_since(started, settings.budget);
    let budget = whole.clone().with_time_since(started, summary::time_to_search(settings));
    let ours = [&start.ours[..], &[start.around.path().to_owned()]].concat();
    let mut files = Files::look(&settings.arguments, &ours);
    let (mut zygote, in_place) = begin::first_zygote(settings, start, &whole)?;
    zygote.budget = budget.clone();
    if !zygote.is_private() {
        // Files that the collection wrote do not count as changed by others.
        files = Files::look(&settings.arguments, &ours);
    }
    files.add(PathBuf::from(&zygote.suite.about.root));
    let suite = zygote.suite.clone();
    if suite.items.is_empty() {
        return Err(nothing_collected(&zygote));
    }
    watch(begin::collected(&suite, started.elapsed().as_secs_f64()));
    let mut notes = begin::first_notes(&mut zygote, settings, watch);
    notes.extend(files.unnoticed());
    let mut plan = begin::plan(settings, &suite, &zygote, &budget)?;
    let hunting = Hunting { settings, suite: &suite, started, budget: &budget };
    let mut searched = hunting.search(&mut zygote, &plan, &mut files, watch)?;
    if let Some(test) = searched.forks_differ {
        let note = forks_differ(&suite.items[test].id);
        watch(HuntEvent::Note { text: &note });
        notes.push(note);
        (zygote.fresh, plan.doubt_forks) = (true, false);
        // One more search, the last one: processes of their own are never compared again.
        searched = hunting.search(&mut zygote, &plan, &mut files, watch)?;
    }
    hunting.look_without(&mut zygote, &plan, &mut searched, watch);
    let HuntResult { mut report, one_by_one, .. } = searched;
    zygote.budget = whole.clone();
    summary::tell_changes(&mut files, &zygote, &mut report);
    leaks::group(&mut report.findings);
    let jobs = if one_by_one { 1 } else { plan.jobs };
    summary::commands(settings, (&zygote, &whole), (jobs, started), &mut report);
    summary::emit(settings, &mut zygote, &whole, &mut report);
    summary::fix((settings, started), (&mut zygote, jobs), &plan, &mut report, watch);
    if zygote.shuffled {
        report.notes.push(SHUFFLED.to_owned());
    }
    report.notes.extend(zygote.how_started().names.other().map(named_anew));
    report.about.forks = !zygote.fresh;
    report.about.isolation = if zygote.is_private() { "private" } else { "in-place" }.into();
    report.about.in_place_because = in_place;
    notes.append(&mut zygote.notes);
    report.notes.splice(0..0, notes);
    report.runs = zygote.runs;
    report.seconds = started.elapsed().as_secs_f64();
    Ok(report)
}

fn named_anew(test: &str) -> String {
    format!(
        "pytest gives tests another name each time ({test}: is a parameter made of the time, or by chance?); taster calls them as \
         they were called first"
    )
}

fn forks_differ(test: &str) -> String {
    format!(
        "{test} fails in a fork and passes in a process of its own (does it depend on the process id?); from here on, each \
         order runs in a process of its own"
    )
}

/// Notes how a search ended; returns the test that behaves differently in a fork, if the search has to start again.
fn note_end(
    ended: Result<SearchEnd, RunnerError>,
    is_beyond: bool,
    report: &mut HuntReport,
) -> Option<usize> {
    match ended {
        Ok(SearchEnd::Complete) => {}
        Ok(SearchEnd::ForksDiffer(test)) => return Some(test),
        Err(RunnerError::OutOfBudget) if is_beyond && report.pairs.is_complete() => {
            report.notes.push(GONE_BEYOND.to_owned());
        }
        Err(halt) => report.halted = Some(halt.to_string()),
    }
    None
}

/// Notes that a search has left time to patches.
fn note_left_to_patches(report: &mut HuntReport) {
    if report.pairs.is_complete() {
        report.notes.push(GONE_TO_PATCHES.to_owned());
    } else {
        report.halted = Some(LEFT_TO_PATCHES.to_owned());
    }
}

/// The end of a search that has decided every pair and took what was left of the budget for more.
const GONE_BEYOND: &str = "every ordered pair is accounted for; orders that could show what taster does not see of a test's state went on \
                           until the budget was used up";
/// The same where patches were due.
const GONE_TO_PATCHES: &str = "every ordered pair is accounted for; orders that could show what taster does not see of a test's state \
                               went on until the rest of the budget was needed for patches";
/// The end of a search that left pairs to chance, and time to patches.
const LEFT_TO_PATCHES: &str = "the rest of the budget was needed for patches";

/// The result of one search; `forks_differ` if it has to start again.
pub(super) struct HuntResult {
    pub(super) report: HuntReport,
    /// Files that runs wrote and that existed before.
    pub(super) existed_before: BTreeSet<PathBuf>,
    forks_differ: Option<usize>,
    /// Whether runs were made one by one once some had been in the way of others.
    one_by_one: bool,
}

/// The shared data of all parts of a hunt.
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
        plan: &HuntPlan,
        files: &mut Files,
        watch: &mut dyn FnMut(HuntEvent<'_>),
    ) -> Result<HuntResult, HuntError> {
        let path = journal_path(self.settings, self.suite, &[]);
        let private = zygote.is_private();
        // A search that starts again because forks differ keeps the journal: its own runs have other keys.
        let (keep, fresh) = (self.settings.resume || (zygote.fresh && zygote.runs > 0), zygote.fresh);
        let kept = JournalFile::open(&path, keep).map_err(|source| HuntError::Journal { path, source })?;
        let desk = CollectionDesk::new(zygote.files_start(&kept), self.suite);
        let collected_in = zygote.collected_in;
        let seen = kept.seen_failing();
        let pool = Pool::new(zygote, plan.jobs, self.settings.jobs);
        let journal = Journal::new(BudgetedRunner::new(pool, self.budget.clone()), kept.clone(), fresh);
        let mut last_finding = 0.0;
        // In place, the writes of a run can be recognised only when it is over.
        let mut timed = |progress: HuntEvent<'_>| {
            if matches!(progress, HuntEvent::Found { .. }) {
                last_finding = self.started.elapsed().as_secs_f64();
            }
            if matches!(progress, HuntEvent::Order { .. }) && private {
                self.tell_at_once(files, watch);
            }
            watch(progress);
        };
        let mut search = HuntSearch::new(journal, self.suite, plan.clone(), &mut timed);
        search.inquiry.desk = Some(desk);
        search.inquiry.judge.collected_in = collected_in;
        search.inquiry.begin_with(seen);
        search.time_for_patches.wanted = self.settings.fix.is_some();
        let ended = search.all();
        let inquiry = &mut search.inquiry;
        inquiry.ledger.notes.extend(inquiry.judge.runner.notes());
        let root = Path::new(&self.suite.about.root);
        inquiry.ledger.notes.extend(left::told_of_views(&inquiry.ledger.written_apart, root));
        let failing: Vec<usize> = inquiry.ledger.fails_alone.iter().copied().collect();
        let mut report = summary::sum_up(inquiry)?;
        let existed_before = std::mem::take(&mut inquiry.ledger.existed_before);
        let left = inquiry.left_open();
        let (is_beyond, one_by_one) = (search.is_beyond, inquiry.judge.was_beside);
        let left_to_patches = search.time_for_patches.has_come;
        drop(search);
        kept.keep_seen_failing(&left);
        let forks_differ = note_end(ended, is_beyond, &mut report);
        if forks_differ.is_none() {
            if report.halted.is_none() {
                self.look_at_collection(&zygote.files_start(&kept), plan, &failing, &mut report);
            }
            summary::name_uncollected(self.suite, &mut report);
            if report.findings.iter().any(|finding| finding.finding == FindingKind::Collection) {
                last_finding = self.started.elapsed().as_secs_f64();
            }
        }
        if left_to_patches && report.halted.is_none() {
            note_left_to_patches(&mut report);
        }
        report.notes.extend(kept.note());
        report.last_finding = last_finding;
        Ok(HuntResult { report, existed_before, forks_differ, one_by_one })
    }

    /// Reports changes that were not reported yet.
    fn tell_at_once(&self, files: &mut Files, watch: &mut dyn FnMut(HuntEvent<'_>)) {
        for change in files.new_by_now(Path::new(&self.suite.about.root)).iter().take(summary::MOST_LISTED) {
            watch(HuntEvent::Note { text: &changes::sentence(change) });
        }
    }

    fn look_at_collection(
        &self,
        start: &FilesStart,
        plan: &HuntPlan,
        failing: &[usize],
        report: &mut HuntReport,
    ) {
        let doubts = failing.iter().copied().zip(report.broken.clone()).collect::<Vec<_>>();
        let found = collection::look(start, self.suite, &doubts, plan.timestamps);
        report.broken.retain(|each| !found.findings.iter().any(|finding| finding.victim == each.test));
        report.broken.extend(found.broken);
        report.notes.extend(found.findings.iter().flat_map(HuntFinding::notes));
        report.findings.extend(found.findings);
        report.halted = found.halted;
    }
}
