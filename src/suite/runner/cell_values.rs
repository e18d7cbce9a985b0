//! The values of a cell as people read them.

use super::cell::{Cell, CellKind};

impl Cell {
    /// The values alone and after, for people: when a file has changed, in nanoseconds, tells nothing that its size does not, unless that
    /// is the same.
    pub(crate) fn values(&self) -> (&str, &str) {
        let (alone, after) = (without_time(&self.alone), without_time(&self.after));
        match self.kind {
            CellKind::File if alone == after => (alone, "changed"),
            CellKind::File => (alone, after),
            _ => (&self.alone, &self.after),
        }
    }
}

fn without_time(file: &str) -> &str {
    file.split_once(", changed at ").map_or(file, |(size, _)| size)
}

#[cfg(test)]
mod tests {
    use super::{Cell, CellKind};

    #[test]
    fn the_time_of_a_file_is_no_value_for_people() {
        let file = |alone: &str, after: &str| Cell {
            alone: alone.to_owned(),
            after: after.to_owned(),
            ..Cell::of(CellKind::File, "left.txt")
        };
        assert_eq!(file("absent", "2 bytes, changed at 12 ns").values(), ("absent", "2 bytes"));
        let same = file("2 bytes, changed at 12 ns", "2 bytes, changed at 13 ns");
        assert_eq!(same.values(), ("2 bytes", "changed"));
        let text = "'x, changed at y'";
        let attribute = Cell { alone: text.to_owned(), ..Cell::of(CellKind::Attribute, "k") };
        assert_eq!(attribute.values(), (text, "2"));
    }
}
