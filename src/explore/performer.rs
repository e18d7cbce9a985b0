//! Performs the steps of a script one after the other on one interpreter, from any world.

use super::script::{ScriptLine, StepPerformance, StepRecord};
use super::step_times::StepTimes;
use crate::budget::Budget;
use crate::interpreter::{
    Ask, Fingerprint, Identity, Inspection, Interpreter, Keep, Landing, NoOutcome, Outcome, inert,
};
use crate::scenario::{Action, Scenario, Step, Version};
use crate::world::{Operation, OsError, Time, World};

/// Receives each performed step, and the interpreter after it.
pub type StepWatcher<'a> =
    dyn FnMut(&ScriptLine<'_>, &StepPerformance, &mut dyn Interpreter) -> Result<(), NoOutcome> + 'a;

/// A fresh interpreter that performs scripts and returns to where it was after each.
pub struct Performer {
    interpreter: Box<dyn Interpreter + Send>,
    times: StepTimes,
    /// Whether no code of the scenario could start a thread or open a file.
    is_inert: bool,
    limit: Option<Budget>,
}

impl std::fmt::Debug for Performer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Performer").field("interpreter", self.interpreter.identity()).finish_non_exhaustive()
    }
}

/// A performed step, whether the interpreter descended in it, and the fingerprint after it.
pub(super) struct StepDone {
    pub(super) performed: StepPerformance,
    pub(super) descended: bool,
    pub(super) fingerprint: Option<Fingerprint>,
}

/// Where a script ended: whether a state is kept below, the fingerprint after the last action, and the world.
#[derive(Default)]
pub(super) struct Ended {
    pub(super) kept: bool,
    pub(super) fingerprint: Option<Fingerprint>,
    pub(super) world: Option<World>,
}

impl Performer {
    /// A performer for steps of this scenario, whose setup is not performed: scripts hold what they need.
    pub fn new(scenario: &Scenario, interpreter: Box<dyn Interpreter + Send>) -> Self {
        let (times, is_inert) = (StepTimes::of_scenario(scenario), inert::is_inert_scenario(scenario));
        Self { interpreter, times, is_inert, limit: None }
    }

    /// From now on steps take these times.
    pub fn take_times(&mut self, times: StepTimes) {
        self.times = times;
    }

    /// How long steps take.
    pub fn times(&self) -> &StepTimes {
        &self.times
    }

    /// From now on scripts end with [`NoOutcome::Interrupted`] where this budget is used up; `None` removes the limit.
    pub fn limit(&mut self, budget: Option<&Budget>) {
        self.limit = budget.cloned();
    }

    /// Which interpreter it is.
    pub fn identity(&self) -> &Identity {
        self.interpreter.identity()
    }

