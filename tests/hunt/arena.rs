//! A checkout like those of real projects, which tests and a user change at the same time.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use crate::place::Place;
use crate::user::git;

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

/// Copies a suite to a place of its own, and adds what checkouts hold: a history, an environment, links, modes.
pub(crate) fn arena(suite: &Path) -> io::Result<Place> {
    let place = Place::new()?;
    let root = place.path("suite");
    copy(suite, &root)?;
    place.fill(&[
        ("home/precious", "precious"),
        ("tmp/of_somebody_else", "x"),
        ("suite/.venv/pyvenv.cfg", "home = /usr/bin\n"),
        ("suite/.venv/lib/module.py", "x = 1\n"),
        ("suite/docs/index.txt", "text\n"),
        ("suite/run.sh", "#!/bin/sh\n"),
        ("suite/.gitignore", ".venv\n"),
    ])?;
    fs::set_permissions(root.join("run.sh"), fs::Permissions::from_mode(0o755))?;
    fs::set_permissions(root.join("docs"), fs::Permissions::from_mode(0o750))?;
    fs::create_dir(root.join(".venv/bin"))?;
    symlink("/usr/bin/python3", root.join(".venv/bin/python"))?;
    symlink("docs", root.join("to_docs"))?;
    symlink("nowhere", root.join("to_nowhere"))?;
    git(&root, &["init", "-q", "."])?;
    git(&root, &["add", "-A", "."])?;
    git(&root, &["commit", "-q", "-m", "all"])?;
    Ok(place)
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
