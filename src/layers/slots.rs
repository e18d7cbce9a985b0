//! The slots of a scenario's states and the numbered contents of each: a state is a row of small numbers.

use rustc_hash::FxHashMap;

use super::abstract_value::{AbstractValue, Slot};
use crate::interpreter::NoOutcome;
use crate::world::EntryPath;

/// All slots found so far.
#[derive(Debug)]
pub(super) struct Slots {
    known: Vec<KnownSlot>,
    places: FxHashMap<Slot, usize>,
    /// The greatest number of contents of a slot.
    most: u32,
}

impl Default for Slots {
    fn default() -> Self {
        Self { known: Vec::new(), places: FxHashMap::default(), most: MOST }
    }
}

/// A slot with its contents so far; number 0 is the content that nobody has changed.
#[derive(Debug)]
struct KnownSlot {
    slot: Slot,
    /// The source that this entry would be the bytecode of.
    source: Option<EntryPath>,
    contents: Vec<AbstractValue>,
    numbers: FxHashMap<AbstractValue, u32>,
    /// The numbers that this content becomes when time passes; `UNKNOWN` if not determined yet.
    aged: [Vec<u32>; 2],
}

/// An unknown number: larger than any number of a content.
pub(super) const UNKNOWN: u32 = u32::MAX;

/// The greatest possible number of contents of a slot, so that a number and one spare bit fit into 31 bits.
const MOST: u32 = 1 << 30;

impl Slots {
    /// The number of slots.
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// The number of contents of a slot.
    pub(super) fn count(&self, place: usize) -> usize {
        self.known[place].contents.len()
    }

    /// The place of a slot, which is added if it is new.
    pub(super) fn place(&mut self, slot: &Slot) -> usize {
        if let Some(&place) = self.places.get(slot) {
            return place;
        }
        let place = self.known.len();
        let first = match slot {
            Slot::Progress(_) => AbstractValue::Progress { done: 0, failed: false },
            _ => AbstractValue::Absent,
        };
        self.known.push(KnownSlot {
            slot: slot.clone(),
            source: if let Slot::Entry(path) = slot { source_of(path) } else { None },
            numbers: FxHashMap::from_iter([(first.clone(), 0)]),
            contents: vec![first],
            aged: [Vec::new(), Vec::new()],
        });
        self.places.insert(slot.clone(), place);
        place
    }

    /// The place of a known slot.
    pub(super) fn find(&self, slot: &Slot) -> Option<usize> {
        self.places.get(slot).copied()
    }

    /// The slot at a place.
    pub(super) fn slot(&self, place: usize) -> &Slot {
        &self.known[place].slot
    }

    /// The source that the entry at a place would be the bytecode of.
    pub(super) fn source(&self, place: usize) -> Option<&EntryPath> {
        self.known[place].source.as_ref()
    }

    /// The content with this number.
    pub(super) fn content(&self, place: usize, number: u32) -> &AbstractValue {
        &self.known[place].contents[number as usize]
    }

    /// The known contents of a slot, in the order of their numbers.
    pub(super) fn contents(&self, place: usize) -> impl Iterator<Item = &AbstractValue> {
        self.known[place].contents.iter()
    }

    /// The number of a known content.
    pub(super) fn known(&self, place: usize, content: &AbstractValue) -> Option<u32> {
        self.known[place].numbers.get(content).copied()
    }

    /// The number of a content, which is added if it is new.
    ///
    /// # Errors
    /// Returns an error if the slot already has too many contents.
    pub(super) fn number(&mut self, place: usize, content: &AbstractValue) -> Result<u32, NoOutcome> {
        let met = &mut self.known[place];
        if let Some(&number) = met.numbers.get(content) {
            return Ok(number);
        }
        let next = u32::try_from(met.contents.len()).ok().filter(|&next| next < self.most);
        let number = next.ok_or_else(|| {
            let reason = format!("{:?} takes more than {} values, too many to count", met.slot, self.most);
            NoOutcome::Refused { reason }
        })?;
        met.contents.push(content.clone());
        met.numbers.insert(content.clone(), number);
        Ok(number)
    }

    /// The content after a tick, and perhaps a second, or `None` if not determined yet.
    pub(super) fn known_aged(&self, place: usize, number: u32, second_passes: bool) -> Option<u32> {
        let known = &self.known[place].aged[usize::from(second_passes)];
        known.get(number as usize).copied().filter(|&aged| aged != UNKNOWN)
    }

    /// The content after a tick, and perhaps a second.
    pub(super) fn aged(&mut self, place: usize, number: u32, second_passes: bool) -> Result<u32, NoOutcome> {
        if let Some(aged) = self.known_aged(place, number, second_passes) {
            return Ok(aged);
        }
        let content = self.content(place, number).aged(second_passes);
        let aged = self.number(place, &content)?;
        let known = &mut self.known[place].aged[usize::from(second_passes)];
        if known.len() <= number as usize {
            known.resize(number as usize + 1, UNKNOWN);
        }
        known[number as usize] = aged;
        Ok(aged)
    }

    /// The places of all slots that match.
    pub(super) fn places(&self, fits: impl Fn(&Slot) -> bool) -> Vec<usize> {
        (0..self.known.len()).filter(|&place| fits(&self.known[place].slot)).collect()
    }
}

/// The source that a path would be the bytecode of.
pub(super) fn source_of(path: &EntryPath) -> Option<EntryPath> {
    let (directory, name) = path.as_str().strip_suffix(".pyc")?.rsplit_once("__pycache__/")?;
    let (stem, _) = name.rsplit_once(".cpython-")?;
    let beside = directory.is_empty() || directory.ends_with('/');
    (beside && !name.contains('/')).then(|| EntryPath::new(&format!("{directory}{stem}.py"))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_with_too_many_contents_is_refused() {
        let mut slots = Slots { most: 3, ..Slots::default() };
        let place = slots.place(&Slot::Progress(0));
        let mut number = |done| slots.number(place, &AbstractValue::Progress { done, failed: false });
        assert_eq!([0, 1, 2, 1].map(|done| number(done).unwrap()), [0, 1, 2, 1]);
        let refused = number(3).unwrap_err().to_string();
        assert!(refused.contains("Progress(0) takes more than 3 values"), "{refused}");
    }
}
