//! Names and whole numbers in the steps of a scenario, and which of them comes in the place of which. Code that only binds names and
//! imports modules does the same with any number, so one may come in the place of another as a name may.

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
        let (all, others): (Vec<&str>, Vec<&str>) = (pieces(text).collect(), pieces(other).collect());
        if all.len() != others.len() {
            return None;
        }
        for (at, (&piece, &other)) in all.iter().zip(&others).enumerate() {
            let may_change =
                || self.may_change(piece, other) || (is_value(&all, at) && is_value(&others, at));
            if piece != other && (piece.len() != other.len() || !may_change()) {
                return None;
            }
            if is_name(piece) || is_number(piece) {
                let new = self.new.entry(piece.to_owned()).or_insert_with(|| other.to_owned());
                let old = self.old.entry(other.to_owned()).or_insert_with(|| piece.to_owned());
                if new != other || old != piece {
                    return None;
                }
            }
        }
        Some(())
    }

    /// Whether one name may come in the place of the other of its length (bytecode holds that of its source): both name what steps make.
    fn may_change(&self, name: &str, other: &str) -> bool {
        self.made.contains(name) && self.made.contains(other)
    }

    /// Whether a text has a number in whose place another comes. In steps that are no scenario's, nobody knows what a number means.
    pub(super) fn changes_number_in(&self, text: &str) -> bool {
        pieces(text).any(|piece| is_number(piece) && self.new.get(piece).is_some_and(|new| new != piece))
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

fn is_number(piece: &str) -> bool {
    piece.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether a piece is a number and all of the value that a name is bound to, or that is expected.
fn is_value(pieces: &[&str], at: usize) -> bool {
    let before = pieces[..at].iter().rev().find(|piece| **piece != " ");
    let after = pieces[at + 1..].iter().find(|piece| **piece != " ");
    let is_bound = matches!(before, None | Some(&"="))
        && !matches!(
            pieces[..at].iter().rev().filter(|piece| **piece != " ").nth(1),
            Some(&("=" | "!" | "<" | ">"))
        );
    is_number(pieces[at]) && is_bound && matches!(after, None | Some(&"\n"))
}
