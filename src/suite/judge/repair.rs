//! The smallest state whose putting back turns an outcome round. Which process is asked, and when it looks, is the caller's matter.

use super::cause;
use crate::minimize::minimize;
use crate::suite::runner::cell::{Cell, CellName, NotPutBack};
use crate::suite::runner::probe::{CellRepair, RepairScope};
use crate::suite::runner::run::RunnerError;

/// The result of a run with something put back.
#[derive(Debug)]
pub(crate) struct RepairResult {
    /// Whether the outcome was the other one.
    pub(crate) turned: bool,
    /// What differed before anything was put back.
    pub(crate) cells: Vec<Cell>,
    /// What was to be put back and could not be.
    pub(crate) not_put_back: Vec<NotPutBack>,
}

impl RepairResult {
    /// Whether it proves that what was put back decides. Where something could not be put back, it proves nothing either way.
    pub(super) fn proves(&self) -> bool {
        self.turned && self.not_put_back.is_empty()
    }

    /// What differed and, as far as this run shows, can be put back.
    fn could_be_put_back(&self) -> Vec<Cell> {
        let could = |cell: &&Cell| !self.not_put_back.iter().any(|each| each.cell == cell.cell);
        self.cells.iter().filter(could).cloned().collect()
    }
}

/// The smallest state whose putting back turns the outcome round; empty if none is known to.
///
/// All that differs is put back first. Where that does not do, because fixtures of wider scope have their part in
/// it or something else breaks, kinds of state are tried, then single cells, at most so many.
pub(crate) fn proven(
    most_singles: usize,
    mut ask: impl FnMut(RepairScope, CellRepair) -> Result<RepairResult, RunnerError>,
) -> Result<Vec<Cell>, RunnerError> {
    for scope in [RepairScope::Near, RepairScope::Wide] {
        let everything = ask(scope, CellRepair::Everything)?;
        let mut turns = |cells: &[Cell]| Ok(ask(scope, CellRepair::Cells { names: names(cells) })?.proves());
        let could = everything.could_be_put_back();
        let is_part = could.len() < everything.cells.len();
        let enough = if everything.proves() || (is_part && !could.is_empty() && turns(&could)?) {
            Some(could)
        } else {
            part_that_turns(&could, most_singles, &mut turns)?
        };
        let Some(enough) = enough else { continue };
        let smallest = minimize(&enough, turns)?;
        if !smallest.is_empty() {
            return Ok(smallest);
        }
        // Looking alone turned it round: nothing is proven.
    }
    Ok(Vec::new())
}

fn part_that_turns(
    cells: &[Cell],
    most_singles: usize,
    turns: &mut impl FnMut(&[Cell]) -> Result<bool, RunnerError>,
) -> Result<Option<Vec<Cell>>, RunnerError> {
    let singles = cells.iter().take(most_singles).map(|cell| vec![cell.clone()]);
    for part in cause::parts(cells).into_iter().chain(singles) {
        if turns(&part)? {
            return Ok(Some(part));
        }
    }
    Ok(None)
}

/// What cells are called.
pub(crate) fn names(cells: &[Cell]) -> Vec<CellName> {
    cells.iter().map(Cell::name).collect()
}

#[cfg(test)]
mod tests {
    use super::{Cell, CellRepair, NotPutBack, RepairResult, RepairScope, RunnerError, names, proven};
    use crate::suite::runner::cell::CellKind;

    /// Texts as names of cells, each of the kind that its name looks like.
    fn cells(names: &[&str]) -> Vec<Cell> {
        let kind = |name: &str| match name {
            "ENV" | "OTHER" => CellKind::Environment,
            "x" => CellKind::Module,
            _ => CellKind::Attribute,
        };
        names.iter().map(|name| Cell::of(kind(name), name)).collect()
    }

    /// What is proven where the outcome turns if these are put back, and `breaks` is not; `stuck` cannot be put back.
    fn found(needed: &[&str], breaks: &str, stuck: &[&str]) -> Result<Vec<String>, RunnerError> {
        let all = ["a", "b", "ENV", "OTHER", "x"];
        let proven = proven(10, |scope, repair| {
            let seen = if scope == RepairScope::Near { &all[1..] } else { &all[..] };
            let wanted = match repair {
                CellRepair::Everything => names(&cells(seen)),
                CellRepair::Cells { names } | CellRepair::Cure { names, .. } => names,
            };
            let is_wanted = |name: &str| wanted.iter().any(|each| each.as_str() == name);
            let is_put_back = |name: &str| is_wanted(name) && !stuck.contains(&name);
            let turned = needed.iter().all(|name| is_put_back(name)) && !is_put_back(breaks);
            let left = stuck.iter().filter(|name| is_wanted(name));
            let left = left.map(|name| NotPutBack { cell: (*name).to_owned(), why: "stuck".to_owned() });
            Ok(RepairResult { turned, cells: cells(seen), not_put_back: left.collect() })
        })?;
        Ok(proven.into_iter().map(|cell| cell.cell).collect())
    }

    #[test]
    fn the_smallest_state_is_found_near_or_far() {
        assert_eq!(found(&["b", "OTHER"], "", &[]).unwrap(), ["b", "OTHER"]);
        assert_eq!(found(&["a"], "", &[]).unwrap(), ["a"]);
    }

    #[test]
    fn what_breaks_when_it_is_put_back_is_left_out() {
        assert_eq!(found(&["ENV", "OTHER"], "x", &[]).unwrap(), ["ENV", "OTHER"]);
        assert_eq!(found(&["b"], "ENV", &[]).unwrap(), ["b"]);
        assert!(found(&["c"], "", &[]).unwrap().is_empty());
    }

    #[test]
    fn a_look_that_turns_the_outcome_proves_nothing() {
        assert!(found(&[], "", &[]).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_put_back_is_no_part_of_what_is_proven() {
        assert_eq!(found(&["b"], "", &["x"]).unwrap(), ["b"]);
        assert_eq!(found(&["b", "OTHER"], "", &["ENV"]).unwrap(), ["b", "OTHER"]);
        assert!(found(&["b"], "", &["b"]).unwrap().is_empty());
        assert!(found(&["b", "ENV"], "", &["ENV"]).unwrap().is_empty());
    }
}
