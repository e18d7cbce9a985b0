//! The private view: nothing that tests do to files and processes stays, and its effects on tests are found.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::hunting::{Hunted, equal, strings};
use crate::pytest;

/// Mode, time in seconds and nanoseconds, content or target.
type Entries = BTreeMap<PathBuf, (u32, i64, i64, Vec<u8>)>;

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

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Test); 9] = [
        ("nothing_that_tests_do_is_left_and_what_it_decides_is_found", vandals),
        ("a_file_in_the_home_directory_makes_a_victim_with_a_cause", home),
        ("what_the_user_writes_meanwhile_stays", edited_meanwhile),
        ("nothing_is_left_when_taster_is_killed", killed),
        ("a_test_that_kills_the_keeper_leaves_nothing", keeper_killed),
        ("a_temporary_directory_by_way_of_a_link_is_tasters_own_too", linked_temporary),
        ("a_file_held_open_since_collection_makes_it_start_a_process_per_order", held_open),
        ("where_no_namespace_is_allowed_runs_are_in_place_and_the_report_says_why", refused),
        ("an_ordinary_user_has_a_private_view", ordinary_user),
    ];
    let elsewhere = !cfg!(target_os = "linux");
    let users_allowed = Command::new("unshare").args(["--user", "--map-root-user", "true"]).status();
    let users_allowed = users_allowed.is_ok_and(|status| status.success());
    all.into_iter()
        .map(|(name, run)| {
            let trial = Trial::test(format!("view::{name}"), move || run().map_err(Failed::from));
            // What it is refused in is a namespace of users, which some systems do not allow.
            trial.with_ignored_flag(elsewhere || (name.starts_with("where_no_namespace") && !users_allowed))
        })
        .collect()
}

/// A suite in a checkout, with a home directory and a temporary one of its own.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new(suite: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(said)?;
        let this = Self { folder };
        for name in ["suite/folder", "suite/.git", "suite/.venv", "home", "tmp"] {
            fs::create_dir_all(this.path(name)).map_err(said)?;
        }
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
        for (name, text) in files {
            fs::write(this.path(name), text).map_err(said)?;
        }
        std::os::unix::fs::symlink("data", this.path("suite/link")).map_err(said)?;
        Ok(this)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &Path, options: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(["hunt", "--format", "json", "--timestamps", "real", "--journal"])
            .arg(self.path("journal"))
            .args(options)
            .current_dir(self.path("suite"))
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env_remove("PYTHONDONTWRITEBYTECODE")
            .stdin(Stdio::null());
        command
    }

    /// A hunt with the Python of the tests.
    fn usual(&self, options: &[&str]) -> Result<Command, String> {
        let mut command = self.command(Path::new(env!("CARGO_BIN_EXE_taster")), options);
        command.arg("--python").arg(pytest()?);
        Ok(command)
    }

    fn hunt(&self, options: &[&str]) -> Result<Hunted, String> {
        hunted(&mut self.usual(options)?)
    }

    /// All that lies in the checkout, the home directory and the temporary one: kind and mode, time, content or target.
    fn entries(&self) -> Result<Entries, String> {
        let mut found = BTreeMap::new();
        let mut left = ["suite", "home", "tmp"].map(|name| self.path(name)).to_vec();
        while let Some(path) = left.pop() {
            let data = fs::symlink_metadata(&path).map_err(said)?;
            let content = if data.is_dir() {
                let inner = fs::read_dir(&path).map_err(said)?;
                left.extend(inner.flatten().map(|entry| entry.path()));
                Vec::new()
            } else if data.is_symlink() {
                fs::read_link(&path).map_err(said)?.as_os_str().as_bytes().to_vec()
            } else {
                fs::read(&path).map_err(said)?
            };
            found.insert(path, (data.mode(), data.mtime(), data.mtime_nsec(), content));
        }
        Ok(found)
    }

    /// Processes whose environment names the temporary directory.
    fn processes(&self) -> Vec<String> {
        let mark = self.path("tmp").display().to_string();
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let of_ours = |path: &PathBuf| {
            fs::read(path.join("environ")).is_ok_and(|text| String::from_utf8_lossy(&text).contains(&mark))
        };
        let paths = entries.map(|entry| entry.path()).filter(of_ours);
        paths.map(|path| fs::read_to_string(path.join("cmdline")).unwrap_or_default()).collect()
    }

    /// Waits until no process of the hunt is there; those that are after a good while are an error.
    fn nobody_is_left(&self) -> Result<(), String> {
        let until = Instant::now() + Duration::from_secs(20);
        while !self.processes().is_empty() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(20));
        }
        equal("processes", self.processes(), Vec::new())
    }
}

