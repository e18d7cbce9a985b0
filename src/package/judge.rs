//! From groups of pairs to findings: one pair of each group is performed again, and what differs is read cell by cell.

use std::collections::BTreeMap;

use super::alone::{AloneImports, ModuleCell};
use super::crew::{Crew, TaskEnd};
use super::finding::{CellChange, OrderFault, PackageFinding};
use super::groups::{Groups, Look, Otherness, PairList, SeenGroup, least_firsts, smallest};
use super::imported::Imported;
use super::settings::PackagePass;
use crate::budget::Budget;
use crate::cause::Cause;
use crate::interpreter::{NoOutcome, Outcome};

/// Groups whose cells are read, the largest first.
const MOST_GROUPS: usize = 300;

/// What all judging needs.
pub(super) struct Bench<'a> {
    pub(super) names: &'a [&'a str],
    pub(super) alone: &'a AloneImports,
    pub(super) pass: PackagePass,
}

/// Performs the smallest pair of each group again.
pub(super) fn look_into(
    crew: &mut Crew<'_>,
    bench: &Bench<'_>,
    groups: Groups,
    budget: &Budget,
    done: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<SeenGroup>, NoOutcome> {
    let seen =
        groups.0.into_iter().map(|(otherness, pairs)| SeenGroup { otherness, pairs, look: Look::None });
    let mut seen: Vec<SeenGroup> = seen.collect();
    let mut wanted: Vec<&mut SeenGroup> = seen.iter_mut().filter(|group| bench.asks_for(group)).collect();
    wanted.sort_by_key(|group| group.place());
    wanted.truncate(MOST_GROUPS);
    let of = wanted.len();
    let looks = crew.each(&wanted, budget, &|count| done(count, of), |agent, group| {
        let Some((first, second)) = smallest(&group.pairs, bench.alone) else { return Ok(Look::None) };
        let (first, second) = (bench.names[first], bench.names[second]);
        let module = match &group.otherness {
            Otherness::Contents { module, .. } => vec![module.as_str()],
            _ => Vec::new(),
        };
        let (alone, after) = (agent.import(&[second], &module)?, agent.import(&[first, second], &module)?);
        Ok(changes(&group.otherness, &alone, &after).map_or(Look::NotConfirmed, Look::Confirmed))
    })?;
    for (group, look) in wanted.into_iter().zip(looks) {
        if let TaskEnd::Done(look) = look {
            group.look = look;
        }
    }
    Ok(seen)
}

/// The findings that the groups make. Which orders avoid them is not known yet.
pub(super) fn drafts(bench: &Bench<'_>, groups: &[SeenGroup]) -> Vec<PackageFinding> {
    let mut sorted: Vec<&SeenGroup> = groups.iter().collect();
    sorted.sort_by_key(|group| group.place());
    let mut cells: BTreeMap<CellChange, PairList> = BTreeMap::new();
    let mut findings = Vec::new();
    for SeenGroup { otherness, pairs, look } in sorted {
        let Look::Confirmed(changed) = look else { continue };
        for change in changed {
            cells.entry(change.clone()).or_default().extend(pairs);
        }
        findings.extend(bench.of_group(otherness, pairs));
    }
    findings.extend(bench.of_cells(cells));
    bench.add_failing_alone(&mut findings, groups);
    findings
}

/// Groups that there was no time or room to look into.
pub(super) fn not_looked_into(bench: &Bench<'_>, groups: &[SeenGroup]) -> usize {
    groups.iter().filter(|group| group.look == Look::None && bench.asks_for(group)).count()
}

/// Groups whose pair came to something else when it was performed again.
pub(super) fn not_confirmed(groups: &[SeenGroup]) -> usize {
    groups.iter().filter(|group| group.look == Look::NotConfirmed).count()
}

impl SeenGroup {
    /// Where its turn is: the largest come first, and what modules hold last.
    fn place(&self) -> (bool, usize) {
        (matches!(self.otherness, Otherness::Contents { .. }), usize::MAX - self.pairs.len())
    }
}

/// The cells that differ, if the group's pair shows again what it showed; `None` if it does not.
fn changes(otherness: &Otherness, alone: &Imported, after: &Imported) -> Option<Vec<CellChange>> {
    match otherness {
        Otherness::Outcome { outcome, .. } => (after.outcome == *outcome).then(Vec::new),
        Otherness::NotLoaded { module } => (!after.digests.contains_key(module)).then(Vec::new),
        Otherness::NotBound { module } => after.unbound.contains(module).then(Vec::new),
        Otherness::Contents { .. } => {
            let changed = changed_cells(&alone.cells, &after.cells);
            (!changed.is_empty()).then_some(changed)
        }
    }
}

/// The cells that are not the same. Submodules that only the second state has are bound by their own imports.
pub(super) fn changed_cells(
    alone: &BTreeMap<ModuleCell, String>,
    after: &BTreeMap<ModuleCell, String>,
) -> Vec<CellChange> {
    let mut names: Vec<&ModuleCell> = alone.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let change = |cell: &ModuleCell| CellChange {
        module: cell.0.clone(),
        name: cell.1.clone(),
        alone: alone.get(cell).cloned(),
        after: after.get(cell).cloned(),
    };
    let is_submodule = |change: &CellChange| {
        change.alone.is_none() && change.after.as_deref() == Some(&submodule(&change.module, &change.name))
    };
    let changes = names.into_iter().map(change).filter(|change| change.alone != change.after);
    changes.filter(|change| !is_submodule(change)).collect()
}

/// The text of a cell that the import of a submodule has bound.
fn submodule(module: &str, name: &str) -> String {
    format!("<module {module}.{name}>")
}

impl Bench<'_> {
    fn finding(&self, fault: OrderFault, cause: Cause, pairs: &[(usize, usize)]) -> PackageFinding {
        let witness = smallest(pairs, self.alone);
        let name = |at: usize| self.names[at].to_owned();
        PackageFinding {
            fault,
            cause,
            firsts: least_firsts(pairs, self.names, self.alone).into_iter().map(name).collect(),
            witness: witness.map(|(first, second)| (name(first), name(second))),
            pairs: pairs.len(),
            cured: false,
            passes: vec![self.pass],
        }
    }

    /// Whether the group's pair is to be performed again. What makes a module pass that fails alone is put together with the
    /// others of its kind, and performed again with the orders that avoid a finding.
    fn asks_for(&self, group: &SeenGroup) -> bool {
        match group.otherness {
            Otherness::Outcome { second, .. } => self.passes_alone(second),
            _ => true,
        }
    }

    fn passes_alone(&self, at: usize) -> bool {
        self.alone.imported[at].as_ref().is_some_and(|alone| alone.outcome.is_pass())
    }

    /// The finding of a group that is not about cells. One of a module that fails alone is put together elsewhere.
    fn of_group(&self, otherness: &Otherness, pairs: &PairList) -> Option<PackageFinding> {
        match otherness {
            Otherness::Outcome { second, outcome, circle, chain } => {
                let fault = OrderFault::FailsAfter {
                    module: self.names[*second].to_owned(),
                    outcome: outcome.clone(),
                    chain: chain.clone(),
                    circle: circle.clone(),
                };
                Some(self.finding(fault, Cause::Unknown, pairs))
            }
            Otherness::NotLoaded { module } => {
                let fault = OrderFault::NotLoaded { module: module.clone() };
                Some(self.finding(fault, Cause::Unknown, pairs))
            }
            Otherness::NotBound { module } => {
                let fault = OrderFault::NotBound { module: module.clone() };
                // A package binds its submodule unless an earlier import of it had failed, or its code unbinds it.
                let has_failed =
                    smallest(pairs, self.alone).is_some_and(|(first, _)| !self.passes_alone(first));
                let cause = if has_failed { Cause::HalfImportedPackage } else { Cause::Unknown };
                Some(self.finding(fault, cause, pairs))
            }
            Otherness::Contents { .. } => None,
        }
    }

    fn of_cells(&self, cells: BTreeMap<CellChange, PairList>) -> Vec<PackageFinding> {
        let mut by_name: BTreeMap<ModuleCell, Vec<(CellChange, PairList)>> = BTreeMap::new();
        for (change, pairs) in cells {
            by_name.entry((change.module.clone(), change.name.clone())).or_default().push((change, pairs));
        }
        let finding = |changes: Vec<(CellChange, PairList)>| {
            let mut all: PairList = changes.iter().flat_map(|(_, pairs)| pairs.iter().copied()).collect();
            all.sort_unstable();
            all.dedup();
            let witness = smallest(&all, self.alone)?;
            let (change, _) = changes.into_iter().find(|(_, pairs)| pairs.contains(&witness))?;
            Some(self.finding(OrderFault::OtherCell(change), Cause::ImportSideEffect, &all))
        };
        by_name.into_values().filter_map(finding).collect()
    }

    /// The circle in which a module's import fails. Before 3.7, `from m import x` does not say where the name was wanted: then
    /// it is a circle if the module that fails within the import is one that, alone, imports the first.
    fn circle_of(&self, at: usize, imported: &Imported) -> Vec<String> {
        let is_import_error =
            matches!(&imported.outcome, Outcome::Failed { exception, .. } if exception == "ImportError");
        let begin = imported.chain.iter().position(|module| module == self.names[at]);
        let (true, true, Some(begin), Some(last)) =
            (imported.circle.is_empty(), is_import_error, begin, imported.chain.last())
        else {
            return imported.circle.clone();
        };
        let end = self.names.iter().position(|name| name == last).filter(|end| *end != at);
        if end.is_some_and(|end| self.passes_alone(end) && self.alone.loads(end, self.names[at])) {
            let back = [self.names[at].to_owned()];
            imported.chain[begin..].iter().cloned().chain(back).collect()
        } else {
            Vec::new()
        }
    }

    /// Modules that fail alone: in a circle, or only until another was imported.
    fn add_failing_alone(&self, findings: &mut Vec<PackageFinding>, groups: &[SeenGroup]) {
        for (at, imported) in self.alone.imported.iter().enumerate() {
            let Some(imported) = imported else { continue };
            if imported.outcome.is_pass() || self.alone.undecided.contains(&at) {
                continue;
            }
            let passing = |group: &&SeenGroup| matches!(group.otherness, Otherness::Outcome { second, outcome: Outcome::Passed, .. } if second == at);
            // What a failed import leaves makes some modules pass, but nobody would import that first.
            let pairs = groups.iter().filter(passing).flat_map(|group| group.pairs.iter().copied());
            let setters: PairList = pairs.filter(|(first, _)| self.passes_alone(*first)).collect();
            let circle = self.circle_of(at, imported);
            if setters.is_empty() && circle.is_empty() {
                continue;
            }
            let fault = OrderFault::CannotComeFirst {
                module: self.names[at].to_owned(),
                outcome: imported.outcome.clone(),
                chain: imported.chain.clone(),
                circle,
            };
            findings.push(self.finding(fault, Cause::Unknown, &setters));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(cells: &[(&str, &str)]) -> BTreeMap<ModuleCell, String> {
        cells.iter().map(|(name, text)| (("p".to_owned(), (*name).to_owned()), (*text).to_owned())).collect()
    }

    #[test]
    fn a_submodule_that_its_own_import_binds_is_no_change() {
        let alone = cells(&[("f", "1"), ("g", "<function p.g, line 1>"), ("h", "1")]);
        let after = cells(&[("f", "1"), ("g", "<module p.g>"), ("x", "<module p.x>")]);
        let names: Vec<String> =
            changed_cells(&alone, &after).into_iter().map(|change| change.name).collect();
        assert_eq!(names, ["g", "h"], "a submodule over another name is one");
    }
}
