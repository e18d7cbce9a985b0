//! One step as Python statements: a line each, those of a block indented.

use super::literal::{quoted, quoted_bytes, seconds};
use super::story::{Act, Footing};
use crate::scenario::{Action, Check, Invalidation, Position, Repair, Step};
use crate::world::{Copied, EntryPath, Mtime, Operation, World};

/// The module whose attributes a step expects, as an expression.
pub(super) fn module_of(step: &Step) -> String {
    match step {
        Step::Interpreter(Action::Import { module, names, .. })
            if names.is_empty() && !module.contains('.') =>
        {
            module.clone()
        }
        Step::Interpreter(
            Action::Import { module, .. }
            | Action::LazyImport { module, .. }
            | Action::Reload { module, .. }
            | Action::RunModule { module, .. },
        ) => {
            format!("sys.modules[{}]", quoted(module))
        }
        _ => String::new(),
    }
}

/// The statements of a step; empty if it does nothing in its world.
pub(super) fn statements(act: &Act<'_>, footing: Footing) -> Vec<String> {
    match act.line.step {
        Step::World(operation) => footing.operation(operation, &act.before),
        Step::Interpreter(action) => match action.check() {
            Check::Warns(category) => recording(&footing.action(action), category),
            _ => footing.action(action),
        },
    }
}

/// The statements, with the warnings that they issue recorded.
fn recording(statements: &[String], category: &str) -> Vec<String> {
    let mut lines = vec![
        "import warnings".to_owned(),
        "with warnings.catch_warnings(record=True) as issued:".to_owned(),
        "    warnings.simplefilter('always')".to_owned(),
    ];
    lines.extend(statements.iter().map(|statement| format!("    {statement}")));
    lines.push(
        "names = [base.__name__ for warning in issued for base in warning.category.__mro__]".to_owned(),
    );
    lines.push(format!(
        "assert {} in names, {}",
        quoted(category),
        quoted(&format!("no {category} was issued"))
    ));
    lines
}

impl Footing {
    fn operation(self, operation: &Operation, before: &World) -> Vec<String> {
        match operation {
            Operation::Write { path, text, mtime } => {
                let mut statements = self.parents(path, before);
                let written = if text.is_ascii() {
                    format!("open({}, 'w').write({})", self.path(path), quoted(text))
                } else {
                    format!("open({}, 'wb').write(b{})", self.path(path), quoted(text))
                };
                statements.push(written);
                statements.extend(self.dated(path, *mtime, before));
                statements
            }
            Operation::Copy { source, to, mtime } => self.copying(source, to, *mtime, before),
            Operation::Mkdir(path) if before.get(path).is_some() => Vec::new(),
            Operation::Mkdir(path) => vec![format!("os.makedirs({})", self.path(path))],
            Operation::Remove(path) if before.get(path).is_some_and(crate::world::Node::is_directory) => {
                vec![format!("shutil.rmtree({})", self.path(path))]
            }
            Operation::Remove(path) => vec![format!("os.remove({})", self.path(path))],
            Operation::Rename { from, to } => {
                vec![format!("os.rename({}, {})", self.path(from), self.path(to))]
            }
            Operation::Touch { path, mtime: None } => vec![format!("os.utime({}, None)", self.path(path))],
            Operation::Touch { path, mtime } => self.dated(path, *mtime, before).into_iter().collect(),
            Operation::Link { path, to } => {
                let mut statements = self.parents(path, before);
                let parent = self.path(&path.parent().unwrap_or_else(EntryPath::root));
                let target = format!("os.path.relpath({}, {parent})", self.path(to));
                statements.push(format!("os.symlink({target}, {})", self.path(path)));
                statements
            }
            Operation::Sleep(length) => vec![format!("# {length} later")],
        }
    }

    /// Creates the missing parents of an entry.
    fn parents(self, path: &EntryPath, before: &World) -> Vec<String> {
        let missing = path.parent().filter(|parent| !parent.is_root() && before.get(parent).is_none());
        missing.map(|parent| format!("os.makedirs({})", self.path(&parent))).into_iter().collect()
    }

    /// Gives an entry a modification time that is not now.
    fn dated(self, path: &EntryPath, mtime: Option<Mtime>, before: &World) -> Option<String> {
        let time = seconds(before.time_of(Some(mtime?)));
        Some(format!("os.utime({}, ({time}, {time}))", self.path(path)))
    }

