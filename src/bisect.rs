//! Who makes a test fail in one ordering of a scenario that may have hundreds of tests: the smallest set, and why. The search is
//! `diagnose`; here an interpreter is started for it.

use std::time::{Duration, Instant};

use crate::budget::{Budget, Interruption};
use crate::diagnose::{self, DiagnosisLimits, Finding, Listener, Narrowing};
use crate::explore::{Explorer, Lab};
use crate::interpreter::{Identity, Installation};
use crate::ordering::{Counter, Sampler, Shape};
use crate::run::{RunError, meant_for};
use crate::scenario::{Scenario, Timestamps};
use crate::verdict::{Causes, is_declared};

/// The result of bisecting one ordering.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Bisection {
    /// The scenario; the finding names its tests by index.
    pub scenario: Scenario,
    /// The interpreter that performed the steps.
    pub interpreter: Identity,
    /// The clock.
    pub timestamps: Timestamps,
    /// The test.
    pub test: usize,
    /// The ordering that was narrowed down, by test.
    pub ordering: Vec<usize>,
    /// Whether the test fails in it.
    pub fails: bool,
    /// Who makes the difference, and why, or `None` if the test does the same without the others.
    pub finding: Option<Finding>,
    /// Orderings that were performed to find who.
    pub runs: u64,
    /// Performances that found out why.
    pub rehearsals: u64,
    /// Real seconds.
    pub seconds: f64,
}

/// Which ordering is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// This word.
    Word(Vec<usize>),
    /// The one that this seed draws, each ordering being as likely as any other.
    Seed(u64),
    /// The tests one after the other, as the file has them.
    AsWritten,
}

/// Narrows down what makes `test` fail, or pass where it fails on its own, in an ordering.
///
/// # Errors
/// Where the ordering could not be performed.
pub fn bisect(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    (test, which): (usize, Which),
    interruption: &Interruption,
) -> Result<Bisection, RunError> {
    meant_for(scenario, &installation.identity)?;
    let begun = Instant::now();
    let shape = Shape::of(scenario);
    let ordering = ordering(scenario, &shape, which)?;
    let mut explorer = Explorer::new(Lab::new(scenario, installation, timestamps), true)?;
    let budget = Budget::of(interruption.clone());
    let steps = shape.steps_of(&ordering);
    let Narrowing { fails, mut finding, runs } =
        diagnose::narrow(&mut explorer, test, &steps, budget.clone())?;
    let inquiry = DiagnosisLimits {
        budget: &budget,
        trial_time: Duration::ZERO,
        carries_over: false,
        listener: Listener::NOBODY,
    };
    if let Some(narrowed) = finding.take() {
        // What else the same tests do in other orderings is not of this one.
        let mut findings = vec![narrowed];
        diagnose::look_into(&mut explorer, &mut findings, inquiry)?;
        let mut first = findings.swap_remove(0);
        let place = (explorer.identity(), timestamps);
        first.declared = is_declared(&first, scenario, place, Causes::Sought);
        finding = Some(first);
    }
    Ok(Bisection {
        scenario: scenario.clone(),
        interpreter: explorer.identity().clone(),
        timestamps: timestamps.clone(),
        test,
        ordering,
        fails,
        finding,
        runs,
        rehearsals: explorer.scripts_performed(),
        seconds: begun.elapsed().as_secs_f64(),
    })
}

fn ordering(scenario: &Scenario, shape: &Shape, which: Which) -> Result<Vec<usize>, RunError> {
    let all: Vec<usize> = (0..scenario.tests.len()).collect();
    match which {
        Which::Word(word) => Ok(word),
        Which::Seed(seed) => Ok(Sampler::new(&Counter::new(shape, &all)?, seed).draw()),
        Which::AsWritten => {
            let mut placed: Vec<usize> = Vec::new();
            for test in all {
                let wanted = scenario.closure(&[test]);
                place(scenario, &wanted, &mut placed);
            }
            Ok(shape.word_of(&placed))
        }
    }
}

/// Places tests that are not placed yet, each after those that it must come after.
fn place(scenario: &Scenario, wanted: &[usize], placed: &mut Vec<usize>) {
    let mut left: Vec<usize> = wanted.iter().copied().filter(|test| !placed.contains(test)).collect();
    while let Some(at) =
        left.iter().position(|&test| scenario.tests[test].after.iter().all(|other| placed.contains(other)))
    {
        placed.push(left.remove(at));
    }
}
