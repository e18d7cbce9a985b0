//! Tries changed test files: the suite is collected with them, and the tests that are concerned run, beside the same runs
//! without the change.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::checkout_copy::CheckoutCopy;
use super::edits::ChangedTexts;
use super::group::PatchGroup;
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::runner::process_error::ProcessError;
use crate::suite::runner::run::{HuntClock, Runner as _, RunnerError, TestRunOptions};
use crate::suite::runner::zygote::Zygote;

/// How often a victim has to pass after its polluters.
const TRIES: usize = 3;
/// Findings of a group that are tried one by one.
const MOST_TRIED: usize = 30;
/// Why a change is not even tried.
const OTHER_TESTS: &str = "pytest then collects other tests";

/// What came of a try.
#[derive(Debug)]
pub(super) enum TrialResult {
    /// It cures; in words, what was tried.
    Cures(Vec<String>),
    /// It does not.
    Fails(TrialFailure),
}

/// Why a change is none.
#[derive(Debug)]
pub(super) struct TrialFailure {
    pub(super) why: String,
    /// The test that it is for, and that fails with it.
    pub(super) fails: Option<String>,
    /// The test that fails with it and not without it, where it cures what it is for.
    pub(super) uncovers: Option<String>,
}

impl TrialFailure {
    fn because(why: String) -> TrialResult {
        TrialResult::Fails(Self { why, fails: None, uncovers: None })
    }

    fn not_curing(test: &str, why: String) -> TrialResult {
        TrialResult::Fails(Self { why, fails: Some(test.to_owned()), uncovers: None })
    }

    fn uncovering(test: String, when: &str) -> TrialResult {
        let why = format!("{test} fails with it {when}");
        TrialResult::Fails(Self { why, fails: None, uncovers: Some(test) })
    }
}

/// The suite as it is, for comparison.
#[derive(Debug)]
pub(super) struct PatchTrial<'a> {
    zygote: &'a mut Zygote,
    given: &'a [usize],
    /// The copy of the checkout in which changed files are tried, where there is no private view.
    copy: Option<CheckoutCopy>,
    /// The suite with the texts that were last tried on a further group.
    last: Option<(ChangedTexts, Vec<String>, ChangedSuite)>,
    /// What fails without a change, by order.
    failing: HashMap<(Vec<usize>, HuntClock), BTreeSet<String>>,
}

/// The suite with changed files.
#[derive(Debug)]
struct ChangedSuite {
    zygote: Zygote,
    timestamps: HuntClock,
}

impl<'a> PatchTrial<'a> {
    pub(super) fn new(zygote: &'a mut Zygote, given: &'a [usize]) -> Self {
        Self { zygote, given, copy: None, last: None, failing: HashMap::new() }
    }

    /// Whether a change cures a group and does no harm.
    pub(super) fn of(
        &mut self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
    ) -> Result<TrialResult, RunnerError> {
        let Some(mut changed) = self.changed(group, texts)? else {
            return Ok(TrialFailure::because(OTHER_TESTS.to_owned()));
        };
        let result = self.tried(group, texts, &mut changed);
        self.zygote.runs += changed.zygote.runs;
        result
    }

    /// Whether a change that does no harm cures a group too.
    pub(super) fn cures(
        &mut self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
    ) -> Result<bool, RunnerError> {
        let first = group.first();
        let fits = |(known, hidden_by, changed): &(ChangedTexts, Vec<String>, ChangedSuite)| {
            known == texts && *hidden_by == first.hidden_by && changed.timestamps == first.timestamps
        };
        if !self.last.as_ref().is_some_and(fits) {
            // The other process ends before this one begins.
            self.last = None;
            let Some(changed) = self.changed(group, texts)? else { return Ok(false) };
            self.last = Some((texts.clone(), first.hidden_by.clone(), changed));
        }
        let Some((.., changed)) = &mut self.last else { return Ok(false) };
        let before = changed.zygote.runs;
        let shows = changed.still_shows(group);
        self.zygote.runs += changed.zygote.runs - before;
        Ok(shows?.is_none())
    }

    /// What fails in the given order with these texts and not without them.
    pub(super) fn harm_of(&mut self, texts: &ChangedTexts) -> Result<Option<String>, RunnerError> {
        let Some(mut changed) = self.suite(texts, Vec::new(), HuntClock::Real)? else {
            return Ok(Some(OTHER_TESTS.to_owned()));
        };
        let worse = self.worse(self.given, &mut changed);
        self.zygote.runs += changed.zygote.runs;
        Ok(worse?.map(|test| format!("{test} fails")))
    }

    fn changed(
        &mut self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
    ) -> Result<Option<ChangedSuite>, RunnerError> {
        let first = group.first();
        let hidden_by =
            first.hidden_by.iter().map(|path| PathBuf::from(&group.suite.about.root).join(path)).collect();
        self.suite(texts, hidden_by, first.timestamps)
    }

    /// The suite with these texts, or `None` if a test of the hunt is missing in it.
    fn suite(
        &mut self,
        texts: &ChangedTexts,
        without: Vec<PathBuf>,
        timestamps: HuntClock,
    ) -> Result<Option<ChangedSuite>, RunnerError> {
        let started = if self.zygote.is_private() {
            let texts = texts.iter().map(|(path, text)| (path.clone(), text.clone())).collect();
            self.zygote.with_changes(texts, without)
        } else {
            self.in_copy(texts)
        };
        let zygote = match started {
            Err(RunnerError::Process(_)) => return Ok(None),
            other => other?,
        };
        let collected: BTreeSet<&str> = zygote.suite.items.iter().map(|item| item.id.as_str()).collect();
        let all = self.zygote.suite.items.iter().all(|item| collected.contains(item.id.as_str()));
        Ok(all.then_some(ChangedSuite { zygote, timestamps }))
    }

