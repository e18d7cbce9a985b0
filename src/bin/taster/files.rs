//! The scenario files that a command line names.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use taster::scenario::{self, Problems, ReadError, Style};

use crate::status::CommandError;

/// The files that `paths` name: files as they are, of directories every scenario in them.
pub(crate) fn named(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        for file in of_path(path)? {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    Ok(files)
}

fn of_path(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let files = scenario::files_in(path).map_err(|error| {
        CommandError::CouldNot(format!("cannot list the scenarios in {}: {error}", path.display()))
    })?;
    if files.is_empty() {
        return Err(CommandError::CouldNot(format!("there is no scenario (*.toml) in {}", path.display())));
    }
    Ok(files)
}

/// Why a file is no scenario, in a sentence that does not say again what [`complain_of`] says.
pub(crate) fn in_short(unreadable: &ReadError) -> String {
    let ReadError::Problems(problems) = unreadable else { return unreadable.to_string() };
    let first = problems.iter().next();
    let at = first.map_or_else(String::new, |problem| format!("{}:{}", problem.line, problem.column));
    match problems.len() {
        1 => format!("it is no scenario: a problem at {at}, told on stderr"),
        count => format!("it is no scenario: {count} problems, the first at {at}, told on stderr"),
    }
}

/// Says on stderr why a text is no scenario: every problem with its place, in colour where stderr has colours. What is one sentence
/// is left to the caller to say.
pub(crate) fn complain_of(unreadable: &ReadError) -> Option<CommandError> {
    match unreadable {
        ReadError::Problems(problems) => {
            show(problems);
            None
        }
        _ => Some(CommandError::because(unreadable)),
    }
}

/// Shows problems on stderr.
pub(crate) fn show(problems: &Problems) {
    // There is nowhere else to say it.
    let _ = writeln!(anstream::stderr(), "{}\n", problems.render(Style::Coloured).trim_end());
}
