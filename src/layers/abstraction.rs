//! Converts a state and a world to the contents of slots, and back. Contents keep the part of a time that can
//! still be compared; on the way back, each stands for one of its possible times.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::abstract_value::{AbstractValue, RecordedTime, Second, Slot, When};
use super::evaluator::Evaluator;
use crate::interpreter::NoOutcome;
use crate::interpreter::model::{Finder, Name, State, entry_of, second_of};
use crate::world::{Bytecode, BytecodeCheck, Content, EntryPath, Nanos, Node, Time, World};

impl Evaluator {
    /// The number of every slot's content in a state, or `None` if a slot or a content is new.
    pub(super) fn known_numbers(&self, state: &State, world: &World) -> Result<Option<Vec<u32>>, NoOutcome> {
        let mut numbers = Vec::with_capacity(self.slots.len());
        let mut present = 0;
        for place in 0..self.slots.len() {
            let number = match self.content_at(place, state, world)? {
                None => 0,
                Some(content) => {
                    present += usize::from(content != AbstractValue::Absent);
                    let Some(number) = self.slots.known(place, &content) else { return Ok(None) };
                    number
                }
            };
            numbers.push(number);
        }
        Ok((present == parts(state, world)).then_some(numbers))
    }

    /// The number of every slot's content in a state. New slots and contents get a number.
    pub(super) fn meet(&mut self, state: &State, world: &World) -> Result<Vec<u32>, NoOutcome> {
        self.make_slots(state, world);
        let mut numbers = Vec::with_capacity(self.slots.len());
        for place in 0..self.slots.len() {
            let content = self.content_at(place, state, world)?;
            numbers.push(match content {
                Some(content) => self.slots.number(place, &content)?,
                None => 0,
            });
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

    /// The content of a slot in a state, or `None` if it is not part of the state.
    fn content_at(
        &self,
        place: usize,
        state: &State,
        world: &World,
    ) -> Result<Option<AbstractValue>, NoOutcome> {
        let content = match self.slots.slot(place) {
            Slot::Progress(_) | Slot::Clock => return Ok(None),
            Slot::Path if !state.directory.is_root() => {
                let reason = format!("a change of the working directory to {}", state.directory);
                return Err(NoOutcome::Refused { reason });
            }
            Slot::Path => Some(AbstractValue::Path(state.path.clone())),
            Slot::Entry(path) => match world.get(path) {
                Some(node) => Some(self.entry(place, path, node, world)?),
                None => None,
            },
            Slot::Finder(path) => match state.finders.get(path) {
                None => None,
                Some(None) => Some(AbstractValue::NoFinder),
                Some(Some(Finder { searches: Some(_), .. })) => {
                    let reason = format!("a relative entry of sys.path: {path}");
                    return Err(NoOutcome::Refused { reason });
                }
                Some(Some(finder)) => Some(self.finder(path, finder, world)),
            },
            Slot::Module(name) => state.modules.get(name).cloned().map(AbstractValue::Module),
            Slot::Object(id) => state.objects.get(id).cloned().map(AbstractValue::Object),
            Slot::Variable(name) => state.environment.get(name).cloned().map(AbstractValue::Variable),
        };
        Ok(Some(content.unwrap_or(AbstractValue::Absent)))
    }

    fn entry(
        &self,
        place: usize,
        path: &EntryPath,
        node: &Node,
        world: &World,
    ) -> Result<AbstractValue, NoOutcome> {
        Ok(match node {
            Node::Directory { modified } => AbstractValue::Directory(self.when(*modified, world)),
            Node::File { content: Content::Bytes(bytes), modified } => {
                let same = second_of(*modified) == second_of(world.stamp());
                // If times are kept exactly, `when` already records it.
                let compared = !self.exact && path.name().strip_suffix(".py").is_some();
                let second = if compared && same { When::Now } else { When::Past };
                AbstractValue::File { bytes: bytes.clone(), when: self.when(*modified, world), second }
            }
            Node::File { content: Content::Bytecode(bytecode), .. }
                if bytecode.check != BytecodeCheck::Times =>
            {
                let reason = format!("bytecode that is checked by a hash, or not at all, stands at {path}");
                return Err(NoOutcome::Refused { reason });
            }
            Node::File { content: Content::Bytecode(bytecode), .. } => {
                self.bytecode(self.slots.source(place), bytecode, world)
            }
            Node::Link { .. } => {
                return Err(NoOutcome::Refused { reason: format!("a symbolic link stands at {path}") });
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

    fn bytecode(&self, source: Option<&EntryPath>, bytecode: &Bytecode, world: &World) -> AbstractValue {
        let source = source.and_then(|source| world.get(source)?.modified());
        let second = if self.exact {
            Second::At(bytecode.second)
        } else if source.map(second_of) == Some(bytecode.second) {
            Second::Synced
        } else if second_of(world.stamp()) == bytecode.second {
            Second::Now
        } else {
            return AbstractValue::dead_bytecode();
        };
        AbstractValue::Bytecode { source: bytecode.source.clone(), size: bytecode.size, second }
    }

    fn finder(&self, path: &Name, finder: &Finder, world: &World) -> AbstractValue {
        let there = entry_of(path).and_then(|path| world.get(&path)?.modified()).map(bits);
        let recorded = match finder.recorded {
            Some(time) if self.exact => RecordedTime::At(time),
            Some(time) if there == Some(time) => RecordedTime::Synced,
            Some(time) if time == bits(world.stamp()) => RecordedTime::Now,
            _ => RecordedTime::Never,
        };
        let names = if recorded == RecordedTime::Never { Arc::default() } else { finder.names.clone() };
        AbstractValue::Finder { recorded, names }
    }

    /// A state and a world with these contents, at `now`.
    pub(super) fn concrete(&self, numbers: &[u32], now: Time) -> (State, World) {
        let mut state = State::default();
        let mut world = World::beginning_at(now, self.tick);
        world.take(&EntryPath::root());
        let contents =
            || numbers.iter().enumerate().map(|(place, &number)| (place, self.slots.content(place, number)));
        for (place, content) in contents() {
            if let Slot::Entry(path) = self.slots.slot(place)
                && let Some(node) = node_of(content, &world)
            {
                world.put(path.clone(), node);
            }
        }
        for (place, content) in contents() {
            match (self.slots.slot(place), content) {
                (Slot::Entry(path), AbstractValue::Bytecode { source, size, second }) => {
                    let there = self.slots.source(place).and_then(|source| world.get(source)?.modified());
                    let second = match second {
                        Second::Synced => there.map_or(0, second_of),
                        Second::Now => second_of(world.stamp()),
                        Second::Dead => 0,
                        Second::At(second) => *second,
                    };
                    let bytecode = Bytecode {
                        second,
                        size: *size,
                        ..Bytecode::by_hash(BytecodeCheck::Times, source.clone())
                    };
                    let node = Node::File { content: Content::Bytecode(bytecode), modified: world.stamp() };
                    world.put(path.clone(), node);
                }
                (slot, content) => put_content(&mut state, slot, content, &world),
            }
        }
        (state, world)
    }
}

/// The number of non-empty slots of a state.
fn parts(state: &State, world: &World) -> usize {
    let path = 1;
    path + world.entries().count()
        + state.finders.len()
        + state.modules.len()
        + state.objects.len()
        + state.environment.len()
}

fn bits(time: Time) -> u64 {
    time.as_cpython_float().to_bits()
}

/// The node for a content; bytecode is added after its source.
fn node_of(content: &AbstractValue, world: &World) -> Option<Node> {
    const LONG_AGO: Time = Time(500_000_000_000_000_000);
    let stamp = world.stamp();
    Some(match content {
        AbstractValue::Directory(When::Now) => Node::Directory { modified: stamp },
        AbstractValue::Directory(When::Past) => Node::Directory { modified: LONG_AGO },
        AbstractValue::Directory(When::At(time)) => Node::Directory { modified: *time },
        AbstractValue::File { bytes, when, second } => {
            let modified = match (when, second) {
                (When::At(time), _) => *time,
                (When::Now, _) => stamp,
                (When::Past, When::Now) => stamp.floor(Nanos::SECOND),
                (When::Past, _) => LONG_AGO,
            };
            Node::File { content: Content::Bytes(bytes.clone()), modified }
        }
        _ => return None,
    })
}

fn put_content(state: &mut State, slot: &Slot, content: &AbstractValue, world: &World) {
    match (slot, content) {
        (Slot::Path, AbstractValue::Path(path)) => state.path = path.clone(),
        (Slot::Finder(path), AbstractValue::NoFinder) => {
            state.finders.insert(path.clone(), None);
        }
        (Slot::Finder(path), AbstractValue::Finder { recorded, names }) => {
            let recorded = match recorded {
                RecordedTime::Never => None,
                RecordedTime::Synced => {
                    entry_of(path).and_then(|path| world.get(&path)?.modified()).map(bits)
                }
                RecordedTime::Now => Some(bits(world.stamp())),
                RecordedTime::At(time) => Some(*time),
            };
            state
                .finders
                .insert(path.clone(), Some(Finder { recorded, names: names.clone(), searches: None }));
        }
        (Slot::Module(name), AbstractValue::Module(value)) => {
            state.modules.insert(name.clone(), value.clone());
        }
        (Slot::Object(id), AbstractValue::Object(object)) => {
            state.objects.insert(id.clone(), object.clone());
        }
        (Slot::Variable(name), AbstractValue::Variable(value)) => {
            state.environment.insert(name.clone(), value.clone());
        }
        _ => {}
    }
}
