//! The interpreters that options and environment ask for.

use std::env;

use taster::interpreter::Installation;
use taster::interpreter::cpython::discover::Places;
use taster::interpreter::wish::{NO_PYTHON, Wish};

use crate::status::{CommandError, complain};

/// The option that names interpreters.
#[derive(Debug, clap::Args)]
pub(crate) struct InterpreterOptions {
    /// Interpreters: a path, a version (3.11), `all` that are found, `model`, or `model:3.12`; repeatable
    ///
    /// Without it, `TASTER_PYTHON` names them, comma-separated; without that, the first Python found and the built-in
    /// model beside it.
    #[arg(long, value_name = "WHICH", value_delimiter = ',')]
    python: Vec<String>,
    /// Let steps write, signal and connect wherever you may; confined, they write only below their own directory
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
