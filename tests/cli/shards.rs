//! Shards of a run, and what `taster merge` makes of them: what one machine says, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;
use snapbox::str;
use tempfile::TempDir;

use super::{Case, Need, Said, matches, said, taster, told, version};

pub(super) const CASES: &[Case] = &[
    ("shards_say_what_one_machine_says", Need::Nothing, what_one_machine_says),
    ("shards_of_tests_and_clocks_that_options_name", Need::Nothing, what_options_name),
    ("a_shard_that_is_missing_is_named_with_its_parts", Need::Nothing, a_missing_shard),
    ("a_shard_that_was_killed_is_told_and_repeated", Need::Nothing, a_killed_shard),
    ("shards_that_do_not_belong_together", Need::Nothing, not_together),
    ("shards_of_which_one_says_two_things", Need::Nothing, two_sayings),
    ("a_shard_without_a_part_is_no_fault", Need::Nothing, an_empty_shard),
    ("a_job_knows_its_shard_by_the_variables_of_its_scheduler", Need::Nothing, numbered_jobs),
    ("what_is_no_shard_is_not_merged", Need::Nothing, no_shard),
    ("shards_of_a_package_say_what_one_machine_says", Need::Python, a_package),
    ("a_shard_of_a_package_that_is_missing_or_belongs_elsewhere", Need::Python, a_package_in_part),
];

/// A poisoned one, a clean one, one that differs, and one that is no scenario.
const FILES: [&str; 4] = [
    "scenarios/first-invalidation.toml",
    "scenarios/clean.toml",
    "tests/cli/differs.toml",
    "tests/cli/mistakes.toml",
];
const ON_TWO: [&str; 2] = ["--python", "model:3.11,model:3.8"];

/// Writes each of so many shards of a run into a file.
fn shards(arguments: &[&str], of: usize) -> (TempDir, Vec<PathBuf>) {
    shards_of("run", arguments, of)
}

/// Writes each of so many shards of what a command does into a file.
fn shards_of(verb: &str, arguments: &[&str], of: usize) -> (TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("there is room");
    let files = (1..=of).map(|index| {
        let number = format!("{index}/{of}");
        let shard = said(&[&[verb, "--format", "json", "--shard", &number][..], arguments].concat());
        assert!(
            shard.stderr.contains(&format!("taster: shard {number} of `taster {verb}` (suite ")),
            "{}",
            shard.stderr
        );
        let file = folder.path().join(format!("{index}.json"));
        fs::write(&file, shard.stdout).expect("there is room");
        file
    });
    let files = files.collect();
    (folder, files)
}

fn merged(options: &[&str], files: &[PathBuf]) -> Said {
    let files: Vec<&str> = files.iter().map(|file| file.to_str().expect("a path of letters")).collect();
    said(&[&["merge"][..], options, &files].concat())
}

