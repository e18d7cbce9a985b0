//! Other features of a hunt: frozen timestamps, chosen orders and victims, resuming, refusing.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::environments::environment;
use crate::faults::suite;
use crate::hunting::{Hunted, equal, hunt, strings};
use crate::{ENDS, PYTHON, copy, missing, pytest};

type Session = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Session); 22] = [
        ("an_emitted_pytest_command_shows_pollution_at_collection", emitted_collection),
        ("causes_of_the_import_system_are_emitted_as_scenarios", emitted_causes),
        ("an_emitted_scenario_has_no_names_made_up_by_tempfile", emitted_names),
        ("an_emitted_scenario_shows_the_cause_under_taster_run", emitted_scenario),
        ("an_emitted_pytest_command_shows_the_finding", emitted_command),
        ("a_missing_invalidation_shows_under_frozen_timestamps", frozen),
        ("a_victim_and_an_order_that_somebody_has", victim_and_order),
        ("threads_alive_make_it_start_a_process_per_order", threads),
        ("threads_of_numpys_library_can_be_left_out", library_threads),
        ("threads_that_end_before_each_fork_are_none_that_it_loses", threads_that_end),
        ("sources_that_nobody_sees_are_not_read", sources_unread),
        ("a_resumed_hunt_takes_runs_from_the_journal", resume),
        ("jobs_find_what_one_run_at_a_time_finds", jobs),
        ("jobs_give_way_where_runs_change_the_suites_files", jobs_give_way),
        ("jobs_give_way_where_runs_want_the_same_socket", jobs_want_one_socket),
        ("ctrl_c_prints_the_best_answer_so_far_and_keeps_the_runs", ctrl_c),
        ("a_suite_that_is_shuffled_in_each_process_is_put_in_one_order", shuffled),
        ("tests_that_have_another_name_in_each_process_are_told_by_the_first_one", named_anew),
        ("a_test_that_fails_by_chance_is_not_bisected", by_chance),
        ("what_cannot_run_is_told_with_its_error_and_the_hunt_ends", nothing_runs),
        ("what_cannot_be_written_is_status_2_and_a_closed_pipe_is_quiet", unwritable),
        ("what_cannot_be_hunted_is_refused", refused),
    ];
    let of_old_pytest = ["sources_that_nobody_sees_are_not_read"];
    all.into_iter()
        .map(|(name, run)| {
            let trial = Trial::test(format!("session::{name}"), move || run().map_err(Failed::from));
            trial.with_ignored_flag(of_old_pytest.contains(&name) && missing(ENDS[0].0))
        })
        .collect()
}

fn frozen() -> Result<(), String> {
    let folder = copy("coarse_times")?;
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given,reverse"])?;
    let finding = hunted.finding("test_coarse.py::test_second")?;
    equal("timestamps", finding["timestamps"].as_str(), Some("frozen"))?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_coarse.py::test_first"])?;
    equal("cause", finding["cause"].as_str(), Some("stale-directory-listing"))?;
    equal("remedy", finding["remedies"][0]["remedy"].as_str(), Some("call importlib.invalidate_caches()"))?;
    equal("verified", finding["remedies"][0]["verified"].as_bool(), Some(true))
}

/// No view separates sockets: a test that fails only while another run listens does not fail by chance.
fn jobs_want_one_socket() -> Result<(), String> {
    let test = "import os\nimport socket\nimport time\n\nimport pytest\n\nNAME = '\\0taster-#'\n\n\n\
                @pytest.mark.parametrize('number', range(6))\ndef test_listens(number):\n    \
                with socket.socket(socket.AF_UNIX) as listening:\n        listening.bind(NAME)\n        time.sleep(0.2)\n";
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let test = test.replace('#', &std::process::id().to_string());
    fs::write(folder.path().join("test_a.py"), test).map_err(|error| error.to_string())?;
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given,reverse,random", "--jobs", "2"])?;
    equal("findings", hunted.of_kind("finding").len(), 0)?;
    equal("seen failing", hunted.summary()?["seen_failing"].as_array().map(Vec::len), Some(0))?;
    let notes = hunted.summary()?["notes"].to_string();
    equal("it is said", notes.contains("from here on one run at a time"), true)
}

