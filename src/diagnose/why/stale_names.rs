//! Suspicions about names that a module took from another one, which has another object under that name by now.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{Expr, Stmt, StmtAssign, StmtImportFrom};

use super::scene::Scene;
use super::suspicion::{ProofKind, SuspectedCause, repair};
use crate::cause::Cause;
use crate::diagnose::evidence::EvidenceKind;
use crate::interpreter::expression::dotted;
use crate::interpreter::{Inspection, ModuleView, PieceView};
use crate::nesting::is_deep;
use crate::scenario::{Action, Repair, Scenario, Step};
use crate::world::Content;

/// A name that the body of a module takes from another module.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct TakenName {
    /// The attribute under which the reader keeps the object.
    attribute: String,
    /// The module that it comes from.
    module: String,
    /// What that calls it; `None` if it is the module itself.
    name: Option<String>,
}

/// Names that modules of the ordering took; first those of modules that a step has reloaded, then all others. Whether there are two
/// objects by now, only the repair tells.
pub(super) fn stale(scene: &Scene, scenario: &Scenario) -> (Vec<SuspectedCause>, Vec<SuspectedCause>) {
    let (mut reloaded, mut replaced) = (Vec::new(), Vec::new());
    for (reader, content) in &scene.before.loaded {
        for taken in taken_names(&scene.before.inspection, reader, content) {
            let of_reloaded = is_reloaded(scenario, &taken.module);
            let suspicions = if of_reloaded { &mut reloaded } else { &mut replaced };
            suspicions.push(suspected(&scene.before.inspection, reader, &taken));
        }
    }
    (reloaded, replaced)
}

/// Of the names that these modules took, those for which the other module has an object that looks the same, or which are that
/// module: if there are two objects, it was loaded anew.
pub(super) fn look_alikes(
    scene: &Scene,
    readers: &BTreeSet<String>,
    scenario: &Scenario,
) -> Vec<SuspectedCause> {
    let (reloaded, replaced) = stale(scene, scenario);
    let inspection = &scene.before.inspection;
    let is_alike = |suspicion: &SuspectedCause| match &suspicion.repair[..] {
        [Step::Interpreter(Action::Repair(Repair::RebindName { reader, attribute, module, name }))] => {
            let same =
                |name: &String| value_of(inspection, reader, attribute) == value_of(inspection, module, name);
            readers.contains(reader) && name.as_ref().is_none_or(same)
        }
        _ => false,
    };
    reloaded.into_iter().chain(replaced).filter(is_alike).collect()
}

/// Whether a step reloads a module.
fn is_reloaded(scenario: &Scenario, module: &str) -> bool {
    scenario.steps().any(|step| {
        matches!(step, Step::Interpreter(Action::Reload { module: reloaded, .. }) if reloaded == module)
    })
}

fn suspected(inspection: &Inspection, reader: &str, taken: &TakenName) -> SuspectedCause {
    let TakenName { attribute, module, name } = taken;
    let rebind = Repair::RebindName {
        reader: reader.to_owned(),
        attribute: attribute.clone(),
        module: module.clone(),
        name: name.clone(),
    };
    let shown = |module: &str, name: &str| {
        let value = value_of(inspection, module, name).unwrap_or("another object");
        format!("{module}.{name}: {value}")
    };
    let now = match name {
        Some(name) => shown(module, name),
        None => format!("sys.modules['{module}']: another module"),
    };
    let evidence = [(EvidenceKind::KeptObject, shown(reader, attribute)), (EvidenceKind::ObjectNow, now)];
    SuspectedCause::new(Cause::StaleName, vec![repair(rebind)], evidence).shown_by(ProofKind::OnlyThere)
}

/// The value of an attribute as it is shown; of the standard library's modules an inspection tells only what differs from a fresh one.
fn value_of<'i>(inspection: &'i Inspection, module: &str, name: &str) -> Option<&'i str> {
    let attribute = inspection.modules.get(module).and_then(|module| module.attributes.get(name));
    let piece = || inspection.pieces.get(&format!("{module}.{name}")).map(|piece| &piece.shown);
    attribute.or_else(piece).map(String::as_str).filter(|shown| *shown != PieceView::ABSENT)
}

