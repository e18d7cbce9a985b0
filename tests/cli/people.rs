//! Output for people.

use snapbox::str;

use super::{Case, Need, matches, said, version};

pub(super) const CASES: &[Case] = &[
    ("the_verdict_comes_first_and_the_table_last", Need::Python, the_verdict_comes_first_and_the_table_last),
    ("every_printed_command_replays_a_failure", Need::Python, every_printed_command_replays_a_failure),
    (
        "a_replay_shows_times_outcomes_and_what_was_printed",
        Need::Python,
        a_replay_shows_times_outcomes_and_output,
    ),
    ("a_replay_of_passing_tests_is_a_success", Need::Python, a_replay_of_passing_tests_is_a_success),
    ("completions_complete_in_bash", Need::Nothing, completions_complete_in_bash),
    ("the_manual_has_a_page_for_each_command", Need::Nothing, the_manual_has_a_page_for_each_command),
    ("first_mistakes_are_answered", Need::Nothing, first_mistakes_are_answered),
    ("some_tests_only", Need::Python, some_tests_only),
    ("other_timestamps", Need::Python, other_timestamps),
    ("several_scenarios_are_told_in_short", Need::Python, several_scenarios_are_told_in_short),
    ("colours_only_where_they_are_wanted", Need::Python, colours_only_where_they_are_wanted),
    ("a_sample_is_no_proof", Need::Python, a_sample_is_no_proof),
    ("check_reads_without_an_interpreter", Need::Nothing, check_reads_without_an_interpreter),
    ("python_of_some_versions_is_a_warning", Need::Nothing, python_of_some_versions_is_a_warning),
    ("mistakes_are_shown_where_they_are", Need::Nothing, mistakes_are_shown_where_they_are),
];

