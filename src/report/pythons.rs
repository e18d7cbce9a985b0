//! The interpreters that taster finds, and what each is called: a table, or a line of JSON for each.

use serde_json::json;

use crate::interpreter::Installation;

/// A line for each interpreter, in columns: label, version, where it was found, path.
pub fn pythons(found: &[Installation]) -> String {
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

/// One object of kind `python` for each interpreter.
pub fn pythons_json(found: &[Installation]) -> String {
    found.iter().map(line).collect()
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
