//! Every module imported first in a fresh interpreter, twice. What differs between two equal runs (an address, a time, a
//! random number) is no difference that an order makes: its cells are masked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::crew::{Crew, TaskEnd};
use super::imported::Imported;
use crate::budget::Budget;
use crate::interpreter::NoOutcome;

/// How often cells that differ between equal runs are looked for.
const ROUNDS: usize = 3;
/// Equal runs whose cells are compared.
const EQUAL_RUNS: usize = 3;

/// A module and a name in it.
pub(super) type ModuleCell = (String, String);

/// What each module came to alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct AloneImports {
    /// By module, in the order of the listing; `None` where the time was over.
    pub(super) imported: Vec<Option<Imported>>,
    /// Cells that differ between equal runs.
    pub(super) masked: BTreeSet<ModuleCell>,
    /// Modules whose contents went on differing.
    pub(super) unsteady: BTreeSet<String>,
    /// Modules whose import came to two things in two equal runs.
    pub(super) undecided: BTreeSet<usize>,
}

type Twice = (Imported, Imported);

/// Imports every module alone.
pub(super) fn alone(
    crew: &mut Crew<'_>,
    names: &[&str],
    budget: &Budget,
    done: &(dyn Fn(usize) + Sync),
) -> Result<AloneImports, NoOutcome> {
    let mut found =
        AloneImports { imported: names.iter().map(|_| None).collect(), ..AloneImports::default() };
    let mut pending: Vec<usize> = (0..names.len()).collect();
    for round in 0..ROUNDS {
        let say = |count: usize| {
            if round == 0 {
                done(count);
            }
        };
        let ends = crew.each(&pending, budget, &say, |agent, &at| {
            Ok((agent.import(&[names[at]], &[])?, agent.import(&[names[at]], &[])?))
        })?;
        let differing = found.record(&pending, ends);
        if differing.is_empty() {
            return Ok(found);
        }
        if round + 1 == ROUNDS {
            found.unsteady.extend(differing.into_keys());
            return Ok(found);
        }
        let cells = differing_cells(crew, names, &differing, budget)?;
        found.masked.extend(cells);
        crew.learn(found.lore(names))?;
        let is_touched = |at: &usize| {
            let digests = found.imported[*at].as_ref().map(|imported| &imported.digests);
            digests.is_some_and(|digests| found.masked.iter().any(|(module, _)| digests.contains_key(module)))
        };
        pending = (0..names.len()).filter(is_touched).collect();
    }
    Ok(found)
}

impl AloneImports {
    /// Keeps the results; returns the modules whose contents differ between two equal runs, each with an import that shows
    /// it.
    fn record(&mut self, tasks: &[usize], ends: Vec<TaskEnd<Twice>>) -> BTreeMap<String, usize> {
        let mut differing = BTreeMap::new();
        for (&at, end) in tasks.iter().zip(ends) {
            match end {
                TaskEnd::Done((one, other)) => {
                    if one.letter_and_exception() != other.letter_and_exception() {
                        self.undecided.insert(at);
                    }
                    let modules =
                        one.digests.iter().filter(|(name, digest)| other.digests.get(*name) != Some(digest));
                    for (module, _) in modules {
                        differing.entry(module.clone()).or_insert(at);
                    }
                    self.imported[at] = Some(one);
                }
                TaskEnd::Lost(_) => {
                    self.imported[at] = Some(Imported::of_answer(b"x", &[], b""));
                    self.undecided.insert(at);
                }
                TaskEnd::NotBegun => {}
            }
        }
        differing
    }

    /// What the agents have to know, as fields.
    pub(super) fn lore(&self, names: &[&str]) -> Vec<Vec<u8>> {
        let masked: Vec<String> =
            self.masked.iter().map(|(module, name)| format!("{module}:{name}")).collect();
        let mut fields = vec![masked.join("\n").into_bytes()];
        for (name, imported) in names.iter().zip(&self.imported) {
            let (letter, exception) = imported.as_ref().map_or(("?", ""), Imported::letter_and_exception);
            let digests = imported.as_ref().map(Imported::digests_told).unwrap_or_default();
            let unbound = imported.as_ref().map(|imported| imported.unbound.join("\n")).unwrap_or_default();
            fields.extend(
                [*name, letter, exception, &digests, &unbound].map(|field| field.as_bytes().to_vec()),
            );
        }
        fields
    }

    /// How many modules of the package an import loads.
    pub(super) fn weight(&self, at: usize) -> usize {
        self.imported[at].as_ref().map_or(0, |imported| imported.digests.len())
    }

    /// Whether the import of one module loads another.
    pub(super) fn loads(&self, at: usize, module: &str) -> bool {
        self.imported[at].as_ref().is_some_and(|imported| imported.digests.contains_key(module))
    }
}

/// The cells of these modules that differ between equal runs.
fn differing_cells(
    crew: &mut Crew<'_>,
    names: &[&str],
    differing: &BTreeMap<String, usize>,
    budget: &Budget,
) -> Result<BTreeSet<ModuleCell>, NoOutcome> {
    let mut tasks: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (module, at) in differing {
        tasks.entry(*at).or_default().push(module);
    }
    let tasks: Vec<(usize, Vec<&str>)> = tasks.into_iter().collect();
    let ends = crew.each(&tasks, budget, &|_| {}, |agent, (at, wanted)| {
        let runs = (0..EQUAL_RUNS).map(|_| Ok(agent.import(&[names[*at]], wanted)?.cells));
        runs.collect::<Result<Vec<_>, NoOutcome>>()
    })?;
    let mut cells = BTreeSet::new();
    for end in ends {
        let TaskEnd::Done(runs) = end else { continue };
        let all: BTreeSet<&ModuleCell> = runs.iter().flat_map(BTreeMap::keys).collect();
        let differs = |cell: &&&ModuleCell| runs.iter().any(|run| run.get(**cell) != runs[0].get(**cell));
        cells.extend(all.iter().filter(differs).map(|cell| (*cell).clone()));
    }
    Ok(cells)
}
