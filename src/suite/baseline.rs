//! Known findings of a suite: a TOML file with a table for each, which people annotate and keep under version control. What is in
//! it is known, what is not is new, and what a hunt no longer finds is gone.

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

use crate::kind::FindingKind;
use crate::suite::finding::{Confirmation, HuntFinding, Tally};
use crate::suite::hunt_report::HuntReport;
use crate::suite::runner::run::HuntClock;

/// What stands above the first table of a new file.
const ABOUT: &str = "# Order-dependent tests that are known: `taster hunt --baseline` does not fail because of them. Comments stay, and a table
# may have a `reason` and a date, `since`. `taster hunt --baseline FILE --update-baseline` adds what is new and removes what is gone.\n\n";
/// The key of the tables.
const TABLES: &str = "known";
/// The keys of the tests that bring it about.
const POLLUTERS: &str = "polluters";
const SETTERS: &str = "state-setters";
/// Keys of a table that taster writes.
const WRITTEN: [&str; 6] = ["test", "kind", "cause", POLLUTERS, SETTERS, "timestamps"];
/// Keys of a table that people add.
const ADDED: [&str; 2] = ["reason", "since"];

/// Known findings, as their file has them.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    document: DocumentMut,
}

/// What makes two findings the same from one hunt to the next: the test, and what happens to it. The others may differ, where many
/// tests do the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KnownFinding {
    /// The test that changes its outcome.
    pub test: String,
    /// The kind of the finding.
    pub kind: FindingKind,
}

/// Why a file is no baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// It is no TOML.
    #[error("{0}")]
    Toml(String),
    /// Something in it means nothing.
    #[error("line {line}: {what}")]
    Meaning {
        /// From 1.
        line: usize,
        /// What, and what it should be.
        what: String,
    },
}

/// A hunt beside its baseline.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The hunt with the findings that are not known.
    pub news: HuntReport,
    /// Findings that are known.
    pub known: Vec<KnownFinding>,
    /// Known findings that the hunt did not make.
    pub gone: Vec<KnownFinding>,
}

impl KnownFinding {
    pub(super) fn of(finding: &HuntFinding) -> Self {
        Self { test: finding.victim.clone(), kind: finding.finding }
    }

    fn in_table(table: &Table) -> Option<Self> {
        let test = table.get("test")?.as_str()?.to_owned();
        let kind = kind_named(table.get("kind")?.as_str()?)?;
        Some(Self { test, kind })
    }
}

