//! The interpreters that trials run on, by the environment's wish. Finding them is `interpreter`.

use std::env;

use crate::interpreter::cpython::discover::Places;
use crate::interpreter::{Installation, Kind, choose};

/// Names interpreters, comma-separated.
const PYTHON: &str = "TASTER_PYTHON";
/// Whether having no Python is an error.
const REQUIRE: &str = "TASTER_REQUIRE_PYTHON";

/// Whether steps may write, signal and connect wherever their user may.
const UNCONFINED: &str = "TASTER_UNCONFINED";

/// Whether declarations are rewritten to what is found.
const BLESS: &str = "TASTER_BLESS";

/// What the environment asks for.
#[derive(Debug)]
pub(super) struct Wish {
    /// Interpreters as `--python` names them; empty for the default.
    python: Vec<String>,
    require: bool,
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
        let python = env::var(PYTHON).unwrap_or_default();
        Self {
            python: python.split(',').map(str::trim).filter(|one| !one.is_empty()).map(Into::into).collect(),
            require: is_set(REQUIRE),
            unconfined: is_set(UNCONFINED),
            bless: is_set(BLESS),
        }
    }
}

fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
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
/// Where an interpreter that is asked for is not there, in a sentence.
pub(super) fn lanes(wish: &Wish) -> Result<Vec<Lane>, String> {
    let places = Places::from_variables(|name| env::var_os(name));
    let chosen = if wish.python.is_empty() {
        choose::choose_first(&places)
    } else {
        choose::choose(&wish.python, &places).map_err(|error| error.to_string())?
    };
    let has_python = chosen.iter().any(|installation| installation.identity.kind != Kind::Model);
    if wish.require && !has_python {
        return Err(format!("{REQUIRE} is set, and no Python was found"));
    }
    let mut lanes: Vec<Lane> = chosen
        .into_iter()
        .map(|chosen| Lane::Interpreter(if wish.unconfined { chosen.unconfined() } else { chosen }))
        .collect();
    if !has_python && wish.python.is_empty() {
        lanes.insert(0, Lane::NoPython);
    }
    Ok(lanes)
}

/// What must be said before trials run on these lanes.
pub(super) fn warning(lanes: &[Lane]) -> Option<&'static str> {
    let nowhere = lanes.iter().any(|lane| matches!(lane, Lane::NoPython));
    nowhere.then_some("no Python was found: the model alone judges")
}
