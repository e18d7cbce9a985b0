//! Which files may access the outside: arguments, environment, current and temporary directory, output.

use crate::sources::{Source, against_list, files, shipped};

/// Harness and binary may.
const OUTWARD: [&str; 2] = ["src/harness/", "src/bin/"];

/// What touches the outside.
const OUTSIDE: [&str; 15] = [
    "println!(",
    "eprintln!(",
    "print!(",
    "io::stdout",
    "io::stderr",
    "anstream::std",
    "env::var",
    "env::args",
    "env::current_dir",
    "env::set_current_dir",
    "env::current_exe",
    "env::temp_dir",
    "env::home_dir",
    "tempfile::tempdir()",
    "tempfile::tempfile()",
];

/// Files of the library that do, what they touch, and why nobody passes it in.
const LISTED: &[(&str, &str)] = &[
    ("src/emit/mod.rs: tempfile::tempdir()", "where temporary files belong is the system's to say"),
    ("src/emit/mod.rs: tempfile::tempfile()", "where temporary files belong is the system's to say"),
    (
        "src/interpreter/cpython/compiling.rs: tempfile::tempfile()",
        "where temporary files belong is the system's to say",
    ),
    (
        "src/interpreter/cpython/home.rs: env::temp_dir",
        "memory serves as well where the temporary directory is the usual one",
    ),
    (
        "src/suite/commands/mod.rs: env::current_dir",
        "a hunt is of the suite in the current directory, as pytest is",
    ),
    (
        "src/suite/files/changes.rs: env::current_dir",
        "a hunt is of the suite in the current directory, as pytest is",
    ),
    (
        "src/suite/patch/files.rs: env::current_dir",
        "a hunt is of the suite in the current directory, as pytest is",
    ),
    (
        "src/suite/patch/checkout_copy.rs: env::current_dir",
        "a hunt is of the suite in the current directory, as pytest is",
    ),
    (
        "src/suite/settings.rs: env::current_dir",
        "a hunt is of the suite in the current directory, as pytest is",
    ),
    (
        "src/suite/keeper/serve.rs: env::set_current_dir",
        "the keeper is a process of its own, and goes where the suite is",
    ),
    ("src/suite/runner/folder.rs: env::temp_dir", "where temporary files belong is the system's to say"),
    (
        "src/suite/runner/process.rs: env::current_dir",
        "a hunt is of the suite in the current directory, as pytest is",
    ),
    (
        "src/suite/runner/zygote.rs: env::current_dir",
        "a hunt is of the suite in the current directory, as pytest is",
    ),
];

/// File and what it touches, once each.
fn touching(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in sources {
        if OUTWARD.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let code = shipped(text);
        let touched = OUTSIDE.iter().filter(|what| code.lines().any(|line| touches(line, what)));
        found.extend(touched.map(|what| format!("{path}: {what}")));
    }
    found
}

/// `print!(` is not in `eprint!(`, nor `env::var` in a longer word.
fn touches(line: &str, what: &str) -> bool {
    line.match_indices(what).any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric()))
}

#[test]
fn only_the_faces_touch_the_outside() {
    let listed: Vec<&str> = LISTED.iter().map(|(place, _)| *place).collect();
    let wrong = against_list(&touching(&files("src", "rs")), &listed);
    assert!(wrong.is_empty(), "outside of harness and binary:\n{wrong}");
}

#[test]
fn what_touches_the_outside_is_found() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sources = [
        file("src/bin/taster/main.rs", "println!(\"x\")\n"),
        file(
            "src/run.rs",
            "let here = std::env::current_dir();\n// env::var\nlet there = env::current_dir();\n",
        ),
        file(
            "src/suite/a.rs",
            "eprintln!(\"x\");\n#[cfg(test)]\nmod tests {\n    let _ = tempfile::tempdir();\n}\n",
        ),
    ];
    assert_eq!(touching(&sources), ["src/run.rs: env::current_dir", "src/suite/a.rs: eprintln!("]);
}
