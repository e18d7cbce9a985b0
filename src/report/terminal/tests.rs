//! Snapshots of the report for people.

use super::*;
use crate::report::layout::WIDTH;
use crate::report::{confirmed_samples, samples};

fn told(verbosity: Verbosity, tell: impl FnOnce(&mut dyn Report) -> io::Result<()>) -> String {
    let mut out = anstream::StripStream::new(Vec::new());
    let spellings = Spellings::new([("cpython-3.11".to_owned(), "3.11".to_owned())]);
    let mut terminal = Terminal::new(&mut out, verbosity, spellings);
    tell(&mut terminal).expect("a vector takes everything");
    terminal.finish().expect("a vector takes everything");
    String::from_utf8(out.into_inner()).expect("reports are UTF-8")
}

#[test]
fn two_findings_of_one_shape() {
    insta::assert_snapshot!(told(Verbosity::Shapes, |report| {
        report.verdict(samples::poisoned())?;
        report.verdict(samples::clean())?;
        report.not_run(samples::refused())
    }));
}

#[test]
fn one_finding_on_several_interpreters() {
    insta::assert_snapshot!(told(Verbosity::Everything, |report| {
        report.verdict(samples::poisoned_elsewhere())?;
        report.verdict(samples::poisoned())
    }));
}

#[test]
fn several_scenarios() {
    insta::assert_snapshot!(told(Verbosity::Undeclared, |report| {
        report.verdict(samples::poisoned())?;
        report.verdict(samples::clean())?;
        report.verdict(samples::sampled())
    }));
}

#[test]
fn effects_that_an_interpreter_confirmed_and_contradicted() {
    insta::assert_snapshot!(told(Verbosity::Undeclared, |report| {
        report.verdict(confirmed_samples::confirmed())?;
        report.verdict(confirmed_samples::contradicted())
    }));
}

#[test]
fn verdicts_only() {
    let text = told(Verbosity::Verdicts, |report| {
        report.verdict(samples::clean())?;
        report.verdict(samples::sampled())
    });
    assert_eq!(text.lines().count(), 2, "{text}");
}

#[test]
fn what_differs() {
    insta::assert_snapshot!(told(Verbosity::Undeclared, |report| report.verdict(samples::differing())));
}

#[test]
fn no_line_is_longer_than_the_terminal() {
    let text = told(Verbosity::Everything, |report| {
        report.verdict(samples::poisoned_elsewhere())?;
        report.verdict(samples::differing())?;
        report.verdict(samples::sampled())
    });
    for line in text.lines() {
        assert!(textwrap::core::display_width(line) <= WIDTH, "{line}");
    }
}

#[test]
fn nothing_told_is_nothing_written() {
    assert_eq!(told(Verbosity::Everything, |_| Ok(())), "");
}
