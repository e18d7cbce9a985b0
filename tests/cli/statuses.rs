//! Exit statuses: one table for all commands. Each row is a command in a situation; the statuses of a hunt that begins
//! are tested with the other hunts.

use std::fs::File;
use std::process::Stdio;

use super::{Case, Need, Said, said, taster, told, version};

pub(super) const CASES: &[Case] = &[
    ("every_command_ends_with_a_status_of_the_one_table", Need::Nothing, every_command),
    ("what_needs_a_python_ends_with_a_status_of_the_one_table", Need::Python, with_a_python),
    ("output_that_cannot_be_written_is_status_2_for_every_command", Need::Python, no_room),
    ("a_closed_stdout_is_a_quiet_success_of_every_command", Need::Python, closed_stdout),
    ("the_help_of_every_command_has_the_table_of_the_readme", Need::Nothing, help),
];

const CLEAN: &str = "scenarios/clean.toml";
const POISONED: &str = "scenarios/bpython-582.toml";
const DIFFERS: &str = "tests/cli/differs.toml";
const MISTAKES: &str = "tests/cli/mistakes.toml";
const MODEL: [&str; 2] = ["--python", "model:3.11"];
const PASSES: [&str; 2] = ["--order", "first,second,first,second"];
const FAILS: [&str; 2] = ["--order", "first,first,second,second"];
const VICTIM: [&str; 2] = ["--victim", "second"];

