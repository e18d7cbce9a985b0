//! JSON lines: one object per verdict and per thing that was not run. Field names and their order are the contract of
//! schema 1; fields may be added behind, none is renamed or removed.

mod finding;

use std::collections::VecDeque;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

pub(super) use finding::{extend, finding, outcome, probability, ratio, step_times};

use super::{Report, notes};
use crate::interpreter::Identity;
use crate::note::Note;
use crate::run::{NotRun, ShardOfRun};
use crate::shard::Shard;
use crate::verdict::{Audit, Method, SecondOpinion, Verdict};

/// Writes JSON lines.
#[derive(Debug)]
pub struct Json<W> {
    out: W,
    /// Of a shard: which one, and the parts of the whole that are still to come.
    shard: Option<(Shard, VecDeque<usize>)>,
}

impl<W: Write> Json<W> {
    /// To `out`.
    pub fn new(out: W) -> Self {
        Self { out, shard: None }
    }

    /// To `out`, for [`merge`](crate::merge::merge): what the shard is, then a line for each of its parts, with all that is known of it.
    ///
    /// # Errors
    /// Where the output cannot be written.
    pub fn of_shard(out: W, head: &ShardOfRun) -> io::Result<Self> {
        let mut json = Self { out, shard: Some((head.shard, head.own().into_iter().collect())) };
        let mut line = json!({"schema": 1, "kind": "shard"});
        extend(&mut line, serde_json::to_value(head)?);
        json.line(&line)?;
        Ok(json)
    }

    /// A line on the next part. `data` is what a merger reads back.
    fn part(&mut self, mut line: Value, data: impl FnOnce() -> serde_json::Result<Value>) -> io::Result<()> {
        if let Some((shard, parts)) = &mut self.shard {
            let part = parts.pop_front();
            extend(&mut line, json!({"shard": shard, "part": part, "data": data()?}));
        }
        self.line(&line)
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

impl<W: Write> Report for Json<W> {
    fn verdict(&mut self, verdict: Verdict) -> io::Result<()> {
        self.part(self::verdict(&verdict), || serde_json::to_value(&verdict))
    }

    fn not_run(&mut self, not_run: NotRun) -> io::Result<()> {
        let line = json!({
            "schema": 1,
            "kind": "not-judged",
            "scenario": not_run.scenario.display().to_string(),
            "interpreter": not_run.interpreter.as_ref().map(interpreter),
            "timestamps": not_run.timestamps,
            "reason": not_run.reason,
        });
        self.part(line, || serde_json::to_value(&not_run))
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn verdict(verdict: &Verdict) -> Value {
    let scenario = &verdict.scenario;
    let findings = verdict.findings.iter().map(|finding| self::finding(scenario, finding));
    let missing =
        verdict.missing.iter().map(|&index| finding::declaration(scenario, &scenario.declarations[index]));
    let sentences = verdict.notes.iter().map(|note| notes::sentence(note, scenario));
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
        "notes": sentences.collect::<Vec<_>>(),
        "runs": verdict.runs,
        "audit": audit(verdict.audit),
        "note_codes": verdict.notes.iter().map(Note::code).collect::<Vec<_>>(),
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
            "interpreter": difference.different.first,
            "model": difference.different.second,
            "piece": difference.different.piece.to_string(),
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
        Method::Effects(_) => ("effects", None),
        Method::Sampled { seed } => ("sampled", Some(seed)),
    };
    json!({
        "total": verdict.coverage.total.to_string(),
        "covered": verdict.coverage.covered.to_string(),
        "failing": verdict.coverage.failing.to_string(),
        "method": method,
        "seed": seed,
        "cut_short": verdict.coverage.cut_short,
        "effects": effects(verdict.coverage.method),
    })
}

/// How far the interpreter confirmed the effects that the model counted: null of other methods.
fn effects(method: Method) -> Value {
    let Method::Effects(effects) = method else { return Value::Null };
    json!({
        "distinct": effects.distinct,
        "confirmed": effects.confirmed,
        "fewest_contexts": effects.fewest_contexts,
        "median_contexts": effects.median_contexts,
        "steps": effects.steps,
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
pub(super) fn seconds(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{confirmed_samples, samples};

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
    fn effects_that_an_interpreter_confirmed_and_contradicted() {
        insta::assert_snapshot!(lines(|json| {
            json.verdict(confirmed_samples::confirmed())?;
            json.verdict(confirmed_samples::contradicted())
        }));
    }

    #[test]
    fn what_was_not_run() {
        insta::assert_snapshot!(lines(|json| json.not_run(samples::refused())));
    }
}