    fn copying(self, source: &Copied, to: &EntryPath, mtime: Option<Mtime>, before: &World) -> Vec<String> {
        let mut statements = self.parents(to, before);
        for (path, content) in source.placed(to) {
            match content {
                Some(bytes) => {
                    statements.push(format!(
                        "open({}, 'wb').write({})",
                        self.path(&path),
                        quoted_bytes(bytes)
                    ));
                }
                None if before.get(&path).is_some() => {}
                None => statements.push(format!("os.makedirs({})", self.path(&path))),
            }
        }
        let placed = source.placed(to);
        statements.extend(placed.filter_map(|(path, _)| self.dated(&path, mtime, before)));
        statements
    }

    fn action(self, action: &Action) -> Vec<String> {
        let statement = match action {
            Action::Import { module, names, .. } if names.is_empty() => format!("import {module}"),
            Action::Import { module, names, .. } => format!("from {module} import {}", names.join(", ")),
            Action::LazyImport { module, .. } => return lazily(module),
            Action::RunModule { module, .. } => return as_program(module),
            Action::Reload { module, .. } => format!("importlib.reload(sys.modules[{}])", quoted(module)),
            Action::SysPath { path, position } => {
                on_path(*position, &format!("os.path.abspath({})", self.path(path)))
            }
            Action::SysPathText { text, position } => on_path(*position, &quoted(text)),
            Action::InvalidateCaches => "importlib.invalidate_caches()".into(),
            Action::Forget(module) | Action::Repair(Repair::ForgetModule(module)) => {
                format!("sys.modules.pop({}, None)", quoted(module))
            }
            Action::NotImported(module) => {
                let module = quoted(module);
                format!("assert {module} not in sys.modules, 'sys.modules has %r' % {module}")
            }
            Action::Evaluate(expression) => format!(
                "assert eval({}, dict(sys.modules)), {}",
                quoted(&format!("({expression}\n)")),
                quoted(&format!("{expression} is false"))
            ),
            Action::SetVariable { name, value: Some(value) } => {
                format!("os.environ[{}] = {}", quoted(name), quoted(value))
            }
            Action::SetVariable { name, value: None } => format!("os.environ.pop({}, None)", quoted(name)),
            Action::ChangeDirectory(path) => format!("os.chdir({})", self.path(path)),
            Action::Compile { path, invalidation } => return compiling(&self.path(path), *invalidation),
            Action::Exec { code, .. } => format!("exec({}, {{'__name__': '__main__'}})", quoted(code)),
            // No scenario can contain another kind.
            Action::Repair(_) => "pass".into(),
        };
        vec![statement]
    }

    /// A path of the ordering, as an expression.
    fn path(self, path: &EntryPath) -> String {
        match self {
            Self::Working => quoted(if path.is_root() { "." } else { path.as_str() }),
            Self::Named if path.is_root() => "home".to_owned(),
            Self::Named => format!("home + {}", quoted(&format!("/{path}"))),
        }
    }
}

fn on_path(position: Position, entry: &str) -> String {
    match position {
        Position::First => format!("sys.path.insert(0, {entry})"),
        Position::Last => format!("sys.path.append({entry})"),
    }
}

/// The recipe of `LazyLoader`'s documentation.
fn lazily(module: &str) -> Vec<String> {
    let name = quoted(module);
    vec![
        "import importlib.util".to_owned(),
        format!("spec = importlib.util.find_spec({name})"),
        "spec.loader = importlib.util.LazyLoader(spec.loader)".to_owned(),
        format!("sys.modules[{name}] = importlib.util.module_from_spec(spec)"),
        format!("spec.loader.exec_module(sys.modules[{name}])"),
    ]
}

/// A program that ends with status 0 has done its work.
fn as_program(module: &str) -> Vec<String> {
    vec![
        "import runpy".to_owned(),
        "try:".to_owned(),
        format!("    runpy.run_module({}, run_name='__main__', alter_sys=True)", quoted(module)),
        "except SystemExit as end:".to_owned(),
        "    if end.code:".to_owned(),
        "        raise".to_owned(),
    ]
}

fn compiling(path: &str, invalidation: Invalidation) -> Vec<String> {
    let mode = match invalidation {
        Invalidation::Timestamp => "",
        Invalidation::CheckedHash => ", invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH",
        Invalidation::UncheckedHash => ", invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH",
    };
    vec!["import py_compile".to_owned(), format!("py_compile.compile({path}, doraise=True{mode})")]
}
