//! Encodes actions for the agent: verbs, Python source and Python literals.

use super::literal::{below, write_literal, write_sequence, write_string};
use super::protocol::join;
use super::repair::repairing;
use crate::interpreter::expression::paths_in;
use crate::interpreter::lazy_import::LAZY_IMPORT;
use crate::scenario::{Action, Check, Literal, Position};

/// An action as the fields verb, text, more, check, wanted.
pub(super) fn action(action: &Action) -> Vec<u8> {
    let (verb, text, more) = done(action);
    let (kind, wanted) = match action.check() {
        Check::Nothing => match action {
            Action::Evaluate(expression) => ("names", paths(&paths_in(expression))),
            _ => ("", String::new()),
        },
        Check::Expect(expected) => ("expect", expectations(expected)),
        Check::Raises(class) => ("raises", class.clone()),
        Check::Warns(class) => ("warns", class.clone()),
    };
    join([verb, &text, more, kind, &wanted])
}

/// The verb, and what it is about in two texts.
fn done(action: &Action) -> (&'static str, String, &str) {
    match action {
        Action::Import { module, names, .. } if names.is_empty() => {
            ("import", format!("import {module}"), module)
        }
        Action::Import { module, names, .. } => {
            ("import", format!("from {module} import {}", names.join(", ")), module)
        }
        Action::LazyImport { module, .. } => ("import", lazily(module), module),
        Action::RunModule { module, .. } => ("run-module", as_program(module), module),
        Action::Reload { module, .. } => ("reload", String::new(), module),
        Action::SysPath { path, position } => ("sys-path", below(path), end(*position)),
        Action::SysPathText { text, position } => ("sys-path-text", text.clone(), end(*position)),
        Action::InvalidateCaches => ("invalidate-caches", String::new(), ""),
        Action::Forget(module) => ("forget", String::new(), module),
        Action::NotImported(module) => ("not-imported", String::new(), module),
        // The parentheses let an expression go on over several lines.
        Action::Evaluate(expression) => ("check", format!("({expression}\n)"), expression),
        Action::SetVariable { name, value: Some(value) } => ("set-variable", value.clone(), name),
        Action::SetVariable { name, value: None } => ("remove-variable", String::new(), name),
        Action::ChangeDirectory(path) => ("chdir", below(path), ""),
        Action::Compile { path, invalidation } => ("compile", below(path), invalidation.word()),
        Action::Exec { code, .. } => ("exec", code.to_string(), ""),
        Action::Repair(repair) => ("repair", repairing(repair), ""),
    }
}

const fn end(position: Position) -> &'static str {
    match position {
        Position::First => "first",
        Position::Last => "last",
    }
}

/// The recipe of `LazyLoader`'s documentation.
fn lazily(module: &str) -> String {
    let mut source = String::from("import importlib.util, sys\nname = ");
    write_string(&mut source, module);
    source.push('\n');
    source.push_str(LAZY_IMPORT);
    source
}

fn as_program(module: &str) -> String {
    let mut source = String::from("import runpy\nrunpy.run_module(");
    write_string(&mut source, module);
    source.push_str(", run_name='__main__', alter_sys=True)\n");
    source
}

/// Dotted names, each as a list of its parts.
fn paths(paths: &[Vec<String>]) -> String {
    let mut source = String::new();
    write_sequence(&mut source, paths, |source, path| {
        write_sequence(source, path, |source, name| write_string(source, name));
    });
    source
}

fn expectations(expected: &[(Vec<String>, Literal)]) -> String {
    let mut source = String::from("[");
    for (path, value) in expected {
        source.push('(');
        write_sequence(&mut source, path, |source, name| write_string(source, name));
        source.push(',');
        write_literal(&mut source, value);
        source.push_str("),");
    }
    source.push(']');
    source
}
