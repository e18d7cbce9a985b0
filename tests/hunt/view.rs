//! The private view: nothing that tests do to files and processes stays, and its effects on tests are found.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use libtest_mimic::{Failed, Trial};

use crate::entries::{Entries, below, differences};
use crate::hunting::{Hunted, equal, run, strings};
use crate::place::{Place, said, wait_until};
use crate::{PYTHON, environments, pytest};

type Test = fn() -> Result<(), String>;

/// A suite whose tests do to the checkout, the home directory and the temporary one what tests do.
const VANDALS: &str = r#"
import os, pathlib, shutil, sqlite3, subprocess, sys

HERE = pathlib.Path(__file__).parent
HOME = pathlib.Path(os.path.expanduser("~"))


def test_modes():
    os.chmod(HERE / "data", 0o600)
    os.chmod(HERE / "folder", 0o500)


def test_links():
    (HERE / "data").unlink()
    os.symlink(HOME / "precious", HERE / "data")
    (HERE / "data").write_text("spoilt")
    os.link(HERE / "folder" / "inner", HERE / "second")


def test_removes():
    shutil.rmtree(HERE / "folder")
    os.unlink(HERE / "link")


def test_renames():
    os.rename(HERE / "folder" / "inner", HERE / "folder" / "other")
    os.replace(HERE / "other", HERE / "data")


def test_history():
    (HERE / ".git" / "HEAD").write_text("ref: refs/heads/other\n")
    (HERE / ".venv" / "lib.py").write_text("broken = True\n")


def test_by_another_program():
    subprocess.check_call(["sh", "-c", "echo new > made; echo more >> data; touch -d 2001-01-01 folder"], cwd=HERE)
    base = sqlite3.connect(str(HERE / "base.db"))
    base.execute("create table t (x)")
    base.commit()


def test_elsewhere():
    (HOME / "left").write_text("")
    (HOME / ".config").mkdir()
    pathlib.Path(os.environ["TMPDIR"], "..", "..", "left").write_text("")


def test_leaves_processes():
    # A daemon as the books have it: its parent, its group and its session are gone.
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"])
        os._exit(0)
    os.wait()
    subprocess.Popen(["sleep", "600"], start_new_session=True)


def test_data():
    assert (HERE / "data").read_text() == "fine"


def test_home():
    assert not (HOME / "left").exists()


def test_folder():
    assert (HERE / "folder" / "inner").read_text() == "1" and os.access(HERE / "folder", os.W_OK)
"#;

const REFUSED: &str = "where_no_namespace_is_allowed_runs_are_in_place_and_the_report_says_why";
const AS_NOBODY: &str = "an_ordinary_user_has_a_private_view";

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Test); 9] = [
        ("nothing_that_tests_do_is_left_and_what_it_decides_is_found", vandals),
        ("a_file_in_the_home_directory_makes_a_victim_with_a_cause", home),
        ("what_the_user_writes_meanwhile_stays", edited_meanwhile),
        ("nothing_is_left_when_taster_is_killed", killed),
        ("a_test_that_kills_the_keeper_leaves_nothing", keeper_killed),
        ("a_temporary_directory_by_way_of_a_link_is_tasters_own_too", linked_temporary),
        ("a_file_held_open_since_collection_makes_it_start_a_process_per_order", held_open),
        (REFUSED, refused),
        (AS_NOBODY, ordinary_user),
    ];
    let elsewhere = !cfg!(target_os = "linux");
    let users_allowed = Command::new("unshare").args(["--user", "--map-root-user", "true"]).status();
    let users_allowed = users_allowed.is_ok_and(|status| status.success());
    let no_nobody = python_for_nobody().is_none();
    if no_nobody {
        let why = "not run: this is not root, or nobody else reaches a Python and the build directory";
        let _closed = writeln!(std::io::stderr(), "{why}");
    }
    all.into_iter()
        .map(|(name, run)| {
            let trial = Trial::test(format!("view::{name}"), move || run().map_err(Failed::from));
            let cannot = match name {
                // What it is refused in is a namespace of users, which some systems do not allow.
                REFUSED => !users_allowed,
                AS_NOBODY => no_nobody,
                _ => false,
            };
            trial.with_ignored_flag(elsewhere || cannot)
        })
        .collect()
}

/// A checkout with a history, an environment and a link.
fn place(suite: &str) -> Result<Place, String> {
    let place = Place::new().map_err(said)?;
    let files = [
        ("suite/test_it.py", suite),
        ("suite/data", "fine"),
        ("suite/other", "other"),
        ("suite/folder/inner", "1"),
        ("suite/.git/HEAD", "ref: refs/heads/main\n"),
        ("suite/.venv/pyvenv.cfg", ""),
        ("suite/.venv/lib.py", ""),
        ("home/precious", "precious"),
    ];
    place.fill(&files).map_err(said)?;
    std::os::unix::fs::symlink("data", place.path("suite/link")).map_err(said)?;
    Ok(place)
}

/// A hunt with the Python of the tests.
fn usual(place: &Place, options: &[&str]) -> Result<Command, String> {
    Ok(place.taster(&pytest()?, options))
}

