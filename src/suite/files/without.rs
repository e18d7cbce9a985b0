//! A second search of the suite without the old files that tests write. Findings that show only then are added to the
//! report, and so is a note on broken tests that pass then. `old_files` selects the files.

use std::path::{Path, PathBuf};

use super::old_files::{chosen, listed, names, not_in_place, not_without, one_or_more};
use super::recheck::shows;
use crate::kind::FindingKind;
use crate::minimize::minimize;
use crate::suite::event::{HuntEvent, HuntProgress};
use crate::suite::finding::HuntFinding;
use crate::suite::hunt::{HuntResult, Hunting};
use crate::suite::hunt_report::{BrokenTest, HuntReport};
use crate::suite::plan::{HuntPlan, OrderKind};
use crate::suite::runner::budgeted::BudgetedRunner;
use crate::suite::runner::journal::Journal;
use crate::suite::runner::journal_file::JournalFile;
use crate::suite::runner::pool::Pool;
use crate::suite::runner::run::{Runner as _, RunnerError, TestRunOptions};
use crate::suite::runner::zygote::Zygote;
use crate::suite::search::HuntSearch;
use crate::suite::settings::journal_path;

/// The number of files that are also left out one by one, if a test fails without all of them.
const MOST_SINGLE: usize = 10;
/// How often a broken test must pass.
const TRIES: usize = 3;

type Watch<'w> = &'w mut dyn FnMut(HuntEvent<'_>);

/// The result of a search without some files.
struct MaskedFindings {
    findings: Vec<HuntFinding>,
    /// Tests that fail alone only without the files.
    failing: Vec<usize>,
    halted: Option<RunnerError>,
}

/// A second search without old files, and its results so far.
struct SecondSearch<'a> {
    hunting: &'a Hunting<'a>,
    zygote: &'a mut Zygote,
    plan: HuntPlan,
    report: &'a mut HuntReport,
    /// Sets of files known to hide a finding: likely ones for the next finding.
    hiding: Vec<Vec<PathBuf>>,
}

impl Hunting<'_> {
    /// Searches without files that existed before the hunt and that tests write, as long as there is time.
    pub(crate) fn look_without(
        &self,
        zygote: &mut Zygote,
        plan: &HuntPlan,
        searched: &mut HuntResult,
        watch: Watch<'_>,
    ) {
        let report = &mut searched.report;
        let (old, more) = chosen(&searched.existed_before, |path| zygote.is_of_this_hunt(path));
        if old.is_empty() {
            return;
        }
        let told = names(&old, Path::new(&self.suite.about.root));
        let why_not = match &report.halted {
            _ if !zygote.is_private() => Some(not_in_place(&told)),
            Some(why) => Some(not_without(&told, why)),
            None => None,
        };
        if let Some(note) = why_not {
            report.notes.push(note);
            return;
        }
        if more > 0 {
            report.notes.push(format!(
                "{more} more files existed before the hunt, and tests write them: all orders ran with these"
            ));
        }
        let plan = HuntPlan {
            orders: vec![OrderKind::Given, OrderKind::Reverse],
            frozen_pass: false,
            doubt_forks: false,
            ..plan.clone()
        };
        let mut second = SecondSearch { hunting: self, zygote, plan, report, hiding: Vec::new() };
        match second.all(old, watch) {
            Ok(()) => {}
            Err(halt @ (RunnerError::Interrupted | RunnerError::OutOfBudget)) => {
                report.notes.push(not_without(&told, &format!("incomplete: {halt}")));
                report.halted = Some(halt.to_string());
            }
            Err(halt) => report.notes.push(not_without(&told, &halt.to_string())),
        }
    }
}

