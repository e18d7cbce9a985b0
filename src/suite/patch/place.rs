//! The place of a cell as Python writes it in one file: the expression of what holds it, and the imports for that.

use std::path::Path;

use super::names::ImportedNames;
use super::shadowed::is_shadowed;
use super::source::TestSource;
use crate::nesting;
use crate::suite::runner::cell::{Cell, CellKind, ValueKind};

/// What lies at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Held {
    /// An attribute of the holder.
    Attribute(String),
    /// An entry of the holder; its key as an expression.
    Item(String),
    /// The entries of the holder, where their order changes or the key of the one that changes cannot be written.
    Entries,
    /// The content of the holder, which is a list or an array.
    List,
    /// The content of the holder, which is a deque.
    Queue,
    /// The content of the holder, which is a set.
    Set,
    /// What was written to the holder, a stream in memory.
    Written,
    /// Whether anybody holds the holder, which is a lock.
    Lock,
    /// The tables of the holder, which is a connection to a database in memory.
    Database,
    /// What the holder, a function, has cached.
    Cache,
    /// What the holder, a variable of a context, holds.
    Variable,
}

/// A place within Python objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PythonPlace {
    /// The expression of what holds it.
    pub(super) holder: String,
    pub(super) held: Held,
    /// Whether the holder is a module.
    pub(super) of_module: bool,
    /// Whether there is no value when the victim runs alone.
    pub(super) is_new: bool,
    /// Modules that the expressions need, and that the file does not import; or whole statements that import from one.
    pub(super) imports: Vec<String>,
}

impl PythonPlace {
    /// The place of a cell in the words of a file, or `None` if it cannot be written there.
    pub(super) fn of(cell: &Cell, source: &TestSource) -> Option<Self> {
        let is_new = cell.alone_is == ValueKind::Absent;
        let at = |holder: &str, held, module: &str| {
            let of_module = false;
            let imports = imports_for(source, module);
            Some(Self { holder: holder.to_owned(), held, of_module, is_new, imports })
        };
        match cell.kind {
            CellKind::Environment => {
                return at(&named(source, "os.environ"), Held::Item(source.quoted(&cell.key)), "os");
            }
            CellKind::Module => {
                return at(&named(source, "sys.modules"), Held::Item(source.quoted(&cell.key)), "sys");
            }
            CellKind::Process if cell.key == "os.environ" => {
                let of_os = at("os", Held::Attribute("environ".to_owned()), "os")?;
                return Some(Self { of_module: true, ..of_os });
            }
            _ => {}
        }
        let home = cell.home.as_deref()?;
        let rest = cell.cell.strip_prefix(home)?;
        let (holder, held) = parts(cell, rest, source)?;
        let ((holder, of_module), mut imports) = in_file(home, holder, source)?;
        let (holder, held) = with_closures(&holder, held, source);
        if holder.contains("inspect.") {
            imports.extend(imports_for(source, "inspect"));
        }
        is_expression(&holder).then_some(Self { holder, held, of_module, is_new, imports })
    }

    /// The place itself as an expression.
    pub(super) fn expression(&self) -> String {
        match &self.held {
            Held::Attribute(name) => format!("{}.{name}", self.holder),
            Held::Item(key) => format!("{}[{key}]", self.holder),
            _ => self.holder.clone(),
        }
    }
}

fn imports_for(source: &TestSource, module: &str) -> Vec<String> {
    let is_there = ImportedNames::of(source).module(module).is_some();
    if is_there { Vec::new() } else { vec![module.to_owned()] }
}

/// A content of a module as the file calls it.
pub(super) fn named(source: &TestSource, full: &str) -> String {
    let names = ImportedNames::of(source);
    let (module, name) = full.rsplit_once('.').unwrap_or(("", full));
    let module = names.module(module).unwrap_or_else(|| module.to_owned());
    format!("{module}.{name}")
}

/// A key in the quotes that the file prefers, if it is a plain text.
pub(super) fn as_written(key: &str, source: &TestSource) -> String {
    let text = key.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
    match text.filter(|text| !text.contains(['\'', '"', '\\'])) {
        Some(text) => source.quoted(text),
        None => key.to_owned(),
    }
}

