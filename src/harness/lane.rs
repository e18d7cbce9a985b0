//! The interpreters that trials run on, as the environment selects them. `interpreter` finds them.

use std::collections::BTreeMap;
use std::env;

use crate::bless::TestRun;
use crate::interpreter::Installation;
use crate::interpreter::wish::{self, NO_PYTHON};

/// Whether steps may write, signal and connect wherever their user may.
const UNCONFINED: &str = "TASTER_UNCONFINED";

/// Whether declarations are rewritten to the findings.
const BLESS: &str = "TASTER_BLESS";

/// Nextest's name for the run that all its processes belong to.
const RUN: &str = "NEXTEST_RUN_ID";

/// The settings in the environment.
#[derive(Debug)]
pub(super) struct LaneSettings {
    interpreters: wish::Wish,
    unconfined: bool,
    pub(super) bless: bool,
    /// The test run that this process is a part of, if its runner starts several.
    pub(super) run: Option<TestRun>,
}

/// Where a trial runs, or would run.
#[derive(Debug, Clone)]
pub(super) enum Lane {
    /// An interpreter that can be started.
    Interpreter(Installation),
    /// Stands for a missing Python: its trials are ignored.
    NoPython,
}

impl LaneSettings {
    pub(super) fn from_environment() -> Self {
        let is_set = |name: &str| wish::is_set(env::var_os(name));
        Self {
            interpreters: wish::Wish::new(&[], |name| env::var_os(name)),
            unconfined: is_set(UNCONFINED),
            bless: is_set(BLESS),
            run: env::var(RUN).ok().map(|name| TestRun {
                directory: env::temp_dir(),
                name,
                trials: BTreeMap::new(),
            }),
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

/// The lanes that trials run on.
///
/// # Errors
/// Returns an error, as a sentence, if a requested interpreter does not exist.
pub(super) fn lanes(wish: &LaneSettings) -> Result<Vec<Lane>, String> {
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

/// The warning to print before trials run on these lanes.
pub(super) fn warning(lanes: &[Lane]) -> Option<&'static str> {
    let nowhere = lanes.iter().any(|lane| matches!(lane, Lane::NoPython));
    nowhere.then_some(NO_PYTHON)
}
