//! One leak as one block: which tests make which tests fail, what they leave behind and where, and what to do. A person who knows no
//! word of taster's acts on it.

use std::fmt::Write as _;

use super::label::{MARGIN, first_line, labelled};
use super::last::what_came_last;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::remedy::RemedyKind;
use crate::report::layout::palette::{BAD, FAINT, GOOD, STRONG};
use crate::report::layout::wrapped_below;
use crate::report::words;
use crate::suite::cells_of;
use crate::suite::{CellKind, GuiltyLine, HuntClock, HuntFinding, HuntRemedy, Tally};

/// Tests that a block lists before it counts the others.
const MOST_LISTED: usize = 20;
/// The block of findings of one leak, with styles.
pub(in crate::report) fn text(number: usize, findings: &[&HuntFinding]) -> String {
    let Some(&first) = findings.first() else { return String::new() };
    let mut text = heading(number, findings);
    text += &state(findings);
    text += &random(first);
    text += &conditions(first);
    text += &failure(first);
    for remedy in first.remedies.iter().filter(|remedy| remedy.verified) {
        text += &labelled("fix", &fix(first, remedy));
    }
    if first.finding != FindingKind::Nondeterministic || first.cause != Cause::NotSought {
        text += &cause(first);
    }
    text += &labelled("confirmed", &confirmed(first));
    let useless: Vec<&str> = first
        .remedies
        .iter()
        .filter(|remedy| !remedy.verified)
        .map(|remedy| remedy.remedy.as_str())
        .collect();
    if !useless.is_empty() {
        text += &labelled("no effect", &useless.join("; "));
    }
    text + &cleaners(first) + &what_came_last(findings)
}

fn heading(number: usize, findings: &[&HuntFinding]) -> String {
    let first = findings[0];
    let victims: Vec<&str> = findings.iter().map(|finding| finding.victim.as_str()).collect();
    let before: Vec<&str> = first.before().iter().map(String::as_str).collect();
    let (one, in_order) = (victims.len() == 1, before.len() > 1);
    let it = if in_order { "them, in this order" } else { "it" };
    let (subjects, says, objects) = match first.finding {
        FindingKind::Victim => {
            let pollutes = match (in_order, first.minimal) {
                (false, _) => "pollutes",
                (true, true) => "together pollute",
                (true, false) => "some of these pollute",
            };
            let they =
                if one { "a test, which passes alone and fails" } else { "tests that pass alone and fail" };
            let they = if one { they.to_owned() } else { format!("{} {they}", victims.len()) };
            (before, format!("{pollutes} {they} after {it}"), victims)
        }
        FindingKind::Brittle => {
            let fails = if one { "fails alone, and passes after" } else { "fail alone, and pass after" };
            (victims, fails.to_owned(), before)
        }
        FindingKind::Collection if first.state_setters.is_some() => {
            let fails = if one {
                "fails when its file is collected alone, and passes"
            } else {
                "fail when collected alone, and pass"
            };
            (victims, format!("{fails} if pytest also collects"), before)
        }
        FindingKind::Collection => {
            let what = if one { "a test" } else { "tests" };
            let says = format!(
                "when collected, {} {what} that fails only then",
                if in_order { "pollute" } else { "pollutes" }
            );
            (before, says, victims)
        }
        _ if before.is_empty() => (victims, "passes and fails by chance".to_owned(), before),
        _ => (victims, "passes and fails by chance, as was seen after".to_owned(), before),
    };
    let mut text = String::new();
    for (at, subject) in subjects.iter().take(MOST_LISTED).enumerate() {
        let mark = if at == 0 { format!("{BAD}[{number}]{BAD:#} ") } else { "    ".to_owned() };
        let _ = writeln!(text, "{mark}{STRONG}{subject}{STRONG:#}");
    }
    text += &more_than_listed(subjects.len(), "    ");
    let kind = if objects.is_empty() { "" } else { ":" };
    text += &wrapped_below("    ", "    ", &format!("{says}{kind}"));
    text.extend(objects.iter().take(MOST_LISTED).map(|object| format!("      {object}\n")));
    text += &more_than_listed(objects.len(), "      ");
    if !first.minimal && first.finding != FindingKind::Nondeterministic {
        text += "    which of them it takes is not known: the search was cut short\n";
    }
    text
}

fn more_than_listed(all: usize, indent: &str) -> String {
    match all.saturating_sub(MOST_LISTED) {
        0 => String::new(),
        more => format!("{indent}... and {more} more\n"),
    }
}

/// The state that decides, as it is when the test runs alone and when it runs after or with the others, and where it changes.
fn state(findings: &[&HuntFinding]) -> String {
    let finding = findings[0];
    let mut text = String::new();
    for (at, cell) in cells_of(findings).into_iter().enumerate() {
        let label = match (at, finding.finding) {
            (0, _) if finding.state_setters.is_some() => "needs",
            (0, _) => "leaves",
            _ => "",
        };
        let (alone, after) = cell.values();
        text += &labelled(label, &format!("{}: {alone} -> {after}", cell.cell));
    }
    if let Some(line) = &finding.guilty {
        text += &guilty(line, guilt(finding));
    }
    if let Some(why) = &finding.guilty_unknown {
        text += &labelled("at", &format!("a line that is not known: {why}"));
    }
    text
}

/// Who seeds the generator that decides, and how much its seed matters.
fn random(finding: &HuntFinding) -> String {
    let Some(random) = &finding.random else { return String::new() };
    let seeded = match &random.seeded_at {
        Some(at) => format!("{}:{}: {}", at.file, at.line, at.code),
        None => "no line was seen to seed it".to_owned(),
    };
    let Tally { hits, tries } = random.passed;
    let passes = format!("{hits} of {tries} seeds that taster sets just before it");
    labelled("seeded", &seeded) + &labelled("passes", &format!("with {passes}"))
}

