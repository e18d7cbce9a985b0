//! The results of a hunt for people: findings first, then tests that fail whatever the order, notes, and what was run.

use std::fmt::Write as _;

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::report::layout::palette::{BAD, FAINT, GOOD, STRONG};
use crate::report::layout::{self, wrapped, wrapped_below};
use crate::report::words::{self, counted};
use crate::suite::{HuntClock, HuntFinding, HuntRemedy, HuntReport};

/// Tests that a finding lists before it counts the others.
const MOST_LISTED: usize = 20;
/// Letters of a message that are shown.
const LONGEST_MESSAGE: usize = 160;

/// The whole report, with styles, which the caller strips where they are not wanted.
pub fn hunted(report: &HuntReport) -> String {
    let mut text = isolation(report) + "\n";
    for finding in &report.findings {
        text += &(self::finding(finding) + "\n");
    }
    text += &broken(report);
    text += &seen_failing(report);
    text += &frozen_only(report);
    text.extend(report.notes.iter().map(|note| wrapped(&format!("{FAINT}note:{FAINT:#} "), note)));
    text + &summary(report)
}

fn isolation(report: &HuntReport) -> String {
    let how = match &report.about.in_place_because {
        None => "private: taster throws away what tests write".to_owned(),
        Some(why) => format!("in place ({why})"),
    };
    wrapped(&format!("{FAINT}isolation:{FAINT:#} "), &how)
}

fn finding(finding: &HuntFinding) -> String {
    let by_chance = finding.finding == FindingKind::Nondeterministic;
    let mut text = heading(finding);
    text.extend(finding.before().iter().take(MOST_LISTED).map(|before| format!("    {before}\n")));
    if let Some(more) = finding.before().len().checked_sub(MOST_LISTED).filter(|more| *more > 0) {
        let _ = writeln!(text, "    ... and {more} more");
    }
    if !finding.minimal && !by_chance {
        text += "  not minimal: the search was cut short\n";
    }
    text += &conditions(finding);
    if let Some(error) = first_line(&finding.message) {
        text += &wrapped_below("  error: ", "    ", &error);
    }
    let _ = writeln!(text, "  {}", confirmed(finding));
    if !by_chance {
        text += &cause(finding);
    }
    for cell in &finding.state {
        text += &wrapped_below("    ", "      ", &format!("{}: {} -> {}", cell.cell, cell.alone, cell.after));
    }
    text.extend(finding.remedies.iter().map(|remedy| fix(finding, remedy)));
    text += &cleaners(finding);
    text += &reproduction(finding);
    let cost = format!("{}, {:.1} s", counted(finding.runs, "run"), finding.seconds);
    text + &format!("  {FAINT}{cost}{FAINT:#}\n")
}

fn heading(finding: &HuntFinding) -> String {
    let says = match finding.finding {
        FindingKind::Victim => "passes alone, fails after",
        FindingKind::Brittle => "fails alone, passes after",
        FindingKind::Collection => {
            "passes when pytest collects its file alone, fails once pytest also collects"
        }
        _ => "passes and fails by chance",
    };
    let word = finding.finding.as_str();
    format!("{BAD}{word}{BAD:#} {STRONG}{}{STRONG:#}\n  {says}\n", finding.victim)
}

/// Under what it shows.
fn conditions(finding: &HuntFinding) -> String {
    let mut text = String::new();
    if !finding.hidden_by.is_empty() {
        let names: Vec<&str> = finding.hidden_by.iter().map(String::as_str).collect();
        let hide = if names.len() == 1 { "hides" } else { "hide" };
        let names = words::listed(&names);
        let told = format!("shows only without {names}, which existed before the hunt and {hide} it");
        text += &wrapped("  ", &told);
    }
    text += match finding.holds_after_changes {
        Some(true) => "  shows also with the files as they are now\n",
        Some(false) => "  no longer shows with the files as they are now\n",
        None => "",
    };
    if finding.reenters {
        let told = "this order leaves a module or class and comes back, which ordinary runs never do";
        text += &wrapped("  ", told);
    }
    if finding.timestamps != HuntClock::Real {
        let _ = writeln!(text, "  under {} timestamps", finding.timestamps.name());
    }
    text
}

fn confirmed(finding: &HuntFinding) -> String {
    let (alone, after) = (finding.confirmed.alone, finding.confirmed.after);
    let words = match finding.finding {
        FindingKind::Brittle => ("failed alone", "passed after them"),
        FindingKind::Collection => ("passed alone", "failed with them"),
        _ => ("passed alone", "failed after them"),
    };
    format!("{} {} of {}, {} {} of {}", words.0, alone.hits, alone.tries, words.1, after.hits, after.tries)
}

fn cause(finding: &HuntFinding) -> String {
    let why = if finding.cause == Cause::NotSought { " (the search ended first)" } else { "" };
    let mut text = format!("  cause: {STRONG}{}{STRONG:#}{why}\n", finding.cause.code());
    if !finding.modules.is_empty() {
        let how = match finding.cause {
            Cause::CircularImport => "a circle, imported first from the end that fails",
            Cause::MissingSubmodule => "the imports that it lacks",
            _ => "the import alone does it",
        };
        text += &wrapped_below("    ", "      ", &format!("{how}: {}", finding.modules.join(", ")));
    }
    text
}

