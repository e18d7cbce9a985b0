//! Changes of a test that counts on others to have set its state: it imports what it needs, or sets the state itself.

use ruff_python_ast::Stmt;

use super::candidate::{PatchCandidate, PatchReach, comment, imports, parameter};
use super::group::PatchGroup;
use super::mocked::AskedParameters;
use super::place::{Held, PythonPlace};
use super::reason;
use super::source::{FoundFunction, TestSource};
use super::statement::{changes, patched, statements_of};
use super::written_value::WrittenValue;
use crate::suite::runner::cell::{Cell, ValueKind};

/// A test that is to have some state.
pub(super) struct NeedyTest<'a> {
    pub(super) group: &'a PatchGroup<'a>,
    pub(super) id: &'a str,
    pub(super) source: &'a TestSource,
    pub(super) found: FoundFunction<'a>,
    /// Why it needs the state.
    pub(super) reason: String,
}

impl<'a> NeedyTest<'a> {
    /// The victim of a group, in its source.
    pub(super) fn of(group: &'a PatchGroup<'a>, source: &'a TestSource, reason: String) -> Option<Self> {
        Self::one_of(group, &group.first().victim, source, reason)
    }

    /// One of the victims of a group.
    pub(super) fn one_of(
        group: &'a PatchGroup<'a>,
        id: &'a str,
        source: &'a TestSource,
        reason: String,
    ) -> Option<Self> {
        Some(Self { group, id, source, found: source.find(id).ok()?, reason })
    }

    pub(super) fn name(&self) -> String {
        reason::said(self.id, self.id)
    }

    pub(super) fn is_unittest(&self) -> bool {
        self.found.class.is_some_and(|class| self.source.is_unittest(class))
    }

    pub(super) fn at_start(
        &self,
        reach: PatchReach,
        what: String,
        modules: &[String],
        lines: &[String],
    ) -> Option<PatchCandidate> {
        let (at, margin) = self.source.body_start(self.found.function)?;
        let (mut edits, inner) = imports(self.source, modules);
        let all = [comment(&self.reason, &margin), inner, lines.to_vec()].concat();
        edits.push(self.source.lines(at, &margin, &all));
        Some(PatchCandidate::new(reach, what).with(self.source, edits))
    }

    /// The missing imports: at the top of the file, or where the test begins.
    pub(super) fn importing(&self, modules: &[String]) -> Vec<PatchCandidate> {
        if modules.is_empty() {
            return Vec::new();
        }
        let what = format!("{} imports {}", self.name(), modules.join(", "));
        let lines: Vec<String> = modules.iter().map(|module| format!("import {module}")).collect();
        let inner = self.at_start(PatchReach::Statement, what, &[], &lines);
        let top: Vec<_> = modules.iter().filter_map(|module| self.source.import(module)).collect();
        let what = format!("the file imports {}", modules.join(", "));
        let first = top.first().map(|first| self.source.lines(first.from, "", &comment(&self.reason, "")));
        let top = first.map(|first| {
            PatchCandidate::new(PatchReach::Test, what).with(self.source, std::iter::once(first).chain(top))
        });
        inner.into_iter().chain(top).collect()
    }

    /// The test sets the state itself, to the value that a text of each cell says, and restores it at its end.
    pub(super) fn with_values(
        &self,
        reach: PatchReach,
        value: impl Fn(&Cell) -> (&str, ValueKind),
    ) -> Option<PatchCandidate> {
        let (lines, modules) = self.set_all(self.is_unittest(), value)?;
        let what = format!("{} sets {} itself", self.name(), reason::cells(self.group.first()));
        let candidate = self.at_start(reach, what, &modules, &lines)?;
        if self.is_unittest() {
            return Some(candidate);
        }
        Some(candidate.with(self.source, parameter(self.found.function, "monkeypatch")?))
    }

    /// The statements that set all of the state to the value that a text of each cell says, and restore it at the end of a test of
    /// `unittest` or of another one; with the imports that they need.
    pub(super) fn set_all(
        &self,
        unittest: bool,
        value: impl Fn(&Cell) -> (&str, ValueKind),
    ) -> Option<(Vec<String>, Vec<String>)> {
        let (mut lines, mut modules) = (Vec::new(), Vec::new());
        for cell in &self.group.first().state {
            let place = PythonPlace::of(cell, self.source)?;
            modules.extend(place.imports.iter().cloned());
            let written = match value(cell) {
                (_, ValueKind::Absent) => None,
                (text, _) => Some(WrittenValue::of(text, self.source)?),
            };
            // What a module has by this name is what the state itself has there.
            if written.as_ref().is_some_and(|value| value.expression == place.expression()) {
                return None;
            }
            modules.extend(written.iter().flat_map(|value| value.imports.iter().cloned()));
            let value = written.as_ref().map(|value| value.expression.as_str());
            lines.extend(self.set(&place, unittest, value)?);
        }
        (!lines.is_empty()).then_some((lines, modules))
    }