fn kind_named(word: &str) -> Option<FindingKind> {
    FindingKind::ALL.into_iter().find(|kind| kind.as_str() == word)
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// Where the text is no TOML, or has a key or value without a meaning.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let parsed =
            toml_edit::Document::parse(text).map_err(|error| BaselineError::Toml(error.to_string()))?;
        let wrong = |span: Option<std::ops::Range<usize>>, what: String| {
            let start = span.map_or(0, |span| span.start).min(text.len());
            BaselineError::Meaning { line: 1 + text[..start].matches('\n').count(), what }
        };
        for (key, item) in parsed.iter() {
            if key != TABLES {
                return Err(wrong(
                    item.span(),
                    format!("there is no key `{key}`; findings are tables [[{TABLES}]]"),
                ));
            }
            let Some(tables) = item.as_array_of_tables() else {
                return Err(wrong(item.span(), format!("`{TABLES}` is a list of tables: [[{TABLES}]]")));
            };
            for table in tables {
                let keys: Vec<&str> = WRITTEN.into_iter().chain(ADDED).collect();
                if let Some((key, item)) = table.iter().find(|(key, _)| !keys.contains(key)) {
                    let what = format!(
                        "there is no key `{key}` in a table [[{TABLES}]]; there are {}",
                        keys.join(", ")
                    );
                    return Err(wrong(item.span(), what));
                }
                if KnownFinding::in_table(table).is_none() {
                    let kinds: Vec<&str> = FindingKind::ALL.map(FindingKind::as_str).to_vec();
                    let what = format!("a finding needs a `test`, and a `kind`, one of {}", kinds.join(", "));
                    return Err(wrong(table.span(), what));
                }
            }
        }
        Ok(Self { document: parsed.into_mut() })
    }

    fn tables(&self) -> impl Iterator<Item = &Table> {
        self.document.get(TABLES).and_then(Item::as_array_of_tables).into_iter().flatten()
    }

    /// What is known, as findings that nobody has confirmed yet.
    pub(super) fn findings(&self) -> Vec<HuntFinding> {
        self.tables().filter_map(read).collect()
    }

    /// Whether a finding is known.
    pub fn knows(&self, finding: &HuntFinding) -> bool {
        let wanted = KnownFinding::of(finding);
        self.tables().filter_map(KnownFinding::in_table).any(|known| known == wanted)
    }

    /// What of a hunt is known, new and gone. A known test that was seen failing and not looked into, or that plain
    /// pytest does not confirm, is not gone, and no news.
    pub fn compare(&self, report: &HuntReport) -> Compared {
        let (known, new): (Vec<_>, Vec<_>) =
            report.findings.iter().cloned().partition(|finding| self.knows(finding));
        let known: Vec<KnownFinding> = known.iter().map(KnownFinding::of).collect();
        let recorded: Vec<KnownFinding> = self.tables().filter_map(KnownFinding::in_table).collect();
        let seen = |wanted: &KnownFinding| {
            report.seen_failing.iter().any(|seen| seen.test == wanted.test)
                || report.unconfirmed.iter().any(|seen| seen.victim == wanted.test)
        };
        let gone =
            recorded.iter().filter(|wanted| !known.contains(wanted) && !seen(wanted)).cloned().collect();
        let mut news = HuntReport { findings: new, ..report.clone() };
        news.seen_failing.retain(|seen| !recorded.iter().any(|known| known.test == seen.test));
        news.unconfirmed.retain(|seen| !recorded.iter().any(|known| known.test == seen.victim));
        Compared { news, known, gone }
    }

    /// The text of a baseline that knows what this hunt found: what is new is added, and what is gone is removed if the hunt was
    /// complete. Tables stand in the order of their tests.
    pub fn updated(&self, report: &HuntReport) -> String {
        let compared = self.compare(report);
        let is_gone = |known: &KnownFinding| report.halted.is_none() && compared.gone.contains(known);
        let mut tables: Vec<(KnownFinding, Table)> = self
            .tables()
            .filter_map(|table| Some((KnownFinding::in_table(table)?, table.clone())))
            .filter(|(known, _)| !is_gone(known))
            .collect();
        for finding in &compared.news.findings {
            let known = KnownFinding::of(finding);
            if tables.iter().all(|(there, _)| *there != known) {
                tables.push((known, written(finding)));
            }
        }
        tables.sort_by(|one, other| one.0.cmp(&other.0));
        let mut all = ArrayOfTables::new();
        for (_, mut table) in tables {
            // Else each would be written where it stood.
            table.set_position(None);
            all.push(table);
        }
        let mut document = self.document.clone();
        document.insert(TABLES, Item::ArrayOfTables(all));
        let text = document.to_string();
        if self.document.is_empty() && self.document.trailing().as_str().is_none_or(str::is_empty) {
            return ABOUT.to_owned() + text.trim_start();
        }
        text
    }
}

/// The finding that a table records.
fn read(table: &Table) -> Option<HuntFinding> {
    let KnownFinding { test, kind } = KnownFinding::in_table(table)?;
    let clock = table.get("timestamps").and_then(Item::as_str).and_then(HuntClock::named);
    let none = Tally { hits: 0, tries: 0 };
    let confirmed = Confirmation { alone: none, after: none };
    let mut finding = HuntFinding::new(kind, test, clock.unwrap_or(HuntClock::Real), confirmed);
    let tests = |key: &str| {
        let tests = table.get(key)?.as_array()?.iter();
        Some(tests.filter_map(|test| test.as_str().map(str::to_owned)).collect())
    };
    (finding.polluters, finding.state_setters) = (tests(POLLUTERS), tests(SETTERS));
    Some(finding)
}

fn written(finding: &HuntFinding) -> Table {
    let mut table = Table::new();
    table.insert("test", value(finding.victim.as_str()));
    table.insert("kind", value(finding.finding.as_str()));
    table.insert("cause", value(finding.cause.code()));
    for (key, tests) in [(POLLUTERS, &finding.polluters), (SETTERS, &finding.state_setters)] {
        if let Some(tests) = tests {
            let tests: toml_edit::Array = tests.iter().map(String::as_str).collect();
            table.insert(key, value(tests));
        }
    }
    if finding.timestamps != HuntClock::Real {
        table.insert("timestamps", value(finding.timestamps.name()));
    }
    table
}

#[cfg(test)]
mod tests;
