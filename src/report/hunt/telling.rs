//! A hunt told as it goes: each leak once, as soon as its first finding is there; a line for each further finding of it; and at the
//! end what came last, the rest of the report, and each leak in a line.

use std::cmp::Reverse;

use super::terminal::after_findings;
use super::{block, last};
use crate::suite::{HuntFinding, HuntReport};

/// The whole report, with styles, which the caller strips where they are not wanted.
pub fn hunted(report: &HuntReport) -> String {
    HuntTelling::default().end(report)
}

/// What was told of a hunt so far.
#[derive(Debug, Default)]
pub struct HuntTelling {
    /// Whether each leak is a line, and nothing else is told.
    quiet: bool,
    /// The findings of each block, which has the number of its place.
    told: Vec<Vec<HuntFinding>>,
}

impl HuntTelling {
    /// That tells each leak in a line, when the hunt is over, and nothing else.
    pub fn quiet() -> Self {
        Self { quiet: true, ..Self::default() }
    }

    /// A finding was made: what to write now, with styles.
    pub fn found(&mut self, finding: &HuntFinding) -> String {
        if self.quiet {
            return String::new();
        }
        if self.told.iter().flatten().any(|known| is_same(known, finding)) {
            return String::new();
        }
        if let Some(at) = self.told.iter().position(|told| told[0].shares_leak_with(finding)) {
            self.told[at].push(finding.clone());
            return last::one_more(at + 1, finding);
        }
        self.told.push(vec![finding.clone()]);
        block::text(self.told.len(), &[finding]) + "\n"
    }

    /// The hunt is over: everything that was not written yet, with styles.
    pub fn end(mut self, report: &HuntReport) -> String {
        if self.quiet {
            let leaks = report.findings.chunk_by(HuntFinding::shares_leak_with).enumerate();
            let line = |(at, leak): (usize, &[HuntFinding])| {
                last::in_short(at + 1, &leak.iter().collect::<Vec<_>>())
            };
            return leaks.map(line).collect();
        }
        let told = self.told.len();
        let mut text = String::new();
        let is_new =
            |finding: &&HuntFinding| !self.told.iter().flatten().any(|known| is_same(known, finding));
        let mut late: Vec<Vec<HuntFinding>> = Vec::new();
        for finding in report.findings.iter().filter(is_new) {
            match late.iter_mut().find(|block| block[0].shares_leak_with(finding)) {
                Some(block) => block.push(finding.clone()),
                None => late.push(vec![finding.clone()]),
            }
        }
        // Stable: of blocks with as many tests, those found first come first.
        late.sort_by_key(|block| Reverse(block.len()));
        for findings in late {
            let number = self.told.len() + 1;
            text += &(block::text(number, &findings.iter().collect::<Vec<_>>()) + "\n");
            self.told.push(findings);
        }
        text += &self.last_words(told, report);
        text + &after_findings(report)
    }

    /// What came last about the blocks that were told before, those with most tests first.
    fn last_words(&self, told: usize, report: &HuntReport) -> String {
        let mut blocks: Vec<(usize, &Vec<HuntFinding>)> = self.told.iter().take(told).enumerate().collect();
        blocks.sort_by_key(|(_, findings)| Reverse(findings.len()));
        let mut text = String::new();
        for (at, findings) in blocks {
            let now = |finding: &HuntFinding| report.findings.iter().find(|known| is_same(known, finding));
            let is_refuted =
                |finding: &HuntFinding| report.unconfirmed.iter().any(|known| is_same(known, finding));
            if findings.iter().all(is_refuted) {
                text += &last::taken_back(at + 1);
            }
            let findings: Vec<&HuntFinding> = findings.iter().filter_map(now).collect();
            text += &last::in_short(at + 1, &findings);
            text += &last::what_came_last(&findings);
        }
        if text.is_empty() { text } else { text + "\n" }
    }
}

/// Whether both are about the same test, with the same effect.
fn is_same(one: &HuntFinding, other: &HuntFinding) -> bool {
    (one.finding, &one.victim, one.timestamps) == (other.finding, &other.victim, other.timestamps)
}

#[cfg(test)]
mod tests {
    use super::HuntTelling;
    use crate::report::hunt::samples;

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_hunt_as_it_goes() {
        let report = samples::report();
        let mut telling = HuntTelling::default();
        let mut text: String =
            report.findings.iter().map(|finding| telling.found(&samples::early(finding))).collect();
        text += "--- the end ---\n";
        text += &telling.end(&report);
        insta::assert_snapshot!(plain(&text));
    }

    #[test]
    fn quietly_each_leak_is_a_line() {
        let report = samples::report();
        let mut telling = HuntTelling::quiet();
        let early: String = report.findings.iter().map(|finding| telling.found(finding)).collect();
        let text = plain(&telling.end(&report));
        assert_eq!(early, "");
        assert_eq!(text.lines().filter(|line| line.starts_with('[')).count(), 5, "{text}");
    }

    #[test]
    fn each_test_is_named_once_before_the_end() {
        let report = samples::report();
        let mut telling = HuntTelling::default();
        let twice = report.findings.iter().chain(&report.findings);
        let text: String = twice.map(|finding| telling.found(finding)).collect();
        for finding in &report.findings {
            let lines = plain(&text);
            let named = lines.lines().filter(|line| line.trim().ends_with(&finding.victim)).count();
            assert!(named >= 1, "{} in {lines}", finding.victim);
        }
        assert_eq!(text, {
            let mut telling = HuntTelling::default();
            report.findings.iter().map(|finding| telling.found(finding)).collect::<String>()
        });
    }
}
