//! Files that existed before a hunt and that tests write: a view without them shows what they hide, and the report says
//! so.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::budgets::cut_short;
use crate::hunting::{Hunted, equal, strings};
use crate::pytest;

type Test = fn() -> Result<(), String>;

const HEAD: &str = "import json, os, pathlib\n\nHERE = pathlib.Path(__file__).parent\n";

/// One test writes a report, the other one reads it.
const REPORT: &str = r#"
def test_writes():
    (HERE / "report.json").write_text(json.dumps({"total": 3}))


def test_reads():
    assert json.loads((HERE / "report.json").read_text())["total"] == 3
"#;

/// A log that tests write and nobody reads.
const LOG: &str = r#"
def test_logs():
    with open(str(HERE / "a.log"), "a") as log:
        log.write("ran\n")
"#;

/// The reader of the report needs a file besides that its own tests write too.
const RATES: &str = r#"
def test_sorts_rates():
    rates = json.loads((HERE / "rates.json").read_text())
    (HERE / "rates.json").write_text(json.dumps(sorted(rates, reverse=True)))


def test_writes():
    (HERE / "report.json").write_text("3")


def test_reads():
    assert (HERE / "rates.json").read_text() and (HERE / "report.json").read_text() == "3"
"#;

/// Settings that are read at import, and that a test writes.
const SETTINGS: &str = r#"
SETTINGS = json.loads((HERE / "settings.json").read_text())


def test_saves_settings():
    (HERE / "settings.json").write_text("[1]")
"#;

const NEEDS_ROOM: &str = r#"
def test_locks():
    os.close(os.open(str(HERE / "lock"), os.O_CREAT | os.O_EXCL))
    os.unlink(str(HERE / "lock"))
"#;

pub(crate) fn trials() -> Vec<Trial> {
    let private: [(&str, Test); 14] = [
        ("an_untracked_file_hides_a_brittle_test", untracked),
        ("a_tracked_file_hides_nothing", tracked),
        ("without_a_repository_every_file_counts", no_repository),
        ("a_named_victim_is_looked_for_too", named),
        ("a_file_that_breaks_a_test_is_named", breaks),
        ("a_file_that_breaks_a_test_may_hide_a_victim", breaks_a_victim),
        ("of_two_files_the_one_that_hides_is_named", two_files),
        ("two_files_that_hide_together_are_both_named", both_files),
        ("a_file_that_the_test_needs_does_not_mask_the_other_one", masked),
        ("a_file_that_collection_needs_stays", needed_to_collect),
        ("a_file_in_the_home_directory_is_told_with_its_path", at_home),
        ("what_is_hidden_is_tried_again_without_the_file_after_somebody_changed_another", changed_meanwhile),
        ("a_hunt_without_time_for_it_says_so", no_time),
        ("people_are_told_and_a_resumed_hunt_says_the_same", told_and_resumed),
    ];
    let trial = |name: &str, run: Test| {
        Trial::test(format!("old_files::{name}"), move || run().map_err(Failed::from))
    };
    let private = private.into_iter().map(|(name, run)| trial(name, run));
    let private = private.map(|trial| trial.with_ignored_flag(!cfg!(target_os = "linux")));
    private.chain([trial("in_place_the_report_says_what_cannot_be_seen", in_place)]).collect()
}

/// A suite with files that lie there already, a home directory and a temporary one.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(tests: &[&str], old: &[(&str, &str)]) -> Result<Self, String> {
        let place = Self { folder: tempfile::tempdir().map_err(said)? };
        for name in ["suite", "home", "tmp"] {
            fs::create_dir_all(place.path(name)).map_err(said)?;
        }
        let text = format!("{HEAD}{}", tests.concat());
        fs::write(place.path("suite/test_it.py"), text).map_err(said)?;
        for (name, text) in old {
            fs::write(place.path(name), text).map_err(said)?;
        }
        Ok(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn git(&self, arguments: &[&str]) -> Result<(), String> {
        let output =
            Command::new("git").args(arguments).current_dir(self.path("suite")).output().map_err(said)?;
        equal("git", output.status.success(), true)
    }

    fn command(&self, options: &[&str]) -> Result<Command, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_taster"));
        command.args(["hunt", "--orders", "given,reverse", "--timestamps", "real", "--journal"]);
        command.arg(self.path("journal")).args(options).arg("--python").arg(pytest()?);
        command
            .current_dir(self.path("suite"))
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"));
        command.env_remove("PYTHONDONTWRITEBYTECODE");
        Ok(command)
    }

    fn output(&self, options: &[&str]) -> Result<Output, String> {
        self.command(options)?.output().map_err(said)
    }

    fn hunt(&self, options: &[&str]) -> Result<Hunted, String> {
        let output = self.output(&[options, &["--format", "json"]].concat())?;
        let lines = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<Value> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let hunted = Hunted { lines, status: output.status.code().unwrap_or(-1) };
        let summary = hunted.summary().map(|_| ());
        summary.map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&output.stderr)))?;
        Ok(hunted)
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn noted(hunted: &Hunted, wanted: &str) -> Result<(), String> {
    let notes = strings(&hunted.summary()?["notes"]);
    if notes.contains(&wanted) { Ok(()) } else { Err(format!("not said: {wanted}\nin {notes:#?}")) }
}

