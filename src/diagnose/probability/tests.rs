//! The exact probability against brute force: every cell of a fine grid of phases performed on its own, on a small import
//! system that knows listings and bytecode.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::explore::Script;

use crate::interpreter::{Ask, Identity, Inspection, Interpreter, Keep, Landing, Outcome};
use crate::scenario::{Action, Check, Literal, Version};
use crate::world::{Content, EntryPath, Node};

/// All times of the random scenarios are multiples of it.
const CELL: u64 = 100_000_000;

/// What the small import system remembers of the one directory `d`.
#[derive(Debug, Clone, Default)]
struct Memory {
    modules: BTreeMap<String, Vec<u8>>,
    listed: Option<(Time, BTreeSet<String>)>,
    /// By module: the second, and the source that was compiled.
    bytecode: BTreeMap<String, (u64, Vec<u8>)>,
}

/// An import system of twenty lines: a listing by the directory's time, bytecode by second and size.
struct Small {
    identity: Identity,
    memory: Memory,
    kept: Vec<Memory>,
}

impl Small {
    fn boxed() -> Box<Self> {
        let version = Version::new(3, 13, 0);
        let identity = Identity { kind: Kind::Model, version, path: None, label: "small".into() };
        Box::new(Self { identity, memory: Memory::default(), kept: Vec::new() })
    }

    fn import(&mut self, module: &str, world: &World) -> Option<Vec<u8>> {
        if let Some(known) = self.memory.modules.get(module) {
            return Some(known.clone());
        }
        let directory = path("d");
        let modified = world.get(&directory)?.modified()?;
        if self.memory.listed.as_ref().is_none_or(|(at, _)| *at != modified) {
            self.memory.listed = Some((modified, world.names_in(&directory).map(Into::into).collect()));
        }
        let file = format!("{module}.py");
        let names = &self.memory.listed.as_ref()?.1;
        let node = names.contains(&file).then(|| world.get(&directory.join(&file))).flatten()?;
        let Node::File { content: Content::Bytes(source), modified } = node else { return None };
        let compiled = self.memory.bytecode.get(module);
        let stale =
            compiled.filter(|(second, old)| *second == modified.second() && old.len() == source.len());
        let body = stale.map_or_else(|| source.to_vec(), |(_, old)| old.clone());
        self.memory.bytecode.insert(module.into(), (modified.second(), body.clone()));
        self.memory.modules.insert(module.into(), body.clone());
        Some(body)
    }
}

impl Interpreter for Small {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn descend(&mut self, action: &Action, world: &World, ask: Ask) -> Result<Landing, NoOutcome> {
        if ask.keep == Keep::State {
            self.kept.push(self.memory.clone());
        }
        let passes = match action {
            Action::Import { module, check: Check::Expect(expected), .. } => {
                let Literal::Str(wanted) = &expected[0].1 else { unreachable!("the tests expect text") };
                self.import(module, world).is_some_and(|body| body == wanted.as_bytes())
            }
            Action::Forget(module) => {
                self.memory.modules.remove(module);
                true
            }
            _ => true,
        };
        let outcome = if passes {
            Outcome::Passed
        } else {
            Outcome::Mismatched { message: "not what it should be".into() }
        };
        let world = world.clone();
        Ok(Landing { outcome, world, fingerprint: None, output: String::new(), wrote_files: false })
    }

    fn ascend(&mut self) -> Result<(), NoOutcome> {
        self.memory = self.kept.pop().expect("a state was kept");
        Ok(())
    }

    fn inspect(&mut self) -> Result<Inspection, NoOutcome> {
        Ok(Inspection::default())
    }
}

fn path(written: &str) -> EntryPath {
    EntryPath::new(written).unwrap()
}

