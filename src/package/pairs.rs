//! Every ordered pair: the second module imported in a fork of the state after the first.

use super::alone::Alone;
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

/// Tries all pairs, within the budget.
pub(super) fn pairs(
    crew: &mut Crew<'_>,
    names: &[&str],
    alone: &Alone,
    budget: &Budget,
    done: &(dyn Fn(usize) + Sync),
) -> Result<PairsTried, NoOutcome> {
    let came_back = |at: &usize| {
        alone.imported[*at].as_ref().is_some_and(super::imported::Imported::came_back)
            && !alone.undecided.contains(at)
    };
    // One that never ends would cost its time limit after each of the others.
    let ends = |at: &usize| {
        let imported = alone.imported[*at].as_ref();
        imported.is_some_and(|imported| imported.outcome != Outcome::TimedOut) && !alone.undecided.contains(at)
    };
    let firsts: Vec<usize> = (0..names.len()).filter(came_back).collect();
    let seconds: Vec<usize> = (0..names.len()).filter(ends).collect();
    let results = crew.each(&firsts, budget, done, |agent, &first| {
        let others: Vec<usize> = seconds.iter().copied().filter(|second| *second != first).collect();
        let mut groups = Groups::default();
        let tried = agent.after(names[first], &others, &mut |told| groups.add(first, told, alone))?;
        Ok((tried, groups))
    })?;
    let mut all = PairsTried::default();
    for (&first, end) in firsts.iter().zip(results) {
        all.possible += seconds.iter().filter(|second| **second != first).count();
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
