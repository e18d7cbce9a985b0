//! Which orderings the audit performs again: all of them where they are few, else those that enter merged states by other ways
//! than those that were kept, and some at random.

use num_bigint::BigUint;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

use super::attempt::{Attempt, Manner};
use super::cover::Covered;
use super::options::AUDIT_BY_EFFORT;
use crate::explore::Entries;
use crate::ordering::Sampler;

/// What makes the audit's randomness another than the sample's under one seed.
const SEED: u64 = 0x5eed_a0d1;

/// Steps that the audit performs where nobody says how many orderings it shall; one ordering at least.
const EFFORT: usize = 2_500;

/// Orderings at random beside those that enter merged states, where nobody says how many.
const AT_RANDOM: usize = 16;

/// The orderings to perform again, by the test of each step; sorted, each once.
pub(super) fn orderings_to_audit(attempt: &Attempt<'_>, covered: &Covered) -> Vec<Vec<usize>> {
    let mut orderings = chosen(attempt, covered);
    orderings.sort_unstable();
    orderings.dedup();
    orderings
}

fn chosen(attempt: &Attempt<'_>, covered: &Covered) -> Vec<Vec<usize>> {
    let options = attempt.setting.options;
    let by_effort = options.audit == AUDIT_BY_EFFORT;
    let mut random = StdRng::seed_from_u64(options.seed ^ SEED);
    if let Some(sample) = covered.sample() {
        let most = if by_effort { AT_RANDOM } else { options.audit };
        return affordable(attempt, sample.sample(&mut random, most).cloned().collect());
    }
    let complete = covered.is_walked_to_the_end();
    if complete
        && let Some(all) = all_orderings(attempt, if by_effort { EFFORT } else { options.audit })
        && (!by_effort || attempt.manner == Manner::Merging && steps_together(&all) <= EFFORT)
    {
        return all;
    }
    let mut orderings = Vec::new();
    if attempt.manner == Manner::Merging {
        orderings = entering(attempt, &mut random);
    }
    let wanted = if by_effort { orderings.len() + AT_RANDOM } else { options.audit };
    at_random(attempt, complete, &mut random, wanted, &mut orderings);
    affordable(attempt, orderings)
}

/// Adds orderings at random until there are as many as are wanted; of those that were performed to the end, where not all were.
fn at_random(
    attempt: &Attempt<'_>,
    complete: bool,
    random: &mut StdRng,
    wanted: usize,
    orderings: &mut Vec<Vec<usize>>,
) {
    let shape = attempt.explorer.shape();
    let mut sampler = Sampler::new(&attempt.counter, attempt.setting.options.seed ^ SEED);
    let graph = attempt.explorer.graph();
    let entries = Entries::of(&graph, shape);
    for _ in orderings.len()..wanted {
        if complete {
            orderings.push(shape.steps_of(&sampler.draw()));
        } else {
            orderings.extend(entries.any(random));
        }
    }
}

/// Every ordering, or `None` if they are more than so many.
fn all_orderings(attempt: &Attempt<'_>, most: usize) -> Option<Vec<Vec<usize>>> {
    let shape = attempt.explorer.shape();
    let few = attempt.counter.total() <= BigUint::from(most);
    few.then(|| shape.words_of(&attempt.tests()).map(|word| shape.steps_of(&word)).collect())
}

/// Orderings that enter merged states by as many ways as can be, as many as are needed for all ways, or as are allowed.
fn entering(attempt: &Attempt<'_>, random: &mut StdRng) -> Vec<Vec<usize>> {
    let most = attempt.setting.options.audit;
    let graph = attempt.explorer.graph();
    let mut entries = Entries::of(&graph, attempt.explorer.shape());
    let mut orderings: Vec<Vec<usize>> = Vec::new();
    let mut steps = 0;
    let is_complete = |ordering: &Vec<usize>| graph.walk(ordering).is_some();
    for ordering in backwards(attempt).into_iter().filter(is_complete) {
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

/// The tests in the contrary of the order of the file, each in turn put last: a walk reaches states first in that order, so that
/// these enter nearly every one otherwise.
fn backwards(attempt: &Attempt<'_>) -> Vec<Vec<usize>> {
    let shape = attempt.explorer.shape();
    let order: Vec<usize> = (0..shape.tests()).rev().collect();
    let with_last = |last: usize| {
        let others = order.iter().copied().filter(|&test| test != last);
        shape.steps_of(&shape.word_of(&others.chain([last]).collect::<Vec<_>>()))
    };
    let most = EFFORT / shape.lengths.iter().sum::<usize>().max(1) / 2;
    (0..shape.tests()).take(most).map(with_last).collect()
}

/// The first of them, one at least, that take no more steps than is reasonable, where nobody says how many.
fn affordable(attempt: &Attempt<'_>, mut orderings: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    let length = attempt.explorer.shape().lengths.iter().sum::<usize>().max(1);
    if attempt.setting.options.audit == AUDIT_BY_EFFORT {
        orderings.truncate((EFFORT / length).max(1));
    }
    orderings
}

/// Steps that it takes to perform sorted orderings, each of which begins where it leaves the way of the one before.
fn steps_together(orderings: &[Vec<usize>]) -> usize {
    let shared =
        |pair: &[Vec<usize>]| pair[0].iter().zip(&pair[1]).take_while(|(one, other)| one == other).count();
    let all: usize = orderings.iter().map(Vec::len).sum();
    all - orderings.windows(2).map(shared).sum::<usize>()
}
