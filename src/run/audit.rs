//! What guards merging: orderings that enter merged states by other ways than those that were kept are performed again from a
//! fresh interpreter. Where one comes out differently, it is performed again on interpreters of its own: if these differ from one
//! another, what a step does is not fixed; if they agree, states were taken for one that differ.

use num_bigint::BigUint;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::cover::{Manner, Run};
use super::{AUDIT_BY_EFFORT, RunError};
use crate::budget::Budget;
use crate::cause::Cause;
use crate::diagnose::{Finding, OutcomeCount};
use crate::explore::Entries;
use crate::interpreter::Outcome;
use crate::kind::FindingKind;
use crate::ordering::{Sampler, Shape};
use crate::remedy::StepPlace;
use crate::verdict::Audit;

/// What makes the audit's randomness another than the sample's under one seed.
const SEED: u64 = 0x5eed_a0d1;

/// Steps that the audit performs where nobody says how many orderings it shall; one ordering at least.
const EFFORT: usize = 2_500;

/// Orderings at random beside those that enter merged states, where nobody says how many.
const AT_RANDOM: usize = 16;

/// Orderings that came out differently and are looked into: the first ones show why.
const LOOKED_INTO: usize = 4;

/// Performances of such an ordering, each on an interpreter of its own.
const FRESH: usize = 3;

/// A step that does different things in one and the same ordering.
#[derive(Debug, Clone)]
pub(super) struct Unsteady {
    /// The step.
    pub(super) place: StepPlace,
    /// The ordering, as a word.
    word: Vec<usize>,
    outcomes: Vec<OutcomeCount>,
}

/// Performances, over all their orderings, by which findings are confirmed at least.
const CONFIRMED: usize = 8;

impl Unsteady {
    /// As a finding of its own: no order is to blame.
    pub(super) fn finding(&self) -> Finding {
        let failing = self.outcomes.iter().find(|seen| seen.outcome.is_failure()).or(self.outcomes.first());
        let outcome = failing.map_or(Outcome::Passed, |seen| seen.outcome.clone());
        let (kind, test) = (FindingKind::Nondeterministic, self.place.test);
        let mut finding = Finding::new(kind, test, outcome, self.word.clone());
        finding.failing_step = Some(self.place);
        finding.cause = Cause::Unknown;
        finding.outcomes.clone_from(&self.outcomes);
        finding
    }
}

/// An ordering that came out differently.
struct Differing {
    steps: Vec<usize>,
    known: Vec<Outcome>,
    again: Vec<Outcome>,
}