/// The one finding of a hunt is that the reader is brittle, and these files hide it.
fn reader_is_brittle(hunted: &Hunted, hidden_by: &[&str]) -> Result<(), String> {
    equal("findings", hunted.of_kind("finding").len(), 1)
        .map_err(|error| format!("{error}: {:#?}", hunted.lines))?;
    let finding = hunted.finding("test_it.py::test_reads")?;
    equal("kind", finding["finding"].as_str(), Some("brittle"))?;
    equal("setters", strings(&finding["state_setters"]), vec!["test_it.py::test_writes"])?;
    equal("hidden by", strings(&finding["hidden_by"]), hidden_by.to_vec())?;
    equal("status", hunted.status, 1)
}

/// Nothing is found, and the second search is not made.
fn nothing(hunted: &Hunted) -> Result<(), String> {
    equal("findings", hunted.of_kind("finding").len(), 0)?;
    let notes = hunted.summary()?["notes"].to_string();
    equal("a word of old files", notes.contains("existed before"), false)
}

const OLD_REPORT: (&str, &str) = ("suite/report.json", "{\"total\": 3}");
const RAN_WITHOUT: &str =
    "orders also ran without report.json, which existed before the hunt and which tests write";

fn untracked() -> Result<(), String> {
    let place = Place::new(&[REPORT], &[OLD_REPORT])?;
    place.git(&["init", "--quiet"])?;
    place.git(&["add", "test_it.py"])?;
    let hunted = place.hunt(&[])?;
    reader_is_brittle(&hunted, &["report.json"])?;
    noted(&hunted, RAN_WITHOUT)?;
    equal(
        "the file",
        fs::read_to_string(place.path("suite/report.json")).map_err(said)?,
        OLD_REPORT.1.to_owned(),
    )
}

fn tracked() -> Result<(), String> {
    let place = Place::new(&[REPORT], &[OLD_REPORT])?;
    place.git(&["init", "--quiet"])?;
    place.git(&["add", "test_it.py", "report.json"])?;
    let hunted = place.hunt(&[])?;
    nothing(&hunted)?;
    // The contrast: the same checkout, and the file is nobody's any more.
    place.git(&["rm", "--quiet", "--cached", "report.json"])?;
    reader_is_brittle(&place.hunt(&[])?, &["report.json"])
}

fn no_repository() -> Result<(), String> {
    reader_is_brittle(&Place::new(&[REPORT], &[OLD_REPORT])?.hunt(&[])?, &["report.json"])
}

fn named() -> Result<(), String> {
    let place = Place::new(&[LOG, REPORT], &[OLD_REPORT, ("suite/a.log", "")])?;
    reader_is_brittle(&place.hunt(&["--victim", "test_it.py::test_reads"])?, &["report.json"])?;
    nothing(&Place::new(&[LOG, REPORT], &[])?.hunt(&["--victim", "test_it.py::test_logs"])?)
}

/// What is said of the broken test, which must be the only one.
fn broken_by_the_lock(hunted: &Hunted) -> Result<(), String> {
    let broken = &hunted.summary()?["broken"];
    equal("broken", broken.as_array().map(Vec::len), Some(1))
        .map_err(|error| format!("{error}: {broken:#}"))?;
    equal("test", broken[0]["test"].as_str(), Some("test_it.py::test_locks"))?;
    equal("broken by", strings(&broken[0]["broken_by"]), vec!["lock"])?;
    noted(
        hunted,
        "test_it.py::test_locks is broken only because lock existed before the hunt: without it, it passes",
    )
}

fn breaks() -> Result<(), String> {
    let touches = "\ndef test_touches():\n    if (HERE / 'lock').exists():\n        (HERE / 'lock').write_text('mine')\n";
    let place = Place::new(&[touches, NEEDS_ROOM, LOG], &[("suite/lock", ""), ("suite/a.log", "")])?;
    let hunted = place.hunt(&[])?;
    broken_by_the_lock(&hunted)?;
    equal("findings", hunted.of_kind("finding").len(), 0)?;
    // The contrast: a test that is broken whatever lies there.
    let place = Place::new(&[LOG, "\ndef test_fails():\n    assert False\n"], &[("suite/a.log", "")])?;
    let broken = place.hunt(&[])?.summary()?["broken"].clone();
    equal("test", broken[0]["test"].as_str(), Some("test_it.py::test_fails"))?;
    equal("broken by", broken[0].get("broken_by"), None)
}

fn breaks_a_victim() -> Result<(), String> {
    let place = Place::new(
        &[NEEDS_ROOM, "\ndef test_leaves():\n    (HERE / 'lock').write_text('')\n"],
        &[("suite/lock", "")],
    )?;
    let hunted = place.hunt(&[])?;
    broken_by_the_lock(&hunted)?;
    let finding = hunted.finding("test_it.py::test_locks")?;
    equal("kind", finding["finding"].as_str(), Some("victim"))?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_it.py::test_leaves"])?;
    equal("hidden by", strings(&finding["hidden_by"]), vec!["lock"])
}

