//! The interpreters that trials run on, as the environment wishes. Finding them is `interpreter`.

use std::env;

use crate::interpreter::Installation;
use crate::interpreter::wish::{self, NO_PYTHON};

/// Whether steps may write, signal and connect wherever their user may.
const UNCONFINED: &str = "TASTER_UNCONFINED";

/// Whether declarations are rewritten to what is found.
const BLESS: &str = "TASTER_BLESS";

/// What the environment asks for.
#[derive(Debug)]
pub(super) struct Wish {
    interpreters: wish::Wish,
    unconfined: bool,
    pub(super) bless: bool,
}

/// What a trial runs on, or would.
#[derive(Debug, Clone)]
pub(super) enum Lane {
    /// An interpreter that can be started.
    Interpreter(Installation),
    /// The place of a Python where there is none: its trials are ignored.
    NoPython,
}

impl Wish {
    pub(super) fn from_environment() -> Self {
        let is_set = |name: &str| wish::is_set(env::var_os(name));
        Self {
            interpreters: wish::Wish::new(&[], |name| env::var_os(name)),
            unconfined: is_set(UNCONFINED),
            bless: is_set(BLESS),
        }
    }
}

impl Lane {
    /// Its part of a trial's name.
    pub(super) fn label(&self) -> &str {
        match self {
            Self::Interpreter(installation) => &installation.identity.label,
            Self::NoPython => "cpython",
        }
    }
}

/// What trials run on.
///
/// # Errors
/// Returns an error if an interpreter that is asked for is not there, with a sentence that says so.
pub(super) fn lanes(wish: &Wish) -> Result<Vec<Lane>, String> {
    let chosen = wish.interpreters.installations().map_err(|error| error.to_string())?;
    let mut lanes: Vec<Lane> = chosen
        .installations
        .into_iter()
        .map(|chosen| Lane::Interpreter(if wish.unconfined { chosen.unconfined() } else { chosen }))
        .collect();
    if chosen.lacks_python {
        lanes.insert(0, Lane::NoPython);
    }
    Ok(lanes)
}

/// What must be said before trials run on these lanes.
pub(super) fn warning(lanes: &[Lane]) -> Option<&'static str> {
    let nowhere = lanes.iter().any(|lane| matches!(lane, Lane::NoPython));
    nowhere.then_some(NO_PYTHON)
}
