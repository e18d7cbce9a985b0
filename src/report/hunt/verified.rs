//! What came of known findings that were tried again.

use serde_json::json;

use crate::report::layout::palette::{BAD, FAINT, GOOD};
use crate::report::layout::{wrapped, wrapped_below};
use crate::report::words::counted;
use crate::suite::{StillHolds, Verified};

/// A line for each finding, with styles, and how many still hold.
pub fn verified(verified: &Verified) -> String {
    let mut text = String::new();
    for (known, holds) in &verified.findings {
        let told = match holds {
            StillHolds::Yes => format!("{BAD}still holds{BAD:#}"),
            StillHolds::No => format!("{GOOD}no longer  {GOOD:#}"),
            StillHolds::NoSuchTest => format!("{GOOD}no test    {GOOD:#}"),
            StillHolds::Unknown => format!("{FAINT}not tried  {FAINT:#}"),
        };
        text += &wrapped_below(
            &format!("{told}  "),
            "             ",
            &format!("{} ({})", known.test, known.kind.as_str()),
        );
    }
    let hold = verified.findings.iter().filter(|(_, holds)| *holds == StillHolds::Yes).count();
    let known = counted(verified.findings.len(), "known finding");
    text += &wrapped("", &format!("{known}: {hold} still hold; {:.1} s", verified.seconds));
    if let Some(why) = &verified.halted {
        text += &wrapped(&format!("{BAD}incomplete{BAD:#}: "), why);
    }
    text
}

/// The same as JSON lines: one of kind `verified` for each finding.
pub fn verified_json(verified: &Verified) -> String {
    let word = |holds: &StillHolds| match holds {
        StillHolds::Yes => json!(true),
        StillHolds::No | StillHolds::NoSuchTest => json!(false),
        StillHolds::Unknown => json!(null),
    };
    let line = |(known, holds): &(_, StillHolds)| {
        let known: &crate::suite::KnownFinding = known;
        let (test, kind) = (&known.test, known.kind.as_str());
        format!(
            "{}\n",
            json!({"schema": 1, "kind": "verified", "test": test, "finding": kind, "holds": word(holds),
                   "collected": *holds != StillHolds::NoSuchTest})
        )
    };
    verified.findings.iter().map(line).collect()
}
