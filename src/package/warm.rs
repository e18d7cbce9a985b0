//! Agents that have loaded beforehand what the package's modules load of the standard library, so that thousands of forks do
//! not load it again. Whoever imports otherwise there than in a fresh interpreter shows that this is no fair beginning.

use std::collections::BTreeSet;

use super::alone::AloneImports;
use super::crew::{Crew, TaskEnd};
use super::settings::{PackagePass, PackageSettings};
use crate::budget::Budget;
use crate::interpreter::NoOutcome;

/// Such agents, and who must not be imported there.
#[derive(Debug)]
pub(super) struct WarmCrew<'s> {
    pub(super) crew: Crew<'s>,
    /// Modules that come to something else there than in a fresh interpreter.
    pub(super) unfair: BTreeSet<usize>,
}

/// Starts such agents, and compares what each module comes to there with what it comes to in a fresh interpreter. `None` if
/// there is nothing to load beforehand, or no time to find out.
pub(super) fn warm_crew<'s>(
    settings: &'s PackageSettings,
    pass: PackagePass,
    directories: &[String],
    (names, alone): (&[&str], &AloneImports),
    budget: &Budget,
) -> Result<Option<WarmCrew<'s>>, NoOutcome> {
    let came_back = alone.imported.iter().flatten().filter(|imported| imported.came_back());
    let library: BTreeSet<&String> = came_back.flat_map(|imported| &imported.library).collect();
    if library.is_empty() || budget.check().is_err() {
        return Ok(None);
    }
    let library: Vec<String> = library.into_iter().cloned().collect();
    let mut crew = Crew::start(settings, pass, directories, &library)?;
    crew.learn(alone.lore(names))?;
    let steady: Vec<usize> = (0..names.len()).filter(|at| !alone.undecided.contains(at)).collect();
    let ends = crew.each(&steady, budget, &|_| {}, |agent, &at| agent.import(&[names[at]], &[]))?;
    let mut unfair = BTreeSet::new();
    for (&at, end) in steady.iter().zip(ends) {
        let (TaskEnd::Done(now), Some(before)) = (end, &alone.imported[at]) else {
            return Ok(None);
        };
        let steady = |module: &&String| !alone.unsteady.contains(*module);
        let differs = now.letter_and_exception() != before.letter_and_exception()
            || now.unbound != before.unbound
            || now.digests.keys().ne(before.digests.keys())
            || before
                .digests
                .keys()
                .filter(steady)
                .any(|module| now.digests.get(module) != before.digests.get(module));
        if differs {
            unfair.insert(at);
        }
    }
    Ok(Some(WarmCrew { crew, unfair }))
}
