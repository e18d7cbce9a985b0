//! Accounts in each format.

use std::path::Path;

use super::{Account, AccountFormat, AccountOfRun};
use crate::interpreter::Outcome;
use crate::remedy::StepPlace;
use crate::report::hunt::samples as hunts;
use crate::report::{Report as _, Spellings, samples};
use crate::scenario::parse;

fn hunt() -> Account {
    Account::of_hunt(&hunts::report(), Path::new("/home/someone"))
}

fn run() -> Account {
    let mut account = AccountOfRun::new(Spellings::default());
    for verdict in [samples::poisoned(), samples::clean(), samples::differing()] {
        account.verdict(verdict).expect("memory takes everything");
    }
    account.not_run(samples::refused()).expect("memory takes everything");
    account.account()
}

/// A scenario whose code fails on two lines of the file, in two findings.
fn failing_code() -> Account {
    const SCENARIO: &str = "title = 't'\n[[test]]\nname = 'a'\nsteps = [\n  { exec = '''\nimport registry\n\
                            assert not registry.names\n''' },\n]\n[[test]]\nname = 'b'\nsteps = [\n  \
                            { check = 'registry.names == []' },\n]\n";
    let mut verdict = samples::differing();
    verdict.scenario = parse(Path::new("scenarios/code.toml"), SCENARIO).expect("a scenario");
    verdict.missing.clear();
    verdict.notes.clear();
    let outcomes = [
        Outcome::Mismatched { message: "registry.names == [] is false".into() },
        Outcome::Failed { exception: "AssertionError".into(), message: String::new(), line: Some(2) },
    ];
    for (finding, outcome) in verdict.findings.iter_mut().zip(outcomes) {
        finding.outcome = outcome;
        finding.failing_step = Some(StepPlace { test: finding.test, step: 1 });
        finding.polluting_step = Some(StepPlace { test: finding.others[0], step: 1 });
        finding.witness = vec![finding.others[0], finding.test];
        finding.neighbour = None;
        finding.remedies.clear();
        finding.recommended = None;
    }
    let mut account = AccountOfRun::new(Spellings::default());
    account.verdict(verdict).expect("memory takes everything");
    account.account()
}

#[test]
fn the_line_of_failing_code_is_named_and_shown_in_each_format() {
    let account = failing_code();
    for format in AccountFormat::ALL {
        let text = written(format, &account).replace("&#39;", "'").replace("&apos;", "'").replace('\\', "");
        for line in ["line 7: assert not registry.names", "registry.names == [] is false (line 13)"] {
            assert!(text.contains(line), "{line} in {}:\n{text}", format.as_str());
        }
    }
    let sarif: serde_json::Value =
        serde_json::from_str(&AccountFormat::Sarif.text(&account)).expect("SARIF is JSON");
    let results = sarif["runs"][0]["results"].as_array().expect("results").iter();
    let lines: Vec<_> =
        results.map(|result| &result["locations"][0]["physicalLocation"]["region"]["startLine"]).collect();
    assert_eq!(lines, [13, 7]);
    let html = AccountFormat::Html.text(&account);
    assert!(html.contains("code.toml:7") && html.contains("code.toml:13"), "{html}");
    assert!(AccountFormat::Github.text(&account).contains("file=scenarios/code.toml,line=7,"));
}

/// The account without the version of taster, which changes.
fn written(format: AccountFormat, account: &Account) -> String {
    format.text(account).replace(env!("CARGO_PKG_VERSION"), "[version]")
}

#[test]
fn a_hunt_in_each_format() {
    for format in AccountFormat::ALL {
        insta::assert_snapshot!(format!("hunt_{}", format.as_str()), written(format, &hunt()));
    }
}

#[test]
fn a_run_in_each_format() {
    for format in AccountFormat::ALL {
        insta::assert_snapshot!(format!("run_{}", format.as_str()), written(format, &run()));
    }
}

#[test]
fn a_hunt_that_found_nothing_in_each_format() {
    let account = Account::of_hunt(&hunts::nothing(), Path::new("/"));
    for format in AccountFormat::ALL {
        insta::assert_snapshot!(format!("nothing_{}", format.as_str()), written(format, &account));
    }
}

#[test]
fn what_needs_escaping_is_escaped() {
    let mut report = hunts::report();
    report.findings.truncate(1);
    report.findings[0].victim = "a,b/te%st_\u{1b}x.py::test_<b>`c`|[0:1]".to_owned();
    let account = Account::of_hunt(&report, Path::new("/home/someone"));
    let github = AccountFormat::Github.text(&account);
    assert!(!github.contains("te%st"), "{github}");
    let junit = AccountFormat::Junit.text(&account);
    assert!(junit.contains("test_&lt;b&gt;`c`") && !junit.contains('\u{1b}'), "{junit}");
    let markdown = AccountFormat::Markdown.text(&account);
    assert!(markdown.contains(r"test\_&lt;b>\`c\`\|\[0:1\]"), "{markdown}");
}

#[test]
fn a_comment_is_never_longer_than_it_may_be() {
    let mut report = hunts::report();
    let one = report.findings[0].clone();
    report.findings = (0..2_000)
        .map(|number| {
            let mut finding = one.clone();
            finding.victim = format!("tests/test_many.py::test_{number}");
            finding
        })
        .collect();
    let text = AccountFormat::Markdown.text(&Account::of_hunt(&report, Path::new("/")));
    assert!(text.len() < 65_536 && text.contains("more\n"), "{} bytes", text.len());
}
