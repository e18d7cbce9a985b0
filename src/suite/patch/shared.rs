//! Changes for fixtures that several tests share: the fixture is made for each test, or the test makes it again.

use std::path::{Path, PathBuf};

use ruff_python_ast::{Expr, StmtFunctionDef};
use ruff_text_size::Ranged as _;

use super::candidate::{PatchCandidate, PatchReach, comment};
use super::edits::Edit;
use super::group::PatchGroup;
use super::names::ImportedNames;
use super::reason;
use super::source::{FoundFunction, TestSource, start_of};
use crate::kind::FindingKind;
use crate::suite::runner::cell::CellKind;

/// The names of the shared fixtures that the group is about.
fn names<'g>(group: &'g PatchGroup<'_>) -> Vec<&'g str> {
    let cells = group.first().state.iter().filter(|cell| cell.kind == CellKind::Fixture);
    cells.filter_map(|cell| cell.key.split(' ').next()).collect()
}

/// Files in which fixtures of a test are sought: its own, and each `conftest.py` above it.
pub(super) fn files(group: &PatchGroup<'_>, test: &Path) -> Vec<PathBuf> {
    if names(group).is_empty() {
        return Vec::new();
    }
    let root = Path::new(&group.suite.about.root);
    let above = test.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
    let near = above.map(|folder| folder.join("conftest.py")).filter(|path| path.is_file());
    std::iter::once(test.to_owned()).chain(near).collect()
}

/// Files from which a file of these takes the fixtures that the group is about: it imports them, or names plugins.
pub(super) fn origins(group: &PatchGroup<'_>, source: &TestSource) -> Vec<PathBuf> {
    let imported = ImportedNames::of(source);
    let modules = names(group).into_iter().flat_map(|name| imported.origins(name)).chain(plugins_of(source));
    let root = Path::new(&group.suite.about.root);
    let file_of = |module: String| {
        let path = module.replace('.', "/");
        let above = source.path.ancestors().skip(1).take_while(|folder| folder.starts_with(root));
        let ends = [".py", "/__init__.py"].map(|end| format!("{path}{end}"));
        above.flat_map(|folder| ends.clone().map(|end| folder.join(end))).find(|path| path.is_file())
    };
    modules.filter_map(file_of).collect()
}

/// The modules that a file names as plugins, if it names them one by one.
fn plugins_of(source: &TestSource) -> Vec<String> {
    let assigned = source.syntax.body.iter().filter_map(|each| each.as_assign_stmt());
    let is_list =
        |target: &Expr| target.as_name_expr().is_some_and(|name| name.id.as_str() == "pytest_plugins");
    let values = assigned.filter(|each| each.targets.iter().any(is_list)).map(|each| &*each.value);
    let text = |value: &Expr| value.as_string_literal_expr().map(|text| text.value.to_str().to_owned());
    let all = values.flat_map(|value| match value {
        Expr::List(list) => list.elts.iter().filter_map(text).collect(),
        Expr::Tuple(tuple) => tuple.elts.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect::<Vec<String>>(),
    });
    all.collect()
}

/// The change in which a fixture that is defined in this file is made for each test.
pub(super) fn for_each_test(group: &PatchGroup<'_>, id: &str, source: &TestSource) -> Option<PatchCandidate> {
    let class = source.find(id).ok().and_then(|found| found.class);
    let names = names(group);
    let fixture = names.iter().find_map(|name| source.fixture(name, class))?;
    let edit = without_scope(source, fixture.function)?;
    let at = source.line_start(start_of(fixture.function));
    let margin = source.margin(start_of(fixture.function))?.to_owned();
    let verb = match group.first().finding {
        FindingKind::Brittle => ("passes only", "pass only"),
        _ => ("fails", "fail"),
    };
    let depends = reason::victims(&group.findings, id, verb);
    let text = format!("Made for each test: {depends} after {} if they share it.", reason::said(id, id));
    let lines = source.lines(at, &margin, &comment(&text, &margin));
    let what = format!("the fixture {} is made for each test", fixture.function.name);
    Some(PatchCandidate::new(PatchReach::Statement, what).with(source, [lines, edit]))
}

/// The removal of the scope from a fixture's decorator.
fn without_scope(source: &TestSource, function: &StmtFunctionDef) -> Option<Edit> {
    let calls = function.decorator_list.iter().filter_map(|each| each.expression.as_call_expr());
    for call in calls {
        let arguments = &call.arguments;
        let Some(scope) =
            arguments.keywords.iter().find(|each| each.arg.as_ref().is_some_and(|name| name == "scope"))
        else {
            continue;
        };
        if arguments.keywords.len() + arguments.args.len() == 1 {
            let (from, to) = (arguments.start().to_usize(), arguments.end().to_usize());
            return Some(Edit { from, to, text: String::new() });
        }
        let value = match &scope.value {
            value @ Expr::StringLiteral(_) => value.range(),
            _ => return None,
        };
        let text = source.quoted("function");
        return Some(Edit { from: value.start().to_usize(), to: value.end().to_usize(), text });
    }
    None
}

/// The change of a method of `unittest.TestCase` after which what `setUpClass` made is made again.
pub(super) fn class_again(group: &PatchGroup<'_>, id: &str, source: &TestSource) -> Option<PatchCandidate> {
    let cells = &group.first().state;
    if !cells.iter().any(|cell| {
        cell.kind == CellKind::Fixture
            && (cell.key.contains("setUpClass") || cell.key.contains("pytest_class_setup"))
    }) {
        return None;
    }
    let FoundFunction { function, .. } = source.find(id).ok()?;
    let (at, margin) = source.body_start(function)?;
    let receiver = function.parameters.args.first()?.parameter.name.as_str();
    let fail = reason::victims(&group.findings, id, ("fails", "fail"));
    let text = format!("{fail} after this test unless what setUpClass made is made again.");
    let line = format!("{receiver}.addCleanup({receiver}.setUpClass)");
    let lines = source.lines(at, &margin, &[comment(&text, &margin), vec![line]].concat());
    let what = format!("{} runs setUpClass again at its end", reason::said(id, id));
    Some(PatchCandidate::new(PatchReach::Test, what).with(source, [lines]))
}
