//! How every file must start, and what none may contain.

use regex::Regex;

use crate::sources::{Source, against_list, code, files, shipped};

/// Numbers in place of what does not fit, each with the reason why the number is the right one and not a wrong one that looks valid.
const IN_PLACE: &[(&str, &str)] = &[
    (
        "src/interpreter/cpython/agent.rs: unwrap_or(i64::MAX)",
        "a wait of more seconds than can be waited is as long as can be",
    ),
    (
        "src/interpreter/cpython/levels/step.rs: unwrap_or(usize::MAX)",
        "a limit above what can be counted limits nothing",
    ),
    ("src/interpreter/model/parsed.rs: unwrap_or(u8::MAX)", "a version past all grammars has the newest one"),
    ("src/sweep.rs: unwrap_or(u64::MAX)", "a sleep past the end of virtual time ends there"),
];

/// Conversions that fall back to a number: the file, and the line where the fallback stands.
fn replaced(sources: &[Source]) -> Vec<String> {
    let fallback = Regex::new(
        r"try_from\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*\.unwrap_or\((-?\d[\d_]*|[A-Z_][\w :+-]*|\w+::M(?:AX|IN))\)",
    )
    .expect("a regular expression");
    let found = sources.iter().flat_map(|(path, text)| {
        let shipped = shipped(text);
        let fallbacks: Vec<_> = fallback
            .captures_iter(&shipped)
            .map(|found| format!("{path}: unwrap_or({})", &found[1]))
            .collect();
        fallbacks
    });
    found.collect()
}

#[test]
fn no_number_stands_in_for_what_does_not_fit() {
    let listed: Vec<&str> = IN_PLACE.iter().map(|(place, _)| *place).collect();
    let mut found = replaced(&files("src", "rs"));
    found.dedup();
    let wrong = against_list(&found, &listed);
    assert!(wrong.is_empty(), "say why it cannot fail, or refuse it:\n{wrong}");
}

#[test]
fn a_number_in_place_of_a_failed_conversion_is_found() {
    let text = "let a = u32::try_from(list.len()).unwrap_or(LEAF - 1);\n\
                let b = u8::try_from(x.max(7))\n    .unwrap_or(u8::MAX);\n\
                let c = u64::try_from(f(g(h))).unwrap_or(0);\n\
                let d = rows.max().unwrap_or(0);\n\
                let e = u32::try_from(y).unwrap_or_else(|_| panic!());\n";
    assert_eq!(
        replaced(&[("a.rs".to_owned(), text.to_owned())]),
        ["a.rs: unwrap_or(LEAF - 1)", "a.rs: unwrap_or(u8::MAX)", "a.rs: unwrap_or(0)"]
    );
}

/// Files of Rust that start with no `//!`, and files of Python that start with no docstring.
fn silent(sources: &[Source]) -> Vec<&str> {
    let speaks = |(path, text): &&Source| match path.ends_with(".py") {
        true => text.starts_with("\"\"\"") || text.starts_with("#!") && text.contains("\n\"\"\""),
        false => text.starts_with("//!"),
    };
    sources.iter().filter(|source| !speaks(source)).map(|(path, _)| path.as_str()).collect()
}

#[test]
fn every_file_says_what_its_job_is() {
    let folders = ["src", "tests", "benches"];
    let mut sources: Vec<_> = folders.into_iter().flat_map(|folder| files(folder, "rs")).collect();
    sources.extend(files("src", "py"));
    assert_eq!(silent(&sources), Vec::<&str>::new(), "these do not start with //! or a docstring");
}

#[test]
fn a_silent_file_is_found() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sources = [
        file("a.rs", "//! A.\n"),
        file("b.rs", "use x;\n"),
        file("c.py", "\"\"\"C.\"\"\"\n"),
        file("d.py", "1\n"),
    ];
    assert_eq!(silent(&sources), ["b.rs", "d.py"]);
}

/// Files with one of these words in their code.
fn containing(sources: &[Source], word: &str) -> Vec<String> {
    sources.iter().filter(|(_, text)| code(text).contains(word)).map(|(path, _)| path.clone()).collect()
}

#[test]
fn no_lint_is_denied_in_source() {
    let strict = containing(&files("src", "rs"), "deny(warnings)");
    assert!(strict.is_empty(), "the gate denies warnings, not the source: {strict:?}");
}

#[test]
fn modules_lie_where_their_names_say() {
    let folders = ["src", "tests", "benches"];
    let sources: Vec<_> = folders.into_iter().flat_map(|folder| files(folder, "rs")).collect();
    let led = containing(&sources, concat!("#[", "path"));
    assert!(led.is_empty(), "a module lies elsewhere than its name says: {led:?}");
}

#[test]
fn a_word_in_code_is_found_and_one_in_a_comment_is_not() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sources = [file("a.rs", "// deny(warnings)\n"), file("b.rs", "#![deny(warnings)]\n")];
    assert_eq!(containing(&sources, "deny(warnings)"), ["b.rs"]);
}
