//! What each test leaves behind, as numbers: a cell with a value is one thing, whoever leaves it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::suite::runner::cell::CellKind;
use crate::suite::runner::message::Item;
use crate::suite::runner::surveyed::{LeftCell, Leftovers};

/// Names that a request gives of cells that tests are known to leave.
const MOST_NAMES: usize = 5_000;

/// The number of a thing that tests leave: a cell with a value.
pub(crate) type Left = usize;

/// What one test leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Leaving {
    /// What every later test can find.
    pub(crate) everywhere: BTreeSet<Left>,
    /// What only later tests of the same file can find.
    pub(crate) near: BTreeSet<Left>,
    /// Whether it wrote files.
    pub(crate) wrote: bool,
}

impl Leaving {
    /// Whether it is anything.
    pub(super) fn is_any(&self) -> bool {
        !self.everywhere.is_empty() || !self.near.is_empty()
    }
}

/// What all tests leave, as far as somebody has looked.
#[derive(Debug, Default)]
pub(crate) struct Leavings {
    numbers: HashMap<(String, String), Left>,
    /// The cell of each thing.
    cells: Vec<String>,
    /// Cells that a process which goes on cannot restore.
    lasting: BTreeSet<String>,
    /// The values, as texts, of those things that a cell can be given.
    plain: HashMap<Left, String>,
    /// Those things that are fixtures.
    fixtures: BTreeSet<Left>,
    by_test: BTreeMap<usize, Leaving>,
}

impl Leavings {
    /// Notes what a test has left on its own.
    pub(crate) fn note(&mut self, test: usize, left: &Leftovers) {
        let mut everywhere = self.numbers_of(test, &left.cells);
        if !left.all {
            // What nobody has seen is like nothing else.
            everywhere.insert(self.number("", &format!("more of {test}")));
        }
        let near = self.numbers_of(test, &left.near);
        self.by_test.insert(test, Leaving { everywhere, near, wrote: left.wrote });
    }

    fn numbers_of(&mut self, test: usize, cells: &[LeftCell]) -> BTreeSet<Left> {
        self.lasting.extend(cells.iter().filter(|left| left.lasts).map(|left| left.cell.cell.clone()));
        let mut numbers = BTreeSet::new();
        for left in cells {
            let number = self.number(&left.cell.cell, &value_of(test, left));
            if left.cell.kind == CellKind::Fixture {
                self.fixtures.insert(number);
            }
            if left.plain {
                self.plain.insert(number, left.cell.after.clone());
            }
            numbers.insert(number);
        }
        numbers
    }

    fn number(&mut self, cell: &str, value: &str) -> Left {
        let next = self.cells.len();
        let number = *self.numbers.entry((cell.to_owned(), value.to_owned())).or_insert(next);
        if number == next {
            self.cells.push(cell.to_owned());
        }
        number
    }

    /// Which of the things that are known were found in a state that these tests have made.
    pub(crate) fn found(&self, tests: &[usize], left: &Leftovers) -> BTreeSet<Left> {
        let of = |test: usize, left: &LeftCell| {
            self.numbers.get(&(left.cell.cell.clone(), value_of(test, left))).copied()
        };
        left.cells.iter().flat_map(|left| tests.iter().filter_map(move |&test| of(test, left))).collect()
    }

    /// What a test leaves, or `None` if nobody has looked.
    pub(crate) fn of(&self, test: usize) -> Option<&Leaving> {
        self.by_test.get(&test)
    }

    /// Whether a test can find anything of what another one leaves for tests of its file alone: a fixture is for those that use it.
    pub(crate) fn is_near(&self, (first, left_by): (usize, &Item), finder: &Item) -> bool {
        let uses = |left: &Left| match &finder.fixtures {
            Some(fixtures) if self.fixtures.contains(left) => {
                fixtures.iter().any(|name| name == self.cell(*left))
            }
            _ => true,
        };
        left_by.file == finder.file && self.of(first).is_some_and(|leaving| leaving.near.iter().any(uses))
    }

    /// All that these tests leave for every later test.
    pub(super) fn of_all(&self, tests: &[usize]) -> BTreeSet<Left> {
        let leaving = tests.iter().filter_map(|test| self.of(*test));
        leaving.flat_map(|leaving| leaving.everywhere.iter().copied()).collect()
    }

    /// The cells that these tests leave with values which they can be given, and with one and the same, whoever leaves it: a number
    /// that counts tests has another one after several.
    pub(super) fn as_alone(&self, tests: &[usize]) -> Vec<(String, String)> {
        let mut by_cell: BTreeMap<&str, BTreeSet<Left>> = BTreeMap::new();
        for left in self.of_all(tests) {
            by_cell.entry(self.cell(left)).or_default().insert(left);
        }
        let as_alone = by_cell.into_iter().filter_map(|(cell, left)| match Vec::from_iter(left)[..] {
            [only] => self.plain.get(&only).map(|value| (cell.to_owned(), value.clone())),
            _ => None,
        });
        as_alone.collect()
    }

    /// The names of the cells that tests leave.
    pub(super) fn names(&self) -> Vec<String> {
        let names: BTreeSet<&String> = self.cells.iter().filter(|name| !name.is_empty()).collect();
        names.into_iter().take(MOST_NAMES).cloned().collect()
    }

