//! Changes of a brittle test that calls its state-setters itself.

use std::path::Path;

use ruff_python_ast::StmtClassDef;

use super::candidate::{PatchCandidate, PatchReach, parameters};
use super::edits::Edit;
use super::mocked::AskedParameters;
use super::names::ImportedNames;
use super::place::{Held, PythonPlace, as_written, is_expression};
use super::setting::NeedyTest;
use super::source::{FoundFunction, TestSource};
use crate::suite::runner::cell::{Cell, ValueKind};

impl NeedyTest<'_> {
    /// The test calls its state-setters, with the fixtures that they take: always, or only where the state is not there yet,
    /// or once what its class has set up for all of its tests is made again.
    pub(super) fn calling(&self, setters: &[(&str, &TestSource)]) -> Vec<PatchCandidate> {
        let Some((lines, edits)) = self.calls(setters) else { return Vec::new() };
        // A state-setter that fails in every order has set the state all the same.
        if self.group.broken.iter().any(|broken| setters.iter().any(|(id, _)| broken.test == *id)) {
            return self
                .suppressing(&lines)
                .map(|candidate| candidate.with(self.source, edits))
                .into_iter()
                .collect();
        }
        let what = format!("{} calls its state-setter", self.name());
        let always = self.at_start(PatchReach::Beside, what, &[], &lines);
        let always = always.map(|candidate| candidate.with(self.source, edits.clone()));
        let anew = self.calling_anew(&lines);
        let missing = self.calling_where_missing(&lines, edits.clone());
        let guarded = setters.iter().any(|(id, _)| self.group.fails_before(id)).then(|| {
            let what = format!("{} calls its state-setter if it has not run, which may fail", self.name());
            self.where_missing(what, &guarded(&lines), &["contextlib".to_owned()], edits)
        });
        always.into_iter().chain(missing).chain(anew).chain(guarded.flatten()).collect()
    }

    /// The test calls its state-setters, whatever they raise.
    fn suppressing(&self, calls: &[String]) -> Option<PatchCandidate> {
        let lines = guarded(calls);
        let what = format!("{} calls its state-setter, which fails, and goes on", self.name());
        self.at_start(PatchReach::Beside, what, &["contextlib".to_owned()], &lines)
    }

    /// A test of `unittest` finds what its class has made as the first test of the class does.
    fn calling_anew(&self, calls: &[String]) -> Option<PatchCandidate> {
        let class = self.found.class.filter(|class| self.source.is_unittest(class))?;
        let mut methods = class.body.iter().filter_map(|each| each.as_function_def_stmt());
        methods.find(|each| each.name.as_str() == "setUpClass")?;
        let what = format!("{} runs setUpClass again and calls its state-setter", self.name());
        let lines = [&["self.setUpClass()".to_owned()], calls].concat();
        self.at_start(PatchReach::Beside, what, &[], &lines)
    }

    fn calling_where_missing(&self, calls: &[String], edits: Vec<Edit>) -> Option<PatchCandidate> {
        let what = format!("{} calls its state-setter if it has not run", self.name());
        self.where_missing(what, calls, &[], edits)
    }

    /// The test makes calls where the state is not there yet.
    fn where_missing(
        &self,
        what: String,
        calls: &[String],
        modules: &[String],
        edits: Vec<Edit>,
    ) -> Option<PatchCandidate> {
        let places: Option<Vec<(PythonPlace, String)>> =
            self.group.first().state.iter().map(|cell| self.is_missing(cell)).collect();
        let places = places.filter(|places| !places.is_empty())?;
        let needed = places.iter().flat_map(|(place, _)| &place.imports);
        let modules: Vec<String> = modules.iter().chain(needed).cloned().collect();
        let conditions: Vec<&str> = places.iter().map(|(_, condition)| condition.as_str()).collect();
        let mut lines = vec![format!("if {}:", conditions.join(" or "))];
        lines.extend(calls.iter().map(|call| format!("    {call}")));
        Some(self.at_start(PatchReach::Beside, what, &modules, &lines)?.with(self.source, edits))
    }

    /// The condition that a cell has the value of the test alone.
    fn is_missing(&self, cell: &Cell) -> Option<(PythonPlace, String)> {
        let place = PythonPlace::of(cell, self.source)?;
        let (here, holder) = (place.expression(), &place.holder);
        let condition = match &place.held {
            Held::Item(key) if place.is_new => format!("{key} not in {holder}"),
            Held::Attribute(name) if place.is_new => {
                format!("not hasattr({holder}, {})", self.source.quoted(name))
            }
            Held::Item(_) | Held::Attribute(_) => match cell.alone.as_str() {
                "None" => format!("{here} is None"),
                "False" | "[]" | "{}" | "''" | "0" => format!("not {here}"),
                text if cell.alone_is != ValueKind::Absent && is_literal(text) => {
                    format!("{here} == {}", as_written(text, self.source))
                }
                _ => return None,
            },
            Held::List | Held::Set | Held::Queue
                if ["[]", "set()", "deque([])"].contains(&cell.alone.as_str()) =>
            {
                format!("not {holder}")
            }
            _ => return None,
        };
        Some((place, condition))
    }

    /// The calls of the state-setters, and the changes by which the test gets their fixtures.
    fn calls(&self, setters: &[(&str, &TestSource)]) -> Option<(Vec<String>, Vec<Edit>)> {
        let (mut lines, mut fixtures) = (Vec::new(), Vec::<String>::new());
        let class = |found: &FoundFunction<'_>| found.class.map(|class| class.name.to_string());
        for (id, source) in setters {
            let setter = source.find(id).ok()?;
            let call = if source.path == self.source.path && class(&setter) == class(&self.found) {
                self.call_beside(&setter)
            } else {
                call_of(self.source, source, &setter)
            }?;
            let imports = call.imports.into_iter().filter(|import| !lines.contains(import));
            lines.extend(imports.collect::<Vec<_>>());
            lines.push(format!("{}({})", call.callee, call.passed));
            fixtures.extend(call.arguments);
        }
        let mut names: Vec<&str> = Vec::new();
        for name in &fixtures {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        Some((lines, parameters(self.found.function, &names)?))
    }

    /// A test of the same class, or a function of the same file.
    fn call_beside(&self, setter: &FoundFunction<'_>) -> Option<TestCall> {
        let owner = if setter.class.is_none() { "" } else { "self." };
        let callee = format!("{owner}{}", setter.function.name);
        (!setter.function.is_async).then(|| TestCall::with_fixtures(Vec::new(), callee, self.source, setter))
    }
}

