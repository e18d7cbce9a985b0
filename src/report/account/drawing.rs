//! Which test does it to which, as a drawing: those that do it on the left, the others on the right, in rows that keep lines short.

use std::collections::BTreeMap;

use super::TestEdge;

/// Height of a row, and the widest name, in letters and in units of the drawing.
const ROW: usize = 20;
const LETTERS: usize = 44;
const COLUMN: usize = LETTERS * 8;
/// Room between the columns.
const BETWEEN: usize = 160;
/// Past so many lines, a drawing shows nothing that a list does not show better.
const MOST: usize = 1_000;

/// A drawing, in its own units.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Where lines begin and end.
    pub(super) left_end: usize,
    pub(super) right: usize,
    pub(super) edges: Vec<DrawnLine>,
    pub(super) names: Vec<DrawnName>,
}

/// A line between two rows.
#[derive(Debug)]
pub(super) struct DrawnLine {
    pub(super) class: &'static str,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// A name in a row.
#[derive(Debug)]
pub(super) struct DrawnName {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) anchor: &'static str,
    /// With its start left out, if it is long.
    pub(super) short: String,
    pub(super) full: String,
}

impl Drawing {
    /// Of these edges. A test on the right stands in the row after that of its neighbour's; a test on the left stands in the middle of
    /// those that it has lines to.
    pub(super) fn of(edges: &[TestEdge]) -> Self {
        if edges.is_empty() || edges.len() > MOST {
            return Self::default();
        }
        let mut right: Vec<&str> = Vec::new();
        let mut rows_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut sorted: Vec<&TestEdge> = edges.iter().collect();
        sorted.sort_by_key(|edge| (&edge.from, &edge.to));
        for edge in &sorted {
            let row = right.iter().position(|name| *name == edge.to).unwrap_or_else(|| {
                right.push(&edge.to);
                right.len() - 1
            });
            rows_of.entry(&edge.from).or_default().push(row);
        }
        let mut left: Vec<(usize, &str)> =
            rows_of.iter().map(|(name, rows)| (rows.iter().sum::<usize>() / rows.len(), *name)).collect();
        left.sort_unstable();
        // No two in one row.
        let mut next = 0;
        for (row, _) in &mut left {
            *row = (*row).max(next);
            next = *row + 1;
        }
        let (left_end, start) = (COLUMN + 8, COLUMN + BETWEEN);
        let height = right.len().max(next) * ROW + ROW;
        let row_of = |name: &str| left.iter().find(|(_, known)| *known == name).map_or(0, |(row, _)| *row);
        let lines = sorted.iter().map(|edge| DrawnLine {
            class: if edge.needs { "setter" } else { "polluter" },
            from: middle(row_of(&edge.from)),
            to: middle(right.iter().position(|name| *name == edge.to).unwrap_or_default()),
        });
        let on_the_left = left.iter().map(|(row, name)| name_in(COLUMN, *row, "end", name));
        let on_the_right = right.iter().enumerate().map(|(row, name)| name_in(start + 8, row, "start", name));
        Self {
            width: start + 8 + COLUMN,
            height,
            left_end,
            right: start,
            edges: lines.collect(),
            names: on_the_left.chain(on_the_right).collect(),
        }
    }
}

fn middle(row: usize) -> usize {
    row * ROW + ROW
}

fn name_in(x: usize, row: usize, anchor: &'static str, name: &str) -> DrawnName {
    let letters = name.chars().count();
    let short = if letters > LETTERS {
        format!("…{}", name.chars().skip(letters - LETTERS + 1).collect::<String>())
    } else {
        name.to_owned()
    };
    // The letters stand on their line, which is a little below the middle.
    DrawnName { x, y: middle(row) + 4, anchor, short, full: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str) -> TestEdge {
        TestEdge { from: from.to_owned(), to: to.to_owned(), needs: false }
    }

    #[test]
    fn each_name_has_a_row_of_its_own() {
        let edges: Vec<TestEdge> =
            (0..200).map(|number| edge(&format!("p{}", number % 40), &format!("v{number}"))).collect();
        let drawing = Drawing::of(&edges);
        assert_eq!((drawing.edges.len(), drawing.names.len()), (200, 240));
        let mut places: Vec<(usize, usize)> = drawing.names.iter().map(|name| (name.x, name.y)).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 240);
        assert!(places.iter().all(|(_, y)| *y < drawing.height), "{}", drawing.height);
    }

    #[test]
    fn a_long_name_keeps_its_end() {
        let long = format!("tests/{}.py::test_it", "a".repeat(80));
        let drawing = Drawing::of(&[edge(&long, "v")]);
        assert!(drawing.names[0].short.starts_with('…') && drawing.names[0].short.ends_with("::test_it"));
        assert_eq!(drawing.names[0].full, long);
    }
}
