//! Reads the package's own files, and separates code from comments and tests.

use std::fs;
use std::path::{Path, PathBuf};

/// A file by its path from the package's root, with its text.
pub(crate) type Source = (String, String);

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below `folder` with this extension.
pub(crate) fn files(folder: &str, extension: &str) -> Vec<Source> {
    let mut left = vec![root().join(folder)];
    let mut found = Vec::new();
    while let Some(path) = left.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a folder of the package can be listed");
            left.extend(entries.map(|entry| entry.expect("so can its entries").path()).filter(is_ours));
        } else if path.extension().is_some_and(|found| found == extension) {
            let text = fs::read_to_string(&path).expect("sources are UTF-8");
            let inner = path.strip_prefix(root()).expect("it lies in the package");
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

/// The text of a file of the package.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Rust without lines that are comments.
pub(crate) fn code(text: &str) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    lines.join("\n")
}

/// Rust without comments and without the tests at its end.
pub(crate) fn shipped(text: &str) -> String {
    let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    code(&text[..tests])
}

/// What differs between the exceptions that are listed and those that are met, in words; empty where nothing does.
pub(crate) fn against_list(met: &[String], listed: &[&str]) -> String {
    let new = met.iter().filter(|met| !listed.contains(&met.as_str())).map(|met| format!("new: {met}"));
    let gone = listed.iter().filter(|listed| !met.iter().any(|met| met == *listed));
    let gone = gone.map(|listed| format!("listed without need: {listed}"));
    new.chain(gone).collect::<Vec<_>>().join("\n")
}

#[test]
fn lists_of_exceptions_say_what_is_new_and_what_is_gone() {
    let met = ["a".to_owned(), "b".to_owned()];
    assert_eq!(against_list(&met, &["a", "b"]), "");
    assert_eq!(against_list(&met, &["b", "c"]), "new: a\nlisted without need: c");
}

#[test]
fn comments_and_tests_are_not_shipped() {
    let text = "//! Doc\nlet a = 1;\n    // why\n#[cfg(test)]\nmod tests {\n    let b = 2;\n}\n";
    assert_eq!(shipped(text), "let a = 1;");
}
