//! The statement that changes the state, as a call of `monkeypatch` that restores it when the test ends.

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged as _;

use super::candidate::{PatchCandidate, PatchReach, comment, parameter};
use super::edits::Edit;
use super::place::{Held, PythonPlace};
use super::polluting::Polluter;
use super::reason;
use super::source::{FoundFunction, TestSource};
use crate::suite::runner::cell::ValueKind;

/// All statements of a function, and of what stands in it.
struct AllStatements<'a>(Vec<&'a Stmt>);

impl<'a> StatementVisitor<'a> for AllStatements<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.0.push(statement);
        if !matches!(statement, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
            walk_stmt(self, statement);
        }
    }
}

/// All statements of a body, with those of its blocks.
pub(super) fn statements_of(body: &[Stmt]) -> Vec<&Stmt> {
    let mut found = AllStatements(Vec::new());
    found.visit_body(body);
    found.0
}

/// Changes of the polluter, or of a fixture that it uses, in which the guilty statements become calls of `monkeypatch`.
pub(super) fn candidates(test: &Polluter<'_>) -> Vec<PatchCandidate> {
    let source = test.source;
    let mut functions = vec![test.found];
    let parameters = test.found.function.parameters.args.iter().map(|each| each.parameter.name.as_str());
    functions.extend(
        parameters
            .filter_map(|name| source.fixture(name, test.found.class))
            .filter(|each| is_short(source, each)),
    );
    functions.iter().filter_map(|found| of_function(test, found)).collect()
}

/// Changes of the functions that contain guilty lines of a file: fixtures of function scope.
pub(super) fn in_guilty_functions(test: &Polluter<'_>) -> Vec<PatchCandidate> {
    let decorators = &test.found.function.decorator_list;
    let is_fixture = decorators.iter().any(|each| test.source.text_of(each).contains("fixture"));
    let fixture = Some(&test.found).filter(|found| is_fixture && is_short(test.source, found));
    fixture.and_then(|found| of_function(test, found)).into_iter().collect()
}

/// Whether a fixture is set up for each test.
fn is_short(source: &TestSource, fixture: &FoundFunction<'_>) -> bool {
    fixture.function.decorator_list.iter().all(|each| !source.text_of(each).contains("scope"))
}

fn of_function(test: &Polluter<'_>, found: &FoundFunction<'_>) -> Option<PatchCandidate> {
    let at_fault = Polluter { found: *found, ..*test };
    let source = test.source;
    let places: Vec<PythonPlace> =
        test.group.first().state.iter().filter_map(|cell| PythonPlace::of(cell, source)).collect();
    let moves = test.group.first().state.iter().any(|cell| cell.key == "os.getcwd()");
    let is_guilty = |statement: &&Stmt| {
        test.group.is_guilty(source, statement)
            || places.iter().any(|place| changes(source, statement, place))
            || (moves && calls(source, statement, "chdir"))
    };
    let mut edits = Vec::new();
    for statement in statements_of(&found.function.body).into_iter().filter(is_guilty) {
        let is_new = test.group.first().state.iter().all(|cell| cell.alone_is == ValueKind::Absent);
        let Some(text) = source.stands_alone(statement).then(|| patched(source, statement, is_new)).flatten()
        else {
            continue;
        };
        let at = statement.start().to_usize();
        let margin = source.margin(at)?.to_owned();
        if edits.is_empty() {
            edits.push(source.lines(source.line_start(at), &margin, &comment(&at_fault.reason(), &margin)));
        }
        edits.push(Edit { from: at, to: statement.end().to_usize(), text });
    }
    if edits.is_empty() {
        return None;
    }
    edits.extend(parameter(found.function, "monkeypatch")?);
    let name = found.function.name.as_str();
    let what =
        format!("{name} changes {} with monkeypatch, which restores", reason::cells(test.group.first()));
    Some(PatchCandidate::new(PatchReach::Statement, what).with(source, edits))
}

/// Whether a statement is a call of a function of this name.
fn calls(source: &TestSource, statement: &Stmt, name: &str) -> bool {
    let call = statement.as_expr_stmt().and_then(|each| each.value.as_call_expr());
    call.is_some_and(|call| source.text_of(&*call.func).rsplit('.').next() == Some(name))
}

/// Whether a statement assigns to a place, or deletes it, or calls what changes it.
pub(super) fn changes(source: &TestSource, statement: &Stmt, place: &PythonPlace) -> bool {
    let even = |text: &str| text.replace('"', "'");
    let wanted = even(&place.expression());
    let is_place = |target: &Expr| match (&place.held, target) {
        // `global x`, as far as the rewriting finds it.
        (Held::Attribute(name), Expr::Name(target)) => {
            place.holder.ends_with("[__name__]") && target.id.as_str() == name
        }
        _ => even(source.text_of(target)) == wanted,
    };
    match statement {
        Stmt::Assign(node) => node.targets.iter().any(is_place),
        Stmt::AugAssign(node) => is_place(&node.target),
        Stmt::Delete(node) => node.targets.iter().any(is_place),
        Stmt::Expr(node) => node.value.as_call_expr().is_some_and(|call| {
            let callee = call.func.as_attribute_expr();
            let holder =
                callee.is_some_and(|callee| even(source.text_of(&*callee.value)) == even(&place.holder));
            let arguments = &call.arguments.args;
            let named = |at: usize, text: &str| {
                arguments.get(at).is_some_and(|each| even(source.text_of(each)) == even(text))
            };
            let callee = source.text_of(&*call.func);
            match &place.held {
                Held::Item(key) => holder && callee.strip_suffix(".pop").is_some() && named(0, key),
                Held::Attribute(name) => {
                    ["setattr", "delattr"].contains(&callee)
                        && named(0, &place.holder)
                        && named(1, &format!("'{name}'"))
                }
                Held::List => place.holder == "sys.path" && holder,
                _ => false,
            }
        }),
        _ => false,
    }
}

