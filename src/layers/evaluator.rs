//! One step from one state: the state is made concrete, the model performs the step, and what changed is made abstract
//! again, with what the step looked at on the way. What comes out holds for every state that agrees in what was looked at.
//!
//! Why that is sound: the model reads its state only through `Memory`, which records each reading; a step on the world looks
//! at most at what lies at, above and below its paths. Abstract contents of two slots can depend on one another (a finder
//! and the directory that it lists, bytecode and its source): whoever reads one reads the other.

use super::content::Slot;
use super::slots::Slots;
use crate::interpreter::Broken;
use crate::interpreter::model::{Cell, Memory, ObjectId, Rules, State, entry_of, perform, shown};
use crate::scenario::{EntryPath, Operation, Scenario, Step};
use crate::world::{Nanos, Time, World};

/// Evaluates steps of one scenario.
#[derive(Debug)]
pub(super) struct Evaluator {
    pub(super) slots: Slots,
    rules: Rules,
    tests: Vec<Vec<Step>>,
    pub(super) tick: Nanos,
    /// Whether any two times of a state may be compared: then all are kept as they are.
    pub(super) exact: bool,
}

/// What a step does to every state that agrees in what it reads.
#[derive(Debug, Clone)]
pub(super) struct Effect {
    /// Slots it reads, in order.
    pub(super) reads: Vec<usize>,
    /// Slots it changes, with the numbers of the new contents.
    pub(super) writes: Vec<(usize, u32)>,
    /// Whether it failed.
    pub(super) failed: bool,
    /// Whether an object may no longer be referred to, which takes all of the state to tell.
    pub(super) dropped: bool,
}

/// What tells what a step read.
enum Reads<'a> {
    /// The model's own record.
    Traced(Vec<Cell>),
    /// A step on the world.
    Of(&'a Operation),
}

/// Which ticks pass while a step is performed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Passing {
    /// Changes after it give another time than changes in it.
    pub(super) tick: bool,
    /// And another second.
    pub(super) second: bool,
}

impl Evaluator {
    pub(super) fn new(scenario: &Scenario, tick: Nanos, rules: Rules) -> Self {
        let renames = |step: &Step| matches!(step, Step::World(Operation::Rename { .. }));
        Self {
            slots: Slots::default(),
            rules,
            tests: scenario.tests.iter().map(|test| test.steps.clone()).collect(),
            tick,
            exact: scenario.steps().any(renames),
        }
    }

    /// Performs a test's step in a state that meets the clock at `now`.
    pub(super) fn evaluate(
        &mut self,
        numbers: &[u32],
        place: (usize, usize),
        now: Time,
        passing: Passing,
    ) -> Result<Effect, Broken> {
        let now = if self.exact { now } else { representative() };
        let (state, mut world) = self.concrete(numbers, now);
        let step = self.tests[place.0][place.1].clone();
        let (failed, reads, dropped, state) = match &step {
            Step::World(operation) => {
                // The clock is the walk's to move.
                let sleeps = matches!(operation, Operation::Sleep(_));
                let failed = !sleeps && world.perform(operation).is_err();
                (failed, Reads::Of(operation), false, state)
            }
            Step::Interpreter(action) => {
                let mut memory = Memory::new(state, world.clone());
                memory.record();
                let (outcome, _) = perform(&mut memory, &self.rules, action)?;
                let (state, after, trace) = memory.into_parts();
                world = after;
                let trace = trace.unwrap_or_default();
                (!outcome.is_pass(), Reads::Traced(trace.reads), trace.dropped, state)
            }
        };
        self.effect(numbers, (&state, &world), &reads, (failed, dropped, passing))
    }

    fn effect(
        &mut self,
        numbers: &[u32],
        after: (&State, &World),
        reads: &Reads<'_>,
        (failed, dropped, passing): (bool, bool, Passing),
    ) -> Result<Effect, Broken> {
        let after = self.numbers(after.0, after.1)?;
        let reads = match reads {
            Reads::Traced(cells) => self.places_of(cells),
            Reads::Of(operation) => self.places_around(operation),
        };
        let mut writes = Vec::new();
        for (place, &number) in after.iter().enumerate() {
            let before = numbers.get(place).copied().unwrap_or(0);
            let own = !matches!(self.slots.slot(place), Slot::Progress(_) | Slot::Clock);
            if !own || number == before {
                continue;
            }
            if !reads.contains(&place) {
                let slot = self.slots.slot(place);
                let reason =
                    format!("a step changed what it had not looked at: {slot:?} (a defect of taster)");
                return Err(Broken::Lost { interpreter: "model".into(), reason });
            }
            let number = if passing.tick { self.slots.aged(place, number, passing.second) } else { number };
            writes.push((place, number));
        }
        Ok(Effect { reads, writes, failed, dropped })
    }