/// An error that names what differs.
fn same(found: Entries, wanted: &Entries) -> Result<(), String> {
    let differs = |path: &&PathBuf| found.get(*path) != wanted.get(*path);
    let paths: BTreeSet<&PathBuf> = found.keys().chain(wanted.keys()).filter(differs).collect();
    let text = |entries: &Entries, path: &PathBuf| {
        let entry = entries.get(path).cloned();
        entry.map(|(mode, second, nano, content)| {
            format!("mode {mode:o}, time {second}.{nano:09}, {}", String::from_utf8_lossy(&content))
        })
    };
    let lines = paths.iter().map(|path| {
        format!("{}: found {:?}, wanted {:?}\n", path.display(), text(&found, path), text(wanted, path))
    });
    let lines: String = lines.collect();
    if lines.is_empty() { Ok(()) } else { Err(lines) }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn hunted(command: &mut Command) -> Result<Hunted, String> {
    let output = command.output().map_err(said)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
    let status = output.status.code().unwrap_or(-1);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let lines = lines.map_err(|error| format!("{error}\n{said}"))?;
    if lines.is_empty() { Err(format!("status {status}:\n{said}")) } else { Ok(Hunted { lines, status }) }
}

fn vandals() -> Result<(), String> {
    let place = Place::new(VANDALS)?;
    let before = place.entries()?;
    let hunted = place.hunt(&["--orders", "given,reverse,pairs", "--jobs", "2"])?;
    same(place.entries()?, &before)?;
    place.nobody_is_left()?;
    equal("isolation", hunted.of_kind("suite")[0]["isolation"].as_str(), Some("private"))?;
    let broken = hunted.summary()?["broken"].as_array().map_or(0, Vec::len);
    equal("broken", broken, 0).map_err(|error| format!("{error}: {:#?}", hunted.summary()))?;
    for victim in ["test_it.py::test_data", "test_it.py::test_home", "test_it.py::test_folder"] {
        equal(victim, hunted.finding(victim)?["finding"].as_str(), Some("victim"))?;
    }
    Ok(())
}

fn home() -> Result<(), String> {
    let place = Place::new(
        "import os\n\nLEFT = os.path.expanduser('~/left')\n\n\ndef test_leaves():\n    open(LEFT, 'w').close()\n\n\n\
         def test_victim():\n    assert not os.path.exists(LEFT)\n",
    )?;
    let hunted = place.hunt(&["--orders", "given"])?;
    let finding = hunted.finding("test_it.py::test_victim")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_it.py::test_leaves"])?;
    let cell = format!("file {}", place.path("home").canonicalize().map_err(said)?.join("left").display());
    equal("state", finding["state"][0]["cell"].as_str(), Some(cell.as_str()))?;
    equal("left", place.path("home/left").exists(), false)
}

fn edited_meanwhile() -> Result<(), String> {
    let place =
        Place::new("import time\n\n\ndef test_one():\n    time.sleep(0.5)\n\n\ndef test_two():\n    pass\n")?;
    let mut child = place
        .usual(&["--orders", "given,reverse"])?
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
    let place =
        Place::new(&format!("{VANDALS}\n\ndef test_sleeps():\n    import time\n    time.sleep(600)\n"))?;
    let before = place.entries()?;
    let mut child = place
        .usual(&["--orders", "given"])?
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(said)?;
    // The last test sleeps, and the one before it has left a daemon.
    let until = Instant::now() + Duration::from_mins(1);
    let sleeping = |place: &Place| place.processes().iter().any(|line| line.contains("time.sleep(600)"));
    while !sleeping(&place) && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    equal("a daemon is there", sleeping(&place), true)?;
    child.kill().map_err(said)?;
    child.wait().map_err(said)?;
    place.nobody_is_left()?;
    same(place.entries()?, &before)
}

fn keeper_killed() -> Result<(), String> {
    let place = Place::new(
        "import os, signal\n\n\ndef test_kills():\n    parent = open('/proc/%d/stat' % os.getppid()).read().split()[3]\n    \
         os.kill(int(parent), signal.SIGKILL)\n\n\ndef test_other():\n    pass\n",
    )?;
    let before = place.entries()?;
    let _any_status = place.usual(&["--orders", "given"])?.output();
    place.nobody_is_left()?;
    same(place.entries()?, &before)
}

fn linked_temporary() -> Result<(), String> {
    let place = Place::new("def test_it():\n    print('said')\n")?;
    std::os::unix::fs::symlink("tmp", place.path("link")).map_err(said)?;
    let mut command = place.usual(&["--orders", "given"])?;
    let hunted = hunted(command.env("TMPDIR", place.path("link")))?;
    equal("forks", hunted.of_kind("suite")[0]["forks"].as_bool(), Some(true))?;
    equal("notes", hunted.summary()?["notes"].to_string(), "[]".to_owned())
}

fn held_open() -> Result<(), String> {
    let place = Place::new(
        "import pathlib\n\nPATH = pathlib.Path(__file__).parent / 'log'\nLOG = open(str(PATH), 'a')\n\n\n\
         def test_logs():\n    LOG.write('line')\n    LOG.flush()\n\n\n\
         def test_silent():\n    assert PATH.read_text() == ''\n",
    )?;
    let before = place.entries()?;
    let hunted = place.hunt(&["--orders", "given,reverse"])?;
    same(place.entries()?, &before)?;
    let finding = hunted.finding("test_it.py::test_silent")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_it.py::test_logs"])?;
    let notes = hunted.summary()?["notes"].to_string();
    equal("said", notes.contains("log is open for writing since collection"), true)?;
    equal("forks", hunted.of_kind("suite")[0]["forks"].as_bool(), Some(false))
}

/// A shell in a namespace of users that may not make namespaces of mounts.
fn without_namespaces(place: &Place, isolation: &str) -> Result<Command, String> {
    let inner = place.usual(&["--orders", "given", "--isolation", isolation])?;
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c"]);
    command.arg("echo 0 > /proc/sys/user/max_mnt_namespaces && exec \"$0\" \"$@\"");
    command.arg(inner.get_program()).args(inner.get_args());
    command.current_dir(place.path("suite")).stdin(Stdio::null());
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env_remove("PYTHONDONTWRITEBYTECODE");
    Ok(command)
}

fn refused() -> Result<(), String> {
    let place = Place::new("def test_it():\n    pass\n")?;
    let hunted = hunted(&mut without_namespaces(&place, "auto")?)?;
    let suite = &hunted.of_kind("suite")[0];
    equal("isolation", suite["isolation"].as_str(), Some("in-place"))?;
    let because = suite["in_place_because"].as_str().unwrap_or_default().to_owned();
    equal("reason", because.contains("allows no mount namespace"), true)?;
    let output = without_namespaces(&place, "private")?.output().map_err(said)?;
    equal("status", output.status.code(), Some(2))?;
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    equal("said", error.contains("no private view of the files: this system allows no mount namespace"), true)
}

const AS_NOBODY: [&str; 3] = ["--reuid=65534", "--regid=65534", "--clear-groups"];

/// A Python that nobody may run, and where it finds pytest: that of the tests, or the system's with the other's packages.
fn python_for_nobody(python: &Path) -> Option<(PathBuf, PathBuf)> {
    let packages = python.parent()?.parent()?.join("lib/python3.11/site-packages");
    let runs = |python: &PathBuf| {
        let mut command = Command::new("setpriv");
        command.args(AS_NOBODY).args([
            "sh",
            "-c",
            "exec \"$0\" -c 'import pytest, sys; sys.exit(sys.version_info[1] != 11)'",
        ]);
        command.arg(python).env("PYTHONPATH", &packages).current_dir("/");
        command.output().is_ok_and(|output| output.status.success())
    };
    let found = [python.to_owned(), PathBuf::from("/usr/bin/python3")].into_iter().find(runs)?;
    Some((found, packages))
}

/// As nobody, by way of a namespace of users; where this is no root, the other tests have shown it.
fn ordinary_user() -> Result<(), String> {
    let place = Place::new(VANDALS)?;
    let Some((python, path)) = python_for_nobody(&pytest()?) else {
        let why = "not run: nobody but this user reaches a Python with pytest, or this is no root";
        let _closed = writeln!(std::io::stderr(), "{why}");
        return Ok(());
    };
    for name in ["", "suite", "suite/folder", "suite/.git", "suite/.venv", "home", "tmp"] {
        let all = std::os::unix::fs::PermissionsExt::from_mode(0o777);
        fs::set_permissions(place.path(name), all).map_err(said)?;
        std::os::unix::fs::chown(place.path(name), Some(65534), Some(65534)).map_err(said)?;
    }
    fs::create_dir(place.path("mounted")).map_err(said)?;
    let before = place.entries()?;
    let program = place.path("taster");
    fs::copy(env!("CARGO_BIN_EXE_taster"), &program).map_err(said)?;
    // To an ordinary user, Linux refuses a layer over a directory in which somebody has mounted something: here, /tmp.
    for first in ["true", "mount -t tmpfs none ../mounted"] {
        let inner = place.command(&program, &["--orders", "given,reverse", "--isolation", "private"]);
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", &format!("{first} && exec setpriv \"$0\" \"$@\"")]);
        command.args(AS_NOBODY).arg(inner.get_program()).args(inner.get_args());
        command.arg("--python").arg(&python).env("PYTHONPATH", &path);
        command.current_dir(place.path("suite")).stdin(Stdio::null());
        command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let hunted = hunted(&mut command)?;
        same(place.entries()?, &before)?;
        equal(first, hunted.finding("test_it.py::test_home")?["finding"].as_str(), Some("victim"))?;
        let notes = hunted.summary()?["notes"].to_string();
        equal("said", notes.contains(" is not private "), first != "true")
            .map_err(|error| format!("{error}: {notes}"))?;
    }
    Ok(())
}