fn fix(finding: &HuntFinding, remedy: &HuntRemedy) -> String {
    // What pollutes at collection is cured before the file is collected, or before the test, whichever helps.
    let it = if finding.finding == FindingKind::Collection { "it" } else { "this test" };
    let (label, style, word) =
        if remedy.verified { ("fix", GOOD, "verified") } else { ("tried", FAINT, "no effect") };
    let told = format!("{} before {it} {style}({word}){style:#}", remedy.remedy);
    wrapped_below(&format!("  {label}: "), "    ", &told)
}

fn cleaners(finding: &HuntFinding) -> String {
    if finding.cleaners.is_empty() {
        return String::new();
    }
    let mut text = "  passes again if one of these runs in between\n".to_owned();
    text.extend(finding.cleaners.iter().map(|cleaner| format!("    {cleaner}\n")));
    if finding.more_cleaners {
        text += "    (there may be more)\n";
    }
    text
}

/// The command stands in lines of its own, for whoever copies it.
fn reproduction(finding: &HuntFinding) -> String {
    let Some(reproduction) = &finding.reproduction else { return String::new() };
    let mut text = "  reproduce with:\n".to_owned() + &layout::command(&reproduction.command, 4);
    if !reproduction.files.is_empty() {
        text += "  files written:\n";
        text.extend(reproduction.files.iter().map(|file| format!("    {file}\n")));
    }
    text
}

fn broken(report: &HuntReport) -> String {
    if report.broken.is_empty() {
        return String::new();
    }
    let mut text =
        format!("{STRONG}broken{STRONG:#}: these fail on their own and in every order that was run\n");
    text.extend(report.broken.iter().map(|each| failure(&each.test, each.outcome, &each.message)));
    text + "\n"
}

fn seen_failing(report: &HuntReport) -> String {
    if report.seen_failing.is_empty() {
        return String::new();
    }
    let mut text = format!("{STRONG}seen failing, not looked into{STRONG:#}: the search ended first\n");
    for each in &report.seen_failing {
        text += &failure(&each.test, each.outcome, &each.message);
        let last = each.order.iter().flatten().rev().nth(1);
        let last = last.map(|last| format!(", the last of them {last}")).unwrap_or_default();
        let under = match each.timestamps {
            HuntClock::Real => String::new(),
            other => format!(", under {} timestamps", other.name()),
        };
        text += &wrapped("    ", &format!("after {}{last}{under}", counted(each.after, "test")));
    }
    text + "\n"
}

/// A test with its outcome and the first words of its message.
fn failure(test: &str, outcome: &str, message: &str) -> String {
    let message = first_line(message).map_or(String::new(), |message| format!(": {message}"));
    wrapped_below("  ", "    ", &format!("{test} ({outcome}){message}"))
}

fn frozen_only(report: &HuntReport) -> String {
    if report.frozen_only.is_empty() {
        return String::new();
    }
    let heading = "under frozen timestamps only";
    let mut text = format!("{STRONG}{heading}{STRONG:#}: these fail on their own if file times are coarse\n");
    text.extend(report.frozen_only.iter().map(|test| format!("  {test}\n")));
    text + "\n"
}

fn first_line(message: &str) -> Option<String> {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty())?;
    let short: String = line.chars().take(LONGEST_MESSAGE).collect();
    let more = if short.len() < line.len() { "..." } else { "" };
    Some(short + more)
}

fn summary(report: &HuntReport) -> String {
    let seen = match report.seen_failing.len() {
        0 => String::new(),
        more => format!(", {more} seen failing and not looked into"),
    };
    let about = &report.about;
    let told = format!(
        "{} on Python {} with pytest {}: {}, {} broken{seen}",
        counted(about.tests, "test"),
        about.python,
        about.pytest,
        counted(report.findings.len(), "finding"),
        report.broken.len(),
    );
    let orders: Vec<String> = report.orders.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let (covered, pairs) = report.neighbours;
    let mut text = wrapped("", &told);
    text += &wrapped("", &format!("orders: {}; seed {}", orders.join(", "), report.seed));
    text += &wrapped(
        "",
        &format!(
            "ordered pairs of tests run as neighbours: {} of {}; {}, {:.1} s",
            words::grouped(&covered.into()),
            words::grouped(&pairs.into()),
            counted(report.runs, "run"),
            report.seconds
        ),
    );
    if let Some(why) = &report.halted {
        text += &wrapped(&format!("{BAD}incomplete{BAD:#}: "), why);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::hunt::{hunted_json, samples};
    use crate::report::layout::WIDTH;

    fn plain(report: &HuntReport) -> String {
        anstream::adapter::strip_str(&hunted(report)).to_string()
    }

    #[test]
    fn every_kind_of_finding() {
        insta::assert_snapshot!(plain(&samples::report()));
    }

    #[test]
    fn nothing_found() {
        insta::assert_snapshot!(plain(&samples::nothing()));
    }

    #[test]
    fn no_line_is_longer_than_the_terminal() {
        // Single words, as ids of tests are, stay whole.
        for line in plain(&samples::report()).lines() {
            let words = line.split_whitespace().count();
            assert!(line.chars().count() <= WIDTH || words == 1, "{line}");
        }
    }

    #[test]
    fn a_program_reads_a_line_for_the_suite_one_for_each_finding_and_a_summary() {
        let report = samples::report();
        let text = hunted_json(&report);
        let kinds: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect();
        let kinds: Vec<_> = kinds.iter().filter_map(|line| line["kind"].as_str()).collect();
        assert_eq!(kinds.len(), report.findings.len() + 2);
        assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("suite", "summary"));
    }
}
