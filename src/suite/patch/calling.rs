//! Changes of a brittle test that calls its state-setters itself.

use super::candidate::{PatchCandidate, PatchReach, parameter};
use super::edits::Edit;
use super::place::{Held, PythonPlace, as_written, is_expression};
use super::setting::{NeedyTest, parameters};
use super::source::{FoundFunction, TestSource};
use crate::suite::runner::cell::{Cell, ValueKind};

impl NeedyTest<'_> {
    /// The test calls its state-setters, with the fixtures that they take: always, or only where the state is not there yet.
    pub(super) fn calling(&self, setters: &[(&str, &TestSource)]) -> Vec<PatchCandidate> {
        let Some((lines, edits)) = self.calls(setters) else { return Vec::new() };
        let what = format!("{} calls its state-setter", self.name());
        let always = self.at_start(PatchReach::Beside, what, &[], &lines);
        let always = always.map(|candidate| candidate.with(self.source, edits.clone()));
        always.into_iter().chain(self.calling_where_missing(&lines, edits)).collect()
    }

    fn calling_where_missing(&self, calls: &[String], edits: Vec<Edit>) -> Option<PatchCandidate> {
        let places: Option<Vec<(PythonPlace, String)>> =
            self.group.first().state.iter().map(|cell| self.is_missing(cell)).collect();
        let places = places.filter(|places| !places.is_empty())?;
        let modules: Vec<String> =
            places.iter().flat_map(|(place, _)| place.imports.iter().cloned()).collect();
        let conditions: Vec<&str> = places.iter().map(|(_, condition)| condition.as_str()).collect();
        let mut lines = vec![format!("if {}:", conditions.join(" or "))];
        lines.extend(calls.iter().map(|call| format!("    {call}")));
        let what = format!("{} calls its state-setter if it has not run", self.name());
        Some(self.at_start(PatchReach::Beside, what, &modules, &lines)?.with(self.source, edits))
    }

    /// The condition that a cell has the value of the test alone.
    fn is_missing(&self, cell: &Cell) -> Option<(PythonPlace, String)> {
        let place = PythonPlace::of(cell, self.source)?;
        let (here, holder) = (place.expression(), &place.holder);
        let condition = match &place.held {
            Held::Item(key) if place.is_new => format!("{key} not in {holder}"),
            Held::Attribute(name) if place.is_new => {
                format!("not hasattr({holder}, {})", self.source.quoted(name))
            }
            Held::Item(_) | Held::Attribute(_) => match cell.alone.as_str() {
                "None" => format!("{here} is None"),
                "False" | "[]" | "{}" | "''" | "0" => format!("not {here}"),
                text if cell.alone_is != ValueKind::Absent && is_literal(text) => {
                    format!("{here} == {}", as_written(text, self.source))
                }
                _ => return None,
            },
            Held::List | Held::Set if ["[]", "set()"].contains(&cell.alone.as_str()) => {
                format!("not {holder}")
            }
            _ => return None,
        };
        Some((place, condition))
    }

    /// The calls of the state-setters, and the changes by which the test gets their fixtures.
    fn calls(&self, setters: &[(&str, &TestSource)]) -> Option<(Vec<String>, Vec<Edit>)> {
        let (mut lines, mut edits) = (Vec::new(), Vec::new());
        let class = |found: &FoundFunction<'_>| found.class.map(|class| class.name.to_string());
        for (id, source) in setters {
            let setter = source.find(id).ok().filter(|_| source.path == self.source.path)?;
            let arguments = parameters(&setter);
            let name = setter.function.name.as_str();
            let (callee, arguments) = match arguments.split_first() {
                Some((&"self", rest)) if class(&setter) == class(&self.found) => {
                    (format!("self.{name}"), rest)
                }
                _ if setter.class.is_none() => (name.to_owned(), &arguments[..]),
                _ => return None,
            };
            if setter.function.is_async {
                return None;
            }
            for argument in arguments {
                edits.extend(parameter(self.found.function, argument)?);
            }
            lines.push(format!("{callee}({})", arguments.join(", ")));
        }
        if edits.len() > 1 {
            // Several parameters at one place would need commas between them.
            return None;
        }
        Some((lines, edits))
    }
}

/// Whether a text is a number or a text as Python writes it.
fn is_literal(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || "-'".contains(first))
        && is_expression(text)
        && !text.contains("...")
}
