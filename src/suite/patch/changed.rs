//! The suite with changed files: whether a change cures there, and does no harm that the suite without it does not have.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::edits::ChangedTexts;
use super::few::FewFiles;
use super::group::PatchGroup;
use super::plain::{PlainSuite, failing};
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::runner::run::{HuntClock, Runner as _, RunnerError, TestRunOptions};
use crate::suite::runner::suite::Suite;
use crate::suite::runner::zygote::Zygote;

/// How often a victim has to pass after its polluters.
const TRIES: usize = 3;
/// Findings of a group that are tried one by one.
const MOST_TRIED: usize = 30;

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
    /// The tests that it is for, and that fail with it.
    pub(super) fails: Vec<String>,
    /// The tests that fail with it and not without it, where it cures what it is for.
    pub(super) uncovers: Vec<String>,
}

impl TrialFailure {
    pub(super) fn because(why: String) -> TrialResult {
        TrialResult::Fails(Self { why, fails: Vec::new(), uncovers: Vec::new() })
    }

    /// What does not cure these tests, if there are any; the first one says why.
    pub(super) fn not_curing(shown: &[(&str, String)]) -> Option<TrialResult> {
        let why = shown.first()?.1.clone();
        let fails = shown.iter().map(|(test, _)| (*test).to_owned()).collect();
        Some(TrialResult::Fails(Self { why, fails, uncovers: Vec::new() }))
    }

    /// What makes these tests fail, if there are any.
    fn uncovering(tests: BTreeSet<String>, when: &str) -> Option<TrialResult> {
        let why = format!("{} fails with it {when}", tests.first()?);
        Some(TrialResult::Fails(Self { why, fails: Vec::new(), uncovers: tests.into_iter().collect() }))
    }
}

impl TrialResult {
    /// Whether the next change would be tried without further ado.
    pub(super) fn is_plain_failure(&self) -> bool {
        matches!(self, Self::Fails(failure) if failure.uncovers.is_empty())
    }
}

/// What changes are judged beside: the suite without them, which one at a time may run.
#[derive(Debug, Clone, Copy)]
pub(super) struct TrialGround<'t, 'a> {
    pub(super) plain: &'t Mutex<PlainSuite<'a>>,
    pub(super) suite: &'t Suite,
    pub(super) given: &'t [usize],
    pub(super) few: &'t FewFiles,
}

/// What fails in an order with a change.
#[derive(Debug, Default)]
pub(super) struct BesidePlain {
    /// The tests that fail with it and not without it, twice.
    pub(super) worse: BTreeSet<String>,
    pub(super) failing: BTreeSet<String>,
}

/// The suite with changed files.
#[derive(Debug)]
pub(super) struct ChangedSuite {
    pub(super) zygote: Zygote,
    pub(super) timestamps: HuntClock,
}

impl TrialGround<'_, '_> {
    /// Whether a change cures a group and does no harm.
    pub(super) fn tried(
        &self,
        group: &PatchGroup<'_>,
        texts: &ChangedTexts,
        changed: &mut ChangedSuite,
    ) -> Result<TrialResult, RunnerError> {
        if let Some(failure) = TrialFailure::not_curing(&changed.still_shows(group)?) {
            return Ok(failure);
        }
        let mut tried = match group.first().finding {
            FindingKind::Brittle => {
                vec![format!("alone, {TRIES} times"), "after its state-setters".to_owned()]
            }
            FindingKind::Collection => vec!["with all files collected".to_owned()],
            _ => vec!["alone".to_owned(), format!("after its polluters, {TRIES} times")],
        };
        let file = |test: usize| PathBuf::from(&self.suite.items[test].file);
        let touched: Vec<usize> =
            self.given.iter().copied().filter(|&test| texts.contains_key(&file(test))).collect();
        if !touched.is_empty() && touched.len() < self.given.len() {
            let beside = self.beside_plain(&touched, changed)?;
            if let Some(failure) = TrialFailure::uncovering(beside.worse, "when the files touched run") {
                return Ok(failure);
            }
            let tests = if touched.len() == 1 { "test" } else { "tests" };
            let files = if texts.len() == 1 { "file" } else { "files" };
            tried.push(format!("{} {tests} of {} {files}", touched.len(), texts.len()));
        }
        match self.beside_plain(self.given, changed) {
            Ok(beside) => match TrialFailure::uncovering(beside.worse, "in the given order") {
                Some(failure) => return Ok(failure),
                None if let Some(why) = self.cut_short(group, &beside.failing, changed)? => {
                    return Ok(TrialFailure::because(why));
                }
                None => tried.push(in_given_order(group, &beside.failing)),
            },
            Err(RunnerError::OutOfBudget) => {
                tried.push("not the given order: the time was used up".to_owned());
            }
            Err(halt) => return Err(halt),
        }
        Ok(TrialResult::Cures(tried))
    }

