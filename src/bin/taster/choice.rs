//! The interpreters that options and environment ask for.

use std::env;

use taster::interpreter::cpython::discover::Places;
use taster::interpreter::{Installation, Kind, choose};

use crate::status::{Stop, complain};

/// Names interpreters where `--python` does not.
const PYTHON: &str = "TASTER_PYTHON";
/// Whether having no Python is an error.
const REQUIRE: &str = "TASTER_REQUIRE_PYTHON";

/// The option that names interpreters.
#[derive(Debug, clap::Args)]
pub(crate) struct Interpreters {
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

impl Interpreters {
    /// The interpreters, in the order in which they were asked for. Says on stderr where there is no Python.
    pub(crate) fn installations(&self) -> Result<Vec<Installation>, Stop> {
        let wanted = self.wanted();
        let places = places();
        let chosen = if wanted.is_empty() {
            choose::choose_first(&places)
        } else {
            choose::choose(&wanted, &places).map_err(Stop::because)?
        };
        let has_python = chosen.iter().any(|installation| installation.identity.kind != Kind::Model);
        if !has_python && env::var_os(REQUIRE).is_some_and(|value| !value.is_empty() && value != "0") {
            return Err(Stop::CouldNot(format!("{REQUIRE} is set, and no Python was found")));
        }
        if !has_python && wanted.is_empty() {
            complain("no Python was found: the model alone judges");
        }
        Ok(if self.unconfined { chosen.into_iter().map(Installation::unconfined).collect() } else { chosen })
    }

    /// Whether `--python` was given.
    pub(crate) fn is_explicit(&self) -> bool {
        !self.python.is_empty()
    }

    fn wanted(&self) -> Vec<String> {
        if !self.python.is_empty() {
            return self.python.clone();
        }
        let named = env::var(PYTHON).unwrap_or_default();
        named.split(',').map(str::trim).filter(|one| !one.is_empty()).map(Into::into).collect()
    }
}

/// Where interpreters are looked for.
pub(crate) fn places() -> Places {
    Places::from_variables(|name| env::var_os(name))
}