fn hunt(place: &Place, options: &[&str]) -> Result<Hunted, String> {
    run(&mut usual(place, options)?)
}

/// All that lies in the checkout, the home directory and the temporary one.
fn entries(place: &Place) -> Result<Entries, String> {
    let folders = ["suite", "home", "tmp"].map(|name| below(&place.path(name)));
    Ok(folders.into_iter().collect::<Result<Vec<_>, _>>().map_err(said)?.into_iter().flatten().collect())
}

/// An error that names what is not as it was before.
fn unchanged(place: &Place, before: &Entries) -> Result<(), String> {
    equal("what differs", differences(before, &entries(place)?), Vec::new())
}

fn nobody_is_left(place: &Place) -> Result<(), String> {
    equal("processes", place.left_running(), Vec::new())
}

/// A command that another program starts, in the same place and environment.
fn by_way_of(starter: &[&str], program: &Path, inner: &Command) -> Command {
    let mut command = Command::new(starter[0]);
    command.args(&starter[1..]).arg(program).args(inner.get_args()).stdin(Stdio::null());
    if let Some(folder) = inner.get_current_dir() {
        command.current_dir(folder);
    }
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn vandals() -> Result<(), String> {
    let place = place(VANDALS)?;
    let before = entries(&place)?;
    let hunted = hunt(&place, &["--orders", "given,reverse,pairs", "--jobs", "2"])?;
    unchanged(&place, &before)?;
    nobody_is_left(&place)?;
    equal("isolation", hunted.of_kind("suite")[0]["isolation"].as_str(), Some("private"))?;
    let broken = hunted.summary()?["broken"].as_array().map_or(0, Vec::len);
    equal("broken", broken, 0).map_err(|error| format!("{error}: {:#?}", hunted.summary()))?;
    for victim in ["test_it.py::test_data", "test_it.py::test_home", "test_it.py::test_folder"] {
        equal(victim, hunted.finding(victim)?["finding"].as_str(), Some("victim"))?;
    }
    Ok(())
}

fn home() -> Result<(), String> {
    let place = place(
        "import os\n\nLEFT = os.path.expanduser('~/left')\n\n\ndef test_leaves():\n    open(LEFT, 'w').close()\n\n\n\
         def test_victim():\n    assert not os.path.exists(LEFT)\n",
    )?;
    let hunted = hunt(&place, &["--orders", "given"])?;
    let finding = hunted.finding("test_it.py::test_victim")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_it.py::test_leaves"])?;
    let cell = format!("file {}", place.path("home").canonicalize().map_err(said)?.join("left").display());
    equal("state", finding["state"][0]["cell"].as_str(), Some(cell.as_str()))?;
    equal("left", place.path("home/left").exists(), false)
}

fn edited_meanwhile() -> Result<(), String> {
    let place =
        place("import time\n\n\ndef test_one():\n    time.sleep(0.5)\n\n\ndef test_two():\n    pass\n")?;
    let mut child = usual(&place, &["--orders", "given,reverse"])?
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(said)?;
    let mut edits = 0;
    while child.try_wait().map_err(said)?.is_none() {
        let mut file = fs::OpenOptions::new().append(true).open(place.path("suite/data")).map_err(said)?;
        file.write_all(b"+").map_err(said)?;
        fs::write(place.path(&format!("suite/new_{edits}")), "user's").map_err(said)?;
        edits += 1;
        std::thread::sleep(Duration::from_millis(20));
    }
    equal("edited meanwhile", edits > 5, true)?;
    equal(
        "appended",
        fs::read_to_string(place.path("suite/data")).map_err(said)?,
        format!("fine{}", "+".repeat(edits)),
    )?;
    let new = (0..edits).filter(|edit| place.path(&format!("suite/new_{edit}")).exists()).count();
    equal("new files", new, edits)
}

fn killed() -> Result<(), String> {
    let place = place(&format!("{VANDALS}\n\ndef test_sleeps():\n    import time\n    time.sleep(600)\n"))?;
    let before = entries(&place)?;
    let mut child = usual(&place, &["--orders", "given"])?
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(said)?;
    // The last test sleeps, and the one before it has left a daemon.
    let sleeping = || place.processes().iter().any(|(_, words)| words.contains("time.sleep(600)"));
    wait_until("a daemon is there", sleeping)?;
    child.kill().map_err(said)?;
    child.wait().map_err(said)?;
    nobody_is_left(&place)?;
    unchanged(&place, &before)
}

fn keeper_killed() -> Result<(), String> {
    let place = place(
        "import os, signal\n\n\ndef test_kills():\n    parent = open('/proc/%d/stat' % os.getppid()).read().split()[3]\n    \
         os.kill(int(parent), signal.SIGKILL)\n\n\ndef test_other():\n    pass\n",
    )?;
    let before = entries(&place)?;
    let _any_status = usual(&place, &["--orders", "given"])?.output();
    nobody_is_left(&place)?;
    unchanged(&place, &before)
}

fn linked_temporary() -> Result<(), String> {
    let place = place("def test_it():\n    print('said')\n")?;
    std::os::unix::fs::symlink("tmp", place.path("link")).map_err(said)?;
    let mut command = usual(&place, &["--orders", "given"])?;
    let hunted = run(command.env("TMPDIR", place.path("link")))?;
    equal("forks", hunted.of_kind("suite")[0]["forks"].as_bool(), Some(true))?;
    equal("notes", hunted.summary()?["notes"].to_string(), "[]".to_owned())
}

fn held_open() -> Result<(), String> {
    let place = place(
        "import pathlib\n\nPATH = pathlib.Path(__file__).parent / 'log'\nLOG = open(str(PATH), 'a')\n\n\n\
         def test_logs():\n    LOG.write('line')\n    LOG.flush()\n\n\n\
         def test_silent():\n    assert PATH.read_text() == ''\n",
    )?;
    let before = entries(&place)?;
    let hunted = hunt(&place, &["--orders", "given,reverse"])?;
    unchanged(&place, &before)?;
    let finding = hunted.finding("test_it.py::test_silent")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_it.py::test_logs"])?;
    let notes = hunted.summary()?["notes"].to_string();
    equal("said", notes.contains("log is open for writing since collection"), true)?;
    equal("forks", hunted.of_kind("suite")[0]["forks"].as_bool(), Some(false))
}

/// A hunt in a namespace of users that may not make namespaces of mounts.
fn without_namespaces(place: &Place, isolation: &str) -> Result<Command, String> {
    let inner = usual(place, &["--orders", "given", "--isolation", isolation])?;
    let forbid = "echo 0 > /proc/sys/user/max_mnt_namespaces && exec \"$0\" \"$@\"";
    let starter = ["unshare", "--user", "--map-root-user", "sh", "-c", forbid];
    Ok(by_way_of(&starter, Path::new(inner.get_program()), &inner))
}

fn refused() -> Result<(), String> {
    let place = place("def test_it():\n    pass\n")?;
    let hunted = run(&mut without_namespaces(&place, "auto")?)?;
    let suite = &hunted.of_kind("suite")[0];
    equal("isolation", suite["isolation"].as_str(), Some("in-place"))?;
    let because = suite["in_place_because"].as_str().unwrap_or_default().to_owned();
    equal("reason", because.contains("allows no mount namespace"), true)?;
    let output = without_namespaces(&place, "private")?.output().map_err(said)?;
    equal("status", output.status.code(), Some(2))?;
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    equal("said", error.contains("no private view of the files: this system allows no mount namespace"), true)
}

const SETPRIV: [&str; 4] = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];

