//! `taster check`: reads scenario files and the Python in them, and says what is wrong with them.

use std::path::PathBuf;

use taster::interpreter::cpython::discover::discover;
use taster::{report, syntax};

use crate::files;
use crate::format::print;
use crate::pythons_option::places;
use crate::status::{CommandError, Status};

/// Options of `taster check`.
#[derive(Debug, clap::Args)]
pub(crate) struct CheckOptions {
    /// Scenario files, and directories of them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
}

/// Checks every file; problems go to stderr, a line per good file to stdout.
pub(crate) fn check(options: &CheckOptions) -> Result<Status, CommandError> {
    let mut status = Status::AsDeclared;
    let named = files::named(&options.paths)?;
    for checked in syntax::check(&named, &discover(&places())) {
        match checked {
            Ok(checked) => {
                checked.warnings.iter().for_each(files::show);
                print(&report::checked(&checked.scenario))?;
            }
            Err(unreadable) => {
                status = Status::CouldNotJudge;
                files::complain_of(&unreadable);
            }
        }
    }
    Ok(status)
}
