//! One finding: in full, or in a line.

use super::group::Group;
use super::palette::{BAD, GOOD, STRONG};
use super::{WIDTH, command, sides, wrapped};
use crate::diagnose::{Cause, Finding, FindingKind, Remedy, Trial};
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
    text += &cause(finding);
    text += &probabilities(group);
    if !finding.cleaners.is_empty() {
        text += &labelled("cleaned by", &words::names(scenario, &finding.cleaners));
    }
    text += &remedies(group);
    text += "      replay it with\n";
    text += &command::broken(&replaying::replay(verdict, &finding.witness, spellings), 8);
    text.push('\n');
    text
}

/// The finding in a line, where nothing of it is news.
pub(super) fn brief(group: &Group<'_>) -> String {
    let (verdict, finding) = group.first();
    let claim = words::claim(&verdict.scenario, finding);
    wrapped("             ", &format!("{claim}: {}; {}", finding.cause.code(), group.places()))
}

/// The finding in a line below one of the same shape, with what to replay instead.
pub(super) fn alike(group: &Group<'_>, number: usize) -> String {
    let (verdict, finding) = group.first();
    let order = replaying::order_option(&verdict.scenario, &finding.witness);
    let claim = format!("  [{number}] {} ({})", words::claim(&verdict.scenario, finding), standing(finding));
    let width = textwrap::core::display_width(&claim);
    if width + 2 + order.chars().count() <= WIDTH {
        let gap = " ".repeat(44_usize.saturating_sub(width).clamp(2, WIDTH - width - order.chars().count()));
        return format!("{claim}{gap}{order}\n");
    }
    format!("{}{}", wrapped("", &claim), command::broken(&order, 8))
}

fn standing(finding: &Finding) -> String {
    if finding.declared { format!("{GOOD}declared{GOOD:#}") } else { format!("{BAD}not declared{BAD:#}") }
}

fn labelled(label: &str, text: &str) -> String {
    wrapped(&format!("      {label:<12} "), text)
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

fn cause(finding: &Finding) -> String {
    let mut text = labelled("cause", &format!("{}: {}", finding.cause.code(), gloss(finding.cause)));
    for (number, (label, value)) in finding.evidence.iter().enumerate() {
        text += &labelled(if number == 0 { "evidence" } else { "" }, &format!("{label}: {value}"));
    }
    text
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

/// Each remedy once, with the interpreters on which it works where it does not work on all.
fn remedies(group: &Group<'_>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for remedy in group.met.iter().flat_map(|(_, finding)| &finding.remedies) {
        if !names.contains(&remedy.name.as_str()) {
            names.push(&remedy.name);
        }
    }
    let mut text = String::new();
    for (number, name) in names.iter().enumerate() {
        let label = if number == 0 { "remedies" } else { "" };
        text += &labelled(label, &format!("{name}: {}", remedy(group, name)));
    }
    text
}

fn remedy(group: &Group<'_>, name: &str) -> String {
    let mut told: Vec<(String, Vec<&Verdict>)> = Vec::new();
    for (verdict, finding) in &group.met {
        let Some(remedy) = finding.remedies.iter().find(|remedy| remedy.name == name) else { continue };
        let trial = trial(remedy);
        match told.iter_mut().find(|(known, _)| *known == trial) {
            Some((_, runs)) => runs.push(verdict),
            None => told.push((trial, vec![verdict])),
        }
    }
    if let [(everywhere, _)] = told.as_slice() {
        return everywhere.clone();
    }
    let one = |(trial, runs): &(String, Vec<&Verdict>)| format!("{trial} on {}", super::group::places(runs));
    told.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn trial(remedy: &Remedy) -> String {
    match remedy.trial {
        Trial::Verified if remedy.places.is_empty() => "cures it".into(),
        Trial::Verified => format!("cures it {}", remedy.places.join(", or ")),
        Trial::Partial => format!("helps here {}, but not in every ordering", remedy.places.join(", or ")),
        Trial::Placebo => "a placebo: changes nothing wherever it is put".into(),
        Trial::NotTried => "not tried".into(),
    }
}
