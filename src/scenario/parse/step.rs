//! One step: its verb, and the keys that belong to that verb. `meaning` says what it does.

use std::ops::Range;

use super::meaning::meaning;
use super::reader::{Field, Fields, Reader};
use super::spelling;
use crate::scenario::problem::Problem;
use crate::scenario::{CodeLines, Step, StepNames};

/// The verbs, each with the other keys that it allows beside [`NAME`].
pub(in crate::scenario) const VERBS: [(&str, &[&str]); 21] = [
    ("write", &["text", "mtime"]),
    ("copy", &["to", "mtime"]),
    ("mkdir", &[]),
    ("remove", &[]),
    ("rename", &["to"]),
    ("symlink", &["to"]),
    ("touch", &["mtime"]),
    ("sleep", &[]),
    ("import", &["names", "lazy", "expect", "raises", "warns"]),
    ("reload", &["expect", "raises", "warns"]),
    ("run-module", &["raises", "warns"]),
    ("compile", &["invalidation"]),
    ("sys-path", &["position", "as"]),
    ("invalidate-caches", &[]),
    ("forget", &[]),
    ("not-imported", &[]),
    ("check", &[]),
    ("setenv", &["value"]),
    ("unsetenv", &[]),
    ("chdir", &[]),
    ("exec", &["raises", "warns"]),
];

/// The verbs whose text is Python that the step runs.
const CODE: [&str; 2] = ["exec", "check"];

/// The key that every step allows: what reports call it.
pub(in crate::scenario) const NAME: &str = "name";

/// A step, its place, and what reports call it.
pub(super) struct Placed {
    pub(super) step: Step,
    pub(super) span: Range<usize>,
    pub(super) name: Option<String>,
    /// The lines of the file on which the lines of its code begin; empty if it has no code.
    code_lines: Vec<usize>,
}

/// The names of those steps that have one, by their number from 1.
pub(super) fn names(steps: &[Placed]) -> StepNames {
    let numbered = steps.iter().enumerate();
    numbered.filter_map(|(at, placed)| Some((at + 1, placed.name.clone()?))).collect()
}

/// Where the code of those steps stands that have code, by their number from 1.
pub(super) fn code_lines(steps: &[Placed]) -> CodeLines {
    let numbered = steps.iter().enumerate().filter(|(_, placed)| !placed.code_lines.is_empty());
    numbered.map(|(at, placed)| (at + 1, placed.code_lines.clone())).collect()
}

/// The steps of the array in `field`.
pub(super) fn steps(reader: &mut Reader, field: &Field<'_>) -> Vec<Placed> {
    let entries = reader.array(field, "steps").unwrap_or_default();
    entries.iter().filter_map(|entry| step(reader, entry)).collect()
}

fn step(reader: &mut Reader, entry: &Field<'_>) -> Option<Placed> {
    if !entry.value.is_table() {
        let problem = Problem::new(entry.span.clone(), "a step must be a table with one verb");
        reader.note(problem.help("for example: { import = \"mod\" }"));
        return None;
    }
    let fields = reader.table(entry)?;
    let (verb, beside) = verb(reader, &fields)?;
    for (key, field) in fields.iter().filter(|(key, _)| *key != verb && *key != NAME) {
        if !beside.contains(&key) {
            let problem = foreign_key(key, field, verb, beside);
            reader.note(problem);
        }
    }
    let name = fields.get(NAME).map(|field| name(reader, field));
    let object = fields.get(verb)?.clone();
    let code_lines = if CODE.contains(&verb) { reader.lines(&object) } else { Vec::new() };
    let step = meaning(reader, verb, &object, &fields)?;
    Some(Placed { step, span: entry.span.clone(), name: name.flatten(), code_lines })
}

fn name(reader: &mut Reader, field: &Field<'_>) -> Option<String> {
    let name = reader.string(field)?;
    let fault = match name.trim() {
        "" => "the name of a step is empty",
        trimmed if trimmed != name => "the name of a step begins or ends with a blank",
        _ if name.chars().any(char::is_control) => "the name of a step holds a control character",
        _ => return Some(name.to_owned()),
    };
    reader.note(Problem::new(field.span.clone(), fault));
    None
}

/// The one verb of a step with the other keys that it allows.
fn verb(reader: &mut Reader, fields: &Fields<'_>) -> Option<(&'static str, &'static [&'static str])> {
    let has = |(verb, _): &&(&str, _)| fields.get(verb).is_some();
    let found: Vec<_> = VERBS.iter().filter(has).collect();
    match found[..] {
        [&(verb, beside)] => return Some((verb, beside)),
        [] => without_verb(reader, fields),
        _ => several_verbs(reader, fields),
    }
    None
}

fn without_verb(reader: &mut Reader, fields: &Fields<'_>) {
    let verbs: Vec<_> = VERBS.iter().map(|(verb, _)| *verb).collect();
    let is_companion = |key: &str| key == NAME || VERBS.iter().any(|(_, beside)| beside.contains(&key));
    let misspelt = fields.iter().find(|(key, _)| spelling::nearest(key, &verbs).is_some());
    let culprit = misspelt.or_else(|| fields.iter().find(|(key, _)| !is_companion(key)));
    let Some((key, field)) = culprit else {
        let problem = Problem::new(fields.span.clone(), "a step needs a verb").of_absence();
        reader.note(problem.help(format!("the verbs are {}", spelling::list(&verbs))));
        return;
    };
    let problem = Problem::new(field.key.clone(), format!("unknown verb `{key}`"));
    reader.note(problem.help(spelling::help(key, &verbs, "the verbs are")));
    unknown_keys(reader, fields, key);
}

fn several_verbs(reader: &mut Reader, fields: &Fields<'_>) {
    let is_verb = |key: &str| VERBS.iter().any(|(verb, _)| *verb == key);
    let mut verbs = fields.iter().filter(|(key, _)| is_verb(key));
    let (Some((first, first_field)), Some((second, second_field))) = (verbs.next(), verbs.next()) else {
        return;
    };
    let problem = Problem::new(
        second_field.key.clone(),
        format!("a step has one verb, and this one has both `{first}` and `{second}`"),
    );
    reader.note(
        problem
            .related(first_field.key.clone(), "the first verb")
            .help(format!("make it two steps: {{ {first} = ... }}, {{ {second} = ... }}")),
    );
    unknown_keys(reader, fields, "");
}

/// Reports the keys that no verb allows, except `spared`.
fn unknown_keys(reader: &mut Reader, fields: &Fields<'_>, spared: &str) {
    for (key, field) in fields.iter().filter(|(key, _)| *key != spared && *key != NAME) {
        let known = VERBS.iter().any(|(verb, beside)| *verb == key || beside.contains(&key));
        if !known {
            let message = format!("unknown key `{key}` in a step");
            reader.note(Problem::new(field.key.clone(), message));
        }
    }
}

/// The problem of a key that `verb` does not allow.
fn foreign_key(key: &str, field: &Field<'_>, verb: &str, beside: &[&str]) -> Problem {
    let owners: Vec<_> =
        VERBS.iter().filter(|(_, companions)| companions.contains(&key)).map(|(owner, _)| *owner).collect();
    if !owners.is_empty() {
        return Problem::new(field.key.clone(), format!("`{key}` does not go with `{verb}`"))
            .help(format!("it goes with {}", spelling::list(&owners)));
    }
    let problem = Problem::new(field.key.clone(), format!("unknown key `{key}` beside `{verb}`"));
    if beside.is_empty() {
        problem.help(format!("`{verb}` takes no other key but `{NAME}`"))
    } else {
        problem.help(spelling::help(key, beside, "allowed here:"))
    }
}
