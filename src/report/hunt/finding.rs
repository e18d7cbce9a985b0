//! One finding of a hunt for people: the test, what makes the difference, the cause and what fixes it.

use std::fmt::Write as _;

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::report::layout::palette::{BAD, FAINT, GOOD, STRONG};
use crate::report::layout::{self, wrapped, wrapped_below};
use crate::report::words::{self, counted};
use crate::suite::{CellKind, HuntClock, HuntFinding, HuntRemedy, PatchResult};

/// Tests that a finding lists before it counts the others.
const MOST_LISTED: usize = 20;
/// Letters of a message that are shown.
const LONGEST_MESSAGE: usize = 160;

/// Everything about one finding, with styles.
pub(super) fn text(finding: &HuntFinding) -> String {
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
    text += &state(finding);
    text += &lines(finding);
    text.extend(finding.remedies.iter().map(|remedy| fix(finding, remedy)));
    text += &cleaners(finding);
    text += &reproduction(finding);
    text += &patch(finding);
    let cost = format!("{}, {:.1} s", counted(finding.runs, "run"), finding.seconds);
    text + &format!("  {FAINT}{cost}{FAINT:#}\n")
}

fn heading(finding: &HuntFinding) -> String {
    let says = match finding.finding {
        FindingKind::Victim => "passes alone, fails after",
        FindingKind::Brittle => "fails alone, passes after",
        FindingKind::Collection if finding.state_setters.is_some() => {
            "fails when pytest collects its file alone, passes once pytest also collects"
        }
        FindingKind::Collection => {
            "passes when pytest collects its file alone, fails once pytest also collects"
        }
        _ => "passes and fails by chance",
    };
    let word = finding.finding.as_str();
    format!("{BAD}{word}{BAD:#} {STRONG}{}{STRONG:#}\n  {says}\n", finding.victim)
}

/// The conditions under which the finding shows.
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
        let _ = writeln!(text, "  found under {} timestamps", finding.timestamps.name());
    }
    text
}

/// How often the test did each of both when it was run again.
fn confirmed(finding: &HuntFinding) -> String {
    let (alone, after) = (finding.confirmed.alone, finding.confirmed.after);
    let (what, first, second) = match finding.finding {
        FindingKind::Brittle => ("confirmed", "failed alone", "passed after them"),
        FindingKind::Collection if finding.state_setters.is_some() => {
            ("confirmed", "failed alone", "passed with them")
        }
        FindingKind::Collection => ("confirmed", "passed alone", "failed with them"),
        FindingKind::Nondeterministic => ("repeated", "passed alone", "failed after other tests"),
        _ => ("confirmed", "passed alone", "failed after them"),
    };
    format!(
        "{what}: {first} in {} of {} runs, {second} in {} of {}",
        alone.hits, alone.tries, after.hits, after.tries
    )
}

/// The state that decides, as it is when the test runs alone and when it runs after or with the others.
fn state(finding: &HuntFinding) -> String {
    if finding.state.is_empty() {
        return String::new();
    }
    let others = if finding.finding == FindingKind::Collection { "with them" } else { "after them" };
    let mut text = format!("  state (alone -> {others}):\n");
    for cell in &finding.state {
        text += &wrapped_below("    ", "      ", &format!("{}: {} -> {}", cell.cell, cell.alone, cell.after));
    }
    text
}

/// Where the state changed and where the test fails.
fn lines(finding: &HuntFinding) -> String {
    let mut text = String::new();
    if let Some(line) = &finding.guilty
        && let Some((last, way)) = line.calls.split_last()
    {
        let label = format!("  guilty line{}: ", guilt(finding));
        text += &wrapped_below(&label, "    ", &format!("{last}: {}", line.code));
        for call in way.iter().rev() {
            text += &wrapped_below("    called from ", "      ", call);
        }
    }
    if let Some(why) = &finding.guilty_unknown {
        text += &wrapped_below("  guilty line: ", "    ", &format!("not known: {why}"));
    }
    if let Some(line) = &finding.victim_at {
        text +=
            &wrapped_below("  fails at: ", "    ", &format!("{}:{}: {}", line.file, line.line, line.code));
    }
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

fn cause(finding: &HuntFinding) -> String {
    let why = if finding.cause == Cause::NotSought { " (the search ended first)" } else { "" };
    let mut text = format!("  cause: {STRONG}{}{STRONG:#}{why}\n", finding.cause.code());
    if let Some(about) = modules(finding.cause, &finding.modules) {
        text += &wrapped_below("    ", "      ", &about);
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

/// The line outside of the tests that is to blame.
fn leak(leaks: Option<&str>) -> String {
    leaks.map(|leaks| wrapped_below("  not in the tests: ", "    ", leaks)).unwrap_or_default()
}

/// The patch with what was tried of it, or why there is none.
fn patch(finding: &HuntFinding) -> String {
    match &finding.patch {
        Some(PatchResult::Offered { file, what, tried, leaks }) => {
            let told = format!("{file}: {what} (tried: {})", tried.join(", "));
            leak(leaks.as_deref()) + &wrapped_below("  patch: ", "    ", &told)
        }
        Some(PatchResult::None { why_not, leaks }) => {
            leak(leaks.as_deref()) + &wrapped_below("  no patch: ", "    ", why_not)
        }
        _ => String::new(),
    }
}

/// The first line of a message that says something, cut if it is long.
pub(super) fn first_line(message: &str) -> Option<String> {
    let line = message.lines().map(str::trim).find(|line| !line.is_empty())?;
    let short: String = line.chars().take(LONGEST_MESSAGE).collect();
    let more = if short.len() < line.len() { "..." } else { "" };
    Some(short + more)
}
