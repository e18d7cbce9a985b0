//! Changes of a file that pollutes while it is collected: its statement moves into a fixture that restores, after each test or,
//! where what a class sets up or tears down needs it too, after the last test of the file.

use ruff_python_ast::Stmt;
use ruff_text_size::Ranged as _;

use super::candidate::{PatchCandidate, PatchReach, comment, new_name, of_pytest};
use super::edits::Edit;
use super::group::PatchGroup;
use super::place::PythonPlace;
use super::reason;
use super::source::TestSource;
use super::statement::{changes, patched};
use crate::suite::runner::cell::ValueKind;

/// How long what the fixture does lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FixtureScope {
    Test,
    File,
}

/// The change in which all statements of the file's top level that change the state are done by a fixture.
pub(super) fn candidate(
    group: &PatchGroup<'_>,
    (file, source): (&str, &TestSource),
    scope: FixtureScope,
) -> Option<PatchCandidate> {
    let cells = &group.first().state;
    let places: Vec<PythonPlace> = cells.iter().filter_map(|cell| PythonPlace::of(cell, source)).collect();
    let is_new = cells.iter().all(|cell| cell.alone_is == ValueKind::Absent);
    let (mut lines, mut taken): (Vec<String>, Vec<&Stmt>) = (Vec::new(), Vec::new());
    for statement in source.syntax.body.iter().filter(|each| source.stands_alone(each)) {
        let text = source.text_of(statement);
        if places.iter().any(|place| changes(source, statement, place) || group.is_guilty(source, statement))
        {
            let Some(call) = patched(source, statement, is_new) else { continue };
            lines.push(call);
        } else if !taken.is_empty() && places.iter().any(|place| goes_on(text, &place.expression())) {
            lines.push(text.to_owned());
        } else {
            continue;
        }
        taken.push(statement);
    }
    if taken.is_empty() || lines.iter().any(|line| line.contains('\n')) {
        return None;
    }
    Some(fixture(group, (file, source), scope, (&taken, &lines)))
}

/// Whether a statement is about what is within an expression.
fn goes_on(text: &str, expression: &str) -> bool {
    let even = |text: &str| text.replace('"', "'");
    even(text).strip_prefix(&even(expression)).is_some_and(|rest| rest.starts_with(['.', '[']))
}

fn fixture(
    group: &PatchGroup<'_>,
    (file, source): (&str, &TestSource),
    scope: FixtureScope,
    (taken, lines): (&[&Stmt], &[String]),
) -> PatchCandidate {
    let (decorator, import) = of_pytest(source, "fixture");
    let name = new_name(source, "only_while_tests_of_this_file_run");
    let fail = reason::victims(&group.findings, file, ("fails", "fail"));
    let text = format!(
        "Done here, and undone after {}: {fail} if {} is changed when this file is imported.",
        if scope == FixtureScope::Test { "each test" } else { "the last test of this file" },
        reason::cells(group.first())
    );
    let indented = |lines: &[String]| lines.iter().map(|line| format!("    {line}")).collect::<Vec<_>>();
    let reason = indented(&comment(&text, &source.indent));
    let mut edits: Vec<Edit> = import.into_iter().collect();
    let all = match scope {
        FixtureScope::Test => {
            let head = [format!("@{decorator}(autouse=True)"), format!("def {name}(monkeypatch):")];
            [&head[..], &reason, &indented(lines)].concat()
        }
        FixtureScope::File => {
            // pytest has this since 6.2; on an older one this change fails, and is not offered.
            let (own, import) = of_pytest(source, "MonkeyPatch");
            edits.extend(import.filter(|import| !edits.contains(import)));
            let scope = source.quoted("module");
            let head = [format!("@{decorator}(autouse=True, scope={scope})"), format!("def {name}():")];
            let with = [format!("with {own}.context() as monkeypatch:")];
            let within = [indented(lines), vec!["    yield".to_owned()]].concat();
            [&head[..], &reason, &indented(&with), &indented(&within)].concat()
        }
    };
    for (number, statement) in taken.iter().enumerate() {
        let at = source.line_start(statement.start().to_usize());
        let next = source.next_line(statement.end().to_usize());
        let mut edit = Edit { from: at, to: next, text: String::new() };
        if number == 0 {
            let above = if blank_line_above(source, at) { 1 } else { 2 };
            let below =
                if source.text[next..].starts_with(source.newline) || taken.len() > 1 { 0 } else { 2 };
            let padded = [vec![String::new(); above], all.clone(), vec![String::new(); below]].concat();
            edit.text = source.lines(at, "", &padded).text;
        }
        edits.push(edit);
    }
    let (reach, when) = match scope {
        FixtureScope::Test => (PatchReach::Beside, ""),
        FixtureScope::File => (PatchReach::File, " after its last test"),
    };
    let what = format!("a fixture of {file} changes {}, and restores{when}", reason::cells(group.first()));
    PatchCandidate::new(reach, what).with(source, edits)
}

fn blank_line_above(source: &TestSource, at: usize) -> bool {
    at > 0 && source.text[source.line_start(at - 1)..at].trim().is_empty()
}
