//! The keys of every table of a scenario, and the help for a key that stands in the wrong table.

use super::spelling;

/// A table of the format: its name and its keys.
pub(in crate::scenario) struct TableKeys {
    pub(in crate::scenario) name: &'static str,
    pub(in crate::scenario) keys: &'static [&'static str],
}

pub(in crate::scenario) const TOP: TableKeys = TableKeys {
    name: "a scenario",
    keys: &[
        "title",
        "source",
        "permute",
        "python",
        "bytecode",
        "python-path",
        "site-packages",
        "requires",
        "setup",
        "clock",
        "limits",
        "test",
        "poisoning",
        "brittle",
        "broken",
        "flaky-alone",
        "nondeterministic",
    ],
};

pub(in crate::scenario) const CLOCK: TableKeys =
    TableKeys { name: "[clock]", keys: &["timestamps", "step-time"] };

pub(in crate::scenario) const LIMITS: TableKeys =
    TableKeys { name: "[limits]", keys: &["step-timeout", "memory", "file-size", "processes"] };

pub(in crate::scenario) const TEST: TableKeys =
    TableKeys { name: "[[test]]", keys: &["name", "after", "steps"] };

pub(in crate::scenario) const POISONING: TableKeys =
    TableKeys { name: "[[poisoning]]", keys: &["polluters", "victim", "cause", "timestamps", "python"] };

pub(in crate::scenario) const BRITTLE: TableKeys =
    TableKeys { name: "[[brittle]]", keys: &["test", "state-setters", "cause", "timestamps", "python"] };

pub(in crate::scenario) const BROKEN: TableKeys =
    TableKeys { name: "[[broken]]", keys: &["test", "cause", "timestamps", "python"] };

pub(in crate::scenario) const FLAKY_ALONE: TableKeys =
    TableKeys { name: "[[flaky-alone]]", keys: &["test", "cause", "timestamps", "python"] };

pub(in crate::scenario) const NONDETERMINISTIC: TableKeys =
    TableKeys { name: "[[nondeterministic]]", keys: &["test", "timestamps", "python"] };

/// Words that mean another key of the same table: table, word, key.
const SYNONYMS: [(&str, &str, &str); 10] = [
    (POISONING.name, "polluter", "polluters"),
    (POISONING.name, "test", "victim"),
    (POISONING.name, "state-setters", "polluters"),
    (BRITTLE.name, "victim", "test"),
    (BRITTLE.name, "polluters", "state-setters"),
    (BROKEN.name, "victim", "test"),
    (FLAKY_ALONE.name, "victim", "test"),
    (NONDETERMINISTIC.name, "victim", "test"),
    (CLOCK.name, "granularity", "timestamps"),
    (LIMITS.name, "timeout", "step-timeout"),
];

/// What to do about `key`, which `table` does not have.
pub(super) fn help(key: &str, table: &TableKeys) -> String {
    let synonym = SYNONYMS.iter().find(|(name, word, _)| *name == table.name && *word == key);
    if let Some((_, _, meant)) = synonym {
        return format!("did you mean `{meant}`?");
    }
    if TOP.keys.contains(&key) {
        return format!("`{key}` belongs at the top of the file, above the first [table]");
    }
    let elsewhere = [CLOCK, LIMITS, TEST, POISONING, BRITTLE];
    if let Some(owner) = elsewhere.iter().find(|owner| owner.keys.contains(&key)) {
        return format!("`{key}` belongs in {}", owner.name);
    }
    spelling::help(key, table.keys, "the keys are")
}
