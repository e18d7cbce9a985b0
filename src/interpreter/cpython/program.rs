//! What an interpreter learns about a scenario before its first step.

use std::sync::Arc;
use std::time::Duration;

use crate::interpreter::inert;
use crate::scenario::{Action, Limits, RealCode, Scenario, Step};
use crate::world::{EntryPath, Operation};

/// The steps to perform, and their rules. Actions and sources that are not listed can be performed too; listed
/// ones are prepared once.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// Actions to prepare.
    pub actions: Vec<Action>,
    /// Python sources to compile once, with their future paths.
    pub sources: Vec<(EntryPath, Arc<str>)>,
    /// Whether all code of the steps only binds names and imports: see `interpreter::inert`.
    pub inert: bool,
    /// Whether the interpreter may write bytecode files.
    pub bytecode: bool,
    /// The real time that one step may take.
    pub step_timeout: Duration,
    /// The limits of one process, and of all of them together.
    pub limits: Limits,
    /// The real code that the steps reach.
    pub real: RealCode,
}

impl Default for Program {
    /// Prepares nothing, with the rules of a scenario that sets none.
    fn default() -> Self {
        Self {
            actions: Vec::new(),
            sources: Vec::new(),
            inert: false,
            bytecode: true,
            step_timeout: Duration::from_secs(10),
            limits: Limits::default(),
            real: RealCode::default(),
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
            real: scenario.real.clone(),
            ..Self::default()
        };
        program.inert = inert::is_inert_scenario(scenario);
        for step in scenario.steps() {
            program.add(step);
        }
        program
    }

    fn add(&mut self, step: &Step) {
        match step {
            Step::Interpreter(action) if !self.actions.contains(action) => self.actions.push(action.clone()),
            Step::World(Operation::Write { path, text, .. }) => self.add_source(path, text),
            Step::World(Operation::Copy { source, to, .. }) => {
                for (path, content) in source.placed(to) {
                    if let Some(text) = content.and_then(|bytes| std::str::from_utf8(bytes).ok()) {
                        self.add_source(&path, &Arc::from(text));
                    }
                }
            }
            _ => {}
        }
    }

    fn add_source(&mut self, path: &EntryPath, text: &Arc<str>) {
        let source = (path.clone(), Arc::clone(text));
        if is_python(path) && !self.sources.contains(&source) {
            self.sources.push(source);
        }
    }
}

fn is_python(path: &EntryPath) -> bool {
    path.name().rsplit_once('.').is_some_and(|(_, suffix)| suffix == "py")
}
