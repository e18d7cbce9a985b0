//! A checkout, a home directory and a temporary one for a single hunt, and the processes that were started there.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::user::git;

/// How long processes may take to end once nobody wants them.
const PATIENCE: Duration = Duration::from_secs(60);

/// A suite whose tests do to the checkout and around it whatever tests do.
pub(crate) const VANDALS: &str = r#"
import os, pathlib, shutil, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
DATA = HERE / "data"
HOME = pathlib.Path(os.path.expanduser("~"))


def test_overwrites():
    (DATA / "plain").write_text("spoilt")


def test_deletes():
    (DATA / "other").unlink()
    shutil.rmtree(DATA / "folder")


def test_modes():
    os.chmod(DATA / "plain", 0o600)
    os.chmod(DATA, 0o700)


def test_links():
    (DATA / "plain").unlink()
    os.symlink(HOME / "precious", DATA / "plain")


def test_renames():
    os.rename(DATA / "folder", DATA / "moved")
    os.replace(DATA / "other", DATA / "plain")


def test_elsewhere():
    (HOME / "left").write_text("left")
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"left")
    tempfile.mkdtemp()


def test_by_another_program():
    subprocess.check_call(["sh", "-c", "echo more >> plain; echo new > made"], cwd=str(DATA))


def test_leaves_processes():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(600)"])
        os._exit(0)
    os.wait()
    subprocess.Popen(["sleep", "600"], start_new_session=True)


def test_takes_its_time():
    time.sleep(0.2)


def test_data():
    assert (DATA / "plain").read_text() == "fine"


def test_folder():
    assert (DATA / "folder" / "inner").read_text() == "1"


def test_home():
    assert not (HOME / "left").exists()
"#;

/// Directories of one hunt.
pub(crate) struct Arena {
    folder: tempfile::TempDir,
}

impl Arena {
    /// Takes over a checkout, and adds what checkouts hold: a history, an environment, links, modes.
    pub(crate) fn new(suite: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("untouched-").tempdir()?;
        let arena = Self { folder };
        for place in [arena.home(), arena.temporary(), arena.journal()] {
            fs::create_dir_all(place)?;
        }
        fs::write(arena.home().join("precious"), "precious")?;
        fs::write(arena.temporary().join("of_somebody_else"), "x")?;
        copy(suite, &arena.checkout())?;
        let root = arena.checkout();
        for name in ["docs", ".venv/bin", ".venv/lib"] {
            fs::create_dir_all(root.join(name))?;
        }
        fs::write(root.join(".venv/pyvenv.cfg"), "home = /usr/bin\n")?;
        fs::write(root.join(".venv/lib/module.py"), "x = 1\n")?;
        fs::write(root.join("docs/index.txt"), "text\n")?;
        fs::write(root.join("run.sh"), "#!/bin/sh\n")?;
        fs::set_permissions(root.join("run.sh"), fs::Permissions::from_mode(0o755))?;
        fs::set_permissions(root.join("docs"), fs::Permissions::from_mode(0o750))?;
        symlink("/usr/bin/python3", root.join(".venv/bin/python"))?;
        symlink("docs", root.join("to_docs"))?;
        symlink("nowhere", root.join("to_nowhere"))?;
        fs::write(root.join(".gitignore"), ".venv\n")?;
        git(&root, &["init", "-q", "."])?;
        git(&root, &["add", "-A", "."])?;
        git(&root, &["commit", "-q", "-m", "all"])?;
        Ok(arena)
    }

    pub(crate) fn checkout(&self) -> PathBuf {
        self.folder.path().join("checkout")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    pub(crate) fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    pub(crate) fn journal(&self) -> PathBuf {
        self.folder.path().join("journal")
    }

    /// Living processes whose environment names this place, and what they are.
    pub(crate) fn processes(&self) -> Vec<(i32, String)> {
        let mark = self.home().into_os_string();
        let all = fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        let of_here = |pid: &i32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment.windows(mark.len()).any(|part| part == mark.as_bytes())
        };
        numbers.filter(of_here).map(|pid| (pid, words(pid))).collect()
    }

    /// The processes that are still there when there was time for all to end.
    pub(crate) fn left_running(&self) -> Vec<(i32, String)> {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = self.processes();
            if left.is_empty() || Instant::now() > until {
                return left;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

fn words(pid: i32) -> String {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&line).replace('\0', " ")
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)?.flatten() {
        let place = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}
