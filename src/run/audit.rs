//! What guards merging: orderings are performed again from a fresh interpreter, nothing merged. Where one comes out differently, it
//! is performed again on interpreters of its own: if these differ from one another, what a step does is not fixed; if they agree,
//! states were taken for one that differ.

use super::attempt::{Attempt, Manner};
use super::cover::Covered;
use super::error::RunError;
use super::events::Phase;
use super::reruns::orderings_to_audit;
use super::unsteady::{Unsteady, unsteady_steps};
use crate::budget::Budget;
use crate::diagnose::Finding;
use crate::explore::Entries;
use crate::interpreter::{Freshness, Outcome, inert};
use crate::kind::FindingKind;
use crate::verdict::Audit;

/// Orderings that came out differently and are looked into: the first ones show why.
const LOOKED_INTO: usize = 4;

/// Performances of such an ordering, each on an interpreter of its own.
const FRESH: usize = 3;

/// Performances, over all their orderings, by which findings are confirmed at least.
const CONFIRMED: usize = 8;

/// What orderings showed that were performed again.
#[derive(Default)]
pub(super) struct AuditResult {
    pub(super) audit: Audit,
    /// Steps whose outcome is not fixed, by test.
    pub(super) unsteady: Vec<Unsteady>,
    /// Whether fresh performances agree with one another and not with what was explored.
    pub(super) misled: bool,
}

/// An ordering that came out differently.
struct Differing {
    steps: Vec<usize>,
    known: Vec<Outcome>,
    again: Vec<Outcome>,
}

impl AuditResult {
    /// Performs orderings again from a fresh interpreter, nothing merged, and looks into those that come out differently.
    pub(super) fn new(attempt: &mut Attempt<'_>, covered: &Covered) -> Result<Self, RunError> {
        let mut audited = Self::default();
        let wanted = attempt.setting.options.audit > 0;
        if !wanted || covered.is_interrupted() || !covered.can_be_audited() {
            return Ok(audited);
        }
        let budget = attempt.setting.budget_afterwards();
        let orderings = orderings_to_audit(attempt, covered);
        let of = orderings.len();
        let phase = |orderings| Phase::Auditing { orderings, of };
        let (performed, differing) = perform_again(attempt, (&orderings, Freshness::Copy), &budget, &phase)?;
        audited.audit = taken(attempt, covered, &orderings[..performed]);
        audited.settle(attempt, differing, &budget)?;
        Ok(audited)
    }

    /// Performs again what findings rest on, unless nothing is to be performed again: a cause is claimed of nothing that came
    /// about by chance.
    pub(super) fn confirm(
        &mut self,
        attempt: &mut Attempt<'_>,
        findings: &[Finding],
        budget: &Budget,
    ) -> Result<(), RunError> {
        let orderings = orderings_of(attempt, findings);
        if attempt.setting.options.audit == 0 || orderings.is_empty() {
            return Ok(());
        }
        // What only binds names and imports does the same in every copy of a process.
        let is_inert = inert::is_inert_scenario(attempt.explorer.scenario());
        let freshness = if is_inert { Freshness::Copy } else { Freshness::Process };
        let rounds = CONFIRMED.div_ceil(orderings.len()).clamp(2, CONFIRMED);
        let of = rounds * orderings.len();
        for round in 0..rounds {
            if self.misled {
                break;
            }
            let phase = |done| Phase::Confirming { orderings: round * orderings.len() + done, of };
            let (_, differing) = perform_again(attempt, (&orderings, freshness), budget, &phase)?;
            self.settle(attempt, differing, budget)?;
        }
        Ok(())
    }

    /// Tests with a step whose outcome is not fixed, or which is declared not to be.
    pub(super) fn unsteady_tests(&self, attempt: &Attempt<'_>) -> Vec<usize> {
        let mut tests: Vec<usize> = self.unsteady.iter().map(|unsteady| unsteady.place.test).collect();
        tests.extend(declared_unsteady(attempt));
        tests.sort_unstable();
        tests.dedup();
        tests
    }

    /// Whether what was explored is not what fresh interpreters do, and there is another manner and time to explore in it.
    pub(super) fn must_begin_again(&self, attempt: &Attempt<'_>) -> bool {
        self.misled && attempt.manner != Manner::Afresh && attempt.setting.budget.check().is_ok()
    }

