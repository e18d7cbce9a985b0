//! The results of a hunt for people, behind the findings: tests that fail whatever the order, notes, and what was run.

use super::label::first_line;
use super::last::in_words;
use crate::report::layout::palette::{BAD, FAINT, STRONG};
use crate::report::layout::{self, wrapped, wrapped_below};
use crate::report::words::{self, counted};
use crate::suite::{HuntClock, HuntReport};

/// Everything but the findings.
pub(in crate::report) fn after_findings(report: &HuntReport) -> String {
    let mut text = unconfirmed(report) + &broken(report) + &seen_failing(report) + &frozen_only(report);
    text.extend(report.notes.iter().map(|note| wrapped(&format!("{FAINT}note:{FAINT:#} "), note)));
    text + &summary(report) + &isolation(report)
}

fn isolation(report: &HuntReport) -> String {
    let how = match &report.about.in_place_because {
        None => "private: taster threw away what tests wrote".to_owned(),
        Some(why) => format!("in place ({why})"),
    };
    wrapped(&format!("{FAINT}isolation:{FAINT:#} "), &how)
}

/// What looks like findings, and plain pytest refutes.
fn unconfirmed(report: &HuntReport) -> String {
    if report.unconfirmed.is_empty() {
        return String::new();
    }
    let told = format!(
        "{STRONG}not confirmed by plain pytest{STRONG:#}: taster saw this more than once in runs of its own; plain pytest ran the \
         same tests in the same order, and the test did the other thing"
    );
    let mut text = wrapped("", &told);
    for finding in &report.unconfirmed {
        text += &wrapped_below("  ", "    ", &in_words(&[finding]));
        for command in finding.commands.iter().filter_map(|commands| commands.refuted_by.as_ref()) {
            text += &layout::command(command, 6);
        }
    }
    text + "\n"
}

fn broken(report: &HuntReport) -> String {
    if report.broken.is_empty() {
        return String::new();
    }
    let mut text =
        format!("{STRONG}broken{STRONG:#}: these tests fail on their own and in every order that was run\n");
    text.extend(report.broken.iter().map(|each| failure(&each.test, &each.outcome, &each.message)));
    text + "\n"
}

fn seen_failing(report: &HuntReport) -> String {
    if report.seen_failing.is_empty() {
        return String::new();
    }
    let told = format!(
        "{STRONG}seen failing, not looked into{STRONG:#}: the search ended first; the same command with --resume goes on \
         with these tests"
    );
    let mut text = wrapped("", &told);
    for each in &report.seen_failing {
        text += &failure(&each.test, &each.outcome, &each.message);
        let last = each.order.iter().flatten().rev().nth(1);
        let last = last.map(|last| format!(", the last of them {last}")).unwrap_or_default();
        let under = match each.timestamps {
            HuntClock::Real => String::new(),
            other => format!(", under {} timestamps", other.name()),
        };
        let after = match each.after {
            0 => "run first, with all files collected".to_owned(),
            tests => format!("after {}", counted(tests, "test")),
        };
        text += &wrapped("    ", &format!("{after}{last}{under}"));
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
    let mut text = format!(
        "{STRONG}frozen only{STRONG:#}: these tests fail on their own, but only under frozen timestamps\n"
    );
    text.extend(report.frozen_only.iter().map(|test| format!("  {test}\n")));
    text + "\n"
}

fn summary(report: &HuntReport) -> String {
    let seen = match report.seen_failing.len() {
        0 => String::new(),
        more => format!(", {more} seen failing and not looked into"),
    };
    let unconfirmed = match report.unconfirmed.len() {
        0 => String::new(),
        more => format!(" ({more} more not confirmed by plain pytest)"),
    };
    let about = &report.about;
    let told = format!(
        "{} on Python {} with pytest {}: {}{unconfirmed}, {} broken{seen}",
        counted(about.tests, "test"),
        about.python,
        about.pytest,
        counted(report.findings.len(), "finding"),
        report.broken.len(),
    );
    let order = |(name, count): &(String, usize)| format!("{name} {}", words::grouped(&(*count).into()));
    let orders: Vec<String> = report.orders.iter().map(order).collect();
    let pairs = &report.pairs;
    let number = |count: usize| words::grouped(&count.into());
    let mut text = wrapped("", &told);
    text += &wrapped("", &format!("orders run: {}; seed {}", orders.join(", "), report.seed));
    text += &wrapped(
        "",
        &format!(
            "{} of {} ordered pairs: {} by state, {} ran; {}, {:.1} s",
            number(pairs.total - pairs.left),
            number(pairs.total),
            number(pairs.by_state),
            number(pairs.ran),
            counted(report.runs, "run"),
            report.seconds
        ),
    );
    if !report.pairs.claim_holds {
        let ended = "a pair that followed from state came out otherwise when it ran: tests of this suite affect one another \
                     by state that taster cannot see, and pairs by state prove nothing";
        text += &wrapped("", ended);
    }
    if let Some(why) = &report.halted {
        text += &wrapped(&format!("{BAD}incomplete{BAD:#}: "), why);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::hunt::{hunted, hunted_json, samples};
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
        // Single words, as ids of tests are, stay whole, with a label before them too.
        for line in plain(&samples::report()).lines() {
            let labelled = line.chars().skip(16).collect::<String>();
            let words = line.split_whitespace().count().min(labelled.split_whitespace().count());
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
