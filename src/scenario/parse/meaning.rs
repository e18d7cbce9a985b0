//! What a step does, by its verb. `step` has made sure that the verb allows the step's other keys.

use std::sync::Arc;

use super::check::check;
use super::entries::{entry, operation};
use super::name::{self, Root};
use super::reader::{Field, Fields, Reader};
use super::spelling;
use crate::scenario::problem::Problem;
use crate::scenario::{Action, Invalidation, Position, Step};

/// The meaning of a step with this verb, whose value is `object`.
pub(super) fn meaning(
    reader: &mut Reader,
    verb: &str,
    object: &Field<'_>,
    fields: &Fields<'_>,
) -> Option<Step> {
    match verb {
        "write" | "copy" | "mkdir" | "remove" | "rename" | "symlink" | "touch" | "sleep" => {
            Some(Step::World(operation(reader, verb, object, fields)?))
        }
        _ => Some(Step::Interpreter(action(reader, verb, object, fields)?)),
    }
}

/// The action of a step that the interpreter performs.
fn action(reader: &mut Reader, verb: &str, object: &Field<'_>, fields: &Fields<'_>) -> Option<Action> {
    match verb {
        "import" => import(reader, object, fields),
        "reload" => {
            let module = module(reader, object);
            let check = check(reader, fields)?;
            Some(Action::Reload { module: module?, check })
        }
        "run-module" => {
            let module = module(reader, object);
            let check = check(reader, fields)?;
            Some(Action::RunModule { module: module?, check })
        }
        "compile" => compile(reader, object, fields),
        "sys-path" => sys_path(reader, object, fields),
        "invalidate-caches" => invalidate_caches(reader, object),
        "forget" => Some(Action::Forget(module(reader, object)?)),
        "not-imported" => Some(Action::NotImported(module(reader, object)?)),
        "check" => expression(reader, object),
        "setenv" => set_variable(reader, object, fields),
        "unsetenv" => Some(Action::SetVariable { name: variable(reader, object)?, value: None }),
        "chdir" => Some(Action::ChangeDirectory(entry(reader, object, Root::Allowed)?)),
        _ => {
            let code = reader.string(object).map(Arc::from);
            let check = check(reader, fields)?;
            Some(Action::Exec { code: code?, check })
        }
    }
}

fn import(reader: &mut Reader, object: &Field<'_>, fields: &Fields<'_>) -> Option<Action> {
    let module = module(reader, object);
    let names = fields.get("names").map(|field| names(reader, field));
    let lazy = fields.get("lazy").map(|field| only_true(reader, field, "lazy"));
    let check = check(reader, fields);
    if let (Some(lazy), Some(names)) = (fields.get("lazy"), fields.get("names")) {
        let problem = Problem::new(names.key.clone(), "`names` and `lazy` exclude each other");
        reader.note(
            problem
                .related(lazy.key.clone(), "the module is not loaded yet after this step")
                .help("read the names in a later step: { check = \"mod.name == 1\" }"),
        );
        return None;
    }
    let (module, check) = (module?, check?);
    Some(match lazy {
        None => Action::Import { module, names: names.unwrap_or_default(), check },
        Some(lazy) => {
            lazy?;
            Action::LazyImport { module, check }
        }
    })
}

fn compile(reader: &mut Reader, object: &Field<'_>, fields: &Fields<'_>) -> Option<Action> {
    let path = entry(reader, object, Root::Forbidden);
    let invalidation = match fields.get("invalidation") {
        Some(field) => invalidation(reader, field)?,
        None => Invalidation::Timestamp,
    };
    let path = path?;
    if path.name().strip_suffix(".py").is_some_and(|stem| !stem.is_empty()) {
        return Some(Action::Compile { path, invalidation });
    }
    let problem = Problem::new(object.span.clone(), format!("`{path}` is no Python source"));
    reader.note(problem.help("name a file that ends in .py"));
    None
}

