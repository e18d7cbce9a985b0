//! Known findings and configuration: a baseline is written, what is in it does not fail the hunt, what is new or gone is told; and
//! what a project configures is in force.

use std::path::Path;
use std::process::{Command, Output};

use libtest_mimic::{Failed, Trial};

use crate::hunting::equal;
use crate::{copy, pytest};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("baselines::tell_what_is_new_and_what_is_gone", new_and_gone),
        Trial::test("baselines::of_another_revision", of_another_revision),
        Trial::test("configured::for_a_project", configured),
        Trial::test("configured::wrongly", configured_wrongly),
    ]
}

/// A hunt without options, in a suite that fails where a variable is set, beside what `taster config` says of it.
fn configured() -> Result<(), Failed> {
    let python = pytest()?;
    let folder = tempfile::tempdir()?;
    let project = format!(
        "[project]\nname = \"x\"\n\n[tool.taster]\npython = {:?}\norders = [\"given\"]\ntimestamps = \"real\"\n\
         arguments = [\"test_it.py\"]\nenvironment = {{ MODE = \"left\" }}\nreports = [\"junit=report.xml\"]\n",
        python.display().to_string()
    );
    let tests = "import os\nseen = []\n\ndef test_one():\n    seen.append(os.environ.get('MODE'))\n\n\
                 def test_two():\n    assert 'left' not in seen\n";
    std::fs::write(folder.path().join("pyproject.toml"), project)?;
    std::fs::write(folder.path().join("test_it.py"), tests)?;
    std::fs::write(folder.path().join("test_other.py"), "def test_other():\n    pass\n")?;
    let taster = |words: &[&str]| {
        let cache = tempfile::tempdir()?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_taster"));
        command.args(words).env("XDG_CACHE_HOME", cache.path()).current_dir(folder.path()).output()
    };
    let hunted = taster(&["hunt", "--no-commands"])?;
    let text = String::from_utf8_lossy(&hunted.stdout).into_owned();
    equal("status", hunted.status.code(), Some(1)).map_err(|error| format!("{error}\n{text}"))?;
    equal("orders", text.contains("orders run: given 1; seed 0"), true)
        .map_err(|error| format!("{error}\n{text}"))?;
    equal("tests", text.contains("2 tests on Python"), true)?;
    equal("report", folder.path().join("report.xml").is_file(), true)?;
    let config = String::from_utf8_lossy(&taster(&["config"])?.stdout).into_owned();
    for (key, rest) in
        [("orders", "pyproject.toml:6"), ("budget", "default"), ("environment.MODE", "unless it is set")]
    {
        let line = config.lines().find(|line| line.starts_with(key)).unwrap_or_default();
        equal(key, line.ends_with(rest), true).map_err(|error| format!("{error}\n{config}"))?;
    }
    Ok(())
}

fn configured_wrongly() -> Result<(), Failed> {
    let folder = copy("cleaner")?;
    std::fs::write(folder.path().join("taster.toml"), "budgte = \"5m\"\n")?;
    for verb in ["hunt", "config"] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_taster")).arg(verb).current_dir(folder.path()).output()?;
        let error = String::from_utf8_lossy(&output.stderr);
        equal(verb, output.status.code(), Some(2))?;
        equal(verb, error.contains("taster.toml:1:1") && error.contains("did you mean `budget`?"), true)
            .map_err(|why| format!("{why}: {error}"))?;
    }
    Ok(())
}

fn hunt(folder: &Path, options: &[&str]) -> Result<(Output, String), Failed> {
    let cache = tempfile::tempdir()?;
    let output = Command::new(env!("CARGO_BIN_EXE_taster"))
        .args([
            "hunt",
            "--orders",
            "given,reverse,pairs",
            "--timestamps",
            "real",
            "--no-commands",
            "--python",
        ])
        .arg(pytest()?)
        .args(["--baseline", "known.toml"])
        .args(options)
        .env("XDG_CACHE_HOME", cache.path())
        .current_dir(folder)
        .output()?;
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Ok((output, text))
}