    /// Performs a script from `world`, showing each step as it is done, and returns to the state before.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses, or cannot be inspected by `watcher`.
    pub fn perform_watched(
        &mut self,
        world: &World,
        script: &[ScriptLine<'_>],
        watcher: &mut StepWatcher<'_>,
    ) -> Result<(), NoOutcome> {
        let ended = self.perform_and_stay(world, script, false, watcher)?;
        if ended.kept {
            self.interpreter.ascend()?;
        }
        Ok(())
    }

    /// Performs a script from `world` and returns to the state before.
    ///
    /// # Errors
    /// Where the interpreter is lost for good, or refuses.
    pub fn perform(
        &mut self,
        world: &World,
        script: &[ScriptLine<'_>],
    ) -> Result<Vec<StepRecord>, NoOutcome> {
        let mut performed = Vec::with_capacity(script.len());
        self.perform_watched(world, script, &mut |_, step, _| {
            performed.push(StepRecord::of(step));
            Ok(())
        })?;
        Ok(performed)
    }

    /// Performs a script in one kept state and stays where it leads; after an error it is back at the state before.
    pub(super) fn perform_and_stay(
        &mut self,
        world: &World,
        script: &[ScriptLine<'_>],
        fingerprint: bool,
        watcher: &mut StepWatcher<'_>,
    ) -> Result<Ended, NoOutcome> {
        let mut ended = Ended::default();
        let mut failed = Vec::new();
        let mut world = world.clone();
        for line in script {
            let keep = if ended.kept { Keep::Nothing } else { Keep::State };
            let skipped = line.test.is_some_and(|test| failed.contains(&test));
            let ask = Ask { keep, fingerprint };
            let step = self.in_time().and_then(|()| self.step_or_skip(line, skipped, world, ask));
            let watched = step.and_then(|done| {
                if done.descended {
                    ended = Ended { kept: true, fingerprint: done.fingerprint, world: None };
                }
                watcher(line, &done.performed, &mut *self.interpreter)?;
                Ok(done.performed)
            });
            match watched {
                Ok(performed) => {
                    failed.extend(line.test.filter(|_| performed.outcome.is_failure()));
                    world = performed.world;
                }
                Err(problem) if ended.kept => return self.interpreter.ascend().and(Err(problem)),
                Err(problem) => return Err(problem),
            }
        }
        ended.world = Some(world);
        Ok(ended)
    }

    pub(super) fn in_time(&self) -> Result<(), NoOutcome> {
        match &self.limit {
            Some(limit) if limit.check().is_err() => Err(NoOutcome::Interrupted),
            _ => Ok(()),
        }
    }

    /// Performs one step, or passes over it where its test has failed.
    pub(super) fn step_or_skip(
        &mut self,
        line: &ScriptLine<'_>,
        skipped: bool,
        world: World,
        ask: Ask,
    ) -> Result<StepDone, NoOutcome> {
        let began = world.now();
        let version = self.interpreter.identity().version;
        let mut done = match line.step {
            Step::Interpreter(action) if !skipped => {
                StepDone::landed(self.interpreter.descend(action, &world, ask)?, began)
            }
            _ => StepDone::on_the_world(line, skipped, world, version),
        };
        self.pass_time(line, &mut done);
        Ok(done)
    }

    /// The same where somebody else says what the interpreter does, if anybody knows.
    pub(super) fn step_by(
        &self,
        line: &ScriptLine<'_>,
        skipped: bool,
        world: World,
        descend: impl FnOnce(&Action, &World) -> Option<Landing>,
    ) -> Option<StepDone> {
        let began = world.now();
        let mut done = match line.step {
            Step::Interpreter(action) if !skipped => StepDone::landed(descend(action, &world)?, began),
            _ => StepDone::on_the_world(line, skipped, world, self.interpreter.identity().version),
        };
        self.pass_time(line, &mut done);
        Some(done)
    }

    /// Moves the clock. What diagnosis does takes no time: it must not move a step into another tick.
    fn pass_time(&self, line: &ScriptLine<'_>, done: &mut StepDone) {
        if !matches!(line.step, Step::World(Operation::Sleep(_)) | Step::Interpreter(Action::Repair(_))) {
            done.performed.world.advance(self.times.of(line));
        }
    }

    /// Whether copies of the interpreter do not notice each other.
    pub(super) fn can_be_copied(&self) -> bool {
        self.is_inert || self.interpreter.can_be_copied()
    }

    pub(super) fn inspect(&mut self) -> Result<Inspection, NoOutcome> {
        self.interpreter.inspect()
    }

    pub(super) fn ascend(&mut self) -> Result<(), NoOutcome> {
        self.interpreter.ascend()
    }
}

impl StepDone {
    /// A step that the interpreter performed.
    fn landed(landing: Landing, began: Time) -> Self {
        let Landing { outcome, world, fingerprint, output, wrote_files } = landing;
        let outcome = without_addresses(outcome);
        let performed = StepPerformance { outcome, began, world, output, wrote_files };
        Self { performed, descended: true, fingerprint }
    }

    /// A step on the world, or one that is passed over.
    fn on_the_world(line: &ScriptLine<'_>, skipped: bool, mut world: World, version: Version) -> Self {
        let began = world.now();
        let outcome = match line.step {
            Step::World(operation) if !skipped => {
                let fault = world.perform(operation).err();
                fault.map_or(Outcome::Passed, |fault| exception_of(&fault, version))
            }
            _ => Outcome::Skipped,
        };
        let performed = StepPerformance { outcome, began, world, output: String::new(), wrote_files: false };
        Self { performed, descended: false, fingerprint: None }
    }
}

/// A step on the world that cannot be done, as Python would put it.
fn exception_of(fault: &OsError, version: Version) -> Outcome {
    let exception = if version.major < 3 { "OSError" } else { fault.errno.exception() };
    Outcome::failed(exception, fault.to_string())
}

/// The outcome without memory addresses, which differ from process to process: `<object at 0x…>`.
fn without_addresses(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Failed { exception, message, line } => {
            Outcome::Failed { exception, message: masked(message), line }
        }
        Outcome::Mismatched { message } => Outcome::Mismatched { message: masked(message) },
        other => other,
    }
}

fn masked(message: String) -> String {
    const MARK: &str = " at 0x";
    if !message.contains(MARK) {
        return message;
    }
    let mut parts = message.split(MARK);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |masked, part| {
        masked + MARK + "…" + part.trim_start_matches(|letter: char| letter.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_differ_from_process_to_process_and_are_masked() {
        assert_eq!(masked("<f at 0x7f01ab> and <g at 0x10>".into()), "<f at 0x…> and <g at 0x…>");
        assert_eq!(masked("no module named 'x'".into()), "no module named 'x'");
    }
}
