//! One finding: in full, or in a line.

use super::group::Group;
use super::{remedies, sides};
use crate::cause::Cause;
use crate::diagnose::{Finding, OutcomeCount};
use crate::kind::FindingKind;
use crate::report::layout::palette::{BAD, GOOD, STRONG};
use crate::report::layout::{self, WIDTH, wrapped};
use crate::report::words::{self, Telling};
use crate::report::{Spellings, command as replaying, json};
use crate::verdict::Verdict;

/// The finding with its orderings, steps, outcome, cause, evidence, remedies and the command that replays it.
pub(super) fn full(group: &Group<'_>, number: usize, spellings: &Spellings) -> String {
    let (verdict, finding) = group.first();
    let scenario = &verdict.scenario;
    let mut text = String::new();
    let claim = format!("{STRONG}{}{STRONG:#} ({})", words::claim(scenario, finding), standing(finding));
    text += &wrapped(&format!("  [{number}] "), &claim);
    text += &wrapped("      on ", &group.places());
    if !finding.minimal {
        text += "      (no smaller set of tests was found that does it)\n";
    }
    text.push('\n');
    if !scenario.setup.is_empty() {
        let setup: Vec<String> =
            scenario.setup.iter().map(|step| words::step(step, Telling::Brief)).collect();
        text += &wrapped("   setup ", &setup.join(", "));
    }
    text += &sides::text(scenario, finding);
    text.push('\n');
    text += &outcomes(group);
    text += &seen(finding);
    text += &printed(finding);
    text += &cause(finding);
    text += &probabilities(group);
    if !finding.cleaners.is_empty() {
        text += &labelled("cleaned by", &words::names(scenario, &finding.cleaners));
    }
    text += &remedies::text(group);
    text += "      replay it with\n";
    text += &layout::command(&replaying::replay(verdict, failing(finding), spellings), 8);
    text.push('\n');
    text
}

