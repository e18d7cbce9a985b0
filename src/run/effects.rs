//! Covers what outgrows walking on a real interpreter: the model counts all orderings, and every distinct effect that its steps
//! have is performed on the interpreter and compared, along orderings chosen for that.

use std::collections::{HashMap, HashSet};

use super::attempt::{Attempt, Manner};
use super::error::RunError;
use super::events::Phase;
use crate::budget::StopReason;
use crate::explore::{
    self, Abreast, ComparedOrderings, Disagreement, ExploreError, WalkProgress, compare_along,
};
use crate::interpreter::{Kind, NoOutcome, choose};
use crate::layers::{
    self, ConfirmedEffects, CountLimits, EffectsPlan, ItineraryWish, LayersError, OrderingCounts,
    PlannedOrdering,
};

/// States in which each effect is performed, as far as they are found.
const CONTEXTS: usize = 3;

/// Steps of all orderings past which no further states are sought, and orderings are no longer completed.
const STEPS: usize = 8_000;

/// States of a layer that weigh as much as one that a walk would meet.
const COUNTED_STATES: u64 = 100;

/// Of the time of a search, the part that counting may take: one of so many.
const COUNTING: u32 = 3;

/// What the model counted, and how far the interpreter confirmed it.
pub(super) struct EffectsCover {
    pub(super) counts: OrderingCounts,
    pub(super) effects: ConfirmedEffects,
    /// The complete orderings that were compared to their ends, by the test of each step; sorted, each once.
    pub(super) orderings: Vec<Vec<usize>>,
    /// The same of those that were compared up to some step.
    pub(super) beginnings: Vec<Vec<usize>>,
    /// Where the interpreter and the model differ, or `None` if they never do.
    pub(super) disagreement: Option<Disagreement>,
    /// Why not all effects were performed, if they were not.
    pub(super) stopped: Option<StopReason>,
}

impl EffectsCover {
    /// Whether the interpreter performed every effect as the model does.
    pub(super) fn is_confirmed(&self) -> bool {
        self.disagreement.is_none() && self.effects.confirmed == self.effects.distinct
    }
}

/// Whether the model can be asked to count for the interpreter of an attempt.
pub(super) fn may_count(attempt: &Attempt<'_>) -> bool {
    let merges = attempt.manner == Manner::Merging;
    merges && attempt.setting.options.second_opinion && attempt.explorer.identity().kind == Kind::CPython
}

/// Covers by effects, or says why the model could not count.
pub(super) fn by_effects(attempt: &mut Attempt<'_>) -> Result<Result<EffectsCover, String>, RunError> {
    let plan = match planned(attempt) {
        Ok(plan) => plan,
        Err(LayersError::Setup { step, outcome }) => {
            return Ok(Err(format!("setup step {step} did not pass on the model: {outcome}")));
        }
        Err(LayersError::Interpreter(NoOutcome::Refused { reason })) => return Ok(Err(reason)),
        Err(LayersError::Interpreter(problem)) => return Err(problem.into()),
        Err(problem) => return Ok(Err(problem.to_string())),
    };
    let mut orderings: Vec<Vec<usize>> = plan.orderings.iter().map(|planned| planned.steps.clone()).collect();
    orderings.sort_unstable();
    orderings.dedup();
    let compared = compared(attempt, &orderings)?;
    for (steps, outcomes) in &compared.outcomes {
        attempt.explorer.remember(steps, outcomes);
    }
    let performed = compared.outcomes.len();
    let stopped = attempt.setting.budget.check().err().filter(|_| performed < orderings.len());
    let length: usize = attempt.explorer.shape().lengths.iter().sum();
    let effects = confirmed(&plan, &compared);
    let steps = compared.outcomes.into_iter().map(|(steps, _)| steps);
    let (orderings, beginnings) = steps.partition(|steps| steps.len() == length);
    Ok(Ok(EffectsCover {
        effects,
        counts: plan.counts,
        orderings,
        beginnings,
        disagreement: compared.disagreement,
        stopped,
    }))
}

/// Counts on the model, and chooses the orderings.
fn planned(attempt: &Attempt<'_>) -> Result<EffectsPlan, LayersError> {
    let setting = attempt.setting;
    let (lab, version) = (setting.lab, attempt.explorer.identity().version);
    let most = setting.options.max_states.max(1_000_000).saturating_mul(COUNTED_STATES);
    let budget = setting.budget.clone().with_states(most).with_at_most(setting.options.max_time / COUNTING);
    let others = attempt.more_workers();
    let limits = CountLimits { jobs: 1 + others.len(), budget: budget.clone() };
    let wish = ItineraryWish { seed: setting.options.seed, contexts: CONTEXTS, steps: STEPS, budget };
    setting.announcer.phase(Phase::Counting);
    let plan = layers::plan_effects(lab.scenario(), lab.timestamps(), version, &limits, &wish)?;
    let progress = WalkProgress { states: plan.counts.states, transitions: plan.counts.transitions };
    setting.announcer.walked(Phase::Counting, progress);
    Ok(plan)
}

/// Performs the orderings on the interpreter and on the model.
fn compared(attempt: &Attempt<'_>, orderings: &[Vec<usize>]) -> Result<ComparedOrderings, RunError> {
    let setting = attempt.setting;
    let (lab, model) = (setting.lab, choose::built_in(attempt.explorer.identity().version));
    let make = || -> Result<Abreast, ExploreError> {
        let performers = [lab.performer()?, lab.with_installation(&model).performer()?];
        Abreast::set_up(lab.scenario(), &lab.empty_world(), performers)
    };
    let of = orderings.len();
    let progress = |orderings| setting.announcer.phase(Phase::ConfirmingEffects { orderings, of });
    progress(0);
    let others = attempt.more_workers();
    let room = (1 + others.len(), &setting.budget);
    let mut compared = compare_along(lab.scenario(), &make, orderings, room, &progress)?;
    if let Some(disagreement) = compared.disagreement.take() {
        let budget = setting.budget_afterwards();
        let shortest = explore::shorten(lab.scenario(), &make, disagreement, &budget)?;
        compared.disagreement = Some(shortest);
    }
    Ok(compared)
}

/// How far the orderings that were compared confirm the effects.
fn confirmed(plan: &EffectsPlan, compared: &ComparedOrderings) -> ConfirmedEffects {
    let planned: HashMap<&[usize], &PlannedOrdering> =
        plan.orderings.iter().map(|planned| (&planned.steps[..], planned)).collect();
    let mut contexts: Vec<HashSet<u64>> = vec![HashSet::new(); plan.effects];
    let orderings = compared.outcomes.iter().filter_map(|(steps, _)| planned.get(&steps[..]));
    for used in orderings.flat_map(|planned| planned.uses.iter().flatten()) {
        contexts[used.effect as usize].insert(used.context);
    }
    let mut numbers: Vec<usize> = contexts.iter().map(HashSet::len).collect();
    numbers.sort_unstable();
    ConfirmedEffects {
        distinct: numbers.len(),
        confirmed: numbers.iter().filter(|&&contexts| contexts > 0).count(),
        fewest_contexts: numbers.first().copied().unwrap_or(0),
        median_contexts: numbers.get(numbers.len() / 2).copied().unwrap_or(0),
        steps: compared.steps,
    }
}
