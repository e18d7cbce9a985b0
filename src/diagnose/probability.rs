//! How likely an ordering fails: exactly, over the instant at which it begins. The import system sees of time only the
//! modification times that steps give, so the outcome changes with that instant only where a step falls on a tick. Each
//! pattern of times is performed once; its result is remembered for every script that differs in its sleeps alone.

use num_bigint::BigUint;

use super::Probability;
use crate::explore::{Performer, ScriptLine, StepRecord, StepTimes, can_read_times};
use crate::interpreter::{Kind, NoOutcome};
use crate::scenario::{Scenario, Step};
use crate::world::{Nanos, Operation, Time, World};

/// Real runs past which no probability is given.
const RUNS: u64 = 2_000;

/// Two times closer than this may be one for CPython, which keeps them as floats: two units in the last place at 10^9 s.
const BLUR: u64 = 239;

/// Probabilities of one script, with any sleeps put in and under any tick: patterns of times that were performed are not
/// performed again.
#[derive(Debug)]
pub struct Odds {
    /// Whether code of the script could read a time; else only which times are equal matters.
    exact: bool,
    /// Whether steps give times of their own: then the outcome can change between ticks too.
    gives_mtimes: bool,
    nodes: Vec<Vec<PhaseBranch>>,
    runs: u64,
}

/// The result of a step after a certain pattern of times.
#[derive(Debug, Clone, Copy)]
struct PhaseBranch {
    mark: PhaseMark,
    fails: bool,
    to: usize,
}

/// By how much a step's modification time is later than the one of the step before: in ticks and in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PhaseMark {
    ticks: u64,
    seconds: u64,
}

/// One run from one instant.
struct Course {
    fails: bool,
    /// When each step began.
    began: Vec<Time>,
}

/// What the probability is of.
#[derive(Clone, Copy)]
struct PhaseQuestion<'q> {
    script: &'q [ScriptLine<'q>],
    victim: usize,
    tick: Nanos,
}

/// A piece of a tick in which the outcome is one and the same.
struct Piece {
    start: u64,
    length: u64,
    fails: bool,
}

impl Odds {
    /// For scripts of this scenario on this kind of interpreter; how long steps take, each performer says.
    pub fn new(scenario: &Scenario, kind: Kind) -> Self {
        let exact = can_read_times(scenario, kind);
        let gives_mtimes = scenario.gives_mtimes();
        Self { exact, gives_mtimes, nodes: vec![Vec::new()], runs: 0 }
    }

