//! How likely an ordering fails: exactly, over the instant at which it begins. Its outcome changes with that instant only
//! where a step falls on a tick, or on a whole second (bytecode is compared by seconds), so each piece between such instants
//! is performed once.

use num_bigint::BigUint;

use super::Probability;
use crate::explore::{Script, Stage};
use crate::interpreter::{Broken, Outcome};
use crate::world::{Nanos, Time, World};

/// Pieces past which no probability is given.
const PIECES: u32 = 2_000;

/// What one run from one instant showed.
struct Piece {
    fails: bool,
    /// When each step began.
    began: Vec<Time>,
}

/// Performs a script from several phases of the clock.
struct Phases<'r> {
    stage: &'r mut Stage,
    script: &'r Script<'r>,
    victim: usize,
    tick: Nanos,
    left: u32,
}

/// The probability that a step of `victim` fails in `script` (setup included), where every instant of a tick is as likely to be
/// the one at which it begins. None where the pieces are too many.
///
/// # Errors
/// Where the interpreter is lost.
pub fn probability(
    stage: &mut Stage,
    script: &Script<'_>,
    victim: usize,
    tick: Nanos,
) -> Result<Option<Probability>, Broken> {
    let Some(period) = period(tick) else { return Ok(None) };
    let mut phases = Phases { stage, script, victim, tick, left: PIECES };
    let mut failing: u64 = 0;
    let mut at = 0;
    while at < period {
        let Some((length, fails)) = phases.second_piece(at, period - at)? else { return Ok(None) };
        failing += fails;
        at += length;
    }
    Ok(Some(Probability::of(failing, period)))
}

/// After how many nanoseconds the outcome repeats, as the start moves: a tick, and a whole second, since bytecode is compared by
/// seconds; their least common multiple. None where it is too long to be of use.
fn period(tick: Nanos) -> Option<u64> {
    let second = Nanos::SECOND.0;
    let common = gcd(tick.0, second);
    (tick.0 / common).checked_mul(second).filter(|&period| period / tick.0.max(second) <= 100)
}

impl Phases<'_> {
    /// The piece from `at` on in which no step crosses a whole second: its length, at most `most`, and for how much of it the
    /// victim fails. Within it the outcome repeats with each tick.
    fn second_piece(&mut self, at: u64, most: u64) -> Result<Option<(u64, u64)>, Broken> {
        let mut length = most;
        let mut pieces: Vec<(u64, u64, bool)> = Vec::new();
        let mut within = 0;
        while within < length.min(self.tick.0) {
            if self.left == 0 {
                return Ok(None);
            }
            self.left -= 1;
            let piece = self.perform(at + within)?;
            let until_tick = distance(&piece.began, self.tick).min(self.tick.0 - within);
            length = length.min(within + distance(&piece.began, Nanos::SECOND));
            pieces.push((within, until_tick, piece.fails));
            within += until_tick;
        }
        let (whole, rest) = (length / self.tick.0, length % self.tick.0);
        let failing = |limit: u64| -> u64 {
            let parts = pieces.iter().filter(|(_, _, fails)| *fails);
            parts.map(|(start, part, _)| (start + part).min(limit).saturating_sub(*start)).sum()
        };
        Ok(Some((length, whole * failing(self.tick.0) + failing(rest))))
    }

    fn perform(&mut self, phase: u64) -> Result<Piece, Broken> {
        let world = World::beginning_at(Time(Time::START.0 + phase), self.tick);
        let performed = self.stage.perform(&world, self.script)?;
        let victims = self.script.iter().zip(&performed).filter(|(line, _)| line.test == Some(self.victim));
        let fails = victims.map(|(_, step)| &step.outcome).any(Outcome::is_failure);
        Ok(Piece { fails, began: performed.iter().map(|step| step.began).collect() })
    }
}

/// How much later all of it may happen before the first step falls on the next multiple of `length`.
fn distance(began: &[Time], length: Nanos) -> u64 {
    began.iter().map(|time| length.0 - time.0 % length.0).min().unwrap_or(u64::MAX)
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

    /// The nearest float.
    pub fn value(&self) -> f64 {
        let float = |number: &BigUint| number.to_string().parse::<f64>().unwrap_or(f64::INFINITY);
        float(&self.numerator) / float(&self.denominator)
    }
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
