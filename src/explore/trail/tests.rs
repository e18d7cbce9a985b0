//! Which states a trail keeps, seen from the interpreter: what is performed again, and what is not.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::*;
use crate::explore::Script;
use crate::interpreter::{Identity, Inspection, Interpreter, Kind, Landing, Outcome};
use crate::scenario::{self, Action, Scenario, Version};
use crate::world::{EntryPath, Nanos, Operation, Time};

const ASCENDS: &str = "ascends";

/// Every `exec` takes longer than a copy.
struct Slow {
    identity: Identity,
    can_be_copied: bool,
    performed: Arc<Mutex<Vec<String>>>,
}

impl Interpreter for Slow {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn descend(&mut self, action: &Action, world: &World, _: Ask) -> Result<Landing, NoOutcome> {
        let told = match action {
            Action::Exec { code, .. } => {
                std::thread::sleep(LONG);
                code.to_string()
            }
            other => format!("{other:?}"),
        };
        self.performed.lock().unwrap().push(told);
        let (outcome, world) = (Outcome::Passed, world.clone());
        Ok(Landing { outcome, world, fingerprint: None, output: String::new(), wrote_files: false })
    }

    fn ascend(&mut self) -> Result<(), NoOutcome> {
        self.performed.lock().unwrap().push(ASCENDS.to_owned());
        Ok(())
    }

    fn can_be_copied(&self) -> bool {
        self.can_be_copied
    }

    fn inspect(&mut self) -> Result<Inspection, NoOutcome> {
        Ok(Inspection::default())
    }
}

fn scenario() -> Scenario {
    let text = "title = \"T\"\n[[test]]\nname = \"one\"\nsteps = [{ exec = \"one()\" }]\n\
                [[test]]\nname = \"two\"\nsteps = [{ exec = \"two()\" }]\n";
    scenario::parse(Path::new("scenario.toml"), text).unwrap()
}

/// What the interpreter performs for the scripts that are made of the ordering of both tests.
fn performed_for(
    can_be_copied: bool,
    steps: &[Step],
    enough: &Enough<'_>,
    variant: impl for<'s> Fn(&Script<'s>, &'s [Step]) -> Script<'s>,
) -> Vec<String> {
    let scenario = scenario();
    let performed = Arc::new(Mutex::new(Vec::new()));
    let identity =
        Identity { kind: Kind::CPython, version: Version::new(3, 13, 0), path: None, label: "slow".into() };
    let slow = Slow { identity, can_be_copied, performed: Arc::clone(&performed) };
    let mut performer = Performer::new(&scenario, Box::new(slow));
    let (mut trail, start) =
        (ScriptTrail::default(), World::beginning_at(Time(Time::START.0), Nanos::SECOND));
    let both = Script::of_ordering(&scenario, &[0, 1]);
    for step in steps {
        let script = variant(&both, std::slice::from_ref(step));
        trail.perform(&mut performer, &start, &script, enough).unwrap();
    }
    performed.lock().unwrap().clone()
}

/// The same for two scripts that differ in a step before their last one.
fn performed(can_be_copied: bool) -> Vec<String> {
    let steps = [Action::InvalidateCaches, Action::Forget("m".into())].map(Step::Interpreter);
    performed_for(can_be_copied, &steps, &|_, _| false, |both, step| both.inserted(1, step))
}

#[test]
fn what_takes_long_is_performed_once_where_a_copy_is_all_of_the_state() {
    let forget = "Forget(\"m\")";
    assert_eq!(performed(true), ["one()", "InvalidateCaches", "two()", ASCENDS, forget, "two()"]);
}

#[test]
fn a_state_with_a_thread_or_an_open_file_is_given_up_and_performed_again() {
    let forget = "Forget(\"m\")";
    let first = ["one()", "InvalidateCaches", "two()", ASCENDS];
    assert_eq!(performed(false), [&first[..], &["one()", forget, "two()", ASCENDS]].concat());
}

#[test]
fn what_comes_after_the_line_that_is_enough_is_not_performed() {
    let steps = [Action::InvalidateCaches, Action::Forget("m".into())].map(Step::Interpreter);
    let is_inserted = |line: &ScriptLine<'_>, _: &Outcome| line.test.is_none();
    let performed = performed_for(true, &steps, &is_inserted, |both, step| both.inserted(1, step));
    assert_eq!(performed, ["one()", "InvalidateCaches", ASCENDS, "Forget(\"m\")"]);
}

#[test]
fn actions_do_the_same_in_the_same_world_whatever_time_passed_within_a_tick() {
    let sleep = |length| Step::World(Operation::Sleep(length));
    let within = [Nanos::SECOND, Nanos(5), Nanos(1_000), Nanos(70)].map(sleep);
    let performed = performed_for(true, &within, &|_, _| false, |both, step| both.inserted(1, step));
    // Past the tick `two` could see another time; the three others are one.
    assert_eq!(performed, ["one()", "two()", ASCENDS, "two()"]);
}

#[test]
fn an_action_sees_what_the_steps_before_it_have_written() {
    let write = |text: &str| {
        let path = EntryPath::new("m.py").unwrap();
        Step::World(Operation::Write { path, text: text.into(), mtime: None })
    };
    let written = [write("a"), write("b"), write("a")];
    let performed = performed_for(true, &written, &|_, _| false, |both, step| both.inserted(1, step));
    assert_eq!(performed, ["one()", "two()", ASCENDS, "two()"]);
}