    /// The statements that set a place to a value, or remove it.
    fn set(&self, place: &PythonPlace, unittest: bool, value: Option<&str>) -> Option<Vec<String>> {
        let here = place.expression();
        let holder = &place.holder;
        let raising = if place.is_new { ", raising=False" } else { "" };
        Some(match (&place.held, value) {
            (Held::Attribute(name), value) => {
                let name = self.source.quoted(name);
                match (unittest, value) {
                    (false, Some(value)) => {
                        vec![format!("monkeypatch.setattr({holder}, {name}, {value}{raising})")]
                    }
                    (false, None) => vec![format!("monkeypatch.delattr({holder}, {name}, raising=False)")],
                    (true, Some(value)) if !place.is_new => {
                        vec![
                            format!("self.addCleanup(setattr, {holder}, {name}, {here})"),
                            format!("{here} = {value}"),
                        ]
                    }
                    (true, _) => return None,
                }
            }
            (Held::Item(key), value) => {
                let environment = holder.ends_with("environ");
                match (unittest, value) {
                    (false, Some(value)) if environment => {
                        vec![format!("monkeypatch.setenv({key}, {value})")]
                    }
                    (false, None) if environment => vec![format!("monkeypatch.delenv({key}, raising=False)")],
                    (false, Some(value)) => vec![format!("monkeypatch.setitem({holder}, {key}, {value})")],
                    (false, None) => vec![format!("monkeypatch.delitem({holder}, {key}, raising=False)")],
                    (true, Some(value)) => {
                        let undo = if place.is_new {
                            format!("{holder}.pop, {key}, None")
                        } else {
                            format!("{holder}.__setitem__, {key}, {here}")
                        };
                        vec![format!("self.addCleanup({undo})"), format!("{here} = {value}")]
                    }
                    (true, None) => vec![
                        format!("self.addCleanup({holder}.update, dict({holder}))"),
                        format!("{holder}.pop({key}, None)"),
                    ],
                }
            }
            (Held::List, Some(value)) if unittest => vec![
                format!("self.addCleanup({holder}.__setitem__, slice(None), {holder}[:])"),
                format!("{holder}[:] = {value}"),
            ],
            _ => return None,
        })
    }

    /// The test does what its state-setters did: the statements by which they set the state, in a form that restores it at the end of
    /// the test where there is one, or as they are.
    pub(super) fn like_setters(&self, setters: &[(&str, &TestSource)]) -> Vec<PatchCandidate> {
        let (mut lines, mut restoring) = (Vec::new(), Vec::new());
        for (id, source) in setters {
            let Some(found) = source.find(id).ok().filter(|_| source.path == self.source.path) else {
                return Vec::new();
            };
            let places: Vec<PythonPlace> =
                self.group.first().state.iter().filter_map(|cell| PythonPlace::of(cell, source)).collect();
            let is_one = |statement: &&Stmt| {
                source.stands_alone(statement)
                    && is_simple(statement)
                    && (self.group.is_guilty(source, statement)
                        || places.iter().any(|place| {
                            changes(source, statement, place) || is_call_on(source, statement, place)
                        }))
            };
            for statement in statements_of(&found.function.body).into_iter().filter(is_one) {
                let line = source.text_of(statement).to_owned();
                restoring.push(patched(source, statement, true).unwrap_or_else(|| line.clone()));
                lines.push(line);
            }
        }
        if lines.is_empty() || lines.iter().any(|line| line.contains('\n')) {
            return Vec::new();
        }
        let what = format!("{} does what its state-setter did", self.name());
        let with_undo = (restoring != lines && !self.is_unittest()).then(|| {
            let what = format!("{what}, with monkeypatch, which restores");
            let with_monkeypatch = parameter(self.found.function, "monkeypatch")?;
            Some(self.at_start(PatchReach::Test, what, &[], &restoring)?.with(self.source, with_monkeypatch))
        });
        let with_undo = with_undo.flatten();
        // As they are, they make a polluter of the test.
        let reach = if with_undo.is_some() { PatchReach::Beside } else { PatchReach::Test };
        with_undo.into_iter().chain(self.at_start(reach, what, &[], &lines)).collect()
    }

    /// The test uses the fixtures that a state-setter uses.
    pub(super) fn fixtures_of(&self, id: &str, source: &TestSource) -> Vec<PatchCandidate> {
        let Ok(setter) = source.find(id) else { return Vec::new() };
        let own = AskedParameters::of(self.source, &self.found).names;
        let theirs = AskedParameters::of(source, &setter).names.into_iter();
        let new = theirs.filter(|name| !own.contains(name) && *name != "monkeypatch");
        let with = |name: &str| {
            let edits = parameter(self.found.function, name)?;
            let at = super::source::start_of(self.found.function);
            let margin = self.source.margin(at)?;
            let lines = self.source.lines(self.source.line_start(at), margin, &comment(&self.reason, margin));
            let what = format!("{} uses the fixture {name}", self.name());
            Some(
                PatchCandidate::new(PatchReach::Statement, what)
                    .with(self.source, edits)
                    .with(self.source, [lines]),
            )
        };
        new.filter_map(with).collect()
    }
}

fn is_simple(statement: &Stmt) -> bool {
    matches!(
        statement,
        Stmt::Assign(_)
            | Stmt::AugAssign(_)
            | Stmt::Expr(_)
            | Stmt::Delete(_)
            | Stmt::Import(_)
            | Stmt::ImportFrom(_)
    )
}

/// Whether a statement calls a method of what a place is the content of.
fn is_call_on(source: &TestSource, statement: &Stmt, place: &PythonPlace) -> bool {
    let call = statement.as_expr_stmt().and_then(|each| each.value.as_call_expr());
    let holder =
        call.and_then(|call| call.func.as_attribute_expr()).map(|callee| source.text_of(&*callee.value));
    let is_content =
        matches!(place.held, Held::List | Held::Set | Held::Queue | Held::Database | Held::Item(_));
    is_content && holder.is_some_and(|holder| same_holder(holder, &place.holder))
}

/// Whether two expressions say the same: `self.x` is `x` of the class.
fn same_holder(one: &str, other: &str) -> bool {
    let inner = |text: &str| text.strip_prefix("self.").or(text.strip_prefix("cls.")).map(str::to_owned);
    one == other || inner(one).is_some_and(|name| other.ends_with(&format!(".{name}")))
}