/// A statement as a call of `monkeypatch`, if there is such a call.
pub(super) fn patched(source: &TestSource, statement: &Stmt, is_new: bool) -> Option<String> {
    match statement {
        Stmt::Assign(node) => match &node.targets[..] {
            [target] => set(source, target, &argument(source, &node.value), is_new),
            _ => None,
        },
        Stmt::AugAssign(node) => {
            let operator = source.text[node.target.end().to_usize()..node.value.start().to_usize()].trim();
            let operator = operator.trim_start_matches('\\').split('=').next()?.trim();
            let value =
                format!("{} {operator} {}", source.text_of(&*node.target), operand(source, &node.value));
            set(source, &node.target, &value, false)
        }
        Stmt::Delete(node) => match &node.targets[..] {
            [Expr::Attribute(target)] => {
                let name = source.quoted(target.attr.as_str());
                Some(format!("monkeypatch.delattr({}, {name})", source.text_of(&*target.value)))
            }
            [Expr::Subscript(target)] => {
                let (holder, key) = (source.text_of(&*target.value), source.text_of(&*target.slice));
                Some(if is_environment(holder) {
                    format!("monkeypatch.delenv({key})")
                } else {
                    format!("monkeypatch.delitem({holder}, {key})")
                })
            }
            _ => None,
        },
        Stmt::Expr(node) => call(source, node.value.as_call_expr()?),
        _ => None,
    }
}

fn is_environment(holder: &str) -> bool {
    holder == "environ" || holder.ends_with("os.environ")
}

/// An expression as an argument.
fn argument(source: &TestSource, value: &Expr) -> String {
    let text = source.text_of(value);
    let is_bare = matches!(value, Expr::Tuple(tuple) if !tuple.parenthesized)
        || matches!(value, Expr::Yield(_) | Expr::Named(_));
    if is_bare { format!("({text})") } else { text.to_owned() }
}

/// An expression as an operand.
fn operand(source: &TestSource, value: &Expr) -> String {
    let text = source.text_of(value);
    let is_one = value.is_literal_expr()
        || matches!(
            value,
            Expr::Name(_)
                | Expr::Attribute(_)
                | Expr::Call(_)
                | Expr::Subscript(_)
                | Expr::List(_)
                | Expr::Set(_)
                | Expr::Dict(_)
        );
    if is_one { text.to_owned() } else { format!("({text})") }
}

fn set(source: &TestSource, target: &Expr, value: &str, is_new: bool) -> Option<String> {
    let raising = if is_new { ", raising=False" } else { "" };
    match target {
        Expr::Attribute(target) => {
            let holder = source.text_of(&*target.value);
            let name = source.quoted(target.attr.as_str());
            (holder != "self").then(|| format!("monkeypatch.setattr({holder}, {name}, {value}{raising})"))
        }
        Expr::Subscript(target) if !target.slice.is_slice_expr() => {
            let (holder, key) = (source.text_of(&*target.value), source.text_of(&*target.slice));
            Some(if is_environment(holder) {
                format!("monkeypatch.setenv({key}, {value})")
            } else {
                format!("monkeypatch.setitem({holder}, {key}, {value})")
            })
        }
        Expr::Name(target) => {
            let name = source.quoted(target.id.as_str());
            Some(format!("monkeypatch.setitem(globals(), {name}, {value})"))
        }
        _ => None,
    }
}

/// A call that changes state, as one that restores it.
fn call(source: &TestSource, call: &ruff_python_ast::ExprCall) -> Option<String> {
    let texts: Vec<&str> = call.arguments.args.iter().map(|each| source.text_of(each)).collect();
    if !call.arguments.keywords.is_empty() {
        return None;
    }
    let callee = source.text_of(&*call.func);
    match (callee, &texts[..]) {
        ("os.chdir" | "chdir", [to]) => Some(format!("monkeypatch.chdir({to})")),
        ("setattr", [holder, name, value]) => Some(format!("monkeypatch.setattr({holder}, {name}, {value})")),
        ("delattr", [holder, name]) => Some(format!("monkeypatch.delattr({holder}, {name})")),
        ("sys.path.insert", ["0", path]) => Some(format!("monkeypatch.syspath_prepend({path})")),
        ("sys.path.append", [path]) => {
            let name = source.quoted("path");
            Some(format!("monkeypatch.setattr(sys, {name}, sys.path + [{path}])"))
        }
        (_, [key] | [key, _]) => {
            let holder = callee.strip_suffix(".pop")?;
            Some(if is_environment(holder) {
                format!("monkeypatch.delenv({key}, raising=False)")
            } else {
                format!("monkeypatch.delitem({holder}, {key}, raising=False)")
            })
        }
        _ => None,
    }
}
