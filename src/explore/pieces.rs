//! What a step leaves, compared between a real interpreter and the model, as far as both know it: files with their times,
//! bytecode, `sys.path`, `sys.modules` with the attributes of each module, finders with their listings, and the environment. Of
//! the standard library, only the set of loaded modules is compared.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug};

use serde::{Deserialize, Serialize};

use crate::interpreter::{Inspection, ModuleView, Outcome};
use crate::world::{Content, Node, World};

/// A piece of what a step leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ComparedPiece {
    /// What the step did.
    Outcome,
    /// A file, a directory or a link, with its time.
    Entry(String),
    /// A bytecode file.
    Bytecode(String),
    /// `sys.path`.
    Path,
    /// The names in `sys.modules`.
    Modules,
    /// A module.
    Module(String),
    /// An attribute of a module.
    Attribute(String),
    /// `sys.path_importer_cache`, with what each finder has listed.
    Finders,
    /// `os.environ`.
    Environment,
}

/// A piece that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferentPiece {
    /// Which.
    pub piece: ComparedPiece,
    /// What it is on the first interpreter.
    pub first: String,
    /// What it is on the second.
    pub second: String,
}

/// The first piece of two outcomes and worlds that differs.
pub fn different_result(real: (&Outcome, &World), model: (&Outcome, &World)) -> Option<DifferentPiece> {
    if !real.0.agrees(model.0) {
        let (first, second) = (real.0.to_string(), model.0.to_string());
        return Some(DifferentPiece { piece: ComparedPiece::Outcome, first, second });
    }
    if real.1 == model.1 {
        return None;
    }
    let entries = |world: &World| -> BTreeMap<String, Node> {
        world.entries().map(|(path, node)| (path.to_string(), node.clone())).collect()
    };
    let (real, model) = (entries(real.1), entries(model.1));
    let paths: BTreeSet<&String> = real.keys().chain(model.keys()).collect();
    paths.into_iter().find_map(|path| {
        let nodes = (real.get(path), model.get(path));
        let is_bytecode =
            |node: Option<&Node>| matches!(node, Some(Node::File { content: Content::Bytecode(_), .. }));
        let piece = if is_bytecode(nodes.0) || is_bytecode(nodes.1) {
            ComparedPiece::Bytecode(path.clone())
        } else {
            ComparedPiece::Entry(path.clone())
        };
        differ(piece, &nodes.0, &nodes.1)
    })
}

/// The first piece in which two inspections differ.
pub fn different_state(real: &Inspection, model: &Inspection) -> Option<DifferentPiece> {
    let paths =
        |of: &Inspection| -> Vec<String> { of.path.iter().filter(|path| own(path)).cloned().collect() };
    let names = |of: &Inspection| -> BTreeSet<String> { of.modules.keys().cloned().collect() };
    differ(ComparedPiece::Path, &paths(real), &paths(model))
        .or_else(|| differ(ComparedPiece::Modules, &names(real), &names(model)))
        .or_else(|| {
            real.modules.iter().find_map(|(name, real)| different_module(name, real, &model.modules[name]))
        })
        .or_else(|| differ(ComparedPiece::Finders, &finders(real), &finders(model)))
        .or_else(|| differ(ComparedPiece::Environment, &real.environment, &model.environment))
}

fn differ<T: PartialEq + Debug>(piece: ComparedPiece, real: &T, model: &T) -> Option<DifferentPiece> {
    (real != model).then(|| DifferentPiece {
        piece,
        first: format!("{real:?}"),
        second: format!("{model:?}"),
    })
}

/// Whether a path belongs to the ordering.
fn own(path: &str) -> bool {
    path == "$" || path.starts_with("$/")
}

fn different_module(name: &str, real: &ModuleView, model: &ModuleView) -> Option<DifferentPiece> {
    let library = real.file.as_ref().is_some_and(|file| !own(file))
        || model.package_path.as_ref().is_some_and(|path| path.iter().any(|path| !own(path)));
    let module = || ComparedPiece::Module(name.to_owned());
    if library {
        return differ(module(), &real.present, &model.present);
    }
    let bare = |of: &ModuleView| ModuleView { attributes: BTreeMap::new(), ..of.clone() };
    let keys = |of: &ModuleView| -> BTreeSet<String> { of.attributes.keys().cloned().collect() };
    differ(module(), &bare(real), &bare(model))
        .or_else(|| differ(module(), &keys(real), &keys(model)))
        .or_else(|| {
            // Where the model does not know a `repr`, it says so with dots.
            let known =
                model.attributes.iter().filter(|(_, shown)| !shown.ends_with("...") && shown.len() < 200);
            known.into_iter().find_map(|(attribute, shown)| {
                let piece = ComparedPiece::Attribute(format!("{name}.{attribute}"));
                differ(piece, &real.attributes[attribute], shown)
            })
        })
}

/// The time and the names of a finder's listing.
type ComparedListing = (Option<f64>, BTreeSet<String>);

/// For each path entry of the ordering its finder's listing; none without a finder.
fn finders(of: &Inspection) -> BTreeMap<String, Option<ComparedListing>> {
    let listed = |(path, finder): (&String, &Option<crate::interpreter::FinderView>)| {
        let view = finder.as_ref().map(|finder| {
            let names = if finder.listed_at.is_some() { finder.names.clone() } else { BTreeSet::new() };
            (finder.listed_at, names)
        });
        (path.clone(), view)
    };
    of.finders.iter().filter(|(path, _)| own(path)).map(listed).collect()
}

impl fmt::Display for ComparedPiece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Outcome => f.write_str("the outcome"),
            Self::Entry(path) | Self::Bytecode(path) => f.write_str(path),
            Self::Path => f.write_str("sys.path"),
            Self::Modules => f.write_str("sys.modules"),
            Self::Module(name) | Self::Attribute(name) => f.write_str(name),
            Self::Finders => f.write_str("sys.path_importer_cache"),
            Self::Environment => f.write_str("os.environ"),
        }
    }
}