fn invalidation(reader: &mut Reader, field: &Field<'_>) -> Option<Invalidation> {
    let written = reader.string(field)?;
    let found = Invalidation::ALL.into_iter().find(|mode| mode.word() == written);
    if found.is_none() {
        let problem = Problem::new(field.span.clone(), format!("unknown invalidation mode `{written}`"));
        let modes = Invalidation::ALL.map(Invalidation::word);
        reader.note(problem.help(spelling::help(written, &modes, "the modes are")));
    }
    found
}

fn expression(reader: &mut Reader, object: &Field<'_>) -> Option<Action> {
    let written = reader.string(object)?.trim();
    if written.is_empty() {
        let problem = Problem::new(object.span.clone(), "the expression is empty");
        reader.note(problem.help("for example: { check = \"mod.value == 1\" }"));
        return None;
    }
    Some(Action::Evaluate(Arc::from(written)))
}

fn set_variable(reader: &mut Reader, object: &Field<'_>, fields: &Fields<'_>) -> Option<Action> {
    let name = variable(reader, object);
    let Some(field) = fields.get("value") else {
        reader.missing(fields.span.clone(), "value", "`setenv`", "{ setenv = \"MODE\", value = \"fast\" }");
        return None;
    };
    let value = reader.string(field)?;
    if value.contains('\0') {
        let message = "the value of a variable cannot hold a NUL character";
        reader.note(Problem::new(field.span.clone(), message));
        return None;
    }
    Some(Action::SetVariable { name: name?, value: Some(value.to_owned()) })
}

fn variable(reader: &mut Reader, object: &Field<'_>) -> Option<String> {
    let name = reader.string(object)?;
    if !name.is_empty() && !name.contains(['=', '\0']) {
        return Some(name.to_owned());
    }
    let message = "the name of a variable is not empty and has neither `=` nor NUL in it";
    reader.note(Problem::new(object.span.clone(), message));
    None
}

fn sys_path(reader: &mut Reader, object: &Field<'_>, fields: &Fields<'_>) -> Option<Action> {
    let position = fields.get("position").map_or(Some(Position::Last), |field| position(reader, field));
    if let Some(field) = fields.get("as") {
        as_written(reader, field)?;
        let text = path_text(reader, object)?;
        return Some(Action::SysPathText { text, position: position? });
    }
    let path = entry(reader, object, Root::Allowed)?;
    Some(Action::SysPath { path, position: position? })
}

fn as_written(reader: &mut Reader, field: &Field<'_>) -> Option<()> {
    let form = reader.string(field)?;
    if form != "written" {
        let problem = Problem::new(field.span.clone(), format!("unknown form `{form}`"));
        reader.note(problem.help("the only form is \"written\"; leave it out for the absolute path"));
        return None;
    }
    Some(())
}

/// A text that goes on `sys.path` as it is. Where it leads depends on the working directory of the moment.
fn path_text(reader: &mut Reader, field: &Field<'_>) -> Option<String> {
    let text = reader.string(field)?;
    let fault = if text.contains('\0') {
        "a path cannot hold a NUL character".to_owned()
    } else if text.starts_with('/') {
        format!("the path `{text}` is absolute")
    } else {
        return Some(text.to_owned());
    };
    reader.note(Problem::new(field.span.clone(), fault));
    None
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

fn invalidate_caches(reader: &mut Reader, object: &Field<'_>) -> Option<Action> {
    if reader.boolean(object)? {
        return Some(Action::InvalidateCaches);
    }
    let problem = Problem::new(object.span.clone(), "`invalidate-caches = false` does nothing");
    reader.note(problem.help("write true, or leave the step out"));
    None
}

/// A key that is there to be true.
fn only_true(reader: &mut Reader, field: &Field<'_>, key: &str) -> Option<()> {
    if reader.boolean(field)? {
        return Some(());
    }
    let problem = Problem::new(field.span.clone(), format!("`{key} = false` does nothing"));
    reader.note(problem.help("write true, or leave the key out"));
    None
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
