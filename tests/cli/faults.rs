//! Commands that cannot succeed: each prints one clear sentence on stderr and exits with the right status.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use snapbox::str;

use super::{Case, Need, Said, matches, said, taster, told};

pub(super) const CASES: &[Case] = &[
    ("a_file_that_is_not_there", Need::Nothing, a_file_that_is_not_there),
    ("a_directory_without_scenarios", Need::Nothing, a_directory_without_scenarios),
    ("an_interpreter_that_is_none", Need::Nothing, an_interpreter_that_is_none),
    ("a_version_that_is_not_there", Need::Nothing, a_version_that_is_not_there),
    ("a_word_that_names_no_interpreter", Need::Nothing, a_word_that_names_no_interpreter),
    ("no_python_is_said", Need::Nothing, no_python_is_said),
    (
        "no_python_is_an_error_where_one_is_required",
        Need::Nothing,
        no_python_is_an_error_where_one_is_required,
    ),
    ("an_order_that_is_none", Need::Python, an_order_that_is_none),
    ("a_test_that_is_not_there", Need::Python, a_test_that_is_not_there),
    ("an_error_is_said_once", Need::Nothing, an_error_is_said_once),
    ("a_scenario_for_other_versions_is_not_run", Need::Python, a_scenario_for_other_versions_is_not_run),
    ("ctrl_c_prints_what_was_found_so_far", Need::Python, ctrl_c_prints_what_was_found_so_far),
];

#[track_caller]
fn refuses(said: Said, sentence: impl snapbox::IntoData) {
    let said = said.exits(2);
    matches(said.stderr, sentence);
    assert_eq!(said.stdout, "");
}

fn a_file_that_is_not_there() {
    let said = said(&["run", "no-such.toml", "--python", "model"]).exits(2);
    matches(
        said.stderr,
        str![[r#"
taster: cannot read no-such.toml: No such file or directory (os error 2)

"#]],
    );
}

fn a_directory_without_scenarios() {
    refuses(
        said(&["run", "src/report"]),
        str![[r#"
taster: there is no scenario (*.toml) in src/report

"#]],
    );
}

fn an_interpreter_that_is_none() {
    refuses(
        said(&["run", "scenarios/clean.toml", "--python", "./Cargo.toml"]),
        str![[r#"
taster: ./Cargo.toml is not a Python interpreter: it is not an executable program

"#]],
    );
}

fn a_version_that_is_not_there() {
    refuses(
        said(&["run", "scenarios/clean.toml", "--python", "3.2"]),
        str![[r#"
taster: no Python 3.2 was found; there are: [..]

"#]],
    );
}

fn a_word_that_names_no_interpreter() {
    refuses(
        said(&["run", "scenarios/clean.toml", "--python", "snake"]),
        str![[r#"
taster: `snake` names no interpreter: write a path, a version such as 3.11, `all`, `model`, or `model:3.12`

"#]],
    );
}

/// The command where nothing can be found.
fn bare(arguments: &[&str], require: Option<&str>) -> Said {
    let mut command = taster(arguments);
    command.env_clear().envs(require.map(|value| ("TASTER_REQUIRE_PYTHON", value)));
    told(&command.output().expect("the binary can be started"))
}

fn no_python_is_said() {
    let said = bare(&["run", "scenarios/clean.toml"], None);
    assert!(
        said.stderr.starts_with("taster: no Python was found: the model alone judges\n"),
        "{}",
        said.stderr
    );
    assert!(said.stdout.contains("  model-3.13  "), "{}", said.stdout);
}

fn no_python_is_an_error_where_one_is_required() {
    refuses(
        bare(&["run", "scenarios/clean.toml"], Some("1")),
        str![[r#"
taster: TASTER_REQUIRE_PYTHON is set, and no Python was found

"#]],
    );
}

fn an_order_that_is_none() {
    let replay = |order| said(&["replay", "scenarios/bpython-582.toml", "--order", order]);
    refuses(
        replay("first"),
        str![[r#"
taster: `first` appears 1 time too few: with permute = "steps", name a test once per step

"#]],
    );
    refuses(
        replay("first,first,first"),
        str![[r#"
taster: `first` at place 3 is one too many: it has 2 steps

"#]],
    );
    refuses(
        replay("third"),
        str![[r#"
taster: there is no test `third`; there are first, second

"#]],
    );
}

fn a_test_that_is_not_there() {
    let said = said(&["run", "scenarios/bpython-582.toml", "--test", "third"]).exits(2);
    assert!(said.stderr.contains("there is no test `third`; there are first, second"), "{}", said.stderr);
}

/// Whatever the verb, on stdout and stderr together.
fn an_error_is_said_once() {
    let directory = tempfile::tempdir().expect("there is room");
    let wrong = directory.path().join("wrong.toml");
    std::fs::write(&wrong, "x = [\n").expect("a file");
    let (wrong, gone) =
        (wrong.display().to_string(), directory.path().join("gone.toml").display().to_string());
    let victim = ["--victim", "a"];
    let verbs: [(&str, &[&str]); 5] = [
        ("run", &[]),
        ("check", &[]),
        ("sweep", &victim),
        ("bisect", &victim),
        ("replay", &["--order", "a"]),
    ];
    for (verb, more) in verbs {
        for (file, error) in [(&wrong, "unclosed array"), (&gone, "cannot read")] {
            let said = said(&[&[verb, file.as_str()], more].concat()).exits(2);
            let all = said.stdout + &said.stderr;
            assert_eq!(all.matches(error).count(), 1, "{verb}: {all}");
        }
    }
}

fn a_scenario_for_other_versions_is_not_run() {
    let said = said(&["run", "tests/cli/other-version.toml"]).exits(2);
    assert!(said.stdout.contains("not run: "), "{}", said.stdout);
    assert!(said.stdout.contains("is outside the scenario's"), "{}", said.stdout);
}

/// Waits until the exploration has begun.
fn wait_for_progress(child: &mut Child) -> BufReader<std::process::ChildStderr> {
    let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("stderr is UTF-8");
    assert!(line.contains("[1/"), "{line}");
    stderr
}

fn ctrl_c_prints_what_was_found_so_far() {
    let mut command = taster(&["run", "tests/cli/long.toml", "--jobs", "1"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it can be started");
    let stderr = wait_for_progress(&mut child);
    std::thread::sleep(std::time::Duration::from_secs(2));
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).expect("it is still there");
    drop(stderr);
    let said = told(&child.wait_with_output().expect("it ends"));
    assert!(said.status == Some(3), "{:?}\n{}", said.status, said.stdout);
    assert!(said.stdout.contains("interrupted"), "{}", said.stdout);
    assert!(said.stdout.contains(" covered fail (of 11,732,745,024)"), "{}", said.stdout);
}
