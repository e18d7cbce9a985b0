//! The interpreters of this machine, and a walk on one of them that keeps the world and the clock.

use crate::not_run;
use taster::interpreter::cpython::discover::{Places, discover};
use taster::interpreter::cpython::{CPython, Program};
use taster::interpreter::{Ask, Installation, Interpreter, Keep, Landing, Outcome};
use taster::scenario::{Action, Check, Position};
use taster::world::{EntryPath, Nanos, Operation, World};

/// Every version that taster is tested with.
const MINORS: [(u32, u32); 9] = [(2, 7), (3, 6), (3, 7), (3, 8), (3, 9), (3, 10), (3, 11), (3, 12), (3, 13)];

/// Runs `test` on every interpreter found, and names the versions that were not.
pub(crate) fn each_python(test: impl Fn(&Installation)) {
    let found = discover(&Places::from_variables(|name| std::env::var_os(name)));
    let mut missing = Vec::new();
    for minor in MINORS {
        match found.iter().find(|installation| installation.identity.version.feature() == minor) {
            Some(installation) => {
                println!("on {}", installation.identity.label);
                test(installation);
            }
            None => missing.push(format!("{}.{}", minor.0, minor.1)),
        }
    }
    if found.is_empty() {
        not_run::say("no CPython was found");
    } else if !missing.is_empty() {
        not_run::say(&format!("no CPython {} was found", missing.join(", ")));
    }
}

/// Runs `test` on every interpreter found where `TASTER_PYTHON` says `all`, else on the newest: for tests that take their time.
pub(crate) fn asked_for(test: impl Fn(&Installation)) {
    let all =
        std::env::var("TASTER_PYTHON").is_ok_and(|words| words.split(',').any(|word| word.trim() == "all"));
    if all {
        each_python(test);
    } else {
        println!("on the newest CPython alone; with TASTER_PYTHON=all on every one");
        any_python(test);
    }
}

/// The newest interpreter found.
pub(crate) fn any_python(test: impl Fn(&Installation)) {
    let found = discover(&Places::from_variables(|name| std::env::var_os(name)));
    match found.iter().max_by_key(|installation| installation.identity.version) {
        Some(installation) => test(installation),
        None => not_run::say("no CPython was found"),
    }
}

pub(crate) fn path(written: &str) -> EntryPath {
    EntryPath::new(written).unwrap()
}

pub(crate) fn import(module: &str) -> Action {
    Action::Import { module: module.into(), names: Vec::new(), check: Check::Nothing }
}

pub(crate) fn exec(code: &str) -> Action {
    Action::Exec { code: code.into(), check: Check::Nothing }
}

/// One ordering under way.
pub(crate) struct Walk {
    pub(crate) python: CPython,
    pub(crate) world: World,
}

pub(crate) fn walk(installation: &Installation, program: Program, tick: Nanos) -> Walk {
    Walk { python: CPython::start(installation, program).unwrap(), world: World::new(tick) }
}

impl Walk {
    pub(crate) fn operation(&mut self, operation: &Operation) -> &mut Self {
        self.world.perform(operation).unwrap();
        self.tick()
    }

    pub(crate) fn write(&mut self, at: &str, text: &str) -> &mut Self {
        self.operation(&Operation::Write { path: path(at), text: text.into(), mtime: None })
    }

    pub(crate) fn mkdir(&mut self, at: &str) -> &mut Self {
        self.operation(&Operation::Mkdir(path(at)))
    }

    pub(crate) fn sys_path(&mut self, at: &str) -> &mut Self {
        self.passes(&Action::SysPath { path: path(at), position: Position::Last })
    }

    pub(crate) fn passes(&mut self, action: &Action) -> &mut Self {
        let landing = self.step(action);
        assert_eq!(landing.outcome, Outcome::Passed, "{action:?}: {}", landing.output);
        self
    }

    /// Performs a step without a way back.
    pub(crate) fn step(&mut self, action: &Action) -> Landing {
        self.descend(action, Keep::Nothing)
    }

    pub(crate) fn descend(&mut self, action: &Action, keep: Keep) -> Landing {
        let ask = Ask { keep, fingerprint: true };
        let landing = self.python.descend(action, &self.world, ask).unwrap();
        self.world = landing.world.clone();
        self.tick();
        landing
    }

    fn tick(&mut self) -> &mut Self {
        self.world.advance(Nanos(1_000));
        self
    }
}
