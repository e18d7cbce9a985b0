//! One finding: in full, or in a line.

use super::fact::labelled;
use super::group::{self, FindingGroup};
use super::{remedies, sides};
use crate::cause::Cause;
use crate::diagnose::{Evidence, Finding, OutcomeCount, Probability};
use crate::explain;
use crate::kind::FindingKind;
use crate::report::gather::gather;
use crate::report::layout::palette::{BAD, GOOD, STRONG};
use crate::report::layout::{self, WIDTH, wrapped};
use crate::report::origin::FindingOrigin;
use crate::report::words::{self, Telling};
use crate::report::{Spellings, code, command as replaying, json};

/// The finding with its orderings, steps, outcome, cause, evidence, remedies and the command that replays it.
pub(super) fn full(group: &FindingGroup<'_>, number: usize, spellings: &Spellings) -> String {
    let (origin, finding) = group.first();
    let scenario = origin.scenario;
    let mut text = String::new();
    let claim =
        format!("{STRONG}{}{STRONG:#} ({})", words::finding_claim(scenario, finding), standing(finding));
    text += &wrapped(&format!("  [{number}] "), &claim);
    text += &wrapped("      on ", &group.places());
    if !finding.minimal {
        text += "      (no smaller set of tests was found that does it)\n";
    }
    text.push('\n');
    if !scenario.setup.is_empty() {
        let setup: Vec<String> = (1..=scenario.setup.len())
            .map(|number| code::numbered(scenario, None, number, Telling::Brief))
            .collect();
        text += &wrapped("   setup ", &setup.join(", "));
    }
    text += &sides::text(scenario, finding);
    text.push('\n');
    text += &outcomes(group);
    text += &seen(finding);
    text += &printed(finding);
    text += &cause(finding);
    text += &shares(group);
    text += &probabilities(group);
    text += &step_times(group);
    if !finding.cleaners.is_empty() {
        text += &labelled("cleaners", &words::names(scenario, &finding.cleaners));
    }
    text += &remedies::text(group);
    text += "      reproduce with\n";
    text += &layout::command(&replaying::replay(origin, &finding.failing_word(scenario), spellings), 8);
    text.push('\n');
    text
}

/// Findings in a line each, where nothing of them is news; many of one kind, cause and place in one line.
pub(super) fn brief(groups: &[&FindingGroup<'_>]) -> String {
    let key = |group: &FindingGroup<'_>| {
        let (_, finding) = group.first();
        let cause =
            if is_looked_into(finding) { format!(": {}", finding.cause.code()) } else { String::new() };
        (finding.kind, format!("{cause}; {}", group.places()))
    };
    let claim = |group: &FindingGroup<'_>| words::finding_claim(group.first().0.scenario, group.first().1);
    let mut text = String::new();
    for ((_, rest), like) in gather(groups.iter().map(|group| (key(group), *group))) {
        if like.len() > MANY {
            let claims = format!("{} (and {} more alike)", claim(like[0]), like.len() - 1);
            text += &wrapped("             ", &format!("{claims}{rest}"));
        } else {
            text.extend(
                like.iter().map(|group| wrapped("             ", &format!("{}{rest}", claim(group)))),
            );
        }
    }
    text
}

/// Findings past which those of one kind, cause and place are told in one line.
const MANY: usize = 2;

/// The finding in a line below one of the same shape, with what to replay instead.
pub(super) fn alike(group: &FindingGroup<'_>, number: usize) -> String {
    let (FindingOrigin { scenario, .. }, finding) = group.first();
    let order = replaying::order_option(scenario, &finding.failing_word(scenario));
    let claim = format!("  [{number}] {} ({})", words::finding_claim(scenario, finding), standing(finding));
    let width = textwrap::core::display_width(&claim);
    if width + 2 + order.chars().count() <= WIDTH {
        let gap = " ".repeat(44_usize.saturating_sub(width).clamp(2, WIDTH - width - order.chars().count()));
        return format!("{claim}{gap}{order}\n");
    }
    format!("{}{}", wrapped("", &claim), layout::command(&order, 8))
}

fn standing(finding: &Finding) -> String {
    if finding.declared { format!("{GOOD}declared{GOOD:#}") } else { format!("{BAD}not declared{BAD:#}") }
}

/// The last lines that the failing step's code wrote.
fn printed(finding: &Finding) -> String {
    const LINES: usize = 8;
    let lines: Vec<&str> = finding.output.trim_end().lines().collect();
    let last = lines.iter().skip(lines.len().saturating_sub(LINES)).filter(|line| !line.trim().is_empty());
    last.enumerate().map(|(number, line)| labelled(if number == 0 { "output" } else { "" }, line)).collect()
}