/// What the file knew in another revision, whatever it says now.
fn of_another_revision() -> Result<(), Failed> {
    let folder = copy("cleaner")?;
    let git = |words: &[&str]| {
        let done = Command::new("git")
            .args(["-c", "user.name=A", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"])
            .args(words)
            .current_dir(folder.path())
            .output()?;
        equal("git", done.status.success(), true).map_err(|error| Failed::from(format!("{error}: {done:?}")))
    };
    git(&["init", "--quiet"])?;
    git(&["add", "test_cleaner.py"])?;
    git(&["commit", "--quiet", "-m", "without a baseline"])?;
    let (_, text) = hunt(folder.path(), &["--update-baseline"])?;
    equal("added", text.contains("1 finding new, 0 known"), true)
        .map_err(|error| format!("{error}\n{text}"))?;
    git(&["add", "known.toml"])?;
    git(&["commit", "--quiet", "-m", "with one"])?;
    std::fs::write(folder.path().join("known.toml"), "")?;
    for (revision, status, said) in [
        ("HEAD", 0, "0 findings new, 1 known"),
        ("HEAD~1", 1, "1 finding new, 0 known"),
        ("nonsense", 2, "git knows no revision nonsense here"),
    ] {
        let (output, text) = hunt(folder.path(), &["--new-only", revision])?;
        equal(revision, output.status.code(), Some(status)).map_err(|error| format!("{error}\n{text}"))?;
        equal(revision, text.contains(said), true).map_err(|error| format!("{error}\n{text}"))?;
    }
    Ok(())
}

fn told_of_verifying(folder: &Path, status: i32, said: &str) -> Result<(), Failed> {
    told_of_verifying_what("known.toml", folder, status, said)
}

fn told_of_verifying_what(what: &str, folder: &Path, status: i32, said: &str) -> Result<(), Failed> {
    let cache = tempfile::tempdir()?;
    let output = Command::new(env!("CARGO_BIN_EXE_taster"))
        .args(["hunt", "--verify", what, "--python"])
        .arg(pytest()?)
        .env("XDG_CACHE_HOME", cache.path())
        .current_dir(folder)
        .output()?;
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    equal("status", output.status.code(), Some(status)).map_err(|error| format!("{error}\n{text}"))?;
    Ok(equal(said, text.contains(said), true).map_err(|error| format!("{error}\n{text}"))?)
}

fn new_and_gone() -> Result<(), Failed> {
    let folder = copy("cleaner")?;
    let told = |options: &[&str], status: i32, said: &[&str], unsaid: &[&str]| -> Result<(), Failed> {
        let (output, text) = hunt(folder.path(), options)?;
        equal("status", output.status.code(), Some(status)).map_err(|error| format!("{error}\n{text}"))?;
        for part in said {
            equal(part, text.contains(part), true).map_err(|error| format!("{error}\n{text}"))?;
        }
        for part in unsaid {
            equal(part, text.contains(part), false).map_err(|error| format!("{error}\n{text}"))?;
        }
        Ok(())
    };
    told(
        &[],
        2,
        &["there is no baseline known.toml; to write it: --baseline known.toml --update-baseline"],
        &["collected in"],
    )?;
    told(&["--update-baseline"], 0, &["[1] ", "baseline: 1 finding new, 0 known"], &[])?;
    told(&[], 0, &["baseline: 0 findings new, 1 known"], &["[1] ", "gone"])?;
    let more =
        "\nflag = []\n\ndef test_flags():\n    flag.append(1)\n\ndef test_no_flag():\n    assert not flag\n";
    let file = folder.path().join("test_cleaner.py");
    std::fs::write(&file, std::fs::read_to_string(&file)? + more)?;
    let new = ["test_cleaner.py::test_flags\n    pollutes", "baseline: 1 finding new, 1 known"];
    told_of_verifying_what(".", folder.path(), 2, "no ./known.baseline; to write it: taster hunt --emit .")?;
    let reported = ["--report", "junit=report.xml", "--emit", "found"];
    told(&reported, 1, &new, &["test_cleaner.py::test_polluter\n    pollutes"])?;
    let junit = std::fs::read_to_string(folder.path().join("report.xml"))?;
    equal("failures", junit.contains("failures=\"1\""), true)?;
    std::fs::write(&file, more)?;
    told(
        &["--quiet"],
        1,
        &["gone: this hunt, which was complete", "test_cleaner.py::test_victim (victim)"],
        &[],
    )?;
    told(&["--update-baseline"], 0, &[], &[])?;
    let known = std::fs::read_to_string(folder.path().join("known.toml"))?;
    told_of_verifying(folder.path(), 1, "1 known finding: 1 still hold;")?;
    // What was emitted knows both, one of which is gone since.
    told_of_verifying_what("found", folder.path(), 1, "no test      test_cleaner.py::test_victim (victim)")?;
    std::fs::write(&file, more.replace("flag.append(1)", "flag.append(1); flag.clear()"))?;
    told_of_verifying(folder.path(), 0, "no longer    test_cleaner.py::test_no_flag (victim)")?;
    // A polluter that is no longer there proves nothing; nor does a configured baseline stand in the way.
    std::fs::write(
        folder.path().join("taster.toml"),
        "baseline = \"other.toml\"\nreports = [\"junit=verified.xml\"]\n",
    )?;
    std::fs::write(&file, more.replace("test_flags", "test_renamed"))?;
    told_of_verifying(folder.path(), 3, "not tried    test_cleaner.py::test_no_flag (victim)")?;
    equal("a report", folder.path().join("verified.xml").exists(), false)?;
    std::fs::write(&file, "def test_flags():\n    pass\n")?;
    told_of_verifying(folder.path(), 0, "no test      test_cleaner.py::test_no_flag (victim)")?;
    equal("known", (known.contains("::test_no_flag"), known.contains("::test_victim")), (true, false))?;
    Ok(())
}
