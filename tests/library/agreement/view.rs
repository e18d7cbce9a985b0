//! The readable state at the end of an ordering, from both: `sys.path`, `sys.modules` with the attributes of each
//! module, finders with their listings, and the environment. Of the standard library, only the set of loaded modules is
//! compared.

use std::collections::{BTreeMap, BTreeSet};

use taster::interpreter::{Inspection, ModuleView};

/// The first thing in which the two inspections differ.
pub(super) fn difference(real: &Inspection, model: &Inspection) -> Option<String> {
    let paths =
        |of: &Inspection| -> Vec<String> { of.path.iter().filter(|path| own(path)).cloned().collect() };
    let names = |of: &Inspection| -> BTreeSet<String> { of.modules.keys().cloned().collect() };
    differ("sys.path", &paths(real), &paths(model))
        .or_else(|| differ("names in sys.modules", &names(real), &names(model)))
        .or_else(|| {
            real.modules.iter().find_map(|(name, real)| modules_differ(name, real, &model.modules[name]))
        })
        .or_else(|| differ("finders", &finders(real), &finders(model)))
        .or_else(|| differ("os.environ", &real.environment, &model.environment))
}

fn differ<T: PartialEq + std::fmt::Debug>(what: &str, real: &T, model: &T) -> Option<String> {
    (real != model).then(|| format!("{what} at the end:\nCPython   {real:?}\nthe model {model:?}"))
}

/// Whether a path belongs to the ordering.
fn own(path: &str) -> bool {
    path == "$" || path.starts_with("$/")
}

fn modules_differ(name: &str, real: &ModuleView, model: &ModuleView) -> Option<String> {
    let library = real.file.as_ref().is_some_and(|file| !own(file))
        || model.package_path.as_ref().is_some_and(|path| path.iter().any(|path| !own(path)));
    if library {
        return differ(name, &real.present, &model.present);
    }
    let bare = |of: &ModuleView| ModuleView { attributes: BTreeMap::new(), ..of.clone() };
    let keys = |of: &ModuleView| -> BTreeSet<String> { of.attributes.keys().cloned().collect() };
    differ(name, &bare(real), &bare(model))
        .or_else(|| differ(&format!("attributes of {name}"), &keys(real), &keys(model)))
        .or_else(|| {
            // Where the model does not know a `repr`, it says so with dots.
            let known = model.attributes.iter().filter(|(_, shown)| *shown != "..." && shown.len() < 200);
            known.into_iter().find_map(|(attribute, shown)| {
                differ(&format!("{name}.{attribute}"), &real.attributes[attribute], shown)
            })
        })
}

/// The time and the names of a finder's listing.
type Listing = (Option<f64>, BTreeSet<String>);

/// For each path entry of the ordering its finder's listing; none without a finder.
fn finders(of: &Inspection) -> BTreeMap<String, Option<Listing>> {
    let listed = |(path, finder): (&String, &Option<taster::interpreter::FinderView>)| {
        let view = finder.as_ref().map(|finder| {
            let names = if finder.listed_at.is_some() { finder.names.clone() } else { BTreeSet::new() };
            (finder.listed_at, names)
        });
        (path.clone(), view)
    };
    of.finders.iter().filter(|(path, _)| own(path)).map(listed).collect()
}
