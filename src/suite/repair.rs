//! The smallest state whose putting back turns an outcome round. Which process is asked, and when it looks, is the caller's matter.

use super::cause;
use super::message::Cell;
use super::run::{Halt, Repair, Scope};
use crate::minimize::minimize;

/// What a run with something put back came to.
#[derive(Debug)]
pub(crate) struct Answer {
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
    mut ask: impl FnMut(Scope, Repair) -> Result<Answer, Halt>,
) -> Result<Vec<Cell>, Halt> {
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
    turns: &mut impl FnMut(&[Cell]) -> Result<bool, Halt>,
) -> Result<Option<Vec<Cell>>, Halt> {
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