    /// The suite in a copy of the checkout that has these texts.
    fn in_copy(&mut self, texts: &ChangedTexts) -> Result<Zygote, RunnerError> {
        if self.copy.is_none() {
            self.copy = Some(CheckoutCopy::make(self.zygote.around()).map_err(ProcessError::Folder)?);
        }
        let copy = self.copy.as_mut().expect("it was made");
        copy.change(texts).map_err(ProcessError::Folder)?;
        self.zygote.in_directory(copy.directory(), |argument| copy.argument(argument))
    }

    fn tried(
        &mut self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
        changed: &mut ChangedSuite,
    ) -> Result<TrialResult, RunnerError> {
        if let Some((victim, why)) = changed.still_shows(group)? {
            return Ok(TrialFailure::not_curing(victim, why));
        }
        let mut tried = match group.first().finding {
            FindingKind::Brittle => {
                vec![format!("alone, {TRIES} times"), "after its state-setters".to_owned()]
            }
            FindingKind::Collection => vec!["with all files collected".to_owned()],
            _ => vec!["alone".to_owned(), format!("after its polluters, {TRIES} times")],
        };
        let file = |test: usize| PathBuf::from(&self.zygote.suite.items[test].file);
        let touched: Vec<usize> =
            self.given.iter().copied().filter(|&test| texts.contains_key(&file(test))).collect();
        if !touched.is_empty() && touched.len() < self.given.len() {
            if let Some(worse) = self.worse(&touched, changed)? {
                return Ok(TrialFailure::uncovering(worse, "when the files touched run"));
            }
            let tests = if touched.len() == 1 { "test" } else { "tests" };
            let files = if texts.len() == 1 { "file" } else { "files" };
            tried.push(format!("{} {tests} of {} {files}", touched.len(), texts.len()));
        }
        match self.worse(self.given, changed) {
            Ok(Some(worse)) => {
                return Ok(TrialFailure::uncovering(worse, "in the given order"));
            }
            Ok(None) => tried.push("the given order".to_owned()),
            Err(RunnerError::OutOfBudget) => {
                tried.push("not the given order: the time was used up".to_owned());
            }
            Err(halt) => return Err(halt),
        }
        Ok(TrialResult::Cures(tried))
    }

    /// A test that fails with the change and not without it, twice.
    fn worse(&mut self, order: &[usize], changed: &mut ChangedSuite) -> Result<Option<String>, RunnerError> {
        if order.is_empty() {
            return Ok(None);
        }
        let key = (order.to_vec(), changed.timestamps);
        if !self.failing.contains_key(&key) {
            let before = failing(self.zygote, order, changed.timestamps)?;
            self.failing.insert(key.clone(), before);
        }
        let before = self.failing.get(&key).cloned().unwrap_or_default();
        let ids = order.iter().map(|&test| self.zygote.suite.items[test].id.as_str());
        let order: Vec<usize> = ids.filter_map(|id| changed.zygote.suite.find(id)).collect();
        let mut both: Option<BTreeSet<String>> = None;
        // What fails by chance may do so only once.
        for _ in 0..2 {
            let after = failing(&mut changed.zygote, &order, changed.timestamps)?;
            let new: BTreeSet<String> = after.difference(&before).cloned().collect();
            let new = both.map_or(new.clone(), |first| first.intersection(&new).cloned().collect());
            if new.is_empty() {
                return Ok(None);
            }
            both = Some(new);
        }
        Ok(both.and_then(|both| both.into_iter().next()))
    }
}

fn failing(
    zygote: &mut Zygote,
    order: &[usize],
    timestamps: HuntClock,
) -> Result<BTreeSet<String>, RunnerError> {
    zygote.budget.check()?;
    let run = zygote.run(order, &TestRunOptions::plain(timestamps))?;
    let failed = run.tests.iter().filter(|ran| ran.outcome.is_failure());
    Ok(failed.map(|ran| zygote.suite.items[ran.test].id.clone()).collect())
}

impl ChangedSuite {
    /// Which test of a group is not cured and why, if one is not.
    fn still_shows<'g>(&mut self, group: &PatchGroup<'g>) -> Result<Option<(&'g str, String)>, RunnerError> {
        for finding in group.findings.iter().take(MOST_TRIED) {
            if let Some(why) = self.shows(finding)? {
                return Ok(Some((&finding.victim, why)));
            }
        }
        Ok(None)
    }

    fn shows(&mut self, finding: &HuntFinding) -> Result<Option<String>, RunnerError> {
        if self.zygote.suite.uncollected.iter().any(|each| each.id == finding.victim) {
            return Ok(Some(format!("{} cannot be collected", finding.victim)));
        }
        let ids = finding.before().iter().filter(|_| finding.finding != FindingKind::Collection);
        let order: Option<Vec<usize>> =
            ids.chain([&finding.victim]).map(|id| self.zygote.suite.find(id)).collect();
        // The victim may be a file, which is collected now.
        let Some(order) = order else { return Ok(None) };
        let Some(&victim) = order.last() else { return Ok(None) };
        let brittle = finding.finding == FindingKind::Brittle;
        let (times_alone, times_after) = if brittle { (TRIES, 1) } else { (1, TRIES) };
        for (order, times, when) in
            [(&[victim][..], times_alone, "alone"), (&order[..], times_after, "after the others")]
        {
            for _ in 0..times {
                self.zygote.budget.check()?;
                let run = self.zygote.run(order, &TestRunOptions::plain(self.timestamps))?;
                if !run.passes(victim) {
                    return Ok(Some(format!("{} fails with it when it runs {when}", finding.victim)));
                }
            }
        }
        Ok(None)
    }
}