/// What holds the cell, relative to its module, and what of it the cell is.
fn parts<'a>(cell: &Cell, rest: &'a str, source: &TestSource) -> Option<(&'a str, Held)> {
    Some(match cell.kind {
        CellKind::Attribute => {
            let holder = rest.strip_suffix(&cell.key)?.strip_suffix('.')?;
            (holder, Held::Attribute(cell.key.clone()))
        }
        CellKind::Item => {
            let holder = rest.strip_suffix(']')?.strip_suffix(&cell.key)?.strip_suffix('[')?;
            let is_written = is_expression(&cell.key);
            (holder, if is_written { Held::Item(as_written(&cell.key, source)) } else { Held::Entries })
        }
        // Who puts the entries back puts them in their order.
        CellKind::Content if rest.ends_with(".getvalue()") => {
            (rest.strip_suffix(".getvalue()")?, Held::Written)
        }
        CellKind::Content if rest.ends_with(".locked()") => (rest.strip_suffix(".locked()")?, Held::Lock),
        CellKind::Content if rest.ends_with(" database") => (rest.strip_suffix(" database")?, Held::Database),
        CellKind::Content if rest.ends_with(" order") => (rest.strip_suffix(" order")?, Held::Entries),
        CellKind::Content => {
            let is = |start: &[&str]| {
                [&cell.alone, &cell.after]
                    .iter()
                    .any(|text| start.iter().any(|start| text.starts_with(start)))
            };
            let held = if is(&["deque("]) {
                Held::Queue
            } else if is(&["{", "<set"]) {
                Held::Set
            } else {
                Held::List
            };
            (rest.strip_suffix("[:]")?, held)
        }
        CellKind::Variable => (rest, Held::Variable),
        CellKind::Cache => (rest.strip_suffix(" cache")?, Held::Cache),
        _ => return None,
    })
}

/// The holder in the words of the file with whether it is a module, and the modules that are still to be imported.
pub(super) fn in_file(
    home: &str,
    holder: &str,
    source: &TestSource,
) -> Option<((String, bool), Vec<String>)> {
    let inner = holder.strip_prefix('.').unwrap_or(holder);
    let names = ImportedNames::of(source);
    if home.contains(['[', '(']) {
        // A module that no import has: it is reached through one that the file imports.
        let mut ends = home.match_indices(['.', '[', '(']).map(|(at, _)| at).rev();
        let known = ends.find_map(|at| Some((names.module(&home[..at])?, &home[at..])));
        return known
            .map(|(module, rest)| ((format!("{module}{rest}{holder}"), inner.is_empty()), Vec::new()));
    }
    if is_own(home, &source.path) {
        let whole = inner.is_empty();
        let text =
            if whole { format!("{}[__name__]", named(source, "sys.modules")) } else { inner.to_owned() };
        let imports = if whole { imports_for(source, "sys") } else { Vec::new() };
        return Some(((text, whole), imports));
    }
    if inner.is_empty() && is_shadowed(home, source) {
        let text = format!("{}[{}]", named(source, "sys.modules"), source.quoted(home));
        return Some(((text, true), imports_for(source, "sys")));
    }
    let first: String =
        inner.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    if let Some(module) = names.module(home) {
        return Some(((format!("{module}{holder}"), inner.is_empty()), Vec::new()));
    }
    if let Some(bound) = names.content(home, &first).filter(|_| !first.is_empty()) {
        return Some(((format!("{bound}{}", &inner[first.len()..]), false), Vec::new()));
    }
    if home.starts_with("__") {
        return None;
    }
    // A package may have something else by the name of its module: only `from` imports what is in the module for certain.
    let is_same = names.has_all_of(home) || !source.text.contains(&first);
    if home.contains('.') && !first.is_empty() && is_same {
        return Some(((inner.to_owned(), false), vec![format!("from {home} import {first}")]));
    }
    Some(((format!("{home}{holder}"), inner.is_empty()), vec![home.to_owned()]))
}

/// How a cell's name goes on behind a function that has such variables.
const CLOSURE: &str = " closure";

/// What holds a cell, and what of it the cell is, as expressions: a variable of an enclosing function has a name that is none.
fn with_closures(holder: &str, held: Held, source: &TestSource) -> (String, Held) {
    let mut text = holder.to_owned();
    while let Some((function, rest)) = text.split_once(&format!("{CLOSURE}.")) {
        let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
        let (name, rest) = rest.split_at(rest.find(|letter| !is_part(letter)).unwrap_or(rest.len()));
        let of_function = named(source, "inspect.getclosurevars");
        text = format!("{of_function}({function}).nonlocals[{}]{rest}", source.quoted(name));
    }
    match (text.strip_suffix(CLOSURE), held) {
        (Some(function), Held::Attribute(name)) => {
            let place = format!("{function}.__code__.co_freevars.index({})", source.quoted(&name));
            (format!("{function}.__closure__[{place}]"), Held::Attribute("cell_contents".to_owned()))
        }
        (_, held) => (text, held),
    }
}

/// Whether a module is the one of this file.
pub(super) fn is_own(module: &str, path: &Path) -> bool {
    let path = path.with_extension("");
    path.ends_with(module.replace('.', "/"))
        || path.ends_with(format!("{}/__init__", module.replace('.', "/")))
}

pub(super) fn is_expression(text: &str) -> bool {
    nesting::expression(text).is_some()
}
