//! `python-path`, `site-packages`, `requires`: the real code that a scenario reaches.

use std::path::PathBuf;

use super::reader::{Field, Fields, Reader};
use crate::scenario::problem::Problem;
use crate::scenario::{RealCode, Requirement};

/// The real code that a scenario with these top-level fields reaches.
pub(super) fn real_code(reader: &mut Reader, top: &Fields<'_>) -> RealCode {
    let directories = top.get("python-path").map(|field| directories(reader, field));
    let site_packages = top.get("site-packages").and_then(|field| reader.boolean(field));
    let requires = top.get("requires").map(|field| requirements(reader, field));
    RealCode {
        directories: directories.unwrap_or_default(),
        site_packages: site_packages.unwrap_or_default(),
        requires: requires.unwrap_or_default(),
    }
}

fn directories(reader: &mut Reader, field: &Field<'_>) -> Vec<PathBuf> {
    let entries = reader.array(field, "strings").unwrap_or_default();
    let written = reader.strings(field).unwrap_or_default();
    reader.repeated(&written, "directory");
    entries.iter().filter_map(|entry| directory(reader, entry)).collect()
}

fn directory(reader: &mut Reader, entry: &Field<'_>) -> Option<PathBuf> {
    let written = entry.value.as_str()?;
    let path = reader.real_path(entry, written)?;
    match path.canonicalize() {
        Ok(path) if path.is_dir() => Some(path),
        found => {
            let what = if found.is_ok() { "is no directory" } else { "is not there" };
            let problem = Problem::new(entry.span.clone(), format!("`{written}` {what}"));
            reader.note(problem.help("it is named relative to the scenario file"));
            None
        }
    }
}

fn requirements(reader: &mut Reader, field: &Field<'_>) -> Vec<Requirement> {
    let written = reader.strings(field).unwrap_or_default();
    reader.repeated(&written, "requirement");
    let mut read = Vec::new();
    for (text, span) in written {
        match text.parse() {
            Ok(requirement) => read.push(requirement),
            Err(fault) => {
                let problem = Problem::new(span, fault);
                reader.note(problem.help("a name and versions, such as \"jinja2>=3\""));
            }
        }
    }
    read
}
