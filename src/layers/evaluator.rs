//! One step from one state: the state is made concrete, the model performs the step, and what changed is made abstract
//! again, with what the step looked at on the way. What comes out holds for every state that agrees in what was looked at.
//!
//! Why that is sound: the model reads its state only through `Memory`, which records each reading; a step on the world looks
//! at most at what lies at, above and below its paths. Abstract contents of two slots can depend on one another (a finder
//! and the directory that it lists, bytecode and its source): whoever reads one reads the other.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::content::{Content, Recorded, Second, Slot, When};
use super::slots::Slots;
use crate::interpreter::Broken;
use crate::interpreter::model::{
    Cell, Finder, Memory, Name, Rules, State, entry_of, perform, second_of, shown,
};
use crate::scenario::{EntryPath, Operation, Scenario, Step};
use crate::world::{Bytecode, Content as Held, Nanos, Node, Time, World};

/// Evaluates steps of one scenario.
#[derive(Debug)]
pub(super) struct Evaluator {
    pub(super) slots: Slots,
    rules: Rules,
    tests: Vec<Vec<Step>>,
    tick: Nanos,
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

    /// The number of every slot's content in a state; new slots are made as they are met.
    pub(super) fn numbers(&mut self, state: &State, world: &World) -> Result<Vec<u32>, Broken> {
        self.make_slots(state, world);
        let mut numbers = Vec::with_capacity(self.slots.len());
        for place in 0..self.slots.len() {
            let content = self.content_of(&self.slots.slot(place).clone(), state, world)?;
            numbers.push(content.map_or(0, |content| self.slots.number(place, &content)));
        }
        Ok(numbers)
    }

    fn make_slots(&mut self, state: &State, world: &World) {
        let mut slots: BTreeSet<Slot> = BTreeSet::from([Slot::Path]);
        slots.extend(world.entries().map(|(path, _)| Slot::Entry(path.clone())));
        slots.extend(state.finders.keys().map(|path| Slot::Finder(path.clone())));
        slots.extend(state.modules.keys().map(|name| Slot::Module(name.clone())));
        slots.extend(state.objects.keys().map(|id| Slot::Object(id.clone())));
        slots.extend(state.environment.keys().map(|name| Slot::Variable(name.clone())));
        for slot in slots {
            self.slots.place(&slot);
        }
    }

    /// What a slot holds in a state; none for what is no part of it.
    fn content_of(&self, slot: &Slot, state: &State, world: &World) -> Result<Option<Content>, Broken> {
        let content = match slot {
            Slot::Progress(_) | Slot::Clock => return Ok(None),
            Slot::Path => Some(Content::Path(state.path.clone())),
            Slot::Entry(path) => match world.get(path) {
                Some(node) => Some(self.entry(path, node, world)?),
                None => None,
            },
            Slot::Finder(path) => state.finders.get(path).map(|finder| match finder {
                None => Content::NoFinder,
                Some(finder) => self.finder(path, finder, world),
            }),
            Slot::Module(name) => state.modules.get(name).cloned().map(Content::Module),
            Slot::Object(id) => state.objects.get(id).cloned().map(Content::Object),
            Slot::Variable(name) => state.environment.get(name).cloned().map(Content::Variable),
        };
        Ok(Some(content.unwrap_or(Content::Absent)))
    }

    fn entry(&self, path: &EntryPath, node: &Node, world: &World) -> Result<Content, Broken> {
        Ok(match node {
            Node::Directory { modified } => Content::Directory(self.when(*modified, world)),
            Node::File { content: Held::Bytes(bytes), modified } => {
                let same = second_of(*modified) == second_of(world.stamp());
                // Where times are kept as they are, `when` says it already.
                let compared = !self.exact && path.name().strip_suffix(".py").is_some();
                let second = if compared && same { When::Now } else { When::Past };
                Content::File { bytes: bytes.clone(), when: self.when(*modified, world), second }
            }
            Node::File { content: Held::Bytecode(bytecode), .. } => self.bytecode(path, bytecode, world),
            Node::Link { .. } => {
                return Err(Broken::Refused { reason: format!("a symbolic link stands at {path}") });
            }
        })
    }

    fn when(&self, modified: Time, world: &World) -> When {
        if self.exact {
            When::At(modified)
        } else if bits(modified) == bits(world.stamp()) {
            When::Now
        } else {
            When::Past
        }
    }

    fn bytecode(&self, path: &EntryPath, bytecode: &Bytecode, world: &World) -> Content {
        let source = source_of(path).and_then(|source| world.get(&source)?.modified());
        let second = if self.exact {
            Second::At(bytecode.second)
        } else if source.map(second_of) == Some(bytecode.second) {
            Second::Synced
        } else if second_of(world.stamp()) == bytecode.second {
            Second::Now
        } else {
            return Content::dead_bytecode();
        };
        Content::Bytecode { source: bytecode.source.clone(), size: bytecode.size, second }
    }

