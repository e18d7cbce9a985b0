//! What a step changed, in lines for people: listings, directory times, bytecode, entries that became None, modules that came and
//! went. Read off the world and the import system before and after it.

use std::collections::BTreeSet;

use crate::interpreter::{FinderView, Inspection, ModuleView};
use crate::replay::ReplayedStep;
use crate::world::{Bytecode, BytecodeCheck, Content, EntryPath, Node, Time, World};

/// The world and the import system at one moment.
#[derive(Clone, Copy)]
struct Moment<'a> {
    world: &'a World,
    inspection: &'a Inspection,
}

/// What a step changed; `before` is the step before it, or `None` if it is the first.
pub(super) fn changes(before: Option<&ReplayedStep>, after: &ReplayedStep) -> Vec<String> {
    let (nothing, empty) = (World::new(after.world.tick()), Inspection::default());
    let before = before.map_or(Moment { world: &nothing, inspection: &empty }, Moment::of);
    let after = Moment::of(after);
    let mut told = listings(before, after);
    told.extend(bytecode(before, after));
    told.extend(directory_times(before, after));
    told.extend(unlisted(before, after));
    told.extend(modules(before, after));
    told.extend(surroundings(before, after));
    told
}

impl<'a> Moment<'a> {
    fn of(step: &'a ReplayedStep) -> Self {
        Self { world: &step.world, inspection: &step.inspection }
    }

    /// The listing of each directory of the ordering that a finder has, with the entry of the cache.
    fn finders(self) -> impl Iterator<Item = (EntryPath, &'a str, Option<&'a FinderView>)> {
        let finders = self.inspection.finders.iter();
        finders.filter_map(|(entry, finder)| Some((below_root(entry)?, entry.as_str(), finder.as_ref())))
    }

    /// Names on disk that the listing of a directory lacks although the directory's time says that nothing changed.
    fn unlisted(self) -> Vec<(EntryPath, Vec<&'a str>)> {
        let stale = |(path, _, finder): (EntryPath, &str, Option<&'a FinderView>)| {
            let finder = finder?;
            let (listed_at, modified) = (finder.listed_at?, self.world.get(&path)?.modified()?);
            #[expect(clippy::float_cmp, reason = "CPython compares these floats with `!=`")]
            let believed = modified.as_cpython_float() == listed_at;
            let names: Vec<&str> = self
                .world
                .entries()
                .filter(|(entry, _)| entry.parent().as_ref() == Some(&path))
                .map(|(entry, _)| name_in(entry))
                .filter(|name| *name != "__pycache__" && !finder.names.contains(*name))
                .collect();
            (believed && !names.is_empty()).then_some((path, names))
        };
        self.finders().filter_map(stale).collect()
    }
}

/// The last part of a path that lives as long as its world.
fn name_in(path: &EntryPath) -> &str {
    path.name()
}

fn below_root(path: &str) -> Option<EntryPath> {
    let below = path.strip_prefix('$')?;
    if below.is_empty() { Some(EntryPath::root()) } else { EntryPath::new(below.strip_prefix('/')?) }
}

/// Seconds since virtual time started, without needless digits.
pub(super) fn instant(time: Time) -> String {
    trimmed(&time.to_string())
}

