//! Names: modules have names that say something; types in the library's interface have one meaning.

use std::collections::BTreeMap;

use regex::Regex;

use crate::layers::module;
use crate::sources::{Source, against_list, files, shipped};

/// Names of modules that say nothing.
const EMPTY: [&str; 5] = ["utils", "util", "helpers", "common", "misc"];

/// Types that two files may name alike, each with the reason.
const ALIKE: &[(&str, &str)] = &[(
    "View: suite/keeper/no_view.rs, suite/keeper/view.rs",
    "one of the two files is compiled, depending on the system",
)];

/// The names of types that two files of the library define, with the files.
fn alike(sources: &[Source]) -> Vec<String> {
    // An indented `type` is a trait's.
    let definition = r"(?m)^(?:\s*(?:pub(?:\([a-z:_ ]+\))? )?(?:struct|enum|trait|union)|(?:pub(?:\([a-z:_ ]+\))? )?type) (\w+)";
    let definition = Regex::new(definition).expect("a regular expression");
    let mut definers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, text) in sources.iter().filter(|(path, _)| !path.ends_with("/tests.rs")) {
        if module(path).is_none() {
            continue;
        }
        for found in definition.captures_iter(&shipped(text)) {
            let of_name = definers.entry(found[1].to_owned()).or_default();
            if !of_name.contains(&&path["src/".len()..]) {
                of_name.push(&path["src/".len()..]);
            }
        }
    }
    let twice = definers.into_iter().filter(|(_, files)| files.len() > 1);
    twice.map(|(name, files)| format!("{name}: {}", files.join(", "))).collect()
}

#[test]
fn no_name_of_a_type_means_two_things() {
    let listed: Vec<&str> = ALIKE.iter().map(|(name, _)| *name).collect();
    let wrong = against_list(&alike(&files("src", "rs")), &listed);
    assert!(wrong.is_empty(), "one name for two things:\n{wrong}");
}

#[test]
fn a_name_in_two_files_is_found() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sources = [
        file("src/run/mod.rs", "pub struct Options;\npub(crate) struct Halt;\n"),
        file("src/suite/a/b.rs", "    pub enum Options {}\nstruct Halt;\n"),
        file("src/suite/c.rs", "pub struct Once;\n"),
        file("src/suite/c/tests.rs", "struct Once;\n"),
        file("src/bin/taster/main.rs", "pub struct Once;\n"),
    ];
    assert_eq!(alike(&sources), ["Halt: run/mod.rs, suite/a/b.rs", "Options: run/mod.rs, suite/a/b.rs"]);
}

fn is_empty(path: &str) -> bool {
    path.split(['/', '.']).any(|part| EMPTY.contains(&part))
}

#[test]
fn every_module_has_a_name_that_says_something() {
    let named: Vec<_> =
        files("src", "rs").into_iter().map(|(path, _)| path).filter(|path| is_empty(path)).collect();
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn an_empty_name_is_found() {
    assert!(is_empty("src/suite/utils.rs") && is_empty("src/helpers/x.rs") && !is_empty("src/utility.rs"));
}
