//! Which module may import which: imports point one way, and the picture in the documentation matches the code.

use crate::sources::{Source, code, files, read};

/// Modules from the ground up. A module imports from lower layers and from itself; those named together in a layer do
/// not import each other.
const LAYERS: [&[&str]; 12] = [
    &["cause", "kind", "remedy", "shard"],
    &["world", "child", "minimize", "nesting", "budget"],
    &["scenario"],
    &["ordering", "interpreter"],
    &["explore", "layers"],
    &["diagnose", "note"],
    &["verdict"],
    &["run"],
    &["suite", "package", "bisect", "bless", "emit", "explain", "replay", "sweep", "syntax"],
    &["merge"],
    &["report"],
    &["harness"],
];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The top-level module that a file of the library belongs to; none for the root and the binary.
pub(crate) fn module(path: &str) -> Option<&str> {
    let inner = path.strip_prefix("src/")?;
    if inner.starts_with("bin/") || inner == "lib.rs" {
        return None;
    }
    Some(inner.split(['/', '.']).next().expect("split gives at least one part"))
}

/// The top-level modules that `text` names after `crate::`. Lines of comments do not count.
fn imports(text: &str) -> Vec<String> {
    let code = code(text);
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(group) => found.extend(heads(group)),
            None => found.push(word(rest)),
        }
    }
    found
}

/// The first word of each item of an import group.
fn heads(group: &str) -> Vec<String> {
    let mut depth = 1;
    let mut heads = vec![word(group)];
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => heads.push(word(group[at + 1..].trim_start())),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

fn word(text: &str) -> String {
    text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

/// Imports of a layer that is not below, each in words.
fn climbing(sources: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, text) in sources {
        let Some(module) = module(path) else { continue };
        let own = layer(module).unwrap_or_else(|| panic!("{path}: no layer is known for `{module}`"));
        for import in imports(text) {
            let Some(other) = layer(&import) else { continue };
            if import != module && other >= own {
                wrong.push(format!("{path} imports {import}"));
            }
        }
    }
    wrong
}

#[test]
fn imports_point_one_way() {
    let wrong = climbing(&files("src", "rs"));
    assert!(wrong.is_empty(), "against the order of the layers:\n{}", wrong.join("\n"));
}

#[test]
fn an_import_from_above_is_found() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sources = [
        file("src/world/mod.rs", "use crate::world::Nanos;\nuse crate::scenario::Step;\n"),
        file("src/run/mod.rs", "use crate::scenario::Step;\n"),
        file("src/bin/taster/main.rs", "use crate::args::Cli;\n"),
    ];
    assert_eq!(climbing(&sources), ["src/world/mod.rs imports scenario"]);
}

/// The layers of a page's picture: its first block of code below the heading, in which an arrow parts layers and a comma
/// modules.
fn drawn(page: &str) -> Vec<Vec<String>> {
    let below = page.split("\n## Layers\n").nth(1).expect("a page has a heading `Layers`");
    let picture = below.split("```").nth(1).expect("below it is a picture");
    let modules = |layer: &str| layer.split(',').map(|module| module.trim().to_owned()).collect();
    picture.split("<-").map(modules).collect()
}

#[test]
fn the_picture_of_the_layers_is_that_of_the_code() {
    let drawn = drawn(&read("docs/design.md"));
    let mut layers: Vec<Vec<String>> =
        LAYERS.iter().map(|layer| layer.iter().map(ToString::to_string).collect()).collect();
    layers.last_mut().expect("there are layers").push("bin".to_owned());
    assert_eq!(drawn, layers);
}

#[test]
fn a_picture_is_read_over_its_lines() {
    let page = "# A\n\n## Layers\n\n```\na, b  <-  c\n      <-  d\n```\n\n```\nother\n```\n";
    assert_eq!(drawn(page), [vec!["a", "b"], vec!["c"], vec!["d"]]);
}

#[test]
fn every_layer_is_there() {
    let sources = files("src", "rs");
    let is_there = |name: &str| sources.iter().any(|(path, _)| module(path) == Some(name));
    let gone: Vec<_> = LAYERS.iter().flat_map(|layer| layer.iter()).filter(|name| !is_there(name)).collect();
    assert!(gone.is_empty(), "no such module: {gone:?}");
}

#[test]
fn imports_are_found_in_groups_and_paths() {
    let text =
        "use crate::{scenario::{Step, Test}, world};\nlet x = crate::run::Options;\n// crate::harness\n";
    assert_eq!(imports(text), ["scenario", "world", "run"]);
}
