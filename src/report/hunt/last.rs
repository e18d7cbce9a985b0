//! What the end of a hunt adds to a block: commands, patches, whether the finding still holds; and a block in a line.

use std::fmt::Write as _;

use super::label::labelled;
use crate::kind::FindingKind;
use crate::report::layout::palette::{BAD, STRONG};
use crate::report::layout::{self, wrapped_below};
use crate::report::words::{self, counted};
use crate::suite::cells_of;
use crate::suite::{HuntFinding, PatchResult};

/// What is known only when the hunt ends: commands, patches, and whether the finding still holds.
pub(super) fn what_came_last(findings: &[&HuntFinding]) -> String {
    let Some(&first) = findings.first() else { return String::new() };
    let mut text = String::new();
    if let Some(commands) = findings.iter().find_map(|finding| finding.commands.as_ref()) {
        for (label, command) in [("passes", &commands.passes), ("fails", &commands.fails)] {
            if commands.hold {
                let _ = writeln!(text, "    {label}");
                text += &layout::command(command, 6);
            }
        }
        if let Some(why) = &commands.why_not {
            text += &labelled("to see it", &format!("no command of plain pytest shows it: {why}"));
        }
    }
    for reproduction in findings.iter().filter_map(|finding| finding.reproduction.as_ref()) {
        text.extend(reproduction.files.iter().map(|file| labelled("written", file)));
        if reproduction.command.starts_with("taster run ") {
            text += "    reproduce with\n";
            text += &layout::command(&reproduction.command, 6);
        }
    }
    text += &patches(findings);
    text += match first.holds_after_changes {
        Some(true) => "    shows also with the files as they are now\n",
        Some(false) => "    no longer shows with the files as they are now\n",
        None => "",
    };
    text
}

/// One line about a block that was told before.
pub(super) fn in_short(number: usize, findings: &[&HuntFinding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    wrapped_below(&format!("{BAD}[{number}]{BAD:#} "), "    ", &in_words(findings))
}

/// A block that was told before, and whose findings plain pytest refutes.
pub(super) fn taken_back(number: usize) -> String {
    format!("{BAD}[{number}]{BAD:#} is taken back: plain pytest does not confirm it (see below)\n")
}

/// A leak in a sentence: who does it to whom, and by what.
pub(in crate::report) fn in_words(findings: &[&HuntFinding]) -> String {
    let Some(&first) = findings.first() else { return String::new() };
    let before = first.before();
    let others = match before {
        [] => String::new(),
        [one] => one.clone(),
        many if !first.minimal => format!("some of {}", counted(many.len(), "test")),
        [one, more @ ..] => format!("{one} and {} more", more.len()),
    };
    let pollute = if before.len() > 1 { "pollute" } else { "pollutes" };
    let needs_others = first.state_setters.is_some();
    let told = match findings {
        _ if first.finding == FindingKind::Nondeterministic => {
            format!("{} passes and fails by chance", first.victim)
        }
        [one] if needs_others => format!("{} needs {others}", one.victim),
        many if needs_others => format!("{} need {others}", counted(many.len(), "test")),
        [one] => format!("{others} {pollute} {}", one.victim),
        many => format!("{others} {pollute} {}", counted(many.len(), "test")),
    };
    let cells: Vec<&str> = cells_of(findings).into_iter().map(|cell| cell.cell.as_str()).collect();
    let state = if cells.is_empty() { String::new() } else { format!(": {}", words::listed(&cells)) };
    told + &state
}

/// A later finding of a leak whose block was told before.
pub(super) fn one_more(number: usize, finding: &HuntFinding) -> String {
    let does = if finding.state_setters.is_some() { "needs the same" } else { "fails after the same" };
    let told = format!("{does}: {STRONG}{}{STRONG:#}", finding.victim);
    wrapped_below(&format!("{BAD}[{number}]{BAD:#} "), "    ", &told)
}

/// The patches of a leak, each once; of the tests without one, why the first of them has none.
fn patches(findings: &[&HuntFinding]) -> String {
    let all: Vec<&PatchResult> = findings.iter().filter_map(|finding| finding.patch.as_ref()).collect();
    let (offered, none): (Vec<&PatchResult>, Vec<&PatchResult>) =
        all.into_iter().partition(|each| matches!(each, PatchResult::Offered { .. }));
    let mut text: String = once(offered.into_iter().map(patch)).concat();
    let reasons = once(none.iter().map(|each| patch(each)));
    if let Some(first) = reasons.first() {
        text += first;
    }
    if reasons.len() > 1 {
        text += &labelled("", &format!("nor for {} of these tests", counted(none.len() - 1, "other")));
    }
    text
}

/// The patch with what was tried of it, or why there is none; before it, what no patch of tests mends.
fn patch(patch: &PatchResult) -> String {
    let left = "no code of a test: a patch of the tests leaves that line as it is";
    let leak = |leaks: &Option<String>| {
        leaks.as_ref().map(|leaks| labelled("package", &format!("{leaks} ({left})"))).unwrap_or_default()
    };
    match patch {
        PatchResult::Offered { file, what, tried, leaks } => {
            let tried =
                if tried.is_empty() { String::new() } else { format!(" (tried: {})", tried.join(", ")) };
            leak(leaks)
                + &labelled("patch", &format!("git apply {file}"))
                + &labelled("", &format!("{what}{tried}"))
        }
        PatchResult::None { why_not, leaks } => leak(leaks) + &labelled("no patch", why_not),
    }
}

/// Texts, each once.
fn once(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for text in texts {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::layout::WIDTH;
    use crate::suite::{Confirmation, HuntClock, Tally};

    fn finding(victim: &str) -> HuntFinding {
        let confirmed = Confirmation { alone: Tally::ONCE, after: Tally::ONCE };
        HuntFinding::new(FindingKind::Victim, victim.to_owned(), HuntClock::Real, confirmed)
    }

    fn without_patch(victim: &str) -> HuntFinding {
        let why_not = format!("one change was tried, and does not cure ({victim} fails with it)");
        HuntFinding { patch: Some(PatchResult::None { why_not, leaks: None }), ..finding(victim) }
    }

    #[test]
    fn a_further_test_of_a_leak_is_told_within_the_width() {
        let victim = format!("tests/{}", "test_of_a_long_name/".repeat(3));
        let told = one_more(12, &finding(&format!("{victim}test_a.py::TestOne::test_some")));
        let told = anstream::adapter::strip_str(&told).to_string();
        let words = |line: &str| line.split_whitespace().count();
        assert!(told.lines().all(|line| line.chars().count() <= WIDTH || words(line) == 1), "{told}");
    }

    #[test]
    fn why_there_is_no_patch_is_told_once_for_a_leak() {
        let all = ["a", "b", "c"].map(without_patch);
        let told = patches(&all.iter().collect::<Vec<_>>());
        assert_eq!(told.matches("was tried").count(), 1, "{told}");
        assert!(told.contains("nor for 2 others of these tests"), "{told}");
        let alone = patches(&[&all[0]]);
        assert!(!alone.contains("nor for"), "{alone}");
    }
}
