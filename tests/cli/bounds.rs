//! Scenario files of every kind and size, scenarios larger than anybody writes by hand, and machines with few
//! resources: taster answers with a verdict or a sentence, and never waits for ever.

use std::fmt::Write as _;
use std::fs::File;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

use super::{Case, Need, Said, said, taster, told, version};

pub(super) const CASES: &[Case] = &[
    ("a_file_that_is_no_regular_one_is_refused_by_every_verb", Need::Nothing, no_regular_file),
    ("a_file_that_is_too_large_is_refused", Need::Nothing, a_file_that_is_too_large),
    ("a_large_file_of_nonsense_is_refused_in_time", Need::Nothing, a_large_file_of_nonsense),
    ("a_test_of_10000_steps_on_the_model", Need::Nothing, || ten_thousand_steps("model")),
    ("a_test_of_10000_steps_on_a_python", Need::Python, || ten_thousand_steps(&version())),
    ("a_chain_of_tests_that_wait_for_one_another", Need::Nothing, a_chain_of_tests),
    ("thousands_of_tests_end_when_the_time_is_over_on_the_model", Need::Nothing, || many_tests("model")),
    ("thousands_of_tests_end_when_the_time_is_over_on_a_python", Need::Python, || many_tests(&version())),
    ("few_descriptors_give_a_sentence_or_a_verdict", Need::Python, few_descriptors),
    ("a_coin_is_a_finding_for_people_and_programs", Need::Python, a_coin),
];

/// Whether it was refused in a sentence that says so, with status 2.
#[track_caller]
fn is_refused(said: Said, because: &str) {
    let said = said.exits(2);
    let told = said.stderr.replace('\n', " ") + &said.stdout.replace('\n', " ");
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(because), "{because}: {words}");
    assert!(!words.contains("panicked"), "{words}");
}

fn no_regular_file() {
    let home = tempfile::tempdir().expect("a temporary directory can be made");
    let path = |name: &str| home.path().join(name).to_str().expect("it is UTF-8").to_owned();
    let made = std::process::Command::new("mkfifo").arg(path("fifo.toml")).status();
    assert!(made.expect("mkfifo is part of every Unix").success());
    let _socket = UnixListener::bind(path("socket.toml")).expect("a socket can be made");
    std::fs::create_dir(path("directory.toml")).expect("a directory can be made");
    for (file, what) in [
        (path("fifo.toml"), "it is a FIFO; a scenario is a regular file"),
        (path("socket.toml"), "it is a socket; a scenario is a regular file"),
        ("/dev/zero".to_owned(), "it is a device; a scenario is a regular file"),
    ] {
        for verb in [&["check"][..], &["run", "--python", "model"], &["run", "--bless", "--python", "model"]]
        {
            is_refused(said(&[verb, &[file.as_str()]].concat()), what);
        }
        is_refused(said(&["replay", &file, "--order", "a", "--python", "model"]), what);
        is_refused(said(&["emit", &file, "--finding", "1", "--python", "model"]), what);
    }
    let directory = path("directory.toml");
    is_refused(said(&["check", &directory]), "there is no scenario (*.toml) in");
    is_refused(said(&["replay", &directory, "--order", "a", "--python", "model"]), "it is a directory");
    // In a folder of scenarios it is told like any other that cannot be read.
    is_refused(
        said(&["run", home.path().to_str().expect("it is UTF-8"), "--python", "model"]),
        "it is a FIFO",
    );
}

fn a_file_that_is_too_large() {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().expect("a file can be made");
    file.as_file().set_len(100_000_000).expect("it can be as long as one likes");
    let path = file.path().to_str().expect("it is UTF-8");
    is_refused(said(&["check", path]), "it is larger than 16 MiB; no scenario is");
    is_refused(said(&["run", path, "--python", "model"]), "it is larger than 16 MiB; no scenario is");
    is_refused(said(&["run", path, "--bless", "--python", "model"]), "it is larger than 16 MiB");
}

fn a_large_file_of_nonsense() {
    for line in ["= = =\n", "[[[[[[[[\n", "a = [1,\n", "unknown = 1\n[[test]]\nnaem = 1\n"] {
        let path = written(&line.repeat(1_500_000 / line.len()));
        is_refused(said(&["check", path.to_str().expect("it is UTF-8")]), "error: ");
    }
}

/// A scenario file of this text, which is removed with what is given back.
fn written(text: &str) -> tempfile::TempPath {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().expect("a file can be made");
    std::fs::write(file.path(), text).expect("it can be written");
    file.into_temp_path()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("it is UTF-8")
}

/// The one verdict that machine output tells.
fn verdict(said: &Said) -> Value {
    let line = said.stdout.lines().next().unwrap_or_else(|| panic!("no verdict: {}", said.stderr));
    serde_json::from_str(line).expect("each line is JSON")
}

