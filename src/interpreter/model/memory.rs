//! The only access to a state: every way to read or change it, and the world of the step. It can record reads
//! and changes, so that a caller knows what an outcome depends on.

mod links;
mod process;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::module::{Entry, Module, PackagePath};
use super::object::Object;
use super::state::{Cached, Finder, MemoryCell, State, shown};
use super::value::{Name, ObjectId, Value};
use crate::interpreter::HalfRead;
use crate::world::{EntryPath, Node, World};

/// The reads and changes of a step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trace {
    /// The cells read, in the order of their first reading.
    pub(crate) reads: Vec<MemoryCell>,
    /// Whether the step dropped a reference to an object from before the step.
    pub(crate) dropped: bool,
    seen: BTreeSet<MemoryCell>,
    made: BTreeSet<ObjectId>,
}

/// A state with the world of a step, and the record of how the step uses them.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    state: State,
    world: World,
    trace: Option<Trace>,
    /// Modules that the step read while they were being imported.
    half_read: Vec<HalfRead>,
    /// Whether the world has symbolic links: steps of the model make none.
    has_links: bool,
    /// A path whose links lead in circles, or out of the ordering's directory.
    lost: Option<EntryPath>,
}

impl Memory {
    /// A memory whose accesses are not recorded.
    pub(crate) fn new(state: State, world: World) -> Self {
        let has_links = world.entries().any(|(_, node)| matches!(node, Node::Link { .. }));
        Self { state, world, trace: None, half_read: Vec::new(), has_links, lost: None }
    }

    /// Starts recording accesses.
    pub(crate) fn record(&mut self) {
        self.trace = Some(Trace::default());
    }

    /// The state, the world and the record.
    pub(crate) fn into_parts(self) -> (State, World, Option<Trace>) {
        (self.state, self.world, self.trace)
    }

    /// The current state; this access is not recorded.
    pub(super) fn state(&self) -> &State {
        &self.state
    }

    /// The state and the world, to go back to: what is recorded of accesses stays.
    pub(super) fn before(&self) -> (State, World) {
        (self.state.clone(), self.world.clone())
    }

    /// Goes back.
    pub(super) fn go_back(&mut self, (state, world): (State, World)) {
        (self.state, self.world) = (state, world);
    }

    /// Notes that a module was read half-initialised.
    pub(super) fn note_half_read(&mut self, read: HalfRead) {
        if !self.half_read.contains(&read) {
            self.half_read.push(read);
        }
    }

    /// What was noted of modules that were read half-initialised.
    pub(super) fn take_half_read(&mut self) -> Vec<HalfRead> {
        std::mem::take(&mut self.half_read)
    }

    fn note(&mut self, cell: impl FnOnce() -> MemoryCell) {
        if let Some(trace) = &mut self.trace {
            let cell = cell();
            if trace.seen.insert(cell.clone()) {
                trace.reads.push(cell);
            }
        }
    }

    /// Records that a value is about to be overwritten or removed.
    fn note_drop(&mut self, old: Option<&Value>) {
        if let (Some(trace), Some(old)) = (&mut self.trace, old) {
            let (made, dropped) = (&trace.made, &mut trace.dropped);
            old.each_object(&mut |id| *dropped |= !made.contains(id));
        }
    }

    // The world

    /// The entry that `path` leads to.
    pub(super) fn entry(&mut self, path: &EntryPath) -> Option<&Node> {
        let path = self.followed(path)?;
        self.note(|| MemoryCell::Entry(path.clone()));
        self.world.get(&path)
    }

    /// The names in a directory.
    pub(super) fn names_in(&mut self, path: &EntryPath) -> BTreeSet<Name> {
        let Some(path) = self.followed(path) else { return BTreeSet::new() };
        self.note(|| MemoryCell::Children(path.clone()));
        self.world.names_in(&path).map(Arc::from).collect()
    }

    /// The world, for changes at these paths.
    pub(super) fn change_entries(&mut self, paths: &[&EntryPath]) -> &mut World {
        for path in paths {
            self.note(|| MemoryCell::Entry((*path).clone()));
            self.note(|| MemoryCell::Finder(shown(path)));
        }
        &mut self.world
    }

    // sys.path_importer_cache

