//! Starts the interpreter of an installation. `choose` selects the installations.

use super::cpython::{CPython, Program};
use super::model::Model;
use super::{Installation, Interpreter, Kind, NoOutcome};
use crate::scenario::Scenario;

/// Starts an interpreter for the steps of `scenario`.
///
/// # Errors
/// Returns an error if it cannot be started.
pub fn start(
    installation: &Installation,
    scenario: &Scenario,
) -> Result<Box<dyn Interpreter + Send>, NoOutcome> {
    match installation.identity.kind {
        Kind::CPython | Kind::PyPy => {
            let python = CPython::start(installation, Program::of(scenario))?;
            Ok(Box::new(python))
        }
        Kind::Model => Ok(Box::new(Model::start(&installation.identity, scenario.bytecode)?)),
    }
}