impl SecondSearch<'_> {
    fn all(&mut self, old: Vec<PathBuf>, watch: Watch<'_>) -> Result<(), RunnerError> {
        let Some((mut other, old)) = self.collected(old)? else { return Ok(()) };
        let told = self.names(&old);
        let note = format!(
            "orders also ran without {}, which existed before the hunt and which tests write",
            listed(&told)
        );
        watch(HuntEvent::Note { text: &note });
        self.report.notes.push(note);
        let masked = self.search(&mut other, &old, &self.plan.clone(), watch);
        let masked = masked.and_then(|masked| self.look_at_broken(&mut other, &old).map(|()| masked));
        self.zygote.runs += other.runs;
        drop(other);
        let masked = masked?;
        // A test that needs one of the files cannot show that another one hides something.
        if masked.is_empty() || old.len() == 1 {
            return Ok(());
        }
        let plan = HuntPlan { victims: masked, ..self.plan.clone() };
        for path in old.iter().take(MOST_SINGLE) {
            let one = vec![path.clone()];
            let Some(mut other) = self.zygote.without(one.clone())? else { continue };
            let searched = self.search(&mut other, &one, &plan, watch);
            self.zygote.runs += other.runs;
            searched?;
        }
        Ok(())
    }

    /// The suite without these files. If pytest needs some of them to collect the same tests, those stay.
    fn collected(&mut self, old: Vec<PathBuf>) -> Result<Option<(Zygote, Vec<PathBuf>)>, RunnerError> {
        if let Some(other) = self.zygote.without(old.clone())? {
            return Ok(Some((other, old)));
        }
        let (mut spared, mut needed) = (Vec::new(), Vec::new());
        for path in old {
            let can_do = spared.len() + needed.len() < MOST_SINGLE
                && self.zygote.without(vec![path.clone()])?.is_some();
            if can_do { spared.push(path) } else { needed.push(path) }
        }
        let mut other = None;
        if !spared.is_empty() {
            other = self.zygote.without(spared.clone())?;
        }
        if other.is_none() {
            needed.append(&mut spared);
        }
        let told = self.names(&needed);
        self.report.notes.push(not_without(&told, "pytest then collects other tests"));
        Ok(other.map(|other| (other, spared)))
    }

    /// Searches without these files; adds findings that show only then, returns tests that fail alone only then.
    fn search(
        &mut self,
        other: &mut Zygote,
        old: &[PathBuf],
        plan: &HuntPlan,
        watch: Watch<'_>,
    ) -> Result<Vec<usize>, RunnerError> {
        let found = self.found(other, old, plan, watch)?;
        for finding in found.findings {
            self.add(finding, old, watch)?;
        }
        found.halted.map_or(Ok(found.failing), Err)
    }

    fn found(
        &self,
        other: &mut Zygote,
        old: &[PathBuf],
        plan: &HuntPlan,
        watch: Watch<'_>,
    ) -> Result<MaskedFindings, RunnerError> {
        let Hunting { settings, suite, budget, .. } = self.hunting;
        let (path, fresh) = (journal_path(settings, suite, old), other.fresh);
        let kept = JournalFile::open(&path, settings.resume)
            .map_err(crate::suite::runner::process_error::ProcessError::Folder)?;
        let pool = Pool::new(other, plan.jobs, settings.jobs);
        let journal = Journal::new(BudgetedRunner::new(pool, (*budget).clone()), kept, fresh);
        // A finding is reported once it is known to be hidden.
        let mut quiet = |progress: HuntEvent<'_>| {
            if !matches!(progress, HuntEvent::Found { .. }) {
                watch(progress);
            }
        };
        let mut search = HuntSearch::new(journal, suite, plan.clone(), &mut quiet);
        let known = self.report.findings.iter().flat_map(|finding| self.known(finding)).collect();
        search.inquiry.ledger.known = known;
        let halted = search.all().err();
        let ledger = &mut search.inquiry.ledger;
        let is_broken =
            |test: &&usize| self.report.broken.iter().any(|each| each.test == suite.items[**test].id);
        let failing = ledger.fails_alone.iter().filter(|test| !is_broken(test)).copied().collect();
        Ok(MaskedFindings { findings: std::mem::take(&mut ledger.findings), failing, halted })
    }

    /// The outcomes of the test that need no further look because of this finding.
    fn known(&self, finding: &HuntFinding) -> Vec<(usize, FindingKind)> {
        let kinds = match finding.finding {
            FindingKind::Nondeterministic => vec![FindingKind::Victim, FindingKind::Brittle],
            kind => vec![kind],
        };
        let Some(test) = self.hunting.suite.find(&finding.victim) else { return Vec::new() };
        kinds.into_iter().map(|kind| (test, kind)).collect()
    }

    /// Adds a finding, unless it also shows with the files: then the chosen orders happened not to show it.
    fn add(
        &mut self,
        mut finding: HuntFinding,
        old: &[PathBuf],
        watch: Watch<'_>,
    ) -> Result<(), RunnerError> {
        let is_hidden = matches!(finding.finding, FindingKind::Victim | FindingKind::Brittle)
            && !shows(self.zygote, &finding)?;
        if !is_hidden {
            return Ok(());
        }
        let (hidden_by, halted) = match self.smallest(old, |other| shows(other, &finding)) {
            Ok(some) => (some, None),
            Err(halt) => (old.to_vec(), Some(halt)),
        };
        finding.hidden_by = self.names(&hidden_by);
        let so_far = HuntProgress::with_one_more(self.report, self.plan.time_left());
        watch(HuntEvent::Found { finding: &finding, so_far });
        self.report.notes.extend(finding.notes());
        self.report.findings.push(finding);
        self.report.last_finding = self.hunting.started.elapsed().as_secs_f64();
        halted.map_or(Ok(()), Err)
    }

    /// Reports the broken tests that pass without these files.
    fn look_at_broken(&mut self, other: &mut Zygote, old: &[PathBuf]) -> Result<(), RunnerError> {
        for place in 0..self.report.broken.len() {
            let id = self.report.broken[place].test.clone();
            let Some(test) = self.hunting.suite.find(&id) else { continue };
            if !self.passes(other, test)? {
                continue;
            }
            let how = TestRunOptions::plain(self.plan.timestamps);
            let files = self.smallest(old, |other| Ok(other.run(&[test], &how)?.passes(test)))?;
            let told = self.names(&files);
            self.report.notes.push(format!(
                "{id} is broken only because {} existed before the hunt: without {}, it passes",
                listed(&told),
                one_or_more(&told, "it", "them")
            ));
            let broken: &mut BrokenTest = &mut self.report.broken[place];
            broken.broken_by = told;
        }
        Ok(())
    }

    fn passes(&self, other: &mut Zygote, test: usize) -> Result<bool, RunnerError> {
        for _ in 0..TRIES {
            self.hunting.budget.check()?;
            if !other.run(&[test], &TestRunOptions::plain(self.plan.timestamps))?.passes(test) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The smallest set of files whose absence shows the finding; the absence of all of them does.
    fn smallest(
        &mut self,
        old: &[PathBuf],
        mut shows: impl FnMut(&mut Zygote) -> Result<bool, RunnerError>,
    ) -> Result<Vec<PathBuf>, RunnerError> {
        let mut shows_without = |part: &[PathBuf]| {
            if part.is_empty() || part.len() == old.len() {
                return Ok(!part.is_empty());
            }
            self.hunting.budget.check()?;
            let Some(mut other) = self.zygote.without(part.to_vec())? else { return Ok(false) };
            let answer = shows(&mut other);
            self.zygote.runs += other.runs;
            answer
        };
        let mut likely = old;
        for known in &self.hiding {
            if known.iter().all(|path| old.contains(path)) && shows_without(known)? {
                likely = known;
                break;
            }
        }
        let found = minimize(likely, shows_without)?;
        if !self.hiding.contains(&found) {
            self.hiding.push(found.clone());
        }
        Ok(found)
    }

    fn names(&self, paths: &[PathBuf]) -> Vec<String> {
        names(paths, Path::new(&self.hunting.suite.about.root))
    }
}
