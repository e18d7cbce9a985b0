//! The results of a hunt for people.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::report::words;
use crate::suite::{HuntClock, HuntFinding, HuntReport};

const BOLD: Style = Style::new().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const DIM: Style = Style::new().dimmed();

/// Writes the whole report; styles are for the writer to keep or to strip.
///
/// # Errors
///
/// Those of the writer.
pub fn write(report: &HuntReport, out: &mut dyn Write) -> io::Result<()> {
    match &report.about.in_place_because {
        None => writeln!(out, "{DIM}isolation:{DIM:#} private: taster throws away what tests write")?,
        Some(why) => writeln!(out, "{DIM}isolation:{DIM:#} in place ({why})")?,
    }
    writeln!(out)?;
    for finding in &report.findings {
        one(finding, out)?;
        writeln!(out)?;
    }
    if !report.broken.is_empty() {
        writeln!(out, "{BOLD}broken{BOLD:#}: these fail on their own and in every order that was run")?;
        for broken in &report.broken {
            writeln!(out, "  {} ({}){}", broken.test, broken.outcome, first_line(&broken.message, ": "))?;
        }
        writeln!(out)?;
    }
    seen_failing(report, out)?;
    if !report.frozen_only.is_empty() {
        writeln!(
            out,
            "{BOLD}under frozen timestamps only{BOLD:#}: these fail on their own where file times are coarse"
        )?;
        for test in &report.frozen_only {
            writeln!(out, "  {test}")?;
        }
        writeln!(out)?;
    }
    for note in &report.notes {
        writeln!(out, "{DIM}note:{DIM:#} {note}")?;
    }
    summary(report, out)
}

fn seen_failing(report: &HuntReport, out: &mut dyn Write) -> io::Result<()> {
    if report.seen_failing.is_empty() {
        return Ok(());
    }
    writeln!(out, "{BOLD}seen failing, not looked into{BOLD:#}: the search ended before")?;
    for each in &report.seen_failing {
        writeln!(out, "  {} ({}){}", each.test, each.outcome, first_line(&each.message, ": "))?;
        let last = each.order.iter().flatten().rev().nth(1);
        let last = last.map(|last| format!(", the last of them {last}")).unwrap_or_default();
        let under = match each.timestamps {
            HuntClock::Real => String::new(),
            other => format!(", under {} timestamps", other.name()),
        };
        writeln!(out, "    after {}{last}{under}", counted(each.after, "test"))?;
    }
    writeln!(out)
}

fn one(finding: &HuntFinding, out: &mut dyn Write) -> io::Result<()> {
    heading(finding, out)?;
    for before in finding.before().iter().take(20) {
        writeln!(out, "    {before}")?;
    }
    if finding.before().len() > 20 {
        writeln!(out, "    ... and {} more", finding.before().len() - 20)?;
    }
    if !finding.minimal && finding.finding != FindingKind::Nondeterministic {
        writeln!(out, "  not minimal: the search was cut short")?;
    }
    conditions(finding, out)?;
    write!(out, "{}", indented(&first_line(&finding.message, "  it says: ")))?;
    writeln!(out, "  {}", confirmed(finding))?;
    if finding.finding != FindingKind::Nondeterministic {
        let why = if finding.cause == Cause::NotSought {
            " (the search ended before anybody looked for it)"
        } else {
            ""
        };
        writeln!(out, "  cause: {BOLD}{}{BOLD:#}{why}", finding.cause.code())?;
    }
    if !finding.modules.is_empty() {
        let how = match finding.cause {
            Cause::CircularImport => "a circle, imported first from the end that fails",
            Cause::MissingSubmodule => "the imports that it lacks",
            _ => "the mere import does it",
        };
        writeln!(out, "    {how}: {}", finding.modules.join(", "))?;
    }
    for cell in &finding.state {
        writeln!(out, "    {}: {} -> {}", cell.cell, cell.alone, cell.after)?;
    }
    for remedy in &finding.remedies {
        let (style, word) = if remedy.verified { (GOOD, "verified") } else { (DIM, "does not help") };
        writeln!(out, "  remedy: {} before it {style}({word}){style:#}", remedy.remedy)?;
    }
    if !finding.cleaners.is_empty() {
        writeln!(out, "  passes again if one of these runs in between")?;
        for cleaner in &finding.cleaners {
            writeln!(out, "    {cleaner}")?;
        }
        if finding.more_cleaners {
            writeln!(out, "    (there may be more)")?;
        }
    }
    if let Some(reproduction) = &finding.reproduction {
        writeln!(out, "  see it: {}", reproduction.command)?;
        for file in &reproduction.files {
            writeln!(out, "    {file}")?;
        }
    }
    writeln!(out, "  {DIM}{}, {:.1} s{DIM:#}", counted(finding.runs, "run"), finding.seconds)
}

