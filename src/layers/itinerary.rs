//! Chooses orderings that use every distinct effect of a count, each in several states if there are steps left for it. An
//! effect that no ordering uses yet is reached along the ordering that uses it first; from there every ordering goes on
//! by steps whose effects are still wanted, and where it left some aside, another one branches off. Further states are
//! sought along changed ways to an effect: the most changed ones are tried first. Once there are as many steps as were wished
//! for, an ordering ends where nothing near is wanted: what comes then has been performed elsewhere.

use std::collections::HashSet;

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};

use super::error::LayersError;
use super::figures::{EffectUse, ItineraryWish, PlannedOrdering};
use super::follower::{Follower, OrderingPlace};

/// Changed ways to an effect that are tried for one more state.
const ATTEMPTS: usize = 24;

/// Changes to a way at most.
const CHANGES: usize = 8;

/// Chooses orderings.
pub(super) struct Itinerary<'f, 'a> {
    follower: &'f mut Follower<'a>,
    wish: &'f ItineraryWish,
    random: StdRng,
    /// By effect, the states in which it is used.
    contexts: Vec<HashSet<u64>>,
    /// States in which each effect is to be used for the time being.
    goal: usize,
    orderings: Vec<PlannedOrdering>,
    /// Steps of the orderings, of which each shares its beginning with the one that it branches off from.
    steps: usize,
}

/// A way from the start: where each step begins, and its test.
struct Way {
    steps: Vec<(OrderingPlace, usize, Option<EffectUse>)>,
    end: OrderingPlace,
}

impl<'f, 'a> Itinerary<'f, 'a> {
    /// Orderings that use every effect; `first` has for each the steps up to its first use.
    pub(super) fn choose(
        follower: &'f mut Follower<'a>,
        wish: &'f ItineraryWish,
        first: &[Vec<usize>],
    ) -> Result<Vec<PlannedOrdering>, LayersError> {
        let random = StdRng::seed_from_u64(wish.seed);
        let contexts = vec![HashSet::new(); first.len()];
        let mut itinerary =
            Self { follower, wish, random, contexts, goal: 1, orderings: Vec::new(), steps: 0 };
        for (effect, steps) in first.iter().enumerate() {
            if itinerary.contexts[effect].is_empty() {
                itinerary.cover_from(steps)?;
            }
        }
        while itinerary.goal < wish.contexts && !itinerary.is_over() {
            itinerary.goal += 1;
            itinerary.seek_contexts(first)?;
        }
        Ok(itinerary.orderings)
    }

    fn is_over(&self) -> bool {
        self.steps >= self.wish.steps || self.wish.budget.check().is_err()
    }

    /// An ordering that begins so, and others that branch off where it left an effect aside.
    fn cover_from(&mut self, steps: &[usize]) -> Result<(), LayersError> {
        let Some(mut way) = self.along(steps)? else { return Ok(()) };
        let mut shared = 0;
        loop {
            self.complete(&mut way, shared)?;
            let Some(branch) = self.go_back(&mut way)? else { return Ok(()) };
            shared = way.steps.len();
            self.step(&mut way, branch)?;
        }
    }

    /// Goes back to the last place with a step whose effect is wanted, and returns the step's test.
    fn go_back(&mut self, way: &mut Way) -> Result<Option<usize>, LayersError> {
        while let Some((before, ..)) = way.steps.pop() {
            way.end = before;
            if let Some(test) = self.wanted(&way.end)?.first() {
                return Ok(Some(*test));
            }
        }
        Ok(None)
    }

    /// Seeks one more state for every effect that has too few.
    fn seek_contexts(&mut self, first: &[Vec<usize>]) -> Result<(), LayersError> {
        for (effect, steps) in first.iter().enumerate() {
            for attempt in 0..ATTEMPTS {
                if self.is_over() {
                    return Ok(());
                }
                if self.contexts[effect].len() >= self.goal {
                    break;
                }
                let changes = (CHANGES * (ATTEMPTS - attempt)).div_ceil(ATTEMPTS);
                let changed = self.changed(steps, changes);
                if let Some(mut way) = self.along(&changed)?
                    && self.is_new(&way, effect)
                {
                    self.complete(&mut way, 0)?;
                }
            }
        }
        Ok(())
    }

