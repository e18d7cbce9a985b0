//! Starts the interpreter of an installation. `choose` selects the installations.

use super::cpython::{CPython, Program};
use super::model::Model;
use super::{Freshness, Installation, Interpreter, Kind, NoOutcome};
use crate::scenario::{Scenario, Step};
use crate::world::Operation;

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
    let links = |step: &Step| matches!(step, Step::World(Operation::Link { .. }));
    if scenario.real.is_reached() {
        Some("the scenario reaches real code")
    } else if scenario.steps().any(links) {
        Some("the model follows no symbolic links")
    } else {
        None
    }
}
