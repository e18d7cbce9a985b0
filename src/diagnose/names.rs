//! Names in the steps of a scenario, and which of them comes in the place of which.

use std::collections::{BTreeMap, BTreeSet};

use super::taken_apart::StepTakenApart;
use crate::scenario::{Scenario, Step};

/// Which name comes in the place of which, both ways.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Names of files and directories that steps make: no others may change.
    made: BTreeSet<String>,
    pub(super) new: BTreeMap<String, String>,
    old: BTreeMap<String, String>,
}

impl Names {
    /// None has changed yet. `None` if the scenario's steps do not say them as they are.
    pub(super) fn of(scenario: &Scenario) -> Option<Self> {
        Some(Self { made: made(scenario)?, ..Self::default() })
    }

    /// Records that the names of one step come in the places of those of the other; `None` if the steps differ in more than names,
    /// or a name would come in two places.
    pub(super) fn align(&mut self, step: &StepTakenApart, other: &StepTakenApart) -> Option<()> {
        if step.rest != other.rest || step.texts.len() != other.texts.len() {
            return None;
        }
        step.texts.iter().zip(&other.texts).try_for_each(|(text, other)| self.align_texts(text, other))
    }

    fn align_texts(&mut self, text: &str, other: &str) -> Option<()> {
        let mut others = pieces(other);
        for piece in pieces(text) {
            let other = others.next()?;
            if piece != other && !self.may_change(piece, other) {
                return None;
            }
            if is_name(piece) {
                let new = self.new.entry(piece.to_owned()).or_insert_with(|| other.to_owned());
                let old = self.old.entry(other.to_owned()).or_insert_with(|| piece.to_owned());
                if new != other || old != piece {
                    return None;
                }
            }
        }
        others.next().is_none().then_some(())
    }

    /// Whether one name may come in the place of the other: both name what steps make, and both are of one length, since bytecode
    /// holds the length of its source.
    fn may_change(&self, name: &str, other: &str) -> bool {
        name.len() == other.len() && self.made.contains(name) && self.made.contains(other)
    }
}

/// The names of the files and directories that steps make, without suffixes and without those that mean something to Python.
fn made(scenario: &Scenario) -> Option<BTreeSet<String>> {
    let mut made = BTreeSet::new();
    for step in scenario.steps().filter(|step| matches!(step, Step::World(_))) {
        let paths = StepTakenApart::of(step)?.paths;
        let names = paths.iter().flat_map(|path| path.split('/')).filter_map(|name| name.split('.').next());
        made.extend(names.filter(|name| is_name(name) && !name.starts_with("__")).map(str::to_owned));
    }
    Some(made)
}

/// The words of a text, and what stands between them.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let is_other = |letter: char| is_of_word(letter) != is_of_word(first);
        let end = if is_of_word(first) { rest.find(is_other) } else { Some(first.len_utf8()) };
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(piece)
    })
}

fn is_of_word(letter: char) -> bool {
    letter == '_' || letter.is_alphanumeric()
}

fn is_name(piece: &str) -> bool {
    piece.starts_with(|first: char| first == '_' || first.is_alphabetic())
}
