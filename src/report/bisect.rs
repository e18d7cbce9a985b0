//! The result of bisecting one ordering, for people and for machines.

use serde_json::json;

use super::terminal::FindingOrigin;
use super::{Spellings, json as lines, layout, terminal, words};
use crate::bisect::Bisection;

/// The finding in full, and how many runs it took.
pub fn bisected(bisection: &Bisection, spellings: &Spellings) -> String {
    let scenario = &bisection.scenario;
    let test = &scenario.tests[bisection.test].name;
    let does = if bisection.fails { "fails" } else { "passes" };
    let tests = bisection.ordering.iter().collect::<std::collections::BTreeSet<_>>().len();
    let mut report = format!(
        "{}\non {}, timestamps {}\n\n",
        scenario.path.display(),
        bisection.interpreter.label,
        bisection.timestamps.written
    );
    let Some(finding) = &bisection.finding else {
        let none = format!(
            "{test} {does} in this ordering of {tests} tests, and without the others too: no other test makes a difference."
        );
        return report + &layout::wrapped("", &none);
    };
    let found = format!(
        "{test} {does} in this ordering of {tests} tests. {} runs of the interpreter found who makes it so, and {} more, \
         of the few tests that are left, why.",
        bisection.runs, bisection.rehearsals
    );
    let origin =
        FindingOrigin { scenario, interpreter: &bisection.interpreter, timestamps: &bisection.timestamps };
    report += &layout::wrapped("", &found);
    report.push('\n');
    report + &terminal::only_finding(origin, finding, spellings)
}

/// The result as one JSON object in a line.
pub fn bisected_json(bisection: &Bisection) -> String {
    let scenario = &bisection.scenario;
    let object = json!({
        "schema": 1,
        "kind": "bisection",
        "scenario": scenario.path.display().to_string(),
        "title": scenario.title,
        "interpreter": lines::interpreter(&bisection.interpreter),
        "timestamps": bisection.timestamps.written,
        "ordering": words::word(scenario, &bisection.ordering),
        "test": scenario.tests[bisection.test].name,
        "fails": bisection.fails,
        "finding": bisection.finding.as_ref().map(|finding| lines::finding(scenario, finding)),
        "runs": bisection.runs,
        "rehearsals": bisection.rehearsals,
        "seconds": lines::seconds(bisection.seconds),
    });
    format!("{object}\n")
}
