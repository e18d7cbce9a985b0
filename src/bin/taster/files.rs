//! The scenario files that a command line names.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use taster::scenario::{self, Problems, ReadError, Style};

use crate::status::{CommandError, complain};

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

/// Why a file is no scenario, in a sentence.
pub(crate) fn in_short(unreadable: &ReadError) -> String {
    let ReadError::Problems(problems) = unreadable else { return unreadable.to_string() };
    let first = problems.iter().next();
    let first = first.map(|problem| format!("{}:{}: {}", problem.line, problem.column, problem.message));
    match problems.len() {
        1 => first.unwrap_or_default(),
        count => format!("{count} problems, the first at {}", first.unwrap_or_default()),
    }
}

/// Says on stderr why a file is no scenario: every problem with its place, in colour where stderr has colours.
pub(crate) fn complain_of(unreadable: &ReadError) {
    match unreadable {
        ReadError::Problems(problems) => show(problems),
        _ => complain(unreadable),
    }
}

/// Shows problems on stderr.
pub(crate) fn show(problems: &Problems) {
    // There is nowhere else to say it.
    let _ = writeln!(anstream::stderr(), "{}\n", problems.render(Style::Coloured).trim_end());
}
