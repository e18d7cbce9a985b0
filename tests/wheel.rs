//! The wheel, as people meet it: made by `packaging/release` from the source distribution, installed by pip into new environments
//! of the oldest and the newest Python, where it hunts in a small suite, runs the shipped scenarios, and changes nothing of a pytest
//! that does not ask for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};

use libtest_mimic::{Arguments, Failed, Trial};

/// The oldest and the newest Python that taster hunts with.
const PYTHONS: [&str; 2] = ["3.6", "3.13"];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials: Vec<Trial> = PYTHONS
        .into_iter()
        .map(|version| {
            let missing = python(version).is_none();
            if missing && !arguments.list {
                eprintln!("not run: no Python {version} was found among pyenv's");
            }
            Trial::test(format!("wheel::on_python_{version}"), move || on(version)).with_ignored_flag(missing)
        })
        .collect();
    if !arguments.list
        && let Err(error) = release()
    {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn out() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("release-files")
}

/// Makes wheel, source distribution and tarball.
fn release() -> Result<(), String> {
    said(Command::new(root().join("packaging/release")).arg(out())).map(|_| ())
}

fn python(version: &str) -> Option<PathBuf> {
    let home = std::env::home_dir()?;
    let versions = std::env::var_os("PYENV_ROOT").map_or_else(|| home.join(".pyenv"), PathBuf::from);
    let entries = fs::read_dir(versions.join("versions")).ok()?.flatten();
    let prefix = format!("{version}.");
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
    named.map(|entry| entry.path().join("bin/python")).find(|python| python.is_file())
}

/// What a command wrote, if it ended with 0.
fn said(command: &mut Command) -> Result<String, String> {
    let output = ran(command)?;
    let text = told(&output);
    if output.status.success() { Ok(text) } else { Err(format!("{command:?}: {}\n{text}", output.status)) }
}

fn ran(command: &mut Command) -> Result<Output, String> {
    // What the caller asks of other tests' interpreters is not asked of these.
    for name in ["PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV", "TASTER_PYTHON", "TASTER_REQUIRE_PYTHON"] {
        command.env_remove(name);
    }
    command.output().map_err(|error| format!("{command:?}: {error}"))
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn on(version: &str) -> Result<(), Failed> {
    let place = tempfile::tempdir()?;
    let environment = place.path().join("env");
    let python = python(version).ok_or("the Python is gone")?;
    said(Command::new(python).args(["-m", "venv"]).arg(&environment))?;
    let bin = environment.join("bin");
    let pip = |words: &[&str]| {
        let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        said(Command::new(bin.join("python")).args(quiet).args(words))
    };
    // The oldest Python's own pip knows no wheels for this glibc.
    pip(&["--upgrade", "pip"])?;
    let [wheel] = wheels()?.try_into().map_err(|wheels| format!("not one wheel: {wheels:?}"))?;
    pip(&["pytest", &wheel])?;
    let suite = place.path().join("suite");
    fs::create_dir(&suite)?;
    for name in ["test_cleaner.py", "pytest.ini"] {
        fs::copy(root().join("tests/suites/cleaner").join(name), suite.join(name))?;
    }
    hunts(&bin, &suite)?;
    leaves_pytest_alone(&bin, &suite)?;
    runs_the_shipped_scenarios(&bin)?;
    has_its_manual(&environment)
}

fn wheels() -> Result<Vec<String>, Failed> {
    let files = fs::read_dir(out())?.flatten().map(|entry| entry.path().display().to_string());
    Ok(files.filter(|file| Path::new(file).extension().is_some_and(|end| end == "whl")).collect())
}

/// The same hunt by each way to start one; each uses the Python of its environment.
fn hunts(bin: &Path, suite: &Path) -> Result<(), Failed> {
    let quickly = ["--orders", "given,reverse,pairs", "--timestamps", "real", "--no-commands"];
    let ways: [(&str, &[&str]); 4] = [
        ("taster", &["hunt"]),
        ("python", &["-m", "taster", "hunt"]),
        ("python", &["-m", "pytest", "--taster"]),
        ("pytest", &["--taster"]),
    ];
    for (program, words) in ways {
        let cache = tempfile::tempdir()?;
        let output = ran(Command::new(bin.join(program))
            .args(words)
            .args(quickly)
            .arg("test_cleaner.py")
            .env("XDG_CACHE_HOME", cache.path())
            .current_dir(suite))?;
        let text = told(&output);
        let found = "test_cleaner.py::test_polluter\n    pollutes a test, which passes alone";
        if output.status.code() != Some(1) || !text.contains(found) {
            return Err(format!("{program} {words:?}: {}\n{text}", output.status).into());
        }
        let own = format!("{}/", bin.display());
        if !text.contains(&own) {
            return Err(format!(
                "{program} {words:?} hunted with another Python than that of {own}:\n{text}"
            )
            .into());
        }
    }
    Ok(())
}

/// Without the option, pytest has the modules that it had without taster, but for those of the entry point, and its outcomes.
fn leaves_pytest_alone(bin: &Path, suite: &Path) -> Result<(), Failed> {
    fs::write(
        suite.join("conftest.py"),
        "import sys\n\ndef pytest_unconfigure():\n    print('LOADED', *sorted(sys.modules))\n",
    )?;
    let loaded = |options: &[&str]| -> Result<Vec<String>, Failed> {
        let text = said(
            Command::new(bin.join("python")).args(["-m", "pytest", "-q"]).args(options).current_dir(suite),
        )?;
        let line = text.lines().find_map(|line| line.split("LOADED ").nth(1)).ok_or(text.clone())?;
        Ok(line.split(' ').map(str::to_owned).collect())
    };
    let without = loaded(&["-p", "no:taster"])?;
    let mut with = loaded(&[])?;
    with.retain(|module| !["taster", "taster.pytest_entry"].contains(&module.as_str()));
    if without == with {
        return Ok(());
    }
    let more: Vec<&String> = with.iter().filter(|module| !without.contains(module)).collect();
    Err(format!("pytest has other modules with the entry point: {more:?}").into())
}

/// All of them on the model, and one on the environment's own Python.
fn runs_the_shipped_scenarios(bin: &Path) -> Result<(), Failed> {
    let scenarios = root().join("scenarios");
    let run = |scenario: &Path, python: &Path| {
        said(Command::new(bin.join("taster")).arg("run").arg(scenario).arg("--python").arg(python))
            .map(|_| ())
    };
    run(&scenarios, Path::new("model"))?;
    Ok(run(&scenarios.join("bpython-582.toml"), &bin.join("python"))?)
}

fn has_its_manual(environment: &Path) -> Result<(), Failed> {
    let files = [
        "man/man1/taster.1",
        "man/man1/taster-hunt.1",
        "bash-completion/completions/taster",
        "zsh/site-functions/_taster",
        "fish/vendor_completions.d/taster.fish",
    ];
    let missing: Vec<&str> =
        files.into_iter().filter(|file| !environment.join("share").join(file).is_file()).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("the wheel lacks {missing:?}").into()) }
}
