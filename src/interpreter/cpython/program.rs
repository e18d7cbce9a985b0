//! What an interpreter is told of a scenario before its first step.

use std::sync::Arc;
use std::time::Duration;

use crate::interpreter::inert;
use crate::scenario::{Action, Limits, Scenario, Step};
use crate::world::{EntryPath, Operation};

/// The steps that will be performed, and under which rules. Actions and sources that are not listed can be performed all
/// the same; those that are, are prepared once.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// Actions to prepare.
    pub actions: Vec<Action>,
    /// Python sources to compile once, by where they will lie.
    pub sources: Vec<(EntryPath, Arc<str>)>,
    /// Whether no code of the steps can do more than bind names and import: see `interpreter::inert`.
    pub inert: bool,
    /// Whether the interpreter may write bytecode files.
    pub bytecode: bool,
    /// Real time that one step may take.
    pub step_timeout: Duration,
    /// What one process, and all of them together, may use.
    pub limits: Limits,
}

impl Default for Program {
    /// Nothing prepared, and the rules of a scenario that sets none.
    fn default() -> Self {
        Self {
            actions: Vec::new(),
            sources: Vec::new(),
            inert: false,
            bytecode: true,
            step_timeout: Duration::from_secs(10),
            limits: Limits::default(),
        }
    }
}

impl Program {
    /// The program of a scenario.
    pub fn of(scenario: &Scenario) -> Self {
        let mut program = Self {
            bytecode: scenario.bytecode,
            step_timeout: scenario.step_timeout,
            limits: scenario.limits,
            ..Self::default()
        };
        program.inert = scenario.steps().all(is_inert);
        for step in scenario.steps() {
            program.add(step);
        }
        program
    }

    fn add(&mut self, step: &Step) {
        match step {
            Step::Interpreter(action) if !self.actions.contains(action) => self.actions.push(action.clone()),
            Step::World(Operation::Write { path, text }) if is_python(path) => {
                let source = (path.clone(), Arc::clone(text));
                if !self.sources.contains(&source) {
                    self.sources.push(source);
                }
            }
            _ => {}
        }
    }
}

fn is_inert(step: &Step) -> bool {
    match step {
        Step::World(Operation::Write { text, .. }) => inert::is_inert(text),
        Step::Interpreter(Action::Exec { .. }) => false,
        _ => true,
    }
}

fn is_python(path: &EntryPath) -> bool {
    path.name().rsplit_once('.').is_some_and(|(_, suffix)| suffix == "py")
}
