//! Baselines are read, compared and written.

use super::Baseline;
use crate::kind::FindingKind;
use crate::suite::finding::{Confirmation, HuntFinding, Tally};
use crate::suite::hunt_report::HuntReport;
use crate::suite::runner::run::HuntClock;

fn finding(victim: &str, polluter: &str) -> HuntFinding {
    let tally = Tally { hits: 1, tries: 1 };
    let confirmed = Confirmation { alone: tally, after: tally };
    let mut finding = HuntFinding::new(FindingKind::Victim, victim.to_owned(), HuntClock::Real, confirmed);
    finding.polluters = Some(vec![polluter.to_owned()]);
    finding
}

fn report(findings: Vec<HuntFinding>, halted: Option<&str>) -> HuntReport {
    HuntReport { findings, halted: halted.map(str::to_owned), ..HuntReport::nothing() }
}

#[test]
fn what_is_written_is_known_whatever_pollutes_it() {
    let text = Baseline::default().updated(&report(vec![finding("t.py::b", "t.py::a")], None));
    let baseline = Baseline::read(&text).expect("taster reads what it wrote");
    assert!(
        text.starts_with("# Order-dependent tests") && text.contains("polluters = [\"t.py::a\"]"),
        "{text}"
    );
    let compared =
        baseline.compare(&report(vec![finding("t.py::b", "t.py::z"), finding("t.py::c", "t.py::a")], None));
    assert_eq!(compared.news.findings, [finding("t.py::c", "t.py::a")]);
    assert_eq!((compared.known.len(), compared.gone.len()), (1, 0));
}

#[test]
fn an_update_keeps_comments_and_reasons_and_sorts() {
    let text = "# ours\n\n# why m stays\n[[known]]\ntest = \"t.py::m\"\nkind = \"victim\"\nreason = \"later\"\nsince = 2026-11-26\n\n\
                [[known]]\ntest = \"t.py::gone\"\nkind = \"brittle\"\n";
    let baseline = Baseline::read(text).expect("it is a baseline");
    let found =
        vec![finding("t.py::z", "t.py::p"), finding("t.py::m", "t.py::p"), finding("t.py::a", "t.py::p")];
    let updated = baseline.updated(&report(found.clone(), None));
    let places = ["t.py::a", "# why m stays", "t.py::m", "since = 2026-11-26", "t.py::z"]
        .map(|part| updated.find(part));
    assert!(places.is_sorted() && places[0].is_some(), "{places:?} in {updated}");
    assert!(!updated.contains("t.py::gone"), "{updated}");
    // Written again, it stays as it is.
    let again = Baseline::read(&updated).expect("it is a baseline").updated(&report(found.clone(), None));
    assert_eq!(again, updated);
    // A hunt that was cut short proves nothing gone.
    let cut_short = baseline.updated(&report(found, Some("the budget is used up")));
    assert!(cut_short.contains("t.py::gone"), "{cut_short}");
}

#[test]
fn mistakes_are_told_with_their_line() {
    let cases = [
        ("[[known]]\ntest = \"a\"\nkind = \"victim\"\nresaon = \"x\"\n", "line 4: there is no key `resaon`"),
        ("[[known]]\ntest = \"a\"\nkind = \"victimised\"\n", "line 1: a finding needs"),
        ("\nfindings = 3\n", "line 2: there is no key `findings`"),
        ("known = 3\n", "line 1: `known` is a list of tables"),
        ("known = [\n", "TOML"),
    ];
    for (text, said) in cases {
        let error = Baseline::read(text).expect_err(text).to_string();
        assert!(error.contains(said), "{error}");
    }
}
