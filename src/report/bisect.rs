//! What bisecting one ordering came to, for people.

use super::{Spellings, layout, terminal};
use crate::bisect::Bisection;

/// The finding in full, and how many runs it took.
pub fn bisected(bisected: &Bisection, spellings: &Spellings) -> String {
    let verdict = &bisected.verdict;
    let scenario = &verdict.scenario;
    let test = &scenario.tests[bisected.test].name;
    let does = if bisected.fails { "fails" } else { "passes" };
    let tests = bisected.ordering.iter().collect::<std::collections::BTreeSet<_>>().len();
    let mut report = format!(
        "{}\non {}, timestamps {}\n\n",
        scenario.path.display(),
        verdict.interpreter.label,
        verdict.timestamps.written
    );
    let told = match verdict.findings.first() {
        None => format!(
            "{test} {does} in this ordering of {tests} tests, and without the others too: nobody makes a difference."
        ),
        Some(_) => format!(
            "{test} {does} in this ordering of {tests} tests. {} runs of the interpreter found who makes it so, and {} \
             more, of the few tests that are left, why.",
            bisected.runs, bisected.rehearsals
        ),
    };
    report += &layout::wrapped("", &told);
    if !verdict.findings.is_empty() {
        report.push('\n');
        report += &terminal::first_finding(verdict, spellings);
    }
    report
}
