//! Changes for stale listings of directories: `importlib.invalidate_caches()` after a module was written, or before it is
//! imported.

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Stmt, StmtFunctionDef};
use ruff_text_size::Ranged as _;

use super::candidate::{PatchCandidate, PatchReach, comment};
use super::edits::Edit;
use super::group::PatchGroup;
use super::names::ImportedNames;
use super::reason;
use super::source::{FoundFunction, TestSource};
use super::statement::statements_of;

/// Last names of functions that write files or make directories.
const WRITERS: [&str; 15] = [
    "write",
    "write_text",
    "write_bytes",
    "writelines",
    "dump",
    "mkdir",
    "makedirs",
    "makepyfile",
    "touch",
    "copy",
    "copyfile",
    "copytree",
    "move",
    "rename",
    "symlink_to",
];
/// Functions that import.
const IMPORTERS: [&str; 4] = ["import_module", "__import__", "run_module", "importorskip"];

/// The changes that may cure, in no order.
pub(super) fn candidates(group: &PatchGroup<'_>, source: &TestSource) -> Vec<PatchCandidate> {
    let id = &group.first().victim;
    let Ok(found) = source.find(id) else { return Vec::new() };
    let mut candidates: Vec<PatchCandidate> = set_up(group, source, &found).into_iter().collect();
    let mut functions = helpers(source, &found);
    functions.push(found.function);
    for function in functions {
        let statements = statements_of(&function.body);
        let written = statements.iter().rfind(|each| {
            is_outermost(each, &statements) && names_called(each).iter().any(|name| WRITERS.contains(name))
        });
        candidates.extend(
            written.and_then(|each| at(group, source, source.next_line(each.end().to_usize()), each)),
        );
        let imported = statements.iter().find(|each| imports(each));
        candidates.extend(
            imported.and_then(|each| at(group, source, source.line_start(each.start().to_usize()), each)),
        );
    }
    candidates.extend(found.function.body.first().and_then(|first| {
        let (at_start, _) = source.body_start(found.function)?;
        at(group, source, at_start, first)
    }));
    candidates
}

/// The end of `setUp`, which runs before every test of a class.
fn set_up(group: &PatchGroup<'_>, source: &TestSource, found: &FoundFunction<'_>) -> Option<PatchCandidate> {
    let class = found.class.filter(|class| source.is_unittest(class))?;
    let methods = class.body.iter().filter_map(Stmt::as_function_def_stmt);
    let method = methods.filter(|each| each.name.as_str() == "setUp").last()?;
    let last = method.body.last()?;
    at(group, source, below_comments(source, last), last)
}

/// Where the line after a statement begins, and after the comment that follows with the same margin.
fn below_comments(source: &TestSource, statement: &Stmt) -> usize {
    let end = source.next_line(statement.end().to_usize());
    let margin = source.margin(statement.start().to_usize()).unwrap_or_default();
    let (mut at, mut below) = (end, end);
    while at < source.text.len() {
        let line = &source.text[at..source.next_line(at)];
        let is_comment = line.strip_prefix(margin).is_some_and(|rest| rest.starts_with('#'));
        if !is_comment && !line.trim().is_empty() {
            break;
        }
        at = source.next_line(at);
        if is_comment {
            below = at;
        }
    }
    below
}

/// Functions of the file that the test calls, and fixtures that it uses.
fn helpers<'a>(source: &'a TestSource, found: &FoundFunction<'a>) -> Vec<&'a StmtFunctionDef> {
    let called: Vec<&str> = found.function.body.iter().flat_map(names_called).collect();
    let parameters = found.function.parameters.args.iter().map(|each| each.parameter.name.as_str());
    let wanted: Vec<&str> = called.into_iter().chain(parameters).collect();
    let of_class = found.class.iter().flat_map(|class| &class.body);
    let functions = source.syntax.body.iter().chain(of_class).filter_map(Stmt::as_function_def_stmt);
    let wanted =
        functions.filter(|each| wanted.contains(&each.name.as_str()) && each.name != found.function.name);
    let inner = |function: &'a StmtFunctionDef| {
        let within = function.body.iter().filter_map(Stmt::as_function_def_stmt);
        within.chain(std::iter::once(function)).collect::<Vec<_>>()
    };
    wanted.flat_map(inner).collect()
}

/// A call of `invalidate_caches` in a line of its own, with the margin of a statement.
fn at(group: &PatchGroup<'_>, source: &TestSource, at: usize, beside: &Stmt) -> Option<PatchCandidate> {
    let margin = source.margin(beside.start().to_usize())?.to_owned();
    let (call, import) = call_of(source);
    let fail = reason::victims(&group.findings, &group.first().victim, ("fails", "fail"));
    let (before, _) = reason::listed(
        &group.before().iter().map(|id| reason::said(id, &group.first().victim)).collect::<Vec<_>>(),
    );
    let text = format!(
        "Python does not see a module that was written since it listed the directory if the directory's modification \
         time is still the same: {fail} after {before} without this."
    );
    let lines = [comment(&text, &margin), vec![call]].concat();
    let line = source.lines(at, &margin, &lines);
    let what =
        format!("importlib.invalidate_caches() in line {}", source.text[..at].matches('\n').count() + 1);
    Some(PatchCandidate::new(PatchReach::Statement, what).with(source, std::iter::once(line).chain(import)))
}

/// The call as the file writes it, and the import for it.
fn call_of(source: &TestSource) -> (String, Option<Edit>) {
    let names = ImportedNames::of(source);
    match (names.content("importlib", "invalidate_caches"), names.module("importlib")) {
        (Some(bound), _) => (format!("{bound}()"), None),
        (None, Some(module)) => (format!("{module}.invalidate_caches()"), None),
        (None, None) => ("importlib.invalidate_caches()".to_owned(), source.import("importlib")),
    }
}

/// Whether no other statement of these contains it.
fn is_outermost(statement: &Stmt, all: &[&Stmt]) -> bool {
    let contains = |other: &&Stmt| {
        other.range().contains_range(statement.range())
            && other.range() != statement.range()
            && !other.is_function_def_stmt()
    };
    !all.iter().any(|other| contains(other) && other.is_with_stmt())
}

fn imports(statement: &Stmt) -> bool {
    match statement {
        Stmt::Import(_) | Stmt::ImportFrom(_) => true,
        Stmt::FunctionDef(_)
        | Stmt::ClassDef(_)
        | Stmt::With(_)
        | Stmt::If(_)
        | Stmt::For(_)
        | Stmt::Try(_) => false,
        other => names_called(other).iter().any(|name| IMPORTERS.contains(name)),
    }
}

/// The last names of all that is called in a statement.
fn names_called(statement: &Stmt) -> Vec<&str> {
    struct Called<'a>(Vec<&'a str>);
    impl<'a> Visitor<'a> for Called<'a> {
        fn visit_expr(&mut self, expression: &'a Expr) {
            if let Expr::Call(call) = expression {
                match &*call.func {
                    Expr::Name(name) => self.0.push(name.id.as_str()),
                    Expr::Attribute(attribute) => self.0.push(attribute.attr.as_str()),
                    _ => {}
                }
            }
            walk_expr(self, expression);
        }
    }
    let mut called = Called(Vec::new());
    called.visit_stmt(statement);
    called.0
}
