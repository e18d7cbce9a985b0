//! Runs in the user's own files: whatever tests do to them is restored, and files of others stay as they are.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use libtest_mimic::{Failed, Trial};

use crate::entries::{Entries, below, differences};
use crate::hunting::{Hunted, equal, read};
use crate::place::{Place, said, wait_until};
use crate::{environments, pytest};

const QUICK: &[&str] = &["--orders", "given,state,reverse"];

/// Suites whose tests must leave no trace in their directory and none outside: name, tests, options.
#[rustfmt::skip]
const TRACELESS: &[(&str, &str, &[&str])] = &[
    ("a_link_to_a_file_outside", r#"
def test_x():
    if os.path.exists("data"):
        os.unlink("data")
    os.symlink("../outside/precious", "data")


def test_y():
    pass
"#, QUICK),
    ("a_directory_replaced_by_a_link", r#"
def test_x():
    shutil.rmtree("folder")
    os.symlink("../outside", "folder")


def test_y():
    assert os.path.isfile("folder/sub/deep")
"#, QUICK),
    ("a_file_replaced_by_a_directory_and_back", r#"
def test_x():
    os.remove("data")
    os.mkdir("data")
    open("data/inner", "w").close()


def test_y():
    shutil.rmtree("folder")
    open("folder", "w").close()
"#, QUICK),
    ("a_directory_with_another_name", r#"
def test_x():
    open("folder/inner", "w").write("first")
    os.rename("folder", "other")
    open("other/inner", "a").write("then")
    open("other/new", "w").close()


def test_y():
    os.rename("folder", os.environ["TMPDIR"] + "/folder")


def test_z():
    assert os.path.exists("folder/inner")
"#, QUICK),
    ("a_hard_link_is_one_again", r#"
def test_x():
    open("first", "w").write("through one name")


def test_y():
    os.link("data", "third")
    open("third", "a").write("through another name")


def test_z():
    assert open("second").read() == "linked" and open("data").read() == "fine"
"#, QUICK),
    ("modes_and_times", r#"
def test_x():
    os.chmod("data", 0o000)
    os.chmod("folder", 0o500)
    os.utime("link", (1, 1), follow_symlinks=False)
    os.utime("first", (1, 1))
"#, QUICK),
    ("a_file_renamed_over_another", r#"
def test_x():
    open("new", "w").write("new")
    os.replace("new", "data")
    os.rename("first", "moved")
"#, QUICK),
    ("one_name_of_a_file_removed", r#"
def test_x():
    os.remove("second")
"#, QUICK),
    ("databases_descriptors_and_forks", r#"
import sqlite3


def test_x():
    base = sqlite3.connect("base.db")
    base.execute("create table if not exists t (x)")
    base.commit()
    base.close()


def test_y():
    here = os.open("folder", os.O_RDONLY)
    os.mkdir("made", dir_fd=here)
    os.unlink("inner", dir_fd=here)
    os.close(here)


def test_z():
    child = os.fork()
    if child == 0:
        open("data", "a").write("child")
        os._exit(0)
    os.waitpid(child, 0)
"#, QUICK),
    ("a_test_that_is_killed_or_hangs", r#"
def test_x():
    open("data", "w").write("x")
    shutil.rmtree("folder")
    os.kill(os.getpid(), 9)


def test_y():
    open("data", "w").write("y")
    time.sleep(600)


def test_z():
    assert open("data").read() == "fine" and os.path.exists("folder/sub/deep")
"#, &["--orders", "given", "--test-timeout", "1s"]),
    ("a_process_per_order", r#"
open("made_while_collected", "a").write("x")


def test_x():
    open("data", "a").write("x")


def test_y():
    assert open("data").read() == "fine"
"#, &["--orders", "given", "--fresh"]),
    ("several_jobs", r#"
def test_w():
    open("data", "a").write("w")


def test_x():
    time.sleep(0.05)


def test_y():
    assert open("data").read() == "fine"


def test_z():
    open("new", "w").close()
"#, &["--orders", "given,reverse,pairs", "--jobs", "3"]),
];

type Test = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Test); 6] = [
        ("what_the_user_writes_meanwhile_stays", edited_meanwhile),
        ("what_the_user_made_of_the_runs_files_stays", edited_after),
        ("a_neighbour_and_the_home_directory_are_not_touched", neighbour),
        ("all_is_put_back_when_taster_is_killed", killed),
        ("an_old_python_is_said_to_tell_nothing", old_python),
        ("a_test_that_writes_makes_a_victim_and_is_not_called_broken", victim),
    ];
    let traceless = TRACELESS.iter().map(|(name, tests, options)| {
        Trial::test(format!("in_place::{name}"), move || traceless(tests, options).map_err(Failed::from))
    });
    let others = all
        .into_iter()
        .map(|(name, run)| Trial::test(format!("in_place::{name}"), move || run().map_err(Failed::from)));
    traceless.chain(others).collect()
}

/// A suite with files of several kinds and something precious beside it.
fn place(tests: &str) -> Result<Place, String> {
    let place = Place::new().map_err(said)?;
    let tests = format!("import os\nimport shutil\nimport time\n\n{tests}");
    let files = [
        ("suite/test_it.py", tests.as_str()),
        ("suite/data", "fine"),
        ("suite/first", "linked"),
        ("suite/folder/inner", "1"),
        ("suite/folder/sub/deep", "2"),
        ("outside/precious", "precious"),
    ];
    place.fill(&files).map_err(said)?;
    fs::hard_link(place.path("suite/first"), place.path("suite/second")).map_err(said)?;
    std::os::unix::fs::symlink("data", place.path("suite/link")).map_err(said)?;
    Ok(place)
}

fn start(place: &Place, python: &Path, options: &[&str]) -> Result<Child, String> {
    let mut command = place.taster(python, &[&["--isolation", "in-place"], options].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(said)
}

fn hunt(place: &Place, options: &[&str]) -> Result<Hunted, String> {
    ended(start(place, &pytest()?, options)?)
}

fn ended(child: Child) -> Result<Hunted, String> {
    read(&child.wait_with_output().map_err(said)?)
}

/// All that lies here but taster's own journal; the time of the temporary directory is not that of a file.
fn entries(place: &Place) -> Result<Entries, String> {
    let folders = ["suite", "outside", "home", "tmp"].map(|name| below(&place.path(name)));
    let folders = folders.into_iter().collect::<Result<Vec<_>, _>>().map_err(said)?;
    let mut found: Entries = folders.into_iter().flatten().collect();
    found.remove(&place.path("tmp"));
    Ok(found)
}

/// An error that names what is not as it was before.
fn unchanged(place: &Place, before: &Entries) -> Result<(), String> {
    equal("what differs", differences(before, &entries(place)?), Vec::new())
}

fn traceless(tests: &str, options: &[&str]) -> Result<(), String> {
    let place = place(tests)?;
    let before = entries(&place)?;
    let hunted = hunt(&place, options)?;
    equal("isolation", hunted.of_kind("suite")[0]["isolation"].as_str(), Some("in-place"))?;
    let notes = hunted.summary()?["notes"].to_string();
    equal("it says what was put back", notes.contains("put back"), true)
        .map_err(|error| format!("{error}: {notes}"))?;
    unchanged(&place, &before)
}

fn edited_meanwhile() -> Result<(), String> {
    let place = place(
        "def test_x():\n    open('began', 'w').close()\n    time.sleep(0.4)\n\n\ndef test_y():\n    open('data', 'w').close()\n",
    )?;
    let child = start(&place, &pytest()?, QUICK)?;
    wait_until("a run has begun", || place.path("suite/began").exists())?;
    let user =
        [("suite/first", "by the user"), ("suite/by_user.py", "new"), ("outside/precious", "by the user")];
    for (name, text) in user {
        fs::write(place.path(name), text).map_err(said)?;
    }
    ended(child)?;
    for (name, text) in user.into_iter().chain([("suite/data", "fine")]) {
        equal(name, fs::read_to_string(place.path(name)).map_err(said)?.as_str(), text)?;
    }
    equal("the run's own file", place.path("suite/began").exists(), false)
}

fn edited_after() -> Result<(), String> {
    let place = place(
        "def test_x():\n    os.makedirs('made', exist_ok=True)\n    open('made/runs', 'w').close()\n    open('data', 'w').write('run')\n\n\n\
         def test_y():\n    open('second_test', 'w').close()\n    time.sleep(2)\n",
    )?;
    let child = start(&place, &pytest()?, &["--orders", "given"])?;
    wait_until("the first test is over", || place.path("suite/second_test").exists())?;
    fs::write(place.path("suite/made/mine"), "user").map_err(said)?;
    fs::write(place.path("suite/data"), "by the user").map_err(said)?;
    let hunted = ended(child)?;
    equal("data", fs::read_to_string(place.path("suite/data")).map_err(said)?.as_str(), "by the user")?;
    equal("mine", fs::read_to_string(place.path("suite/made/mine")).map_err(said)?.as_str(), "user")?;
    equal("the run's", place.path("suite/made/runs").exists(), false)?;
    let notes = hunted.summary()?["notes"].to_string();
    equal("said", notes.contains("not put back (somebody else has changed it since): data"), true)
        .map_err(|error| format!("{error}: {notes}"))
}

fn neighbour() -> Result<(), String> {
    let place = place("def test_none():\n    pass\n")?;
    for name in ["suite/project", "suite/neighbour"] {
        fs::create_dir(place.path(name)).map_err(said)?;
        fs::write(place.path(name).join("data"), "fine").map_err(said)?;
    }
    let tests = "import os\n\n\ndef test_x():\n    for name in ('neighbour/data', 'project/data', os.path.expanduser('~/left')):\n        \
                 open(name, 'w').write('run')\n";
    fs::write(place.path("suite/project/test_x.py"), tests).map_err(said)?;
    let hunted = hunt(&place, &["--orders", "given", "--", "project"])?;
    for (name, text) in
        [("suite/neighbour/data", "run"), ("suite/project/data", "fine"), ("home/left", "run")]
    {
        equal(name, fs::read_to_string(place.path(name)).map_err(said)?.as_str(), text)?;
    }
    let notes = hunted.summary()?["notes"].to_string();
    equal("said", notes.contains("outside of the suite's own directory"), true)
}

fn killed() -> Result<(), String> {
    let place = place(
        "open('made_while_collected', 'w').close()\n\n\ndef test_x():\n    open('data', 'w').write('run')\n    shutil.rmtree('folder')\n    \
         open('began', 'w').close()\n    time.sleep(600)\n",
    )?;
    let before = entries(&place)?;
    let mut child = start(&place, &pytest()?, &["--orders", "given"])?;
    wait_until("a run has begun", || place.path("suite/began").exists())?;
    child.kill().map_err(said)?;
    child.wait().map_err(said)?;
    wait_until("taster's directories are gone", || {
        fs::read_dir(place.path("tmp")).is_ok_and(|mut entries| entries.next().is_none())
    })?;
    unchanged(&place, &before)
}

fn old_python() -> Result<(), String> {
    let python = environments::environment("pytest-5.4-3.6", "3.6", &["pytest==5.4.3"])?;
    let place = place("def test_x():\n    open('new', 'w').close()\n")?;
    let hunted = ended(start(&place, &python, &["--orders", "given"])?)?;
    let notes = hunted.summary()?["notes"].to_string();
    equal("said", notes.contains("nothing is put back in place"), true)?;
    equal("left", place.path("suite/new").exists(), true)
}

fn victim() -> Result<(), String> {
    let place = place(
        "def test_pollutes():\n    open('left', 'w').close()\n\n\ndef test_victim():\n    assert not os.path.exists('left')\n",
    )?;
    let hunted = hunt(&place, QUICK)?;
    let finding = hunted.finding("test_it.py::test_victim")?;
    equal("cause", finding["state"][0]["cell"].as_str(), Some("file left"))
}
