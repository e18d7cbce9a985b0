//! The names of trials, and the file of a name: `folder::file::interpreter::timestamps`.

use std::path::{Path, PathBuf};

/// Separates the parts of a name.
const SEPARATOR: &str = "::";
/// The last part of the name of a trial whose file is not a scenario.
const PROBLEMS: &str = "problems";

/// The trial of a scenario on an interpreter under a clock.
pub(super) fn judging(directory: &Path, file: &Path, label: &str, timestamps: &str) -> String {
    [&stem(directory, file), label, timestamps].join(SEPARATOR)
}

/// The trial of a file that is not a scenario.
pub(super) fn problems(directory: &Path, file: &Path) -> String {
    [&stem(directory, file), PROBLEMS].join(SEPARATOR)
}

/// The path of `file` in `directory`, without its extension.
fn stem(directory: &Path, file: &Path) -> String {
    let inner = file.strip_prefix(directory).unwrap_or(file).with_extension("");
    let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join(SEPARATOR)
}

/// The file in `directory` of the trial with this name, or `None` if there is none.
pub(super) fn file(directory: &Path, name: &str) -> Option<PathBuf> {
    let parts: Vec<&str> = name.split(SEPARATOR).collect();
    let behind = if parts.last() == Some(&PROBLEMS) { 1 } else { 2 };
    let inner = parts.get(..parts.len().checked_sub(behind)?)?;
    if inner.is_empty()
        || inner.iter().any(|part| part.is_empty() || part.starts_with('.') || part.contains('/'))
    {
        return None;
    }
    let mut path = directory.to_path_buf();
    path.extend(inner);
    path.as_mut_os_string().push(".toml");
    path.is_file().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_file() -> std::io::Result<()> {
        let directory = tempfile::tempdir()?;
        let directory = directory.path();
        for inner in ["bpython-582.toml", "old/v1.2.toml"] {
            let path = directory.join(inner);
            std::fs::create_dir_all(path.parent().expect("it lies in the directory"))?;
            std::fs::write(&path, "")?;
            let name = judging(directory, &path, "cpython-3.11", "1s");
            assert_eq!(file(directory, &name).as_ref(), Some(&path), "{name}");
            assert_eq!(file(directory, &problems(directory, &path)), Some(path));
        }
        assert_eq!(
            judging(directory, &directory.join("old/v1.2.toml"), "cpython-3.11", "1s"),
            "old::v1.2::cpython-3.11::1s",
        );
        Ok(())
    }

    #[test]
    fn a_name_of_nothing_leads_nowhere() {
        let directory = Path::new("scenarios");
        for name in ["", "x", "x::y", "::x::y", "no::such::file", "..::src::lib::a::b"] {
            assert_eq!(file(directory, name), None, "{name}");
        }
    }
}
