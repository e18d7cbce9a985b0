//! Evaluates one step in one state: makes the state concrete, lets the model perform the step, and makes the changes
//! abstract again, together with what the step read. The result holds for every state that agrees in what was read.
//!
//! Why that is sound: the model reads its state only through `Memory`, which records each reading; a step on the world
//! reads at most the entries at, above and below its paths. Abstract contents of two slots can depend on one another (a
//! finder and the directory that it lists, bytecode and its source): reading one counts as reading the other.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::abstract_value::Slot;
use super::effect::{ClockStep, Effect};
use super::shared_effects::SharedEffects;
use super::slots::{Slots, source_of};
use crate::interpreter::NoOutcome;
use crate::interpreter::model::{
    Memory, MemoryCell, ObjectId, Rules, State, Trace, entry_of, perform, shown,
};
use crate::scenario::{Scenario, Step};
use crate::world::{EntryPath, Nanos, Operation, Time, World};

/// Evaluates steps of one scenario.
#[derive(Debug)]
pub(super) struct Evaluator {
    pub(super) slots: Slots,
    shared_effects: Mutex<SharedEffects>,
    rules: Rules,
    tests: Vec<Vec<Step>>,
    pub(super) tick: Nanos,
    /// Whether any two times of a state may be compared: then all are kept exactly.
    pub(super) exact: bool,
}

/// The result of a step, as the model performed it.
#[derive(Debug)]
pub(super) struct EvaluatedStep {
    state: State,
    world: World,
    /// The cells that the model read, or `None` for a step on the world.
    reads: Option<Vec<MemoryCell>>,
    failed: bool,
    dropped: bool,
}

impl Evaluator {
    pub(super) fn new(scenario: &Scenario, tick: Nanos, rules: Rules) -> Self {
        Self {
            slots: Slots::default(),
            shared_effects: Mutex::default(),
            rules,
            tests: scenario.tests.iter().map(|test| test.steps.clone()).collect(),
            tick,
            exact: scenario.compares_times_across() || scenario.sets_times(),
        }
    }

    /// The effects that all workers have learned.
    pub(super) fn shared_effects(&self) -> MutexGuard<'_, SharedEffects> {
        self.shared_effects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Performs a test's step in a state, with the clock at `now`.
    pub(super) fn perform(
        &self,
        numbers: &[u32],
        place: (usize, usize),
        now: Time,
    ) -> Result<EvaluatedStep, NoOutcome> {
        let now = if self.exact { now } else { representative() };
        let (state, mut world) = self.concrete(numbers, now);
        match &self.tests[place.0][place.1] {
            Step::World(operation) => {
                // The walk moves the clock.
                let sleeps = matches!(operation, Operation::Sleep(_));
                let failed = !sleeps && world.perform(operation).is_err();
                Ok(EvaluatedStep { state, world, reads: None, failed, dropped: false })
            }
            Step::Interpreter(action) => {
                let mut memory = Memory::new(state, world);
                memory.record();
                let (outcome, _) = perform(&mut memory, &self.rules, action)?;
                let (state, world, trace) = memory.into_parts();
                let Trace { reads, dropped, .. } = trace.unwrap_or_default();
                Ok(EvaluatedStep { state, world, reads: Some(reads), failed: !outcome.is_pass(), dropped })
            }
        }
    }

    /// The effect of a performed step on all states like this one, or `None` if a slot or a content is new.
    pub(super) fn known_effect(
        &self,
        numbers: &[u32],
        place: (usize, usize),
        performed: &EvaluatedStep,
        clock_step: ClockStep,
    ) -> Result<Option<Effect>, NoOutcome> {
        let Some(after) = self.known_numbers(&performed.state, &performed.world)? else { return Ok(None) };
        let reads = match (&performed.reads, &self.tests[place.0][place.1]) {
            (Some(cells), _) => self.places_of(cells),
            (None, Step::World(operation)) => self.places_around(operation),
            (None, Step::Interpreter(_)) => Vec::new(),
        };
        let mut writes = Vec::new();
        for (place, number) in self.changed(numbers, &after) {
            if !reads.contains(&place) {
                let slot = self.slots.slot(place);
                let reason =
                    format!("a step changed what it had not looked at: {slot:?} (a defect of taster)");
                return Err(NoOutcome::Lost { interpreter: "model".into(), reason });
            }
            let number = if clock_step.tick {
                let Some(aged) = self.slots.known_aged(place, number, clock_step.second) else {
                    return Ok(None);
                };
                aged
            } else {
                number
            };
            writes.push((place, number));
        }
        let EvaluatedStep { failed, dropped, .. } = *performed;
        Ok(Some(Effect { reads, writes, failed, dropped }))
    }