/// A Python of the tests' version that nobody may run, if nobody may also enter the build directory.
fn python_for_nobody() -> Option<PathBuf> {
    let version = PYTHON.replace('.', ", ");
    let code = format!("import sys; sys.exit(sys.version_info[:2] != ({version}))");
    let runs = |python: &PathBuf| {
        let mut command = Command::new(SETPRIV[0]);
        command.args(&SETPRIV[1..]).args(["sh", "-c", "cd \"$2\" && exec \"$0\" -c \"$1\""]);
        command.arg(python).arg(&code).arg(environments::target()).current_dir("/");
        command.output().is_ok_and(|output| output.status.success())
    };
    let found = environments::python(PYTHON).ok();
    found.into_iter().chain([PathBuf::from("/usr/bin/python3")]).find(runs)
}

/// As nobody, who gets a private view by way of a namespace of users.
fn ordinary_user() -> Result<(), String> {
    let place = place(VANDALS)?;
    let python = python_for_nobody().ok_or("nobody reaches no Python")?;
    let packages = format!("lib/python{PYTHON}/site-packages");
    let packages = pytest()?.ancestors().nth(2).ok_or("a Python is in a folder")?.join(packages);
    for name in ["", "suite", "suite/folder", "suite/.git", "suite/.venv", "home", "tmp", "journal"] {
        let all = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        fs::set_permissions(place.path(name), all).map_err(said)?;
        std::os::unix::fs::chown(place.path(name), Some(65534), Some(65534)).map_err(said)?;
    }
    fs::create_dir(place.path("mounted")).map_err(said)?;
    let before = entries(&place)?;
    let program = place.path("taster");
    fs::copy(env!("CARGO_BIN_EXE_taster"), &program).map_err(said)?;
    // To an ordinary user, Linux refuses a layer over a directory in which somebody has mounted something: here, /tmp.
    for first in ["true", "mount -t tmpfs none ../mounted"] {
        let inner = place.taster(&python, &["--orders", "given,reverse", "--isolation", "private"]);
        let script = format!("{first} && exec \"$0\" \"$@\"");
        let starter = [&["unshare", "--mount", "sh", "-c", &script][..], &SETPRIV].concat();
        let hunted = run(by_way_of(&starter, &program, &inner).env("PYTHONPATH", &packages))?;
        unchanged(&place, &before)?;
        equal(first, hunted.finding("test_it.py::test_home")?["finding"].as_str(), Some("victim"))?;
        let notes = hunted.summary()?["notes"].to_string();
        equal("said", notes.contains(" is not private "), first != "true")
            .map_err(|error| format!("{error}: {notes}"))?;
    }
    Ok(())
}
