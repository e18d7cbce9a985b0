//! The report that pytest itself writes for machines (`JUnit`'s XML): which tests ran, in which order, and how they ended.

use roxmltree::{Document, Node};

/// One test of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TestCase {
    /// The file and the classes, with points in between.
    within: String,
    name: String,
    pub(super) outcome: CaseOutcome,
}

/// How a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum CaseOutcome {
    Passed,
    Skipped,
    Failed,
}

/// The tests of a report, each once. A test has several entries if it failed and could not be torn down either, or if it has
/// parts: the worst counts.
pub(super) fn cases(report: &str) -> Vec<TestCase> {
    let Ok(document) = Document::parse(report) else { return Vec::new() };
    let mut cases: Vec<TestCase> = Vec::new();
    for node in document.descendants().filter(|node| node.has_tag_name("testcase")) {
        let text = |name: &str| node.attribute(name).unwrap_or_default().to_owned();
        let case = TestCase { within: text("classname"), name: text("name"), outcome: outcome(node) };
        match cases.last_mut().filter(|last| (&last.within, &last.name) == (&case.within, &case.name)) {
            Some(last) => last.outcome = last.outcome.max(case.outcome),
            None => cases.push(case),
        }
    }
    cases
}

fn outcome(case: Node<'_, '_>) -> CaseOutcome {
    let has = |name: &str| case.children().any(|child| child.has_tag_name(name));
    match (has("failure") || has("error"), has("skipped")) {
        (true, _) => CaseOutcome::Failed,
        (false, true) => CaseOutcome::Skipped,
        (false, false) => CaseOutcome::Passed,
    }
}

impl TestCase {
    /// Whether this is the test, or the file that could not be collected, with this node id.
    pub(super) fn is_of(&self, id: &str) -> bool {
        let (plain, parameters) = id.split_at(id.find('[').unwrap_or(id.len()));
        let (file, inside) = plain.split_once("::").unwrap_or((plain, ""));
        let file = file.trim_end_matches(".py").rsplit('/').next().unwrap_or_default();
        let (classes, own) = inside.rsplit_once("::").unwrap_or(("", inside));
        if own.is_empty() {
            // pytest names a file like a module.
            return self.within.is_empty() && (self.name == file || self.name.ends_with(&format!(".{file}")));
        }
        let ending = if classes.is_empty() {
            file.to_owned()
        } else {
            format!("{file}.{}", classes.replace("::", "."))
        };
        // XML has no place for some characters: pytest writes others for them.
        let is_plain = |letter: char| !letter.is_control();
        let same_name =
            self.name.chars().filter(|letter| is_plain(*letter)).eq(own.chars().chain(parameters.chars()));
        same_name && (self.within == ending || self.within.ends_with(&format!(".{ending}")))
    }
}

#[cfg(test)]
mod tests {
    use super::CaseOutcome::{self, Failed, Passed, Skipped};
    use super::cases;

    #[test]
    fn the_order_and_the_outcomes_are_read() {
        let report = r#"<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" tests="3">
            <testcase classname="tests.test_a.TestIt" name="test_one[a &amp; &quot;b&quot;]" time="0.1"/>
            <testcase classname="tests.test_a" name="test_two" time="0"><failure message="assert 0">E</failure></testcase>
            <testcase classname="tests.test_a" name="test_two" time="0"><error message="teardown">E</error></testcase>
            <testcase classname="test_b" name="test_c" time="0"><skipped type="pytest.skip">why</skipped></testcase>
            <testcase classname="" name="tests.test_d" time="0"><error message="collection failure">E</error></testcase>
            </testsuite></testsuites>"#;
        let cases = cases(report);
        let outcomes: Vec<CaseOutcome> = cases.iter().map(|case| case.outcome).collect();
        assert_eq!(outcomes, [Passed, Failed, Skipped, Failed]);
        let ids = [
            "tests/test_a.py::TestIt::test_one[a & \"b\"]",
            "tests/test_a.py::test_two",
            "test_b.py::test_c",
            "tests/test_d.py",
        ];
        for (case, id) in cases.iter().zip(ids) {
            assert!(case.is_of(id), "{case:?} is of {id}");
        }
        assert!(!cases[1].is_of("tests/test_b.py::test_two"));
        assert!(super::cases("no report").is_empty());
    }
}
