//! Scripts performed one after the other on one interpreter. A script that begins like the one before goes on from the last state
//! that was kept before the two part, and one whose actions were all performed before, in the same worlds, is not performed again (its
//! `history`). To keep a state takes a copy of the interpreter, which costs as much as some imports: so states are kept a stretch of
//! steps apart.

mod history;

use std::time::{Duration, Instant};

pub(super) use history::History;

use history::HistoryPlace;

use super::performer::{Performer, StepDone};
use super::script::{ScriptLine, StepRecord};
use super::shared::KEPT;
use crate::interpreter::{Ask, Keep, Landing, NoOutcome, Outcome};
use crate::scenario::Step;
use crate::world::World;

/// Actions after which a state is kept. A copy and what it then writes to costs as much as about ten imports of small modules
/// (`benches/transition.rs` and the figures in `docs/performance.md`).
const STRETCH: usize = 8;

/// Time of actions after which a state is kept: to perform them again would take longer than a copy.
const LONG: Duration = Duration::from_millis(30);

/// Whether nothing that comes after a line matters, since it did this.
pub type Enough<'e> = dyn Fn(&ScriptLine<'_>, &Outcome) -> bool + 'e;

/// The scripts that were performed, and where the last one has left the interpreter.
#[derive(Debug, Default)]
pub(super) struct ScriptTrail {
    history: History,
    passed: Vec<Passed>,
    performed: u64,
    /// States that are kept below.
    kept: usize,
    /// Since the last of them.
    stretch: Stretch,
}

/// What was performed since a state was kept.
#[derive(Debug)]
struct Stretch {
    actions: usize,
    took: Duration,
    /// Whether nothing was: a copy has come back to this state.
    is_over: bool,
}

impl Stretch {
    /// At a state to which others return: what is performed next begins a stretch of its own.
    const OVER: Self = Self { actions: 0, took: Duration::ZERO, is_over: true };

    /// Just behind a state that is kept: the action that was performed in the copy of it counts.
    const BEGUN: Self = Self { actions: 0, took: Duration::ZERO, is_over: false };

    fn is_long(&self) -> bool {
        self.actions >= STRETCH || self.took >= LONG
    }
}

impl Default for Stretch {
    fn default() -> Self {
        Self::OVER
    }
}

/// A line that the interpreter has passed.
#[derive(Debug)]
struct Passed {
    line: TrailLine,
    record: StepRecord,
    world: World,
    moment: HistoryPlace,
    /// States that were kept when it was past.
    kept: usize,
    /// Whether one can return to the state after it.
    is_kept: bool,
}

/// What tells a line from others.
#[derive(Debug, Clone, PartialEq)]
struct TrailLine {
    test: Option<usize>,
    number: usize,
    step: Step,
}

impl TrailLine {
    fn of(line: &ScriptLine<'_>) -> Self {
        Self { test: line.test, number: line.number, step: line.step.clone() }
    }

    fn is(&self, line: &ScriptLine<'_>) -> bool {
        self.test == line.test && self.number == line.number && self.step == *line.step
    }
}

impl ScriptTrail {
    /// A trail that goes on from the start, with what was performed on another one.
    pub(super) fn with_history(history: History) -> Self {
        Self { history, ..Self::default() }
    }

    /// What was performed, for another trail from the same start.
    pub(super) fn into_history(self) -> History {
        self.history
    }

