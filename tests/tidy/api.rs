//! The interface of the library is a few names at its root; the modules behind them are hidden from the documentation.

use regex::Regex;

use crate::sources::read;

/// So many names a reader can take in.
const MOST: usize = 20;

/// Names that the root hands on.
fn names(root: &str) -> Vec<String> {
    let handed_on = Regex::new(r"(?m)^pub use ([^;]+);").expect("a regular expression");
    let name = Regex::new(r"(\w+)\s*(?:,|\}|$)").expect("a regular expression");
    let imports = handed_on.captures_iter(root).map(|found| found[1].to_owned());
    let names =
        |import: String| name.captures_iter(&import).map(|found| found[1].to_owned()).collect::<Vec<_>>();
    imports.flat_map(names).collect()
}

/// Public modules of the root that its documentation shows.
fn shown(root: &str) -> Vec<String> {
    let module = Regex::new(r"(?m)^(.*)\n\s*pub mod (\w+)").expect("a regular expression");
    let is_hidden = |line: &str| line.starts_with("#[cfg_attr(doc, doc(hidden))]");
    module
        .captures_iter(root)
        .filter(|found| !is_hidden(&found[1]))
        .map(|found| found[2].to_owned())
        .collect()
}

#[test]
fn the_interface_is_a_few_names() {
    let root = read("src/lib.rs");
    let names = names(&root);
    assert!(names.contains(&"harness".to_owned()) && names.contains(&"Verdict".to_owned()));
    assert!(names.len() < MOST, "{} names: {names:?}", names.len());
    assert_eq!(shown(&root), Vec::<String>::new(), "these modules are not hidden");
}

#[test]
fn names_and_modules_are_counted() {
    let root = "#[cfg_attr(doc, doc(hidden))]\npub mod a;\n\npub mod b;\nmod c;\n\
                pub use a::{A, go};\npub use b::c::B;\nuse c::C;\n";
    assert_eq!(names(root), ["A", "go", "B"]);
    assert_eq!(shown(root), ["b"]);
}