/// Runs a command that was printed, as a shell would in the suite's folder; its exit status.
fn status(folder: &Path, command: &str) -> Result<Option<i32>, String> {
    let taster = Path::new(env!("CARGO_BIN_EXE_taster")).parent().unwrap_or(folder).display().to_string();
    let path = format!("{taster}:{}", std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    let output = shell.args(["-c", command]).current_dir(folder).env("PATH", path).output();
    output.map(|output| output.status.code()).map_err(|error| error.to_string())
}

fn emitted_scenario() -> Result<(), String> {
    let folder = copy("coarse_times")?;
    let options = ["--orders", "given", "--timestamps", "frozen", "--emit", "found"];
    let hunted = hunt(folder.path(), &pytest()?, &options)?;
    let reproduction = &hunted.finding("test_coarse.py::test_second")?["reproduction"];
    let files = strings(&reproduction["files"]);
    let scenario = files.first().ok_or_else(|| format!("nothing was emitted: {:#?}", hunted.lines))?;
    let text = fs::read_to_string(folder.path().join(scenario)).map_err(|error| error.to_string())?;
    equal("declared", text.contains("cause = \"stale-directory-listing\""), true)?;
    equal("no test is broken by shrinking", text.contains("[[broken]]"), false)?;
    let command = reproduction["command"].as_str().unwrap_or_default();
    equal("exit status", status(folder.path(), command)?, Some(0))
}

/// The scenario that was emitted for a finding, which `taster run` must take as it is.
fn emitted(folder: &Path, finding: &Value) -> Result<String, String> {
    let reproduction = &finding["reproduction"];
    let command = reproduction["command"].as_str().unwrap_or_default();
    let scenario = strings(&reproduction["files"])
        .into_iter()
        .find(|file| Path::new(file).extension().is_some_and(|end| end == "toml"))
        .ok_or_else(|| format!("no scenario was emitted: {finding:#}"))?;
    let text = fs::read_to_string(folder.join(scenario)).map_err(|error| error.to_string())?;
    equal("exit status", status(folder, command)?, Some(0)).map_err(|error| format!("{error}:\n{text}"))?;
    Ok(text)
}

fn emitted_causes() -> Result<(), String> {
    let cases = [
        ("circular", "test_circular.py::test_from_the_end", "circular-import", "[[brittle]]"),
        ("missing_submodule", "test_parts.py::test_careless", "missing-submodule", "[[brittle]]"),
        (
            "side_effect",
            "test_registry.py::test_nothing_is_registered",
            "import-side-effect",
            "[[poisoning]]",
        ),
        ("half_imported", "test_half.py::test_proper", "half-imported-package", "[[poisoning]]"),
        ("same_name", "test_same_name.py::test_second", "retained-module", "[[poisoning]]"),
    ];
    for (suite, victim, cause, kind) in cases {
        let folder = copy(suite)?;
        let options = ["--orders", "given,reverse", "--timestamps", "real", "--emit", "found"];
        let hunted = hunt(folder.path(), &pytest()?, &[&options[..], &["--victim", victim]].concat())?;
        let text = emitted(folder.path(), hunted.finding(victim)?)?;
        let declared = text.contains(kind) && text.contains(&format!("cause = \"{cause}\""));
        equal("declared", declared, true).map_err(|error| format!("{suite}: {error}:\n{text}"))?;
        equal("no test is broken", text.contains("[[broken]]"), false)?;
    }
    Ok(())
}

fn emitted_names() -> Result<(), String> {
    let folder = copy("coarse_times")?;
    let path = folder.path().join("test_coarse.py");
    let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
    let made_up = "import importlib\n\nNAME = os.path.basename(tempfile.mktemp())\n\n\ndef test_second(module):\n    \
                   module(NAME)\n    assert importlib.import_module(NAME).a == 0\n";
    let first = text.split("def test_second").next().unwrap_or_default();
    fs::write(&path, format!("{first}{made_up}")).map_err(|error| error.to_string())?;
    let options = ["--orders", "given", "--timestamps", "frozen", "--emit", "found"];
    let hunted = hunt(folder.path(), &pytest()?, &options)?;
    let text = emitted(folder.path(), hunted.finding("test_coarse.py::test_second")?)?;
    equal("named", text.contains("{ import = \"temporary_1\""), true)
        .map_err(|error| format!("{error}:\n{text}"))
}

fn emitted_command() -> Result<(), String> {
    let folder = copy("odd_ids")?;
    let options = ["--orders", "given", "--timestamps", "real", "--emit", "found", "--", "-q", "."];
    let hunted = hunt(folder.path(), &pytest()?, &options)?;
    let reproduction = &hunted.finding("test_odd.py::test_odd[-k]")?["reproduction"];
    let command = reproduction["command"].as_str().unwrap_or_default();
    equal("of pytest", command.contains("-m pytest -q "), true)
        .map_err(|error| format!("{error}: {command}"))?;
    equal("exit status", status(folder.path(), command)?, Some(1))
}

fn emitted_collection() -> Result<(), String> {
    for (suite, victim, wanted) in
        [("collection", "test_b.py::test_mode", 1), ("collection_refused", "test_b.py", 2)]
    {
        let folder = copy(suite)?;
        let options = ["--orders", "given", "--timestamps", "real", "--emit", "found"];
        let hunted = hunt(folder.path(), &pytest()?, &options)?;
        let command = &hunted.finding(victim)?["reproduction"]["command"];
        let command = command.as_str().unwrap_or_default();
        equal("of pytest", command.contains("-m pytest test_a.py test_b.py"), true)
            .map_err(|error| format!("{error}: {command}"))?;
        equal("exit status", status(folder.path(), command)?, Some(wanted))?;
    }
    Ok(())
}

fn victim_and_order() -> Result<(), String> {
    let folder = copy("cleaner")?;
    let order =
        "test_cleaner.py::test_cleaner\ntest_cleaner.py::test_polluter\ntest_cleaner.py::test_victim\n";
    fs::write(folder.path().join("order"), order).map_err(|error| error.to_string())?;
    let victim = "test_cleaner.py::test_victim";
    let hunted = hunt(
        folder.path(),
        &pytest()?,
        &["--orders", "given", "--timestamps", "real", "--order", "order", "--victim", victim],
    )?;
    let finding = hunted.finding(victim)?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_cleaner.py::test_polluter"])
}

fn threads() -> Result<(), String> {
    let folder = copy("environment")?;
    let text = "import threading\nimport time\n\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n";
    fs::write(folder.path().join("conftest.py"), text).map_err(|error| error.to_string())?;
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given", "--timestamps", "real"])?;
    equal("forks", hunted.of_kind("suite")[0]["forks"].as_bool(), Some(false))?;
    let notes = hunted.summary()?["notes"].to_string();
    equal("said", notes.contains("2 threads are alive") && !notes.contains("numpy"), true)?;
    hunted.finding("test_environment.py::test_wants_no_variable").map(|_| ())
}

/// Threads of a library's own, as numpy's has them: the variable that leaves them out is named.
fn library_threads() -> Result<(), String> {
    let folder = copy("environment")?;
    let text = "import ctypes\n\nimport numpy\n\nlibc = ctypes.CDLL(None)\nthread = ctypes.c_ulong()\n\
                libc.pthread_create(ctypes.byref(thread), None, ctypes.cast(libc.pause, ctypes.c_void_p), None)\n";
    for (name, text) in [("conftest.py", text), ("numpy.py", "")] {
        fs::write(folder.path().join(name), text).map_err(|error| error.to_string())?;
    }
    let hunted = hunt(folder.path(), &pytest()?, &["--orders", "given", "--timestamps", "real"])?;
    let notes = hunted.summary()?["notes"].to_string();
    equal(&notes, notes.contains("2 threads are alive") && notes.contains("OPENBLAS_NUM_THREADS=1"), true)
}

/// Threads of OpenBLAS end before each fork: runs are forks, whether they compute or not.
fn threads_that_end() -> Result<(), String> {
    let python = environment("numpy-3.11", PYTHON, &["pytest", "numpy"])?;
    let state = "import numpy\n\n\ndef compute():\n    many = numpy.ones((300, 300))\n    assert (many @ many)[0, 0] == 300\n\n\ncompute()\nmade = []\n";
    let test = "import state\n\n\ndef test_makes():\n    state.compute()\n    state.made.append(1)\n\n\ndef test_computes():\n    state.compute()\n\n\n\
                def test_reads():\n    assert not state.made\n";
    let folder = suite(&[("state.py", state), ("test_a.py", test)])?;
    let hunted = hunt(folder.path(), &python, &["--orders", "state", "--timestamps", "real"])?;
    equal("forks", hunted.of_kind("suite")[0]["forks"].as_bool(), Some(true))?;
    equal("notes", hunted.summary()?["notes"].as_array().map(Vec::len), Some(0))?;
    equal("pairs left", hunted.summary()?["pairs"]["left"].as_u64(), Some(0))?;
    hunted.finding("test_a.py::test_reads").map(|_| ())
}

/// pytest 5 does not read the files of the frames of an error of which it shows none.
fn sources_unread() -> Result<(), String> {
    let (version, name, package) = ENDS[0];
    let python = environment(name, version, &[package])?;
    let folder = copy("environment")?;
    let conftest = "import os\n\nimport _pytest._code.source\n\n_pytest._code.source.getstatementrange_ast = lambda *words, **more: os._exit(9)\n";
    fs::write(folder.path().join("conftest.py"), conftest).map_err(|error| error.to_string())?;
    let quick = ["--orders", "given,reverse", "--timestamps", "real", "--no-commands"];
    let hunted = hunt(folder.path(), &python, &quick)?;
    let finding = hunted.finding("test_environment.py::test_wants_no_variable")?;
    let message = finding["message"].as_str().unwrap_or_default();
    equal(message, message.contains("assert"), true)
}

fn resume() -> Result<(), String> {
    let folder = copy("brittle")?;
    let journal = folder.path().join("journal");
    let journal = journal.to_string_lossy();
    let options = ["--orders", "given,reverse", "--timestamps", "real", "--journal", &journal];
    let first = hunt(folder.path(), &pytest()?, &options);
    let again = hunt(folder.path(), &pytest()?, &[&options[..], &["--resume"]].concat());
    let (first, again) = (first?, again?);
    let notes = again.summary()?["notes"].to_string();
    equal("said", notes.contains("were taken from the journal"), true)?;
    let victim = "test_brittle.py::test_brittle";
    equal("finding", &again.finding(victim)?["state_setters"], &first.finding(victim)?["state_setters"])
}

const FOUR_KINDS: [&str; 4] = ["--orders", "given,reverse,pairs,random", "--timestamps", "real"];

fn jobs() -> Result<(), String> {
    let folder = copy("chain_of_four")?;
    let all = |jobs| {
        let hunted = hunt(folder.path(), &pytest()?, &[&FOUR_KINDS[..], &["--jobs", jobs]].concat())?;
        let found = hunted.of_kind("finding").into_iter();
        let keys = ["victim", "polluters", "state", "confirmed"];
        let found: Vec<Vec<Value>> = found.map(|line| keys.map(|key| line[key].clone()).to_vec()).collect();
        equal("complete", hunted.summary()?["complete"].as_bool(), Some(true))?;
        equal("notes", hunted.summary()?["notes"].to_string(), "[]".to_owned())?;
        Ok::<_, String>(found)
    };
    let one = all("1")?;
    equal("findings", one.len(), 3)?;
    equal("with three at once", all("3")?, one)
}

fn jobs_give_way() -> Result<(), String> {
    let folder = copy("left_file")?;
    for (isolation, gives_way) in [("in-place", true), ("private", false)] {
        let options = ["--jobs", "2", "--isolation", isolation];
        let hunted = hunt(folder.path(), &pytest()?, &[&FOUR_KINDS[..], &options].concat())?;
        let finding = hunted.finding("test_file.py::test_wants_no_file")?;
        equal("polluters", strings(&finding["polluters"]), vec!["test_file.py::test_leaves_a_file"])?;
        equal("kind", finding["finding"].as_str(), Some("victim"))?;
        let notes = hunted.summary()?["notes"].to_string();
        equal(isolation, notes.contains("from here on one run at a time"), gives_way)?;
    }
    Ok(())
}

fn shuffled() -> Result<(), String> {
    let folder = copy("chain_of_four")?;
    let plugin = "import random\n\n\ndef pytest_collection_modifyitems(items):\n    random.shuffle(items)\n";
    fs::write(folder.path().join("conftest.py"), plugin).map_err(|error| error.to_string())?;
    // As collected here, so that all three are met.
    let order = folder.path().join("order");
    let tests = ["one", "two", "three", "four", "victim"].map(|name| format!("test_chain.py::test_{name}\n"));
    fs::write(&order, tests.concat()).map_err(|error| error.to_string())?;
    for how in [["--jobs", "1", "--fresh"], ["--jobs", "3", "--timestamps=real"]] {
        let options = ["--order", "order", "--orders", "given,reverse,pairs"];
        let hunted = hunt(folder.path(), &pytest()?, &[&options[..], &how].concat())?;
        equal("findings", hunted.of_kind("finding").len(), 3)?;
        let notes = hunted.summary()?["notes"].to_string();
        equal("said", notes.contains("in a different order each time"), true)?;
    }
    Ok(())
}

/// Several processes at once, a new one for each run, and those that try patches all collect other names.
fn named_anew() -> Result<(), String> {
    let tests = "import time\n\nimport pytest\n\nstate = {'mode': 'plain'}\n\n\n\
                 def test_sets():\n    state['mode'] = 'fast'\n\n\n\
                 @pytest.mark.parametrize('now', [time.time_ns(), time.time_ns() + 1, 'plain'])\ndef test_reads(now):\n    \
                 assert now != 'plain' or state['mode'] == now\n";
    for how in [["--jobs", "1", "--fresh"], ["--jobs", "2", "--orders=given,state"]] {
        let folder = suite(&[("test_a.py", tests)])?;
        let fixes = folder.path().join("fixes").display().to_string();
        let hunted = hunt(
            folder.path(),
            &pytest()?,
            &[&["--timestamps", "real", "--fix", &fixes], &how[..]].concat(),
        )?;
        let finding = hunted.finding("test_a.py::test_reads[plain]")?;
        equal("polluters", strings(&finding["polluters"]), vec!["test_a.py::test_sets"])?;
        equal("patch", finding["patch"]["file"].is_string(), true)
            .map_err(|error| format!("{error}: {finding}"))?;
        let notes = hunted.summary()?["notes"].to_string();
        equal(&notes, notes.contains("another name each time"), true)?;
        equal(
            &notes,
            notes.contains("one run at a time") || notes.contains("different order each time"),
            false,
        )?;
    }
    Ok(())
}

fn nothing_runs() -> Result<(), String> {
    let folder = copy("brittle")?;
    let text = "def test_one(no_such_fixture):\n    pass\n";
    fs::write(folder.path().join("test_brittle.py"), text).map_err(|error| error.to_string())?;
    let hunted = hunt(folder.path(), &pytest()?, &["--budget", "60s"])?;
    equal("complete", hunted.summary()?["complete"].as_bool(), Some(true))?;
    let broken = &hunted.summary()?["broken"][0];
    equal("outcome", broken["outcome"].as_str(), Some("failed"))?;
    let first = broken["message"].as_str().and_then(|message| message.lines().next());
    equal("first line", first.map(str::trim), Some("fixture 'no_such_fixture' not found"))
}

/// Forty tests that take their time; the third one poisons the last one.
fn ctrl_c() -> Result<(), String> {
    let folder = copy("brittle")?;
    fs::remove_file(folder.path().join("test_brittle.py")).map_err(|error| error.to_string())?;
    let mut text = String::from("import time\n\nleft = []\n");
    for test in 0..40 {
        let body = match test {
            2 => "left.append(1)",
            39 => "assert not left",
            _ => "time.sleep(0.05)",
        };
        text.push_str(&format!("\n\ndef test_{test:02}():\n    {body}\n"));
    }
    fs::write(folder.path().join("test_slow.py"), text).map_err(|error| error.to_string())?;
    let python = pytest()?;
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
            "--journal",
            "journal",
        ])
        .arg("--python")
        .arg(&python)
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let mut progress = BufReader::new(child.stderr.take().ok_or("stderr is piped")?).lines();
    let bisecting = progress.by_ref().map_while(Result::ok).any(|line| line.contains("looking into"));
    equal("it got as far as bisecting", bisecting, true)?;
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::INT)
        .map_err(|error| error.to_string())?;
    let output = child.wait_with_output().map_err(|error| error.to_string())?;
    let lines = String::from_utf8_lossy(&output.stdout);
    let lines: Vec<Value> = lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let cut = Hunted { lines, status: output.status.code().unwrap_or(-1) };
    equal("exit status", cut.status, 1)?;
    equal("halted", cut.summary()?["halted"].as_str(), Some("interrupted"))?;
    let finding = cut.finding("test_slow.py::test_39")?;
    equal("minimal", finding["minimal"].as_bool(), Some(false))?;
    equal("cause", finding["cause"].as_str(), Some("not-sought"))?;
    equal("the best so far", strings(&finding["polluters"]).contains(&"test_slow.py::test_02"), true)?;
    let options = ["--timestamps", "real", "--orders", "given", "--journal", "journal", "--resume"];
    let resumed = hunt(folder.path(), &python, &options)?;
    let finding = resumed.finding("test_slow.py::test_39")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_slow.py::test_02"])?;
    let notes = resumed.summary()?["notes"].to_string();
    equal("said", notes.contains("were taken from the journal"), true)
}

