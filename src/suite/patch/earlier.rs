//! A fixture by which the state-setters of a brittle test run before it, and before all that the tests of its file set up: for
//! state that only code of the package makes, and that a fixture may need already. One serves all such tests of a file.

use std::path::Path;

use ruff_python_ast::StmtClassDef;

use super::candidate::{PatchCandidate, PatchReach, beside, comment, new_name, of_pytest};
use super::reason;
use super::setting::{NeedyTest, parameters};
use super::source::{FoundFunction, TestSource};

/// The fixture, if the state-setters can be called: functions of a module, or methods of a class that needs no setting up.
pub(super) fn before_each_test(
    test: &NeedyTest<'_>,
    setters: &[(&str, &TestSource)],
) -> Option<PatchCandidate> {
    let names: Vec<String> = setters.iter().map(|(id, _)| reason::said(id, test.id)).collect();
    let text = format!("Without this, {} passes only after {}.", test.name(), reason::listed(&names).0);
    let (mut body, mut arguments) = (comment(&text, &test.source.indent), Vec::new());
    for (id, source) in setters {
        let call = call_of(test.source, source, &source.find(id).ok()?)?;
        body.extend(call.import);
        body.push(format!("{}({})", call.callee, call.arguments.join(", ")));
        arguments
            .extend(call.arguments.into_iter().filter(|name| !arguments.contains(name)).collect::<Vec<_>>());
    }
    if setters.is_empty() {
        return None;
    }
    let source = test.source;
    let name = new_name(source, "state_is_set");
    let (fixture, import) = of_pytest(source, "fixture");
    let mut lines =
        vec![format!("@{fixture}(autouse=True)"), format!("def {name}({}):", arguments.join(", "))];
    lines.extend(body.iter().map(|line| format!("{}{line}", source.indent)));
    lines.extend([String::new(), String::new()]);
    let what = format!("the state-setter runs before each test of {}", test.group.shown(&source.path));
    let edits = std::iter::once(source.lines(beside(source, &test.found), "", &lines)).chain(import);
    Some(PatchCandidate::new(PatchReach::File, what).with(source, edits))
}

/// How a test is called from a fixture.
struct SetterCall {
    import: Option<String>,
    callee: String,
    arguments: Vec<String>,
}

fn call_of(here: &TestSource, source: &TestSource, found: &FoundFunction<'_>) -> Option<SetterCall> {
    let function = found.function;
    if function.is_async {
        return None;
    }
    let name = function.name.as_str();
    let (top, callee) = match found.class {
        Some(class) if is_ready(class) => (class.name.as_str(), format!("{}().{name}", class.name)),
        Some(_) => return None,
        None => (name, name.to_owned()),
    };
    let own = usize::from(found.class.is_some());
    let arguments = parameters(found).into_iter().skip(own).map(str::to_owned).collect();
    // An import at the top of the file would have the state-setter collected there, too.
    let import =
        (source.path != here.path).then(|| Some(format!("from {} import {top}", module_of(&source.path)?)));
    let import = match import {
        Some(line) => Some(line?),
        None => None,
    };
    Some(SetterCall { import, callee, arguments })
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