    /// How often a script was performed so far.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// The probability that a step of `victim` fails in `script` (setup included), where every instant of a tick is as likely
    /// to be the one at which it begins. None where the pieces are too many, times lie too close for CPython's floats, or
    /// steps give modification times: these reach a tick at other instants than the steps do.
    /// Scripts may differ from call to call in their sleeps, and in nothing else; nor may the times of the steps.
    ///
    /// # Errors
    /// Where the interpreter is lost.
    pub fn of(
        &mut self,
        performer: &mut Performer,
        script: &[ScriptLine<'_>],
        victim: usize,
        tick: Nanos,
    ) -> Result<Option<Probability>, NoOutcome> {
        let Some(period) = period(tick).filter(|_| !self.gives_mtimes) else { return Ok(None) };
        if self.exact && self.nodes[0].iter().any(|branch| branch.mark != PhaseMark::first(tick)) {
            // Under another tick a body could read other times.
            self.nodes = vec![Vec::new()];
        }
        let question = PhaseQuestion { script, victim, tick };
        let until = self.runs + RUNS;
        let mut failing: u64 = 0;
        let mut at = 0;
        while at < period {
            let stretch = self.stretch(performer, question, (at, period - at))?;
            let Some((length, fails)) = stretch.filter(|_| self.runs <= until) else { return Ok(None) };
            failing += fails;
            at += length;
        }
        Ok(Some(Probability::of(failing, period)))
    }

    /// The stretch from `at` on in which no step's modification time comes into another second: its length, at most `most`,
    /// and for how much of it the victim fails. Within it the outcome repeats with each tick.
    fn stretch(
        &mut self,
        performer: &mut Performer,
        question: PhaseQuestion<'_>,
        (at, most): (u64, u64),
    ) -> Result<Option<(u64, u64)>, NoOutcome> {
        let tick = question.tick;
        let mut length = most;
        let mut pieces: Vec<Piece> = Vec::new();
        let mut within = 0;
        while within < length.min(tick.0) {
            let course = self.course(performer, question, at + within)?;
            if is_blurred(&course.began, tick) {
                return Ok(None);
            }
            let until_tick = nearest(&course.began, |time| time.floor(tick).0 + tick.0).min(tick.0 - within);
            length = length.min(within + nearest(&course.began, |time| next_second(time, tick)));
            pieces.push(Piece { start: within, length: until_tick, fails: course.fails });
            within += until_tick;
        }
        let (whole, rest) = (length / tick.0, length % tick.0);
        let failing = |limit: u64| -> u64 {
            let parts = pieces.iter().filter(|piece| piece.fails);
            parts.map(|piece| (piece.start + piece.length).min(limit).saturating_sub(piece.start)).sum()
        };
        Ok(Some((length, whole * failing(tick.0) + failing(rest))))
    }

    /// What happens where the script begins at this phase: remembered, or performed.
    fn course(
        &mut self,
        performer: &mut Performer,
        question: PhaseQuestion<'_>,
        phase: u64,
    ) -> Result<Course, NoOutcome> {
        let start = Time(Time::START.0 + phase);
        if let Some(known) = self.remembered(question, start, performer.times()) {
            return Ok(known);
        }
        self.runs += 1;
        let performed = performer.perform(&World::beginning_at(start, question.tick), question.script)?;
        self.remember(question, &performed);
        let own =
            question.script.iter().zip(&performed).filter(|(line, _)| line.test == Some(question.victim));
        let fails = own.map(|(_, step)| step).any(|step| step.outcome.is_failure());
        Ok(Course { fails, began: performed.iter().map(|step| step.began).collect() })
    }

    fn remembered(&self, question: PhaseQuestion<'_>, start: Time, times: &StepTimes) -> Option<Course> {
        let mut began = Vec::with_capacity(question.script.len());
        let mut failed: Vec<usize> = Vec::new();
        let (mut at, mut now, mut previous) = (0, start, None);
        for line in question.script {
            began.push(now);
            if let Some(length) = sleep_of(line) {
                let skipped = line.test.is_some_and(|test| failed.contains(&test));
                now = Time(now.0.saturating_add(if skipped { 0 } else { length.0 }));
                continue;
            }
            let mark = self.mark(previous, now, question.tick);
            let branch = self.nodes[at].iter().find(|branch| branch.mark == mark)?;
            failed.extend(line.test.filter(|_| branch.fails));
            (at, previous) = (branch.to, Some(now));
            now = Time(now.0.saturating_add(times.of(line).0));
        }
        Some(Course { fails: failed.contains(&question.victim), began })
    }

    fn remember(&mut self, question: PhaseQuestion<'_>, performed: &[StepRecord]) {
        let (mut at, mut previous) = (0, None);
        for (line, step) in question.script.iter().zip(performed) {
            if sleep_of(line).is_some() {
                continue;
            }
            let mark = self.mark(previous, step.began, question.tick);
            previous = Some(step.began);
            let known = self.nodes[at].iter().find(|branch| branch.mark == mark);
            at = if let Some(branch) = known {
                branch.to
            } else {
                let to = self.nodes.len();
                self.nodes[at].push(PhaseBranch { mark, fails: step.outcome.is_failure(), to });
                self.nodes.push(Vec::new());
                to
            };
        }
    }

    /// What of a step's time can matter, after a step that began at `previous`.
    fn mark(&self, previous: Option<Time>, now: Time, tick: Nanos) -> PhaseMark {
        let (Some(previous), now) = (previous.map(|time| time.floor(tick)), now.floor(tick)) else {
            return if self.exact { PhaseMark::first(tick) } else { PhaseMark { ticks: 0, seconds: 0 } };
        };
        let (ticks, seconds) = ((now.0 - previous.0) / tick.0, now.second() - previous.second());
        if self.exact {
            return PhaseMark { ticks, seconds };
        }
        PhaseMark { ticks: ticks.min(1), seconds: seconds.min(1) }
    }
}

impl PhaseMark {
    /// Of the first step, where times can be read: the tick itself counts.
    fn first(tick: Nanos) -> Self {
        Self { ticks: tick.0, seconds: 0 }
    }
}

fn sleep_of(line: &ScriptLine<'_>) -> Option<Nanos> {
    match line.step {
        Step::World(Operation::Sleep(length)) => Some(*length),
        _ => None,
    }
}

/// Whether two modification times differ by less than CPython's floats can be trusted to tell.
fn is_blurred(began: &[Time], tick: Nanos) -> bool {
    let apart = |pair: &[Time]| pair[1].floor(tick).0 - pair[0].floor(tick).0;
    began.windows(2).map(apart).any(|apart| apart > 0 && apart < BLUR)
}

/// The first tick after this time at which modification times are of another second.
fn next_second(time: Time, tick: Nanos) -> u64 {
    let second = (time.floor(tick).second() + 1) * Nanos::SECOND.0;
    second.div_ceil(tick.0) * tick.0
}

/// How much later all of it may happen before the first step comes to what `boundary` says of its time.
fn nearest(began: &[Time], boundary: impl Fn(Time) -> u64) -> u64 {
    began.iter().map(|&time| boundary(time) - time.0).min().unwrap_or(u64::MAX)
}

/// After how many nanoseconds the outcome repeats, as the start moves: a tick, and a whole second, since bytecode is compared by
/// seconds; their least common multiple. None where it is too long to be of use.
fn period(tick: Nanos) -> Option<u64> {
    let second = Nanos::SECOND.0;
    let common = gcd(tick.0, second);
    (tick.0 / common).checked_mul(second).filter(|&period| period / tick.0.max(second) <= 100)
}

impl Probability {
    /// The reduced fraction `numerator / denominator`; certainty of nothing where the denominator is zero.
    pub fn of(numerator: u64, denominator: u64) -> Self {
        let common = gcd(numerator, denominator).max(1);
        let denominator = (denominator / common).max(1);
        Self { numerator: BigUint::from(numerator / common), denominator: BigUint::from(denominator) }
    }

    /// The probability that it does not happen.
    #[must_use = "the probability itself stays as it is"]
    pub fn of_the_contrary(self) -> Self {
        Self { numerator: &self.denominator - &self.numerator, denominator: self.denominator }
    }

    /// Whether it does not depend on when the run begins: nought or one.
    pub fn is_decided(&self) -> bool {
        self.numerator == BigUint::ZERO || self.numerator == self.denominator
    }

    /// The nearest float.
    pub fn value(&self) -> f64 {
        let float = |number: &BigUint| number.to_string().parse::<f64>().unwrap_or(f64::INFINITY);
        float(&self.numerator) / float(&self.denominator)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests;