/// The names that a module took, where both modules are there.
fn taken_names(inspection: &Inspection, reader: &str, content: &Content) -> BTreeSet<TakenName> {
    let Some(view) = inspection.modules.get(reader) else { return BTreeSet::new() };
    let source = match content {
        Content::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
        Content::Bytecode(bytecode) => std::str::from_utf8(&bytecode.source).ok(),
    };
    let source = source.filter(|source| !is_deep(source));
    let Some(Ok(parsed)) = source.map(ruff_python_parser::parse_module) else { return BTreeSet::new() };
    let package = if view.package_path.is_some() {
        Some(reader)
    } else {
        reader.rsplit_once('.').map(|(package, _)| package)
    };
    let mut found = NamesTaken { package, taken: BTreeSet::new(), stars: Vec::new() };
    found.visit_body(&parsed.syntax().body);
    let NamesTaken { mut taken, stars, .. } = found;
    for module in stars {
        let names = inspection.modules.get(&module).into_iter().flat_map(|module| module.attributes.keys());
        taken.extend(names.map(|name| TakenName {
            attribute: name.clone(),
            module: module.clone(),
            name: Some(name.clone()),
        }));
    }
    taken.retain(|taken| {
        let is_there =
            taken.name.as_ref().is_some_and(|name| value_of(inspection, &taken.module, name).is_some());
        taken.module != reader && view.attributes.contains_key(&taken.attribute) && is_there
    });
    taken.extend(taken_modules(inspection, reader, view));
    taken
}

/// The modules of the ordering that a module holds, however it got them; not its own submodules, which importing binds.
fn taken_modules(inspection: &Inspection, reader: &str, view: &ModuleView) -> Vec<TakenName> {
    let taken = |(attribute, shown): (&String, &String)| {
        let module = shown.strip_prefix("<module '")?.split('\'').next()?;
        let is_own = module == reader || module == format!("{reader}.{attribute}");
        let is_taken = !is_own && is_of_ordering(inspection, module);
        is_taken.then(|| TakenName { attribute: attribute.clone(), module: module.to_owned(), name: None })
    };
    view.attributes.iter().filter_map(taken).collect()
}

/// Whether a module is of the ordering's directory; a relative file is below the working directory.
fn is_of_ordering(inspection: &Inspection, module: &str) -> bool {
    let file = inspection.modules.get(module).and_then(|module| module.file.as_ref());
    file.is_some_and(|file| !file.starts_with('/'))
}

/// What is found in a body, outside of functions and classes.
struct NamesTaken<'a> {
    /// The package of the module, which relative imports are relative to.
    package: Option<&'a str>,
    taken: BTreeSet<TakenName>,
    /// Modules of which all names are taken.
    stars: Vec<String>,
}

impl<'a> Visitor<'a> for NamesTaken<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            Stmt::ImportFrom(import) => self.take_all(import),
            Stmt::Assign(assign) => self.assignment(assign),
            other => walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, _: &'a Expr) {}
}

impl NamesTaken<'_> {
    fn take_all(&mut self, import: &StmtImportFrom) {
        let Some(module) = self.absolute(import) else { return };
        for alias in &import.names {
            let name = alias.name.as_str();
            if name == "*" {
                self.stars.push(module.clone());
                continue;
            }
            let attribute = alias.asname.as_ref().map_or(name, |name| name.as_str());
            self.take(attribute, &module, name);
        }
    }

    /// `name = module.name`
    fn assignment(&mut self, assign: &StmtAssign) {
        let Some((name, module)) = dotted(&assign.value).and_then(|mut path| Some((path.pop()?, path)))
        else {
            return;
        };
        for target in &assign.targets {
            if let Expr::Name(target) = target
                && !module.is_empty()
            {
                self.take(target.id.as_str(), &module.join("."), &name);
            }
        }
    }

    fn take(&mut self, attribute: &str, module: &str, name: &str) {
        let (attribute, module, name) = (attribute.to_owned(), module.to_owned(), Some(name.to_owned()));
        self.taken.insert(TakenName { attribute, module, name });
    }

    fn absolute(&self, import: &StmtImportFrom) -> Option<String> {
        let module = import.module.as_ref().map(ruff_python_ast::Identifier::as_str);
        if import.level == 0 {
            return module.map(str::to_owned);
        }
        let mut package = self.package?;
        for _ in 1..import.level {
            package = package.rsplit_once('.')?.0;
        }
        Some(module.map_or_else(|| package.to_owned(), |module| format!("{package}.{module}")))
    }
}
