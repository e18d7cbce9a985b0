//! The harness as test runners see it. This target starts itself again as a scenarios target of another crate, in a
//! directory that a case has made, with the model as its interpreter.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Trial};
use tempfile::TempDir;

/// Names the directory of scenarios where this process is to be the target of a case.
const DIRECTORY: &str = "HARNESS_TEST_DIRECTORY";

const CLEAN: &str = "title = 'Clean'\n[clock]\ntimestamps = ['1s', '1ns']\n[[test]]\nname = 'a'\nsteps = [{ import = 'os' }]\n";
const OTHER: &str =
    "title = 'For others'\npython = '<2'\n[[test]]\nname = 'a'\nsteps = [{ import = 'os' }]\n";
const BAD: &str = "titel = 'Bad'\n";
const DIFFERS: &str = "title = 'Differs'
permute = 'steps'
setup = [{ mkdir = 'lib' }, { sys-path = 'lib' }]
[clock]
timestamps = ['1s']
[[test]]
name = 'one'
steps = [{ write = 'lib/m1.py' }, { import = 'm1' }]
[[test]]
name = 'two'
steps = [{ write = 'lib/m2.py' }, { import = 'm2' }]
";

const CASES: &[(&str, fn())] = &[
    ("a_list_is_names_and_nothing_else", a_list_is_names_and_nothing_else),
    ("what_is_ignored_is_so_in_the_list", what_is_ignored_is_so_in_the_list),
    ("an_exact_name_reads_one_file", an_exact_name_reads_one_file),
    ("a_bad_file_is_a_failing_trial", a_bad_file_is_a_failing_trial),
    ("what_differs_is_shown_with_its_command", what_differs_is_shown_with_its_command),
    ("blessing_rewrites_what_differs_and_then_passes", blessing_rewrites_what_differs_and_then_passes),
    ("processes_of_one_run_bless_together", processes_of_one_run_bless_together),
    ("blessing_by_one_interpreter_narrows", blessing_by_one_interpreter_narrows),
    ("an_empty_directory_is_an_error", an_empty_directory_is_an_error),
    ("no_python_is_ignored_trials_and_a_word", no_python_is_ignored_trials_and_a_word),
    ("no_python_where_one_is_required_is_an_error", no_python_where_one_is_required_is_an_error),
    ("the_flags_of_libtest_work", the_flags_of_libtest_work),
    ("an_interpreter_that_is_not_there_is_an_error", an_interpreter_that_is_not_there_is_an_error),
];

fn main() -> ExitCode {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        return taster::harness(directory);
    }
    let trial = |&(name, case): &(&str, fn())| {
        Trial::test(name, move || {
            case();
            Ok(())
        })
    };
    libtest_mimic::run(&Arguments::from_args(), CASES.iter().map(trial).collect()).exit_code()
}

