//! Which orders are run, and which tests they make suspicious. Whether a suspicion holds is for `judge` to say.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::kind::FindingKind;
use crate::suite::event::{HuntEvent, HuntProgress};
use crate::suite::finding::{HuntFinding, Tally};
use crate::suite::in_place::left::Fate;
use crate::suite::judge::runs::Judge;
use crate::suite::judge::sighting::Sightings;
use crate::suite::judge::suspicion::{Suspicion, prefix};
use crate::suite::judge::{hints, look_into};
use crate::suite::orders::{Cover, random};
use crate::suite::plan::{OrderKind, Plan, SearchEnd};
use crate::suite::runner::listen::KILLS_ITS_PARENT;
use crate::suite::runner::run::{
    Branches, HuntClock, OrderRun, RunRequest, Runner, RunnerError, TestOutcome, TestRunOptions,
};
use crate::suite::runner::suite::Suite;

const REPEATS: usize = 1;
const FRUITLESS_RANDOM_ORDERS: u64 = 20;
const CHECKED_IN_FRESH_PROCESSES: usize = 8;
/// An order is worth branches if it is as long as this, in tests or in time.
const LONG: usize = 100;
const LONG_TIME: Duration = Duration::from_millis(300);

/// A search under way, and all that it has come to so far.
pub(crate) struct Search<'a, R> {
    pub(crate) judge: Judge<'a, R>,
    suite: &'a Suite,
    plan: Plan,
    watch: &'a mut dyn FnMut(HuntEvent<'_>),
    pub(crate) findings: Vec<HuntFinding>,
    pub(crate) fails_alone: BTreeSet<usize>,
    pub(crate) frozen_only: BTreeSet<usize>,
    pub(crate) orders: BTreeMap<String, usize>,
    pub(crate) notes: BTreeSet<String>,
    pub(crate) cover: Cover,
    pub(crate) sightings: Sightings,
    /// What runs wrote to views of their own.
    pub(crate) written_apart: BTreeSet<PathBuf>,
    /// What of all that runs wrote lay there before them.
    pub(crate) lay_there: BTreeSet<PathBuf>,
    /// What need not be looked into: it was found already.
    pub(crate) known: Vec<(usize, FindingKind)>,
    settled: BTreeSet<usize>,
    passed_after: BTreeMap<usize, Vec<usize>>,
    fruitless: u64,
}