fn two_files() -> Result<(), String> {
    let place = Place::new(&[LOG, REPORT], &[OLD_REPORT, ("suite/a.log", "")])?;
    let hunted = place.hunt(&[])?;
    reader_is_brittle(&hunted, &["report.json"])?;
    noted(
        &hunted,
        "orders also ran without a.log and report.json, which existed before the hunt and which tests write",
    )
}

fn both_files() -> Result<(), String> {
    let tests = "\ndef test_writes():\n    for name in ('first', 'second'):\n        (HERE / name).write_text('3')\n\n\n\
                 def test_reads():\n    assert (HERE / 'first').exists() or (HERE / 'second').exists()\n";
    let place =
        Place::new(&[LOG, tests], &[("suite/first", "3"), ("suite/second", "3"), ("suite/a.log", "")])?;
    reader_is_brittle(&place.hunt(&[])?, &["first", "second"])
}

fn masked() -> Result<(), String> {
    let place = Place::new(&[RATES], &[("suite/report.json", "3"), ("suite/rates.json", "[1, 2]")])?;
    let hunted = place.hunt(&[])?;
    reader_is_brittle(&hunted, &["report.json"])?;
    let broken = &hunted.summary()?["broken"];
    equal("a test that lacks its own input is not called broken", broken.to_string(), "[]".to_owned())
}

fn needed_to_collect() -> Result<(), String> {
    let place = Place::new(&[SETTINGS, REPORT], &[OLD_REPORT, ("suite/settings.json", "[]")])?;
    let hunted = place.hunt(&[])?;
    reader_is_brittle(&hunted, &["report.json"])?;
    noted(&hunted, RAN_WITHOUT)?;
    noted(
        &hunted,
        "settings.json existed before the hunt, and tests write it; no search without it: pytest then collects other \
         tests",
    )
}

fn at_home() -> Result<(), String> {
    let tests = REPORT.replace("HERE /", "pathlib.Path.home() /");
    let place = Place::new(&[&tests], &[("home/report.json", "{\"total\": 3}")])?;
    let path = place.path("home").canonicalize().map_err(said)?.join("report.json");
    reader_is_brittle(&place.hunt(&[])?, &[&path.to_string_lossy()])
}

fn told_and_resumed() -> Result<(), String> {
    let place = Place::new(&[REPORT], &[OLD_REPORT])?;
    let output = place.output(&["--emit", "../emitted"])?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    for wanted in [
        "    shows       only without report.json, which existed before the hunt and\n                hides it\n",
        "test_it.py::test_reads: not reproduced: it shows only without report.json",
    ] {
        equal("said", text.contains(wanted), true).map_err(|error| format!("{error}: {wanted}\n{text}"))?;
    }
    let hunted = place.hunt(&["--resume"])?;
    reader_is_brittle(&hunted, &["report.json"])?;
    noted(&hunted, RAN_WITHOUT)
}

fn changed_meanwhile() -> Result<(), String> {
    let place = Place::new(&[REPORT], &[OLD_REPORT])?;
    let mut command = place.command(&["--format", "json"])?;
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(said)?;
    let mut lines =
        BufReader::new(child.stderr.take().ok_or("stderr is piped")?).lines().map_while(Result::ok);
    equal("it got so far", lines.any(|line| line.contains(RAN_WITHOUT)), true)?;
    fs::write(place.path("suite/notes.txt"), "mine").map_err(said)?;
    let rest = std::thread::spawn(move || lines.for_each(drop));
    let output = child.wait_with_output().map_err(said)?;
    rest.join().map_err(|_| "the progress could not be read")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let hunted = Hunted { lines, status: output.status.code().unwrap_or(-1) };
    noted(&hunted, "notes.txt was added while the hunt ran")?;
    reader_is_brittle(&hunted, &["report.json"])?;
    equal("holds", hunted.finding("test_it.py::test_reads")?["holds_after_changes"].as_bool(), Some(true))
}

fn no_time() -> Result<(), String> {
    let sleeps = "\ndef test_sleeps():\n    import time\n    time.sleep(600)\n";
    let place = Place::new(&[REPORT, sleeps], &[OLD_REPORT])?;
    let some_ran = |summary: &Value| summary["neighbours"]["covered"].as_u64() >= Some(1);
    let hunted = cut_short(6, |budget| place.hunt(&["--budget", budget]), some_ran)?;
    noted(
        &hunted,
        "report.json existed before the hunt, and tests write it; no search without it: the budget is used up",
    )
}

fn in_place() -> Result<(), String> {
    let made = "\n(HERE / 'made').write_text('')\n\n\ndef test_writes_what_is_made():\n    (HERE / 'made').write_text('x')\n";
    let place = Place::new(&[made, REPORT], &[("suite/report.json", "{\"total\":    3}")])?;
    let hunted = place.hunt(&["--isolation", "in-place"])?;
    equal("findings", hunted.of_kind("finding").len(), 0)?;
    noted(
        &hunted,
        "report.json existed before the hunt, and tests write it: in place, taster cannot see what depends on its \
         absence (--isolation private shows it)",
    )
}
