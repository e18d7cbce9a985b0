//! What an interpreter is told of a scenario before its first step.

use std::sync::Arc;
use std::time::Duration;

use crate::scenario::{Action, EntryPath, Operation, Scenario, Step};

/// The steps that will be performed, and under which rules. Actions and sources that are not listed can be performed all
/// the same; those that are, are prepared once.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// Actions to prepare.
    pub actions: Vec<Action>,
    /// Python sources to compile once, by where they will lie.
    pub sources: Vec<(EntryPath, Arc<str>)>,
    /// Whether the interpreter may write bytecode files.
    pub bytecode: bool,
    /// Real time that one step may take.
    pub step_timeout: Duration,
}

impl Default for Program {
    /// Nothing prepared, and the rules of a scenario that sets none.
    fn default() -> Self {
        Self {
            actions: Vec::new(),
            sources: Vec::new(),
            bytecode: true,
            step_timeout: Duration::from_secs(10),
        }
    }
}

impl Program {
    /// The program of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let mut program =
            Self { bytecode: scenario.bytecode, step_timeout: scenario.step_timeout, ..Self::default() };
        for step in scenario.steps() {
            program.add(step);
        }
        program
    }

    /// Lists what one step needs.
    pub fn add(&mut self, step: &Step) {
        match step {
            Step::Interpreter(action) if !self.actions.contains(action) => self.actions.push(action.clone()),
            Step::World(Operation::Write { path, text }) if path.name().ends_with(".py") => {
                let source = (path.clone(), Arc::clone(text));
                if !self.sources.contains(&source) {
                    self.sources.push(source);
                }
            }
            _ => {}
        }
    }
}
