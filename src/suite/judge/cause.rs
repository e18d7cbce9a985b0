//! Which of the causes a piece of state stands for, and what may cure it. That it decides the outcome is proven before.

use std::collections::BTreeMap;

use super::extra_causes::NamedCause;
use crate::cause::Cause;
use crate::suite::finding::{HuntRemedy, Kind, UNKNOWN};
use crate::suite::runner::message::Cell;

/// State that is not the import system's was changed and not put back.
const CHANGED_STATE: &str = "changed-state";
/// A name was wanted from a module that was still being imported.
pub(crate) const CIRCULAR_IMPORT: &str = "circular-import";
/// A submodule was left by an import of its package that failed.
pub(crate) const HALF_IMPORTED_PACKAGE: &str = "half-imported-package";
/// A submodule that only somebody else imports.
pub(crate) const MISSING_SUBMODULE: &str = "missing-submodule";
/// The import of a module changed state.
pub(crate) const IMPORT_SIDE_EFFECT: &str = "import-side-effect";

const FINDERS: &str = "sys.path_importer_cache[";
const FIXTURE: &str = "fixture ";
const MODULES: &str = "sys.modules[";

/// Whether it is a cause of the import system, of which a scenario can tell.
pub(crate) fn has_scenarios(cause: &str) -> bool {
    cause != UNKNOWN && Cause::from_code(cause).is_some_and(Cause::is_declarable)
}

/// The code for the smallest state whose putting back decides the outcome.
pub(crate) fn of(kind: Kind, state: &[Cell]) -> &'static str {
    let all = |is: fn(&Cell) -> bool| state.iter().all(is);
    let any = |is: fn(&Cell) -> bool| state.iter().any(is);
    if any(is_negative) {
        "negative-path-entry"
    } else if kind != Kind::Brittle && any(is_orphan) {
        HALF_IMPORTED_PACKAGE
    } else if all(|cell| cell.cell.starts_with(FINDERS)) {
        "stale-directory-listing"
    } else if any(is_bytecode) {
        "stale-bytecode"
    } else if any(|cell| cell.cell.contains(".__path__")) {
        "stale-namespace-path"
    } else if any(is_module) {
        "retained-module"
    } else if kind == Kind::Collection {
        IMPORT_SIDE_EFFECT
    } else {
        CHANGED_STATE
    }
}

fn is_negative(cell: &Cell) -> bool {
    cell.cell.starts_with(FINDERS) && cell.after == "None"
}

/// A submodule whose package is not there, or is another one that has not bound it.
fn is_orphan(cell: &Cell) -> bool {
    let said = [" without its package", " not bound in its package"];
    is_module(cell) && said.iter().any(|end| cell.after.ends_with(end))
}

/// Whether it is an entry of `sys.modules`.
pub(crate) fn is_module(cell: &Cell) -> bool {
    cell.cell.starts_with(MODULES)
}

/// Whether it is an entry of `sys.modules`, or one that an import adds to a package.
pub(crate) fn holds_module(cell: &Cell) -> bool {
    is_module(cell) || (cell.alone == "absent" && cell.after.starts_with("<module "))
}

/// Whether it is the import system's own.
pub(crate) fn is_import_system(cell: &Cell) -> bool {
    holds_module(cell)
        || cell.cell.starts_with(FINDERS)
        || cell.cell.contains(".__path__")
        || is_bytecode(cell)
}

fn is_bytecode(cell: &Cell) -> bool {
    cell.cell.starts_with("file ") && cell.cell.contains("__pycache__")
}

/// The name of the cell for a module.
pub(crate) fn module_cell(module: &str) -> String {
    format!("{MODULES}'{module}']")
}

/// The module that was imported meanwhile, if that is what the cell says.
pub(crate) fn new_module(cell: &Cell) -> Option<String> {
    let came = cell.alone == "absent" && cell.after.starts_with("<module ");
    quoted(&cell.cell, MODULES).filter(|_| came).map(str::to_owned)
}

