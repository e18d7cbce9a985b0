//! Files that need one another in a circle, wherever they are: none of them can be read, moved or tested alone. A name
//! counts for the file that defines it, even if another file re-exports it.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;

use crate::sources::{Source, against_list, files, shipped};

/// Circles that are there, by their files (below `src/`, parted by spaces), each with the reason.
const CIRCLES: &[(&str, &str)] = &[(
    "interpreter/cpython/levels.rs interpreter/cpython/levels/step.rs",
    "one type in two files: what a level is, and how a step makes one",
)];

/// A module by the names on the way to it: `["world", "disk"]`.
type Way = Vec<String>;

/// What one file brings in: each name with what it stands for, and which of them it hands on.
#[derive(Default)]
struct File {
    path: String,
    /// Words of its code, paths whole, without imports, declarations of modules and texts.
    words: BTreeSet<String>,
    /// Names of what it defines.
    defined: BTreeSet<String>,
    names: BTreeMap<String, Way>,
    handed_on: BTreeSet<String>,
    /// Modules of which it takes all names.
    all_of: Vec<Way>,
}

type House = BTreeMap<Way, File>;

/// The way to a file's module; the binary is a root of its own.
fn way(path: &str) -> Way {
    let inner = path.strip_prefix("src/").unwrap_or(path).trim_end_matches(".rs");
    let mut way: Way = inner.split('/').map(str::to_owned).collect();
    if way.last().is_some_and(|last| ["mod", "lib", "main"].contains(&last.as_str())) {
        way.pop();
    }
    way
}

/// Where `crate::` leads from a module.
fn root_of(way: &[String]) -> Way {
    if way.first().is_some_and(|first| first == "bin") {
        way[..way.len().min(2)].to_vec()
    } else {
        Way::new()
    }
}

/// The items of a tree of imports, each with all names on the way to it, and the name that it goes by.
fn branches(tree: &str, above: &[&str], found: &mut Vec<(Way, String)>) {
    let mut depth = 0;
    let mut start = 0;
    let mut parts = Vec::new();
    for (at, letter) in tree.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&tree[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tree[start..]);
    for part in parts.into_iter().map(str::trim).filter(|part| !part.is_empty()) {
        if let Some((head, group)) = part.split_once("::{") {
            let above: Vec<&str> = above.iter().copied().chain(head.split("::")).collect();
            branches(group.strip_suffix('}').unwrap_or(group), &above, found);
            continue;
        }
        let (names, alias) =
            part.split_once(" as ").map_or((part, None), |(names, alias)| (names, Some(alias)));
        let mut way: Way =
            above.iter().copied().chain(names.split("::")).map(|name| name.trim().to_owned()).collect();
        if way.last().is_some_and(|last| last == "self") {
            way.pop();
        }
        let name =
            alias.map_or_else(|| way.last().cloned().unwrap_or_default(), |alias| alias.trim().to_owned());
        found.push((way, name));
    }
}

