//! Remedies to try, and the repair that confirmed a cause as one: in steps that a scenario can write. `candidates` adds what else is
//! worth trying.

use super::assignment;
use super::why::{ProofKind, SuspectedCause};
use crate::cause::Cause;
use crate::interpreter::Inspection;
use crate::remedy::RemedyKind;
use crate::scenario::{Action, Check, Repair, Step};
use crate::world::{EntryPath, Operation};

/// A remedy to try.
pub(super) struct Candidate {
    pub(super) kind: RemedyKind,
    /// How a scenario writes it.
    pub(super) written: String,
    pub(super) steps: Vec<Step>,
    /// A place of the failing ordering to try beside the usual ones.
    pub(super) at: Option<usize>,
}

/// The module of the classes that code of steps makes.
const STEP_MODULE: &str = "__main__";

/// A step and how a scenario writes it.
pub(super) type WrittenStep = (RemedyKind, String, Step);

/// The repair of `now` as a remedy, or `None` if steps cannot do it, or other remedies do the same.
pub(super) fn proven(suspicion: &SuspectedCause, now: &Inspection) -> Option<Candidate> {
    if suspicion.proof == ProofKind::Spoiled {
        return None;
    }
    let steps: Vec<WrittenStep> =
        suspicion.repair.iter().map(|step| written(step, suspicion.cause, now)).collect::<Option<_>>()?;
    let kind = steps.last()?.0;
    let written: Vec<&str> = steps.iter().map(|(_, written, _)| written.as_str()).collect();
    Some(Candidate {
        kind,
        written: written.join(", "),
        steps: steps.iter().map(|(_, _, step)| step.clone()).collect(),
        at: suspicion.at,
    })
}

fn written(step: &Step, cause: Cause, now: &Inspection) -> Option<WrittenStep> {
    match step {
        Step::World(operation) => on_files(operation, cause),
        Step::Interpreter(Action::Import { module, .. }) => Some(importing(RemedyKind::Import, module)),
        Step::Interpreter(Action::Repair(Repair::ForgetModule(name))) => {
            let written = format!("{{ forget = \"{name}\" }}");
            Some((RemedyKind::Forget, written, Step::Interpreter(Action::Forget(name.clone()))))
        }
        Step::Interpreter(Action::Repair(Repair::RestoreVariable { variable, value })) => {
            let is_plain = !value.as_ref().is_some_and(|value| value.contains('$'));
            is_plain.then(|| setting_variable(variable, value.as_deref()))
        }
        Step::Interpreter(Action::Repair(Repair::RestoreDirectory(path))) => {
            let written = format!("{{ chdir = \"{path}\" }}");
            Some((RemedyKind::PutBack, written, Step::Interpreter(Action::ChangeDirectory(path.clone()))))
        }
        Step::Interpreter(Action::Repair(repair)) => {
            let (kind, code) = code_of(repair, now)?;
            Some(executing(kind, &code))
        }
        Step::Interpreter(_) => None,
    }
}

/// A reload, of which what is wanted is that a module's body puts back what it made.
pub(super) fn reloading(module: &str) -> WrittenStep {
    let step = Action::Reload { module: module.to_owned(), check: Check::Nothing };
    (RemedyKind::PutBack, format!("{{ reload = \"{module}\" }}"), Step::Interpreter(step))
}

/// A plain import.
pub(super) fn importing(kind: RemedyKind, module: &str) -> WrittenStep {
    let step = Action::Import { module: module.to_owned(), names: Vec::new(), check: Check::Nothing };
    (kind, format!("{{ import = \"{module}\" }}"), Step::Interpreter(step))
}

fn setting_variable(name: &str, value: Option<&str>) -> WrittenStep {
    let written = match value {
        Some(value) => {
            format!("{{ setenv = \"{name}\", value = {} }}", toml_edit::Value::from(value))
        }
        None => format!("{{ unsetenv = \"{name}\" }}"),
    };
    let step = Action::SetVariable { name: name.to_owned(), value: value.map(str::to_owned) };
    (RemedyKind::PutBack, written, Step::Interpreter(step))
}

/// Code as a step.
pub(super) fn executing(kind: RemedyKind, code: &str) -> WrittenStep {
    let step = Action::Exec { code: code.into(), check: Check::Nothing };
    (kind, format!("{{ exec = {} }}", toml_edit::Value::from(code)), Step::Interpreter(step))
}

