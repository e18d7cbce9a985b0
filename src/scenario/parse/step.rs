//! One step: its verb, the keys that belong to that verb, and its meaning.

use std::ops::Range;
use std::sync::Arc;

use super::clock;
use super::literal;
use super::name::{self, Root};
use super::reader::{Field, Fields, Reader};
use super::spelling;
use crate::scenario::problem::Problem;
use crate::scenario::{Action, Check, Position, Step};
use crate::world::{EntryPath, Operation};

/// The verbs, each with the other keys that it allows.
pub(in crate::scenario) const VERBS: [(&str, &[&str]); 12] = [
    ("write", &["text"]),
    ("mkdir", &[]),
    ("remove", &[]),
    ("rename", &["to"]),
    ("touch", &[]),
    ("sleep", &[]),
    ("import", &["names", "expect", "raises"]),
    ("sys-path", &["position"]),
    ("invalidate-caches", &[]),
    ("forget", &[]),
    ("reload", &["expect", "raises"]),
    ("exec", &["raises"]),
];

/// A step and its place.
pub(super) struct Placed {
    pub(super) step: Step,
    pub(super) span: Range<usize>,
}

/// The steps of the array in `field`.
pub(super) fn steps(reader: &mut Reader, field: &Field<'_>) -> Vec<Placed> {
    let entries = reader.array(field, "steps").unwrap_or_default();
    let placed = |entry: &Field<'_>| Some(Placed { step: step(reader, entry)?, span: entry.span.clone() });
    entries.iter().filter_map(placed).collect()
}

fn step(reader: &mut Reader, entry: &Field<'_>) -> Option<Step> {
    if !entry.value.is_table() {
        let problem = Problem::new(entry.span.clone(), "a step must be a table with one verb");
        reader.note(problem.help("for example: { import = \"mod\" }"));
        return None;
    }
    let fields = reader.table(entry)?;
    let (verb, beside) = verb(reader, &fields)?;
    for (key, field) in fields.iter().filter(|(key, _)| *key != verb) {
        if !beside.contains(&key) {
            let problem = foreign_key(key, field, verb, beside);
            reader.note(problem);
        }
    }
    let object = fields.get(verb)?.clone();
    meaning(reader, verb, &object, &fields)
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
    let is_companion = |key: &str| VERBS.iter().any(|(_, beside)| beside.contains(&key));
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
    for (key, field) in fields.iter().filter(|(key, _)| *key != spared) {
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
        problem.help(format!("`{verb}` takes no other keys"))
    } else {
        problem.help(spelling::help(key, beside, "allowed here:"))
    }
}

/// The action of a step with this verb, whose value is `object`.
fn meaning(reader: &mut Reader, verb: &str, object: &Field<'_>, fields: &Fields<'_>) -> Option<Step> {
    let step = match verb {
        "write" => {
            let path = entry(reader, object, Root::Forbidden);
            let text = fields.get("text").map(|field| reader.string(field));
            let text = Arc::from(text.unwrap_or(Some(""))?);
            Step::World(Operation::Write { path: path?, text })
        }
        "mkdir" => Step::World(Operation::Mkdir(entry(reader, object, Root::Forbidden)?)),
        "remove" => Step::World(Operation::Remove(entry(reader, object, Root::Forbidden)?)),
        "touch" => Step::World(Operation::Touch(entry(reader, object, Root::Allowed)?)),
        "rename" => rename(reader, object, fields)?,
        "sleep" => Step::World(Operation::Sleep(clock::duration(reader, object)?)),
        "import" => import(reader, object, fields)?,
        "reload" => {
            let module = module(reader, object);
            let check = check(reader, fields)?;
            Step::Interpreter(Action::Reload { module: module?, check })
        }
        "sys-path" => sys_path(reader, object, fields)?,
        "invalidate-caches" => invalidate_caches(reader, object)?,
        "forget" => Step::Interpreter(Action::Forget(module(reader, object)?)),
        _ => {
            let code = reader.string(object).map(Arc::from);
            let check = check(reader, fields)?;
            Step::Interpreter(Action::Exec { code: code?, check })
        }
    };
    Some(step)
}

