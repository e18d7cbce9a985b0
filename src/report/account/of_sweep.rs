//! The account of a sweep: one case, with its tables and its picture.

use std::time::Duration;

use super::{Account, Case, CaseResult, Picture, SWEEP};
use crate::diagnose::Finding;
use crate::report::{PlotError, plot, swept, words};
use crate::scenario::Scenario;
use crate::sweep::Sweep;

impl Account {
    /// Of a sweep.
    ///
    /// # Errors
    /// Where the picture cannot be drawn.
    pub fn of_sweep(scenario: &Scenario, finding: &Finding, sweep: &Sweep) -> Result<Self, PlotError> {
        let claim = words::finding_claim(scenario, finding);
        let tables = swept(scenario, finding, sweep);
        let name = format!("{claim} (on {} at {})", sweep.interpreter.label, sweep.timestamps.written);
        let case = Case {
            group: scenario.path.display().to_string(),
            name: name.clone(),
            result: CaseResult::Passed,
            details: tables.clone(),
            took: Duration::ZERO,
            annotations: Vec::new(),
            timelines: Vec::new(),
        };
        let picture = Picture {
            title: format!(
                "How often it passes, by the sleep that is put in: {name}. The tables below give the figures"
            ),
            svg: plot(scenario, finding, sweep)?,
        };
        Ok(Self {
            command: SWEEP.to_owned(),
            cases: vec![case],
            summary: tables,
            edges: Vec::new(),
            pictures: vec![picture],
        })
    }
}
