//! Which of the causes a piece of state stands for, and what may cure it. That it decides the outcome is proven before.

use std::collections::BTreeMap;

use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::remedy::RemedyKind;
use crate::suite::finding::HuntRemedy;
use crate::suite::runner::cell::{Cell, CellKind, ValueKind};
use crate::suite::runner::probe::Cure;

/// The name for what happened.
#[derive(Debug)]
pub(crate) struct NamedCause {
    pub(crate) cause: Cause,
    /// The modules whose imports show it, where these are what it is about.
    pub(crate) modules: Vec<String>,
}

/// Whether it is a cause of the import system, which a scenario can show.
pub(crate) fn has_scenarios(cause: Cause) -> bool {
    !matches!(cause, Cause::Unknown | Cause::RandomState) && cause.is_declarable()
}

/// The cause that the smallest state whose putting back decides the outcome stands for.
pub(crate) fn of(kind: FindingKind, state: &[Cell]) -> Cause {
    let any = |is: fn(&Cell) -> bool| state.iter().any(is);
    if any(Cell::is_negative_finder) {
        Cause::NegativePathEntry
    } else if kind != FindingKind::Brittle && any(Cell::is_orphan) {
        Cause::HalfImportedPackage
    } else if state.iter().all(|cell| cell.kind == CellKind::Finder) {
        Cause::StaleDirectoryListing
    } else if any(Cell::is_bytecode) {
        Cause::StaleBytecode
    } else if any(|cell| cell.kind == CellKind::PackagePath) {
        Cause::StaleNamespacePath
    } else if any(Cell::is_module) {
        Cause::RetainedModule
    } else if state.iter().all(|cell| cell.kind == CellKind::Generator) {
        Cause::RandomState
    } else if kind == FindingKind::Collection {
        Cause::ImportSideEffect
    } else {
        Cause::ChangedState
    }
}

/// What is worth trying before the victim, each with the tests that are to run before.
pub(crate) fn cures(
    kind: FindingKind,
    named: &NamedCause,
    state: &[Cell],
    before: &[usize],
) -> Vec<(Cure, Vec<usize>)> {
    let is_brittle = kind == FindingKind::Brittle;
    let is_circle = named.cause == Cause::CircularImport;
    let imports = if is_circle { &named.modules[1..] } else { &named.modules };
    if is_circle || (is_brittle && !imports.is_empty()) {
        let before = if is_brittle { &[] } else { before };
        return vec![(Cure::Import { modules: imports.to_vec() }, before.to_vec())];
    }
    let mut cures = Vec::new();
    if state.iter().any(Cell::is_listing) {
        cures.push((Cure::InvalidateCaches, before.to_vec()));
    }
    for cell in state.iter().filter(|cell| cell.is_module()) {
        let module = cell.key.clone();
        cures.push(if is_brittle {
            (Cure::Import { modules: vec![module] }, Vec::new())
        } else {
            (Cure::Forget { module }, before.to_vec())
        });
    }
    cures
}

/// A cure as a remedy of the report.
pub(crate) fn remedy(cure: &Cure, verified: bool) -> HuntRemedy {
    let (kind, remedy) = match cure {
        Cure::InvalidateCaches => {
            (RemedyKind::InvalidateCaches, "call importlib.invalidate_caches()".to_owned())
        }
        Cure::Forget { module } => (RemedyKind::Forget, format!("remove {module} from sys.modules")),
        Cure::Import { modules } | Cure::Load { modules } => {
            (RemedyKind::Import, format!("import {}", modules.join(", ")))
        }
        Cure::Seed { generator, seed } => {
            (RemedyKind::Seed, format!("call {}({seed})", seeding_call(generator)))
        }
    };
    HuntRemedy { kind, remedy, before: None, verified }
}

/// The function that seeds the generator of this cell.
fn seeding_call(generator: &str) -> &'static str {
    match generator {
        "numpy.random.get_state()" => "numpy.random.seed",
        "torch.random.get_rng_state()" => "torch.manual_seed",
        _ => "random.seed",
    }
}

/// Cells that are tried together: those of one kind, or of one top-level module.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum CellGroup<'a> {
    Kind(CellKind),
    Home(&'a str),
}

impl<'a> CellGroup<'a> {
    fn of(cell: &'a Cell) -> Self {
        match (&cell.home, cell.kind) {
            (Some(home), _) => Self::Home(home.split('.').next().unwrap_or(home)),
            (None, CellKind::Directory) => Self::Kind(CellKind::File),
            (None, kind) => Self::Kind(kind),
        }
    }
}

/// State by kind and by place: each cell in one group.
pub(super) fn groups(cells: &[Cell]) -> Vec<Vec<Cell>> {
    let mut groups: BTreeMap<CellGroup<'_>, Vec<Cell>> = BTreeMap::new();
    for cell in cells {
        groups.entry(CellGroup::of(cell)).or_default().push(cell.clone());
    }
    groups.into_values().collect()
}

/// The same, each part to be tried on its own.
pub(crate) fn parts(cells: &[Cell]) -> Vec<Vec<Cell>> {
    // A module that goes takes the name that its package has for it along.
    let has_module = |cell: &&Cell| cell.is_module() || cell.after_is == ValueKind::Module;
    let modules: Vec<Cell> = cells.iter().filter(has_module).cloned().collect();
    std::iter::once(modules).chain(groups(cells)).filter(|part| part.len() > 1).collect()
}

