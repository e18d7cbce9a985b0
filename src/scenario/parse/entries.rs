//! Steps that change the file tree, and the paths that steps name.

use std::sync::Arc;

use super::clock;
use super::mtime::modified_at;
use super::name::{self, Root};
use super::reader::{Field, Fields, Reader};
use crate::scenario::copied::read_copied;
use crate::scenario::problem::Problem;
use crate::world::{EntryPath, Mtime, Operation};

/// The operation of a step on the world with this verb, or `None` if the step has a problem.
pub(super) fn operation(
    reader: &mut Reader,
    verb: &str,
    object: &Field<'_>,
    fields: &Fields<'_>,
) -> Option<Operation> {
    match verb {
        "write" => write(reader, object, fields),
        "copy" => copy(reader, object, fields),
        "mkdir" => Some(Operation::Mkdir(entry(reader, object, Root::Forbidden)?)),
        "remove" => Some(Operation::Remove(entry(reader, object, Root::Forbidden)?)),
        "rename" => {
            let from = entry(reader, object, Root::Forbidden);
            let to = destination(reader, fields, Root::Forbidden, "{ rename = \"a.py\", to = \"b.py\" }")?;
            Some(Operation::Rename { from: from?, to })
        }
        "symlink" => {
            let path = entry(reader, object, Root::Forbidden);
            let to = destination(reader, fields, Root::Allowed, "{ symlink = \"current\", to = \"v1\" }")?;
            Some(Operation::Link { path: path?, to })
        }
        "touch" => {
            let path = entry(reader, object, Root::Allowed);
            let mtime = mtime(reader, fields)?;
            Some(Operation::Touch { path: path?, mtime })
        }
        _ => Some(Operation::Sleep(clock::duration(reader, object)?)),
    }
}

fn write(reader: &mut Reader, object: &Field<'_>, fields: &Fields<'_>) -> Option<Operation> {
    let path = entry(reader, object, Root::Forbidden);
    let text = fields.get("text").map(|field| reader.string(field));
    let mtime = mtime(reader, fields);
    let text = Arc::from(text.unwrap_or(Some(""))?);
    Some(Operation::Write { path: path?, text, mtime: mtime? })
}

fn copy(reader: &mut Reader, object: &Field<'_>, fields: &Fields<'_>) -> Option<Operation> {
    let written = reader.string(object);
    let to = destination(reader, fields, Root::Allowed, "{ copy = \"fixtures/pkg\", to = \"lib/pkg\" }");
    let mtime = mtime(reader, fields);
    let (written, to) = (written?, to?);
    let path = reader.real_path(object, written)?;
    let source = match read_copied(&path, written) {
        Ok(source) => source,
        Err(error) => {
            let problem = Problem::new(object.span.clone(), format!("cannot copy `{written}`: {error}"));
            reader.note(problem.help("it is named relative to the scenario file"));
            return None;
        }
    };
    let is_file = source.entries.first().is_some_and(|(_, content)| content.is_some());
    if is_file && to.is_root() {
        let field = fields.get("to")?;
        let problem =
            Problem::new(field.span.clone(), "a file cannot be copied over the ordering's directory");
        reader.note(problem.help("name the file that it becomes, such as \"lib/mod.py\""));
        return None;
    }
    Some(Operation::Copy { source: Arc::new(source), to, mtime: mtime? })
}

/// The path in `to`, which the verb needs.
fn destination(reader: &mut Reader, fields: &Fields<'_>, root: Root, example: &str) -> Option<EntryPath> {
    let Some(to) = fields.get("to") else {
        let verb = example.trim_start_matches("{ ").split(' ').next().unwrap_or_default();
        reader.missing(fields.span.clone(), "to", &format!("`{verb}`"), example);
        return None;
    };
    entry(reader, to, root)
}

/// The modification time that the step gives, if any; `None` if it has a problem.
#[expect(
    clippy::option_option,
    reason = "the outer one is for a problem, the inner one for a key that may be missing"
)]
fn mtime(reader: &mut Reader, fields: &Fields<'_>) -> Option<Option<Mtime>> {
    match fields.get("mtime") {
        Some(field) => modified_at(reader, field).map(Some),
        None => Some(None),
    }
}

/// The path in `field`, within the ordering's directory.
pub(super) fn entry(reader: &mut Reader, field: &Field<'_>, root: Root) -> Option<EntryPath> {
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