    /// The same; new slots and contents get numbers.
    pub(super) fn effect(
        &mut self,
        numbers: &[u32],
        place: (usize, usize),
        performed: &EvaluatedStep,
        clock_step: ClockStep,
    ) -> Result<Effect, NoOutcome> {
        let after = self.meet(&performed.state, &performed.world)?;
        if clock_step.tick {
            for (place, number) in self.changed(numbers, &after) {
                self.slots.aged(place, number, clock_step.second)?;
            }
        }
        let effect = self.known_effect(numbers, place, performed, clock_step)?;
        effect.ok_or_else(|| {
            let reason = "what was met a moment ago is not known (a defect of taster)".to_owned();
            NoOutcome::Lost { interpreter: "model".into(), reason }
        })
    }

    /// The changed slots, with their new contents.
    fn changed(&self, before: &[u32], after: &[u32]) -> Vec<(usize, u32)> {
        let own = |place| !matches!(self.slots.slot(place), Slot::Progress(_) | Slot::Clock);
        let was = |place: usize| before.get(place).copied().unwrap_or(0);
        let after = after.iter().copied().enumerate();
        after.filter(|&(place, number)| number != was(place) && own(place)).collect()
    }

    /// The slots of the cells read, in that order, and the slots that depend on them.
    fn places_of(&self, reads: &[MemoryCell]) -> Vec<usize> {
        let mut places = Vec::new();
        if self.exact {
            places.extend(self.slots.find(&Slot::Clock));
        }
        for cell in reads {
            match cell {
                MemoryCell::Entry(path) => {
                    for slot in coupled(path) {
                        places.extend(self.slots.find(&slot));
                    }
                }
                MemoryCell::Children(directory) => {
                    let inside = |slot: &Slot| match slot {
                        Slot::Entry(path) => path.parent().as_ref() == Some(directory),
                        _ => false,
                    };
                    places.extend(self.slots.places(inside));
                }
                MemoryCell::Finder(path) => {
                    places.extend(self.slots.find(&Slot::Finder(path.clone())));
                    places.extend(entry_of(path).and_then(|path| self.slots.find(&Slot::Entry(path))));
                }
                MemoryCell::Finders => {
                    places.extend(self.slots.places(|slot| matches!(slot, Slot::Finder(_))));
                }
                MemoryCell::Module(name) => places.extend(self.slots.find(&Slot::Module(name.clone()))),
                MemoryCell::Object(site, generation) => {
                    let id = ObjectId { site: site.clone(), generation: *generation };
                    places.extend(self.slots.find(&Slot::Object(id)));
                }
                MemoryCell::Objects => {
                    places.extend(self.slots.places(|slot| matches!(slot, Slot::Object(_))));
                }
                MemoryCell::Path => places.extend(self.slots.find(&Slot::Path)),
                // Those of one scenario are all in one: any other is refused.
                MemoryCell::WorkingDirectory => {}
                MemoryCell::Variable(name) => places.extend(self.slots.find(&Slot::Variable(name.clone()))),
            }
        }
        self.once_each(places)
    }

    /// The slots that a step on the world can read or change: those of its paths, of the entries above and
    /// below them, and of the bytecode of sources there.
    fn places_around(&self, operation: &Operation) -> Vec<usize> {
        let paths = match operation {
            Operation::Write { path, .. }
            | Operation::Mkdir(path)
            | Operation::Remove(path)
            | Operation::Link { path, .. }
            | Operation::Touch { path, .. } => vec![path.clone()],
            Operation::Copy { source, to, .. } => source.placed(to).map(|(path, _)| path).collect(),
            Operation::Rename { from, to } => vec![from.clone(), to.clone()],
            Operation::Sleep(_) => Vec::new(),
        };
        let moves = matches!(operation, Operation::Remove(_) | Operation::Rename { .. });
        let near = |at: &EntryPath| {
            paths.iter().any(|path| at == path || path.is_below(at) || (moves && at.is_below(path)))
        };
        let clock = if self.exact { self.slots.find(&Slot::Clock) } else { None };
        let around = (0..self.slots.len()).filter(|&place| match self.slots.slot(place) {
            Slot::Entry(path) => near(path) || self.slots.source(place).is_some_and(near),
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

    /// The state without unreferenced objects.
    pub(super) fn collected(&mut self, numbers: &[u32], now: Time) -> Result<Vec<u32>, NoOutcome> {
        let now = if self.exact { now } else { representative() };
        let (state, world) = self.concrete(numbers, now);
        let mut memory = Memory::new(state, world);
        memory.collect();
        let (state, world, _) = memory.into_parts();
        let mut collected = self.meet(&state, &world)?;
        for place in self.slots.places(|slot| matches!(slot, Slot::Progress(_) | Slot::Clock)) {
            collected[place] = numbers[place];
        }
        Ok(collected)
    }
}

/// An instant that stands for any other if times are only compared. It is late in a second, so that the second
/// contains earlier times if a tick is shorter than a second.
fn representative() -> Time {
    Time(Time::START.0 + 999_999_000)
}

/// The slots whose contents depend on the entry at a path: its own, its finder's, the bytecode of a source, and
/// the source of bytecode.
fn coupled(path: &EntryPath) -> Vec<Slot> {
    let mut slots = vec![Slot::Entry(path.clone()), Slot::Finder(shown(path))];
    slots.extend(source_of(path).map(Slot::Entry));
    slots
}