    /// Whether the last step of a way uses an effect in a state in which it was not used.
    fn is_new(&self, way: &Way, effect: usize) -> bool {
        let last = way.steps.last().and_then(|(_, _, used)| *used);
        last.is_some_and(|used| {
            used.effect as usize == effect && !self.contexts[effect].contains(&used.context)
        })
    }

    /// The same steps with so many changes before the last one: a step of another test more or less, or two that change places.
    fn changed(&mut self, steps: &[usize], changes: usize) -> Vec<usize> {
        let Some((&last, before)) = steps.split_last() else { return Vec::new() };
        let mut changed = before.to_vec();
        let tests = self.follower.tests();
        for _ in 0..changes {
            let at = self.random.random_range(0..=changed.len());
            match self.random.random_range(0..4) {
                0 | 1 => changed.insert(at, self.random.random_range(0..tests)),
                2 if at < changed.len() => {
                    changed.remove(at);
                }
                _ if at + 1 < changed.len() => changed.swap(at, at + 1),
                _ => {}
            }
        }
        changed.push(last);
        changed
    }

    /// The way of these steps, or `None` if they begin no ordering.
    fn along(&mut self, steps: &[usize]) -> Result<Option<Way>, LayersError> {
        let mut way = Way { steps: Vec::new(), end: self.follower.start() };
        for &test in steps {
            if !self.follower.may_go_on(&way.end, test) {
                return Ok(None);
            }
            self.step(&mut way, test)?;
        }
        Ok(Some(way))
    }

    fn step(&mut self, way: &mut Way, test: usize) -> Result<(), LayersError> {
        let used = self.follower.effect(&way.end, test)?;
        let after = self.follower.follow(&way.end, test)?;
        let before = std::mem::replace(&mut way.end, after);
        way.steps.push((before, test, used));
        Ok(())
    }

    /// Goes on to the end, by steps whose effects are wanted, or that lead to such a step, and keeps the ordering, of which so many
    /// steps belong to one that is kept. Where no steps are left to spend, the end is where nothing near is wanted.
    fn complete(&mut self, way: &mut Way, shared: usize) -> Result<(), LayersError> {
        way.steps.iter().for_each(|(_, _, used)| self.record(*used));
        loop {
            let next = self.follower.next(&way.end);
            let good = self.promising(&way.end, &next)?;
            if next.is_empty() || good.is_empty() && self.steps >= self.wish.steps {
                self.steps += way.steps.len() - shared;
                let (steps, uses) = way.steps.iter().map(|(_, test, used)| (*test, *used)).unzip();
                self.orderings.push(PlannedOrdering { steps, uses });
                return Ok(());
            }
            let from = if good.is_empty() { &next } else { &good };
            let test = *from.choose(&mut self.random).expect("some test may go on");
            self.step(way, test)?;
            self.record(way.steps.last().and_then(|(_, _, used)| *used));
        }
    }

    /// The tests whose next step has an effect that is wanted, or where there is none, leads to such a step.
    fn promising(&mut self, at: &OrderingPlace, next: &[usize]) -> Result<Vec<usize>, LayersError> {
        let mut good = self.wanted(at)?;
        if good.is_empty() {
            for &test in next {
                let after = self.follower.follow(at, test)?;
                good.extend(self.wanted(&after)?.first().map(|_| test));
            }
        }
        Ok(good)
    }

    fn record(&mut self, used: Option<EffectUse>) {
        if let Some(used) = used {
            self.contexts[used.effect as usize].insert(used.context);
        }
    }

    /// The tests whose next step has an effect that is used in too few states, and not in this one.
    fn wanted(&mut self, at: &OrderingPlace) -> Result<Vec<usize>, LayersError> {
        let mut wanted = Vec::new();
        for test in self.follower.next(at) {
            let Some(used) = self.follower.effect(at, test)? else { continue };
            let contexts = &self.contexts[used.effect as usize];
            if contexts.len() < self.goal && !contexts.contains(&used.context) {
                wanted.push(test);
            }
        }
        Ok(wanted)
    }
}
