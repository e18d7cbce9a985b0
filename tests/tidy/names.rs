//! Names: of modules, that say something; of types that the library shows, that mean one thing.

use std::collections::BTreeMap;

use regex::Regex;

use crate::layers::module;
use crate::sources::{Source, against_list, files, shipped};

/// Names of modules that say nothing.
const EMPTY: [&str; 5] = ["utils", "util", "helpers", "common", "misc"];

/// Types that two top-level modules may name alike, each with the reason.
const ALIKE: &[(&str, &str)] = &[];

/// The names of `pub` types that stand in more than one top-level module, with the modules.
fn alike(sources: &[Source]) -> Vec<String> {
    let definition =
        Regex::new(r"(?m)^\s*pub (?:struct|enum|trait|union|type) (\w+)").expect("a regular expression");
    let mut modules: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (path, text) in sources {
        let Some(module) = module(path) else { continue };
        for found in definition.captures_iter(&shipped(text)) {
            let of_name = modules.entry(found[1].to_owned()).or_default();
            if !of_name.contains(&module) {
                of_name.push(module);
            }
        }
    }
    let twice = modules.into_iter().filter(|(_, modules)| modules.len() > 1);
    twice.map(|(name, modules)| format!("{name}: {}", modules.join(", "))).collect()
}

#[test]
fn no_name_of_a_type_is_in_two_modules() {
    let listed: Vec<&str> = ALIKE.iter().map(|(name, _)| *name).collect();
    let wrong = against_list(&alike(&files("src", "rs")), &listed);
    assert!(wrong.is_empty(), "one name for two things:\n{wrong}");
}

#[test]
fn a_name_in_two_modules_is_found() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sources = [
        file("src/run/mod.rs", "pub struct Options;\npub(crate) struct Halt;\n"),
        file("src/suite/a/b.rs", "    pub enum Options {}\npub(crate) struct Halt;\n"),
        file("src/suite/c.rs", "pub struct Once;\n"),
        file("src/bin/taster/main.rs", "pub struct Once;\n"),
    ];
    assert_eq!(alike(&sources), ["Options: run, suite"]);
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
