//! Why a module is missing that no order brings back: what the scenario itself, or the interpreter's environment, says of it. These
//! are the mistakes of a first scenario.

use crate::diagnose::Finding;
use crate::interpreter::cpython::packages::is_installed;
use crate::interpreter::{Identity, Outcome};
use crate::kind::FindingKind;
use crate::note::Note;
use crate::remedy::StepPlace;
use crate::scenario::{Action, Scenario, Step};
use crate::world::{EntryPath, Operation};

/// What is to be said of broken tests.
pub(super) fn notes(scenario: &Scenario, identity: &Identity, findings: &[Finding]) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for finding in findings.iter().filter(|finding| finding.kind == FindingKind::Broken) {
        let (Some(place), Some(module)) = (finding.failing_step, missing(&finding.outcome)) else { continue };
        notes.extend(why(scenario, identity, place, module).filter(|note| !notes.contains(note)));
    }
    notes
}

/// The module of the top level that an import did not find.
fn missing(outcome: &Outcome) -> Option<&str> {
    let Outcome::Failed { exception, message, .. } = outcome else { return None };
    if !["ModuleNotFoundError", "ImportError"].contains(&exception.as_str()) {
        return None;
    }
    // Python 2 has no quotes.
    let name = message.strip_prefix("No module named ")?.trim_matches('\'');
    let is_name = |part: &str| part.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    Some(name).filter(|name| !name.is_empty() && is_name(name))
}

fn why(scenario: &Scenario, identity: &Identity, place: StepPlace, module: &str) -> Option<Note> {
    let own = &scenario.tests[place.test].steps;
    let before = scenario.setup.iter().chain(&own[..place.step.saturating_sub(1).min(own.len())]);
    let files: Vec<&EntryPath> = before.filter_map(|step| written(step, module)).collect();
    let on_path = |directory: &str| scenario.steps().any(|step| adds(step, directory));
    if let Some(file) = files.iter().find(|file| !on_path(directory_of(file, module))) {
        let (file, directory) = (file.to_string(), directory_of(file, module).to_owned());
        return Some(Note::NotOnPath { place, file, directory });
    }
    let later =
        own.iter().enumerate().skip(place.step).find_map(|(at, step)| Some((at + 1, written(step, module)?)));
    if let Some((step, file)) = later.filter(|_| files.is_empty()) {
        return Some(Note::WrittenLater { place, file: file.to_string(), step });
    }
    let is_written = scenario.steps().any(|step| written(step, module).is_some());
    let is_hidden = !is_written && !scenario.real.site_packages;
    let installed = is_hidden && identity.path.as_deref().is_some_and(|path| is_installed(path, module));
    installed.then(|| Note::SitePackagesOff { place, module: module.to_owned() })
}

/// The file of this module that a step writes.
fn written<'a>(step: &'a Step, module: &str) -> Option<&'a EntryPath> {
    let Step::World(Operation::Write { path, .. }) = step else { return None };
    let is_its = |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        name.strip_suffix(".py") == Some(module)
    };
    let is_package =
        path.as_str().strip_suffix("/__init__.py").is_some_and(|folder| is_its(&format!("{folder}.py")));
    (is_package || is_its(path.as_str())).then_some(path)
}

/// The directory that has to be on `sys.path` for this file of a module.
fn directory_of<'a>(file: &'a EntryPath, module: &str) -> &'a str {
    let path = file.as_str();
    let end = [format!("{module}/__init__.py"), format!("{module}.py")];
    let end = end.iter().find(|end| path.ends_with(end.as_str())).map_or(0, String::len);
    path[..path.len() - end].trim_end_matches('/')
}

fn adds(step: &Step, directory: &str) -> bool {
    match step {
        Step::Interpreter(Action::SysPath { path, .. }) => path.as_str() == directory,
        // Whatever this may mean, nobody is told that it is missing.
        Step::Interpreter(Action::SysPathText { .. }) => true,
        Step::Interpreter(Action::Exec { code, .. }) => code.contains("path"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interpreter::Kind;
    use crate::scenario::Version;

    fn identity() -> Identity {
        let version = Version::new(3, 11, 7);
        Identity { kind: Kind::Model, version, path: None, label: "model".to_owned() }
    }

    /// The notes on the first test of a scenario, which fails for want of this module.
    fn notes_of(scenario: &str, module: &str, step: usize) -> Vec<Note> {
        let scenario = crate::scenario::parse("x.toml".as_ref(), scenario).expect("it is a scenario");
        let message = format!("No module named '{module}'");
        let outcome = Outcome::failed("ModuleNotFoundError", message);
        let mut finding = Finding::new(FindingKind::Broken, 0, outcome, vec![0]);
        finding.failing_step = Some(StepPlace { test: 0, step });
        notes(&scenario, &identity(), &[finding])
    }

    #[test]
    fn a_directory_that_is_not_on_the_path() {
        for file in ["d/e/n.py", "d/e/n/__init__.py"] {
            let scenario = format!(
                "title = \"x\"\nsetup = [{{ sys-path = \"d\" }}]\n[[test]]\nname = \"t\"\nsteps = [{{ write = \"{file}\" }}, {{ import = \"n\" }}]\n"
            );
            let place = StepPlace { test: 0, step: 2 };
            let wanted = Note::NotOnPath { place, file: file.to_owned(), directory: "d/e".to_owned() };
            assert_eq!(notes_of(&scenario, "n", 2), [wanted]);
        }
    }

    #[test]
    fn a_file_that_is_written_later() {
        let scenario = "title = \"x\"\nsetup = [{ sys-path = \"d\" }]\n[[test]]\nname = \"t\"\n\
                        steps = [{ import = \"n\" }, { mkdir = \"e\" }, { write = \"d/n.py\" }]\n";
        let place = StepPlace { test: 0, step: 1 };
        assert_eq!(
            notes_of(scenario, "n", 1),
            [Note::WrittenLater { place, file: "d/n.py".to_owned(), step: 3 }]
        );
    }

    #[test]
    fn nothing_is_said_of_what_may_have_other_reasons() {
        let on_path = "title = \"x\"\nsetup = [{ sys-path = \"d\" }]\n[[test]]\nname = \"t\"\n\
                       steps = [{ write = \"d/n.py\" }, { import = \"n\" }]\n";
        assert_eq!(notes_of(on_path, "n", 2), []);
        let by_code = "title = \"x\"\n[[test]]\nname = \"t\"\n\
                       steps = [{ exec = \"import sys; sys.path.append('d')\" }, { write = \"d/n.py\" }, { import = \"n\" }]\n";
        assert_eq!(notes_of(by_code, "n", 3), []);
        assert_eq!(notes_of(on_path, "elsewhere", 2), []);
    }
}
