//! The report for people: per scenario the verdict first, then what was found; at the end a table of everything that was
//! run and what it does not prove. 80 columns; colour only repeats what the words say.

mod fact;
mod finding;
mod group;
mod remedies;
mod scenario;
mod sides;
mod table;

use std::io::{self, Write};

pub use scenario::Verbosity;
pub(super) use scenario::declaration_claim;

use super::origin::FindingOrigin;
use super::{Report, Spellings};
use crate::diagnose::Finding;
use crate::run::NotRun;
use crate::verdict::Verdict;

/// Writes the report for people.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    verbosity: Verbosity,
    spellings: Spellings,
    current: scenario::ScenarioResults,
    table: table::ResultTable,
}

impl<W: Write> Terminal<W> {
    /// To `out`, whose colours the caller strips where they are not wanted. `spellings` are for the commands that are
    /// printed.
    pub fn new(out: W, verbosity: Verbosity, spellings: Spellings) -> Self {
        Self {
            out,
            verbosity,
            spellings,
            current: scenario::ScenarioResults::default(),
            table: table::ResultTable::default(),
        }
    }

    /// Writes what was told of one scenario, before the next one begins.
    fn flush_scenario(&mut self) -> io::Result<()> {
        let told = std::mem::take(&mut self.current);
        if told.is_empty() {
            return Ok(());
        }
        self.table.add(&told);
        let text = scenario::text(&told, self.verbosity, &self.spellings);
        self.out.write_all(text.as_bytes())?;
        self.out.flush()
    }
}

impl<W: Write> Report for Terminal<W> {
    fn verdict(&mut self, verdict: Verdict) -> io::Result<()> {
        if !self.current.is_of(&verdict.scenario.path) {
            self.flush_scenario()?;
        }
        self.current.verdicts.push(verdict);
        Ok(())
    }

    fn not_run(&mut self, not_run: NotRun) -> io::Result<()> {
        if !self.current.is_of(&not_run.scenario) {
            self.flush_scenario()?;
        }
        self.current.not_run.push(not_run);
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.flush_scenario()?;
        self.out.write_all(self.table.text(self.verbosity).as_bytes())?;
        self.out.flush()
    }
}

/// The findings of one scenario's verdicts in the order of their numbers in the report, each with the verdict that made it first.
pub fn numbered(verdicts: &[Verdict]) -> Vec<(&Verdict, &Finding)> {
    let groups = group::groups(verdicts);
    let numbered = groups.iter().filter_map(|group| {
        let (_, first) = group.first();
        let made = |verdict: &&Verdict| verdict.findings.iter().any(|finding| std::ptr::eq(finding, first));
        Some((verdicts.iter().find(made)?, first))
    });
    numbered.collect()
}

/// A finding in full, under the number 1.
pub(super) fn only_finding(origin: FindingOrigin<'_>, finding: &Finding, spellings: &Spellings) -> String {
    finding::full(&group::FindingGroup::single(origin, finding), 1, spellings)
}

/// One verdict and its findings, in plain text without the table at the end.
pub fn explained(verdict: Verdict, verbosity: Verbosity, spellings: &Spellings) -> String {
    let told = scenario::ScenarioResults { verdicts: vec![verdict], not_run: Vec::new() };
    anstream::adapter::strip_str(&scenario::text(&told, verbosity, spellings)).to_string()
}

#[cfg(test)]
mod tests;
