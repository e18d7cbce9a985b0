//! Changes of a text, as data: they can be applied, counted and joined.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The replacement of a part of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edit {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) text: String,
}

/// The changes of each file.
pub(super) type FileEdits = BTreeMap<PathBuf, Vec<Edit>>;

/// The new texts of files.
pub(super) type ChangedTexts = BTreeMap<PathBuf, String>;

/// The text with all changes. Of equal ones, one is made: two changes may need the same import.
pub(super) fn applied(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = Vec::new();
    for edit in edits {
        if !sorted.contains(&edit) {
            sorted.push(edit);
        }
    }
    sorted.sort_by_key(|edit| (edit.from, edit.to));
    let (mut result, mut at) = (String::new(), 0);
    for edit in sorted {
        if edit.from >= at {
            result += &text[at..edit.from];
            at = edit.to;
        }
        result += &edit.text;
    }
    result + &text[at..]
}

/// Whether two sets of changes of one file can both be made.
pub(super) fn are_compatible(one: &[Edit], other: &[Edit]) -> bool {
    // Whole lines can follow each other, and so can further parameters.
    let stackable =
        |edit: &Edit| edit.from == edit.to && (edit.text.ends_with('\n') || edit.text.starts_with(", "));
    let apart = |a: &Edit, b: &Edit| {
        a == b || a.to < b.from || b.to < a.from || (a.from == b.from && stackable(a) && stackable(b))
    };
    one.iter().all(|edit| other.iter().all(|each| apart(edit, each)))
}

#[cfg(test)]
mod tests {
    use super::{Edit, applied, are_compatible};

    fn edit(from: usize, to: usize, text: &str) -> Edit {
        Edit { from, to, text: text.to_owned() }
    }

    #[test]
    fn changes_are_made_in_their_order_and_equal_ones_once() {
        let edits = [edit(4, 5, "X"), edit(0, 0, "a"), edit(0, 0, "a"), edit(0, 0, "b")];
        assert_eq!(applied("0123456", &edits), "ab0123X56");
    }

    #[test]
    fn changes_that_touch_are_not_made_together() {
        assert!(are_compatible(&[edit(0, 1, "x")], &[edit(2, 3, "y")]));
        assert!(are_compatible(&[edit(0, 0, "import x")], &[edit(0, 0, "import x")]));
        assert!(are_compatible(&[edit(0, 0, "import x\n")], &[edit(0, 0, "import y\n")]));
        assert!(!are_compatible(&[edit(0, 0, "one")], &[edit(0, 0, "other")]));
        assert!(!are_compatible(&[edit(0, 3, "x")], &[edit(2, 4, "y")]));
    }
}