    /// Performs orderings that came out differently on interpreters of their own, and records what that means.
    fn settle(
        &mut self,
        attempt: &Attempt<'_>,
        differing: Vec<Differing>,
        budget: &Budget,
    ) -> Result<(), RunError> {
        let declared = declared_unsteady(attempt);
        for Differing { steps, known, again } in differing {
            let mut fresh = Vec::new();
            for _ in 0..FRESH {
                fresh.extend(attempt.explorer.perform_alone(&steps, budget)?);
            }
            let differ = fresh.iter().any(|one| *one != fresh[0]);
            if !differ && attempt.manner != Manner::Afresh {
                // They agree, or there was no time to perform them: either way what was explored is not to be relied on.
                self.misled |= !only_differ_in(&steps, [&known, &again], &declared);
                continue;
            }
            fresh.extend([known, again]);
            for one in unsteady_steps(attempt.explorer.shape(), &steps, &fresh) {
                if !self.unsteady.iter().any(|known| known.place.test == one.place.test) {
                    self.unsteady.push(one);
                }
            }
        }
        self.unsteady.sort_by_key(|unsteady| unsteady.place.test);
        Ok(())
    }
}

/// The orderings that findings rest on: witness, neighbour, and the test alone; sorted, each once.
fn orderings_of(attempt: &Attempt<'_>, findings: &[Finding]) -> Vec<Vec<usize>> {
    let shape = attempt.explorer.shape();
    let mut orderings = Vec::new();
    for finding in findings {
        let witness = shape.steps_of(&finding.witness);
        let alone = attempt.explorer.scenario().closure(&[finding.test]);
        orderings.push(witness.iter().copied().filter(|test| alone.contains(test)).collect());
        orderings.extend(finding.neighbour.as_ref().map(|word| shape.steps_of(word)));
        orderings.push(witness);
    }
    orderings.sort_unstable();
    orderings.dedup();
    orderings
}

/// How many of these orderings were performed again, and those that came out differently.
fn perform_again(
    attempt: &mut Attempt<'_>,
    (orderings, freshness): (&[Vec<usize>], Freshness),
    budget: &Budget,
    phase: &dyn Fn(usize) -> Phase,
) -> Result<(usize, Vec<Differing>), RunError> {
    let setting = attempt.setting;
    let announcer = &setting.announcer;
    let announce = |done: usize| announcer.phase(phase(done));
    announce(0);
    let outcomes = if attempt.manner == Manner::Afresh {
        let mut outcomes = Vec::new();
        for steps in orderings {
            let Some(performed) = attempt.explorer.perform_alone(steps, budget)? else { break };
            outcomes.push(performed);
            announce(outcomes.len());
        }
        outcomes
    } else {
        attempt.explorer.perform_again(orderings, freshness, budget, &announce)?
    };
    let performed = outcomes.len();
    let differing = orderings.iter().zip(outcomes).filter_map(|(steps, again)| {
        let known = attempt.explorer.known(steps).filter(|known| *known != again)?;
        Some(Differing { steps: steps.clone(), known, again })
    });
    Ok((performed, differing.take(LOOKED_INTO).collect()))
}

/// Tests that the scenario declares to do different things in one ordering.
fn declared_unsteady(attempt: &Attempt<'_>) -> Vec<usize> {
    let version = attempt.explorer.identity().version;
    let written = &attempt.setting.lab.timestamps().written;
    let declarations = attempt.explorer.scenario().declarations.iter();
    let here = declarations.filter(|declared| declared.applies(&version, written));
    let chance = here.filter(|declared| declared.kind == FindingKind::Nondeterministic);
    chance.map(|declared| declared.test).collect()
}

/// How many ways into merged states there are, and how many of them these orderings take.
fn taken(attempt: &Attempt<'_>, covered: &Covered, orderings: &[Vec<usize>]) -> Audit {
    let audited = orderings.len() as u64;
    if covered.sample().is_some() || attempt.manner != Manner::Merging {
        return Audit { orderings: audited, ..Audit::default() };
    }
    let graph = attempt.explorer.graph();
    let mut entries = Entries::of(&graph, attempt.explorer.shape());
    orderings.iter().for_each(|steps| entries.take(steps));
    let (merged_entries, covered) = (entries.total() as u64, entries.taken() as u64);
    Audit { orderings: audited, merged_entries, covered }
}

/// Whether performances differ in steps of these tests alone.
fn only_differ_in(steps: &[usize], [one, other]: [&[Outcome]; 2], tests: &[usize]) -> bool {
    let mut differing = steps.iter().zip(one.iter().zip(other)).filter(|(_, (one, other))| one != other);
    differing.all(|(test, _)| tests.contains(test))
}