/// What is worth trying before the victim, each with the tests that are to run before.
pub(crate) fn remedies(
    kind: Kind,
    named: &NamedCause,
    state: &[Cell],
    before: &[usize],
) -> Vec<(String, Vec<usize>)> {
    let mut found = Vec::new();
    let imports = if named.cause == CIRCULAR_IMPORT { &named.modules[1..] } else { &named.modules };
    if named.cause == CIRCULAR_IMPORT || (kind == Kind::Brittle && !imports.is_empty()) {
        let before = if kind == Kind::Brittle { &[] } else { before };
        return vec![(format!("import {}", imports.join(", ")), before.to_vec())];
    }
    if state.iter().any(|cell| cell.cell.starts_with(FINDERS) || cell.cell.contains(".__path__")) {
        found.push(("invalidate-caches".to_owned(), before.to_vec()));
    }
    let modules = state.iter().filter_map(|cell| quoted(&cell.cell, MODULES));
    for module in modules {
        match kind {
            Kind::Brittle => found.push((format!("import {module}"), Vec::new())),
            _ => found.push((format!("forget {module}"), before.to_vec())),
        }
    }
    found
}

/// State by kind and by place, each part to be tried on its own.
pub(crate) fn parts(cells: &[Cell]) -> Vec<Vec<Cell>> {
    let mut parts: BTreeMap<String, Vec<Cell>> = BTreeMap::new();
    for cell in cells {
        let import_system = cell.cell.starts_with(FINDERS) || cell.cell.starts_with(MODULES);
        let end = if import_system { cell.cell.find('[') } else { cell.cell.find(['.', ' ']) };
        let kind = cell.cell[..end.unwrap_or(cell.cell.len())].to_owned();
        parts.entry(kind).or_default().push(cell.clone());
    }
    // A module that goes takes the name that its package has for it along.
    let is_module = |cell: &&Cell| cell.cell.starts_with(MODULES) || cell.after.starts_with("<module ");
    let modules: Vec<Cell> = cells.iter().filter(is_module).cloned().collect();
    std::iter::once(modules).chain(parts.into_values()).filter(|part| part.len() > 1).collect()
}

/// The repair that proved the cause, as a remedy.
pub(crate) fn put_back(state: &[Cell]) -> HuntRemedy {
    let remedy = match state {
        [cell] if cell.cell.starts_with(FIXTURE) => format!("set {} up again", cell.cell),
        [cell] if cell.alone == "absent" => format!("remove {}", cell.cell),
        [cell] => format!("put {} back to {}", cell.cell, cell.alone),
        several => format!("put all {} of these back", several.len()),
    };
    HuntRemedy { remedy, verified: true }
}

fn quoted<'a>(cell: &'a str, before: &str) -> Option<&'a str> {
    cell.strip_prefix(before)?.strip_prefix('\'')?.strip_suffix("']")
}

#[cfg(test)]
mod tests {
    use super::{Kind, NamedCause, of, remedies};
    use crate::suite::runner::message::Cell;

    fn cell(name: &str, alone: &str, after: &str) -> Cell {
        Cell { cell: name.to_owned(), alone: alone.to_owned(), after: after.to_owned() }
    }

    #[test]
    fn states_of_the_import_system_have_codes() {
        let listing = [cell("sys.path_importer_cache['/d']", "absent", "listed at 1.0: a.py")];
        assert_eq!(of(Kind::Victim, &listing), "stale-directory-listing");
        let missing = [cell("sys.path_importer_cache['/d']", "absent", "None")];
        assert_eq!(of(Kind::Victim, &missing), "negative-path-entry");
        let module = [cell("sys.modules['html.parser']", "absent", "<module '/p'>")];
        assert_eq!(of(Kind::Victim, &module), "retained-module");
        let orphan = [cell("sys.modules['p.sub']", "absent", "<module '/p'> without its package")];
        assert_eq!(of(Kind::Victim, &orphan), "half-imported-package");
        assert_eq!(of(Kind::Victim, &[cell("t.k", "1", "2")]), "changed-state");
    }

    #[test]
    fn a_retained_module_may_be_forgotten() {
        let module = [cell("sys.modules['html.parser']", "absent", "<module '/p'>")];
        let named = NamedCause { cause: "retained-module", modules: Vec::new() };
        assert_eq!(
            remedies(Kind::Victim, &named, &module, &[3]),
            [("forget html.parser".to_owned(), vec![3])]
        );
    }
}
