//! Where there is no private view, commands and changes are tried in copies of the checkout: however a hunt ends while one
//! is in use, no copy and no process is left. Nor is anything left where taster is killed with all that it has started.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use libtest_mimic::{Failed, Trial};
use rustix::process::{Pid, Signal, kill_process};

use crate::hunting::equal;
use crate::place::{Place, said, wait_until};
use crate::pytest;

/// In a copy, it says so and never ends.
const SUITE: &str = "import os\nimport time\n\nimport state\n\n\ndef test_sets():\n    state.names.append(1)\n\n\n\
                     def test_reads():\n    if os.getcwd() != HERE:\n        open(BEGAN, 'w').close()\n        time.sleep(600)\n    \
                     assert not state.names\n";

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |name: &str, options: &'static [&'static str], signal| {
        Trial::test(format!("copies::{name}"), move || nothing_is_left(options, signal).map_err(Failed::from))
    };
    vec![
        trial("of_a_hunt_that_is_killed_while_it_tries_a_command", &[], Signal::KILL),
        trial("of_a_hunt_that_is_ended_while_it_tries_a_command", &[], Signal::TERM),
        trial("of_a_hunt_that_is_killed_while_it_tries_a_change", &["--no-commands"], Signal::KILL),
        trial("of_a_hunt_that_is_ended_while_it_tries_a_change", &["--no-commands"], Signal::TERM),
        Trial::test("copies::of_a_hunt_that_is_killed_with_its_keeper", || {
            killed_with_its_keeper().map_err(Failed::from)
        }),
        Trial::test("copies::of_a_hunt_whose_guard_is_killed", || without_its_guard().map_err(Failed::from)),
    ]
}

/// In place of a Python that collects, this kills its keeper and taster, as a machine does that has no memory left.
const KILLS: &str = "#!/bin/sh
case \"$*\" in
*plugin.py*) kill -9 \"$(cut -d ' ' -f 4 /proc/$PPID/stat)\" $PPID ;;
*) exec REAL \"$@\" ;;
esac
";

/// The Python that collects ends all other children of taster, which has just the guard then.
const KILLS_THE_GUARD: &str = "#!/bin/sh
case \"$*\" in
*plugin.py*)
    taster=$(cut -d ' ' -f 4 /proc/$PPID/stat)
    for child in $(cat /proc/$taster/task/*/children); do
        [ $child = $PPID ] || { kill -9 $child; touch \"$0.killed\"; }
    done ;;
esac
exec REAL \"$@\"
";

fn without_its_guard() -> Result<(), String> {
    let place = Place::new().map_err(said)?;
    place.fill(&[("suite/test_a.py", "def test_a():\n    pass\n")]).map_err(said)?;
    let kills = killing(&place.path("home"), KILLS_THE_GUARD, &pytest()?).map_err(said)?;
    let mut command = place.taster(&kills, &["--isolation", "in-place", "--orders", "given"]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().map_err(said)?;
    equal("the exit status", status.code(), Some(0))?;
    equal("the guard was killed", place.path("home/python.killed").exists(), true)?;
    no_directory_is_left(&place)
}

fn killed_with_its_keeper() -> Result<(), String> {
    let place = Place::new().map_err(said)?;
    place.fill(&[("suite/test_a.py", "def test_a():\n    pass\n")]).map_err(said)?;
    let kills = killing(&place.path("home"), KILLS, &pytest()?).map_err(said)?;
    let mut command = place.taster(&kills, &["--isolation", "in-place"]);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().map_err(said)?;
    equal("the exit status of what was killed", status.code(), None)?;
    no_directory_is_left(&place)
}

fn killing(folder: &Path, script: &str, python: &Path) -> std::io::Result<PathBuf> {
    let path = folder.join("python");
    fs::write(&path, script.replace("REAL", &format!("'{}'", python.display())))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

fn nothing_is_left(options: &[&str], signal: Signal) -> Result<(), String> {
    let place = Place::new().map_err(said)?;
    let [here, began, fixes] = ["suite", "home/began", "home/fixes"].map(|name| place.path(name));
    let suite = SUITE.replace("HERE", &format!("{:?}", here.canonicalize().map_err(said)?));
    let suite = suite.replace("BEGAN", &format!("{began:?}"));
    place
        .fill(&[
            ("suite/state.py", "names = []\n"),
            ("suite/setup.cfg", "[metadata]\n"),
            ("suite/test_a.py", &suite),
        ])
        .map_err(said)?;
    let mut child = place
        .taster(&pytest()?, &[&["--orders", "given,reverse", "--isolation", "in-place"], options].concat())
        .args(["--fix".as_ref(), fixes.as_os_str()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(said)?;
    let began = wait_until("a test runs in a copy", || began.exists());
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or("a process has a number")?;
    kill_process(pid, signal).map_err(said)?;
    child.wait().map_err(said)?;
    began?;
    equal("processes that are left", place.left_running(), Vec::new())?;
    no_directory_is_left(&place)
}

fn no_directory_is_left(place: &Place) -> Result<(), String> {
    wait_until("taster's directories are gone", || {
        fs::read_dir(place.path("tmp")).is_ok_and(|mut entries| entries.next().is_none())
    })
}
