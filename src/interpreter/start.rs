//! Starts the interpreter of an installation. `choose` selects the installations.

use super::cpython::{CPython, Program};
use super::model::Model;
use super::{Freshness, Installation, Interpreter, Kind, NoOutcome};
use crate::scenario::Scenario;

/// Starts an interpreter for the steps of `scenario`, as fresh as is asked for.
///
/// # Errors
/// Returns an error if it cannot be started.
pub fn start(
    installation: &Installation,
    scenario: &Scenario,
    freshness: Freshness,
) -> Result<Box<dyn Interpreter + Send>, NoOutcome> {
    match installation.identity.kind {
        Kind::CPython | Kind::PyPy => {
            let python = CPython::start_as(installation, Program::of(scenario), freshness)?;
            Ok(Box::new(python))
        }
        Kind::Model => {
            if let Some(reason) = beyond_the_model(scenario) {
                return Err(NoOutcome::Refused { reason: reason.to_owned() });
            }
            Ok(Box::new(Model::start(&installation.identity, scenario.bytecode)?))
        }
    }
}

/// What a scenario has that no model can judge.
fn beyond_the_model(scenario: &Scenario) -> Option<&'static str> {
    scenario.real.is_reached().then_some("the scenario reaches real code")
}
