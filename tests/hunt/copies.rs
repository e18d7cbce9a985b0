//! Where there is no private view, commands and changes are tried in copies of the checkout: however a hunt ends while one
//! is in use, no copy and no process is left.

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
    ]
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
    wait_until("taster's directories are gone", || {
        std::fs::read_dir(place.path("tmp")).is_ok_and(|mut entries| entries.next().is_none())
    })
}