/// The line that changes the state, and the way to it from the test.
fn guilty(line: &GuiltyLine, does: &str) -> String {
    let mut text =
        labelled("at", &format!("{}:{}: {STRONG}{}{STRONG:#}{does}", line.file, line.line, line.code));
    let way = line.calls.split_last().map_or(&[][..], |(_itself, way)| way);
    text.extend(way.iter().rev().map(|call| wrapped_below(&format!("{MARGIN}called from "), MARGIN, call)));
    text
}

/// What a guilty line does, where its text may not say so.
fn guilt(finding: &HuntFinding) -> &'static str {
    let of_it =
        finding.state.iter().find(|cell| cell.changed_at.is_some() && cell.changed_at == finding.guilty);
    match of_it.map(|cell| cell.kind) {
        Some(CellKind::Finder) => " (lists the directory)",
        Some(CellKind::Cache) => " (fills the cache)",
        Some(CellKind::Generator) => " (draws first)",
        _ => "",
    }
}

/// What fails, and where.
fn failure(finding: &HuntFinding) -> String {
    let mut text =
        first_line(&finding.message).map(|error| labelled("fails with", &error)).unwrap_or_default();
    if let Some(line) = &finding.victim_at {
        let function = line.function.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
        text += &labelled("at", &format!("{}:{}{function}: {}", line.file, line.line, line.code));
    }
    text
}

/// The conditions under which the finding shows.
fn conditions(finding: &HuntFinding) -> String {
    let mut text = String::new();
    if !finding.hidden_by.is_empty() {
        let names: Vec<&str> = finding.hidden_by.iter().map(String::as_str).collect();
        let hide = if names.len() == 1 { "hides" } else { "hide" };
        let names = words::listed(&names);
        let told = format!("only without {names}, which existed before the hunt and {hide} it");
        text += &labelled("shows", &told);
    }
    if finding.reenters {
        let told =
            "only in an order that leaves a module or class and comes back, which ordinary runs never do";
        text += &labelled("shows", told);
    }
    let under = match finding.timestamps {
        HuntClock::Real => "",
        HuntClock::Frozen => {
            "where the times of files stand still (frozen timestamps), as on file systems with coarse times"
        }
        HuntClock::Seconds => "where the times of files are whole seconds",
    };
    if !under.is_empty() {
        text += &labelled("shows", under);
    }
    text
}

/// How often the test did each of both when it was run again.
fn confirmed(finding: &HuntFinding) -> String {
    let (alone, after) = (finding.confirmed.alone, finding.confirmed.after);
    let (first, second) = match finding.finding {
        FindingKind::Brittle => ("failed alone", "passed after them"),
        FindingKind::Collection if finding.state_setters.is_some() => ("failed alone", "passed with them"),
        FindingKind::Collection => ("passed alone", "failed with them"),
        FindingKind::Nondeterministic => ("passed alone", "failed after other tests"),
        _ => ("passed alone", "failed after them"),
    };
    format!(
        "{first} in {} of {} runs, {second} in {} of {}",
        alone.hits, alone.tries, after.hits, after.tries
    )
}

fn cause(finding: &HuntFinding) -> String {
    let why = match finding.cause {
        Cause::NotSought => " (the search ended first)".to_owned(),
        cause => format!(" {FAINT}(taster explain {}){FAINT:#}", cause.code()),
    };
    let mut text = labelled("cause", &format!("{}{why}", finding.cause.code()));
    if let Some(about) = modules(finding.cause, &finding.modules) {
        text += &labelled("", &about);
    }
    text
}

/// What the cause says about these modules.
fn modules(cause: Cause, modules: &[String]) -> Option<String> {
    let names = modules.join(", ");
    Some(match (cause, modules) {
        (_, []) => return None,
        (Cause::CircularImport, [fails, passes @ ..]) if !passes.is_empty() => {
            format!("a circle: fails if {fails} is imported first, passes if {} is", passes.join(", "))
        }
        (Cause::CircularImport, _) => format!("a circle: fails if {names} is imported first"),
        (Cause::MissingSubmodule, [_]) => format!("this import is missing: {names}"),
        (Cause::MissingSubmodule, _) => format!("these imports are missing: {names}"),
        (_, [_]) => format!("importing this module is enough: {names}"),
        _ => format!("importing these modules is enough: {names}"),
    })
}

fn fix(finding: &HuntFinding, remedy: &HuntRemedy) -> String {
    if matches!(remedy.kind, RemedyKind::LeaveOpen | RemedyKind::EndThreads) {
        return format!("{} {GOOD}(verified){GOOD:#}", remedy.remedy);
    }
    // What pollutes at collection is cured before the file is collected, or before the test, whichever helps.
    let it = match &remedy.before {
        Some(other) => other,
        None if finding.finding == FindingKind::Collection => "its file is collected, or it runs",
        None => "the test",
    };
    format!("{} before {it} {GOOD}(verified){GOOD:#}", remedy.remedy)
}

fn cleaners(finding: &HuntFinding) -> String {
    if finding.cleaners.is_empty() {
        return String::new();
    }
    let more = if finding.more_cleaners { " (there may be more)" } else { "" };
    let mut text = format!("    passes again if one of these runs in between{more}\n");
    text.extend(finding.cleaners.iter().take(MOST_LISTED).map(|cleaner| format!("      {cleaner}\n")));
    text + &more_than_listed(finding.cleaners.len(), "      ")
}
