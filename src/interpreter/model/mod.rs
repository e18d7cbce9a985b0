//! The import system of CPython 3.6 to 3.13 in memory. It follows `Lib/importlib/_bootstrap.py` and
//! `_bootstrap_external.py`, version by version, evaluates module bodies as far as it knows what they do, and refuses the
//! rest. `docs/model.md` says what it covers.

mod body;
mod check;
mod code;
mod directory;
mod finder;
mod import;
mod import_module;
mod library;
mod loader;
mod machine;
mod memory;
mod message;
mod module;
mod object;
mod opaque;
mod parsed;
mod perform;
mod quote;
mod repair;
mod run_module;
mod show;
mod stack;
mod state;
mod stop;
mod text;
mod value;

use library::Library;
pub(crate) use loader::second_of;
pub(crate) use machine::Rules;
use machine::{Bodies, Machine};
pub(crate) use memory::{Memory, Trace};
pub(crate) use module::Entry as PathEntry;
pub(crate) use object::Object;
pub(crate) use state::{Finder, MemoryCell, State, entry_of, shown};
pub(crate) use value::{Name, ObjectId, Value};

use super::{Ask, HalfRead, Identity, Inspection, Interpreter, Keep, Landing, NoOutcome, Outcome};
use crate::scenario::{Action, Version};
use crate::world::World;

/// The model in some state. A stack holds the states that it must return to.
#[derive(Debug)]
pub struct Model {
    identity: Identity,
    rules: Rules,
    state: State,
    /// Modules that steps so far read while they were being imported.
    half_read: Vec<HalfRead>,
    kept: Vec<(State, Vec<HalfRead>)>,
}

impl Model {
    /// A freshly started model; `bytecode` says whether it writes bytecode files.
    ///
    /// # Errors
    /// Returns an error if the model does not cover the version.
    pub fn start(identity: &Identity, bytecode: bool) -> Result<Self, NoOutcome> {
        Ok(Self {
            identity: identity.clone(),
            rules: Rules::of(identity.version, bytecode)?,
            state: State::default(),
            half_read: Vec::new(),
            kept: Vec::new(),
        })
    }
}

impl Rules {
    /// The rules of a version.
    pub(crate) fn of(version: Version, bytecode: bool) -> Result<Self, NoOutcome> {
        let library = (version.major == 3).then(|| Library::of(version.minor)).flatten();
        let Some(library) = library else {
            return Err(NoOutcome::Refused { reason: format!("the model is not like CPython {version}") });
        };
        Ok(Self {
            version: version.feature(),
            micro: version.micro,
            library,
            bytecode,
            bodies: Bodies::default(),
        })
    }
}

/// Performs an action on a memory, then removes objects that nothing refers to. Returns the outcome and the output.
pub(crate) fn perform(
    memory: &mut Memory,
    rules: &Rules,
    action: &Action,
) -> Result<(Outcome, String), NoOutcome> {
    let mut machine = Machine::new(memory, rules);
    let outcome = machine.perform(action);
    let output = std::mem::take(&mut machine.output);
    memory.collect();
    match outcome {
        Ok(outcome) => Ok((outcome, output)),
        Err(refusal) => Err(NoOutcome::Refused { reason: refusal.to_string() }),
    }
}

impl Interpreter for Model {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn descend(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Landing, NoOutcome> {
        let mut memory = Memory::new(self.state.clone(), world.clone());
        let (outcome, output) = perform(&mut memory, &self.rules, action)?;
        let half_read = memory.take_half_read();
        let (state, world, _) = memory.into_parts();
        let fingerprint = ask.fingerprint.then(|| state.fingerprint());
        let before = std::mem::replace(&mut self.state, state);
        if ask.keep == Keep::State {
            self.kept.push((before, self.half_read.clone()));
        }
        self.half_read.extend(half_read);
        Ok(Landing { outcome, world, fingerprint, output, wrote_files: false })
    }

    fn ascend(&mut self) -> Result<(), NoOutcome> {
        (self.state, self.half_read) = self.kept.pop().unwrap_or_default();
        Ok(())
    }

    fn inspect(&mut self) -> Result<Inspection, NoOutcome> {
        let mut memory = Memory::new(self.state.clone(), World::new(crate::world::Nanos::SECOND));
        let inspection = show::inspect(&mut memory, self.rules.library);
        Ok(Inspection { half_read: self.half_read.clone(), ..inspection })
    }
}