/// What brute force gives: the victim's failures, each phase of the grid performed.
fn by_brute_force(
    performer: &mut Performer,
    script: &[ScriptLine<'_>],
    victim: usize,
    tick: Nanos,
) -> Probability {
    let cells = period(tick).unwrap() / CELL;
    let mut failing = 0;
    for cell in 0..cells {
        let world = World::beginning_at(Time(Time::START.0 + cell * CELL), tick);
        let performed = performer.perform(&world, script).unwrap();
        let own = script.iter().zip(&performed).filter(|(line, _)| line.test == Some(victim));
        failing += u64::from(own.map(|(_, step)| step).any(|step| step.outcome.is_failure()));
    }
    Probability::of(failing, cells)
}

fn any_step() -> impl Strategy<Value = String> {
    let module = 0..2_u8;
    prop_oneof![
        3 => (module.clone(), 0..3_u8).prop_map(|(module, text)| format!("{{ write = \"d/m{module}.py\", text = \"{text}\" }}")),
        4 => (module.clone(), 0..3_u8).prop_map(|(module, text)| format!("{{ import = \"m{module}\", expect = {{ v = \"{text}\" }} }}")),
        1 => module.prop_map(|module| format!("{{ forget = \"m{module}\" }}")),
        1 => Just("{ touch = \"d\" }".to_owned()),
        2 => (1..25_u64).prop_map(|cells| format!("{{ sleep = \"{}ms\" }}", cells * 100)),
    ]
}

prop_compose! {
    fn any_scenario()(
        first in prop::collection::vec(any_step(), 1..6),
        second in prop::collection::vec(any_step(), 1..6),
        step_cells in 0..4_u64,
        shuffle in prop::collection::vec(any::<bool>(), 10),
        tick_cells in 1..25_u64,
        sleep_at in 0..12_usize,
        sleep_cells in 1..25_u64,
    ) -> Case {
        let test = |name: &str, steps: &[String]| {
            format!("[[test]]\nname = \"{name}\"\nsteps = [{}]\n", steps.join(", "))
        };
        let text = format!(
            "title = \"t\"\npermute = \"steps\"\nsetup = [{{ mkdir = \"d\" }}]\n[clock]\nstep-time = \"{}ms\"\n{}{}",
            step_cells * 100, test("first", &first), test("second", &second),
        );
        let (mut left, mut word) = ([first.len(), second.len()], Vec::new());
        for second in shuffle {
            let test = usize::from(second);
            if left[test] > 0 {
                left[test] -= 1;
                word.push(test);
            }
        }
        word.extend(std::iter::repeat_n(0, left[0]).chain(std::iter::repeat_n(1, left[1])));
        Case { text, word, tick: Nanos(tick_cells * CELL), sleep_at, sleep: Nanos(sleep_cells * CELL) }
    }
}

#[derive(Debug, Clone)]
struct Case {
    text: String,
    word: Vec<usize>,
    tick: Nanos,
    sleep_at: usize,
    sleep: Nanos,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_probability_is_that_of_brute_force(case in any_scenario()) {
        let scenario = crate::scenario::parse(std::path::Path::new("random.toml"), &case.text).unwrap();
        let script = Script::with_setup(&scenario, &case.word);
        let slept = Step::World(Operation::Sleep(case.sleep));
        let with_sleep = script.inserted(case.sleep_at.min(script.len()), std::slice::from_ref(&slept));
        let mut performer = Performer::new(&scenario, Small::boxed());
        let mut odds = Odds::new(&scenario, Kind::Model);
        // The second question is answered from what the first one showed, as far as it goes.
        for script in [&script, &with_sleep, &script] {
            for victim in [0, 1] {
                let exact = odds.of(&mut performer, script, victim, case.tick).unwrap();
                prop_assert_eq!(exact, Some(by_brute_force(&mut performer, script, victim, case.tick)));
            }
        }
    }
}

fn ten_lines(step_time: &str) -> Scenario {
    let text = format!(
        "title = \"t\"\nsetup = [{{ mkdir = \"d\" }}]\n[clock]\nstep-time = \"{step_time}\"\n\
         [[test]]\nname = \"a\"\nsteps = [{{ write = \"d/m0.py\", text = \"0\" }}, {{ import = \"m0\", expect = {{ v = \"0\" }} }}]\n\
         [[test]]\nname = \"b\"\nsteps = [{{ write = \"d/m1.py\", text = \"0\" }}, {{ import = \"m1\", expect = {{ v = \"0\" }} }}]\n"
    );
    crate::scenario::parse(std::path::Path::new("ten-lines.toml"), &text).unwrap()
}

fn odds_of_second(scenario: &Scenario, tick: Nanos) -> (Option<Probability>, u64) {
    let script = Script::with_setup(scenario, &[0, 0, 1, 1]);
    let mut performer = Performer::new(scenario, Small::boxed());
    let mut odds = Odds::new(scenario, Kind::Model);
    let given = odds.of(&mut performer, &script, 1, tick).unwrap();
    (given, odds.runs())
}

#[test]
fn fine_ticks_cost_few_runs() {
    let scenario = ten_lines("1us");
    for tick in [1, 100, 1_000_000, 4_000_000, 3, 7_000, 300_000_000] {
        let (given, runs) = odds_of_second(&scenario, Nanos(tick));
        assert!(given.is_some(), "{tick} ns");
        assert!(runs <= 40, "{tick} ns: {runs} runs");
    }
    // It passes where a tick falls between the two writes, which are 2 us apart.
    let (given, _) = odds_of_second(&scenario, Nanos(1_000_000));
    assert_eq!(given, Some(Probability::of(998, 1000)));
}

#[test]
fn times_that_floats_cannot_tell_apart_give_no_probability() {
    assert_eq!(odds_of_second(&ten_lines("50ns"), Nanos(1)).0, None);
    assert!(odds_of_second(&ten_lines("0s"), Nanos(1)).0.is_some());
    assert!(odds_of_second(&ten_lines("50ns"), Nanos(1_000)).0.is_some());
}

#[test]
fn bytecode_is_compared_by_seconds_at_any_tick() {
    let text = "title = \"t\"\n[clock]\nstep-time = \"1ms\"\n[[test]]\nname = \"a\"\nsteps = [\
                { write = \"d/m0.py\", text = \"0\" }, { import = \"m0\", expect = { v = \"0\" } }, { forget = \"m0\" }, \
                { write = \"d/m0.py\", text = \"1\" }, { import = \"m0\", expect = { v = \"1\" } }]\n";
    let scenario = crate::scenario::parse(std::path::Path::new("bytecode.toml"), text).unwrap();
    let script = Script::of_ordering(&scenario, &[0; 5]);
    // Three steps of a millisecond lie between the two writes: in 3 of 1000 starts a second falls between them.
    for (tick, failing) in [
        (1_u64, (997, 1000)),
        (1_000_000, (997, 1000)),
        (1_000_000_000, (997, 1000)),
        (2_000_000_000, (1997, 2000)),
    ] {
        let mut performer = Performer::new(&scenario, Small::boxed());
        let given = Odds::new(&scenario, Kind::Model).of(&mut performer, &script, 0, Nanos(tick)).unwrap();
        assert_eq!(given, Some(Probability::of(failing.0, failing.1)), "tick {tick}");
    }
}

/// The listing is from a given time, so whether it is stale turns on the fraction of a second at which the run begins.
#[test]
fn given_times_give_no_probability() {
    let scenario = |mtime: &str| {
        let text = format!(
            "title = \"t\"\nsetup = [{{ mkdir = \"d\" }}]\n[[test]]\nname = \"a\"\nsteps = [\
             {{ touch = \"d\"{mtime} }}, {{ import = \"m0\", expect = {{ v = \"0\" }} }}]\n\
             [[test]]\nname = \"b\"\nsteps = [{{ write = \"d/m1.py\", text = \"0\" }}, {{ import = \"m1\", expect = {{ v = \"0\" }} }}]\n"
        );
        crate::scenario::parse(std::path::Path::new("given.toml"), &text).unwrap()
    };
    let tick = Nanos(1_000_000_000);
    assert!(odds_of_second(&scenario(""), tick).0.is_some());
    for mtime in ["-300ms", "+300ms", "2001-09-09T01:46:40Z"] {
        let given = scenario(&format!(", mtime = \"{mtime}\""));
        assert_eq!(odds_of_second(&given, tick), (None, 0), "{mtime}");
    }
}