/// What a command is asked to do, and its status.
type Row = (&'static [&'static [&'static str]], i32);

/// What the model alone can do.
const ROWS: &[Row] = &[
    (&[&["run", CLEAN], &MODEL], 0),
    (&[&["run", POISONED], &MODEL], 0),
    (&[&["run", DIFFERS], &MODEL], 1),
    (&[&["run", CLEAN, DIFFERS], &MODEL], 1),
    (&[&["run", MISTAKES, DIFFERS], &MODEL], 2),
    (&[&["run", CLEAN, "--python", "3.2"]], 2),
    (&[&["run", CLEAN, "--no-such-option"]], 2),
    (&[&["run", "scenarios/four-modules.toml", "--timestamps", "1ns", "--max-states", "40"], &MODEL], 3),
    (&[&["check", CLEAN]], 0),
    (&[&["check", CLEAN, MISTAKES]], 2),
    (&[&["check", "no-such.toml"]], 2),
    (&[&["check"]], 2),
    (&[&["replay", POISONED], &PASSES, &MODEL], 0),
    (&[&["replay", POISONED], &FAILS, &MODEL], 1),
    (&[&["replay", POISONED, "--finding", "1"], &MODEL], 1),
    (&[&["replay", POISONED, "--order", "first"], &MODEL], 2),
    (&[&["replay", MISTAKES], &FAILS, &MODEL], 2),
    (&[&["replay", POISONED, "--python", "3.2"], &FAILS], 2),
    (&[&["replay", POISONED], &MODEL], 2),
    (&[&["sweep", POISONED], &VICTIM, &MODEL], 0),
    (&[&["sweep", CLEAN, "--victim", "nobody"], &MODEL], 2),
    (&[&["sweep", MISTAKES], &VICTIM, &MODEL], 2),
    (&[&["sweep", POISONED, "--python", "3.2"], &VICTIM], 2),
    (&[&["sweep", POISONED], &MODEL], 2),
    (&[&["bisect", POISONED], &VICTIM, &FAILS, &MODEL], 0),
    (&[&["bisect", POISONED], &VICTIM, &["--order", "second,second,first,first"], &MODEL], 2),
    (&[&["bisect", MISTAKES], &VICTIM, &MODEL], 2),
    (&[&["bisect", POISONED, "--python", "3.2"], &VICTIM], 2),
    (&[&["bisect", POISONED], &MODEL], 2),
    (&[&["emit", POISONED], &MODEL], 2),
    (&[&["emit", POISONED, "--finding", "99"], &MODEL], 2),
    (&[&["emit", MISTAKES], &MODEL], 2),
    (&[&["emit", POISONED, "--python", "3.2"]], 2),
    (&[&["emit"]], 2),
    (&[&["explain"]], 0),
    (&[&["explain", "stale-bytecode"]], 0),
    (&[&["explain", "no-such-cause"]], 2),
    (&[&["explain", "--no-such-option"]], 2),
    (&[&["hunt", "--python", "3.2"]], 2),
    (&[&["hunt", "--python", "./no-such-python"]], 2),
    (&[&["hunt", "--budget", "1parsec"]], 2),
    (&[&["hunt", "--order", "no-such.order"]], 2),
    (&[&["package"]], 2),
    (&[&["package", "no_such_package"], &MODEL], 2),
    (&[&["pythons", "--no-such-option"]], 2),
    (&[&["merge"]], 2),
    (&[&["merge", "no-such.json"]], 2),
    (&[&["schema"]], 0),
    (&[&["schema", "--no-such-option"]], 2),
];

/// What needs an interpreter.
const WITH_PYTHON: &[Row] = &[(&[&["emit", POISONED, "--finding", "1"]], 0), (&[&["pythons"]], 0)];

fn arguments(row: &Row) -> Vec<&'static str> {
    row.0.concat()
}

fn every_command() {
    for row in ROWS {
        let said = said(&arguments(row));
        assert_eq!(said.status, Some(row.1), "{:?}\n{}\n{}", row.0, said.stdout, said.stderr);
        // Whoever is not answered on stdout is told why not.
        assert!(row.1 != 2 || !said.stderr.is_empty() || said.stdout.contains("not run"), "{:?}", row.0);
    }
}

/// The arguments of a row that needs an interpreter, which is named where the command takes one.
fn on_python(row: &Row) -> Vec<String> {
    let mut arguments: Vec<String> = arguments(row).into_iter().map(str::to_owned).collect();
    if arguments[0] == "emit" {
        arguments.extend(["--python".to_owned(), version()]);
    }
    arguments
}

fn with_a_python() {
    for row in WITH_PYTHON {
        let arguments = on_python(row);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        said(&arguments).exits(row.1);
    }
}

/// What a command says whose stdout is this.
fn into(arguments: &[String], stdout: Stdio) -> Said {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    told(&taster(&arguments).stdout(stdout).output().expect("the binary can be started"))
}

/// The commands that print a result, each by its first row.
fn printing() -> Vec<Vec<String>> {
    let printing = ROWS.iter().filter(|row| row.1 != 2);
    let on_model = printing.map(|row| arguments(row).into_iter().map(str::to_owned).collect());
    on_model.chain(WITH_PYTHON.iter().map(on_python)).collect()
}

fn no_room() {
    for arguments in printing() {
        let full = File::options().write(true).open("/dev/full").expect("Linux has it");
        let said = into(&arguments, full.into());
        assert_eq!(said.status, Some(2), "{arguments:?}\n{}", said.stderr);
        assert!(said.stderr.contains("taster: cannot write the output: "), "{arguments:?}\n{}", said.stderr);
    }
}

fn closed_stdout() {
    for arguments in printing() {
        let (reader, writer) = std::io::pipe().expect("a pipe can be made");
        drop(reader);
        let said = into(&arguments, writer.into());
        assert_eq!(said.status, Some(0), "{arguments:?}\n{}", said.stderr);
        assert!(!said.stderr.contains("cannot write"), "{arguments:?}\n{}", said.stderr);
    }
}

/// The words of a text with one blank between them.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn help() {
    let readme = include_str!("../../README.md");
    let rows =
        readme.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let rows: Vec<String> = rows
        .filter(|(status, _)| status.len() == 1 && status.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|(status, meaning)| flat(&format!("{status} {meaning}")))
        .collect();
    assert_eq!(rows.len(), 4, "{rows:?}");
    let verbs = [
        "run", "check", "replay", "sweep", "bisect", "emit", "explain", "hunt", "merge", "package",
        "pythons", "schema",
    ];
    for verb in verbs {
        let help = flat(&said(&[verb, "--help"]).exits(0).stdout);
        for row in &rows {
            assert!(help.contains(row.as_str()), "{verb}: {row}\n{help}");
        }
        assert!(ROWS.iter().chain(WITH_PYTHON).any(|row| row.0[0][0] == verb), "{verb} has no row");
    }
}
