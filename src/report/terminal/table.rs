//! The table at the end: scenario x interpreter x timestamps, and what a clean verdict does not prove.

use std::fmt::Write as _;

use super::scenario::{ScenarioResults, ScenarioStatus, Verbosity};
use crate::report::layout::palette::{FAINT, STRONG};
use crate::report::layout::wrapped;
use crate::report::words;
use crate::run::NotRun;
use crate::verdict::{Method, Verdict};

/// The rows so far.
#[derive(Debug, Default)]
pub(super) struct ResultTable {
    scenarios: Vec<Block>,
    seeds: Vec<u64>,
    complete: bool,
    confirmed: bool,
    cut_short: bool,
}

#[derive(Debug)]
struct Block {
    path: String,
    standing: ScenarioStatus,
    rows: Vec<TableRow>,
}

#[derive(Debug)]
struct TableRow {
    interpreter: String,
    timestamps: String,
    /// How the verdict stands and the counts, or why it was not run.
    result: Result<(ScenarioStatus, String), String>,
}

impl ResultTable {
    pub(super) fn add(&mut self, told: &ScenarioResults) {
        for verdict in &told.verdicts {
            match verdict.coverage.method {
                Method::Exhaustive if verdict.coverage.is_complete() => self.complete = true,
                Method::Effects(_) if verdict.coverage.is_complete() => self.confirmed = true,
                Method::Exhaustive | Method::Effects(_) => self.cut_short = true,
                Method::Sampled { seed } if !self.seeds.contains(&seed) => self.seeds.push(seed),
                Method::Sampled { .. } => {}
            }
        }
        let judged = told.verdicts.iter().map(judged);
        // What no interpreter could run was told above, and has no row.
        let not_run: Vec<NotRun> =
            told.not_run.iter().filter(|not_run| not_run.interpreter.is_some()).cloned().collect();
        self.scenarios.push(Block {
            path: told.path().map(|path| path.display().to_string()).unwrap_or_default(),
            standing: told.standing(),
            rows: judged.chain(folded(&not_run)).collect(),
        });
    }

    /// The table, unless only news are wanted, and what all of it means.
    pub(super) fn text(&self, verbosity: Verbosity) -> String {
        if self.scenarios.is_empty() || verbosity == Verbosity::Verdicts {
            return String::new();
        }
        let rows = if verbosity == Verbosity::Undeclared { String::new() } else { self.rows() };
        // Of a scenario that is told at length, the text ends with an empty line.
        let at_length =
            |block: &Block| !matches!(block.standing, ScenarioStatus::AsDeclared | ScenarioStatus::NotRun);
        let parted = rows.is_empty() && self.scenarios.last().is_some_and(at_length);
        rows + if parted { "" } else { "\n" } + &self.totals() + &self.limits()
    }

    fn rows(&self) -> String {
        if self.scenarios.iter().all(|block| block.rows.is_empty()) {
            return String::new();
        }
        let mut text = format!("{STRONG}Summary{STRONG:#}\n");
        for block in self.scenarios.iter().filter(|block| !block.rows.is_empty()) {
            let _ = writeln!(text, "{}", block.path);
            for row in &block.rows {
                text += &row.text(self.interpreter_width(), self.timestamps_width());
            }
        }
        text
    }

    fn interpreter_width(&self) -> usize {
        let rows = self.scenarios.iter().flat_map(|block| &block.rows);
        rows.map(|row| row.interpreter.chars().count()).max().unwrap_or(0)
    }

    fn timestamps_width(&self) -> usize {
        let rows = self.scenarios.iter().flat_map(|block| &block.rows);
        rows.map(|row| row.timestamps.chars().count()).max().unwrap_or(0)
    }

    /// One sentence on all scenarios.
    fn totals(&self) -> String {
        let standings = [
            ScenarioStatus::Fault,
            ScenarioStatus::Differs,
            ScenarioStatus::Incomplete,
            ScenarioStatus::AsDeclared,
            ScenarioStatus::NotRun,
        ];
        let count = |standing| self.scenarios.iter().filter(|block| block.standing == standing).count();
        let told: Vec<String> = standings
            .into_iter()
            .filter(|&standing| count(standing) > 0)
            .map(|standing| (count(standing), standing))
            .map(|(count, standing)| format!("{count} {}", standing.counted(count)))
            .collect();
        format!("{}: {}.\n", words::counted(self.scenarios.len(), "scenario"), told.join(", "))
    }

    /// What a clean verdict does not prove.
    fn limits(&self) -> String {
        let mut text = String::new();
        if !self.seeds.is_empty() {
            let seeds: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
            let sentence = format!(
                "Where orderings were sampled (seed {}), those outside the sample were not tried, and any of them may \
                 fail: a clean verdict does not prove that none does.",
                seeds.join(", "),
            );
            text += &wrapped("", &sentence);
        }
        if self.cut_short {
            text += &wrapped(
                "",
                "Where the search was cut short, any of the orderings that were not covered may fail.",
            );
        }
        if self.confirmed {
            text += &wrapped(
                "",
                "Where the model counted the orderings, the interpreter performed every distinct effect of their steps in some \
                 states, and not every ordering: a clean verdict does not prove what it does in the others.",
            );
        }
        if self.complete {
            text += &wrapped(
                "",
                "If all orderings were covered, the verdict holds for these steps, interpreters and timestamps, and \
                 for no others.",
            );
        }
        text
    }
}

impl TableRow {
    fn text(&self, interpreter_width: usize, timestamps_width: usize) -> String {
        let start =
            format!("  {:interpreter_width$}  {:timestamps_width$}  ", self.interpreter, self.timestamps);
        match &self.result {
            Ok((standing, counts)) => format!("{start}{counts:<30}  {}\n", standing.styled()),
            Err(reason) => {
                let text = wrapped(&start, &format!("not run: {reason}"));
                format!("{FAINT}{}{FAINT:#}\n", text.trim_end())
            }
        }
    }
}

fn judged(verdict: &Verdict) -> TableRow {
    let coverage = &verdict.coverage;
    let (failing, covered) = (words::grouped(&coverage.failing), words::grouped(&coverage.covered));
    let total = words::grouped(&coverage.total);
    let counts = match coverage.method {
        _ if verdict.coverage.is_complete() => format!("{failing} of {total} fail"),
        Method::Exhaustive | Method::Effects(_) => {
            format!("{failing} of {covered} covered fail (of {total})")
        }
        Method::Sampled { .. } => format!("{failing} of {covered} sampled fail (of {total})"),
    };
    TableRow {
        interpreter: verdict.interpreter.label.clone(),
        timestamps: verdict.timestamps.written.clone(),
        result: Ok((ScenarioStatus::of(verdict.judgement), counts)),
    }
}

/// What was not run, clocks with the same interpreter and reason in one row.
fn folded(told: &[NotRun]) -> Vec<TableRow> {
    let mut rows: Vec<TableRow> = Vec::new();
    for not_run in told {
        let row = self::not_run(not_run);
        match rows.last_mut().filter(|last| last.interpreter == row.interpreter && last.result == row.result)
        {
            Some(last) => last.timestamps = format!("{}, {}", last.timestamps, row.timestamps),
            None => rows.push(row),
        }
    }
    rows
}

fn not_run(not_run: &NotRun) -> TableRow {
    TableRow {
        interpreter: not_run
            .interpreter
            .as_ref()
            .map_or_else(|| "-".into(), |identity| identity.label.clone()),
        timestamps: not_run.timestamps.clone().unwrap_or_else(|| "-".into()),
        result: Err(not_run.reason.clone()),
    }
}
