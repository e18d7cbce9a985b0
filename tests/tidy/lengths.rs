//! Files are short: 300 lines at most, in Rust and in Python, except for a few that are listed.

use crate::sources::{Source, against_list, files};

const MOST: usize = 300;

/// Longer ones, each with the reason.
const LONG: &[(&str, &str)] = &[
    ("src/interpreter/cpython/levels.rs", "not parted yet"),
    (
        "src/interpreter/cpython/digest.py",
        "one walk over all that a state can hold, which must not import a helper of its own",
    ),
    ("src/interpreter/cpython/held_in_c.py", "a table"),
];

fn long(sources: &[Source]) -> Vec<String> {
    let is_long = |text: &str| text.lines().count() > MOST;
    sources.iter().filter(|(_, text)| is_long(text)).map(|(path, _)| path.clone()).collect()
}

#[test]
fn files_are_short() {
    let sources = [files("src", "rs"), files("src", "py")].concat();
    let listed: Vec<&str> = LONG.iter().map(|(path, _)| *path).collect();
    let wrong = against_list(&long(&sources), &listed);
    assert!(wrong.is_empty(), "files of more than {MOST} lines:\n{wrong}");
}

#[test]
fn a_long_file_is_found() {
    let file = |name: &str, lines: usize| (name.to_owned(), "x\n".repeat(lines));
    assert_eq!(long(&[file("a.rs", MOST), file("b.py", MOST + 1)]), ["b.py"]);
}