    /// Performs a script from the start until it is enough, as far as nobody has performed it.
    pub(super) fn perform(
        &mut self,
        performer: &mut Performer,
        start: &World,
        script: &[ScriptLine<'_>],
        enough: &Enough<'_>,
    ) -> Result<Vec<StepRecord>, NoOutcome> {
        if let Some(known) = self.recall(performer, start, script, enough) {
            return Ok(known);
        }
        self.performed += 1;
        if self.history.is_full() {
            self.go_back_to(performer, 0)?;
            self.history = History::default();
        }
        self.go_back_to(performer, self.in_common(script))?;
        for line in &script[self.passed.len()..] {
            self.step(performer, start, line)?;
            if self.passed.last().is_some_and(|passed| enough(line, &passed.record.outcome)) {
                break;
            }
        }
        let records = self.passed.iter().map(|passed| passed.record.clone()).collect();
        self.give_up_what_others_would_notice(performer)?;
        Ok(records)
    }

    /// What the script does until it is enough, or `None` if nobody has performed all of it.
    fn recall(
        &self,
        performer: &Performer,
        start: &World,
        script: &[ScriptLine<'_>],
        enough: &Enough<'_>,
    ) -> Option<Vec<StepRecord>> {
        let (mut world, mut moment) = (start.clone(), None);
        let (mut records, mut failed) = (Vec::with_capacity(script.len()), Vec::new());
        for line in script {
            let skipped = line.test.is_some_and(|test| failed.contains(&test));
            let done = performer.step_by(line, skipped, world, |action, world| {
                let (after, landing) = self.history.recall(moment, action, world)?;
                moment = after;
                Some(landing)
            })?;
            records.push(StepRecord::of(&done.performed));
            let outcome = &done.performed.outcome;
            if enough(line, outcome) {
                break;
            }
            failed.extend(line.test.filter(|_| outcome.is_failure()));
            world = done.performed.world;
        }
        Some(records)
    }

    /// Returns to the last state that was kept where this one has, say, a port open that interpreters beside this one want too.
    fn give_up_what_others_would_notice(&mut self, performer: &mut Performer) -> Result<(), NoOutcome> {
        let before = self.passed.iter().take_while(|passed| passed.kept < self.kept).count();
        if self.kept == 0 || performer.can_be_copied() {
            return Ok(());
        }
        self.go_back_to(performer, before)
    }

    /// Scripts that were performed, not remembered.
    pub(super) fn performed(&self) -> u64 {
        self.performed
    }

    /// Returns to the start.
    pub(super) fn end(&mut self, performer: &mut Performer) -> Result<(), NoOutcome> {
        self.go_back_to(performer, 0)
    }

    fn in_common(&self, script: &[ScriptLine<'_>]) -> usize {
        self.passed.iter().zip(script).take_while(|(passed, line)| passed.line.is(line)).count()
    }

    /// Returns to the state after so many lines, or to the last one before that was kept.
    fn go_back_to(&mut self, performer: &mut Performer, lines: usize) -> Result<(), NoOutcome> {
        let kept = self.passed[..lines].iter().rposition(|passed| passed.is_kept);
        self.passed.truncate(kept.map_or(0, |last| last + 1));
        let wanted = self.passed.last().map_or(0, |last| last.kept);
        while self.kept > wanted {
            self.kept -= 1;
            self.stretch = Stretch::OVER;
            performer.ascend()?;
        }
        Ok(())
    }

    /// Whether the next action is performed in a copy. The state at the start always stays.
    fn is_to_be_kept(&self, performer: &Performer) -> bool {
        let is_worth =
            self.kept < KEPT && (self.stretch.is_over || self.stretch.is_long() && performer.can_be_copied());
        self.kept == 0 || is_worth
    }

    fn step(
        &mut self,
        performer: &mut Performer,
        start: &World,
        line: &ScriptLine<'_>,
    ) -> Result<(), NoOutcome> {
        performer.in_time()?;
        let fails = |passed: &Passed| passed.line.test == line.test && passed.record.outcome.is_failure();
        let skipped = line.test.is_some() && self.passed.iter().any(fails);
        let keep = if self.is_to_be_kept(performer) { Keep::State } else { Keep::Nothing };
        let began = Instant::now();
        let world = self.passed.last().map_or(start, |last| &last.world).clone();
        let done = performer.step_or_skip(line, skipped, world.clone(), Ask { keep, fingerprint: false })?;
        let moment = self.moment_after(line, &world, &done);
        match (done.descended, keep) {
            (false, _) => {}
            (true, Keep::State) => {
                self.kept += 1;
                self.stretch = Stretch::BEGUN;
            }
            (true, Keep::Nothing) => {
                let here = self.passed.iter_mut().filter(|passed| passed.kept == self.kept);
                here.for_each(|passed| passed.is_kept = false);
            }
        }
        self.stretch.actions += usize::from(done.descended);
        self.stretch.took += began.elapsed();
        self.stretch.is_over &= !done.descended;
        let (record, world) = (StepRecord::of(&done.performed), done.performed.world);
        let line = TrailLine::of(line);
        self.passed.push(Passed { line, record, world, moment, kept: self.kept, is_kept: true });
        Ok(())
    }

    /// The moment after a line that was performed in this world.
    fn moment_after(&mut self, line: &ScriptLine<'_>, world: &World, done: &StepDone) -> HistoryPlace {
        let before = self.passed.last().and_then(|last| last.moment);
        let Step::Interpreter(action) = line.step else { return before };
        if !done.descended {
            return before;
        }
        let StepRecord { outcome, output, wrote_files, .. } = StepRecord::of(&done.performed);
        let landed = done.performed.world.clone();
        let landing = Landing { outcome, world: landed, fingerprint: None, output, wrote_files };
        Some(self.history.learn(before, action, world, landing))
    }
}

#[cfg(test)]
mod tests;
