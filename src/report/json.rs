//! JSON lines: one object per verdict and per thing that was not run. Field names and their order are the contract of
//! schema 1; fields may be added behind, none is renamed or removed.

use std::io::{self, Write};

use num_bigint::BigUint;
use serde::Serialize;
use serde_json::{Value, json};

use super::{NotRun, Report};
use crate::cause::Cause;
use crate::diagnose::{Finding, Probability, Recommendation, Remedy, Trial};
use crate::interpreter::{Crash, Identity, Outcome};
use crate::kind::FindingKind;
use crate::scenario::{Declaration, Scenario};
use crate::verdict::{Audit, Method, SecondOpinion, Verdict};

/// Writes JSON lines.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
}

impl<W: Write> Json<W> {
    /// To `out`.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

impl<W: Write> Report for Json<W> {
    fn verdict(&mut self, verdict: Verdict) -> io::Result<()> {
        self.line(&self::verdict(&verdict))
    }

    fn not_run(&mut self, not_run: NotRun) -> io::Result<()> {
        self.line(&json!({
            "schema": 1,
            "kind": "not-judged",
            "scenario": not_run.scenario.display().to_string(),
            "interpreter": not_run.interpreter.as_ref().map(interpreter),
            "timestamps": not_run.timestamps,
            "reason": not_run.reason,
        }))
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn verdict(verdict: &Verdict) -> Value {
    let scenario = &verdict.scenario;
    let findings = verdict.findings.iter().map(|finding| self::finding(scenario, finding));
    let missing = verdict.missing.iter().map(|&index| declaration(scenario, &scenario.declarations[index]));
    json!({
        "schema": 1,
        "kind": "verdict",
        "scenario": scenario.path.display().to_string(),
        "title": scenario.title,
        "interpreter": interpreter(&verdict.interpreter),
        "timestamps": verdict.timestamps.written,
        "orderings": orderings(verdict),
        "tests": tests(verdict),
        "states": verdict.states,
        "transitions": verdict.transitions,
        "audited": verdict.audited,
        "seconds": seconds(verdict.seconds),
        "diagnosis_seconds": seconds(verdict.diagnosis_seconds),
        "findings": findings.collect::<Vec<_>>(),
        "missing": missing.collect::<Vec<_>>(),
        "verdict": verdict.judgement.as_str(),
        "model": second_opinion(verdict),
        "notes": verdict.notes,
        "runs": verdict.runs,
        "audit": audit(verdict.audit),
    })
}

/// What the model says of a real interpreter's verdict: null where it was not asked.
fn second_opinion(verdict: &Verdict) -> Value {
    let name = |test: &usize| verdict.scenario.tests[*test].name.clone();
    match &verdict.model {
        SecondOpinion::NotAsked => Value::Null,
        SecondOpinion::Agrees => json!({"opinion": "agrees"}),
        SecondOpinion::Refused(reason) => json!({"opinion": "refused", "reason": reason}),
        SecondOpinion::Differs(difference) => json!({
            "opinion": "differs",
            "steps": difference.steps.iter().map(name).collect::<Vec<_>>(),
            "interpreter": difference.first.to_string(),
            "model": difference.second.to_string(),
        }),
    }
}

fn audit(audit: Audit) -> Value {
    let Audit { orderings, merged_entries, covered } = audit;
    json!({"orderings": orderings, "merged_entries": merged_entries, "covered": covered})
}

pub(super) fn interpreter(identity: &Identity) -> Value {
    json!({
        "kind": identity.kind.as_str(),
        "version": identity.version.to_string(),
        "path": identity.path.as_ref().map(|path| path.display().to_string()),
    })
}

fn orderings(verdict: &Verdict) -> Value {
    let (method, seed) = match verdict.coverage.method {
        Method::Exhaustive => ("exhaustive", None),
        Method::Sampled { seed } => ("sampled", Some(seed)),
    };
    json!({
        "total": verdict.coverage.total.to_string(),
        "covered": verdict.coverage.covered.to_string(),
        "failing": verdict.coverage.failing.to_string(),
        "method": method,
        "seed": seed,
        "cut_short": verdict.coverage.cut_short,
    })
}

fn tests(verdict: &Verdict) -> Vec<Value> {
    let tests = verdict.scenario.tests.iter().zip(&verdict.tests);
    tests
        .map(|(test, summary)| {
            json!({
                "name": test.name,
                "failing": summary.failing.to_string(),
                "alone": summary.alone.as_str(),
            })
        })
        .collect()
}

/// Microseconds are as fine as anybody needs.
fn seconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

fn finding(scenario: &Scenario, finding: &Finding) -> Value {
    let mut object = subject(scenario, finding.kind, finding.test, &finding.others);
    let word = |word: &[usize]| names(scenario, word);
    let rest = json!({
        "polluting_step": finding.polluting_step.map(|place| place.step),
        "victim_step": finding.failing_step.map(|place| place.step),
        "outcome": outcome(&finding.outcome),
        "cause": finding.cause.code(),
        "evidence": finding.evidence,
        "cleaners": word(&finding.cleaners),
        "witness": word(&finding.witness),
        "neighbour": finding.neighbour.as_deref().map(word),
        "probability": finding.probability.as_ref().map(probability),
        "remedies": finding.remedies.iter().map(remedy).collect::<Vec<_>>(),
        "declared": finding.declared,
        "polluting_test": finding.polluting_step.map(|place| &scenario.tests[place.test].name),
        "victim_test": finding.failing_step.map(|place| &scenario.tests[place.test].name),
        "minimal": finding.minimal,
        "output": finding.output,
        "recommended": finding.recommended.as_ref().map(recommended),
    });
    extend(&mut object, rest);
    if !finding.outcomes.is_empty() {
        let seen = finding
            .outcomes
            .iter()
            .map(|seen| json!({"outcome": outcome(&seen.outcome), "times": seen.times}));
        extend(&mut object, json!({"outcomes": seen.collect::<Vec<_>>()}));
    }
    object
}

/// Kind and tests of a finding or declaration.
fn subject(scenario: &Scenario, kind: FindingKind, test: usize, others: &[usize]) -> Value {
    let test = &scenario.tests[test].name;
    let others = names(scenario, others);
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

fn declaration(scenario: &Scenario, declaration: &Declaration) -> Value {
    let mut object = subject(scenario, declaration.kind, declaration.test, &declaration.others);
    extend(&mut object, json!({"cause": declaration.cause.map(Cause::code)}));
    object
}

fn extend(object: &mut Value, with: Value) {
    if let (Value::Object(object), Value::Object(with)) = (object, with) {
        object.extend(with);
    }
}

fn names<'a>(scenario: &'a Scenario, tests: &[usize]) -> Vec<&'a str> {
    tests.iter().map(|&test| scenario.tests[test].name.as_str()).collect()
}

fn outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Passed => json!({"kind": "passed"}),
        Outcome::Failed { exception, message } => {
            json!({"kind": "failed", "exception": exception, "message": message})
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

pub(super) fn probability(probability: &Probability) -> Value {
    let Probability { numerator, denominator } = probability;
    json!({
        "fraction": format!("{numerator}/{denominator}"),
        "value": ratio(numerator, denominator),
    })
}

/// A ratio of at most 1 as the nearest millionth of a millionth.
#[expect(clippy::cast_precision_loss, reason = "numbers up to 10^12 are exact in a float")]
pub(super) fn ratio(numerator: &BigUint, denominator: &BigUint) -> f64 {
    const PARTS: u64 = 1_000_000_000_000;
    let parts = (numerator * PARTS + denominator / 2u32) / denominator;
    u64::try_from(parts).map_or(f64::INFINITY, |parts| parts as f64 / PARTS as f64)
}

/// `cures_everywhere` is null where there was no time to try the whole scenario.
fn recommended(recommended: &Recommendation) -> Value {
    json!({
        "remedy": recommended.remedy,
        "step": recommended.step,
        "place": recommended.place,
        "cures_everywhere": recommended.cures_everywhere,
    })
}

fn remedy(remedy: &Remedy) -> Value {
    let (trial, verified) = match remedy.trial {
        Trial::Verified => ("verified", Some(true)),
        Trial::Partial => ("partial", Some(false)),
        Trial::Placebo => ("placebo", Some(false)),
        Trial::NotTried => ("not-tried", None),
    };
    json!({
        "remedy": remedy.name,
        "verified": verified,
        "places": remedy.places,
        "step": remedy.step,
        "trial": trial,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    fn lines(tell: impl FnOnce(&mut Json<&mut Vec<u8>>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        tell(&mut Json::new(&mut out)).expect("a vector takes everything");
        String::from_utf8(out).expect("JSON is UTF-8")
    }

    #[test]
    fn a_poisoning() {
        insta::assert_snapshot!(lines(|json| json.verdict(samples::poisoned())));
    }

    #[test]
    fn a_sampled_run_with_every_other_kind_of_finding() {
        insta::assert_snapshot!(lines(|json| json.verdict(samples::sampled())));
    }

    #[test]
    fn what_was_not_run() {
        insta::assert_snapshot!(lines(|json| json.not_run(samples::refused())));
    }

    #[test]
    fn a_ratio_is_rounded_once() {
        assert!((ratio(&1u32.into(), &3u32.into()) - 0.333_333_333_333).abs() < 1e-15);
        assert!((ratio(&7u32.into(), &7u32.into()) - 1.0).abs() < f64::EPSILON);
    }
}
