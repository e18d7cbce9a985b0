//! Findings with the names of their tests, for whoever reads a verdict without looking into its scenario.

use super::Verdict;
use crate::cause::Cause;
use crate::diagnose::Finding;
use crate::kind::FindingKind;

/// A finding in which tests stand by name.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct NamedFinding<'a> {
    /// What was found of the test.
    pub kind: FindingKind,
    /// The victim, brittle, broken or flaky test.
    pub test: &'a str,
    /// Polluters or state-setters, in the order of the witness; empty if the kind has none.
    pub others: Vec<&'a str>,
    /// Tests that stop the pollution when they run in between.
    pub cleaners: Vec<&'a str>,
    /// The ordering that shows the finding; the one of a brittle test passes.
    pub witness: Vec<&'a str>,
    /// Why.
    pub cause: Cause,
    /// All of the finding.
    pub finding: &'a Finding,
}

impl Verdict {
    /// Returns the findings, in their order, with the names of their tests.
    pub fn named_findings(&self) -> impl Iterator<Item = NamedFinding<'_>> {
        self.findings.iter().map(|finding| NamedFinding {
            kind: finding.kind,
            test: self.test_name(finding.test),
            others: self.names(&finding.others),
            cleaners: self.names(&finding.cleaners),
            witness: self.names(&finding.witness),
            cause: finding.cause,
            finding,
        })
    }

    /// Returns the name of a test by its index in the scenario.
    ///
    /// # Panics
    /// If the scenario has no such test; indices that stand in the verdict have one.
    pub fn test_name(&self, test: usize) -> &str {
        &self.scenario.tests[test].name
    }

    fn names(&self, tests: &[usize]) -> Vec<&str> {
        tests.iter().map(|&test| self.test_name(test)).collect()
    }
}
