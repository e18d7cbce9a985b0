//! One step as Python statements.

use super::literal::quoted;
use super::story::Act;
use crate::scenario::{Action, Position, Repair, Step};
use crate::world::{EntryPath, Operation, World};

/// The module whose attributes a step expects, as an expression.
pub(super) fn module_of(step: &Step) -> String {
    match step {
        Step::Interpreter(Action::Import { module, names, .. })
            if names.is_empty() && !module.contains('.') =>
        {
            module.clone()
        }
        Step::Interpreter(Action::Import { module, .. } | Action::Reload { module, .. }) => {
            format!("sys.modules[{}]", quoted(module))
        }
        _ => String::new(),
    }
}

/// The statements of a step; empty if it does nothing in its world.
pub(super) fn statements(act: &Act<'_>) -> Vec<String> {
    match act.line.step {
        Step::World(operation) => self::operation(operation, &act.before),
        Step::Interpreter(action) => vec![self::action(action)],
    }
}

fn operation(operation: &Operation, before: &World) -> Vec<String> {
    match operation {
        Operation::Write { path, text } => {
            let mut statements = parents(path, before);
            let written = if text.is_ascii() {
                format!("open({}, 'w').write({})", self::path(path), quoted(text))
            } else {
                format!("open({}, 'wb').write(b{})", self::path(path), quoted(text))
            };
            statements.push(written);
            statements
        }
        Operation::Mkdir(path) if before.get(path).is_some() => Vec::new(),
        Operation::Mkdir(path) => vec![format!("os.makedirs({})", self::path(path))],
        Operation::Remove(path) if before.get(path).is_some_and(crate::world::Node::is_directory) => {
            vec![format!("shutil.rmtree({})", self::path(path))]
        }
        Operation::Remove(path) => vec![format!("os.remove({})", self::path(path))],
        Operation::Rename { from, to } => {
            vec![format!("os.rename({}, {})", path(from), path(to))]
        }
        Operation::Touch(path) => vec![format!("os.utime({}, None)", self::path(path))],
        Operation::Sleep(length) => vec![format!("# {length} later")],
    }
}

/// Creates the missing parents of an entry.
fn parents(path: &EntryPath, before: &World) -> Vec<String> {
    let missing = path.parent().filter(|parent| !parent.is_root() && before.get(parent).is_none());
    missing.map(|parent| format!("os.makedirs({})", self::path(&parent))).into_iter().collect()
}

fn action(action: &Action) -> String {
    match action {
        Action::Import { module, names, .. } if names.is_empty() => format!("import {module}"),
        Action::Import { module, names, .. } => format!("from {module} import {}", names.join(", ")),
        Action::Reload { module, .. } => format!("importlib.reload(sys.modules[{}])", quoted(module)),
        Action::SysPath { path, position: Position::First } => {
            format!("sys.path.insert(0, os.path.abspath({}))", self::path(path))
        }
        Action::SysPath { path, position: Position::Last } => {
            format!("sys.path.append(os.path.abspath({}))", self::path(path))
        }
        Action::InvalidateCaches => "importlib.invalidate_caches()".into(),
        Action::Forget(module) | Action::Repair(Repair::ForgetModule(module)) => {
            format!("sys.modules.pop({}, None)", quoted(module))
        }
        Action::Exec { code, .. } => format!("exec({}, {{'__name__': '__main__'}})", quoted(code)),
        // No scenario can contain another kind.
        Action::Repair(_) => "pass".into(),
    }
}

fn path(path: &EntryPath) -> String {
    quoted(if path.is_root() { "." } else { path.as_str() })
}
