//! `taster pythons`: the interpreters that are found, and what each is called.

use serde_json::json;
use taster::interpreter::Installation;
use taster::interpreter::cpython::discover::discover;

use crate::format::{Format, print};
use crate::pythons_option;
use crate::status::{CommandError, Status, complain};

/// Options of `taster pythons`.
#[derive(Debug, clap::Args)]
pub(crate) struct PythonsOptions {
    /// Output format
    #[arg(long, value_enum, default_value = "terminal")]
    format: Format,
}

/// Lists them.
pub(crate) fn pythons(options: &PythonsOptions) -> Result<Status, CommandError> {
    let found = discover(&pythons_option::places());
    let text = match options.format {
        Format::Terminal => table(&found),
        Format::Json => found.iter().map(line).collect(),
    };
    if found.is_empty() {
        complain("no Python was found on PATH, in an active virtual environment or among pyenv's versions");
    }
    print(&text)?;
    Ok(Status::AsDeclared)
}

fn line(installation: &Installation) -> String {
    let identity = &installation.identity;
    let object = json!({
        "schema": 1,
        "kind": "python",
        "label": identity.label,
        "version": identity.version.to_string(),
        "path": identity.path.as_ref().map(|path| path.display().to_string()),
        "found": installation.found,
    });
    format!("{object}\n")
}

fn table(found: &[Installation]) -> String {
    let rows: Vec<[String; 4]> = found.iter().map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (label, version, place) = (width(0), width(1), width(2));
    let line = |row: &[String; 4]| {
        format!("{:label$}  {:version$}  {:place$}  {}\n", row[0], row[1], row[2], row[3])
    };
    rows.iter().map(line).collect()
}

fn row(installation: &Installation) -> [String; 4] {
    let identity = &installation.identity;
    let path = identity.path.as_ref().map_or_else(String::new, |path| path.display().to_string());
    [identity.label.clone(), identity.version.to_string(), installation.found.clone(), path]
}
