//! Accounts in each format.

use std::path::Path;

use super::{Account, AccountFormat, AccountOfRun};
use crate::report::hunt::samples as hunts;
use crate::report::{Report as _, Spellings, samples};

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