/// The repair that proved the cause, as a remedy.
pub(crate) fn put_back(state: &[Cell]) -> HuntRemedy {
    let (kind, remedy) = match state {
        [cell] if cell.kind == CellKind::Fixture => {
            (RemedyKind::SetUpAgain, format!("tear down {}", cell.cell))
        }
        // Nobody can open a closed stream again.
        [cell] if cell.kind == CellKind::Process && cell.key.ends_with(".closed") => {
            let stream = cell.key.trim_end_matches(".closed");
            (
                RemedyKind::LeaveOpen,
                format!("leave {stream} open: what closes it can have a stream of its own"),
            )
        }
        [cell] if let Some(connection) = cell.closed_connection() => {
            let said = format!("leave {connection} open: what closes it can have a connection of its own");
            (RemedyKind::LeaveOpen, said)
        }
        [cell] if cell.is_threads() => {
            let said =
                "end in each test the threads that it starts (without them in the list, the test passes)";
            (RemedyKind::EndThreads, said.to_owned())
        }
        cells if !cells.is_empty() && cells.iter().all(Cell::is_event_loop) => {
            (RemedyKind::PutBack, "call asyncio.set_event_loop_policy(None)".to_owned())
        }
        [cell] if cell.kind == CellKind::Cache => {
            (RemedyKind::PutBack, format!("call {}.cache_clear()", cell.key))
        }
        [cell] if cell.alone_is == ValueKind::Absent => (RemedyKind::Remove, format!("remove {}", cell.cell)),
        [cell] => (RemedyKind::PutBack, format!("put {} back to {}", cell.cell, cell.values().0)),
        several => (RemedyKind::PutBack, format!("put all {} of these back", several.len())),
    };
    HuntRemedy { kind, remedy, before: None, verified: true }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Cell, CellKind, Cure, FindingKind, NamedCause, ValueKind, cures, of, parts};
    use crate::suite::runner::cell::Orphan;

    fn new(kind: CellKind, key: &str) -> Cell {
        Cell { alone_is: ValueKind::Absent, ..Cell::of(kind, key) }
    }

    fn cause(cell: Cell) -> Cause {
        of(FindingKind::Victim, &[cell])
    }

    #[test]
    fn a_remedy_is_what_somebody_can_do() {
        let said = |key: &str| {
            let state = Cell { alone: "False".to_owned(), ..Cell::of(CellKind::Process, key) };
            super::put_back(&[state]).remedy
        };
        assert_eq!(
            said("sys.stdout.closed"),
            "leave sys.stdout open: what closes it can have a stream of its own"
        );
        assert!(said("os.umask()").starts_with("put "));
    }

    #[test]
    fn states_of_the_import_system_have_codes() {
        let listing = new(CellKind::Finder, "/d");
        assert_eq!(cause(listing.clone()), Cause::StaleDirectoryListing);
        assert_eq!(cause(Cell { after_is: ValueKind::None, ..listing }), Cause::NegativePathEntry);
        let module = Cell { after_is: ValueKind::Module, ..new(CellKind::Module, "html.parser") };
        assert_eq!(cause(module.clone()), Cause::RetainedModule);
        assert_eq!(cause(Cell { orphan: Some(Orphan::NoPackage), ..module }), Cause::HalfImportedPackage);
        assert_eq!(cause(Cell::of(CellKind::PackagePath, "spread")), Cause::StaleNamespacePath);
        assert_eq!(cause(Cell::of(CellKind::File, "__pycache__/m.pyc")), Cause::StaleBytecode);
        assert_eq!(cause(Cell::of(CellKind::Attribute, "k")), Cause::ChangedState);
        assert_eq!(cause(Cell::of(CellKind::Generator, "random.getstate()")), Cause::RandomState);
    }

    #[test]
    fn no_text_decides_what_a_cell_is() {
        let text = |mut cell: Cell, name: &str, after: &str| {
            (cell.cell, cell.after) = (name.to_owned(), after.to_owned());
            cell
        };
        let module = text(
            Cell { after_is: ValueKind::Module, ..new(CellKind::Module, "m") },
            "sys.modules['m']",
            "<module 'x without its package'> without its package",
        );
        assert_eq!(cause(module), Cause::RetainedModule);
        let attribute = text(new(CellKind::Attribute, "k"), "t.__path__", "<module 'made up'>");
        assert!(!attribute.holds_module() && !attribute.is_import_system());
        assert_eq!(cause(attribute), Cause::ChangedState);
        let variable = new(CellKind::Environment, "sys.path_importer_cache[");
        assert_eq!(cause(text(variable, "sys.path_importer_cache['/d']", "None")), Cause::ChangedState);
    }

    #[test]
    fn a_retained_module_may_be_forgotten() {
        let module = [new(CellKind::Module, "html.parser")];
        let named = NamedCause { cause: Cause::RetainedModule, modules: Vec::new() };
        assert_eq!(
            cures(FindingKind::Victim, &named, &module, &[3]),
            [(Cure::Forget { module: "html.parser".to_owned() }, vec![3])]
        );
    }

    #[test]
    fn parts_are_of_one_top_level_module_or_of_one_kind() {
        let at = |home: &str, kind, key: &str| Cell { home: Some(home.to_owned()), ..Cell::of(kind, key) };
        let cells = [
            at("p", CellKind::Attribute, "a"),
            Cell::of(CellKind::File, "f"),
            at("p.q", CellKind::Content, "b"),
            at("os", CellKind::Environment, "E"),
            Cell::of(CellKind::Directory, "d"),
        ];
        let keys = |part: &Vec<Cell>| part.iter().map(|cell| cell.key.clone()).collect::<Vec<_>>();
        assert_eq!(parts(&cells).iter().map(keys).collect::<Vec<_>>(), [["f", "d"], ["a", "b"]]);
    }
}
