//! Runs the orders of a plan, stage by stage, as many at once as allowed. `orders` defines the orders, and `inquiry`
//! follows up their results.

use std::time::{Duration, Instant};

use crate::suite::event::HuntEvent;
use crate::suite::inquiry::Inquiry;
use crate::suite::judge::hints;
use crate::suite::orders::{FROZEN, PlannedOrder, Stage, stages};
use crate::suite::plan::{HuntPlan, OrderKind, SearchEnd};
use crate::suite::runner::listen::KILLS_ITS_PARENT;
use crate::suite::runner::run::{Branches, RunRequest, Runner, RunnerError, TestOutcome, TestRunOptions};
use crate::suite::runner::suite::Suite;
use crate::suite::survey::stage;
use crate::suite::time_for_patches::TimeForPatches;

/// The number of tests that are compared between forks and processes of their own.
const CHECKED_IN_FRESH_PROCESSES: usize = 8;
/// A survey comes first only where half of the time left is at least so many times that of the given order. A choice, not a
/// measure: a whole survey may take longer, but what each of its states shows is looked into at once.
const SURVEY_TAKES: u32 = 12;
/// An order with this many tests is worth branches.
const LONG: usize = 100;

/// What is likely to be asked for next, and may run beside an order.
type Beside<'a, R> = fn(&mut Inquiry<'a, R>) -> Vec<RunRequest>;

/// A search under way.
#[derive(Debug)]
pub(crate) struct HuntSearch<'a, R> {
    pub(crate) inquiry: Inquiry<'a, R>,
    /// Whether only orders are left that show what taster cannot see.
    pub(crate) is_beyond: bool,
    /// The time at which these orders end for the sake of patches.
    pub(crate) time_for_patches: TimeForPatches,
}

