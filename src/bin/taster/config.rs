//! `taster config`: what is configured for hunts in this directory, and where.

use std::path::Path;

use crate::configuration::Configuration;
use crate::format::print;
use crate::status::{CommandError, Status};

/// Prints what is in force for a hunt without options, and whence it is.
pub(crate) fn config(here: &Path, line: &clap::Command) -> Result<Status, CommandError> {
    let configured = Configuration::of(here, line).map_err(CommandError::because)?;
    let mut rows: Vec<[String; 3]> = Vec::new();
    for entry in &configured.entries {
        rows.push([entry.key.clone(), entry.values.join(" "), entry.place.clone()]);
    }
    for (name, value) in &configured.environment {
        rows.push([format!("environment.{name}"), value.clone(), "unless it is set".to_owned()]);
    }
    let hunt = line.find_subcommand("hunt").into_iter().flat_map(clap::Command::get_arguments);
    for option in hunt {
        let Some(name) = option.get_long().filter(|name| rows.iter().all(|row| row[0] != *name)) else {
            continue;
        };
        let defaults: Vec<_> =
            option.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if !defaults.is_empty() && !defaults.contains(&"false".into()) {
            rows.push([name.to_owned(), defaults.join(","), "default".to_owned()]);
        }
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second) = (width(0), width(1));
    let lines = rows.iter().map(|[key, value, place]| format!("{key:first$}  {value:second$}  {place}\n"));
    print(&lines.collect::<String>())?;
    Ok(Status::AsDeclared)
}
