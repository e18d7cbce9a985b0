//! Which states a trail keeps, seen from the interpreter: what is performed again, and what is not.

use std::path::Path;
use std::sync::{Arc, Mutex};

use super::*;
use crate::explore::Script;
use crate::interpreter::{Identity, Inspection, Interpreter, Kind, Landing, Outcome};
use crate::scenario::{self, Action, Scenario, Version};
use crate::world::{Nanos, Time};

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

/// What the interpreter performs for two scripts that differ in a step before their last one.
fn performed(can_be_copied: bool) -> Vec<String> {
    let scenario = scenario();
    let performed = Arc::new(Mutex::new(Vec::new()));
    let identity =
        Identity { kind: Kind::CPython, version: Version::new(3, 13, 0), path: None, label: "slow".into() };
    let slow = Slow { identity, can_be_copied, performed: Arc::clone(&performed) };
    let mut performer = Performer::new(&scenario, Box::new(slow));
    let (mut trail, start) =
        (ScriptTrail::default(), World::beginning_at(Time(Time::START.0), Nanos::SECOND));
    let both = Script::of_ordering(&scenario, &[0, 1]);
    for step in [Action::InvalidateCaches, Action::Forget("m".into())] {
        let step = [Step::Interpreter(step)];
        trail.perform(&mut performer, &start, &both.inserted(1, &step)).unwrap();
    }
    performed.lock().unwrap().clone()
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