    /// Whether a test before the victim fails there with the change: who cannot begin leaves nothing. The given order tells that, unless
    /// the test is among those that fail in it.
    fn cut_short(
        &self,
        group: &PatchGroup<'_>,
        failing: &BTreeSet<String>,
        changed: &mut ChangedSuite,
    ) -> Result<Option<String>, RunnerError> {
        if !group.before().iter().any(|test| failing.contains(test)) {
            return Ok(None);
        }
        let order: Vec<usize> = group.before().iter().filter_map(|id| self.suite.find(id)).collect();
        let worse = self.beside_plain(&order, changed)?.worse;
        Ok(worse.first().map(|test| format!("{test} fails with it before the victim runs")))
    }

    /// What fails in an order with the change.
    pub(super) fn beside_plain(
        &self,
        order: &[usize],
        changed: &mut ChangedSuite,
    ) -> Result<BesidePlain, RunnerError> {
        let mut found = BesidePlain::default();
        if order.is_empty() {
            return Ok(found);
        }
        let timestamps = changed.timestamps;
        let before = self.plain.lock().unwrap_or_else(PoisonError::into_inner).failing(order, timestamps)?;
        let ids = order.iter().map(|&test| self.suite.items[test].id.as_str());
        let order: Vec<usize> = ids.filter_map(|id| changed.zygote.suite.find(id)).collect();
        // What fails by chance may do so only once.
        for is_again in [false, true] {
            let failing = failing(&mut changed.zygote, &order, timestamps)?;
            let worse: BTreeSet<String> = failing.difference(&before).cloned().collect();
            found.worse = if is_again { &found.worse & &worse } else { worse };
            found.failing = failing;
            if found.worse.is_empty() {
                break;
            }
        }
        Ok(found)
    }
}

/// How what was tried says that the given order ran, and nothing that the change is for failed there.
const GIVEN_ORDER: &str = "the given order";

/// Whether what was tried says so.
pub(super) fn is_cured_in_given_order(tried: &[String]) -> bool {
    tried.iter().any(|each| each == GIVEN_ORDER)
}

/// That the given order ran, and which of the tests that a change is for fail there all the same: something else makes them fail.
fn in_given_order(group: &PatchGroup<'_>, failing: &BTreeSet<String>) -> String {
    let mut still =
        group.findings.iter().map(|finding| &finding.victim).filter(|test| failing.contains(*test));
    match (still.next(), still.count()) {
        (None, _) => GIVEN_ORDER.to_owned(),
        (Some(test), 0) => format!("{GIVEN_ORDER}, where {test} still fails"),
        (Some(test), more) => format!("{GIVEN_ORDER}, where {test} and {more} more still fail"),
    }
}

impl ChangedSuite {
    /// Whether all tests of the hunt are there.
    pub(super) fn has_all(&self, suite: &Suite) -> bool {
        let collected: BTreeSet<&str> = self.zygote.suite.items.iter().map(|item| item.id.as_str()).collect();
        suite.items.iter().all(|item| collected.contains(item.id.as_str()))
    }

