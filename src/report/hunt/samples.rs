//! Reports of hunts that never were, one of each kind of finding, for tests of what is written.

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::remedy::RemedyKind;
use crate::suite::{
    BrokenTest, Cell, CellKind, Confirmation, FindingCommands, GuiltyLine, HuntClock, HuntFinding,
    HuntRemedy, HuntReport, PatchResult, Reproduction, SeenFailing, SourceLine, Tally,
};

const EVERY_TIME: Tally = Tally { hits: 5, tries: 5 };

/// A hunt that found one test of each kind, and was cut short.
pub(in crate::report) fn report() -> HuntReport {
    let mut report = nothing();
    report.findings = vec![victim(), brittle(), circular(), circular_too(), collection(), by_chance()];
    report.unconfirmed = vec![unconfirmed()];
    report.broken = vec![BrokenTest {
        test: "tests/test_broken.py::test_broken".to_owned(),
        outcome: "failed".into(),
        message: "\nE   AssertionError: the answer is 41, and it should have been 42 in every case\n"
            .to_owned(),
        broken_by: Vec::new(),
    }];
    report.seen_failing = vec![SeenFailing {
        test: "tests/test_late.py::test_late".to_owned(),
        outcome: "timed out".into(),
        message: String::new(),
        timestamps: HuntClock::Frozen,
        after: 3,
        order: Some(["a", "b", "c", "test_late"].map(str::to_owned).to_vec()),
    }];
    report.frozen_only = vec!["tests/test_clock.py::test_times_move".to_owned()];
    report.notes = vec![
        "Python writes no bytecode (PYTHONDONTWRITEBYTECODE, -B, or the suite itself): stale bytecode cannot be detected".to_owned(),
    ];
    report.halted = Some("the budget is used up".to_owned());
    report
}

/// A hunt that found nothing.
pub(in crate::report) fn nothing() -> HuntReport {
    HuntReport::nothing()
}

fn finding(kind: FindingKind, victim: &str) -> HuntFinding {
    let confirmed = Confirmation { alone: EVERY_TIME, after: EVERY_TIME };
    let mut finding = HuntFinding::new(kind, victim.to_owned(), HuntClock::Real, confirmed);
    finding.minimal = true;
    finding.runs = 24;
    finding.seconds = 3.5;
    finding
}

fn victim() -> HuntFinding {
    let mut finding =
        finding(FindingKind::Victim, "tests/test_two.py::TestImport::test_reads_what_was_written");
    finding.polluters = Some((0..22).map(|number| format!("tests/test_two.py::test_{number}")).collect());
    finding.timestamps = HuntClock::Frozen;
    finding.cause = Cause::StaleDirectoryListing;
    finding.message =
        format!("AssertionError: {}", "'a' not found in {'__name__': '__console__'} ".repeat(6));
    finding.state = vec![Cell {
        cell: "sys.path_importer_cache['/tmp/taster-rvA7pccvgvS6/taster-7RTMS1AmkCEn/tmp']".to_owned(),
        alone: "absent".to_owned(),
        after: "listed at 1795653204: tmpsf2_yynb.py".to_owned(),
        ..Cell::of(CellKind::Finder, "/tmp/taster-rvA7pccvgvS6/taster-7RTMS1AmkCEn/tmp")
    }];
    finding.guilty = Some(GuiltyLine::of("tests/loading.py", 12, "return importlib.import_module(name)"));
    finding.state[0].changed_at.clone_from(&finding.guilty);
    finding.victim_at = Some(SourceLine::of("tests/test_two.py", 40, "self.assertIn('a', loaded)"));
    finding.remedies = [
        (RemedyKind::InvalidateCaches, "call importlib.invalidate_caches()", true),
        (RemedyKind::Forget, "remove a_module from sys.modules", false),
    ]
    .map(|(kind, remedy, verified)| HuntRemedy { kind, remedy: remedy.to_owned(), before: None, verified })
    .to_vec();
    finding.cleaners = vec!["tests/test_two.py::test_cleans".to_owned()];
    finding.more_cleaners = true;
    finding.reenters = true;
    finding.hidden_by = vec!["report.json".to_owned(), "cache.db".to_owned()];
    finding.holds_after_changes = Some(true);
    finding.reproduction = Some(Reproduction {
        command: "taster hunt --python python3 --timestamps frozen --orders given --order found/two.order \
                  --victim tests/test_two.py::TestImport::test_reads_what_was_written -- tests"
            .to_owned(),
        files: vec!["found/two.order".to_owned()],
        shows_it: true,
    });
    finding
}

