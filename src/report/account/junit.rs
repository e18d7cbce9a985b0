//! `JUnit`'s XML: a suite for each file, a test case for each case.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Account, Case, CaseResult};
use crate::report::gather::gather;

/// The account as XML.
pub(super) fn text(account: &Account) -> String {
    let mut report = Report::new(account.command.as_str());
    for (group, cases) in gather(account.cases.iter().map(|case| (case.group.as_str(), case))) {
        let mut suite = TestSuite::new(group);
        suite.set_time(cases.iter().map(|case| case.took).sum());
        suite.add_test_cases(cases.into_iter().map(case));
        report.add_test_suite(suite);
    }
    report.set_time(account.cases.iter().map(|case| case.took).sum());
    report.to_string().expect("text that `XmlString` has cleaned can be written to memory")
}

fn case(case: &Case) -> TestCase {
    let status = match &case.result {
        CaseResult::Passed => TestCaseStatus::success(),
        CaseResult::Failed => unsuccessful(NonSuccessKind::Failure, case),
        CaseResult::NotJudged => unsuccessful(NonSuccessKind::Error, case),
        CaseResult::Skipped(why) => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why.as_str());
            status
        }
    };
    let mut written = TestCase::new(case.name.as_str(), status);
    written.set_classname(case.group.as_str()).set_time(case.took);
    if case.result == CaseResult::Passed && !case.details.is_empty() {
        written.set_system_out(case.details.as_str());
    }
    written
}

fn unsuccessful(kind: NonSuccessKind, case: &Case) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    if let Some(first) = case.annotations.first() {
        status.set_message(first.message.as_str()).set_type(first.code());
    }
    status.set_description(case.details.as_str());
    status
}
