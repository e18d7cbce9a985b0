//! Where the objects are that somebody replaced by others, if no text says what they were: code that takes them from where Python
//! keeps them, or makes them anew. Each is only worth trying; `remedies` runs it.

use std::collections::BTreeSet;

use super::cures::{Candidate, WrittenStep, code_of, executing, reloading};
use super::why::{ProofKind, SuspectedCause};
use crate::interpreter::{Inspection, PieceView};
use crate::remedy::RemedyKind;
use crate::scenario::{Action, PieceValue, Repair, Step};

/// Hooks and streams of `sys` that it keeps under a second name.
const KEPT_TWICE: [&str; 7] =
    ["breakpointhook", "displayhook", "excepthook", "stderr", "stdin", "stdout", "unraisablehook"];

/// The list of functions that search for codecs, which only the interpreter has.
const SEARCH_PATH: &str = "codecs.search_path";

/// What may do the same as a repair that no scenario can write, in `now`; `clean` is the state without the polluter.
pub(super) fn instead(
    proof: &SuspectedCause,
    now: &Inspection,
    clean: Option<&Inspection>,
) -> Vec<Candidate> {
    if proof.proof == ProofKind::Spoiled {
        return Vec::new();
    }
    let ways: Vec<Vec<WrittenStep>> = proof.repair.iter().map(|step| ways_of(step, now, clean)).collect();
    let most = ways.iter().map(Vec::len).max().unwrap_or_default();
    let mut candidates = Vec::new();
    for number in 0..most {
        let chosen = ways.iter().map(|ways| ways.get(number).or_else(|| ways.last()));
        let Some(mut steps) = chosen.collect::<Option<Vec<_>>>() else { return Vec::new() };
        // Several names of one module are made anew by one step.
        let mut seen = BTreeSet::new();
        steps.retain(|(_, written, _)| seen.insert(written.clone()));
        candidates.push(Candidate {
            kind: RemedyKind::PutBack,
            written: steps.iter().map(|(_, written, _)| written.as_str()).collect::<Vec<_>>().join(", "),
            steps: steps.iter().map(|(_, _, step)| step.clone()).collect(),
            at: proof.at,
        });
    }
    candidates
}

/// The ways to do one repair, the one that changes least first.
fn ways_of(step: &Step, now: &Inspection, clean: Option<&Inspection>) -> Vec<WrittenStep> {
    let Step::Interpreter(Action::Repair(repair)) = step else { return Vec::new() };
    if let Some((kind, code)) = code_of(repair, now) {
        return vec![executing(kind, &code)];
    }
    let Repair::RestorePiece { address, value: PieceValue::AsLoaded | PieceValue::Remembered } = repair
    else {
        return Vec::new();
    };
    if address.contains(['$', '[', '(']) {
        return Vec::new();
    }
    let put_back = |code: String| executing(RemedyKind::PutBack, &code);
    if address == SEARCH_PATH {
        return without_searches(now, clean).into_iter().map(put_back).collect();
    }
    let mut ways: Vec<WrittenStep> = elsewhere(address, now).map(put_back).into_iter().collect();
    ways.extend(modules_of_lost(address, now, clean).iter().map(|module| made_anew(module, now, clean)));
    let module = module_of(address, now).filter(|module| is_read_again(module, now));
    ways.extend(module.map(|module| made_anew(module, now, clean)));
    ways
}

/// The module in which a piece of state is.
fn module_of<'a>(address: &'a str, now: &Inspection) -> Option<&'a str> {
    let mut ends = address.match_indices('.').map(|(at, _)| &address[..at]);
    ends.rfind(|name| now.modules.get(*name).is_some_and(|module| module.present))
}

/// Whether a reload reads a module's source again, and does not lose what all others count on.
fn is_read_again(module: &str, now: &Inspection) -> bool {
    let has_file = now.modules.get(module).is_some_and(|module| module.file.is_some());
    has_file && !matches!(module, "os" | "importlib" | "threading")
}

/// Code that takes the object from another place where Python has it.
fn elsewhere(address: &str, now: &Inspection) -> Option<String> {
    let (module, name) = address.split_once('.').filter(|(_, name)| !name.contains('.'))?;
    match module {
        "sys" if KEPT_TWICE.contains(&name) => Some(format!("import sys; {address} = sys.__{name}__")),
        "builtins" if name == "open" => Some(format!("import builtins, io; {address} = io.open")),
        "os" => Some(format!("import os, posix; {address} = posix.{name}")),
        "sys" | "builtins" => None,
        _ if now.modules.get(module).is_some_and(|module| module.file.is_some()) => None,
        // A second module of the same name has the functions that the first one began with.
        _ => Some(format!(
            "import importlib.util, {module}; {address} = importlib.util.module_from_spec({module}.__spec__).{name}"
        )),
    }
}

