//! The smallest state whose putting back turns an outcome round. Which process is asked, and when it looks, is the caller's matter.

use super::cause;
use crate::minimize::minimize;
use crate::suite::runner::message::Cell;
use crate::suite::runner::run::{Repair, RunnerError, Scope};

/// What a run with something put back came to.
#[derive(Debug)]
pub(crate) struct RepairResult {
    /// Whether the outcome was the other one.
    pub(crate) turned: bool,
    /// What differed before anything was put back.
    pub(crate) cells: Vec<Cell>,
}

/// The smallest state whose putting back turns the outcome round; empty if none is known to.
///
/// All that differs is put back first. Where that does not do, because fixtures of wider scope have their part in
/// it or something else breaks, kinds of state are tried, then single cells, at most so many.
pub(crate) fn proven(
    most_singles: usize,
    mut ask: impl FnMut(Scope, Repair) -> Result<RepairResult, RunnerError>,
) -> Result<Vec<Cell>, RunnerError> {
    for scope in [Scope::Near, Scope::Wide] {
        let everything = ask(scope, Repair::Everything)?;
        let mut turns = |cells: &[Cell]| Ok(ask(scope, Repair::Cells(names(cells)))?.turned);
        let enough = if everything.turned {
            Some(everything.cells)
        } else {
            part_that_turns(&everything.cells, most_singles, &mut turns)?
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
pub(crate) fn names(cells: &[Cell]) -> Vec<String> {
    cells.iter().map(|cell| cell.cell.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Cell, Repair, RepairResult, RunnerError, Scope, names, proven};

    fn cells(names: &[&str]) -> Vec<Cell> {
        let cell =
            |name: &&str| Cell { cell: (*name).to_owned(), alone: "1".to_owned(), after: "2".to_owned() };
        names.iter().map(cell).collect()
    }

    /// What is proven where the outcome turns if these are put back, and `breaks` is not.
    fn found(needed: &[&str], breaks: &str) -> Result<Vec<String>, RunnerError> {
        let all = ["m.a", "m.b", "os.environ['A']", "os.environ['B']", "sys.modules['x']"];
        let proven = proven(10, |scope, repair| {
            let seen = if scope == Scope::Near { &all[1..] } else { &all[..] };
            let put_back = match repair {
                Repair::Everything => names(&cells(seen)),
                Repair::Cells(names) => names,
            };
            let holds = |name: &str| put_back.iter().any(|each| each == name);
            let turned = needed.iter().all(|name| holds(name)) && !holds(breaks);
            Ok(RepairResult { turned, cells: cells(seen) })
        })?;
        Ok(names(&proven))
    }

    #[test]
    fn the_smallest_state_is_found_near_or_far() {
        assert_eq!(found(&["m.b", "os.environ['B']"], "").unwrap(), ["m.b", "os.environ['B']"]);
        assert_eq!(found(&["m.a"], "").unwrap(), ["m.a"]);
    }

    #[test]
    fn what_breaks_when_it_is_put_back_is_left_out() {
        let both = ["os.environ['A']", "os.environ['B']"];
        assert_eq!(found(&both, "sys.modules['x']").unwrap(), both);
        assert_eq!(found(&["m.b"], "os.environ['A']").unwrap(), ["m.b"]);
        assert!(found(&["m.c"], "").unwrap().is_empty());
    }

    #[test]
    fn a_look_that_turns_the_outcome_proves_nothing() {
        assert!(found(&[], "").unwrap().is_empty());
    }
}
