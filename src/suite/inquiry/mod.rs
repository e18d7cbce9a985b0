//! Finds suspicions in runs and follows them up. `search` chooses the orders to run, and `judge` decides whether a
//! suspicion holds.
//!
//! ```text
//! look_at(), suspect_pairs(): suspicions wait
//! settle(): all that waits is proven, the best evidence first; then all that is proven is explained, one test per polluter first
//! ```

mod ahead;
mod collected;
mod meanwhile;
mod pairs;
mod part;
mod queue;
mod random;
mod repeat;
mod settle;
mod spread;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use crate::kind::FindingKind;
use crate::suite::collection::CollectionDesk;
use crate::suite::event::{HuntEvent, HuntProgress};
use crate::suite::finding::HuntFinding;
use crate::suite::hunt_report::SeenFailing;
use crate::suite::in_place::left::FileFate;
use crate::suite::judge::alike::Explained;
use crate::suite::judge::hints;
use crate::suite::judge::prove::Proven;
use crate::suite::judge::runs::Judge;
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::ledger::Ledger;
use crate::suite::plan::{HuntPlan, OrderKind};
use crate::suite::runner::journal_file::SeenInOrder;
use crate::suite::runner::run::{
    HuntClock, OrderRun, RunRequest, Runner, RunnerError, TestOutcome, TestResult, TestRunOptions,
};
use crate::suite::runner::suite::Suite;
use queue::{ShownBy, SuspicionQueue};

/// An order that takes this long is worth branches.
const LONG_TIME: Duration = Duration::from_millis(300);

/// Follows up what runs show.
pub(crate) struct Inquiry<'a, R> {
    pub(crate) judge: Judge<'a, R>,
    pub(crate) suite: &'a Suite,
    pub(crate) plan: HuntPlan,
    pub(crate) ledger: Ledger,
    queue: SuspicionQueue,
    /// Whether what orders have shown waits for a survey of states: a pair that a state has shown costs far less than the search for
    /// it in an order.
    pub(crate) orders_wait: bool,
    /// What holds, and is not explained yet.
    proven: Vec<Proven>,
    /// What explained findings, for further tests of the same polluters.
    explained: Vec<Explained>,
    /// Where to ask about collection, if anywhere.
    pub(crate) desk: Option<CollectionDesk<'a>>,
    watch: &'a mut dyn FnMut(HuntEvent<'_>),
}