/// What the failing step says, and on which interpreters it says something else.
fn outcomes(group: &FindingGroup<'_>) -> String {
    let told = |origin: &FindingOrigin<'_>, finding: &Finding| {
        code::outcome_at(origin.scenario, finding.failing_step, &finding.outcome)
    };
    let runs = group.findings.iter().map(|(origin, finding)| (told(origin, finding), *origin));
    let outcomes = gather(runs);
    let several = outcomes.len() > 1;
    let line = |(number, (outcome, runs)): (usize, (String, Vec<FindingOrigin<'_>>))| {
        let label = if number == 0 { "fails with" } else { "" };
        let places = if several { format!(" (on {})", group::places(runs)) } else { String::new() };
        labelled(label, &(outcome + &places))
    };
    outcomes.into_iter().enumerate().map(line).collect()
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
    if finding.kind == FindingKind::Broken && finding.cause == Cause::Unknown {
        return labelled("cause", "none in the order: the test fails whatever runs before it");
    }
    let mut text = labelled("cause", finding.cause.code()) + &labelled("", &explain::sentence(finding.cause));
    for (number, Evidence { kind, value }) in finding.evidence.iter().enumerate() {
        text += &labelled(if number == 0 { "evidence" } else { "" }, &format!("{}: {value}", kind.label()));
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

/// In how many of the orderings of its tests it fails for this cause.
fn shares(group: &FindingGroup<'_>) -> String {
    let told = group.findings.iter().filter_map(|(origin, finding)| {
        let share = finding.share.as_ref()?;
        let (failing, total) = (words::grouped(&share.failing), words::grouped(&share.total));
        Some((format!("fails for this cause in {failing} of {total} orderings of these tests"), *origin))
    });
    per_place(gather(told), "orderings")
}

/// How likely the witness fails (of a brittle test: passes), and where that is so, if not everywhere.
fn probabilities(group: &FindingGroup<'_>) -> String {
    let likely = group.findings.iter().filter_map(|(origin, finding)| {
        let verb = if finding.kind.shows_by_failing() { "fails" } else { "passes" };
        let percent = percent(finding.probability.as_ref()?);
        let clock = origin.timestamps.written.as_str();
        Some(((format!("{verb} {percent} of the time"), clock), origin.interpreter.label.as_str()))
    });
    let at =
        |clock: &str| group.findings.iter().filter(|(origin, _)| origin.timestamps.written == clock).count();
    let sentence = |((likely, clock), labels): ((String, &str), Vec<&str>)| {
        let only = labels.len() < at(clock);
        let place = if only { format!(" on {}", words::listed(&labels)) } else { String::new() };
        format!("{likely} at {clock}{place}")
    };
    let sentences: Vec<String> = gather(likely).into_iter().map(sentence).collect();
    if sentences.is_empty() { String::new() } else { labelled("probability", &sentences.join(", ")) }
}

/// How long the steps took that the probability is of, if that was measured.
fn step_times(group: &FindingGroup<'_>) -> String {
    let told = group.findings.iter().filter_map(|(origin, finding)| {
        Some((words::step_times(origin.scenario, finding.times.as_ref()?), *origin))
    });
    per_place(gather(told), "step times")
}

/// Sentences, each with where it is true unless that is everywhere.
fn per_place(told: Vec<(String, Vec<FindingOrigin<'_>>)>, label: &str) -> String {
    let several = told.len() > 1;
    let sentence = |(sentence, runs): (String, Vec<FindingOrigin<'_>>)| {
        if several { format!("{sentence} (on {})", group::places(runs)) } else { sentence }
    };
    let sentences: Vec<String> = told.into_iter().map(sentence).collect();
    if sentences.is_empty() { String::new() } else { labelled(label, &sentences.join("; ")) }
}

/// A probability as a percentage that is not rounded to what it is not: certain or impossible.
fn percent(probability: &Probability) -> String {
    let percent = 100.0 * json::ratio(&probability.numerator, &probability.denominator);
    let rounded = format!("{percent:.4}").trim_end_matches('0').trim_end_matches('.').to_owned();
    match (rounded.as_str(), probability.is_decided()) {
        ("0", false) => "less than 0.0001 %".to_owned(),
        ("100", false) => "more than 99.9999 %".to_owned(),
        _ => format!("{rounded} %"),
    }
}
