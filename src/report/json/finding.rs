//! Findings and declarations as JSON: the objects in the lines of verdicts and bisections.

use num_bigint::BigUint;
use serde_json::{Value, json};

use crate::cause::Cause;
use crate::diagnose::{Evidence, Finding, Probability, Recommendation, Remedy, Share, Trial};
use crate::explore::StepTimes;
use crate::interpreter::{Crash, Outcome};
use crate::kind::FindingKind;
use crate::remedy::{Place, StepPlace};
use crate::report::words;
use crate::scenario::{Declaration, Scenario};
use crate::world::Nanos;

pub(in crate::report) fn finding(scenario: &Scenario, finding: &Finding) -> Value {
    let mut object = subject(scenario, finding.kind, finding.test, &finding.others);
    let word = |word: &[usize]| words::word(scenario, word);
    let rest = json!({
        "polluting_step": finding.polluting_step.map(|place| place.step),
        "victim_step": finding.failing_step.map(|place| place.step),
        "outcome": outcome(&finding.outcome),
        "cause": finding.cause.code(),
        "evidence": evidence(finding),
        "cleaners": word(&finding.cleaners),
        "witness": word(&finding.witness),
        "neighbour": finding.neighbour.as_deref().map(word),
        "orderings": finding.share.as_ref().map(share),
        "probability": finding.probability.as_ref().map(probability),
        "remedies": finding.remedies.iter().map(|remedy| self::remedy(scenario, remedy)).collect::<Vec<_>>(),
        "declared": finding.declared,
        "polluting_test": finding.polluting_step.map(|place| &scenario.tests[place.test].name),
        "victim_test": finding.failing_step.map(|place| &scenario.tests[place.test].name),
        "minimal": finding.minimal,
        "output": finding.output,
        "recommended": finding.recommended.as_ref().map(|one| recommended(scenario, one)),
        "alike": finding.alike.map(|other| other + 1),
    });
    extend(&mut object, rest);
    if let Some(times) = &finding.times {
        extend(&mut object, json!({"step_times": step_times(scenario, times)}));
    }
    if !finding.outcomes.is_empty() {
        let seen = finding
            .outcomes
            .iter()
            .map(|seen| json!({"outcome": outcome(&seen.outcome), "times": seen.times}));
        extend(&mut object, json!({"outcomes": seen.collect::<Vec<_>>()}));
    }
    object
}

fn evidence(finding: &Finding) -> Value {
    finding.evidence.iter().map(|Evidence { kind, value }| (kind.key(), value.as_str())).collect()
}

/// Kind and tests of a finding or declaration.
fn subject(scenario: &Scenario, kind: FindingKind, test: usize, others: &[usize]) -> Value {
    let test = &scenario.tests[test].name;
    let others = words::word(scenario, others);
    let code = kind.as_str();
    match kind {
        FindingKind::Victim => json!({"kind": code, "polluters": others, "victim": test}),
        FindingKind::Brittle => json!({"kind": code, "state_setters": others, "test": test}),
        FindingKind::Broken
        | FindingKind::FlakyAlone
        | FindingKind::Nondeterministic
        | FindingKind::Collection => {
            json!({"kind": code, "test": test})
        }
    }
}

pub(super) fn declaration(scenario: &Scenario, declaration: &Declaration) -> Value {
    let mut object = subject(scenario, declaration.kind, declaration.test, &declaration.others);
    extend(&mut object, json!({"cause": declaration.cause.map(Cause::code)}));
    object
}

pub(in crate::report) fn extend(object: &mut Value, with: Value) {
    if let (Value::Object(object), Value::Object(with)) = (object, with) {
        object.extend(with);
    }
}

/// What a step did.
pub(in crate::report) fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Passed => json!({"kind": "passed"}),
        Outcome::Failed { exception, message, line: None } => {
            json!({"kind": "failed", "exception": exception, "message": message})
        }
        Outcome::Failed { exception, message, line } => {
            json!({"kind": "failed", "exception": exception, "message": message, "line": line})
        }
        Outcome::Mismatched { message } => json!({"kind": "mismatched", "message": message}),
        Outcome::Crashed(Crash::Signal(signal)) => json!({"kind": "crashed", "signal": signal}),
        Outcome::Crashed(Crash::Exit(status)) => json!({"kind": "crashed", "exit": status}),
        Outcome::Crashed(Crash::TooManyProcesses) => json!({"kind": "crashed", "too_many_processes": true}),
        Outcome::Crashed(Crash::Lost) => json!({"kind": "crashed", "lost": true}),
        Outcome::TimedOut => json!({"kind": "timed-out"}),
        Outcome::Skipped => json!({"kind": "skipped"}),
    }
}

/// Counts are decimal strings, as everywhere.
fn share(share: &Share) -> Value {
    json!({"failing": share.failing.to_string(), "total": share.total.to_string()})
}

/// The steps that have a time of their own.
pub(in crate::report) fn step_times(scenario: &Scenario, times: &StepTimes) -> Value {
    let name = |test: usize| scenario.tests[test].name.as_str();
    let time = |(test, step, time): (Option<usize>, usize, Nanos)| json!({"test": test.map(name), "step": step, "ns": time.0.to_string()});
    times.own().map(time).collect()
}

pub(in crate::report) fn probability(probability: &Probability) -> Value {
    let Probability { numerator, denominator } = probability;
    json!({
        "fraction": format!("{numerator}/{denominator}"),
        "value": ratio(numerator, denominator),
    })
}

/// A ratio of at most 1 as the nearest millionth of a millionth.
#[expect(clippy::cast_precision_loss, reason = "numbers up to 10^12 are exact in a float")]
pub(in crate::report) fn ratio(numerator: &BigUint, denominator: &BigUint) -> f64 {
    const PARTS: u64 = 1_000_000_000_000;
    let parts = (numerator * PARTS + denominator / 2u32) / denominator;
    u64::try_from(parts).map_or(f64::INFINITY, |parts| parts as f64 / PARTS as f64)
}

/// `cures_everywhere` is null where there was no time to try the whole scenario.
fn recommended(scenario: &Scenario, recommended: &Recommendation) -> Value {
    json!({
        "remedy": recommended.kind.as_str(),
        "step": recommended.step,
        "place": words::place(scenario, recommended.place),
        "cures_everywhere": recommended.cures_everywhere,
        "at": at(scenario, recommended.place),
    })
}

fn remedy(scenario: &Scenario, remedy: &Remedy) -> Value {
    let (trial, verified) = match remedy.trial {
        Trial::Verified => ("verified", Some(true)),
        Trial::Partial => ("partial", Some(false)),
        Trial::Placebo => ("placebo", Some(false)),
        Trial::NotTried => ("not-tried", None),
    };
    json!({
        "remedy": remedy.kind.as_str(),
        "verified": verified,
        "places": words::places(scenario, remedy),
        "step": remedy.step,
        "trial": trial,
        "at": remedy.places.iter().map(|&place| at(scenario, place)).collect::<Vec<_>>(),
    })
}

/// A place as data.
fn at(scenario: &Scenario, place: Place) -> Value {
    let (side, test, step) = match place {
        Place::Before(StepPlace { test, step }) => ("before", test, step),
        Place::After(StepPlace { test, step }) => ("after", test, step),
    };
    json!({"side": side, "test": scenario.tests[test].name, "step": step})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_rounded_once() {
        assert!((ratio(&1u32.into(), &3u32.into()) - 0.333_333_333_333).abs() < 1e-15);
        assert!((ratio(&7u32.into(), &7u32.into()) - 1.0).abs() < f64::EPSILON);
    }
}