/// Reads all files and what they import.
fn house(sources: &[Source]) -> House {
    let import = Regex::new(r"(?m)^\s*(pub(?:\([^)]*\))? )?use ([^;]+);").expect("a regular expression");
    let unread = Regex::new(r#"(?m)^\s*(?:pub(?:\([^)]*\))? )?(?:use [^;]+|mod \w+);|"(?:[^"\\]|\\.)*""#)
        .expect("a regular expression");
    let word = Regex::new(r"[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*").expect("a regular expression");
    let definition = Regex::new(r"\b(?:struct|enum|trait|type|fn|const|static|union) ([A-Za-z_]\w*)")
        .expect("a regular expression");
    let mut house = House::new();
    for (path, text) in sources {
        if path.ends_with("/tests.rs") {
            continue;
        }
        let shipped = shipped(text);
        let read = unread.replace_all(&shipped, "");
        let words = word.find_iter(&read).map(|found| found.as_str().to_owned()).collect();
        let defined = definition.captures_iter(&read).map(|found| found[1].to_owned()).collect();
        house.insert(way(path), File { path: path.clone(), words, defined, ..File::default() });
    }
    let ways: BTreeSet<Way> = house.keys().cloned().collect();
    for (path, text) in sources {
        let own = way(path);
        let shipped = shipped(text);
        let Some(file) = house.get_mut(&own) else { continue };
        for found in import.captures_iter(&shipped) {
            let mut items = Vec::new();
            branches(&found[2].split_whitespace().collect::<Vec<_>>().join(" "), &[], &mut items);
            for (names, name) in items {
                let Some(target) = absolute(&names, &own, &ways) else { continue };
                if name == "*" {
                    file.all_of.push(target[..target.len() - 1].to_vec());
                    continue;
                }
                if found.get(1).is_some() {
                    file.handed_on.insert(name.clone());
                }
                file.names.insert(name, target);
            }
        }
    }
    house
}

/// Where names lead from a module: nowhere if they are another package's.
fn absolute(names: &[String], own: &[String], ways: &BTreeSet<Way>) -> Option<Way> {
    let (first, rest) = names.split_first()?;
    let mut at: Way = match first.as_str() {
        "crate" => root_of(own),
        "self" => own.to_vec(),
        "super" => own[..own.len().checked_sub(1)?].to_vec(),
        child => {
            let below: Way = own.iter().cloned().chain([child.to_owned()]).collect();
            ways.contains(&below).then_some(below)?
        }
    };
    for name in rest {
        if name == "super" {
            at.pop();
        } else {
            at.push(name.clone());
        }
    }
    Some(at)
}

/// The module that defines what a way leads to, followed through those that hand it on.
fn definer(target: &[String], house: &House, steps: usize) -> Option<Way> {
    let known = (0..=target.len()).rev().find(|&length| house.contains_key(&target[..length]))?;
    let (module, rest) = target.split_at(known);
    let (name, rest) = rest.split_first()?;
    let file = &house[module];
    if let Some(next) = file.names.get(name).filter(|_| steps > 0) {
        let next: Way = next.iter().chain(rest).cloned().collect();
        // A module that is only named is no use of it.
        return definer(&next, house, steps - 1);
    }
    if !file.defined.contains(name) {
        let handed =
            file.all_of.iter().find(|all| house.get(*all).is_some_and(|all| all.defined.contains(name)));
        return Some(handed.cloned().unwrap_or_else(|| module.to_vec()));
    }
    Some(module.to_vec())
}

/// Each file with those that it needs.
fn needs(house: &House) -> BTreeMap<Way, BTreeSet<Way>> {
    let ways: BTreeSet<Way> = house.keys().cloned().collect();
    let mut needs = BTreeMap::new();
    for (own, file) in house {
        let mut needed = BTreeSet::new();
        for word in &file.words {
            let names: Way = word.split("::").map(str::to_owned).collect();
            let target = match file.names.get(&names[0]) {
                Some(target) => Some(target.iter().chain(&names[1..]).cloned().collect()),
                None if names.len() > 1 => absolute(&names, own, &ways),
                None => None,
            };
            needed.extend(target.and_then(|target| definer(&target, house, 8)));
        }
        for (name, target) in &file.names {
            // A trait is needed where only its methods are called.
            if !file.handed_on.contains(name) {
                needed.extend(definer(target, house, 8));
            }
        }
        needed.remove(own);
        needs.insert(own.clone(), needed);
    }
    needs
}

/// The circles, each as its files in order.
fn circles(sources: &[Source]) -> Vec<String> {
    let house = house(sources);
    let needs = needs(&house);
    let reached: BTreeMap<&Way, BTreeSet<&Way>> =
        needs.keys().map(|from| (from, reach(from, &needs))).collect();
    let mut found = BTreeSet::new();
    for (from, to) in &reached {
        let circle: Vec<&str> = to
            .iter()
            .filter(|other| reached[*other].contains(from))
            .map(|other| house[*other].path.trim_start_matches("src/"))
            .collect();
        if circle.len() > 1 {
            found.insert(circle.join(" "));
        }
    }
    found.into_iter().collect()
}

fn reach<'a>(from: &Way, needs: &'a BTreeMap<Way, BTreeSet<Way>>) -> BTreeSet<&'a Way> {
    let mut found = BTreeSet::new();
    let mut left: Vec<&Way> = needs[from].iter().collect();
    while let Some(next) = left.pop() {
        if found.insert(next) {
            left.extend(&needs[next]);
        }
    }
    found
}

#[test]
fn nothing_goes_round_in_circles() {
    let listed: Vec<&str> = CIRCLES.iter().map(|(files, _)| *files).collect();
    let wrong = against_list(&circles(&files("src", "rs")), &listed);
    assert!(wrong.is_empty(), "files that need one another:\n{wrong}");
}

#[test]
fn a_circle_is_found_and_handing_on_makes_none() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sources = [
        file("src/lib.rs", "mod a;\nmod b;\n"),
        // Hands on what its children define, and needs nothing itself: no circle.
        file("src/a/mod.rs", "mod one;\nmod two;\npub use one::One;\npub(crate) use two::{Two, make};\n"),
        file("src/a/one.rs", "use super::Two;\npub struct One(Two);\n"),
        file("src/a/two.rs", "pub struct Two;\npub(crate) fn make() {}\n"),
        // Each needs the other, one by a path in its code.
        file("src/b/mod.rs", "mod left;\nmod right;\n"),
        file("src/b/left.rs", "use crate::b::right::{self, Right};\npub fn left(_: Right) {}\n"),
        file("src/b/right.rs", "pub struct Right;\nfn go() { super::left::left(Right) }\n"),
    ];
    assert_eq!(circles(&sources), ["b/left.rs b/right.rs"]);
}

#[test]
fn imports_are_read_in_groups_with_other_names() {
    let mut found = Vec::new();
    branches("crate::{a::{B, c as d}, e::self, f::*}", &[], &mut found);
    let shown: Vec<String> =
        found.iter().map(|(way, name)| format!("{} as {name}", way.join("::"))).collect();
    assert_eq!(shown, ["crate::a::B as B", "crate::a::c as d", "crate::e as e", "crate::f::* as *"]);
}
