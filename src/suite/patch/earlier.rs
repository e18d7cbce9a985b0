//! A fixture that makes state which a brittle test needs before it, and before all that the tests of its file set up: for state
//! that only code of the package makes, and that a fixture may need already. It calls the state-setters, or the function of the
//! package that they have called, or sets the state itself. One serves all such tests of a file.

use super::calling::{TestCall, call_of};
use super::candidate::{PatchCandidate, PatchReach, beside, comment, imports, new_name, of_pytest};
use super::names::ImportedNames;
use super::place::is_own;
use super::reason;
use super::setting::NeedyTest;
use super::source::TestSource;
use crate::suite::runner::source_line::RepeatableCall;

/// The fixture, if the state-setters can be called: functions of a module, tests of `unittest`, or methods of a
/// class that needs no setting up.
pub(super) fn before_each_test(
    test: &NeedyTest<'_>,
    setters: &[(&str, &TestSource)],
) -> Option<PatchCandidate> {
    let calls: Option<Vec<TestCall>> =
        setters.iter().map(|(id, source)| call_of(test.source, source, &source.find(id).ok()?)).collect();
    let calls = calls.filter(|calls| !calls.is_empty())?;
    let what = format!("the state-setter runs before each test of {}", test.group.shown(&test.source.path));
    Some(fixture(test, setters, &body_of(&calls), "(autouse=True)", what))
}

/// The fixture that sets the state to what it is after the state-setters, and restores it.
pub(super) fn set_before(test: &NeedyTest<'_>, setters: &[(&str, &TestSource)]) -> Option<PatchCandidate> {
    let (lines, modules) = test.set_all(false, |cell| (&cell.after, cell.after_is))?;
    let (edits, inner) = imports(test.source, &modules);
    let body = FixtureBody { lines: [inner, lines].concat(), arguments: vec!["monkeypatch".to_owned()] };
    let state = reason::cells(test.group.first());
    let what = format!("{state} is set before each test of {}", test.group.shown(&test.source.path));
    Some(fixture(test, setters, &body, "(autouse=True)", what).with(test.source, edits))
}

/// The fixtures that call what the state-setters called to make the state: once for the file, or before each test.
pub(super) fn made_before(test: &NeedyTest<'_>, setters: &[(&str, &TestSource)]) -> Vec<PatchCandidate> {
    let cells = &test.group.first().state;
    let lines = cells.iter().filter_map(|cell| cell.changed_at.as_ref());
    let mut made_by: Vec<&RepeatableCall> = Vec::new();
    for call in lines.flat_map(|line| &line.made_by) {
        if !made_by.contains(&call) {
            made_by.push(call);
        }
    }
    let file = test.group.shown(&test.source.path);
    let scoped = format!("(scope={}, autouse=True)", test.source.quoted("module"));
    let scopes = [(scoped.as_str(), "the tests"), ("(autouse=True)", "each test")];
    made_by
        .into_iter()
        .flat_map(|made| scopes.map(|scope| (made, scope)))
        .map(|(made, (arguments, before))| {
            let call = repeated(test.source, made);
            let what = format!("{}() is called before {before} of {file}", call.callee);
            fixture(test, setters, &body_of(&[call]), arguments, what)
        })
        .collect()
}

/// What a fixture does, and the fixtures that it needs for that.
struct FixtureBody {
    lines: Vec<String>,
    arguments: Vec<String>,
}

/// Calls as what a fixture does.
fn body_of(calls: &[TestCall]) -> FixtureBody {
    let mut body = FixtureBody { lines: Vec::new(), arguments: Vec::new() };
    let add = |to: &mut Vec<String>, all: &[String]| {
        for each in all {
            if !to.contains(each) {
                to.push(each.clone());
            }
        }
    };
    for call in calls {
        add(&mut body.lines, &call.imports);
        body.lines.push(format!("{}({})", call.callee, call.passed));
        add(&mut body.arguments, &call.arguments);
    }
    body
}

/// A fixture, put beside the test.
fn fixture(
    test: &NeedyTest<'_>,
    setters: &[(&str, &TestSource)],
    body: &FixtureBody,
    scope: &str,
    what: String,
) -> PatchCandidate {
    let source = test.source;
    let names: Vec<String> = setters.iter().map(|(id, _)| reason::said(id, test.id)).collect();
    let text = format!("Without this, {} passes only after {}.", test.name(), reason::listed(&names).0);
    let all = [comment(&text, &source.indent), body.lines.clone()].concat();
    let name = new_name(source, "state_is_set");
    let (fixture, import) = of_pytest(source, "fixture");
    let mut lines = vec![format!("@{fixture}{scope}"), format!("def {name}({}):", body.arguments.join(", "))];
    lines.extend(all.iter().map(|line| format!("{}{line}", source.indent)));
    lines.extend([String::new(), String::new()]);
    let edits = std::iter::once(source.lines(beside(source, &test.found), "", &lines)).chain(import);
    PatchCandidate::new(PatchReach::File, what).with(source, edits)
}

/// A call that led to the change of the state.
fn repeated(here: &TestSource, made: &RepeatableCall) -> TestCall {
    let names = ImportedNames::of(here);
    let (callee, passed) = made.call.split_once('(').unwrap_or((&made.call, ")"));
    let passed = passed.strip_suffix(')').unwrap_or(passed).to_owned();
    let bound = if is_own(&made.module, &here.path) {
        Some(made.name.clone())
    } else {
        names.content(&made.module, &made.name)
    };
    let import = bound.is_none().then(|| format!("from {} import {}", made.module, made.name));
    let imports = import.into_iter().collect();
    let method = callee.strip_prefix(made.name.as_str()).unwrap_or("");
    let callee = format!("{}{method}", bound.as_ref().unwrap_or(&made.name));
    TestCall { imports, callee, arguments: Vec::new(), passed }
}