/// Calls as lines that go on whatever they raise.
fn guarded(calls: &[String]) -> Vec<String> {
    let lines = |call: &String| {
        let is_call = !["from ", "import "].iter().any(|word| call.starts_with(word));
        let with = is_call.then(|| "with contextlib.suppress(Exception):".to_owned());
        with.into_iter().chain([if is_call { format!("    {call}") } else { call.clone() }])
    };
    calls.iter().flat_map(lines).collect()
}

/// Whether a text is a number or a text as Python writes it.
fn is_literal(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit() || "-'".contains(first))
        && is_expression(text)
        && !text.contains("...")
}

/// A call of a test, or of what it calls, by a fixture or another test.
pub(super) struct TestCall {
    pub(super) imports: Vec<String>,
    pub(super) callee: String,
    /// Fixtures that it needs.
    pub(super) arguments: Vec<String>,
    /// The arguments as they are written.
    pub(super) passed: String,
}

impl TestCall {
    /// A call of a function of tests with the fixtures that it takes.
    fn with_fixtures(
        imports: Vec<String>,
        callee: String,
        source: &TestSource,
        found: &FoundFunction<'_>,
    ) -> Self {
        let asked = AskedParameters::of(source, found);
        let arguments = asked.names.iter().map(|name| (*name).to_owned()).collect();
        Self { imports, callee, arguments, passed: asked.passed() }
    }
}

/// A test as a call.
pub(super) fn call_of(here: &TestSource, source: &TestSource, found: &FoundFunction<'_>) -> Option<TestCall> {
    let function = found.function;
    let name = function.name.as_str();
    let of_unittest = found.class.filter(|class| source.is_unittest(class));
    let top = found.class.map_or(name, |class| class.name.as_str());
    // An import at the top of the file would have the state-setter collected there, too.
    let mut imports = Vec::new();
    if source.path != here.path {
        imports.push(format!("from {} import {top}", module_of(&source.path)?));
    }
    if of_unittest.is_some() {
        let bound = ImportedNames::of(here).module("unittest");
        if bound.is_none() {
            imports.insert(0, "import unittest".to_owned());
        }
        let unittest = bound.as_deref().unwrap_or("unittest");
        // With all that is set up for it, for its class too; what it raises comes out of `debug`.
        let callee = format!("{unittest}.TestSuite([{top}({})]).debug", here.quoted(name));
        return Some(TestCall { imports, callee, arguments: Vec::new(), passed: String::new() });
    }
    let callee = match found.class {
        Some(class) if is_ready(class) => format!("{top}().{name}"),
        Some(_) => return None,
        None => name.to_owned(),
    };
    (!function.is_async).then(|| TestCall::with_fixtures(imports, callee, source, found))
}

/// Whether an object of a class is all that its methods need.
fn is_ready(class: &StmtClassDef) -> bool {
    let sets_up =
        |name: &str| name.starts_with("__") || name.starts_with("setup") || name.starts_with("teardown");
    let mut methods = class.body.iter().filter_map(|each| each.as_function_def_stmt());
    class.arguments.as_ref().is_none_or(|bases| bases.is_empty())
        && !methods.any(|each| sets_up(each.name.as_str()))
}

/// The name by which a test file is imported: below the first directory that is no package, as pytest does by default.
fn module_of(path: &Path) -> Option<String> {
    let mut name = path.file_stem()?.to_str()?.to_owned();
    let mut folder = path.parent();
    while let Some(package) = folder.filter(|folder| folder.join("__init__.py").is_file()) {
        name = format!("{}.{name}", package.file_name()?.to_str()?);
        folder = package.parent();
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::module_of;

    #[test]
    fn a_module_is_named_below_the_first_directory_that_is_no_package() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("tests/unit");
        std::fs::create_dir_all(&inner).unwrap();
        let file = inner.join("test_it.py");
        assert_eq!(module_of(&file).as_deref(), Some("test_it"));
        for package in [inner.clone(), folder.path().join("tests")] {
            std::fs::write(package.join("__init__.py"), "").unwrap();
        }
        assert_eq!(module_of(&file).as_deref(), Some("tests.unit.test_it"));
    }
}