fn rename(reader: &mut Reader, object: &Field<'_>, fields: &Fields<'_>) -> Option<Step> {
    let from = entry(reader, object, Root::Forbidden);
    let Some(to) = fields.get("to") else {
        reader.missing(fields.span.clone(), "to", "`rename`", "{ rename = \"a.py\", to = \"b.py\" }");
        return None;
    };
    let to = entry(reader, to, Root::Forbidden)?;
    Some(Step::World(Operation::Rename { from: from?, to }))
}

fn import(reader: &mut Reader, object: &Field<'_>, fields: &Fields<'_>) -> Option<Step> {
    let module = module(reader, object);
    let names = fields.get("names").map(|field| names(reader, field));
    let check = check(reader, fields);
    Some(Step::Interpreter(Action::Import {
        module: module?,
        names: names.unwrap_or_default(),
        check: check?,
    }))
}

fn sys_path(reader: &mut Reader, object: &Field<'_>, fields: &Fields<'_>) -> Option<Step> {
    let path = entry(reader, object, Root::Allowed);
    let position = match fields.get("position") {
        Some(field) => position(reader, field)?,
        None => Position::Last,
    };
    Some(Step::Interpreter(Action::SysPath { path: path?, position }))
}

fn position(reader: &mut Reader, field: &Field<'_>) -> Option<Position> {
    match reader.string(field)? {
        "first" => Some(Position::First),
        "last" => Some(Position::Last),
        other => {
            let problem = Problem::new(field.span.clone(), format!("unknown position `{other}`"));
            reader.note(problem.help(spelling::help(other, &["first", "last"], "the positions are")));
            None
        }
    }
}

fn invalidate_caches(reader: &mut Reader, object: &Field<'_>) -> Option<Step> {
    if reader.boolean(object)? {
        return Some(Step::Interpreter(Action::InvalidateCaches));
    }
    let problem = Problem::new(object.span.clone(), "`invalidate-caches = false` does nothing");
    reader.note(problem.help("write true, or leave the step out"));
    None
}

/// What must hold after the step, according to its `expect` and `raises`.
fn check(reader: &mut Reader, fields: &Fields<'_>) -> Option<Check> {
    let expected = fields.get("expect").map(|field| literal::expect(reader, field));
    let raised = fields.get("raises").map(|field| raises(reader, field));
    if let (Some(expect), Some(raises)) = (fields.get("expect"), fields.get("raises")) {
        let problem = Problem::new(raises.key.clone(), "`raises` and `expect` exclude each other");
        reader.note(
            problem
                .related(expect.key.clone(), "this expectation has no effect")
                .help("a step that raises leaves nothing to compare: keep one of the two"),
        );
    }
    expected.or(raised).unwrap_or(Some(Check::Nothing))
}

fn raises(reader: &mut Reader, field: &Field<'_>) -> Option<Check> {
    let written = reader.string(field)?;
    match name::identifier(written, &field.span, "name of an exception") {
        Ok(exception) => Some(Check::Raises(exception)),
        Err(problem) => {
            reader.note(problem);
            None
        }
    }
}

fn names(reader: &mut Reader, field: &Field<'_>) -> Vec<String> {
    let Some(strings) = reader.strings(field) else {
        return Vec::new();
    };
    if field.value.as_array().is_some_and(|array| array.is_empty()) {
        let problem = Problem::new(field.span.clone(), "`names` is empty");
        reader.note(problem.help("leave it out for a plain import"));
    }
    let mut names = Vec::new();
    for (written, span) in strings {
        match name::identifier(written, &span, "name to import") {
            Ok(name) => names.push(name),
            Err(problem) => reader.note(problem),
        }
    }
    names
}

fn module(reader: &mut Reader, field: &Field<'_>) -> Option<String> {
    let written = reader.string(field)?;
    match name::dotted(written, &field.span, "module") {
        Ok(_) => Some(written.to_owned()),
        Err(problem) => {
            reader.note(problem);
            None
        }
    }
}

fn entry(reader: &mut Reader, field: &Field<'_>, root: Root) -> Option<EntryPath> {
    let written = reader.string(field)?;
    let verb = field.name.trim_matches('`');
    match name::path(written, &field.span, root, verb) {
        Ok(path) => Some(path),
        Err(problem) => {
            reader.note(problem);
            None
        }
    }
}
