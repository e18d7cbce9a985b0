//! `taster man`: the manual as pages for `man`, one for each command.

use std::path::{Path, PathBuf};

use clap_mangen::Man;

use crate::format::print;
use crate::status::{CommandError, Status};

/// Options of `taster man`.
#[derive(Debug, clap::Args)]
pub(crate) struct ManOptions {
    /// Write a page for each command into this directory [default: print the page of taster itself]
    directory: Option<PathBuf>,
}

/// Prints the page of a command line, or writes all pages.
pub(crate) fn man(options: &ManOptions, line: clap::Command) -> Result<Status, CommandError> {
    match &options.directory {
        None => print(&String::from_utf8_lossy(&page(line)?))?,
        Some(directory) => write_all(line, directory)?,
    }
    Ok(Status::AsDeclared)
}

fn write_all(line: clap::Command, directory: &Path) -> Result<(), CommandError> {
    let cannot = |error| CommandError::CouldNot(format!("cannot write to {}: {error}", directory.display()));
    std::fs::create_dir_all(directory).map_err(cannot)?;
    let mut line = line;
    // Gives each command its full name, and the options that all share.
    line.build();
    let verbs: Vec<clap::Command> = line
        .get_subcommands()
        .filter(|verb| !verb.is_hide_set() && verb.get_name() != "help")
        .cloned()
        .collect();
    for verb in verbs {
        let name = format!("taster-{}", verb.get_name());
        std::fs::write(directory.join(format!("{name}.1")), page(verb.display_name(name))?)
            .map_err(cannot)?;
    }
    std::fs::write(directory.join("taster.1"), page(line)?).map_err(cannot)
}

fn page(command: clap::Command) -> Result<Vec<u8>, CommandError> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page)?;
    Ok(page)
}
