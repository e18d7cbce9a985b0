//! A file that fits into a head: 300 lines at most, in Rust and in Python, but for a listed few.

use crate::sources::{Source, against_list, files};

const MOST: usize = 300;

/// Longer ones, each with the reason.
const LONG: &[(&str, &str)] = &[
    ("src/bin/taster/run.rs", "is being mended"),
    ("src/emit/python.rs", "is being mended"),
    ("src/interpreter/cpython/levels.rs", "is being mended"),
    ("src/interpreter/inert.rs", "is being mended"),
    ("src/scenario/schema.rs", "is being mended"),
    ("src/suite/collection.rs", "is being mended"),
    ("src/suite/in_place/mod.rs", "is being mended"),
    ("src/suite/judge/mod.rs", "is being mended"),
    ("src/suite/keeper/view.rs", "is being mended"),
    ("src/suite/runner/process.rs", "is being mended"),
    ("src/suite/runner/zygote.rs", "is being mended"),
    ("src/interpreter/cpython/digest.py", "is being mended"),
    ("src/interpreter/cpython/held_in_c.py", "is being mended"),
    ("src/suite/plugin/plugin.py", "is being mended"),
    ("src/suite/plugin/written.py", "is being mended"),
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
