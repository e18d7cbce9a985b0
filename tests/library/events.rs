//! The events of a run: its phases come in order, and their counts grow.

use std::path::Path;
use std::sync::Mutex;

use crate::pythons;
use taster::interpreter::{Installation, choose};
use taster::run::{Event, Phase, RunOptions, run};
use taster::scenario::{Version, read};

/// All events of a run of `scenarios/bpython-582.toml`, and how many findings its verdict has.
fn events(installation: &Installation) -> (Vec<Event>, usize) {
    let scenario = read(Path::new("scenarios/bpython-582.toml")).unwrap();
    let events = Mutex::new(Vec::new());
    let watcher = |event| events.lock().unwrap().push(event);
    let coarse = scenario.timestamps.iter().max_by_key(|timestamps| timestamps.tick).unwrap();
    let verdict = run(&scenario, installation, coarse, &RunOptions::default(), &watcher).unwrap();
    (events.into_inner().unwrap(), verdict.findings.len())
}

/// The phases without their counts, each once in a row.
fn phases(events: &[Event]) -> Vec<&'static str> {
    let name = |event: &Event| match event.phase {
        Phase::Exploring => "exploring",
        Phase::Counting => "counting",
        Phase::ConfirmingEffects { .. } => "confirming effects",
        Phase::Sampling { .. } => "sampling",
        Phase::Auditing { .. } => "auditing",
        Phase::Searching { .. } => "searching",
        Phase::Confirming { .. } => "confirming",
        Phase::Diagnosing { .. } => "diagnosing",
        Phase::TryingRemedies { .. } => "trying remedies",
        Phase::AskingModel { .. } => "asking the model",
        _ => "another",
    };
    let mut names: Vec<&str> = events.iter().map(name).collect();
    names.dedup();
    names
}

/// Each event is as far as the one before, or further.
fn assert_growing(events: &[Event]) {
    for pair in events.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        assert!(before.phase <= after.phase, "{before:?} before {after:?}");
        assert!(before.states <= after.states, "{before:?} before {after:?}");
        assert!(before.transitions <= after.transitions, "{before:?} before {after:?}");
        assert!(before.findings <= after.findings, "{before:?} before {after:?}");
        assert!(after.time_left.is_some(), "{after:?}");
    }
}

#[test]
fn a_run_on_the_model_announces_every_phase_in_order() {
    let (events, findings) = events(&choose::built_in(Version::new(3, 12, 0)));
    assert_growing(&events);
    let expected = ["exploring", "auditing", "searching", "confirming", "diagnosing", "trying remedies"];
    assert_eq!(phases(&events), expected);
    let last = events.last().unwrap();
    assert_eq!((last.findings, findings), (2, 2));
    assert!(last.states > 1 && last.transitions > 1, "{last:?}");
    let done = |event: &&Event| matches!(event.phase, Phase::Auditing { orderings, of } if orderings == of);
    assert_eq!(events.iter().filter(done).count(), 1, "the audit ends with all of its orderings");
}

#[test]
fn a_run_on_a_real_interpreter_asks_the_model_in_the_end() {
    pythons::asked_for(|python| {
        let (events, _) = events(python);
        assert_growing(&events);
        assert_eq!(phases(&events).last(), Some(&"asking the model"));
    });
}
