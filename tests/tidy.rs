//! The house rules that a compiler does not know: which module may import which, who may touch the outside world, and what
//! every file starts with.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules from the ground up. A module imports from lower layers and from itself; those named together in a layer do
/// not import each other.
const LAYERS: [&[&str]; 12] = [
    &["cause", "kind", "remedy"],
    &["world", "minimize", "interruption"],
    &["scenario"],
    &["ordering", "interpreter"],
    &["explore", "layers"],
    &["diagnose"],
    &["note"],
    &["verdict"],
    &["run"],
    &["suite", "bisect", "bless", "emit", "explain", "sweep"],
    &["report"],
    &["harness"],
];

/// Who may touch arguments, environment, stdout and stderr.
const OUTWARD: [&str; 2] = ["src/harness/", "src/bin/"];

/// What touches them.
const OUTSIDE: [&str; 8] = [
    "println!(",
    "eprintln!(",
    "print!(",
    "io::stdout",
    "io::stderr",
    "anstream::std",
    "env::var",
    "env::args",
];

/// Names of modules that say nothing.
const EMPTY_NAMES: [&str; 5] = ["utils", "util", "helpers", "common", "misc"];

/// Every file below `folder` with this extension, by its path from the package's root, with its text.
fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut left = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder of the package can be listed");
            left.extend(entries.map(|entry| entry.expect("so can its entries").path()).filter(is_ours));
        } else if path.extension().is_some_and(|found| found == extension) {
            let text = fs::read_to_string(&path).expect("sources are UTF-8");
            let inner = path.strip_prefix(root).expect("it lies in the package");
            found.push((inner.to_string_lossy().into_owned(), text));
        }
    }
    assert!(!found.is_empty(), "there are no .{extension} files in {folder}");
    found.sort();
    found
}

#[expect(clippy::ptr_arg, reason = "it filters an iterator of buffers")]
fn is_ours(path: &PathBuf) -> bool {
    !path.ends_with("target")
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The top-level module that a file of the library belongs to; none for the root and the binary.
fn module(path: &str) -> Option<&str> {
    let inner = path.strip_prefix("src/")?;
    if inner.starts_with("bin/") || inner == "lib.rs" {
        return None;
    }
    Some(inner.split(['/', '.']).next().expect("split gives at least one part"))
}

/// The top-level modules that `text` names after `crate::`. Lines of comments do not count.
fn imports(text: &str) -> Vec<String> {
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
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

#[test]
fn imports_point_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in files("src", "rs") {
        let Some(module) = module(&path) else { continue };
        let own = layer(module).unwrap_or_else(|| panic!("{path}: no layer is known for `{module}`"));
        for import in imports(&text) {
            let Some(other) = layer(&import) else { continue };
            if import != module && other >= own {
                wrong.push(format!("{path} imports {import}"));
            }
        }
    }
    assert!(wrong.is_empty(), "against the order of the layers:\n{}", wrong.join("\n"));
}

#[test]
fn only_the_faces_touch_the_outside() {
    let mut wrong = Vec::new();
    for (path, text) in files("src", "rs") {
        if OUTWARD.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let shipped = text.split("#[cfg(test)]").next().expect("split gives at least one part");
        let code = shipped.lines().filter(|line| !line.trim_start().starts_with("//"));
        for (line, what) in code.flat_map(|line| OUTSIDE.iter().map(move |what| (line, what))) {
            if line.contains(what) {
                wrong.push(format!("{path}: {}", line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "outside of harness and binary:\n{}", wrong.join("\n"));
}

#[test]
fn every_file_says_what_its_job_is() {
    let folders = ["src", "tests", "benches"];
    let sources = folders.into_iter().flat_map(|folder| files(folder, "rs"));
    let silent: Vec<_> = sources.filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "these do not start with //!: {silent:?}");
}

#[test]
fn every_module_has_a_name_that_says_something() {
    let is_empty = |path: &String| path.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part));
    let named: Vec<_> = files("src", "rs").into_iter().map(|(path, _)| path).filter(is_empty).collect();
    assert!(named.is_empty(), "{named:?}");
}

#[test]
fn no_lint_is_denied_in_source() {
    let strict: Vec<_> = files("src", "rs")
        .into_iter()
        .filter(|(_, text)| text.contains("deny(warnings)"))
        .map(|(path, _)| path)
        .collect();
    assert!(strict.is_empty(), "the gate denies warnings, not the source: {strict:?}");
}

#[test]
fn imports_are_found_in_groups_and_paths() {
    let text =
        "use crate::{scenario::{Step, Test}, world};\nlet x = crate::run::Options;\n// crate::harness\n";
    assert_eq!(imports(text), ["scenario", "world", "run"]);
}
