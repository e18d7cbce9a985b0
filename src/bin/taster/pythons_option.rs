//! The interpreters that options and environment ask for.

use std::env;

use taster::interpreter::Installation;
use taster::interpreter::cpython::discover::Places;
use taster::interpreter::wish::{NO_PYTHON, Wish};

use crate::status::{CommandError, complain};

/// The option that names interpreters.
#[derive(Debug, clap::Args)]
pub(crate) struct InterpreterOptions {
    /// Interpreters to use: a path, a version (3.11), `all` for all that are found, `model`, or `model:3.12`; repeatable
    ///
    /// By default, taster uses the interpreters that `TASTER_PYTHON` names (comma-separated) or, if it is not set, the
    /// first Python found and the built-in model.
    #[arg(long, value_name = "WHICH", value_delimiter = ',')]
    python: Vec<String>,
    /// Let steps write, signal and connect wherever you may; by default, they can write only below their own directory
    #[arg(long)]
    unconfined: bool,
}

impl InterpreterOptions {
    /// The interpreters, in the order in which they were asked for. Says on stderr where there is no Python.
    pub(crate) fn installations(&self) -> Result<Vec<Installation>, CommandError> {
        let wish = Wish::new(&self.python, |name| env::var_os(name));
        let chosen = wish.installations().map_err(CommandError::because)?;
        if chosen.lacks_python {
            complain(NO_PYTHON);
        }
        let installations = chosen.installations.into_iter();
        Ok(if self.unconfined {
            installations.map(Installation::unconfined).collect()
        } else {
            installations.collect()
        })
    }

    /// Whether `--python` was given.
    pub(crate) fn is_explicit(&self) -> bool {
        !self.python.is_empty()
    }
}

/// Where interpreters are looked for.
pub(crate) fn places() -> Places {
    Places::from_variables(|name| env::var_os(name))
}
