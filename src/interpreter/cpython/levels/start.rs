//! Starting an interpreter: its directory, its agent, and whether it has what the scenario requires.

use super::super::agent::Agent;
use super::super::configure::configure;
use super::super::confine;
use super::super::guard::Guard;
use super::super::home::make_home;
use super::super::limits;
use super::super::program::Program;
use super::super::source::STEPS;
use super::{CPython, Level};
use crate::interpreter::{Installation, NoOutcome};
use crate::world::disk::Directory;

impl CPython {
    /// Starts the interpreter for the steps of `program`, in a directory of its own.
    ///
    /// # Errors
    /// Returns an error if it cannot be started, differs from `installation`, or lacks what the program requires.
    pub fn start(installation: &Installation, program: Program) -> Result<Self, NoOutcome> {
        let identity = installation.identity.clone();
        let python = identity
            .path
            .clone()
            .ok_or_else(|| NoOutcome::Refused { reason: format!("{} has no executable", identity.label) })?;
        must_spare_real_code(installation, &program)?;
        let home = make_home()?;
        let disk = Directory::create(&home.path().join("o"))?;
        let guard = Guard::of(disk.path(), home.path());
        let mut this = Self {
            identity,
            agent: None,
            disk,
            home,
            _guard: guard,
            python,
            program,
            confined: installation.confined,
            compiled: installation.compiled.clone(),
            zygote: 0,
            levels: vec![Level::default()],
            returned: false,
        };
        this.start_agent()?;
        Ok(this)
    }

    pub(super) fn start_agent(&mut self) -> Result<(), NoOutcome> {
        self.lose_agent();
        let mut agent = self.spawn()?;
        let root = self.disk.path();
        let configured = configure(&mut agent, &self.program, &self.identity, root, self.confined);
        let configured = configured.map_err(|why| {
            let said = agent.take_output();
            let said = said.lines().last().unwrap_or_default();
            self.lost(&format!("{why} {said}"))
        })?;
        if let Some(reason) = self.program.real.lacking(&configured.installed) {
            return Err(NoOutcome::Lacks { interpreter: self.identity.label.clone(), reason });
        }
        self.zygote = configured.zygote;
        self.agent = Some(agent);
        limits::set(self.zygote, self.program.limits);
        Ok(())
    }

    fn spawn(&self) -> Result<Agent, NoOutcome> {
        let home = self.home.path();
        self.compiled
            .put_into(home, &self.python, STEPS)
            .and_then(|()| Agent::start(STEPS, &self.python, home, self.disk.path(), self.confined))
            .map_err(|error| self.lost(&format!("cannot start {}: {error}", self.python.display())))
    }
}

/// The agent keeps Python 3 from writing bytecode into real directories; only confinement keeps 2.7 from it.
fn must_spare_real_code(installation: &Installation, program: &Program) -> Result<(), NoOutcome> {
    let identity = &installation.identity;
    let is_free = !installation.confined || confine::is_missing();
    if identity.version.major > 2 || !is_free || !program.real.is_reached() {
        return Ok(());
    }
    let reason =
        "it would write bytecode into the scenario's real directories, because its steps are not confined";
    Err(NoOutcome::Lacks { interpreter: identity.label.clone(), reason: reason.to_owned() })
}
