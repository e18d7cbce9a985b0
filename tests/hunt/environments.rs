//! Virtual environments for tests, made once under the target directory: their Pythons and installed packages.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// An interpreter of this minor version: pyenv's, else one on PATH.
pub(crate) fn python(version: &str) -> Result<PathBuf, String> {
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv"));
    let pyenv = std::env::var_os("PYENV_ROOT").map(PathBuf::from).or(home);
    let versions = pyenv.and_then(|pyenv| fs::read_dir(pyenv.join("versions")).ok());
    let prefix = format!("{version}.");
    let named = versions.into_iter().flatten().flatten();
    let of_version = named.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix));
    let mut found: Vec<PathBuf> = of_version.map(|entry| entry.path().join("bin/python")).collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    found.extend(std::env::split_paths(&path).map(|folder| folder.join(format!("python{version}"))));
    let real = |python: &PathBuf| python.is_file() && runs(python);
    found
        .into_iter()
        .find(real)
        .ok_or_else(|| format!("not run: no Python {version} was found (pyenv's, or on PATH)"))
}

/// Shims are scripts that may lead nowhere.
fn runs(python: &Path) -> bool {
    Command::new(python).arg("-c").arg("pass").output().is_ok_and(|output| output.status.success())
}

/// The Python of an environment with these packages, made if it is not there yet. Safe against races of processes.
pub(crate) fn environment(name: &str, version: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = target().join("venvs");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let lock = File::create(folder.join(format!("{name}.lock"))).map_err(|error| error.to_string())?;
    lock.lock().map_err(|error| error.to_string())?;
    let place = folder.join(name);
    let python = place.join("bin/python");
    let wanted = packages.join("\n");
    if fs::read_to_string(place.join("installed")).is_ok_and(|installed| installed == wanted) && runs(&python)
    {
        return Ok(python);
    }
    let _not_there = fs::remove_dir_all(&place);
    run(Command::new(self::python(version)?).args(["-m", "venv"]).arg(&place))?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(packages))?;
    fs::write(place.join("installed"), wanted).map_err(|error| error.to_string())?;
    Ok(python)
}

/// The build's own directory.
pub(crate) fn target() -> PathBuf {
    let built = Path::new(env!("CARGO_BIN_EXE_taster"));
    built.ancestors().nth(2).map_or_else(|| PathBuf::from("target"), Path::to_path_buf)
}

/// Runs a command to its end, or says how it failed.
pub(crate) fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("not run: {command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("not run: {command:?} ended with {}:\n{said}", output.status))
}
