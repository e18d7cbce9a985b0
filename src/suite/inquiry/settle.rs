//! All that waits is proven first, the best evidence first, and only then explained: a cause takes many runs, and whoever looks at the
//! report wants to know first of all which tests there are.

use std::collections::BTreeSet;

use super::Inquiry;
use super::queue::{ByEvidence, ShownBy, one_of_each_test};
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::event::HuntEvent;
use crate::suite::finding::Tally;
use crate::suite::judge::explain::explain;
use crate::suite::judge::prove::{Proven, prove};
use crate::suite::judge::suspicion::Suspicion;
use crate::suite::runner::run::{HuntClock, Runner, RunnerError, TestOutcome};

impl<R: Runner> Inquiry<'_, R> {
    /// Proves all that waits, then explains all that is proven, until nothing new has come up meanwhile. The search calls it when a
    /// stage's runs are over. What is proven and can no longer be explained is a finding all the same.
    pub(crate) fn settle(&mut self) -> Result<(), RunnerError> {
        let mut halted = None;
        while halted.is_none() && (self.anything_waits() || !self.proven.is_empty()) {
            halted = self.prove_all().and_then(|()| self.explain_all()).err();
        }
        self.tell_proven();
        halted.map_or(Ok(()), Err)
    }

    /// Proves all that waits, and explains nothing yet, unless no time is left for that.
    pub(crate) fn prove_first(&mut self) -> Result<(), RunnerError> {
        let halted = self.prove_all();
        if halted.is_err() {
            self.tell_proven();
        }
        halted
    }

    /// Tells what is proven as a finding whose cause nobody has sought.
    pub(crate) fn tell_proven(&mut self) {
        for proven in std::mem::take(&mut self.proven) {
            self.found(proven.suspicion.test, proven.finding);
        }
    }

    fn prove_all(&mut self) -> Result<(), RunnerError> {
        while self.anything_waits() {
            let waiting = self.queue.take_ready(self.orders_wait);
            let pairs = waiting.iter().filter(|each| each.evidence == ShownBy::State);
            let pairs: Vec<Suspicion> = pairs.map(|each| each.suspicion.clone()).collect();
            let halted = self.prove_these(ByEvidence::of(waiting)).err();
            if let Some(halt) = halted {
                self.remember(&pairs);
                return Err(halt);
            }
        }
        Ok(())
    }

    /// Whether there is something to prove: what failed in any run, and is not looked into yet, is.
    fn anything_waits(&mut self) -> bool {
        if !self.orders_wait && !self.queue.has_ready(false) {
            let Self { judge, ledger, plan, .. } = self;
            let is_known = |test, timestamps| {
                ledger.is_known(plan, test, timestamps)
                    || ledger.known.contains(&(test, FindingKind::Victim))
                    || ledger.looked_into.contains(&(test, timestamps))
            };
            for (prefix, test, timestamps) in judge.sightings.unknown(is_known) {
                let seen = Suspicion::after(prefix, test, FindingKind::Victim, timestamps);
                self.queue.add(seen, ShownBy::Order { is_long: false });
            }
        }
        self.queue.has_ready(self.orders_wait)
    }

    fn prove_these(&mut self, waiting: ByEvidence) -> Result<(), RunnerError> {
        let ByEvidence { own_run, state, orders } = waiting;
        self.prove_sets(own_run)?;
        self.prove_pairs(state)?;
        self.prove_orders(orders)?;
        self.name_the_commonest()
    }

    /// Proves what a run of just these tests has shown: what is found by the time it is cut short stands.
    fn prove_sets(&mut self, sets: Vec<Suspicion>) -> Result<(), RunnerError> {
        let sets: Vec<(Suspicion, Tally)> = sets.into_iter().map(|set| (set, Tally::ONCE)).collect();
        for group in sets.chunks(self.at_a_time()) {
            let halted = self.prove_ahead(group).err();
            for (suspicion, seen) in group {
                self.prove_one(suspicion, *seen)?;
            }
            halted.map_or(Ok(()), Err)?;
        }
        Ok(())
    }

    /// What is known to decide other outcomes is tried first; only for what is left are orders repeated and cut down.
    fn prove_orders(&mut self, orders: Vec<(Suspicion, bool)>) -> Result<(), RunnerError> {
        let left_first = self.plan.time_left();
        let mut suspicions = Vec::new();
        let orders = one_of_each_test(self.plan.timestamps, orders);
        self.alone_first(&orders)?;
        for (suspicion, is_long) in orders {
            self.ledger.looked_into.insert((suspicion.test, suspicion.timestamps));
            let Some(suspicion) = self.without_contradiction(suspicion)? else { continue };
            if self.orders_wait && !suspicion.prefix.is_empty() {
                // A test that fails alone: which of those before it make it pass, a state may show.
                self.queue.add(suspicion, ShownBy::Order { is_long });
                continue;
            }
            suspicions.extend(self.as_alone_says(suspicion)?.map(|suspicion| (suspicion, is_long)));
        }
        self.spread_all(&suspicions)?;
        suspicions.retain(|(each, _)| !self.ledger.settled.contains(&each.test));
        let mut seen = self.repeat(&mut suspicions)?;
        if seen.iter().any(|tally| !tally.is_steady()) && (self.judge.one_by_one() || self.judge.was_beside) {
            // Other runs may have been in the way when it was seen: only the repetitions count.
            let again = self.repeat(&mut suspicions)?;
            let without_first = |(one, other): (&Tally, &Tally)| Tally {
                hits: one.hits + other.hits - 2,
                tries: one.tries + other.tries - 2,
            };
            seen = seen.iter().zip(&again).map(without_first).collect();
        }
        let mut steady = Vec::new();
        for ((suspicion, is_long), seen) in suspicions.into_iter().zip(seen) {
            if seen.is_steady() {
                steady.push((suspicion, is_long, seen));
            } else if seen.hits > 0 {
                self.is_chance(&suspicion, seen)?;
            } else {
                self.judge.sightings.forget(suspicion.test, suspicion.timestamps);
            }
        }
        let main = self.plan.timestamps;
        steady.sort_by_key(|(each, ..)| (each.timestamps != main, each.lead.is_none(), each.prefix.len()));
        let rest: Vec<(Suspicion, bool)> =
            steady.iter().map(|(each, is_long, _)| (each.clone(), *is_long)).collect();
        let steady: Vec<(Suspicion, Tally)> =
            steady.into_iter().map(|(suspicion, _, seen)| (suspicion, seen)).collect();
        let mut place = 0;
        for group in steady.chunks(self.plan.jobs) {
            self.explain_in_time(left_first)?;
            self.prove_ahead(group)?;
            for (suspicion, seen) in group {
                place += 1;
                if let Some(single) = self.prove_one(suspicion, *seen)? {
                    self.spread(single, &rest[place..])?;
                }
            }
        }
        Ok(())
    }

    /// Proves a suspicion; returns the test that decides, if it is a single one.
    fn prove_one(&mut self, suspicion: &Suspicion, seen: Tally) -> Result<Option<usize>, RunnerError> {
        if self.ledger.settled.contains(&suspicion.test) {
            return Ok(None);
        }
        self.tell_of(suspicion.test);
        let (proven, halt) = prove(&mut self.judge, suspicion, seen);
        let single = proven.single();
        self.is_proven(proven);
        halt.map_or(Ok(single), Err)
    }

    pub(super) fn is_proven(&mut self, proven: Proven) {
        self.is_settled(proven.suspicion.test);
        self.proven.push(proven);
    }

    fn is_chance(&mut self, suspicion: &Suspicion, seen: Tally) -> Result<(), RunnerError> {
        if !self.ledger.settled.contains(&suspicion.test) {
            let message = format!("seen {} of {} times in one and the same order", seen.hits, seen.tries);
            let mut finding = self.judge.by_chance(suspicion, seen, message);
            self.say_if_random(suspicion, &mut finding)?;
            self.found(suspicion.test, finding);
        }
        Ok(())
    }

    pub(super) fn tell_of(&mut self, test: usize) {
        let so_far = self.so_far();
        (self.watch)(HuntEvent::Suspicion { test: &self.suite.items[test].id, so_far });
    }

    /// The suspicion that is left when it is known what the test does alone. None is of a brittle test that files poison when they are
    /// collected: that is a finding at once.
    pub(super) fn as_alone_says(&mut self, suspicion: Suspicion) -> Result<Option<Suspicion>, RunnerError> {
        let left = self.without_contradiction(suspicion)?;
        match left {
            Some(Suspicion { kind: FindingKind::Brittle, test, .. })
                if self.collection_decides(test, false)? =>
            {
                Ok(None)
            }
            left => Ok(left),
        }
    }

    /// That a test fails after others says something only if it passes alone, and that it passes only if it fails alone.
    fn without_contradiction(&mut self, suspicion: Suspicion) -> Result<Option<Suspicion>, RunnerError> {
        let Suspicion { test, timestamps, .. } = suspicion;
        if self.ledger.settled.contains(&test) {
            return Ok(None);
        }
        if suspicion.kind == FindingKind::Brittle {
            return Ok(self.is_alone_as_well(test, timestamps)?.then_some(suspicion));
        }
        if !self.is_open(test, timestamps) {
            return Ok(None);
        }
        if self.is_alone_as_well(test, timestamps)? {
            let passed_after =
                self.ledger.passed_after.of(test).filter(|_| timestamps == self.plan.timestamps);
            return Ok(passed_after
                .map(|prefix| Suspicion::after(prefix.to_vec(), test, FindingKind::Brittle, timestamps)));
        }
        let alone = self.judge.alone(test, timestamps)?;
        if alone.passes() {
            return Ok(Some(suspicion));
        }
        if alone.passed > 0 {
            let seen = Tally { hits: alone.passed, tries: alone.tries };
            let mut finding = self.judge.by_chance(&suspicion, seen, alone.text);
            self.say_if_random(&suspicion, &mut finding)?;
            self.found(test, finding);
        }
        Ok(None)
    }

    /// Whether the test fails alone too; then that is remembered.
    pub(super) fn is_alone_as_well(
        &mut self,
        test: usize,
        timestamps: HuntClock,
    ) -> Result<bool, RunnerError> {
        let alone = self.judge.alone(test, timestamps)?;
        if !alone.fails() {
            return Ok(false);
        }
        if timestamps == self.plan.timestamps {
            self.failed_alone(test, alone.outcome);
        } else {
            self.ledger.frozen_only.insert(test);
        }
        Ok(true)
    }

    /// Pairs that nobody could run again: what failed in them is told.
    fn remember(&mut self, pairs: &[Suspicion]) {
        for pair in pairs.iter().filter(|pair| pair.kind != FindingKind::Brittle) {
            let ran = pair.result(TestOutcome::Failed);
            self.judge.sightings.note_after(&pair.prefix, &ran, pair.timestamps);
        }
    }

    /// Explains what is proven: one test of each set that decides, then the others; and sets after single tests, since what a single
    /// one does to a test of the set may be the cause.
    fn explain_all(&mut self) -> Result<(), RunnerError> {
        let mut sets = BTreeSet::new();
        let mut sorts = [const { Vec::new() }; 4];
        for proven in std::mem::take(&mut self.proven) {
            let is_first = sets.insert((proven.before.clone(), proven.suspicion.timestamps));
            let sort = 2 * usize::from(proven.before.len() > 1) + usize::from(!is_first);
            sorts[sort].push(proven);
        }
        let groups: Vec<&[Proven]> = sorts.iter().flat_map(|sort| sort.chunks(self.at_a_time())).collect();
        let mut halted = None;
        for group in groups {
            halted = halted.or_else(|| self.explain_ahead(group).err());
            for proven in group {
                if halted.is_some() {
                    self.proven.push(proven.clone());
                } else {
                    halted = self.explain_one(proven.clone()).err();
                }
            }
        }
        halted.map_or(Ok(()), Err)
    }

    pub(super) fn explain_one(&mut self, mut proven: Proven) -> Result<(), RunnerError> {
        let mut halt = explain(&mut self.judge, &mut proven, &mut self.explained);
        if halt.is_none() && proven.finding.cause == Cause::RandomState {
            halt = self.say_who_seeds(&mut proven).err();
        }
        self.found(proven.suspicion.test, proven.finding);
        halt.map_or(Ok(()), Err)
    }
}
