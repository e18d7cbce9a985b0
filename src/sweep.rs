//! How a poisoning depends on time: the exact probability that its witness fails with a sleep inserted before
//! each step between the polluting and the failing one, by the sleep's length and the granularity of
//! timestamps. `report` displays it.

use crate::diagnose::{Finding, Odds, Probability};
use crate::explore::{Lab, Performer, Script, ScriptLine, StepTimes};
use crate::interpreter::{Identity, Installation, NoOutcome};
use crate::kind::FindingKind;
use crate::ordering::Shape;
use crate::remedy::StepPlace;
use crate::scenario::{PRESETS, Scenario, Step, Timestamps};
use crate::world::{Nanos, Operation};

/// Lengths of sleeps as hundredths of a tick.
const OF_A_TICK: [u64; 8] = [0, 10, 25, 50, 75, 90, 100, 110];

/// The longest sleep under every granularity is five times ten to this power of nanoseconds.
const LONGEST_POWER: u32 = 9;

/// The shortest sleep is ten to this power of nanoseconds.
const SHORTEST_POWER: u32 = 5;

/// The result of a sweep.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Sweep {
    /// The interpreter that performed it.
    pub interpreter: Identity,
    /// The timestamps under which the finding was made.
    pub timestamps: Timestamps,
    /// The steps before which a sleep was inserted, in the order of the witness.
    pub places: Vec<StepPlace>,
    /// The results for each granularity, the coarsest first.
    pub granularities: Vec<Granularity>,
    /// How long steps took.
    pub times: StepTimes,
    /// How often the ordering was performed in all.
    pub runs: u64,
}

/// The results for one granularity.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Granularity {
    /// The length of a tick.
    pub tick: Nanos,
    /// The presets of this length.
    pub presets: Vec<&'static str>,
    /// By place, in the order of [`Sweep::places`]: the points, by the length of the sleep.
    pub curves: Vec<Vec<Point>>,
}

/// One point of a curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The length of the sleep.
    pub sleep: Nanos,
    /// How likely the victim fails, or `None` if the exact probability is unknown.
    pub fails: Option<Probability>,
}

/// Why there is no sweep.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The failure of other findings does not depend on the time between two steps.
    #[error("only a victim with its polluters can be swept; this finding is {}", .0.as_str())]
    NoVictim(FindingKind),
    /// The interpreter gave no outcome.
    #[error(transparent)]
    Interpreter(#[from] NoOutcome),
}

/// Sweeps a finding's witness on one started interpreter; its steps take these times, or those that the scenario gives.
///
/// # Errors
/// Returns an error if the finding is not a poisoning, or the interpreter is lost.
pub fn sweep(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    finding: &Finding,
    times: Option<StepTimes>,
) -> Result<Sweep, SweepError> {
    let (FindingKind::Victim, Some(failing)) = (finding.kind, finding.failing_step) else {
        return Err(SweepError::NoVictim(finding.kind));
    };
    let steps = Shape::of(scenario).steps_of(&finding.witness);
    let script = Script::with_setup(scenario, &steps);
    let at = |place: StepPlace| script.place_of(place.test, place.step);
    let first = finding.polluting_step.and_then(at).map_or(scenario.setup.len(), |at| at + 1);
    let last = at(failing).unwrap_or(script.len().saturating_sub(1));
    let between: Vec<usize> = (first..=last).collect();
    let places = between.iter().filter_map(|&at| place_of(&script[at])).collect();
    let mut performer = Lab::new(scenario, installation, timestamps).performer()?;
    if let Some(times) = times {
        performer.take_times(times);
    }
    let odds = Odds::new(scenario, performer.identity().kind);
    let mut sweeper = Sweeper { performer, odds, script, victim: finding.test };
    let granularities = ticks(scenario, timestamps)
        .into_iter()
        .map(|tick| sweeper.granularity(tick, &between))
        .collect::<Result<_, _>>()?;
    Ok(Sweep {
        interpreter: sweeper.performer.identity().clone(),
        timestamps: timestamps.clone(),
        places,
        granularities,
        times: sweeper.performer.times().clone(),
        runs: sweeper.odds.runs(),
    })
}