fn ten_thousand_steps(python: &str) {
    let steps = |step: &str| vec![step; 10_000].join(", ");
    for (permute, step) in [("steps", "{ touch = \".\" }"), ("tests", "{ forget = \"x\" }")] {
        let path = written(&format!(
            "title = \"t\"\npermute = \"{permute}\"\n[[test]]\nname = \"a\"\nsteps = [{}]\n",
            steps(step)
        ));
        let run = ["run", text(&path), "--python", python, "--timestamps", "1s", "--format", "json"];
        let verdict = verdict(&said(&run).exits(0));
        assert_eq!(verdict["orderings"]["covered"], "1", "{permute} {step}");
    }
}

fn a_chain_of_tests() {
    let mut scenario = String::from("title = \"t\"\n");
    for at in 0..400 {
        let after = if at == 0 { String::new() } else { format!("after = [\"t{}\"]\n", at - 1) };
        let _ = write!(scenario, "[[test]]\nname = \"t{at}\"\n{after}steps = [{{ touch = \".\" }}]\n");
    }
    let path = written(&scenario);
    let run = ["run", text(&path), "--python", "model", "--timestamps", "1s", "--format", "json"];
    let said = said(&[&run[..], &["--diagnose", "none"]].concat());
    assert!(matches!(said.status, Some(0 | 3)), "{:?} {}", said.status, said.stderr);
    let told = verdict(&said);
    assert_eq!((&told["orderings"]["total"], &told["orderings"]["covered"]), (&"1".into(), &"1".into()));
}

fn many_tests(python: &str) {
    let mut scenario = String::from("title = \"t\"\n");
    for at in 0..4_000 {
        let _ = write!(scenario, "[[test]]\nname = \"t{at}\"\nsteps = [{{ touch = \".\" }}]\n");
    }
    let path = written(&scenario);
    let run = [
        "run",
        text(&path),
        "--python",
        python,
        "--timestamps",
        "1s",
        "--format",
        "json",
        "--max-time",
        "2s",
    ];
    let told = verdict(&said(&run).exits(3));
    assert_eq!(told["verdict"], "incomplete");
    assert_ne!(told["orderings"]["covered"], "0", "{}", told["notes"]);
    assert!(told["notes"].to_string().contains("--max-time"), "{}", told["notes"]);
}

fn few_descriptors() {
    for limit in [6, 10, 16, 32, 64] {
        for python in ["model", &version()] {
            let mut shell = std::process::Command::new("sh");
            let script = format!("ulimit -n {limit} && exec \"$0\" \"$@\"");
            let command = taster(&["run", "scenarios/bpython-582.toml", "--python", python]);
            shell.arg("-c").arg(script).arg(command.get_program()).args(command.get_args());
            shell.current_dir(env!("CARGO_MANIFEST_DIR")).stdin(Stdio::null()).env_remove("TASTER_PYTHON");
            let said = told(&shell.output().expect("a shell can be started"));
            assert!(!said.stderr.contains("panicked"), "{limit} on {python}: {}", said.stderr);
            match said.status {
                Some(0) => {}
                Some(2) => assert!(
                    said.stderr.contains("taster: ") || said.stdout.contains("not run: "),
                    "{limit} on {python}: {}{}",
                    said.stderr,
                    said.stdout
                ),
                // The loader or the shell itself could not open what it needs.
                Some(126 | 127) if limit < 6 => {}
                other => panic!("{limit} on {python}: {other:?}\n{}{}", said.stdout, said.stderr),
            }
        }
    }
}

fn a_coin() {
    let path = written(
        "title = \"A coin\"\n[clock]\ntimestamps = [\"1s\"]\n[[test]]\nname = \"other\"\nsteps = [{ exec = \"pass\" }]\n\
         [[test]]\nname = \"coin\"\nsteps = [{ exec = \"import os; raise ValueError(str(list(bytearray(os.urandom(4)))))\" }]\n",
    );
    let run = ["run", text(&path), "--python", &version()];
    let people = said(&run).exits(1);
    for words in [
        "coin does different things in one and the same ordering",
        "performances of this ordering: ValueError",
    ] {
        assert!(people.stdout.contains(words), "{words}: {}", people.stdout);
    }
    let told = verdict(&said(&[&run[..], &["--format", "json"]].concat()).exits(1));
    let finding = &told["findings"][0];
    assert_eq!((&finding["kind"], &finding["test"]), (&"nondeterministic".into(), &"coin".into()));
    assert!(finding["outcomes"].as_array().is_some_and(|outcomes| outcomes.len() > 1), "{finding}");
    said(&[&run[..], &["--bless"]].concat()).exits(0);
    let blessed = std::fs::read_to_string(&path).expect("it is there");
    assert!(blessed.contains("[[nondeterministic]]\ntest = \"coin\""), "{blessed}");
    said(&run).exits(0);
    drop(File::open(&path));
}