impl Run<'_> {
    /// Performs orderings again from a fresh interpreter, nothing merged, and looks into those that come out differently.
    pub(super) fn audit(&mut self) -> Result<(), RunError> {
        let unlisted = self.counted.is_some() && self.samples.is_none();
        let options = self.setting.options;
        if options.audit == 0 || self.interrupted || unlisted {
            return Ok(());
        }
        let budget = self.clock.afterwards(options);
        let mut orderings = self.to_audit();
        orderings.sort_unstable();
        orderings.dedup();
        let (performed, differing) = self.perform_again(&orderings, &budget)?;
        self.audit = self.covered_by(&orderings[..performed]);
        self.settle(differing, &budget)
    }

    /// Performs again what findings rest on, unless nothing is to be performed again: a cause is claimed of nothing that came
    /// about by chance.
    pub(super) fn confirm(&mut self, findings: &[Finding], budget: &Budget) -> Result<(), RunError> {
        if self.setting.options.audit == 0 {
            return Ok(());
        }
        let shape = self.explorer.shape().clone();
        let mut orderings = Vec::new();
        for finding in findings {
            let witness = shape.steps_of(&finding.witness);
            let alone = self.setting.lab.scenario().closure(&[finding.test]);
            orderings.push(witness.iter().copied().filter(|test| alone.contains(test)).collect());
            orderings.extend(finding.neighbour.as_ref().map(|word| shape.steps_of(word)));
            orderings.push(witness);
        }
        orderings.sort_unstable();
        orderings.dedup();
        for _ in 0..CONFIRMED.div_ceil(orderings.len().max(1)).clamp(2, CONFIRMED) {
            if orderings.is_empty() || self.misled {
                return Ok(());
            }
            let (_, differing) = self.perform_again(&orderings, budget)?;
            self.settle(differing, budget)?;
        }
        Ok(())
    }

    /// Tests with a step whose outcome is not fixed, or which is declared not to be.
    pub(super) fn unsteady_tests(&self) -> Vec<usize> {
        let mut tests: Vec<usize> = self.unsteady.iter().map(|unsteady| unsteady.place.test).collect();
        tests.extend(self.declared_unsteady());
        tests.sort_unstable();
        tests.dedup();
        tests
    }

    /// How many of these orderings were performed again, and those that came out differently.
    fn perform_again(
        &self,
        orderings: &[Vec<usize>],
        budget: &Budget,
    ) -> Result<(usize, Vec<Differing>), RunError> {
        let outcomes = if self.manner == Manner::Afresh {
            let mut outcomes = Vec::new();
            for steps in orderings {
                let Some(performed) = self.explorer.perform_alone(steps, budget)? else { break };
                outcomes.push(performed);
            }
            outcomes
        } else {
            self.explorer.perform_again(orderings, budget)?
        };
        let performed = outcomes.len();
        let differing = orderings.iter().zip(outcomes).filter_map(|(steps, again)| {
            let known = self.explorer.known(steps).filter(|known| *known != again)?;
            Some(Differing { steps: steps.clone(), known, again })
        });
        Ok((performed, differing.take(LOOKED_INTO).collect()))
    }

    /// Performs orderings that came out differently on interpreters of their own, and says what that means.
    fn settle(&mut self, differing: Vec<Differing>, budget: &Budget) -> Result<(), RunError> {
        let declared = self.declared_unsteady();
        for Differing { steps, known, again } in differing {
            let mut fresh = Vec::new();
            for _ in 0..FRESH {
                fresh.extend(self.explorer.perform_alone(&steps, budget)?);
            }
            let differ = fresh.iter().any(|one| *one != fresh[0]);
            if !differ && self.manner != Manner::Afresh {
                // They agree, or there was no time to perform them: either way what was explored is not to be relied on.
                self.misled |= !only_differ_in(&steps, [&known, &again], &declared);
                continue;
            }
            fresh.extend([known, again]);
            let unsteady = unsteady_steps(self.explorer.shape(), &steps, &fresh);
            for one in unsteady {
                if !self.unsteady.iter().any(|known| known.place.test == one.place.test) {
                    self.unsteady.push(one);
                }
            }
        }
        self.unsteady.sort_by_key(|unsteady| unsteady.place.test);
        Ok(())
    }

    /// Tests that the scenario declares to do different things in one ordering.
    fn declared_unsteady(&self) -> Vec<usize> {
        let version = self.explorer.identity().version;
        let written = &self.setting.lab.timestamps().written;
        let declarations = self.setting.lab.scenario().declarations.iter();
        let here = declarations.filter(|declared| declared.applies(&version, written));
        let chance = here.filter(|declared| declared.kind == FindingKind::Nondeterministic);
        chance.map(|declared| declared.test).collect()
    }

    /// How many ways into merged states there are, and how many of them these orderings take.
    fn covered_by(&self, orderings: &[Vec<usize>]) -> Audit {
        let audited = orderings.len() as u64;
        if self.samples.is_some() || self.manner != Manner::Merging {
            return Audit { orderings: audited, ..Audit::default() };
        }
        let graph = self.explorer.graph();
        let mut entries = Entries::of(&graph, self.explorer.shape());
        orderings.iter().for_each(|steps| entries.take(steps));
        let (merged_entries, covered) = (entries.total() as u64, entries.taken() as u64);
        Audit { orderings: audited, merged_entries, covered }
    }

    /// The orderings to perform again.
    fn to_audit(&self) -> Vec<Vec<usize>> {
        let options = self.setting.options;
        let by_effort = options.audit == AUDIT_BY_EFFORT;
        let mut random = StdRng::seed_from_u64(options.seed ^ SEED);
        let least = if by_effort { AT_RANDOM } else { options.audit };
        if let Some(samples) = &self.samples {
            return self.affordable(samples.sample(&mut random, least).cloned().collect());
        }
        if self.is_walked_to_the_end()
            && let Some(all) = self.all_orderings(if by_effort { EFFORT } else { options.audit })
            && (!by_effort || self.manner == Manner::Merging && steps_together(&all) <= EFFORT)
        {
            return all;
        }
        let mut orderings = Vec::new();
        if self.manner == Manner::Merging {
            orderings = self.entering(&mut random, options.audit);
        }
        let mut sampler = Sampler::new(&self.counter, options.seed ^ SEED);
        let wanted = if by_effort { orderings.len() + AT_RANDOM } else { options.audit };
        let graph = self.explorer.graph();
        let entries = Entries::of(&graph, self.explorer.shape());
        for _ in orderings.len()..wanted {
            if self.is_walked_to_the_end() {
                orderings.push(self.explorer.shape().steps_of(&sampler.draw()));
            } else {
                orderings.extend(entries.any(&mut random));
            }
        }
        drop(graph);
        if by_effort { self.affordable(orderings) } else { orderings }
    }

    /// Every ordering, where they are no more than so many.
    fn all_orderings(&self, most: usize) -> Option<Vec<Vec<usize>>> {
        let shape = self.explorer.shape();
        let few = self.counter.total() <= BigUint::from(most);
        few.then(|| shape.words_of(&self.all()).map(|word| shape.steps_of(&word)).collect())
    }

    /// Orderings that enter merged states by as many ways as can be, as many as are needed for all ways, or as are allowed.
    fn entering(&self, random: &mut StdRng, most: usize) -> Vec<Vec<usize>> {
        let graph = self.explorer.graph();
        let mut entries = Entries::of(&graph, self.explorer.shape());
        let mut orderings: Vec<Vec<usize>> = Vec::new();
        let mut steps = 0;
        let is_complete = |ordering: &Vec<usize>| graph.walk(ordering).is_some();
        for ordering in self.backwards().into_iter().filter(is_complete) {
            if orderings.len() < most && steps < EFFORT {
                entries.take(&ordering);
                steps += ordering.len();
                orderings.push(ordering);
            }
        }
        let by_effort = most == AUDIT_BY_EFFORT;
        while entries.taken() < entries.total() && orderings.len() < most && !(by_effort && steps >= EFFORT) {
            let Some(ordering) = entries.best(random) else { break };
            entries.take(&ordering);
            steps += ordering.len();
            orderings.push(ordering);
        }
        orderings
    }

    /// The tests in the contrary of the order of the file, each in turn put last: states are met first in that order, so that
    /// these enter nearly every one otherwise.
    fn backwards(&self) -> Vec<Vec<usize>> {
        let shape = self.explorer.shape();
        let order: Vec<usize> = (0..shape.tests()).rev().collect();
        let with_last = |last: usize| {
            let others = order.iter().copied().filter(|&test| test != last);
            shape.steps_of(&shape.word_of(&others.chain([last]).collect::<Vec<_>>()))
        };
        let most = EFFORT / shape.lengths.iter().sum::<usize>().max(1) / 2;
        (0..shape.tests()).take(most).map(with_last).collect()
    }

    /// The first of them, one at least, that take no more steps than is reasonable.
    fn affordable(&self, mut orderings: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
        let length = self.explorer.shape().lengths.iter().sum::<usize>().max(1);
        if self.setting.options.audit == AUDIT_BY_EFFORT {
            orderings.truncate((EFFORT / length).max(1));
        }
        orderings
    }
}

