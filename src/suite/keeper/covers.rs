//! Which directories a suite's runs see privately: the checkouts of the current directory and of what pytest's arguments
//! name, and those that taster was told of, such as the home directory.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// What marks the top of a checkout.
const MARKS: [&str; 3] = [".git", ".hg", ".svn"];
/// What marks the directory of a project.
const SETTINGS: [&str; 7] =
    ["pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "pytest.ini", ".pytest.ini", "conftest.py"];

/// The directories to cover, each once, without links in their names; `private` are those besides the checkouts.
pub(crate) fn covers(here: &Path, python: &Path, arguments: &[String], private: &[PathBuf]) -> Vec<OsString> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut add = |path: &Path| {
        if let Ok(path) = path.canonicalize()
            && path.is_dir()
            && path.parent().is_some()
            && !found.contains(&path)
        {
            found.push(path);
        }
    };
    let named = arguments.iter().filter_map(|argument| directory_of(here, argument));
    for start in std::iter::once(here.to_owned()).chain(named) {
        let top = top_of(&start);
        add(&top);
        if let Some(store) = store_of(&top) {
            add(&store);
        }
    }
    if let Some(environment) = environment_of(python) {
        add(environment);
    }
    private.iter().for_each(|path| add(path));
    found.into_iter().map(PathBuf::into_os_string).collect()
}

/// The directory that an argument of pytest names, or that holds the file it names.
fn directory_of(here: &Path, argument: &str) -> Option<PathBuf> {
    let value = if argument.starts_with('-') { argument.split_once('=')?.1 } else { argument };
    let path = here.join(value.split("::").next()?).canonicalize().ok()?;
    if path.is_dir() { Some(path) } else { path.parent().map(Path::to_owned) }
}

/// The top of the checkout that a directory lies in; without one, the outermost of the directories above it that hold
/// settings without a gap; else itself.
pub(crate) fn top_of(start: &Path) -> PathBuf {
    let start = start.canonicalize().unwrap_or_else(|_| start.to_owned());
    let holds = |directory: &Path, names: &[&str]| names.iter().any(|name| directory.join(name).exists());
    let above = || start.ancestors().filter(|directory| directory.parent().is_some());
    if let Some(checkout) = above().find(|directory| holds(directory, &MARKS)) {
        return checkout.to_owned();
    }
    let project = above().skip_while(|directory| !holds(directory, &SETTINGS));
    project.take_while(|directory| holds(directory, &SETTINGS)).last().unwrap_or(&start).to_owned()
}

/// Where git keeps the history of a work tree that lies elsewhere than its store.
fn store_of(top: &Path) -> Option<PathBuf> {
    let text = fs::read_to_string(top.join(".git")).ok()?;
    let inner = top.join(text.strip_prefix("gitdir:")?.trim());
    let common = fs::read_to_string(inner.join("commondir")).map(|common| inner.join(common.trim()));
    Some(common.unwrap_or(inner))
}

/// The virtual environment of an interpreter.
fn environment_of(python: &Path) -> Option<&Path> {
    let environment = python.parent()?.parent()?;
    environment.join("pyvenv.cfg").is_file().then_some(environment)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::{covers, top_of};

    #[test]
    fn a_checkout_is_covered_whole_and_each_directory_once() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let inner = home.join("work/project/tests/unit");
        fs::create_dir_all(&inner).unwrap();
        fs::create_dir(home.join("work/project/.git")).unwrap();
        fs::create_dir_all(home.join("other/deep")).unwrap();
        fs::write(home.join("other/deep/test_x.py"), "").unwrap();
        fs::write(home.join("other/pytest.ini"), "").unwrap();
        let arguments = ["-q", "../../../../other/deep/test_x.py::test_a", "no/such/path"].map(str::to_owned);
        let private = [home.clone(), home.join("work/project"), "/".into()];
        let found = covers(&inner, Path::new("python"), &arguments, &private);
        assert_eq!(found, [home.join("work/project"), home.join("other"), home.clone()]);
    }

    #[test]
    fn a_project_without_a_checkout_is_where_its_settings_are() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        let tests = home.join("project/tests");
        fs::create_dir_all(&tests).unwrap();
        assert_eq!(top_of(&tests), tests);
        fs::write(home.join("project/setup.cfg"), "").unwrap();
        assert_eq!(top_of(&tests), home.join("project"));
    }
}
