//! Every ordered pair: the second module imported in a fork of the state after the first.

use super::alone::AloneImports;
use super::crew::{Crew, TaskEnd};
use super::groups::Groups;
use super::talk::Tried;
use crate::budget::Budget;
use crate::interpreter::{NoOutcome, Outcome};

/// What the pairs showed.
#[derive(Debug, Default)]
pub(super) struct PairsTried {
    pub(super) groups: Groups,
    pub(super) tried: Tried,
    /// Pairs that could be, of modules whose processes come back.
    pub(super) possible: usize,
    /// Why the pairs after a module were not all tried, by module.
    pub(super) lost: Vec<(usize, String)>,
}

/// Tries all pairs that are wanted, within the budget.
pub(super) fn pairs(
    crew: &mut Crew<'_>,
    (names, alone): (&[&str], &AloneImports),
    wanted: &(dyn Fn(usize, usize) -> bool + Sync),
    budget: &Budget,
    done: &(dyn Fn(usize, usize) + Sync),
) -> Result<PairsTried, NoOutcome> {
    let came_back = |at: &usize| {
        alone.imported[*at].as_ref().is_some_and(super::imported::Imported::came_back)
            && !alone.undecided.contains(at)
    };
    // One that never ends would cost its time limit after each of the others.
    let ends = |at: &usize| {
        let imported = alone.imported[*at].as_ref();
        imported.is_some_and(|imported| imported.outcome != Outcome::TimedOut)
            && !alone.undecided.contains(at)
    };
    let seconds: Vec<usize> = (0..names.len()).filter(ends).collect();
    let after = |first: usize| {
        let others = seconds.iter().copied().filter(|second| *second != first && wanted(first, *second));
        (first, others.collect::<Vec<usize>>())
    };
    let tasks: Vec<(usize, Vec<usize>)> =
        (0..names.len()).filter(came_back).map(after).filter(|(_, others)| !others.is_empty()).collect();
    let done = |count| done(count, tasks.len());
    let results = crew.each(&tasks, budget, &done, |agent, (first, others)| {
        let mut groups = Groups::default();
        let tried = agent.after(names[*first], others, &mut |told| groups.add(*first, told, alone))?;
        Ok((tried, groups))
    })?;
    let mut all = PairsTried::default();
    for ((first, others), end) in tasks.into_iter().zip(results) {
        all.possible += others.len();
        match end {
            TaskEnd::Done((tried, groups)) => {
                all.tried.run += tried.run;
                all.tried.loaded += tried.loaded;
                all.groups.absorb(groups);
            }
            TaskEnd::Lost(why) => all.lost.push((first, why)),
            TaskEnd::NotBegun => {}
        }
    }
    Ok(all)
}

impl PairsTried {
    /// The results of other pairs too.
    pub(super) fn absorb(&mut self, others: Self) {
        self.groups.absorb(others.groups);
        self.tried.run += others.tried.run;
        self.tried.loaded += others.tried.loaded;
        self.possible += others.possible;
        self.lost.extend(others.lost);
    }
}