    /// The cache's entry for a path.
    pub(super) fn finder(&mut self, path: &Name) -> Cached<'_> {
        self.note(|| MemoryCell::Finder(path.clone()));
        match self.state.finders.get(path) {
            None => Cached::Unknown,
            Some(None) => Cached::NoFinder,
            Some(Some(finder)) => Cached::Finder(finder),
        }
    }

    /// Puts a finder, or the absence of one, into the cache.
    pub(super) fn set_finder(&mut self, path: &Name, finder: Option<Finder>) {
        self.note(|| MemoryCell::Finder(path.clone()));
        self.state.finders.insert(path.clone(), finder);
    }

    /// All finders, for changes.
    pub(super) fn finders_mut(&mut self) -> &mut BTreeMap<Name, Option<Finder>> {
        self.note(|| MemoryCell::Finders);
        &mut self.state.finders
    }

    // sys.path

    /// `sys.path`
    pub(super) fn path(&mut self) -> Arc<Vec<Entry>> {
        self.note(|| MemoryCell::Path);
        self.state.path.clone()
    }

    /// `sys.path`, for changes.
    pub(super) fn path_mut(&mut self) -> &mut Vec<Entry> {
        self.note(|| MemoryCell::Path);
        Arc::make_mut(&mut self.state.path)
    }

    // sys.modules

    /// The entry of `sys.modules`.
    pub(super) fn module(&mut self, name: &Name) -> Option<&Value> {
        self.note(|| MemoryCell::Module(name.clone()));
        self.state.modules.get(name)
    }

    /// The names that the step or earlier ones put into `sys.modules`; `None` where accesses are recorded: nobody records this one.
    pub(super) fn module_names(&self) -> Option<BTreeSet<Name>> {
        self.trace.is_none().then(|| self.state.modules.keys().cloned().collect())
    }

    /// Sets an entry of `sys.modules`.
    pub(super) fn set_module(&mut self, name: &Name, value: Value) {
        self.note(|| MemoryCell::Module(name.clone()));
        let old = self.state.modules.insert(name.clone(), value);
        self.note_drop(old.as_ref());
    }

    /// Removes an entry of `sys.modules`.
    pub(super) fn take_module(&mut self, name: &Name) -> Option<Value> {
        self.note(|| MemoryCell::Module(name.clone()));
        let old = self.state.modules.remove(name);
        self.note_drop(old.as_ref());
        old
    }

    // Objects

    /// Makes an object at `site`.
    pub(super) fn make(&mut self, site: &Name, object: Object) -> ObjectId {
        let mut id = ObjectId { site: site.clone(), generation: 0 };
        loop {
            self.note(|| MemoryCell::Object(id.site.clone(), id.generation));
            if !self.state.objects.contains_key(&id) {
                break;
            }
            id.generation += 1;
        }
        if let Some(trace) = &mut self.trace {
            trace.made.insert(id.clone());
        }
        self.state.objects.insert(id.clone(), Arc::new(object));
        id
    }

    /// An object, or `None` if the identity is no longer alive; no value ever refers to one that is not.
    pub(super) fn object(&mut self, id: &ObjectId) -> Option<&Object> {
        self.note(|| MemoryCell::Object(id.site.clone(), id.generation));
        self.state.objects.get(id).map(|object| &**object)
    }

    /// An object, for changes. A caller that overwrites a value in it reports that with [`Self::dropping`].
    pub(super) fn object_mut(&mut self, id: &ObjectId) -> Option<&mut Object> {
        self.note(|| MemoryCell::Object(id.site.clone(), id.generation));
        self.state.objects.get_mut(id).map(Arc::make_mut)
    }

    /// Reports that a value was overwritten or removed.
    pub(super) fn dropping<'a>(&mut self, old: impl Into<Option<&'a Value>>) {
        self.note_drop(old.into());
    }

    /// A module object.
    pub(super) fn module_object(&mut self, id: &ObjectId) -> Option<&Module> {
        match self.object(id) {
            Some(Object::Module(module)) => Some(&**module),
            _ => None,
        }
    }

    /// A module object, for changes.
    pub(super) fn module_object_mut(&mut self, id: &ObjectId) -> Option<&mut Module> {
        match self.object_mut(id) {
            Some(Object::Module(module)) => Some(&mut **module),
            _ => None,
        }
    }

    /// The identities of all module objects of this name.
    pub(super) fn objects_of_module(&mut self, name: &Name) -> Vec<ObjectId> {
        self.note(|| MemoryCell::Objects);
        let named = |object: &Object| matches!(object, Object::Module(module) if module.name == *name);
        self.state.objects.iter().filter(|(_, object)| named(object)).map(|(id, _)| id.clone()).collect()
    }

    /// `_NamespacePath._epoch += 1`: the path of no namespace package is of the current epoch any more.
    pub(super) fn age_namespaces(&mut self) {
        self.note(|| MemoryCell::Objects);
        for object in self.state.objects.values_mut() {
            let is_current =
                |path: &PackagePath| matches!(path, PackagePath::Namespace(path) if path.current);
            let Object::Module(module) = &**object else { continue };
            let mut paths =
                module.path.iter().chain(module.spec.iter().filter_map(|spec| spec.locations.as_ref()));
            if !paths.any(is_current) {
                continue;
            }
            let Object::Module(module) = Arc::make_mut(object) else { continue };
            let locations = module.spec.as_mut().and_then(|spec| spec.locations.as_mut());
            for path in [module.path.as_mut(), locations].into_iter().flatten() {
                if let PackagePath::Namespace(path) = path {
                    path.current = false;
                }
            }
        }
    }

    /// Removes objects that nothing refers to. If accesses are recorded and the step dropped a reference to an
    /// object of an earlier step, it does nothing: the set of living objects then depends on the whole state,
    /// and the reader of [`Trace::dropped`] must handle it.
    pub(crate) fn collect(&mut self) {
        if self.trace.as_ref().is_some_and(|trace| trace.dropped) {
            return;
        }
        let doomed = self.state.unreachable();
        for id in doomed {
            self.state.objects.remove(&id);
        }
    }
}