/// Code that takes searches for codecs away, where modules have names for all that were added; no function does so before 3.10.
fn without_searches(now: &Inspection, clean: Option<&Inspection>) -> Option<String> {
    let added = added(SEARCH_PATH, now, clean);
    let own = now.modules.iter().filter(|(_, module)| {
        module.present && module.file.as_ref().is_some_and(|file| file.starts_with('$'))
    });
    let named = own.flat_map(|(module, view)| {
        let found = view.attributes.iter().filter(|(_, shown)| added.contains(*shown));
        found.map(move |(attribute, _)| {
            let there = if is_there(module, clean) {
                String::new()
            } else {
                format!("'{module}' in sys.modules and ")
            };
            format!("{there}codecs.unregister(sys.modules['{module}'].{attribute})")
        })
    });
    let named: Vec<String> = named.collect();
    (!named.is_empty() && named.len() == added.len())
        .then(|| format!("import codecs, sys; {}", named.join("; ")))
}

/// Has a module's body put back what it made. Where the module is not loaded without the polluter, there may be nothing to put back.
fn made_anew(module: &str, now: &Inspection, clean: Option<&Inspection>) -> WrittenStep {
    if is_there(module, clean) {
        return reloading(module);
    }
    let is_own = now.modules.get(module).and_then(|module| module.file.as_ref());
    let code = if is_own.is_some_and(|file| file.starts_with('$')) {
        format!(
            "import importlib, sys; '{module}' in sys.modules and importlib.reload(sys.modules['{module}'])"
        )
    } else {
        format!("import importlib, {module}; importlib.reload({module})")
    };
    executing(RemedyKind::PutBack, &code)
}

/// Whether a module is loaded without the polluter too.
fn is_there(module: &str, clean: Option<&Inspection>) -> bool {
    clean.and_then(|clean| clean.modules.get(module)).is_some_and(|module| module.present)
}

/// The items that a list has now and did not have.
fn added(address: &str, now: &Inspection, clean: Option<&Inspection>) -> BTreeSet<String> {
    let held = now.pieces.get(address).map(|piece| objects_in(&piece.shown)).unwrap_or_default();
    let before = shown_without(address, now, clean).map(objects_in).unwrap_or_default();
    held.difference(&before).cloned().collect()
}

/// The modules whose objects a list has lost: their bodies put others there.
fn modules_of_lost(address: &str, now: &Inspection, clean: Option<&Inspection>) -> BTreeSet<String> {
    let held = now.pieces.get(address).map(|piece| objects_in(&piece.shown)).unwrap_or_default();
    let before = shown_without(address, now, clean).map(objects_in).unwrap_or_default();
    let lost = before.difference(&held).filter_map(|shown| {
        let class = shown.strip_prefix('<')?.split_once(" object")?.0;
        Some(class.rsplit_once('.')?.0.to_owned())
    });
    lost.filter(|module| now.modules.get(module).is_some_and(|module| module.present)).collect()
}

/// How a piece was shown without the polluter.
fn shown_without<'a>(address: &str, now: &'a Inspection, clean: Option<&'a Inspection>) -> Option<&'a str> {
    let shown = |piece: &'a PieceView| piece.shown.as_str();
    let then = clean.and_then(|clean| clean.pieces.get(address)).map(shown);
    then.or_else(|| now.pieces.get(address).map(|piece| piece.when_loaded.as_str()))
}

/// The objects that a list shows.
fn objects_in(shown: &str) -> BTreeSet<String> {
    let Some(items) = shown.strip_prefix('[') else { return BTreeSet::new() };
    items.split('<').skip(1).map(|item| format!("<{}>", item.split('>').next().unwrap_or(item))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_that_a_list_shows_are_told_one_by_one() {
        let objects = objects_in("[<hook.Finder object>, <class '_frozen_importlib.BuiltinImporter'>]");
        let wanted = ["<class '_frozen_importlib.BuiltinImporter'>", "<hook.Finder object>"];
        assert_eq!(objects.iter().map(String::as_str).collect::<Vec<_>>(), wanted);
        assert_eq!(objects_in("3"), BTreeSet::new());
    }
}