fn by_chance() -> Result<(), String> {
    let folder = copy("brittle")?;
    // No order runs twice: beside three other tests there are enough orders for chance to show.
    let text = "import os\n\n\ndef test_chance():\n    assert os.urandom(1)[0] % 2\n\n\n\
                def test_one():\n    pass\n\n\ndef test_two():\n    pass\n\n\ndef test_three():\n    pass\n";
    fs::remove_file(folder.path().join("test_brittle.py")).map_err(|error| error.to_string())?;
    fs::write(folder.path().join("test_chance.py"), text).map_err(|error| error.to_string())?;
    let hunted =
        hunt(folder.path(), &pytest()?, &["--orders", "given,reverse,random", "--timestamps", "real"])?;
    let findings = hunted.of_kind("finding");
    // One in 2^20 hunts sees only failures, or only passes, and then says nothing or calls the test broken. One in 3,000
    // sees what it expects each time that it looks again, and takes chance for an effect of the order.
    equal("findings", findings.len(), 1)?;
    equal("test", findings[0]["victim"].as_str(), Some("test_chance.py::test_chance"))?;
    equal("kind", findings[0]["finding"].as_str(), Some("nondeterministic"))
}

/// A hunt that makes a finding, with its results written to this; stderr, and the exit status.
fn hunt_into(stdout: Stdio) -> Result<(String, Option<i32>), String> {
    let (folder, cache) = (copy("two_polluters")?, tempfile::tempdir().map_err(|error| error.to_string())?);
    let options = ["hunt", "--orders", "given", "--timestamps", "real", "--budget", "1min", "--python"];
    let output = Command::new(env!("CARGO_BIN_EXE_taster"))
        .args(options)
        .arg(pytest()?)
        .current_dir(folder.path())
        .env("XDG_CACHE_HOME", cache.path())
        .stdout(stdout)
        .output()
        .map_err(|error| error.to_string())?;
    Ok((String::from_utf8_lossy(&output.stderr).into_owned(), output.status.code()))
}

fn unwritable() -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    let full = fs::File::options().write(true).open("/dev/full").map_err(text)?;
    let (said, status) = hunt_into(full.into())?;
    equal("status with no room", status, Some(2)).map_err(|error| format!("{error}: {said}"))?;
    equal("said", said.contains("taster: cannot write the output: "), true)?;
    let (reader, writer) = std::io::pipe().map_err(text)?;
    drop(reader);
    let (said, status) = hunt_into(writer.into())?;
    equal("status of a closed pipe", status, Some(0)).map_err(|error| format!("{error}: {said}"))?;
    equal("quiet", said.contains("cannot write"), false)
}

fn refused() -> Result<(), String> {
    let folder = copy("brittle")?;
    let unknown = hunt(folder.path(), &pytest()?, &["--victim", "test_brittle.py::test_none"])
        .err()
        .unwrap_or_default();
    equal("unknown test", unknown.contains("pytest collected no test test_brittle.py::test_none"), true)?;
    let usage = hunt(folder.path(), &pytest()?, &["--", "--no-such-option"]).err().unwrap_or_default();
    equal("bad usage", usage.contains("status 2") && usage.contains("--no-such-option"), true)
}