    /// The slots of what was read, in that order, and those that depend on them.
    fn places_of(&mut self, reads: &[Cell]) -> Vec<usize> {
        let mut places = Vec::new();
        if self.exact {
            places.push(self.slots.place(&Slot::Clock));
        }
        for cell in reads {
            match cell {
                Cell::Entry(path) => {
                    for slot in coupled(path) {
                        places.extend(self.slots.find(&slot));
                    }
                }
                Cell::Children(directory) => {
                    let inside = |slot: &Slot| match slot {
                        Slot::Entry(path) => path.parent().as_ref() == Some(directory),
                        _ => false,
                    };
                    places.extend(self.slots.places(inside));
                }
                Cell::Finder(path) => {
                    places.extend(self.slots.find(&Slot::Finder(path.clone())));
                    places.extend(entry_of(path).and_then(|path| self.slots.find(&Slot::Entry(path))));
                }
                Cell::Finders => places.extend(self.slots.places(|slot| matches!(slot, Slot::Finder(_)))),
                Cell::Module(name) => places.extend(self.slots.find(&Slot::Module(name.clone()))),
                Cell::Object(site, generation) => {
                    let id = ObjectId { site: site.clone(), generation: *generation };
                    places.extend(self.slots.find(&Slot::Object(id)));
                }
                Cell::Objects => places.extend(self.slots.places(|slot| matches!(slot, Slot::Object(_)))),
                Cell::Path => places.extend(self.slots.find(&Slot::Path)),
                Cell::Variable(name) => places.extend(self.slots.find(&Slot::Variable(name.clone()))),
            }
        }
        self.once_each(places)
    }

    /// The slots that a step on the world can look at or change: those of its paths, of what is above and below them, and of
    /// the bytecode of sources there.
    fn places_around(&self, operation: &Operation) -> Vec<usize> {
        let paths = match operation {
            Operation::Write { path, .. }
            | Operation::Mkdir(path)
            | Operation::Remove(path)
            | Operation::Touch(path) => vec![path],
            Operation::Rename { from, to } => vec![from, to],
            Operation::Sleep(_) => Vec::new(),
        };
        let moves = matches!(operation, Operation::Remove(_) | Operation::Rename { .. });
        let near = |at: &EntryPath| {
            paths.iter().any(|path| at == *path || path.is_below(at) || (moves && at.is_below(path)))
        };
        let clock = if self.exact { self.slots.find(&Slot::Clock) } else { None };
        let around = self.slots.places(|slot| match slot {
            Slot::Entry(path) => near(path) || source_of(path).as_ref().is_some_and(near),
            Slot::Finder(path) => entry_of(path).as_ref().is_some_and(near),
            _ => false,
        });
        self.once_each(clock.into_iter().chain(around).collect())
    }

    fn once_each(&self, mut places: Vec<usize>) -> Vec<usize> {
        let mut seen = vec![false; self.slots.len()];
        places.retain(|&place| !std::mem::replace(&mut seen[place], true));
        places
    }

    /// The state without objects that nothing refers to.
    pub(super) fn collected(&mut self, numbers: &[u32], now: Time) -> Result<Vec<u32>, Broken> {
        let now = if self.exact { now } else { representative() };
        let (state, world) = self.concrete(numbers, now);
        let mut memory = Memory::new(state, world);
        memory.collect();
        let (state, world, _) = memory.into_parts();
        let mut collected = self.numbers(&state, &world)?;
        for place in self.slots.places(|slot| matches!(slot, Slot::Progress(_) | Slot::Clock)) {
            collected[place] = numbers[place];
        }
        Ok(collected)
    }
}

/// An instant that stands for any other where times are only compared: late in a second, so that there are earlier times
/// in it wherever a tick is shorter than a second.
fn representative() -> Time {
    Time(Time::START.0 + 999_999_000)
}

/// The slots whose contents depend on what is at a path: its own, its finder's, and of a source its bytecode's, of bytecode
/// its source's.
fn coupled(path: &EntryPath) -> Vec<Slot> {
    let mut slots = vec![Slot::Entry(path.clone()), Slot::Finder(shown(path))];
    slots.extend(source_of(path).map(Slot::Entry));
    slots
}

/// The source of which a path would be the bytecode.
pub(super) fn source_of(path: &EntryPath) -> Option<EntryPath> {
    let (directory, name) = path.as_str().strip_suffix(".pyc")?.rsplit_once("__pycache__/")?;
    let (stem, _) = name.rsplit_once(".cpython-")?;
    let beside = directory.is_empty() || directory.ends_with('/');
    (beside && !name.contains('/')).then(|| EntryPath::new(&format!("{directory}{stem}.py"))).flatten()
}