/// Under what it shows.
fn conditions(finding: &HuntFinding, out: &mut dyn Write) -> io::Result<()> {
    if !finding.hidden_by.is_empty() {
        let names: Vec<&str> = finding.hidden_by.iter().map(String::as_str).collect();
        let (names, hide) =
            (words::listed(&names), if finding.hidden_by.len() == 1 { "hides" } else { "hide" });
        writeln!(out, "  shows only without {names}, which lay there before the hunt and {hide} it")?;
    }
    match finding.holds_after_changes {
        Some(true) => writeln!(out, "  it shows too with the files as they are now")?,
        Some(false) => writeln!(out, "  it does not show any more with the files as they are now")?,
        None => {}
    }
    if finding.reenters {
        writeln!(out, "  this order leaves a module or class and comes back, which ordinary runs never do")?;
    }
    if finding.timestamps != HuntClock::Real {
        writeln!(out, "  under {} timestamps", finding.timestamps.name())?;
    }
    Ok(())
}

fn heading(finding: &HuntFinding, out: &mut dyn Write) -> io::Result<()> {
    let says = match finding.finding {
        FindingKind::Victim => "passes alone, fails after",
        FindingKind::Brittle => "fails alone, passes after",
        FindingKind::Collection => {
            "passes when its file is collected alone, fails once these are collected too:"
        }
        _ => "passes and fails by chance",
    };
    let word = finding.finding.as_str();
    writeln!(out, "{BAD}{word}{BAD:#} {BOLD}{}{BOLD:#}", finding.victim)?;
    writeln!(out, "  {says}")
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

fn first_line(message: &str, before: &str) -> String {
    let Some(line) = message.lines().map(str::trim).find(|line| !line.is_empty()) else {
        return String::new();
    };
    let short: String = line.chars().take(160).collect();
    let more = if short.len() < line.len() { "..." } else { "" };
    format!("{before}{short}{more}")
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn indented(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!("{line}\n") }
}

fn summary(report: &HuntReport, out: &mut dyn Write) -> io::Result<()> {
    let orders: Vec<String> = report.orders.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let (covered, pairs) = report.neighbours;
    writeln!(
        out,
        "{} on Python {} with pytest {}: {}, {} broken{}",
        counted(report.about.tests, "test"),
        report.about.python,
        report.about.pytest,
        counted(report.findings.len(), "finding"),
        report.broken.len(),
        match report.seen_failing.len() {
            0 => String::new(),
            more => format!(", {more} seen failing and not looked into"),
        }
    )?;
    writeln!(out, "orders: {}; seed {}", orders.join(", "), report.seed)?;
    writeln!(
        out,
        "ordered pairs of tests run as neighbours: {covered} of {pairs}; {}, {:.1} s",
        counted(report.runs, "run"),
        report.seconds
    )?;
    match &report.halted {
        Some(why) => writeln!(out, "{BAD}incomplete{BAD:#}: {why}"),
        None => Ok(()),
    }
}