/// Steps that it takes to perform sorted orderings, each of which begins where it leaves the way of the one before.
fn steps_together(orderings: &[Vec<usize>]) -> usize {
    let shared =
        |pair: &[Vec<usize>]| pair[0].iter().zip(&pair[1]).take_while(|(one, other)| one == other).count();
    let all: usize = orderings.iter().map(Vec::len).sum();
    all - orderings.windows(2).map(shared).sum::<usize>()
}

/// Whether performances differ in steps of these tests alone.
fn only_differ_in(steps: &[usize], [one, other]: [&[Outcome]; 2], tests: &[usize]) -> bool {
    let mut differing = steps.iter().zip(one.iter().zip(other)).filter(|(_, (one, other))| one != other);
    differing.all(|(test, _)| tests.contains(test))
}

/// The first step of each test in which performances of one ordering differ.
fn unsteady_steps(shape: &Shape, steps: &[usize], performances: &[Vec<Outcome>]) -> Vec<Unsteady> {
    let mut done = vec![0; shape.tests()];
    let mut unsteady: Vec<Unsteady> = Vec::new();
    for (at, &test) in steps.iter().enumerate() {
        done[test] += 1;
        let mut outcomes: Vec<OutcomeCount> = Vec::new();
        for outcome in performances.iter().filter_map(|outcomes| outcomes.get(at)) {
            match outcomes.iter_mut().find(|known| known.outcome == *outcome) {
                Some(known) => known.times += 1,
                None => outcomes.push(OutcomeCount { outcome: outcome.clone(), times: 1 }),
            }
        }
        let known = unsteady.iter().any(|unsteady| unsteady.place.test == test);
        if outcomes.len() > 1 && !known {
            let place = StepPlace { test, step: done[test] };
            unsteady.push(Unsteady { place, word: shape.word_from(steps), outcomes });
        }
    }
    unsteady
}