/// Findings in a line each, where nothing of them is news; many of one kind, cause and place in one line.
pub(super) fn brief(groups: &[&Group<'_>]) -> String {
    let mut told: Vec<(String, Vec<&Group<'_>>)> = Vec::new();
    for group in groups {
        let (_, finding) = group.first();
        let cause =
            if is_looked_into(finding) { format!(": {}", finding.cause.code()) } else { String::new() };
        let key = format!("{cause}; {}", group.places());
        match told.iter_mut().find(|(known, like)| *known == key && like[0].first().1.kind == finding.kind) {
            Some((_, like)) => like.push(group),
            None => told.push((key, vec![group])),
        }
    }
    let mut text = String::new();
    for (key, like) in told {
        let claim = |group: &Group<'_>| words::claim(&group.first().0.scenario, group.first().1);
        if like.len() > MANY {
            let claims = format!("{} (and {} more alike)", claim(like[0]), like.len() - 1);
            text += &wrapped("             ", &format!("{claims}{key}"));
        } else {
            text.extend(like.iter().map(|group| wrapped("             ", &format!("{}{key}", claim(group)))));
        }
    }
    text
}

/// Findings past which those of one kind, cause and place are told in one line.
const MANY: usize = 2;

/// The finding in a line below one of the same shape, with what to replay instead.
pub(super) fn alike(group: &Group<'_>, number: usize) -> String {
    let (verdict, finding) = group.first();
    let order = replaying::order_option(&verdict.scenario, failing(finding));
    let claim = format!("  [{number}] {} ({})", words::claim(&verdict.scenario, finding), standing(finding));
    let width = textwrap::core::display_width(&claim);
    if width + 2 + order.chars().count() <= WIDTH {
        let gap = " ".repeat(44_usize.saturating_sub(width).clamp(2, WIDTH - width - order.chars().count()));
        return format!("{claim}{gap}{order}\n");
    }
    format!("{}{}", wrapped("", &claim), layout::command(&order, 8))
}

/// The ordering to replay: the failing one, where there is one beside a passing witness.
fn failing(finding: &Finding) -> &[usize] {
    match (finding.kind, &finding.neighbour) {
        (FindingKind::Brittle, Some(neighbour)) => neighbour,
        _ => &finding.witness,
    }
}

fn standing(finding: &Finding) -> String {
    if finding.declared { format!("{GOOD}declared{GOOD:#}") } else { format!("{BAD}not declared{BAD:#}") }
}

/// `text` behind a label, as every fact of a finding is told.
pub(super) fn labelled(label: &str, text: &str) -> String {
    wrapped(&format!("      {label:<12} "), text)
}

/// The last lines that the failing step's code wrote.
fn printed(finding: &Finding) -> String {
    const LINES: usize = 8;
    let lines: Vec<&str> = finding.output.trim_end().lines().collect();
    let last = lines.iter().skip(lines.len().saturating_sub(LINES)).filter(|line| !line.trim().is_empty());
    last.enumerate()
        .map(|(number, line)| labelled(if number == 0 { "it printed" } else { "" }, line))
        .collect()
}

/// What the failing step says, and on which interpreters it says something else.
fn outcomes(group: &Group<'_>) -> String {
    let mut told: Vec<(String, Vec<&Verdict>)> = Vec::new();
    for (verdict, finding) in &group.met {
        let outcome = finding.outcome.to_string();
        match told.iter_mut().find(|(known, _)| *known == outcome) {
            Some((_, runs)) => runs.push(verdict),
            None => told.push((outcome, vec![verdict])),
        }
    }
    let mut text = String::new();
    for (number, (outcome, runs)) in told.iter().enumerate() {
        let label = if number == 0 { "fails with" } else { "" };
        if told.len() == 1 {
            text += &labelled(label, outcome);
        } else {
            text += &labelled(label, &format!("{outcome} (on {})", super::group::places(runs)));
        }
    }
    text
}

/// How often a step whose outcome is not fixed did what.
fn seen(finding: &Finding) -> String {
    let all: u64 = finding.outcomes.iter().map(|seen| seen.times).sum();
    let one = |(number, seen): (usize, &OutcomeCount)| {
        let label = if number == 0 { "not fixed" } else { "" };
        labelled(label, &format!("{} of {all} performances of this ordering: {}", seen.times, seen.outcome))
    };
    finding.outcomes.iter().enumerate().map(one).collect()
}

fn cause(finding: &Finding) -> String {
    if finding.kind == FindingKind::Nondeterministic {
        return labelled("cause", "none in the order: chance, time, or what is outside of the interpreter");
    }
    if !is_looked_into(finding) {
        return labelled("cause", "not looked for");
    }
    let mut text = labelled("cause", &format!("{}: {}", finding.cause.code(), gloss(finding.cause)));
    for (number, (label, value)) in finding.evidence.iter().enumerate() {
        text += &labelled(if number == 0 { "evidence" } else { "" }, &format!("{label}: {value}"));
    }
    text + &labelled("", &format!("more: taster explain {}", finding.cause.code()))
}

/// Whether anybody looked for a cause: a search without an answer leaves suspicions or remedies.
fn is_looked_into(finding: &Finding) -> bool {
    match finding.cause {
        Cause::NotSought => false,
        Cause::Unknown => !finding.evidence.is_empty() || !finding.remedies.is_empty(),
        _ => true,
    }
}

/// A cause in half a sentence.
fn gloss(cause: Cause) -> &'static str {
    match cause {
        Cause::StaleDirectoryListing => {
            "the directory was listed before the file was there, and its time has not moved since"
        }
        Cause::NegativePathEntry => {
            "the path entry was searched before it existed, and is not looked at again"
        }
        Cause::StaleBytecode => "the .pyc matches the source's second and size, but not its content",
        Cause::RetainedModule => "sys.modules answers with an earlier module of that name",
        Cause::CircularImport => "a name was wanted from a module that was still being imported",
        Cause::MissingSubmodule => "the attribute exists only if somebody else has imported the submodule",
        Cause::StaleNamespacePath => "the namespace package's __path__ predates the directory",
        Cause::HalfImportedPackage => "an earlier import failed half-way and left its children behind",
        Cause::ImportSideEffect => "an import changed state that this test reads",
        Cause::ChangedState => "a test changed state and did not put it back",
        Cause::NotSought => "nobody has looked for it",
        Cause::Unknown => "no cause that taster knows was confirmed",
    }
}

/// How likely the witness fails, per clock.
fn probabilities(group: &Group<'_>) -> String {
    let mut told: Vec<(String, &str)> = Vec::new();
    for (verdict, finding) in &group.met {
        let Some(probability) = &finding.probability else { continue };
        let percent = 100.0 * json::ratio(&probability.numerator, &probability.denominator);
        let percent = format!("{percent:.4}").trim_end_matches('0').trim_end_matches('.').to_owned();
        let verb = if finding.kind == FindingKind::Brittle { "passes" } else { "fails" };
        let text = format!("{verb} {percent} % of the time at {}", verdict.timestamps.written);
        if !told.iter().any(|(known, _)| *known == text) {
            told.push((text, &verdict.timestamps.written));
        }
    }
    let told: Vec<&str> = told.iter().map(|(text, _)| text.as_str()).collect();
    if told.is_empty() { String::new() } else { labelled("probability", &told.join(", ")) }
}