fn trimmed(seconds: &str) -> String {
    seconds.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[expect(clippy::cast_precision_loss, reason = "the float has no more digits")]
fn instant_of_float(seconds: f64) -> String {
    trimmed(&format!("{:.7}", seconds - Time::START.second() as f64))
}

fn bytecode(before: Moment<'_>, after: Moment<'_>) -> Vec<String> {
    let compiled = after.world.entries().filter_map(|(path, node)| match node {
        Node::File { content: Content::Bytecode(bytecode), .. } => Some((path, bytecode, node)),
        _ => None,
    });
    let new = compiled.filter(|(path, _, node)| before.world.get(path) != Some(node));
    let second = |second: u32| u64::from(second).saturating_sub(Time::START.second());
    let told = |bytecode: &Bytecode| match bytecode.check {
        BytecodeCheck::Times => format!("for second {}", second(bytecode.second)),
        BytecodeCheck::Hash => "with a hash of its source".to_owned(),
        BytecodeCheck::Nothing => "that nobody compares with its source".to_owned(),
    };
    new.map(|(path, bytecode, _)| format!("wrote {} {}", path.name(), told(bytecode))).collect()
}

fn listings(before: Moment<'_>, after: Moment<'_>) -> Vec<String> {
    let mut told = Vec::new();
    for (path, entry, finder) in after.finders() {
        let old = before.inspection.finders.get(entry);
        if old.map(Option::as_ref) == Some(finder) {
            continue;
        }
        let listed = finder.and_then(|finder| Some((finder.listed_at?, finder)));
        match (finder, listed) {
            (None, _) => told.push(format!("{path}: no finder from now on (None)")),
            (Some(_), Some((at, finder))) => {
                let names: Vec<&str> =
                    finder.names.iter().map(String::as_str).filter(|name| *name != "__pycache__").collect();
                let names = if names.is_empty() { "empty".to_owned() } else { names.join(", ") };
                told.push(format!("{path} listed, its time being {}: {names}", instant_of_float(at)));
            }
            (Some(_), None)
                if old.is_some_and(|old| old.as_ref().is_some_and(|old| old.listed_at.is_some())) =>
            {
                told.push(format!("{path}: listing forgotten"));
            }
            (Some(_), None) => {}
        }
    }
    let gone = before.finders().filter(|(_, entry, _)| !after.inspection.finders.contains_key(*entry));
    told.extend(gone.map(|(path, ..)| format!("{path}: entry of the path cache dropped")));
    told
}

fn directory_times(before: Moment<'_>, after: Moment<'_>) -> Vec<String> {
    let directories = after
        .world
        .entries()
        .filter(|(path, node)| node.is_directory() && !path.is_root() && path.name() != "__pycache__");
    let moved = directories.filter_map(|(path, node)| {
        let (old, new) = (before.world.get(path)?.modified()?, node.modified()?);
        (old != new).then(|| format!("{path}: time {} -> {}", instant(old), instant(new)))
    });
    moved.collect()
}

fn unlisted(before: Moment<'_>, after: Moment<'_>) -> Vec<String> {
    let known = before.unlisted();
    let new = after.unlisted().into_iter().filter(|one| !known.contains(one));
    new.map(|(path, names)| format!("{path}: on disk, not in the listing: {}", names.join(", "))).collect()
}

fn modules(before: Moment<'_>, after: Moment<'_>) -> Vec<String> {
    let (old, new) = (&before.inspection.modules, &after.inspection.modules);
    let mut told = Vec::new();
    let mut came = Vec::new();
    let mut of_library = 0;
    for (name, module) in new {
        match old.get(name) {
            _ if !module.present && old.get(name).is_none_or(|old| old.present) => {
                told.push(format!("sys.modules: {name} is None or gone"));
            }
            Some(known) if known.present && module.present => told.extend(attributes(name, known, module)),
            Some(_) => {}
            None if is_of_ordering(module) || is_made_by_hand(name, module) => came.push(name.as_str()),
            None => of_library += 1,
        }
    }
    if !came.is_empty() {
        told.push(format!("sys.modules: + {}", came.join(", ")));
    }
    if of_library > 0 {
        let plural = if of_library == 1 { "" } else { "s" };
        told.push(format!("sys.modules: + {of_library} other module{plural}"));
    }
    let gone: BTreeSet<&str> =
        old.keys().filter(|name| !new.contains_key(*name)).map(String::as_str).collect();
    if !gone.is_empty() {
        told.push(format!("sys.modules: - {}", gone.into_iter().collect::<Vec<_>>().join(", ")));
    }
    told
}

/// Whether a module comes from the ordering's directory.
fn is_of_ordering(module: &ModuleView) -> bool {
    let portions = module.package_path.iter().flatten();
    module.file.iter().chain(portions).any(|path| path.starts_with('$'))
}

/// Whether a module comes from no file; the interpreter's own ones begin with an underscore, as far as they are not there from
/// the start.
fn is_made_by_hand(name: &str, module: &ModuleView) -> bool {
    module.file.is_none() && module.package_path.is_none() && !name.starts_with('_')
}

fn attributes(name: &str, old: &ModuleView, new: &ModuleView) -> Vec<String> {
    if !is_of_ordering(new) {
        return Vec::new();
    }
    let changed =
        new.attributes.iter().filter(|(attribute, value)| old.attributes.get(*attribute) != Some(value));
    let told = changed.map(|(attribute, value)| match old.attributes.get(attribute) {
        Some(known) => format!("{name}.{attribute}: {known} -> {value}"),
        None => format!("{name}.{attribute} = {value}"),
    });
    let mut told: Vec<String> = told.collect();
    if old.package_path != new.package_path {
        told.push(format!("{name}.__path__ = {}", new.package_path.clone().unwrap_or_default().join(", ")));
    }
    told
}

fn surroundings(before: Moment<'_>, after: Moment<'_>) -> Vec<String> {
    let (old, new) = (before.inspection, after.inspection);
    let changed = new.environment.iter().filter(|(name, value)| old.environment.get(*name) != Some(value));
    let mut told: Vec<String> = changed
        .map(|(name, value)| match value {
            Some(value) => format!("os.environ: {name}={value}"),
            None => format!("os.environ: {name} is gone"),
        })
        .collect();
    if !old.directory.is_empty() && old.directory != new.directory {
        told.push(format!("the working directory is {}", new.directory));
    }
    told
}