    /// Whether a test changes, where these tests have run, what a process that goes on cannot restore.
    pub(super) fn lasts_after(&self, tests: &[usize], test: usize) -> bool {
        let there: BTreeSet<&str> = tests.iter().flat_map(|test| self.cells_of(*test)).collect();
        self.cells_of(test).any(|cell| self.lasting.contains(cell) && !there.contains(cell))
    }

    /// The names of the cells that a test leaves.
    pub(super) fn cells_of(&self, test: usize) -> impl Iterator<Item = &str> {
        let left = self.of(test).into_iter();
        left.flat_map(|leaving| leaving.everywhere.iter().chain(&leaving.near)).map(|left| self.cell(*left))
    }

    /// What holds the cell of a thing, with others: cells of one container may depend on one another.
    pub(super) fn container(&self, left: Left) -> &str {
        let cell = self.cell(left);
        &cell[..cell.rfind(['.', '[']).unwrap_or(cell.len())]
    }

    /// The cell of a thing.
    pub(crate) fn cell(&self, left: Left) -> &str {
        &self.cells[left]
    }
}

/// The value of a cell: one that nobody can tell is like no other test's.
fn value_of(test: usize, left: &LeftCell) -> String {
    match &left.held {
        // The text of a file names the time of its change, which is another one in each run.
        Some(held) if left.cell.kind == CellKind::File => held.clone(),
        Some(held) => format!("{} {held}", left.cell.after),
        None => format!("{} of {test}", left.cell.after),
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, Leavings, LeftCell, Leftovers};
    use crate::suite::runner::cell::{Cell, CellKind};

    fn left(cells: &[(&str, Option<&str>)]) -> Leftovers {
        let cell = |(name, held): &(&str, Option<&str>)| LeftCell {
            cell: Cell::of(CellKind::Attribute, name),
            held: held.map(str::to_owned),
            lasts: false,
            plain: false,
        };
        Leftovers { cells: cells.iter().map(cell).collect(), all: true, ..Leftovers::default() }
    }

    #[test]
    fn one_cell_with_one_value_is_one_thing_unless_nobody_can_tell() {
        let mut leavings = Leavings::default();
        for (test, cells) in [
            (1, left(&[("a", Some("1"))])),
            (2, left(&[("a", Some("1")), ("b", None)])),
            (3, left(&[("a", Some("2")), ("b", None)])),
        ] {
            leavings.note(test, &cells);
        }
        let of = |test| &leavings.of(test).unwrap().everywhere;
        assert!(of(1).is_subset(of(2)) && of(1).is_disjoint(of(3)) && of(2).is_disjoint(of(3)));
        assert_eq!(leavings.found(&[2], &left(&[("b", None)])).len(), 1);
        assert!(leavings.found(&[1], &left(&[("b", None)])).is_empty());
    }

    #[test]
    fn what_is_set_up_for_a_file_is_near_to_those_who_use_it() {
        let near = |kind, name: &str| Leftovers {
            near: vec![LeftCell {
                cell: Cell::of(kind, name),
                held: Some(String::new()),
                lasts: false,
                plain: false,
            }],
            all: true,
            ..Leftovers::default()
        };
        let item = |file: &str, fixtures: Option<&[&str]>| Item {
            id: String::new(),
            file: file.to_owned(),
            groups: Vec::new(),
            fixtures: fixtures.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
        };
        let mut leavings = Leavings::default();
        leavings.note(0, &near(CellKind::Fixture, "fixture client (module)"));
        leavings.note(1, &near(CellKind::Attribute, "app.settings.mode"));
        let client = Some(&["fixture client (module)"][..]);
        let first = item("a", client);
        let is_near = |number, second| leavings.is_near((number, &first), &second);
        assert!(is_near(0, item("a", client)) && !is_near(0, item("b", client)));
        assert!(!is_near(0, item("a", Some(&[]))), "it does not use the fixture");
        assert!(is_near(0, item("a", None)), "it may ask for any fixture when it runs");
        assert!(is_near(1, item("a", Some(&[]))), "an attribute is there for all");
        assert!(
            !is_near(2, item("a", None)),
            "nobody knows what that one leaves, so nothing is known to be near"
        );
    }

    #[test]
    fn a_cell_is_as_one_test_leaves_it_unless_two_leave_it_in_two_ways() {
        let plain = |cells: &[(&str, &str, bool)]| {
            let mut left =
                left(&cells.iter().map(|(name, held, _)| (*name, Some(*held))).collect::<Vec<_>>());
            for (left, (_, held, plain)) in left.cells.iter_mut().zip(cells) {
                (left.cell.after, left.plain) = ((*held).to_owned(), *plain);
            }
            left
        };
        let mut leavings = Leavings::default();
        leavings.note(1, &plain(&[("count", "1", true), ("mode", "'a'", true)]));
        leavings.note(2, &plain(&[("count", "1", true), ("mode", "'b'", true), ("held", "[1]", false)]));
        let pair = |cell: &str, value: &str| (cell.to_owned(), value.to_owned());
        assert_eq!(leavings.as_alone(&[1, 2]), [pair("count", "1")]);
        assert_eq!(leavings.as_alone(&[2]), [pair("count", "1"), pair("mode", "'b'")]);
    }
}