/// Without what differs from one run to the next.
fn timeless(text: &str) -> String {
    let seconds = Regex::new(r#""(diagnosis_)?seconds":[^,}]+|time="[^"]*"|timestamp="[^"]*"|\([0-9.]+ s\)"#)
        .expect("a regular expression");
    seconds.replace_all(text, "").into_owned()
}

/// The three shards merged write what one machine does, to the report too; returns that.
fn what_one_machine_writes(
    (verb, arguments): (&str, &[&str]),
    format: &str,
    (folder, files): (&Path, &[PathBuf]),
    status: i32,
) -> String {
    let report = |name: &str| format!("--report=junit={}", folder.join(name).display());
    let (one_report, merged_report) = (report("one.xml"), report("merged.xml"));
    let one = said(&[&[verb, "--format", format, &one_report][..], arguments].concat()).exits(status);
    let all = merged(&["--format", format, &merged_report], files).exits(status);
    let written = all.stdout.replace("{\"schema\":1,\"kind\":\"merged\",\"shards\":3,\"missing\":[]}\n", "");
    assert_eq!(timeless(&written), timeless(&one.stdout));
    let read = |name: &str| timeless(&fs::read_to_string(folder.join(name)).expect("a report"));
    assert_eq!(read("merged.xml"), read("one.xml"));
    one.stdout
}

fn what_one_machine_says() {
    let arguments = [&FILES[..], &ON_TWO].concat();
    let (folder, files) = shards(&arguments, 3);
    for format in ["terminal", "json"] {
        what_one_machine_writes(("run", &arguments), format, (folder.path(), &files), 2);
    }
}

fn what_options_name() {
    let arguments = [
        "scenarios/bpython-582.toml",
        "--python",
        "model:3.11",
        "--timestamps",
        "2s",
        "--step-time",
        "3us",
        "--test",
        "first",
    ];
    let (_folder, files) = shards(&arguments, 2);
    let one = said(&[&["run"][..], &arguments].concat());
    let all = merged(&[], &files);
    assert_eq!((all.status, all.stdout), (one.status, one.stdout));
}

fn a_missing_shard() {
    let (_folder, files) = shards(&[FILES[1], "--python", "model:3.11"], 2);
    let there = merged(&[], &files[..1]).exits(3);
    matches(
        there.stdout,
        str![[r#"
incomplete   scenarios/clean.toml
             Modules that are complete before their directory is searched import
             in every order

Summary
scenarios/clean.toml
  model-3.11  1ns  0 of 1,680 fail                 as declared
  model-3.11  1s   not run: shard 2/2 is missing

1 scenario: 1 incomplete.
If all orderings were covered, the verdict holds for these steps, interpreters
and timestamps, and for no others.

1 of 2 shards complete:
  shard 2/2 is missing

"#]],
    );
    let told = merged(&["--format", "json"], &files[..1]).exits(3);
    let lines: Vec<Value> =
        told.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let last = lines.last().expect("there are lines");
    assert_eq!((&last["kind"], &last["missing"][0]["index"]), (&"merged".into(), &2.into()));
    assert!(lines.iter().any(|line| line["reason"] == "shard 2/2 is missing"), "{lines:?}");
}

fn a_killed_shard() {
    let arguments = [&FILES[..2], &ON_TWO].concat();
    let (folder, mut files) = shards(&arguments, 2);
    let whole = fs::read_to_string(&files[1]).expect("a shard");
    let killed = folder.path().join("killed.json");
    // Half of the last line.
    fs::write(&killed, &whole[..whole.len() - 40]).expect("there is room");
    let of = whole.lines().count() - 1;
    files[1] = killed.clone();
    let half = merged(&[], &files).exits(3);
    assert!(
        half.stdout.contains(&format!("shard 2/2 ended after {} of {of} parts", of - 1)),
        "{}",
        half.stdout
    );
    // The job ran again, and both files are there, in either order.
    files.push(folder.path().join("2.json"));
    let one = said(&[&["run"][..], &arguments].concat()).exits(0);
    assert_eq!(merged(&[], &files).exits(0).stdout, one.stdout);
    files.reverse();
    assert_eq!(merged(&[], &files).exits(0).stdout, one.stdout);
}

fn not_together() {
    let clean = [FILES[1], "--python", "model:3.11"];
    let (_folder, files) = shards(&clean, 2);
    let why = |arguments: &[&str], of: usize| {
        let (_other, others) = shards(arguments, of);
        let refused = merged(&[], &[files[0].clone(), others[1].clone()]).exits(2);
        assert_eq!(refused.stdout, "");
        refused.stderr
    };
    let mut others = clean.to_vec();
    others.extend(["--seed", "7"]);
    assert!(why(&others, 2).contains("it is of another seed (7, not 0)"));
    assert!(why(&[FILES[0], "--python", "model:3.11"], 2).contains("it is of another suite ("));
    assert!(
        why(&[FILES[1], "--python", "model:3.8"], 2).contains("it is of other options or interpreters (")
    );
    assert!(why(&clean, 3).contains("it is shard 2/3, and that is shard 1/2"));
}

fn two_sayings() {
    let (folder, mut files) = shards(&[FILES[0], "--python", "model:3.11"], 1);
    let text = fs::read_to_string(&files[0]).expect("a shard");
    let other = folder.path().join("other.json");
    let changed = text.replace("\"judgement\":\"AsDeclared\"", "\"judgement\":\"Differs\"");
    assert_ne!(changed, text);
    fs::write(&other, changed).expect("there is room");
    files.push(other);
    let refused = merged(&[], &files).exits(2);
    assert!(
        refused.stderr.contains("are both shard 1/1, and do not say the same of scenarios/first-invalidation.toml on model-3.11 at 1"),
        "{}",
        refused.stderr
    );
    // One file twice says the same twice.
    merged(&[], &[files[0].clone(), files[0].clone()]).exits(0);
}

fn an_empty_shard() {
    let arguments = [FILES[1], "--python", "model:3.11", "--timestamps", "1s"];
    let (_folder, files) = shards(&arguments, 3);
    let parts = |file: &Path| fs::read_to_string(file).expect("a shard").lines().count() - 1;
    assert_eq!(files.iter().map(|file| parts(file)).sum::<usize>(), 1);
    for index in 1..=3 {
        said(&[&["run", "--shard", &format!("{index}/3")][..], &arguments].concat()).exits(0);
    }
    merged(&[], &files).exits(0);
}

fn numbered_jobs() {
    let run = |variables: &[(&str, &str)]| {
        let mut command = taster(&["run", FILES[1], "--python", "model:3.11", "--shard", "auto"]);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        told(&command.envs(variables.iter().copied()).output().expect("the binary can be started"))
    };
    let gitlab = run(&[("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3")]).exits(0);
    assert!(gitlab.stderr.contains("taster: shard 2/3 of"), "{}", gitlab.stderr);
    let half = run(&[("CIRCLE_NODE_INDEX", "2")]).exits(2);
    assert_eq!(half.stderr, "taster: CircleCI sets CIRCLE_NODE_INDEX, but CIRCLE_NODE_TOTAL is not set\n");
    assert!(
        run(&[])
            .exits(2)
            .stderr
            .starts_with("taster: nothing says which shard this is: none of TASTER_SHARD, ")
    );
    // What one shard does not find is not gone.
    let updating =
        said(&["hunt", "--shard", "1/2", "--baseline", "known.baseline", "--update-baseline"]).exits(2);
    assert!(updating.stderr.contains("cannot be used with"), "{}", updating.stderr);
    let wrong = said(&["run", FILES[1], "--shard", "3/2"]).exits(2);
    assert!(wrong.stderr.contains("there is no shard 3/2: shards are 1/2 to 2/2"), "{}", wrong.stderr);
}

fn no_shard() {
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("run.json");
    fs::write(&file, said(&["run", FILES[1], "--python", "model:3.11", "--format", "json"]).stdout)
        .expect("room");
    let refused = merged(&[], std::slice::from_ref(&file)).exits(2);
    assert!(
        refused.stderr.contains("run.json:1: a shard begins with a line of kind `shard`"),
        "{}",
        refused.stderr
    );
    fs::write(&file, "").expect("room");
    assert!(merged(&[], &[file]).exits(2).stderr.contains("there is no shard in "));
    let gone = said(&["merge", "no-such.json"]).exits(2);
    assert!(gone.stderr.starts_with("taster: cannot read no-such.json: "), "{}", gone.stderr);
}

const KNOT: [&str; 3] = ["tests/packages/knot", "--import-timeout", "5s"];

fn a_package() {
    let version = version();
    let arguments = [&KNOT[..], &["--python", &version, "--bytecode", "off"]].concat();
    let (folder, files) = shards_of("package", &arguments, 3);
    let pairs = |file: &Path| {
        let text = fs::read_to_string(file).expect("a shard");
        let survey: Value = serde_json::from_str(text.lines().nth(1).expect("a survey")).expect("JSON");
        survey["pairs"][0]["possible"].as_u64().expect("a number")
    };
    let of_shards: Vec<u64> = files.iter().map(|file| pairs(file)).collect();
    for format in ["terminal", "json"] {
        let one = what_one_machine_writes(("package", &arguments), format, (folder.path(), &files), 1);
        if format == "json" {
            let survey: Value = serde_json::from_str(&one).expect("JSON");
            assert_eq!(
                survey["pairs"][0]["possible"].as_u64(),
                Some(of_shards.iter().sum()),
                "{of_shards:?}"
            );
            assert!(of_shards.iter().all(|pairs| *pairs > 0), "{of_shards:?}");
        }
    }
}

fn a_package_in_part() {
    let version = version();
    let arguments = [&KNOT[..], &["--python", &version]].concat();
    let (folder, mut files) = shards_of("package", &arguments, 2);
    let there = merged(&[], &files[1..]).exits(1);
    assert!(
        there.stdout.contains("; the survey is not complete: shard 1/2 is missing ("),
        "{}",
        there.stdout
    );
    assert!(there.stdout.ends_with("1 of 2 shards complete:\n  shard 1/2 is missing\n"), "{}", there.stdout);
    // The job was killed before it had written its survey, and ran again.
    let whole = fs::read_to_string(&files[0]).expect("a shard");
    let killed = folder.path().join("killed.json");
    fs::write(&killed, &whole[..whole.len() - 40]).expect("there is room");
    let half = merged(&[], &[killed.clone(), files[1].clone()]).exits(1);
    assert!(half.stdout.contains("shard 1/2 ended after 0 of 1 interpreters"), "{}", half.stdout);
    let both = merged(&[], &files).exits(1);
    assert!(!both.stdout.contains("not complete"), "{}", both.stdout);
    files.push(killed.clone());
    assert_eq!(merged(&[], &files).exits(1).stdout, both.stdout);
    let none = merged(&[], &[killed]).exits(2);
    assert_eq!(none.stderr, "taster: no shard of this survey came to its end\n");
    let (_other, others) = shards_of("package", &[&arguments[..], &["--tests"]].concat(), 2);
    let refused = merged(&[], &[files[0].clone(), others[1].clone()]).exits(2);
    assert!(refused.stderr.contains("it is of other options or interpreters ("), "{}", refused.stderr);
    let (_run, of_run) = shards(&[FILES[1], "--python", "model:3.11"], 2);
    let refused = merged(&[], &[files[0].clone(), of_run[1].clone()]).exits(2);
    assert!(refused.stderr.contains("it is of another command (run, not package)"), "{}", refused.stderr);
}
