//! Scripts performed one after the other on one interpreter. A script that begins like the one before goes on from the last state
//! that was kept before the two part, and one that was performed before is remembered as a whole. To keep a state takes a copy of
//! the interpreter, which costs as much as some imports: so states are kept a stretch of steps apart.

use std::time::{Duration, Instant};

use super::performer::Performer;
use super::script::{ScriptLine, StepRecord};
use super::shared::KEPT;
use crate::interpreter::{Ask, Keep, NoOutcome};
use crate::scenario::Step;
use crate::world::World;

/// Actions after which a state is kept. A copy and what it then writes to costs as much as about ten imports of small modules
/// (`benches/transition.rs` and the figures in `docs/performance.md`).
const STRETCH: usize = 8;

/// Time of actions after which a state is kept: to perform them again would take longer than a copy.
const LONG: Duration = Duration::from_millis(30);

/// Steps that are remembered at most; then all are forgotten.
const REMEMBERED: usize = 100_000;

/// The scripts that were performed, and where the last one has left the interpreter.
#[derive(Debug, Default)]
pub(super) struct ScriptTrail {
    memory: ScriptMemory,
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
    /// Performs a script from the start, as far as nobody has performed it.
    pub(super) fn perform(
        &mut self,
        performer: &mut Performer,
        start: &World,
        script: &[ScriptLine<'_>],
    ) -> Result<Vec<StepRecord>, NoOutcome> {
        if let Some(known) = self.memory.recall(script) {
            return Ok(known);
        }
        self.performed += 1;
        self.go_back_to(performer, self.in_common(script))?;
        for line in &script[self.passed.len()..] {
            self.step(performer, start, line)?;
        }
        self.memory.learn(&self.passed);
        let records = self.passed.iter().map(|passed| passed.record.clone()).collect();
        self.give_up_what_others_would_notice(performer)?;
        Ok(records)
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
        let done = performer.step_or_skip(line, skipped, world, Ask { keep, fingerprint: false })?;
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
        self.passed.push(Passed { line: TrailLine::of(line), record, world, kept: self.kept, is_kept: true });
        Ok(())
    }
}

/// The scripts that were performed, as a tree of their lines.
#[derive(Debug, Default)]
struct ScriptMemory {
    lines: Vec<Remembered>,
    /// The lines with which scripts begin.
    first: Vec<usize>,
}

#[derive(Debug)]
struct Remembered {
    line: TrailLine,
    record: StepRecord,
    /// The lines after it.
    next: Vec<usize>,
}

impl ScriptMemory {
    /// The records of a script, or `None` if not all of it was performed.
    fn recall(&self, script: &[ScriptLine<'_>]) -> Option<Vec<StepRecord>> {
        let mut next = &self.first;
        let mut records = Vec::with_capacity(script.len());
        for line in script {
            let &at = next.iter().find(|&&at| self.lines[at].line.is(line))?;
            records.push(self.lines[at].record.clone());
            next = &self.lines[at].next;
        }
        Some(records)
    }

    fn learn(&mut self, passed: &[Passed]) {
        if self.lines.len() > REMEMBERED {
            *self = Self::default();
        }
        let mut last = None;
        for Passed { line, record, .. } in passed {
            let next = last.map_or(&self.first, |last: usize| &self.lines[last].next);
            let known = next.iter().find(|&&at| self.lines[at].line == *line).copied();
            let at = known.unwrap_or(self.lines.len());
            if known.is_none() {
                self.lines.push(Remembered { line: line.clone(), record: record.clone(), next: Vec::new() });
                last.map_or(&mut self.first, |last| &mut self.lines[last].next).push(at);
            }
            last = Some(at);
        }
    }
}

#[cfg(test)]
mod tests;
