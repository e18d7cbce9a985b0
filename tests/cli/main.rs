//! The command line as its users see it: what each command prints, where, and with which exit status. Tests that need a
//! Python are ignored trials if there is none.

#![expect(clippy::needless_raw_string_hashes, reason = "snapbox writes transcripts so")]

mod bounds;
mod effects;
mod faults;
mod lab;
mod machine;
mod package;
mod people;
mod real_code;
mod shards;
mod statuses;

use std::path::PathBuf;
use std::process::{Command, ExitCode, Output, Stdio};

use libtest_mimic::{Arguments, Completion, Trial};
use snapbox::cmd::cargo_bin;
use snapbox::{Assert, IntoData, Redactions};
use taster::interpreter::choose::choose_first;
use taster::interpreter::cpython::discover::Places;
use taster::interpreter::{Identity, Kind};

/// A trial: its name, what it needs, what it checks.
type Case = (&'static str, Need, fn());

/// What a trial needs from the machine.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    Python,
}

fn main() -> ExitCode {
    let has_python = python().is_some();
    if !has_python {
        eprintln!("not run: whatever needs a Python: none was found");
    }
    let cases = [
        people::CASES,
        real_code::CASES,
        machine::CASES,
        faults::CASES,
        lab::CASES,
        bounds::CASES,
        package::CASES,
        effects::CASES,
        shards::CASES,
        statuses::CASES,
    ]
    .concat();
    let trials = cases.into_iter().map(|case| trial(case, has_python)).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial((name, need, check): Case, has_python: bool) -> Trial {
    let is_ignored = need == Need::Python && !has_python;
    let run = move || {
        if is_ignored {
            return Ok(Completion::ignored_with("not run: no Python was found"));
        }
        check();
        Ok(Completion::Completed)
    };
    Trial::ignorable_test(name, run).with_ignored_flag(is_ignored)
}

/// The first CPython of this machine.
fn first() -> Option<Identity> {
    let places = Places::from_variables(|name| std::env::var_os(name));
    let first = choose_first(&places).into_iter().find(|found| found.identity.kind == Kind::CPython);
    first.map(|found| found.identity)
}

/// Where it is.
fn python() -> Option<PathBuf> {
    first()?.path
}

/// Its version as `--python` takes it.
fn version() -> String {
    let label = first().expect("the trial needs one").label;
    label.trim_start_matches("cpython-").to_owned()
}

/// Compares a transcript, in which `[PYTHON]` and `[VERSION]` stand for the first CPython and `[..]` for part of a line.
#[track_caller]
fn matches(actual: String, expected: impl IntoData) {
    let mut redactions = Redactions::new();
    if let Some(first) = first() {
        let version = format!("--python {}", first.version.short());
        redactions.insert("[PYTHON]", first.label).expect("the name is in brackets");
        redactions.insert("[VERSION]", version).expect("the name is in brackets");
    }
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false).redact_with(redactions);
    assert.eq(actual, expected);
}

/// The command in the package's folder, away from the caller's wishes.
fn taster(arguments: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin!("taster"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null());
    for name in ["TASTER_PYTHON", "TASTER_REQUIRE_PYTHON", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

/// What a finished command said.
struct Said {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs the command to its end.
fn said(arguments: &[&str]) -> Said {
    told(&taster(arguments).output().expect("the binary can be started"))
}

fn told(output: &Output) -> Said {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
    Said { status: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
}

impl Said {
    /// Checks the exit status, and shows what was said where it is another.
    #[track_caller]
    fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}
