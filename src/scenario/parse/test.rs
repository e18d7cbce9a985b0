//! `[[test]]`: names, steps, and which test comes after which.

use std::ops::Range;

use super::keys;
use super::name;
use super::reader::{Field, Fields, Reader};
use super::spelling;
use super::step::{self, Placed};
use crate::scenario::Test;
use crate::scenario::problem::Problem;

/// A test, as far as it could be read.
pub(super) struct RawTest<'a> {
    /// Empty if it could not be read.
    name: &'a str,
    name_span: Range<usize>,
    after: Vec<(&'a str, Range<usize>)>,
    pub(super) steps: Vec<Placed>,
}

/// The tests of a scenario whose top-level fields are `top`.
pub(super) fn tests<'a>(reader: &mut Reader, top: &Fields<'a>) -> Vec<RawTest<'a>> {
    let Some(field) = top.get("test") else {
        let problem = Problem::new(0..0, "a scenario needs at least one test").of_absence();
        reader.note(problem.help("for example: [[test]] name = \"first\" steps = [{ import = \"mod\" }]"));
        return Vec::new();
    };
    let entries = reader.array(field, "tables").unwrap_or_default();
    if field.value.as_array().is_some_and(|array| array.is_empty()) {
        reader.note(Problem::new(field.span.clone(), "a scenario needs at least one test"));
    }
    let tests: Vec<_> = entries.iter().filter_map(|entry| test(reader, entry)).collect();
    let names: Vec<_> = tests
        .iter()
        .filter(|test| !test.name.is_empty())
        .map(|test| (test.name, test.name_span.clone()))
        .collect();
    reader.repeated(&names, "test");
    tests
}

fn test<'a>(reader: &mut Reader, entry: &Field<'a>) -> Option<RawTest<'a>> {
    let fields = reader.table(entry)?;
    reader.unknown_keys(&fields, &keys::TEST);
    let name_field = fields.get("name");
    if name_field.is_none() {
        reader.missing(fields.span.clone(), "name", keys::TEST.name, "name = \"first\"");
    }
    let name = name_field.and_then(|field| name(reader, field));
    let after = fields.get("after").and_then(|field| reader.strings(field)).unwrap_or_default();
    reader.repeated(&after, "test");
    Some(RawTest {
        name: name.unwrap_or_default(),
        name_span: fields.get("name").map_or(fields.span.clone(), |field| field.span.clone()),
        after,
        steps: steps(reader, &fields),
    })
}

fn name<'a>(reader: &mut Reader, field: &Field<'a>) -> Option<&'a str> {
    let name = reader.string(field)?;
    if let Some(fault) = name::test_fault(name) {
        reader.note(Problem::new(field.span.clone(), fault));
    }
    Some(name)
}

fn steps(reader: &mut Reader, fields: &Fields<'_>) -> Vec<Placed> {
    let Some(field) = fields.get("steps") else {
        reader.missing(fields.span.clone(), "steps", keys::TEST.name, "steps = [{ import = \"mod\" }]");
        return Vec::new();
    };
    if field.value.as_array().is_some_and(|array| array.is_empty()) {
        let problem = Problem::new(field.span.clone(), "a test needs at least one step");
        reader.note(problem.help("for example: steps = [{ import = \"mod\" }]"));
    }
    step::steps(reader, field)
}

/// The names of the tests, those without one left out.
pub(super) fn names<'a>(tests: &[RawTest<'a>]) -> Vec<&'a str> {
    let names = tests.iter().map(|test| test.name);
    names.filter(|name| !name.is_empty()).collect()
}

/// The index of the test called `name`; reports a problem if there is none.
pub(super) fn index(reader: &mut Reader, names: &[&str], name: &str, span: &Range<usize>) -> Option<usize> {
    let found = names.iter().position(|other| *other == name);
    if found.is_none() {
        let problem = Problem::new(span.clone(), format!("no test is called `{name}`")).of_absence();
        reader.note(if names.is_empty() {
            problem
        } else {
            problem.help(spelling::help(name, names, "the tests are"))
        });
    }
    found
}

/// The tests with `after` as indices; reports circles.
pub(super) fn meanings(reader: &mut Reader, tests: Vec<RawTest<'_>>) -> Vec<Test> {
    let names: Vec<_> = tests.iter().map(|test| test.name).collect();
    let mut after = Vec::new();
    for test in &tests {
        let index =
            |(name, span): &(&str, Range<usize>)| Some((index(reader, &names, name, span)?, span.clone()));
        let found: Vec<(usize, Range<usize>)> = test.after.iter().filter_map(index).collect();
        after.push(found);
    }
    note_circles(reader, &names, &after);
    let meaning = |(test, after): (RawTest<'_>, Vec<(usize, Range<usize>)>)| Test {
        name: test.name.to_owned(),
        after: after.into_iter().map(|(index, _)| index).collect(),
        step_names: step::names(&test.steps),
        code_lines: step::code_lines(&test.steps),
        steps: test.steps.into_iter().map(|placed| placed.step).collect(),
    };
    tests.into_iter().zip(after).map(meaning).collect()
}

fn note_circles(reader: &mut Reader, names: &[&str], after: &[Vec<(usize, Range<usize>)>]) {
    let mut settled = vec![false; after.len()];
    loop {
        settle(&mut settled, after);
        let Some(start) = settled.iter().position(|settled| !settled) else {
            return;
        };
        let circle = circle_from(start, &settled, after);
        let shown: Vec<_> = circle.iter().chain(&circle[..1]).map(|&(test, _)| names[test]).collect();
        let place = circle.first().map_or(0..0, |(_, span)| span.clone());
        let problem = Problem::new(place, format!("`after` forms a circle: {}", shown.join(" -> ")));
        reader.note(match shown.len() {
            2 => problem.help("a test cannot come after itself"),
            _ => problem.help("read `a -> b` as: a comes after b"),
        });
        for (test, _) in circle {
            settled[test] = true;
        }
    }
}

/// Marks each test whose `after` is settled, until no more can be marked.
fn settle(settled: &mut [bool], after: &[Vec<(usize, Range<usize>)>]) {
    loop {
        let ready: Vec<_> = (0..after.len())
            .filter(|&test| !settled[test] && after[test].iter().all(|&(other, _)| settled[other]))
            .collect();
        if ready.is_empty() {
            return;
        }
        for test in ready {
            settled[test] = true;
        }
    }
}

/// A circle that can be reached from `start`: each test with the place where it names the next.
fn circle_from(
    start: usize,
    settled: &[bool],
    after: &[Vec<(usize, Range<usize>)>],
) -> Vec<(usize, Range<usize>)> {
    let mut way: Vec<(usize, Range<usize>)> = Vec::new();
    let mut at = start;
    loop {
        if let Some(begin) = way.iter().position(|&(test, _)| test == at) {
            return way.split_off(begin);
        }
        let Some((next, span)) = after[at].iter().find(|&&(other, _)| !settled[other]) else {
            return way;
        };
        way.push((at, span.clone()));
        at = *next;
    }
}