impl<R: std::fmt::Debug> std::fmt::Debug for Search<'_, R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Search")
            .field("judge", &self.judge)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl<'a, R: Runner> Search<'a, R> {
    pub(crate) fn new(
        runner: R,
        suite: &'a Suite,
        plan: Plan,
        watch: &'a mut dyn FnMut(HuntEvent<'_>),
    ) -> Self {
        Self {
            judge: Judge::new(runner, &suite.items),
            suite,
            cover: Cover::new(&suite.items, &plan.given),
            plan,
            watch,
            findings: Vec::new(),
            fails_alone: BTreeSet::new(),
            frozen_only: BTreeSet::new(),
            orders: BTreeMap::new(),
            notes: BTreeSet::new(),
            sightings: Sightings::default(),
            written_apart: BTreeSet::new(),
            lay_there: BTreeSet::new(),
            known: Vec::new(),
            settled: BTreeSet::new(),
            passed_after: BTreeMap::new(),
            fruitless: 0,
        }
    }

    /// Runs all orders that the plan has.
    pub(crate) fn all(&mut self) -> Result<SearchEnd, RunnerError> {
        let (given, real) = (self.plan.given.clone(), self.plan.timestamps);
        let backwards: Vec<usize> = given.iter().rev().copied().collect();
        let wanted = |kind: OrderKind, plan: &Plan| plan.orders.contains(&kind);
        for test in self.plan.victims.clone() {
            // It may be the brittle one: no order needs to make it fail.
            let alone = self.judge.alone(test, real)?;
            if alone.fails() {
                self.failed_alone(test, alone.outcome);
            }
        }
        if wanted(OrderKind::Given, &self.plan) {
            self.batch(vec![(OrderKind::Given, given.clone(), real)])?;
            if let Some(test) = self.differs_in_forks()? {
                return Ok(SearchEnd::ForksDiffer(test));
            }
        }
        let mut rest = Vec::new();
        if wanted(OrderKind::Reverse, &self.plan) {
            rest.push((OrderKind::Reverse, backwards.clone(), real));
        }
        if self.plan.frozen_pass {
            let both = [(OrderKind::Given, &given), (OrderKind::Reverse, &backwards)];
            let both = both.into_iter().filter(|(kind, _)| wanted(*kind, &self.plan));
            rest.extend(both.map(|(kind, order)| (kind, order.clone(), HuntClock::Frozen)));
        }
        self.batch(rest)?;
        while wanted(OrderKind::Pairs, &self.plan) && !self.all_settled() {
            let orders: Vec<_> = (0..self.plan.jobs).map_while(|_| self.cover.next()).collect();
            if orders.is_empty() {
                // What ended a process in the middle of an order may come later in another one.
                if self.plan.victims.is_empty() && self.cover.once_more(&self.judge.left_out) {
                    continue;
                }
                break;
            }
            self.batch(orders.into_iter().map(|order| (OrderKind::Pairs, order, real)).collect())?;
        }
        self.fruitless = 0;
        let mut number = 0;
        while wanted(OrderKind::Random, &self.plan)
            && !self.all_settled()
            && self.fruitless < FRUITLESS_RANDOM_ORDERS
        {
            let numbers = number..number + self.plan.jobs as u64;
            number = numbers.end;
            let order = |number| random(&self.suite.items, &given, self.plan.seed.wrapping_add(number));
            self.batch(numbers.map(|number| (OrderKind::Random, order(number), real)).collect())?;
        }
        Ok(SearchEnd::Complete)
    }

    /// How far the search is.
    fn so_far(&self) -> HuntProgress {
        HuntProgress {
            orders: self.orders.values().sum(),
            findings: self.findings.len(),
            time_left: self.plan.time_left(),
        }
    }

    /// With `--victim`, there is nothing left to do once they are all found.
    fn all_settled(&self) -> bool {
        !self.plan.victims.is_empty() && self.plan.victims.iter().all(|test| self.settled.contains(test))
    }

    /// Runs orders, as many at once as may be, and looks at what came of each.
    fn batch(&mut self, orders: Vec<(OrderKind, Vec<usize>, HuntClock)>) -> Result<(), RunnerError> {
        let mut orders = orders.into_iter();
        loop {
            let some: Vec<_> = orders.by_ref().take(self.plan.jobs).collect();
            if some.is_empty() {
                return Ok(());
            }
            let (mut kinds, mut wanted) = (Vec::new(), Vec::new());
            for (kind, order, timestamps) in some {
                let order = self.cut(&order);
                if order.is_empty() {
                    self.fruitless += 1;
                    continue;
                }
                let so_far = self.so_far();
                (self.watch)(HuntEvent::Order { kind, timestamps, tests: order.len(), so_far });
                let branches = self.first_branches(&order);
                kinds.push(kind);
                wanted.push((order, TestRunOptions { branches, ..TestRunOptions::plain(timestamps) }));
            }
            let runs = match self.judge.run_all(&wanted) {
                Ok(runs) => runs,
                Err(halt) => {
                    // The last ones that there will be: nobody looks into what they show.
                    for (place, run) in self.judge.runner.cut() {
                        self.see(&run, wanted[place].1.timestamps);
                    }
                    return Err(halt);
                }
            };
            let (mut halted, mut again) = (None, Vec::new());
            let left_out = self.judge.left_out.len();
            for ((kind, wanted), run) in kinds.into_iter().zip(wanted).zip(runs) {
                if halted.is_some() {
                    self.count(kind, wanted.1.timestamps);
                    self.see(&run, wanted.1.timestamps);
                } else {
                    halted = self.look_at(kind, &wanted, &run).err();
                    again.extend((run.in_one_process().len() > 1).then_some((
                        kind,
                        wanted.0,
                        wanted.1.timestamps,
                    )));
                }
            }
            if let Some(halt) = halted {
                return Err(halt);
            }
            if self.judge.left_out.len() > left_out {
                // What came after a crash is still to be seen after what came before it.
                self.batch(again)?;
            }
        }
    }

    /// Somebody who names a victim expects it to fail in the first order: then its bisection has a lead.
    fn first_branches(&self, order: &[usize]) -> Branches {
        let expected = self.orders.is_empty() && order.len() >= LONG;
        let mut branches = if expected {
            hints::branches(&self.suite.items, self.plan.victims.clone(), order)
        } else {
            Branches::default()
        };
        if let [victim] = self.plan.victims[..] {
            let brittle = self.fails_alone.contains(&victim);
            branches.until = Some(if brittle { TestOutcome::Passed } else { TestOutcome::Failed });
        }
        branches
    }

    fn look_at(
        &mut self,
        kind: OrderKind,
        (order, how): &RunRequest,
        run: &OrderRun,
    ) -> Result<(), RunnerError> {
        self.count(kind, how.timestamps);
        let before = self.findings.len();
        let ended_by_a_branch = how.branches.until.is_some()
            && how.branches.until == run.branched.last().map(|last| last.outcome);
        if ended_by_a_branch && let Some(suspicion) = hints::early(&mut self.judge, run, how.timestamps)? {
            self.see(run, how.timestamps);
            self.decide(&suspicion, Tally::ONCE)?;
        } else if ended_by_a_branch || !self.suspect(order, run, how.timestamps)? && !run.branched.is_empty()
        {
            // A branch may have left a file behind: only the order by itself says that something is not so.
            let run = self.judge.run(order, &TestRunOptions::plain(how.timestamps))?;
            self.suspect(order, &run, how.timestamps)?;
        }
        self.fruitless = if self.findings.len() > before { 0 } else { self.fruitless + 1 };
        Ok(())
    }

    /// What nobody looks at needs not run: what comes after the last victim asked for, and tests that end every run.
    fn cut(&self, order: &[usize]) -> Vec<usize> {
        let wanted = |test: &&usize| self.plan.victims.contains(test) && !self.settled.contains(test);
        let end = if self.plan.victims.is_empty() {
            order.len()
        } else {
            order.iter().rposition(|test| wanted(&test)).map_or(0, |last| last + 1)
        };
        order[..end].iter().copied().filter(|test| !self.judge.left_out.contains(test)).collect()
    }

    fn count(&mut self, kind: OrderKind, timestamps: HuntClock) {
        let name = match timestamps {
            HuntClock::Real => kind.name().to_owned(),
            other => format!("{} ({} timestamps)", kind.name(), other.name()),
        };
        *self.orders.entry(name).or_default() += 1;
    }

    /// What a run shows, whether or not somebody will look into it.
    fn see(&mut self, run: &OrderRun, timestamps: HuntClock) {
        run.in_one_process().iter().for_each(|order| self.cover.note(order));
        self.sightings.note(run, timestamps);
        let old = run.left_behind.iter().filter(|left| left.existed_before);
        self.lay_there.extend(old.map(|left| left.path.clone()));
    }

    /// Whether there is no more to say of a test that failed: a finding does, it is broken, or nobody has asked for it.
    pub(crate) fn is_known(&self, test: usize, timestamps: HuntClock) -> bool {
        let asked_for = self.plan.victims.is_empty() || self.plan.victims.contains(&test);
        let frozen_only = timestamps != self.plan.timestamps && self.frozen_only.contains(&test);
        !asked_for || self.settled.contains(&test) || self.fails_alone.contains(&test) || frozen_only
    }

    fn check_order(&mut self, wanted: &[usize], run: &OrderRun) {
        let ran = run.order();
        if ran != wanted {
            self.note(format!(
                "the tests did not run in the order asked for ({} of {} ran; a plugin?); what really ran is what counts",
                ran.len(),
                wanted.len()
            ));
        }
        for left in &run.left_behind {
            if left.fate == Fate::Apart {
                self.written_apart.insert(left.path.clone());
            } else {
                self.note(left.sentence(Path::new(&self.suite.about.root)));
            }
        }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            (self.watch)(HuntEvent::Note { text: &note });
            self.notes.insert(note);
        }
    }

    /// Looks at every outcome of a run, collects suspicions, repeats them, and has those that hold looked into.
    /// Whether there were any.
    fn suspect(
        &mut self,
        order: &[usize],
        run: &OrderRun,
        timestamps: HuntClock,
    ) -> Result<bool, RunnerError> {
        self.see(run, timestamps);
        self.check_order(order, run);
        let mut suspicions = Vec::new();
        for (place, ran) in run.tests.iter().enumerate() {
            let asked_for = self.plan.victims.is_empty() || self.plan.victims.contains(&ran.test);
            if self.settled.contains(&ran.test) || !asked_for {
                continue;
            }
            let prefix = prefix(run, place);
            match ran.outcome {
                TestOutcome::Passed => suspicions.extend(self.passed(ran.test, prefix, timestamps)),
                TestOutcome::Skipped => {}
                _ => suspicions.extend(self.failed(ran.test, prefix, timestamps)?),
            }
        }
        suspicions.retain(|each| !self.known.contains(&(each.test, each.kind)));
        hints::find(run, &mut suspicions);
        let seen = self.repeat(run, &mut suspicions)?;
        for (suspicion, seen) in suspicions.iter().zip(seen) {
            self.decide(suspicion, seen)?;
        }
        Ok(!suspicions.is_empty())
    }

    fn passed(&mut self, test: usize, prefix: Vec<usize>, timestamps: HuntClock) -> Option<Suspicion> {
        if timestamps == self.plan.timestamps && !self.passed_after.contains_key(&test) {
            self.passed_after.insert(test, prefix.clone());
        }
        let brittle = self.fails_alone.contains(&test) && timestamps == self.plan.timestamps;
        brittle.then_some(Suspicion { test, kind: FindingKind::Brittle, prefix, timestamps, lead: None })
    }

    fn failed(
        &mut self,
        test: usize,
        prefix: Vec<usize>,
        timestamps: HuntClock,
    ) -> Result<Option<Suspicion>, RunnerError> {
        let main = timestamps == self.plan.timestamps;
        if self.fails_alone.contains(&test) || (!main && self.frozen_only.contains(&test)) {
            return Ok(None);
        }
        let alone = self.judge.alone(test, timestamps)?;
        if alone.passes() {
            return Ok(Some(Suspicion { test, kind: FindingKind::Victim, prefix, timestamps, lead: None }));
        }
        if !alone.fails() {
            if alone.passed > 0 {
                let suspicion = Suspicion { test, kind: FindingKind::Victim, prefix, timestamps, lead: None };
                let finding = self.judge.by_chance(
                    &suspicion,
                    Tally { hits: alone.passed, tries: alone.tries },
                    alone.text,
                );
                self.found(test, finding);
            }
            return Ok(None);
        }
        if !main {
            self.frozen_only.insert(test);
            return Ok(None);
        }
        self.failed_alone(test, alone.outcome);
        let passed_after = self.passed_after.get(&test).cloned();
        Ok(passed_after.map(|prefix| Suspicion {
            test,
            kind: FindingKind::Brittle,
            prefix,
            timestamps,
            lead: None,
        }))
    }

    fn failed_alone(&mut self, test: usize, outcome: TestOutcome) {
        self.fails_alone.insert(test);
        if matches!(outcome, TestOutcome::Crashed | TestOutcome::TimedOut) {
            self.judge.left_out.push(test);
        }
    }

    /// How often each suspicion is seen when its order is run again: once for all that come from this run.
    fn repeat(&mut self, run: &OrderRun, suspicions: &mut [Suspicion]) -> Result<Vec<Tally>, RunnerError> {
        let mut seen = vec![Tally::ONCE; suspicions.len()];
        if !self.plan.victims.is_empty() {
            return Ok(seen); // somebody has seen it before; what confirms the answer comes at the end
        }
        let order = run.order();
        let from_here = |suspicion: &Suspicion| {
            let end = order.iter().position(|test| *test == suspicion.test)?;
            order[..end].ends_with(&suspicion.prefix).then_some(end)
        };
        let shared = suspicions.iter().filter_map(from_here).max();
        for _ in 0..REPEATS {
            let again = match (shared, suspicions.first()) {
                (Some(end), Some(first)) => {
                    let timestamps = first.timestamps;
                    Some(self.again(&order[..=end], timestamps, run.took > LONG_TIME, suspicions)?)
                }
                _ => None,
            };
            for (suspicion, seen) in suspicions.iter().zip(&mut seen) {
                let own = if let (Some(again), Some(_)) = (&again, from_here(suspicion)) {
                    suspicion.is_shown_in(again)
                } else {
                    let order: Vec<usize> =
                        suspicion.prefix.iter().copied().chain([suspicion.test]).collect();
                    suspicion
                        .is_shown_in(&self.judge.run(&order, &TestRunOptions::plain(suspicion.timestamps))?)
                };
                *seen = seen.with(own);
            }
        }
        Ok(seen)
    }

    /// Runs an order again; with branches, if it is long, to get leads for its suspicions.
    fn again(
        &mut self,
        order: &[usize],
        timestamps: HuntClock,
        long: bool,
        suspicions: &mut [Suspicion],
    ) -> Result<OrderRun, RunnerError> {
        let plain = TestRunOptions::plain(timestamps);
        let tests = suspicions.iter().map(|suspicion| suspicion.test).collect();
        let branches =
            if long { hints::branches(&self.suite.items, tests, order) } else { Branches::default() };
        if branches.places.is_empty() {
            return self.judge.run(order, &plain);
        }
        let run = self.judge.run(order, &TestRunOptions { branches, ..plain.clone() })?;
        hints::find(&run, suspicions);
        let all = suspicions
            .iter()
            .all(|suspicion| run.of(suspicion.test).is_none() || suspicion.is_shown_in(&run));
        if all { Ok(run) } else { self.judge.run(order, &plain) }
    }

    fn decide(&mut self, suspicion: &Suspicion, seen: Tally) -> Result<(), RunnerError> {
        let id = &self.suite.items[suspicion.test].id;
        if self.settled.contains(&suspicion.test) {
            return Ok(());
        }
        if !seen.is_steady() {
            let message = format!("seen {} of {} times in one and the same order", seen.hits, seen.tries);
            let finding = self.judge.by_chance(suspicion, seen, message);
            self.found(suspicion.test, finding);
            return Ok(());
        }
        let so_far = self.so_far();
        (self.watch)(HuntEvent::Suspicion { test: id, so_far });
        let (finding, halt) = look_into(&mut self.judge, suspicion, seen);
        self.found(suspicion.test, finding);
        halt.map_or(Ok(()), Err)
    }

    fn found(&mut self, test: usize, finding: HuntFinding) {
        if let Some(note) = finding.note() {
            self.note(note);
        }
        let so_far = HuntProgress { findings: self.findings.len() + 1, ..self.so_far() };
        (self.watch)(HuntEvent::Found { finding: &finding, so_far });
        self.settled.insert(test);
        self.fails_alone.remove(&test);
        self.findings.push(finding);
    }

    /// A test that fails on its own in a fork and passes in a process of its own, as one does that compares process ids.
    fn differs_in_forks(&mut self) -> Result<Option<usize>, RunnerError> {
        if !self.plan.doubt_forks {
            return Ok(None);
        }
        let doubtful: Vec<usize> =
            self.fails_alone.iter().copied().take(CHECKED_IN_FRESH_PROCESSES).collect();
        for test in doubtful {
            // In a process of its own it would do so to another process.
            if self.judge.alone(test, self.plan.timestamps)?.text == KILLS_ITS_PARENT {
                continue;
            }
            let how = TestRunOptions { fresh: true, ..TestRunOptions::plain(self.plan.timestamps) };
            if self.judge.run(&[test], &how)?.passes(test) {
                return Ok(Some(test));
            }
        }
        Ok(None)
    }
}