    /// Which tests of a group are not cured and why. One is enough, unless each has a change of its own, as brittle ones have: then
    /// the change of one says nothing of the others.
    pub(super) fn still_shows<'g>(
        &mut self,
        group: &PatchGroup<'g>,
    ) -> Result<Vec<(&'g str, String)>, RunnerError> {
        let wanted = if group.first().finding == FindingKind::Brittle { MOST_TRIED } else { 1 };
        let mut shown = Vec::new();
        for finding in group.findings.iter().take(MOST_TRIED) {
            shown.extend(self.shows(finding, TRIES)?.map(|why| (&finding.victim[..], why)));
            if shown.len() == wanted {
                break;
            }
        }
        Ok(shown)
    }

    /// Whether each finding of a group shows here as it was found.
    pub(super) fn shows_as_found(&mut self, group: &PatchGroup<'_>) -> Result<bool, RunnerError> {
        for finding in group.findings.iter().take(MOST_TRIED) {
            let Some(order) = self.order_of(finding) else { return Ok(false) };
            let Some(&victim) = order.last() else { return Ok(false) };
            let alone = self.passes(&[victim], victim)?;
            let as_found = match finding.finding {
                FindingKind::Brittle => !alone && self.passes(&order, victim)?,
                // What needs other files fails only with few.
                FindingKind::Collection => !alone && !finding.needs_files(),
                _ => alone && !self.passes(&order, victim)?,
            };
            if !as_found {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Which tests of a group still fail here, where only their file is collected, and why.
    pub(super) fn fail_alone<'g>(
        &mut self,
        group: &PatchGroup<'g>,
    ) -> Result<Vec<(&'g str, String)>, RunnerError> {
        let mut failing = Vec::new();
        for finding in &group.findings {
            let victim = self.zygote.suite.find(&finding.victim);
            for _ in 0..TRIES {
                let passes = victim.map_or(Ok(false), |victim| self.passes(&[victim], victim))?;
                if !passes {
                    let why = format!("{} fails with it when its file is collected alone", finding.victim);
                    failing.push((&finding.victim[..], why));
                    break;
                }
            }
        }
        Ok(failing)
    }

    fn passes(&mut self, order: &[usize], victim: usize) -> Result<bool, RunnerError> {
        self.zygote.budget.check()?;
        Ok(self.zygote.run(order, &TestRunOptions::plain(self.timestamps))?.passes(victim))
    }

    /// The tests before a victim, and the victim, if all of them are here. Of a collection no test comes before it.
    fn order_of(&self, finding: &HuntFinding) -> Option<Vec<usize>> {
        let ids = finding.before().iter().filter(|_| finding.finding != FindingKind::Collection);
        ids.chain([&finding.victim]).map(|id| self.zygote.suite.find(id)).collect()
    }

    /// Whether a group seems to be cured, by one run of each order of one of its findings.
    pub(super) fn seems_cured(&mut self, group: &PatchGroup<'_>) -> Result<bool, RunnerError> {
        self.shows(group.first(), 1).map(|shown| shown.is_none())
    }

    /// Why a finding shows all the same, in so many tries.
    fn shows(&mut self, finding: &HuntFinding, tries: usize) -> Result<Option<String>, RunnerError> {
        if self.zygote.suite.uncollected.iter().any(|each| each.id == finding.victim) {
            return Ok(Some(format!("{} cannot be collected", finding.victim)));
        }
        // The victim may be a file, which is collected now.
        let Some(order) = self.order_of(finding) else { return Ok(None) };
        let Some(&victim) = order.last() else { return Ok(None) };
        let brittle = finding.finding == FindingKind::Brittle;
        let (times_alone, times_after) = if brittle { (tries, 1) } else { (1, tries) };
        for (order, times, when) in
            [(&[victim][..], times_alone, "alone"), (&order[..], times_after, "after the others")]
        {
            for _ in 0..times {
                if !self.passes(order, victim)? {
                    return Ok(Some(format!("{} fails with it when it runs {when}", finding.victim)));
                }
            }
        }
        Ok(None)
    }
}