impl<R: std::fmt::Debug> std::fmt::Debug for Inquiry<'_, R> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Inquiry")
            .field("judge", &self.judge)
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl<'a, R: Runner> Inquiry<'a, R> {
    pub(crate) fn new(
        runner: R,
        suite: &'a Suite,
        plan: HuntPlan,
        watch: &'a mut dyn FnMut(HuntEvent<'_>),
    ) -> Self {
        let ledger = Ledger::new(&plan, suite.items.len());
        let judge = Judge::new(runner, &suite.items);
        Self {
            judge,
            suite,
            plan,
            ledger,
            queue: SuspicionQueue::default(),
            orders_wait: false,
            proven: Vec::new(),
            explained: Vec::new(),
            desk: None,
            watch,
        }
    }

    /// Passes an event to the watcher.
    pub(crate) fn tell(&mut self, event: HuntEvent<'_>) {
        (self.watch)(event);
    }

    /// Looks at an order that ran: what it raises waits until [`settle`](Self::settle).
    pub(crate) fn look_at(
        &mut self,
        kind: OrderKind,
        (order, how): &RunRequest,
        run: &OrderRun,
    ) -> Result<(), RunnerError> {
        self.ledger.count(kind, how.timestamps);
        let ended_by_a_branch = how.branches.until.is_some()
            && how.branches.until == run.branched.last().map(|last| last.outcome);
        if ended_by_a_branch && let Some(suspicion) = hints::early(&mut self.judge, run, how.timestamps)? {
            self.ledger.see(run);
            self.queue.add(suspicion, ShownBy::OwnRun);
        } else if ended_by_a_branch || !self.suspect(order, run, how.timestamps)? && !run.branched.is_empty()
        {
            // A branch may have left a file behind: only the order by itself can prove a negative.
            let run = self.judge.run(order, &TestRunOptions::plain(how.timestamps))?;
            self.suspect(order, &run, how.timestamps)?;
        }
        Ok(())
    }

    /// Takes over suspicions that a state has raised, each about a test and the one test before it (see
    /// [`Suspicion::after`]): what a test did in the state after another one. Each is run again before it is a finding; until
    /// [`settle`](Self::settle) they wait. All that are known should come at once: of several tests that decide an outcome, the one
    /// that decides most outcomes is named. Several tests before one count as an order of their own, which has run.
    pub(crate) fn suspect_pairs(&mut self, pairs: Vec<Suspicion>) {
        for pair in pairs {
            if self.plan.asks_for(pair.test) && !self.ledger.settled.contains(&pair.test) {
                if pair.kind == FindingKind::Brittle {
                    let before = 0..pair.prefix.len();
                    self.ledger.passed_after.note(pair.test, &Rc::from(&pair.prefix[..]), before);
                }
                let evidence = if pair.prefix.len() == 1 { ShownBy::State } else { ShownBy::OwnRun };
                self.queue.add(pair, evidence);
            }
        }
    }

    /// Takes over what tests did alone in runs that somebody else made, each test in a process state of its own. A test that fails
    /// waits to be looked into: it is broken or brittle.
    pub(crate) fn ran_alone(&mut self, ran: &[TestResult], timestamps: HuntClock) {
        for each in ran {
            self.judge.ran_alone(each, timestamps);
            if each.outcome.is_failure() && self.is_open(each.test, timestamps) {
                let alone = Suspicion::after(Vec::new(), each.test, FindingKind::Victim, timestamps);
                self.queue.add(alone, ShownBy::Order { is_long: false });
            }
        }
    }

    /// The progress of the search.
    pub(crate) fn so_far(&self) -> HuntProgress {
        HuntProgress {
            orders: self.ledger.orders.values().sum(),
            findings: self.ledger.findings.len(),
            time_left: self.plan.time_left(),
        }
    }

    pub(crate) fn note(&mut self, note: String) {
        if !self.ledger.notes.contains(&note) {
            (self.watch)(HuntEvent::Note { text: &note });
            self.ledger.notes.insert(note);
        }
    }

    pub(crate) fn failed_alone(&mut self, test: usize, outcome: TestOutcome) {
        self.ledger.fails_alone.insert(test);
        let ends_runs = matches!(outcome, TestOutcome::Crashed | TestOutcome::TimedOut);
        if ends_runs && !self.judge.left_out.contains(&test) {
            self.judge.left_out.push(test);
        }
    }

    /// Looks at every outcome of a run, and lets what is suspicious wait. Returns whether there was anything.
    fn suspect(
        &mut self,
        order: &[usize],
        run: &OrderRun,
        timestamps: HuntClock,
    ) -> Result<bool, RunnerError> {
        self.ledger.see(run);
        self.check_order(order, run);
        let (mut suspicions, mut start) = (Vec::new(), 0);
        let ran_so: Rc<[usize]> = run.order().into();
        for (place, ran) in run.tests.iter().enumerate() {
            if run.begins(place) {
                start = place;
            }
            self.leaves_out(ran, timestamps)?;
            if !self.plan.asks_for(ran.test) || self.ledger.settled.contains(&ran.test) {
                continue;
            }
            match ran.outcome {
                TestOutcome::Passed => {
                    suspicions.extend(self.passed(ran.test, (&ran_so, start..place), timestamps));
                }
                TestOutcome::Skipped => {}
                outcome if self.is_open(ran.test, timestamps) => {
                    if matches!(outcome, TestOutcome::Crashed | TestOutcome::TimedOut) {
                        // Whether later orders are to be without it must be known at once.
                        self.is_alone_as_well(ran.test, timestamps)?;
                    }
                    let prefix = ran_so[start..place].to_vec();
                    suspicions.push(Suspicion::after(prefix, ran.test, FindingKind::Victim, timestamps));
                }
                _ => {}
            }
        }
        suspicions.retain(|each| !self.ledger.known.contains(&(each.test, each.kind)));
        hints::find(run, &mut suspicions);
        let any = !suspicions.is_empty();
        let is_long = run.took > LONG_TIME;
        suspicions.into_iter().for_each(|each| self.queue.add(each, ShownBy::Order { is_long }));
        Ok(any)
    }

    fn passed(
        &mut self,
        test: usize,
        (order, before): (&Rc<[usize]>, Range<usize>),
        timestamps: HuntClock,
    ) -> Option<Suspicion> {
        if timestamps != self.plan.timestamps {
            return None;
        }
        self.ledger.passed_after.note(test, order, before.clone());
        let brittle = self.ledger.fails_alone.contains(&test) && !self.queue.may_be_brittle(test);
        brittle.then(|| Suspicion::after(order[before].to_vec(), test, FindingKind::Brittle, timestamps))
    }

    /// Whether it is not known yet why the test fails.
    fn is_open(&self, test: usize, timestamps: HuntClock) -> bool {
        !self.ledger.is_known(&self.plan, test, timestamps)
    }

    /// Takes over what an earlier hunt saw failing and did not look into: it is looked into first.
    pub(crate) fn begin_with(&mut self, seen: Vec<SeenInOrder>) {
        let tests = self.suite.items.len();
        for (prefix, test, timestamps) in seen {
            if prefix.iter().chain([&test]).all(|each| *each < tests) && self.is_open(test, timestamps) {
                let suspicion = Suspicion::after(prefix, test, FindingKind::Victim, timestamps);
                self.queue.add(suspicion, ShownBy::Order { is_long: false });
            }
        }
    }

    /// What was seen failing and nobody has looked into, for the next hunt.
    pub(crate) fn left_open(&self) -> Vec<SeenInOrder> {
        let is_told = |test, timestamps| !self.is_open(test, timestamps) && !self.ledger.may_be_brittle(test);
        self.judge.sightings.unknown(is_told)
    }

    /// What was seen failing and has no finding, and is not known to be broken.
    pub(crate) fn seen_failing(&self) -> Vec<SeenFailing> {
        let is_told = |test, timestamps| !self.is_open(test, timestamps) && !self.ledger.may_be_brittle(test);
        self.judge.sightings.left(&self.suite.items, is_told)
    }

    fn found(&mut self, test: usize, finding: HuntFinding) {
        for note in self.ledger.not_told_of_others(&finding) {
            self.note(note);
        }
        let so_far = HuntProgress { findings: self.ledger.findings.len() + 1, ..self.so_far() };
        (self.watch)(HuntEvent::Found { finding: &finding, so_far });
        self.is_settled(test);
        self.ledger.findings.push(finding);
    }

    /// The test has a finding, or is going to.
    fn is_settled(&mut self, test: usize) {
        self.ledger.settled.insert(test);
        self.ledger.fails_alone.remove(&test);
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
            if left.fate == FileFate::Apart {
                self.ledger.written_apart.insert(left.path.clone());
            } else {
                self.note(left.sentence(Path::new(&self.suite.about.root)));
            }
        }
    }
}