fn the_verdict_comes_first_and_the_table_last() {
    let arguments = ["run", "tests/cli/differs.toml", "--diagnose", "findings", "--python", &version()];
    let said = said(&arguments).exits(1);
    matches(
        said.stdout,
        str![[r#"
DIFFERS      tests/cli/differs.toml
             One of the two findings is declared, and one that is declared is
             not there
             declared, but not found: first fails in every ordering; on
             [PYTHON] at 1s

  [1] second makes first fail (not declared)
      on [PYTHON] at 1s

   setup mkdir lib, sys-path lib
         failing ordering                    passing ordering
         ----------------------------------  ----------------------------------
       1 second  write lib/two.py            second  write lib/two.py
    >  2 second  import two (pollutes)       first   write lib/one.py
    >  3 first   write lib/one.py            second  import two
       4 first   import one (FAILS)          first   import one (passes)
         > marks the swapped steps

      fails with   ModuleNotFoundError: No module named 'one'
      cause        not looked for
      reproduce with
        taster replay tests/cli/differs.toml --order second,second,first,first \
            [VERSION] --timestamps 1s

  [2] first makes second fail (declared)
      on [PYTHON] at 1s

   setup mkdir lib, sys-path lib
         failing ordering                    passing ordering
         ----------------------------------  ----------------------------------
       1 first   write lib/one.py            first   write lib/one.py
    >  2 first   import one (pollutes)       second  write lib/two.py
    >  3 second  write lib/two.py            first   import one
       4 second  import two (FAILS)          second  import two (passes)
         > marks the swapped steps

      fails with   ModuleNotFoundError: No module named 'two'
      cause        not looked for
      reproduce with
        taster replay tests/cli/differs.toml --order first,first,second,second \
            [VERSION] --timestamps 1s

Summary
tests/cli/differs.toml
  [PYTHON]  1s  2 of 6 fail                     DIFFERS

1 scenario: 1 differs.
If all orderings were covered, the verdict holds for these steps, interpreters
and timestamps, and for no others.

"#]],
    );
}

/// The commands in a report, each as one line.
fn commands(report: &str) -> Vec<String> {
    let joined = report.replace("\\\n", " ");
    let commands = joined.lines().map(str::trim).filter(|line| line.starts_with("taster "));
    commands.map(Into::into).collect()
}

fn every_printed_command_replays_a_failure() {
    let files = [
        "tests/cli/differs.toml",
        "tests/cli/odd-names.toml",
        "scenarios/bpython-582.toml",
        "scenarios/three-modules.toml",
        "scenarios/missing-submodule.toml",
        "scenarios/order-of-fixtures.toml",
        "scenarios/stale-bytecode.toml",
    ];
    let mut count = 0;
    for file in files {
        let report = said(&["run", file, "--verbose", "--diagnose", "findings"]).stdout;
        for command in commands(&report) {
            let words = shlex::split(&command).expect("a printed command is whole");
            let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
            let replayed = said(&words).exits(1);
            assert!(replayed.stdout.contains(" FAILS"), "{command}\n{}", replayed.stdout);
            count += 1;
        }
        assert!(count > 0, "{file} prints no command:\n{report}");
    }
}

fn a_replay_shows_times_outcomes_and_output() {
    let said =
        said(&["replay", "tests/cli/prints.toml", "--order", "imports", "--python", &version()]).exits(1);
    matches(
        said.stdout,
        str![[r#"
tests/cli/prints.toml
on [PYTHON], timestamps 1ns

  no.  virtual time  step
       0.000000000  setup: write lib/loud.py "print('hello')\nraise ..." -
                    passed
       0.000001000  setup: sys-path lib - passed
    1  0.000002000  imports: import loud - FAILED
                     ValueError: no
                   | hello
                   ~ lib listed, its time being 0: loud.py
                   ~ wrote loud.cpython-311.pyc for second 0
                   ~ lib: time 0 -> 0.000002
    2  0.000003000  imports: import loud - skipped

imports FAILS.

"#]],
    );
}

fn a_replay_of_passing_tests_is_a_success() {
    let arguments = ["replay", "scenarios/bpython-582.toml", "--order", "second,second"];
    let said = said(&arguments).exits(0);
    assert!(said.stdout.ends_with("\nsecond passes.\n"), "{}", said.stdout);
}

fn some_tests_only() {
    let said = said(&["run", "scenarios/three-modules.toml", "--test", "one,two"]).exits(0);
    assert!(said.stdout.contains(" of 6 fail "), "{}", said.stdout);
    assert!(!said.stdout.contains("three make"), "{}", said.stdout);
}

fn other_timestamps() {
    let said = said(&["run", "tests/cli/differs.toml", "--timestamps", "apfs", "--timestamps", "fat32"]);
    assert!(said.stdout.contains("  apfs "), "{}", said.stdout);
    assert!(said.stdout.contains("  fat32 "), "{}", said.stdout);
    assert!(!said.stdout.contains("  1s "), "{}", said.stdout);
}

fn several_scenarios_are_told_in_short() {
    let files = ["scenarios/bpython-582.toml", "scenarios/clean.toml", "scenarios/three-modules.toml"];
    let options = ["--diagnose", "findings", "--python", &version()];
    let said = said(&[&["run"], &files[..], &options[..]].concat()).exits(0);
    matches(
        said.stdout,
        str![[r#"
as declared  scenarios/bpython-582.toml  2 findings
as declared  scenarios/clean.toml
as declared  scenarios/three-modules.toml  6 findings

3 scenarios: 3 as declared.
If all orderings were covered, the verdict holds for these steps, interpreters
and timestamps, and for no others.

"#]],
    );
}

fn colours_only_where_they_are_wanted() {
    let arguments = ["run", "scenarios/clean.toml", "--diagnose", "none"];
    assert!(!said(&arguments).stdout.contains('\x1b'));
    let coloured = said(&[&arguments[..], &["--color", "always"]].concat());
    assert!(coloured.stdout.contains('\x1b'), "{}", coloured.stdout);
    let mut silenced = super::taster(&arguments);
    let silenced = silenced.env("NO_COLOR", "1").output().expect("the binary can be started");
    assert!(!super::told(&silenced).stdout.contains('\x1b'));
}

fn a_sample_is_no_proof() {
    let arguments =
        ["run", "scenarios/four-modules.toml", "--timestamps", "1ns", "--max-states", "40", "--seed", "11"];
    let said = said(&arguments).exits(3);
    assert!(said.stdout.contains(" sampled fail (of 2,520)  incomplete"), "{}", said.stdout);
    assert!(said.stdout.contains("(seed 11)"), "{}", said.stdout);
    assert!(said.stdout.contains("does not prove that none does"), "{}", said.stdout);
}

fn check_reads_without_an_interpreter() {
    let mut command = super::taster(&["check", "scenarios/bpython-582.toml", "scenarios/clean.toml"]);
    let output = command.env_clear().output().expect("the binary can be started");
    let said = super::told(&output).exits(0);
    matches(
        said.stdout,
        str![[r#"
scenarios/bpython-582.toml: good, 2 tests, 4 steps
scenarios/clean.toml: good, 3 tests, 9 steps

"#]],
    );
    assert_eq!(said.stderr, "");
}

fn python_of_some_versions_is_a_warning() {
    let mut command = super::taster(&["check", "tests/cli/some-versions.toml"]);
    let output = command.env_clear().output().expect("the binary can be started");
    let said = super::told(&output).exits(0);
    matches(
        said.stderr,
        str![[r#"
warning: `exec` is no Python 3.6 to 3.9: Cannot use `match` statement on Python 3.9 (syntax was added in Python 3.10)
 --> tests/cli/some-versions.toml:8:1
  |
8 | match json.loads("1"):
  | ^^^^^
  |
help: if it is for 3.10 and later, let the scenario say so: python = ">=3.10"

warning: `check` is no Python 3.6 or 3.7: Cannot use named assignment expression (`:=`) on Python 3.7 (syntax was added in Python 3.8)
  --> tests/cli/some-versions.toml:12:15
   |
12 |   { check = "(number := 1) == 1" },
   |               ^^^^^^^^^^^
   |
help: if it is for 3.8 and later, let the scenario say so: python = ">=3.8"

warning: the text of this module is no Python 3.6 to 3.11: Cannot reuse outer quote character in f-strings on Python 3.11 (syntax was added in Python 3.12)
  --> tests/cli/some-versions.toml:15:10
   |
15 | B = f"{A["key"]}"
   |          ^
   |
help: if it is for 3.12 and later, let the scenario say so: python = ">=3.12"


"#]],
    );
}

fn mistakes_are_shown_where_they_are() {
    let said = said(&["check", "tests/cli/mistakes.toml", "scenarios/clean.toml"]).exits(2);
    matches(
        said.stderr,
        str![[r#"
error: a scenario needs `title`
 --> tests/cli/mistakes.toml:1:1
  |
1 | titel = "A mistake in each line"
  | ^
  |
help: for example: title = "What it shows, in one sentence"

error: unknown key `titel` in a scenario
 --> tests/cli/mistakes.toml:1:1
  |
1 | titel = "A mistake in each line"
  | ^^^^^
  |
help: did you mean `title`?

error: the path `/lib/one.py` is absolute
 --> tests/cli/mistakes.toml:5:20
  |
5 | steps = [{ write = "/lib/one.py" }]
  |                    ^^^^^^^^^^^^^
  |
help: paths are relative to the ordering's own directory: "lib/one.py"


"#]],
    );
    matches(
        said.stdout,
        str![[r#"
scenarios/clean.toml: good, 3 tests, 9 steps

"#]],
    );
}

/// In a real bash: the words that it offers for `taster hunt --vic` and `taster ex`.
fn completions_complete_in_bash() {
    let script = said(&["completions", "bash"]).exits(0).stdout;
    for (words, offered) in [("taster hunt --vic", "--victim"), ("taster ex", "explain")] {
        let line = format!(
            "{script}\nCOMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _taster taster \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        let output = std::process::Command::new("bash").args(["-c", &line]).output().expect("bash is there");
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        assert_eq!(said, offered, "{}", String::from_utf8_lossy(&output.stderr));
    }
    for shell in ["zsh", "fish"] {
        assert!(said(&["completions", shell]).exits(0).stdout.contains("victim"), "{shell}");
    }
}

fn the_manual_has_a_page_for_each_command() {
    let folder = tempfile::tempdir().expect("a directory can be made");
    let _written = said(&["man", &folder.path().display().to_string()]).exits(0);
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect(name);
    assert!(page("taster.1").contains("taster\\-hunt(1)"), "{}", page("taster.1"));
    for verb in ["hunt", "run", "check", "config", "explain"] {
        assert!(page(&format!("taster-{verb}.1")).contains("Exit status"), "{verb}");
    }
    assert!(!folder.path().join("taster-keep.1").exists());
}

fn first_mistakes_are_answered() {
    let text = said(&["run", "tests/cli/first-mistakes.toml", "--python", "model"]).exits(1).stdout;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for answer in [
        "src/mod.py is there: src is not on sys.path; { sys-path = \"src\" } before it puts it there",
        "step 1 of `too early` imports a module that step 2 of the same test writes (lib/late.py)",
        "cause none in the order: the test fails whatever runs before it",
    ] {
        assert!(text.contains(answer), "{answer} is not in {text}");
    }
}
