//! A user works on the suite while a hunt runs: the changes stay and are reported, and the findings are checked again.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::hunting::{Hunted, equal, strings};
use crate::pytest;

const SUITE: &str = "import time\n\nimport settings\n\n\ndef test_pollutes():\n    settings.mode.append(1)\n\n\n\
                     def test_takes_its_time():\n    time.sleep(0.2)\n\n\ndef test_victim():\n    assert not settings.mode\n";

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |name: &str, run: fn() -> Result<(), String>| {
        Trial::test(format!("changed::{name}"), move || run().map_err(Failed::from))
    };
    vec![
        trial("a_finding_that_still_shows_says_so", || {
            let hunted = hunted_while(|folder| fs::write(folder.join("notes.txt"), "mine"))?;
            told(&hunted, "notes.txt", "new", "notes.txt was added while the hunt ran")?;
            holds(&hunted, true)
        }),
        trial("a_finding_that_does_not_show_any_more_is_marked", || {
            let hunted = hunted_while(|folder| {
                fs::write(
                    folder.join("settings.py"),
                    "class Never(list):\n    def append(self, item):\n        pass\n\n\nmode = Never()\n",
                )
            })?;
            told(&hunted, "settings.py", "changed", "settings.py was changed while the hunt ran")?;
            holds(&hunted, false)
        }),
        trial("a_suite_that_cannot_be_collected_any_more_shows_nothing", || {
            let hunted = hunted_while(|folder| fs::remove_file(folder.join("settings.py")))?;
            told(&hunted, "settings.py", "removed", "settings.py was removed while the hunt ran")?;
            holds(&hunted, false)
        }),
        trial("a_file_that_somebody_edited_gets_no_patch_applied", edited_file_stays),
        trial("nobody_did_anything", || {
            let hunted = hunted_while(|_| Ok(()))?;
            equal("changes", hunted.summary()?["changed_meanwhile"].to_string(), "[]".to_owned())?;
            equal(
                "not tried again",
                hunted.finding("test_a.py::test_victim")?.get("holds_after_changes"),
                None,
            )
        }),
    ]
}

/// `--apply` leaves the file as the user left it, and says so.
fn edited_file_stays() -> Result<(), String> {
    let edited = format!("{SUITE}\n\n# mine\n");
    let fixes = tempfile::tempdir().map_err(|error| error.to_string())?;
    let place = fixes.path().to_string_lossy().into_owned();
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let edit = |folder: &Path| fs::write(folder.join("test_a.py"), &edited);
    let hunted = hunted_in(folder.path(), &["--fix", &place, "--apply"], edit)?;
    let finding = hunted.finding("test_a.py::test_victim")?;
    let patch = finding["patch"]["file"].as_str().ok_or_else(|| format!("no patch: {finding:#}"))?;
    let note = format!("{patch} was not applied: test_a.py was changed since the hunt began");
    let notes = strings(&hunted.summary()?["notes"]);
    equal("note", notes.contains(&note.as_str()), true).map_err(|error| format!("{error}: {notes:#?}"))?;
    let text = fs::read_to_string(folder.path().join("test_a.py")).map_err(|error| error.to_string())?;
    equal("the file", text, edited)
}

fn hunted_while(work: impl Fn(&Path) -> std::io::Result<()>) -> Result<Hunted, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    hunted_in(folder.path(), &[], work)
}

/// Hunts in a folder; `work` is done while the suspicion is looked into.
fn hunted_in(
    folder: &Path,
    options: &[&str],
    work: impl Fn(&Path) -> std::io::Result<()>,
) -> Result<Hunted, String> {
    let text = |error: std::io::Error| error.to_string();
    fs::write(folder.join("test_a.py"), SUITE).map_err(text)?;
    fs::write(folder.join("settings.py"), "mode = []\n").map_err(text)?;
    let mut child = Command::new(env!("CARGO_BIN_EXE_taster"))
        .args([
            "hunt",
            "-v",
            "--format",
            "json",
            "--timestamps",
            "real",
            "--orders",
            "given",
            "--isolation",
            "private",
        ])
        .args(options)
        .args(["--journal", "journal", "--python"])
        .arg(pytest()?)
        .current_dir(folder)
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(text)?;
    let mut progress =
        BufReader::new(child.stderr.take().ok_or("stderr is piped")?).lines().map_while(Result::ok);
    let mut said = Vec::new();
    let bisecting =
        progress.by_ref().inspect(|line| said.push(line.clone())).any(|line| line.contains("looking into"));
    equal("it got as far as bisecting", bisecting, true)
        .map_err(|error| format!("{error}:\n{}", said.join("\n")))?;
    work(folder).map_err(text)?;
    let rest = std::thread::spawn(move || progress.for_each(drop));
    let output = child.wait_with_output().map_err(text)?;
    rest.join().map_err(|_| "the progress could not be read")?;
    let lines = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<Value> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    Ok(Hunted { lines, status: output.status.code().unwrap_or(-1) })
}

fn told(hunted: &Hunted, path: &str, what: &str, note: &str) -> Result<(), String> {
    let changes = &hunted.summary()?["changed_meanwhile"];
    equal("changes", changes.as_array().map(Vec::len), Some(1))
        .map_err(|error| format!("{error}: {changes}"))?;
    equal("path", changes[0]["path"].as_str(), Some(path))?;
    equal("what", changes[0]["what"].as_str(), Some(what))?;
    equal("note", strings(&hunted.summary()?["notes"]).contains(&note), true)
}

fn holds(hunted: &Hunted, wanted: bool) -> Result<(), String> {
    let finding = hunted.finding("test_a.py::test_victim")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_a.py::test_pollutes"])?;
    equal("exit status", hunted.status, 1)?;
    equal("holds", finding["holds_after_changes"].as_bool(), Some(wanted))
}
