//! Which interpreter a hunt uses, why that one, and what to type if it has no pytest.

use std::path::{Path, PathBuf};

use taster::interpreter::choose;
use taster::interpreter::cpython::packages::is_installed;

use crate::pythons_option;
use crate::status::CommandError;

const PYTEST: &str = "pytest";
/// Where environments of a project usually lie.
const USUAL: [&str; 4] = [".venv", "venv", "env", ".env"];
/// Files that say which tool keeps the environment of a project, and how that tool tells its interpreter.
const KEPT_BY: [(&str, &str); 3] = [
    ("poetry.lock", "\"$(poetry env info --executable)\""),
    ("Pipfile", "\"$(pipenv --py)\""),
    ("hatch.toml", "\"$(hatch env find)/bin/python\""),
];

/// An interpreter, and the reason for it.
#[derive(Debug)]
pub(crate) struct ChosenPython {
    pub(crate) path: PathBuf,
    pub(crate) because: &'static str,
}

impl ChosenPython {
    /// The one that was named, else that of the active environment, else that beside taster, else the first on PATH.
    pub(crate) fn choose(named: Option<&PathBuf>) -> Result<Self, CommandError> {
        let Some(named) = named else {
            let none = || CommandError::CouldNot("no Python was found; name one with --python".into());
            return default().ok_or_else(none);
        };
        let chosen = |path| Self { path, because: "named by --python" };
        if let Some(version) = named.to_str().filter(|word| is_version(word)) {
            let found =
                choose::choose(&[version], &pythons_option::places()).map_err(CommandError::because)?;
            let path = found.into_iter().next().and_then(|found| found.identity.path).map(chosen);
            return path.ok_or_else(|| CommandError::CouldNot(format!("Python {version} has no path")));
        }
        if named.components().count() > 1 {
            // The interpreter runs in other directories too; a link into a virtual environment must stay one.
            return std::path::absolute(named).map(chosen).map_err(CommandError::because);
        }
        Ok(chosen(named.clone()))
    }

    /// Why no hunt can begin without pytest, and what to type instead.
    pub(crate) fn has_no_pytest(&self, why: &str) -> CommandError {
        let here = std::env::current_dir().unwrap_or_default();
        let python = from_here(&self.path, &here);
        let others = others(&here, &self.path);
        let mut text = format!("{python} ({}) has no pytest: {why}", self.because);
        for (python, what) in &others {
            text += &format!("\n{what}:\n  taster hunt --python {python}");
        }
        let install = |python: &str| format!("\nTo install pytest:\n  {python} -m pip install pytest");
        if others.is_empty() {
            let beside = usual(&here).into_iter().next().map(|python| from_here(&python, &here));
            text += &install(&shell(beside.as_deref().unwrap_or(&python)));
        }
        CommandError::CouldNot(text)
    }

    /// Why no hunt can begin with such an old pytest, and what to type.
    pub(crate) fn has_old_pytest(&self, version: &str) -> CommandError {
        let here = std::env::current_dir().unwrap_or_default();
        let python = from_here(&self.path, &here);
        CommandError::CouldNot(format!(
            "{python} ({}) has pytest {version}, and a hunt needs 5.4 or later. To install a newer one:\n  {} -m pip install -U pytest",
            self.because,
            shell(&python)
        ))
    }
}

fn is_version(word: &str) -> bool {
    word.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn default() -> Option<ChosenPython> {
    let active = |name: &str| std::env::var_os(name).map(|folder| PathBuf::from(folder).join("bin/python"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = |name: &'static str| {
        std::env::split_paths(&path).map(move |folder| folder.join(name)).collect::<Vec<_>>()
    };
    let places = [
        (active("VIRTUAL_ENV").into_iter().collect(), "the virtual environment that is active"),
        (beside_taster().into_iter().collect(), "the virtual environment that taster is installed in"),
        (on_path("python3"), "python3 on PATH"),
        (on_path("python"), "python on PATH"),
    ];
    let found = |(pythons, because): (Vec<PathBuf>, _)| {
        pythons.into_iter().find(|python| python.is_file()).map(|path| ChosenPython { path, because })
    };
    places.into_iter().find_map(found)
}

/// The interpreter of the virtual environment that taster is installed in, if that has pytest: one that was made for tools
/// alone has not.
fn beside_taster() -> Option<PathBuf> {
    let program = std::env::current_exe().ok()?;
    let python = program.with_file_name("python");
    let environment = python.ancestors().nth(2)?;
    (environment.join("pyvenv.cfg").is_file() && python.is_file() && is_installed(&python, PYTEST))
        .then_some(python)
}

/// Interpreters of this project that have pytest, as words of a command, each with what it is.
fn others(here: &Path, but: &Path) -> Vec<(String, String)> {
    let mut others: Vec<(String, String)> = usual(here)
        .into_iter()
        .filter(|python| python != but && is_installed(python, PYTEST))
        .map(|python| {
            let python = from_here(&python, here);
            (shell(&python), format!("{python} has it"))
        })
        .collect();
    if let Some(python) = kept_by_pdm(here).filter(|python| is_installed(python, PYTEST)) {
        others
            .push((shell(&python.to_string_lossy()), "pdm's interpreter of this project has it".to_owned()));
    }
    if others.is_empty() {
        let kept = KEPT_BY.iter().filter(|(file, _)| here.join(file).is_file());
        others.extend(kept.map(|(file, python)| {
            (
                (*python).to_owned(),
                format!("There is a {file}: the environment that goes with it may have it"),
            )
        }));
    }
    others
}

/// The environments beside the suite, and beside the directories above it up to the top of the checkout.
fn usual(here: &Path) -> Vec<PathBuf> {
    let named = std::env::var_os("UV_PROJECT_ENVIRONMENT").map(PathBuf::from);
    let mut found: Vec<PathBuf> = named.map(|folder| here.join(folder)).into_iter().collect();
    for above in here.ancestors() {
        found.extend(USUAL.iter().map(|name| above.join(name)));
        if above.join(".git").exists() {
            break;
        }
    }
    found.retain(|folder| folder.join("pyvenv.cfg").is_file());
    found.into_iter().map(|folder| folder.join("bin/python")).filter(|python| python.is_file()).collect()
}

fn kept_by_pdm(here: &Path) -> Option<PathBuf> {
    let text = std::fs::read_to_string(here.join(".pdm-python")).ok()?;
    Some(PathBuf::from(text.trim())).filter(|python| python.is_file())
}

/// A path as a person in this directory writes it.
pub(crate) fn from_here(path: &Path, here: &Path) -> String {
    path.strip_prefix(here).unwrap_or(path).to_string_lossy().into_owned()
}

fn shell(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned)
}