impl<'a, R: Runner> HuntSearch<'a, R> {
    pub(crate) fn new(
        runner: R,
        suite: &'a Suite,
        plan: HuntPlan,
        watch: &'a mut dyn FnMut(HuntEvent<'_>),
    ) -> Self {
        let inquiry = Inquiry::new(runner, suite, plan, watch);
        Self { inquiry, is_beyond: false, time_for_patches: TimeForPatches::default() }
    }

    /// Runs all orders of the plan.
    pub(crate) fn all(&mut self) -> Result<SearchEnd, RunnerError> {
        self.try_victims_alone()?;
        self.inquiry.settle()?;
        let surveys = self.inquiry.plan.orders.contains(&OrderKind::State);
        let is_settled = self.inquiry.ledger.all_settled(&self.inquiry.plan);
        if surveys && !self.inquiry.plan.victims.is_empty() && !is_settled {
            // A state costs less than the search for it in an order in which a named test fails.
            self.survey_whole()?;
        }
        let stages = stages(&self.inquiry.plan, &self.inquiry.suite.items);
        let mut is_surveyed = !surveys || !self.inquiry.plan.victims.is_empty();
        let mut goes_further = false;
        for (number, mut stage) in stages.into_iter().enumerate() {
            // A state in which a test fails too saves the search for it in an order.
            self.inquiry.orders_wait = number == 0 && !is_surveyed;
            self.is_beyond = is_surveyed && number > FROZEN;
            if number == FROZEN + 1 {
                self.inquiry.goes_on_alone();
            }
            let began = Instant::now();
            let beside: Beside<'a, R> = match number {
                0 if self.inquiry.orders_wait => |inquiry| stage::alone_requests(inquiry),
                1 if goes_further => |inquiry| stage::requests_of_few(inquiry),
                _ => |_| Vec::new(),
            };
            let is_given = self.run_stage(&mut stage, beside)?;
            if number == 0 {
                let collected_in = self.inquiry.judge.collected_in;
                self.time_for_patches.full_run = collected_in.saturating_add(began.elapsed());
            }
            if number > 0 && std::mem::take(&mut goes_further) {
                stage::survey_further(&mut self.inquiry)?;
            }
            if !is_surveyed && number == 0 && self.has_time_for_states(began.elapsed()) {
                goes_further = stage::survey(&mut self.inquiry)?;
                is_surveyed = true;
            }
            // A survey that may take all the time comes after what takes little.
            if !is_surveyed && number == FROZEN {
                self.survey_whole()?;
                is_surveyed = true;
            }
            if self.inquiry.orders_wait || number == FROZEN {
                self.inquiry.orders_wait = false;
                self.inquiry.settle()?;
            }
            if is_given && let Some(test) = self.differs_in_forks()? {
                return Ok(SearchEnd::ForksDiffer(test));
            }
        }
        self.inquiry.looks_at_own();
        self.ask_collection_of_victims()?;
        self.inquiry.ask_of_all_files()?;
        Ok(SearchEnd::Complete)
    }

    fn survey_whole(&mut self) -> Result<(), RunnerError> {
        if stage::survey(&mut self.inquiry)? {
            stage::survey_further(&mut self.inquiry)?;
        }
        Ok(())
    }

    /// Whether a survey is likely to end in half of the time that is left, by the time of the given order. Where it is not, what
    /// that order shows is not to wait for it.
    fn has_time_for_states(&self, given_took: Duration) -> bool {
        let left = self.inquiry.plan.time_left();
        left.is_none_or(|left| given_took.saturating_mul(SURVEY_TAKES) <= left / 2)
    }

    /// Runs the orders of a stage; returns whether the given order was among them.
    fn run_stage(&mut self, stage: &mut Stage, beside: Beside<'a, R>) -> Result<bool, RunnerError> {
        self.inquiry.ledger.seen.fruitless = 0;
        let mut is_given = false;
        while let Some(orders) = self.next_orders(stage) {
            if self.leaves_the_rest_to_patches() {
                break;
            }
            is_given |= orders.iter().any(|order| order.kind == OrderKind::Given);
            let (findings, ran) = (self.inquiry.ledger.findings.len(), orders.len());
            self.run(orders, beside)?;
            self.inquiry.settle()?;
            let is_fruitful = self.inquiry.ledger.findings.len() > findings;
            (0..ran).for_each(|_| self.inquiry.ledger.seen.ran(is_fruitful));
        }
        Ok(is_given)
    }

    /// Whether what is left of the time is for patches.
    fn leaves_the_rest_to_patches(&mut self) -> bool {
        let Inquiry { plan, ledger, .. } = &self.inquiry;
        let Some(left) = plan.time_left().filter(|_| self.is_beyond) else { return false };
        self.time_for_patches.is_now(left, ledger.findings.len())
    }

    /// Runs each named test alone: it may be brittle, or collection may decide, and then no order is needed to make it fail.
    fn try_victims_alone(&mut self) -> Result<(), RunnerError> {
        for test in self.inquiry.plan.victims.clone() {
            let alone = self.inquiry.judge.alone(test, self.inquiry.plan.timestamps)?;
            if alone.fails() {
                self.inquiry.failed_alone(test, alone.outcome);
            }
            if alone.fails() {
                self.inquiry.collection_decides(test, false)?;
            }
        }
        Ok(())
    }

    /// A named test that passes alone, and that no order has made fail, may need other files.
    fn ask_collection_of_victims(&mut self) -> Result<(), RunnerError> {
        for test in self.inquiry.plan.victims.clone() {
            if self.inquiry.judge.alone(test, self.inquiry.plan.timestamps)?.passes() {
                self.inquiry.collection_decides(test, true)?;
            }
        }
        Ok(())
    }

    /// A test that fails on its own in a fork and passes in a process of its own, as a test that compares process ids
    /// does.
    fn differs_in_forks(&mut self) -> Result<Option<usize>, RunnerError> {
        if !self.inquiry.plan.doubt_forks {
            return Ok(None);
        }
        let doubtful: Vec<usize> =
            self.inquiry.ledger.fails_alone.iter().copied().take(CHECKED_IN_FRESH_PROCESSES).collect();
        for test in doubtful {
            // In a process of its own it would kill another parent.
            if self.inquiry.judge.alone(test, self.inquiry.plan.timestamps)?.text == KILLS_ITS_PARENT {
                continue;
            }
            let how = TestRunOptions { fresh: true, ..TestRunOptions::plain(self.inquiry.plan.timestamps) };
            if self.inquiry.judge.run(&[test], &how)?.passes(test) {
                return Ok(Some(test));
            }
        }
        Ok(None)
    }

    /// The next orders of a stage, as many as may run at once, or `None` if the stage is over.
    fn next_orders(&mut self, stage: &mut Stage) -> Option<Vec<PlannedOrder>> {
        let Inquiry { ledger, plan, judge, .. } = &mut self.inquiry;
        if ledger.all_settled(plan) {
            return None;
        }
        ledger.seen.left_out.clone_from(&judge.left_out);
        let mut orders = Vec::new();
        for strategy in stage {
            orders.extend(strategy.next(plan.jobs - orders.len(), &mut ledger.seen));
        }
        (!orders.is_empty()).then_some(orders)
    }

    /// Runs orders at once, or a single one with what is to run beside it, and looks at the results of each.
    fn run(&mut self, orders: Vec<PlannedOrder>, beside: Beside<'a, R>) -> Result<(), RunnerError> {
        let (mut kinds, mut wanted) = (Vec::new(), Vec::new());
        for PlannedOrder { kind, tests, timestamps } in orders {
            let order = self.cut(&tests);
            if order.is_empty() || !self.inquiry.ledger.seen.known.add(timestamps, &order) {
                continue;
            }
            let so_far = self.inquiry.so_far();
            self.inquiry.tell(HuntEvent::Order { kind, timestamps, tests: order.len(), so_far });
            let branches = self.first_branches(&order);
            kinds.push(kind);
            wanted.push((order, TestRunOptions { branches, ..TestRunOptions::plain(timestamps) }));
        }
        if let [order] = &wanted[..]
            && self.inquiry.plan.jobs > 1
        {
            let beside = beside(&mut self.inquiry);
            self.inquiry.run_beside(order.clone(), beside)?;
        }
        let runs = match self.inquiry.judge.run_all(&wanted) {
            Ok(runs) => runs,
            Err(halt) => {
                // These are the last runs: their results are recorded, but not followed up.
                for (_, run) in std::mem::take(&mut self.inquiry.judge.cut) {
                    self.inquiry.ledger.see(&run);
                }
                return Err(halt);
            }
        };
        let (mut halted, mut again) = (None, Vec::new());
        let left_out = self.inquiry.judge.left_out.len();
        for ((kind, wanted), run) in kinds.into_iter().zip(wanted).zip(runs) {
            let timestamps = wanted.1.timestamps;
            if halted.is_some() {
                self.inquiry.ledger.count(kind, timestamps);
                self.inquiry.ledger.see(&run);
                continue;
            }
            halted = self.inquiry.look_at(kind, &wanted, &run).err();
            if run.in_one_process().len() > 1 {
                again.push(PlannedOrder { kind, tests: wanted.0, timestamps });
            }
        }
        if let Some(halt) = halted {
            return Err(halt);
        }
        if self.inquiry.judge.left_out.len() > left_out && !again.is_empty() {
            // The tests after a crash must still run after those before it.
            return self.run(again, |_| Vec::new());
        }
        Ok(())
    }

    /// A user who names a victim expects it to fail in the first order: branches then give its bisection a lead.
    fn first_branches(&self, order: &[usize]) -> Branches {
        let Inquiry { ledger, plan, suite, .. } = &self.inquiry;
        let expected = ledger.orders.is_empty() && order.len() >= LONG;
        let mut branches = if expected {
            hints::branches(&suite.items, plan.victims.clone(), order)
        } else {
            Branches::default()
        };
        if let [victim] = plan.victims[..] {
            let brittle = ledger.fails_alone.contains(&victim);
            branches.until = Some(if brittle { TestOutcome::Passed } else { TestOutcome::Failed });
        }
        branches
    }

    /// The part of an order that is worth running: without the tests after the last requested victim, and without tests
    /// that end every run.
    fn cut(&self, order: &[usize]) -> Vec<usize> {
        let Inquiry { ledger, plan, judge, .. } = &self.inquiry;
        let wanted = |test: &&usize| plan.victims.contains(test) && !ledger.settled.contains(test);
        let end = if plan.victims.is_empty() {
            order.len()
        } else {
            order.iter().rposition(|test| wanted(&test)).map_or(0, |last| last + 1)
        };
        order[..end].iter().copied().filter(|test| !judge.left_out.contains(test)).collect()
    }
}