fn on_files(operation: &Operation, cause: Cause) -> Option<WrittenStep> {
    let (kind, written) = match operation {
        Operation::Remove(path) if cause == Cause::StaleBytecode => {
            (RemedyKind::RemoveBytecode, format!("{{ remove = \"{path}\" }}"))
        }
        Operation::Remove(path) => (RemedyKind::Remove, format!("{{ remove = \"{path}\" }}")),
        Operation::Mkdir(path) => (RemedyKind::PutBack, format!("{{ mkdir = \"{path}\" }}")),
        Operation::Write { path, text, .. } => {
            let text = toml_edit::Value::from(&**text);
            (RemedyKind::PutBack, format!("{{ write = \"{path}\", text = {text} }}"))
        }
        _ => return None,
    };
    Some((kind, written, Step::World(operation.clone())))
}

/// A repair as Python code, where other remedies do not do the same; `now` is the state that it repairs.
pub(super) fn code_of(repair: &Repair, now: &Inspection) -> Option<(RemedyKind, String)> {
    let put_back = |code: String| Some((RemedyKind::PutBack, code));
    match repair {
        Repair::DropPathEntry(path) => Some((RemedyKind::DropPathEntry, dropping(path))),
        Repair::DropRelativeEntry(entry) | Repair::ForgetRelativeListing(entry) => {
            let code = format!("import sys; sys.path_importer_cache.pop({}, None)", text(entry));
            Some((RemedyKind::DropPathEntry, code))
        }
        Repair::SetPackagePath { package, portions } => {
            let portions: Vec<String> = portions.iter().map(absolute).collect();
            let module = module_of(package);
            put_back(format!("import os, sys; {module}.__path__ = [{}]", portions.join(", ")))
        }
        Repair::BindChild { package, child } => {
            let whole = module_of(&format!("{package}.{child}"));
            put_back(format!("import sys; setattr({}, {}, {whole})", module_of(package), text(child)))
        }
        Repair::RestoreAttribute { module, attribute, literal } => put_back(match literal {
            Some(literal) => {
                // A text that is below the ordering's directory begins with it.
                let literal = literal.replace("'$", &format!("'{}", assignment::ROOT_MARK));
                let value = assignment::written(&literal).filter(|value| !value.contains('$'))?;
                let os = if value.contains("os.path.abspath(") { "os, " } else { "" };
                format!("import {os}sys; {}.{attribute} = {value}", module_of(module))
            }
            None => format!("import sys; del {}.{attribute}", module_of(module)),
        }),
        Repair::AliasModule { name, of } => {
            put_back(format!("import sys; sys.modules[{}] = {}", text(name), module_of(of)))
        }
        Repair::RebindName { reader, attribute, module, name } => {
            let name = name.as_ref().map(|name| format!(".{name}")).unwrap_or_default();
            put_back(format!("import sys; {}.{attribute} = {}{name}", module_of(reader), module_of(module)))
        }
        Repair::EmptyCache { module, path } => {
            put_back(format!("import sys; {}.{path}.cache_clear()", module_of(module)))
        }
        Repair::RestorePiece { address, value } => {
            let piece = now.pieces.get(address);
            let is_own = |name: &str| {
                let file = now.modules.get(name).and_then(|module| module.file.as_ref());
                // Code of steps makes classes too.
                name == STEP_MODULE || file.is_some_and(|file| file.starts_with('$'))
            };
            let code = assignment::code(address, value, piece.and_then(|piece| piece.literal.as_deref()));
            put_back(code.or_else(|| assignment::without_objects(address, &piece?.shown, is_own))?)
        }
        _ => None,
    }
}

/// Code that drops the entry of a directory of the ordering.
pub(super) fn dropping(path: &EntryPath) -> String {
    format!("import os, sys; sys.path_importer_cache.pop({}, None)", absolute(path))
}

fn module_of(name: &str) -> String {
    format!("sys.modules[{}]", text(name))
}

/// A path of the ordering as Python computes it while the working directory is the ordering's.
fn absolute(path: &EntryPath) -> String {
    format!("os.path.abspath({})", text(if path.is_root() { "." } else { path.as_str() }))
}

/// A text as a Python literal.
fn text(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n");
    format!("'{escaped}'")
}