fn scenarios(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("it lies in the directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    directory
}

/// The target of a case, with nothing of the caller's environment.
fn target(directory: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this is a file"));
    command.args(arguments).env_clear().env(DIRECTORY, directory);
    command
}

/// Runs it on the model to its end.
fn run(directory: &TempDir, arguments: &[&str]) -> Said {
    said(target(directory.path(), arguments).env("TASTER_PYTHON", "model:3.11"))
}

/// What a target said, and its exit status.
struct Said {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

fn said(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } = command.output().expect("it can be started");
    let text = |bytes| String::from_utf8(bytes).expect("output is UTF-8");
    Said { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

impl Said {
    /// Checks the exit status and that stdout has these parts.
    #[track_caller]
    fn exits(self, status: i32, parts: &[&str]) -> Self {
        let shown = format!("stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        assert_eq!(self.status, Some(status), "{shown}");
        for part in parts {
            assert!(self.stdout.contains(part), "no `{part}` in {shown}");
        }
        self
    }
}

fn a_list_is_names_and_nothing_else() {
    let directory = scenarios(&[("clean.toml", CLEAN), ("old/bad.toml", BAD), ("old/.hidden.toml", BAD)]);
    let said = run(&directory, &["--list", "--format", "terse"]).exits(0, &[]);
    let names = "clean::model-3.11::1s: test\nclean::model-3.11::1ns: test\nold::bad::problems: test\n";
    assert_eq!((said.stdout.as_str(), said.stderr.as_str()), (names, ""));
    let filtered = run(&directory, &["--list", "1ns", "--skip", "bad"]).exits(0, &[]);
    assert_eq!(filtered.stdout, "clean::model-3.11::1ns: test\n");
}

fn what_is_ignored_is_so_in_the_list() {
    let directory = scenarios(&[("clean.toml", CLEAN), ("other.toml", OTHER)]);
    let ignored = run(&directory, &["--list", "--format", "terse", "--ignored"]).exits(0, &[]);
    assert_eq!(ignored.stdout, "other::model-3.11::1s: test\nother::model-3.11::1ns: test\n");
    let said = run(&directory, &[]).exits(0, &["2 passed; 0 failed; 2 ignored"]);
    assert_eq!(said.stderr, "taster: not run: 2 trials: model-3.11 is outside python = \"<2\"\n");
    run(&directory, &["--include-ignored"]).exits(0, &["ignored (model-3.11 is outside python = \"<2\")"]);
}

fn an_exact_name_reads_one_file() {
    let directory = scenarios(&[("clean.toml", CLEAN), ("bad.toml", BAD)]);
    let arguments = ["--exact", "clean::model-3.11::1ns", "--nocapture"];
    run(&directory, &arguments)
        .exits(0, &["running 1 test", "1 passed; 0 failed; 0 ignored; 0 measured; 1 filtered out"]);
    run(&directory, &["--exact", "bad::problems"]).exits(101, &["unknown key `titel`"]);
    run(&directory, &["--exact", "nothing::of::the::kind"]).exits(0, &["running 0 tests"]);
}

fn a_bad_file_is_a_failing_trial() {
    let directory = scenarios(&[("clean.toml", CLEAN), ("bad.toml", BAD)]);
    let parts = ["test bad::problems", "unknown key `titel`", "did you mean `title`?", "2 passed; 1 failed"];
    run(&directory, &[]).exits(101, &parts);
}

fn what_differs_is_shown_with_its_command() {
    let directory = scenarios(&[("differs.toml", DIFFERS)]);
    let parts = [
        "---- differs::model-3.11::1s ----",
        "[1] one makes two fail (not declared)",
        "failing ordering",
        "stale-directory-listing",
        "taster replay ",
        "--order one,one,two,two",
        "--python model:3.11",
        "0 passed; 1 failed",
    ];
    run(&directory, &[]).exits(101, &parts);
}

fn an_empty_directory_is_an_error() {
    let directory = scenarios(&[]);
    let said = run(&directory, &[]).exits(2, &[]);
    assert!(said.stderr.starts_with("taster: there is no scenario (*.toml) in "), "{}", said.stderr);
    let said = self::said(&mut target(&directory.path().join("nowhere"), &["--list"])).exits(2, &[]);
    assert!(said.stderr.starts_with("taster: cannot list the scenarios in "), "{}", said.stderr);
}

fn no_python_is_ignored_trials_and_a_word() {
    let directory = scenarios(&[("clean.toml", CLEAN)]);
    let said = said(&mut target(directory.path(), &[]))
        .exits(0, &["clean::cpython::1s", "2 passed; 0 failed; 2 ignored"]);
    let words = "taster: no Python was found: the model alone judges\ntaster: not run: 2 trials: no Python was found\n";
    assert_eq!(said.stderr, words);
}

fn no_python_where_one_is_required_is_an_error() {
    let directory = scenarios(&[("clean.toml", CLEAN)]);
    let mut command = target(directory.path(), &["--list"]);
    let said = said(command.env("TASTER_REQUIRE_PYTHON", "1")).exits(2, &[]);
    assert_eq!(said.stderr, "taster: TASTER_REQUIRE_PYTHON is set, and no Python was found\n");
}

fn the_flags_of_libtest_work() {
    let directory = scenarios(&[("clean.toml", CLEAN)]);
    run(&directory, &["-q"]).exits(0, &["\n..\n"]);
    run(&directory, &["--format", "pretty", "--test-threads", "1", "--color", "always"]).exits(0, &["\x1b["]);
    let json = run(&directory, &["--format", "json", "-Z", "unstable-options"]).exits(0, &[]);
    for line in json.stdout.lines() {
        serde_json::from_str::<serde_json::Value>(line).expect("each line is JSON");
    }
    run(&directory, &["--show-output", "1ns"]).exits(0, &["successes:", "as declared  "]);
    let log = directory.path().join("log");
    let logged = run(&directory, &["--logfile", &log.display().to_string()]).exits(0, &[]);
    assert_eq!(logged.stdout, "");
    assert!(fs::read_to_string(log).expect("a log was written").contains("2 passed; 0 failed"));
}

fn an_interpreter_that_is_not_there_is_an_error() {
    let directory = scenarios(&[("clean.toml", CLEAN)]);
    let said = said(target(directory.path(), &[]).env("TASTER_PYTHON", "model,3.2")).exits(2, &[]);
    assert_eq!(said.stderr, "taster: no Python 3.2 was found; there are: none\n");
}

/// As nextest does it: a process for each trial.
fn processes_of_one_run_bless_together() {
    let text = DIFFERS.replace("['1s']", "['1ns', '1s']");
    let bless = |directory: &TempDir, run: &str, clocks: [&str; 2]| {
        for clock in clocks {
            let trial = format!("differs::model-3.11::{clock}");
            let mut command = target(directory.path(), &["--exact", &trial]);
            command.env("TASTER_PYTHON", "model:3.11").env("TASTER_BLESS", "1");
            said(command.env("NEXTEST_RUN_ID", run).env("TMPDIR", directory.path()))
                .exits(0, &["1 passed; 0 failed"]);
        }
        fs::read_to_string(directory.path().join("differs.toml")).expect("the file is there")
    };
    let texts = [["1ns", "1s"], ["1s", "1ns"]].map(|clocks| {
        let directory = scenarios(&[("differs.toml", &text)]);
        let once = bless(&directory, "one", clocks);
        assert_eq!(bless(&directory, "two", clocks), once);
        once
    });
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0].matches("timestamps = [\"1s\"]").count(), 2, "{}", texts[0]);
}

/// A finding of modules that answer for themselves: 3.6 does not ask them.
const SINCE_3_7: &str = "title = 'Since 3.7'
setup = [
  { write = 'lib/m.py', text = \"\"\"
def __getattr__(name):
    if name == 'V':
        return 1
    raise AttributeError(name)
\"\"\" },
  { sys-path = 'lib' },
]
[clock]
timestamps = ['1ns']
[[test]]
name = 'sets'
steps = [{ exec = 'import m; m.W = 1' }]
[[test]]
name = 'asks'
steps = [{ exec = 'import m; assert not (hasattr(m, \"V\") and hasattr(m, \"W\"))' }]
[[poisoning]]
polluters = ['sets']
victim = 'asks'
";

/// What holds on others is not deleted, and further rounds, by this one or by others, change nothing.
fn blessing_by_one_interpreter_narrows() {
    let directory = scenarios(&[("since.toml", SINCE_3_7)]);
    let bless = |python: &str| {
        let mut command = target(directory.path(), &[]);
        command.env("TASTER_PYTHON", python).env("TASTER_BLESS", "1");
        said(&mut command).exits(0, &["1 passed; 0 failed"]);
        fs::read_to_string(directory.path().join("since.toml")).expect("the file is there")
    };
    let narrowed = bless("model:3.6");
    let declared = "[[poisoning]]\npolluters = [\"sets\"]\nvictim = \"asks\"\npython = \">=3.7\"\n";
    assert!(narrowed.ends_with(declared), "{narrowed}");
    assert!(narrowed.contains("python = \"<3.6\""), "{narrowed}");
    for python in ["model:3.6", "model:3.11", "model:3.7"] {
        assert_eq!(bless(python), narrowed, "by {python}");
    }
}

fn blessing_rewrites_what_differs_and_then_passes() {
    let text = format!("# Kept as it is.\n{DIFFERS}");
    let directory = scenarios(&[("differs.toml", &text), ("clean.toml", CLEAN)]);
    let bless = || {
        let mut command = target(directory.path(), &[]);
        said(command.env("TASTER_PYTHON", "model:3.11").env("TASTER_BLESS", "1"))
    };
    let blessed = bless().exits(0, &["3 passed; 0 failed"]);
    let added =
        "+[[poisoning]]\n+polluters = [\"one\"]\n+victim = \"two\"\n+cause = \"stale-directory-listing\"\n";
    assert!(blessed.stderr.contains(added), "{}", blessed.stderr);
    let file = directory.path().join("differs.toml");
    let rewritten = fs::read_to_string(&file).expect("the file is there");
    assert!(rewritten.starts_with(&text), "{rewritten}");
    assert_eq!(rewritten.matches("[[poisoning]]").count(), 2, "{rewritten}");
    run(&directory, &[]).exits(0, &["3 passed; 0 failed"]);
    let again = bless().exits(0, &["3 passed; 0 failed"]);
    assert_eq!(again.stderr, "");
    assert_eq!(fs::read_to_string(&file).expect("the file is there"), rewritten);
    let untouched = fs::read_to_string(directory.path().join("clean.toml")).expect("the file is there");
    assert_eq!(untouched, CLEAN);
}