fn unconfirmed() -> HuntFinding {
    let mut finding = finding(FindingKind::Victim, "tests/test_slow.py::test_slow");
    finding.polluters = Some(vec!["tests/test_slow.py::test_slows_down".to_owned()]);
    finding.commands = Some(FindingCommands {
        passes: "python -m pytest tests/test_slow.py::test_slow".to_owned(),
        fails: "python -m pytest tests/test_slow.py::test_slows_down tests/test_slow.py::test_slow"
            .to_owned(),
        hold: false,
        refuted_by: Some(
            "python -m pytest tests/test_slow.py::test_slows_down tests/test_slow.py::test_slow".to_owned(),
        ),
        why_not: Some("pytest does something else".to_owned()),
    });
    finding
}

fn brittle() -> HuntFinding {
    let mut finding = finding(FindingKind::Brittle, "tests/test_parts.py::test_careless");
    finding.state_setters = Some(vec!["tests/test_parts.py::test_careful".to_owned()]);
    finding.cause = Cause::MissingSubmodule;
    finding.modules = vec!["parts.wheel".to_owned()];
    finding.holds_after_changes = Some(false);
    finding.guilty_unknown = Some("the outcome is another one while each line is watched".to_owned());
    finding
}

fn circular() -> HuntFinding {
    let mut finding = finding(FindingKind::Victim, "tests/test_circle.py::test_middle");
    finding.polluters = Some(vec!["tests/test_circle.py::test_ends".to_owned()]);
    finding.cause = Cause::CircularImport;
    finding.modules = vec!["ends".to_owned(), "middle".to_owned()];
    finding.state = vec![Cell {
        cell: "ends.names[:]".to_owned(),
        alone: "[]".to_owned(),
        after: "['middle']".to_owned(),
        ..Cell::of(CellKind::Content, "names")
    }];
    finding.guilty = Some(GuiltyLine {
        file: "src/ends.py".to_owned(),
        line: 12,
        code: "names.append(__name__)".to_owned(),
        calls: ["tests/test_circle.py:8 in test_ends", "src/ends.py:30 in register", "src/ends.py:12 in add"]
            .map(str::to_owned)
            .to_vec(),
        made_by: Vec::new(),
    });
    finding.victim_at = Some(SourceLine {
        file: "tests/test_circle.py".to_owned(),
        line: 14,
        code: "assert not ends.names".to_owned(),
        function: Some("tearDownClass of TestCircle".to_owned()),
    });
    finding.message = "assert not ['middle']".to_owned();
    finding.commands = Some(FindingCommands {
        passes: "python -m pytest tests/test_circle.py::test_middle".to_owned(),
        fails: "python -m pytest tests/test_circle.py::test_ends tests/test_circle.py::test_middle"
            .to_owned(),
        hold: true,
        refuted_by: None,
        why_not: None,
    });
    finding.patch = Some(PatchResult::Offered {
        file: "found/ends.patch".to_owned(),
        what: "test_ends saves and restores ends.names".to_owned(),
        tried: vec!["alone".to_owned(), "after its polluter".to_owned()],
        leaks: Some("circle/ends.py:7 leaks: names.append(name)".to_owned()),
    });
    finding
}

/// Another test of the same leak.
fn circular_too() -> HuntFinding {
    HuntFinding { victim: "tests/test_circle.py::test_other_end".to_owned(), commands: None, ..circular() }
}

/// A finding before the end of the hunt: what comes last is not there yet.
pub(super) fn early(finding: &HuntFinding) -> HuntFinding {
    let mut finding = finding.clone();
    (finding.commands, finding.reproduction, finding.holds_after_changes, finding.patch) =
        (None, None, None, None);
    finding
}

fn collection() -> HuntFinding {
    let mut finding = finding(FindingKind::Collection, "tests/test_b.py::test_mode");
    finding.polluters = Some(vec!["tests/test_a.py".to_owned()]);
    finding.minimal = false;
    finding
}

fn by_chance() -> HuntFinding {
    let mut finding = finding(FindingKind::Nondeterministic, "tests/test_coin.py::test_coin");
    finding.confirmed.after = Tally { hits: 2, tries: 5 };
    finding
}
