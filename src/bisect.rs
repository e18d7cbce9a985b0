//! Who makes a test fail in one ordering of a scenario that may have hundreds of tests: the smallest set, and why. The search is
//! `diagnose`; here an interpreter is started for it.

use std::time::Duration;

use num_bigint::BigUint;

use crate::budget::{Budget, Interruption};
use crate::diagnose::{self, Alone, Finding, Inquiry, Narrowing};
use crate::explore::{Explorer, Lab};
use crate::interpreter::Installation;
use crate::ordering::{Counter, Sampler, Shape};
use crate::run::{RunError, meant_for};
use crate::scenario::{Scenario, Timestamps};
use crate::verdict::{Audit, Causes, Coverage, Judgement, Method, SecondOpinion, TestSummary, Verdict};

/// What came of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Bisection {
    /// The test.
    pub test: usize,
    /// The ordering that was narrowed down, by test.
    pub ordering: Vec<usize>,
    /// Whether the test fails in it.
    pub fails: bool,
    /// The verdict on this one ordering. Its finding, if there is one, says who makes the difference, and why; there is none
    /// where the test does the same without the others.
    pub verdict: Verdict,
    /// Orderings that were performed to find who.
    pub runs: u64,
    /// Rehearsals to find out why.
    pub rehearsals: u64,
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
    let shape = Shape::of(scenario);
    let ordering = ordering(scenario, &shape, which)?;
    let mut explorer = Explorer::new(Lab::new(scenario, installation, timestamps), true)?;
    let budget = Budget::of(interruption.clone());
    let steps = shape.steps_of(&ordering);
    let Narrowing { fails, finding, runs } = diagnose::narrow(&mut explorer, test, &steps, budget.clone())?;
    let mut findings: Vec<Finding> = finding.into_iter().collect();
    let inquiry = Inquiry { budget: &budget, trial_time: Duration::ZERO };
    diagnose::look_into(&mut explorer, &mut findings, inquiry)?;
    let verdict = verdict(&explorer, timestamps, findings, (runs + explorer.scripts_performed(), fails))?;
    Ok(Bisection { test, ordering, fails, verdict, runs, rehearsals: explorer.scripts_performed() })
}

/// The verdict on one ordering.
fn verdict(
    explorer: &Explorer<'_>,
    timestamps: &Timestamps,
    findings: Vec<Finding>,
    (runs, fails): (u64, bool),
) -> Result<Verdict, RunError> {
    let all: Vec<usize> = (0..explorer.shape().tests()).collect();
    let unknown = TestSummary { failing: BigUint::ZERO, alone: Alone::Unknown };
    let mut verdict = Verdict {
        scenario: explorer.scenario().clone(),
        interpreter: explorer.identity().clone(),
        timestamps: timestamps.clone(),
        coverage: Coverage {
            total: Counter::new(explorer.shape(), &all)?.total(),
            covered: BigUint::from(1_u32),
            failing: BigUint::from(u32::from(fails)),
            method: Method::Sampled { seed: 0 },
            cut_short: false,
        },
        tests: vec![unknown; all.len()],
        states: explorer.states(),
        transitions: explorer.transitions(),
        audited: 0,
        audit: Audit::default(),
        runs,
        seconds: 0.0,
        diagnosis_seconds: 0.0,
        findings,
        missing: Vec::new(),
        model: SecondOpinion::NotAsked,
        judgement: Judgement::Incomplete,
        notes: Vec::new(),
    };
    verdict.judge(false, Causes::Sought);
    Ok(verdict)
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