impl Sweep {
    /// The granularity under which the finding was made.
    pub fn own(&self) -> Option<&Granularity> {
        self.granularities.iter().find(|granularity| granularity.tick == self.timestamps.tick)
    }

    /// The place where a sleep helps most under the finding's own timestamps: the one with the fewest failures
    /// over all lengths. Ties go to the last.
    pub fn best_place(&self) -> usize {
        let weight = |curve: &Vec<Point>| -> f64 {
            curve.iter().map(|point| point.fails.as_ref().map_or(1.0, Probability::value)).sum()
        };
        let curves = self.own().map_or(&[][..], |own| &own.curves);
        let weights = curves.iter().map(weight).enumerate();
        let best = weights.min_by(|(left, a), (right, b)| a.total_cmp(b).then(right.cmp(left)));
        best.map_or(0, |(place, _)| place)
    }

    /// The lengths of sleeps that are points of every granularity, zero first.
    pub fn common_sleeps() -> Vec<Nanos> {
        let powers = (SHORTEST_POWER..=LONGEST_POWER).map(|power| 10_u64.pow(power));
        [0].into_iter().chain(powers.flat_map(|power| [power, 2 * power, 5 * power])).map(Nanos).collect()
    }

    /// Lengths of sleeps in proportion to a tick.
    pub fn sleeps_of_a_tick(tick: Nanos) -> Vec<Nanos> {
        let mut sleeps: Vec<Nanos> = OF_A_TICK
            .iter()
            .map(|part| {
                Nanos(u64::try_from(u128::from(tick.0) * u128::from(*part) / 100).unwrap_or(u64::MAX))
            })
            .collect();
        sleeps.dedup();
        sleeps
    }
}

/// One started interpreter, and its results so far.
struct Sweeper<'s> {
    performer: Performer,
    odds: Odds,
    script: Script<'s>,
    victim: usize,
}

impl Sweeper<'_> {
    fn granularity(&mut self, tick: Nanos, between: &[usize]) -> Result<Granularity, NoOutcome> {
        let mut sleeps = Sweep::common_sleeps();
        sleeps.extend(Sweep::sleeps_of_a_tick(tick));
        sleeps.sort_unstable();
        sleeps.dedup();
        let presets = PRESETS.iter().filter(|(_, length)| *length == tick.0).map(|(name, _)| *name).collect();
        let curve = |sweeper: &mut Self, at: usize| {
            sleeps.iter().map(|&sleep| sweeper.point(tick, at, sleep)).collect::<Result<Vec<_>, _>>()
        };
        let curves = between.iter().map(|&at| curve(self, at)).collect::<Result<_, _>>()?;
        Ok(Granularity { tick, presets, curves })
    }

    fn point(&mut self, tick: Nanos, at: usize, sleep: Nanos) -> Result<Point, NoOutcome> {
        let step = Step::World(Operation::Sleep(sleep));
        let script = self.script.inserted(at, std::slice::from_ref(&step));
        let fails = self.odds.of(&mut self.performer, &script, self.victim, tick)?;
        Ok(Point { sleep, fails })
    }
}

fn place_of(line: &ScriptLine<'_>) -> Option<StepPlace> {
    line.test.map(|test| StepPlace { test, step: line.number })
}

/// The ticks of all presets, of the scenario and of the finding, the coarsest first.
fn ticks(scenario: &Scenario, timestamps: &Timestamps) -> Vec<Nanos> {
    let presets = PRESETS.iter().map(|(_, length)| Nanos(*length));
    let own = scenario.timestamps.iter().map(|timestamps| timestamps.tick);
    let mut ticks: Vec<Nanos> = presets.chain(own).chain([timestamps.tick]).collect();
    ticks.sort_unstable();
    ticks.dedup();
    ticks.reverse();
    ticks
}