    fn finder(&self, path: &Name, finder: &Finder, world: &World) -> Content {
        let there = entry_of(path).and_then(|path| world.get(&path)?.modified()).map(bits);
        let recorded = match finder.recorded {
            Some(time) if self.exact => Recorded::At(time),
            Some(time) if there == Some(time) => Recorded::Synced,
            Some(time) if time == bits(world.stamp()) => Recorded::Now,
            _ => Recorded::Never,
        };
        let names = if recorded == Recorded::Never { Arc::default() } else { finder.names.clone() };
        Content::Finder { recorded, names }
    }

    /// A state and a world of which these are the contents, at `now`.
    fn concrete(&self, numbers: &[u32], now: Time) -> (State, World) {
        let mut state = State::default();
        let mut world = World::beginning_at(now, self.tick);
        world.take(&EntryPath::root());
        let contents: Vec<(&Slot, &Content)> = numbers
            .iter()
            .enumerate()
            .map(|(place, &number)| (self.slots.slot(place), self.slots.content(place, number)))
            .collect();
        for (slot, content) in &contents {
            if let Slot::Entry(path) = slot
                && let Some(node) = node_of(content, &world)
            {
                world.put(path.clone(), node);
            }
        }
        for (slot, content) in &contents {
            match (slot, content) {
                (Slot::Entry(path), Content::Bytecode { source, size, second }) => {
                    let there = source_of(path).and_then(|source| world.get(&source)?.modified());
                    let second = match second {
                        Second::Synced => there.map_or(0, second_of),
                        Second::Now => second_of(world.stamp()),
                        Second::Dead => 0,
                        Second::At(second) => *second,
                    };
                    let bytecode =
                        Bytecode { second, size: *size, source: source.clone(), bytes: Arc::from([]) };
                    let node = Node::File { content: Held::Bytecode(bytecode), modified: world.stamp() };
                    world.put(path.clone(), node);
                }
                _ => put_content(&mut state, slot, content, &world),
            }
        }
        (state, world)
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
                    let id =
                        crate::interpreter::model::ObjectId { site: site.clone(), generation: *generation };
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

fn bits(time: Time) -> u64 {
    time.as_cpython_float().to_bits()
}

/// The node that a content stands for; bytecode is put after its source.
fn node_of(content: &Content, world: &World) -> Option<Node> {
    const LONG_AGO: Time = Time(500_000_000_000_000_000);
    let stamp = world.stamp();
    Some(match content {
        Content::Directory(When::Now) => Node::Directory { modified: stamp },
        Content::Directory(When::Past) => Node::Directory { modified: LONG_AGO },
        Content::Directory(When::At(time)) => Node::Directory { modified: *time },
        Content::File { bytes, when, second } => {
            let modified = match (when, second) {
                (When::At(time), _) => *time,
                (When::Now, _) => stamp,
                (When::Past, When::Now) => stamp.floor(Nanos::SECOND),
                (When::Past, _) => LONG_AGO,
            };
            Node::File { content: Held::Bytes(bytes.clone()), modified }
        }
        _ => return None,
    })
}

fn put_content(state: &mut State, slot: &Slot, content: &Content, world: &World) {
    match (slot, content) {
        (Slot::Path, Content::Path(path)) => state.path = path.clone(),
        (Slot::Finder(path), Content::NoFinder) => {
            state.finders.insert(path.clone(), None);
        }
        (Slot::Finder(path), Content::Finder { recorded, names }) => {
            let recorded = match recorded {
                Recorded::Never => None,
                Recorded::Synced => entry_of(path).and_then(|path| world.get(&path)?.modified()).map(bits),
                Recorded::Now => Some(bits(world.stamp())),
                Recorded::At(time) => Some(*time),
            };
            state.finders.insert(path.clone(), Some(Finder { recorded, names: names.clone() }));
        }
        (Slot::Module(name), Content::Module(value)) => {
            state.modules.insert(name.clone(), value.clone());
        }
        (Slot::Object(id), Content::Object(object)) => {
            state.objects.insert(id.clone(), object.clone());
        }
        (Slot::Variable(name), Content::Variable(value)) => {
            state.environment.insert(name.clone(), value.clone());
        }
        _ => {}
    }
}

/// The slots whose contents depend on what is at a path: its own, its finder's, and of a source its bytecode's, of bytecode
/// its source's.
fn coupled(path: &EntryPath) -> Vec<Slot> {
    let mut slots = vec![Slot::Entry(path.clone()), Slot::Finder(shown(path))];
    slots.extend(source_of(path).map(Slot::Entry));
    slots
}

/// The source of which a path would be the bytecode.
fn source_of(path: &EntryPath) -> Option<EntryPath> {
    let directory = path.parent()?;
    if directory.name() != "__pycache__" {
        return None;
    }
    let (stem, _) = path.name().strip_suffix(".pyc")?.rsplit_once(".cpython-")?;
    Some(directory.parent()?.join(&format!("{stem}.py")))
}
