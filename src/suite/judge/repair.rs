//! The smallest state whose putting back turns an outcome round. Which process is asked, and when it looks, is the caller's matter.

use std::collections::BTreeMap;

use super::cause;
use crate::minimize::minimize;
use crate::suite::runner::cell::{Cell, CellKind, CellName, NotPutBack};
use crate::suite::runner::probe::{CellRepair, RepairScope};
use crate::suite::runner::run::RunnerError;

/// Kinds of state that decide little but what they are about: what the import system remembers of directories, and generators of
/// random numbers.
const NARROW: [fn(&Cell) -> bool; 2] = [Cell::is_listing, |cell| cell.kind == CellKind::Generator];
/// So few cells are no worth groups.
const FEW: usize = 16;
/// How many single cells of the import system are tried before fixtures are.
const MOST_IMPORTS: usize = 30;

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
    pub(crate) fn proves(&self) -> bool {
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
/// All that differs is put back first, in a near look and then in a wide one. Where neither does, because fixtures of wider
/// scope have their part in it or something else breaks, kinds of state are tried, then single cells, at most so many. Of a set
/// that does, the narrowest part is made smaller: a fixture that is set up again changes much that nobody names.
pub(crate) fn proven(
    most_singles: usize,
    mut ask: impl FnMut(RepairScope, CellRepair) -> Result<RepairResult, RunnerError>,
) -> Result<Vec<Cell>, RunnerError> {
    let mut in_part = Vec::new();
    for scope in [RepairScope::Near, RepairScope::Wide] {
        let everything = ask(scope, CellRepair::Everything)?;
        let mut turns = |cells: &[Cell]| Ok(ask(scope, CellRepair::Cells { names: names(cells) })?.proves());
        let could = everything.could_be_put_back();
        let is_part = could.len() < everything.cells.len();
        if everything.proves() || (is_part && !could.is_empty() && turns(&could)?) {
            let smallest = smallest_of(could, &mut turns)?;
            if !smallest.is_empty() {
                return Ok(smallest);
            }
            // Looking alone turned it round: nothing is proven.
        } else {
            in_part.push((scope, could));
        }
    }
    // A wider look costs one question; parts and single cells of a narrower one cost many.
    for (scope, could) in in_part {
        let mut turns = |cells: &[Cell]| Ok(ask(scope, CellRepair::Cells { names: names(cells) })?.proves());
        if let Some(enough) = part_that_turns(&could, most_singles, &mut turns)? {
            let smallest = smallest_of(enough, &mut turns)?;
            if !smallest.is_empty() {
                return Ok(smallest);
            }
        }
    }
    Ok(Vec::new())
}

/// A smallest part of the narrowest part of these cells, which do together.
fn smallest_of(
    enough: Vec<Cell>,
    turns: &mut impl FnMut(&[Cell]) -> Result<bool, RunnerError>,
) -> Result<Vec<Cell>, RunnerError> {
    let enough = narrowest(enough, turns)?;
    smallest(&enough, turns)
}

/// A smallest part of these cells that does. Where there are many, most belong to modules that have nothing to do with it (what the
/// interpreter's own libraries keep of each file, say), and cells that only do together are neighbours: so whole groups are left out first.
fn smallest(
    cells: &[Cell],
    mut turns: impl FnMut(&[Cell]) -> Result<bool, RunnerError>,
) -> Result<Vec<Cell>, RunnerError> {
    let mut known: BTreeMap<Vec<String>, bool> = BTreeMap::new();
    let mut ask = |part: &[Cell]| {
        let named: Vec<String> = part.iter().map(|cell| cell.cell.clone()).collect();
        if let Some(turned) = known.get(&named) {
            return Ok(*turned);
        }
        let turned = turns(part)?;
        known.insert(named, turned);
        Ok(turned)
    };
    let groups = if cells.len() > FEW { cause::groups(cells) } else { vec![cells.to_vec()] };
    let groups = minimize(&groups, |groups| ask(&groups.concat()))?;
    let is_left = |cell: &&Cell| groups.iter().flatten().any(|left| left == *cell);
    let in_order: Vec<Cell> = cells.iter().filter(is_left).cloned().collect();
    minimize(&in_order, ask)
}

/// The first part that does. A fixture that is set up again changes much that nobody names, so what the import system holds is
/// tried before fixtures are.
fn part_that_turns(
    cells: &[Cell],
    most_singles: usize,
    turns: &mut impl FnMut(&[Cell]) -> Result<bool, RunnerError>,
) -> Result<Option<Vec<Cell>>, RunnerError> {
    let narrow = NARROW.map(|is_of| of_kind(cells, is_of));
    let is_fixture = |part: &Vec<Cell>| part.iter().all(|cell| cell.kind == CellKind::Fixture);
    let (fixtures, parts): (Vec<_>, Vec<_>) = cause::parts(cells).into_iter().partition(is_fixture);
    let singles = cells.iter().map(|cell| vec![cell.clone()]);
    let (imports, singles): (Vec<_>, Vec<_>) = singles.partition(|single| single[0].is_import_system());
    let imports = imports.into_iter().take(most_singles.min(MOST_IMPORTS));
    let all = narrow.into_iter().chain(parts).chain(imports).chain(fixtures);
    let mut tried: Vec<Vec<Cell>> = Vec::new();
    for part in all.chain(singles.into_iter().take(most_singles)) {
        if part.is_empty() || tried.contains(&part) {
            continue;
        }
        if turns(&part)? {
            return Ok(Some(part));
        }
        tried.push(part);
    }
    Ok(None)
}

fn of_kind(cells: &[Cell], is_of: fn(&Cell) -> bool) -> Vec<Cell> {
    cells.iter().filter(|cell| is_of(cell)).cloned().collect()
}

/// The first narrower part that does what these cells do together, or all of them.
fn narrowest(
    cells: Vec<Cell>,
    turns: &mut impl FnMut(&[Cell]) -> Result<bool, RunnerError>,
) -> Result<Vec<Cell>, RunnerError> {
    for is_of in NARROW.into_iter().chain([not_a_fixture as fn(&Cell) -> bool]) {
        let part = of_kind(&cells, is_of);
        if !part.is_empty() && part.len() < cells.len() && turns(&part)? {
            return Ok(part);
        }
    }
    Ok(cells)
}

fn not_a_fixture(cell: &Cell) -> bool {
    cell.kind != CellKind::Fixture
}

/// What cells are called.
pub(crate) fn names(cells: &[Cell]) -> Vec<CellName> {
    cells.iter().map(Cell::name).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        Cell, CellKind, CellRepair, NotPutBack, RepairResult, RepairScope, RunnerError, names, proven,
    };

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
    fn what_only_a_wide_look_sees_takes_no_question_about_single_cells_of_a_near_one() {
        let near: Vec<Cell> =
            (0..300).map(|cell| Cell::of(CellKind::Attribute, &format!("near{cell}"))).collect();
        let wide: Vec<Cell> = near.iter().cloned().chain(cells(&["time.time"])).collect();
        let mut asked = 0;
        let proven = proven(200, |scope, repair| {
            asked += 1;
            let seen = if scope == RepairScope::Near { &near } else { &wide };
            let put_back = match repair {
                CellRepair::Everything => names(seen),
                CellRepair::Cells { names } | CellRepair::Cure { names, .. } => names,
            };
            let turned = put_back.iter().any(|name| name.as_str() == "time.time");
            Ok(RepairResult { turned, cells: seen.clone(), not_put_back: Vec::new() })
        });
        let proven: Vec<String> = proven.unwrap().into_iter().map(|cell| cell.cell).collect();
        assert_eq!(proven, ["time.time"]);
        assert!(asked <= 30, "{asked}");
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

    /// What is proven of these cells where each of `enough` turns the outcome by itself.
    fn either(cells: &[Cell], enough: &[&str]) -> Vec<String> {
        let proven = proven(10, |_, repair| {
            let turned = match repair {
                CellRepair::Everything => true,
                CellRepair::Cells { names } | CellRepair::Cure { names, .. } => {
                    names.iter().any(|name| enough.contains(&name.as_str()))
                }
            };
            Ok(RepairResult { turned, cells: cells.to_vec(), not_put_back: Vec::new() })
        });
        proven.unwrap().into_iter().map(|cell| cell.cell).collect()
    }

    #[test]
    fn the_narrowest_cell_that_decides_is_the_proof() {
        let all = [
            Cell::of(CellKind::Fixture, "plugdir"),
            Cell::of(CellKind::Attribute, "a"),
            Cell::of(CellKind::Generator, "random.getstate()"),
            Cell::of(CellKind::Finder, "/d"),
        ];
        assert_eq!(either(&all, &["plugdir", "a", "random.getstate()", "/d"]), ["/d"]);
        assert_eq!(either(&all, &["plugdir", "a", "random.getstate()"]), ["random.getstate()"]);
        assert_eq!(either(&all, &["plugdir", "a"]), ["a"]);
        assert_eq!(either(&all, &["plugdir"]), ["plugdir"]);
    }

    #[test]
    fn two_cells_of_one_place_among_a_thousand_take_few_questions() {
        let at =
            |home: &str, key: String| Cell { home: Some(home.to_owned()), ..Cell::of(CellKind::Item, &key) };
        let mut all: Vec<Cell> = (0..500).map(|number| at("inspect", format!("before{number}"))).collect();
        all.extend([at("logging.handlers", "one".to_owned()), at("logging", "other".to_owned())]);
        all.extend((0..500).map(|number| at("linecache", format!("after{number}"))));
        let mut asked = 0;
        let proven = proven(10, |_, repair| {
            asked += 1;
            let turned = match repair {
                CellRepair::Everything => true,
                CellRepair::Cells { names } | CellRepair::Cure { names, .. } => {
                    ["one", "other"].iter().all(|needed| names.iter().any(|name| name.as_str() == *needed))
                }
            };
            Ok(RepairResult { turned, cells: all.clone(), not_put_back: Vec::new() })
        });
        let proven: Vec<String> = proven.unwrap().into_iter().map(|cell| cell.cell).collect();
        assert_eq!(proven, ["one", "other"]);
        assert!(asked <= 10, "{asked}");
    }

    #[test]
    fn what_cannot_be_put_back_is_no_part_of_what_is_proven() {
        assert_eq!(found(&["b"], "", &["x"]).unwrap(), ["b"]);
        assert_eq!(found(&["b", "OTHER"], "", &["ENV"]).unwrap(), ["b", "OTHER"]);
        assert!(found(&["b"], "", &["b"]).unwrap().is_empty());
        assert!(found(&["b", "ENV"], "", &["ENV"]).unwrap().is_empty());
    }
}
