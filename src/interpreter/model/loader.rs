//! Loading modules after they were found: `SourceLoader.get_code`, `SourceFileLoader.set_data` and
//! `SourcelessFileLoader` of `Lib/importlib/_bootstrap_external.py`, and `importlib.reload` with `_exec`, of
//! CPython 3.6 to 3.13.

use std::sync::Arc;

use super::body::BodyFrame;
use super::directory::os_error;
use super::import::Importer;
use super::machine::Machine;
use super::module::{Origin, PackagePath, split_name};
use super::quote::{quoted, quoted_bytes};
use super::stop::{EvaluationError, Result, raise, refuse};
use super::value::{Name, ObjectId, Value};
use crate::scenario::Invalidation;
use crate::world::{Bytecode, BytecodeCheck, Content, EntryPath, Node, Operation, Time};

impl Machine<'_> {
    /// `loader.exec_module(module)`
    pub(super) fn execute_module(&mut self, module: &ObjectId, origin: &Origin) -> Result<()> {
        let (file, source) = match origin {
            Origin::Source(file) => (file, self.source_code(file)?),
            Origin::Bytecode(file) => (file, self.sourceless_code(module, file)?),
            Origin::Namespace | Origin::Library => return Ok(()),
        };
        let body = self.body(&source).map_err(|stop| stop.at(|| file.to_string()))?;
        let package = self.memory.module_object(module).and_then(|module| module.package.clone());
        let frame = BodyFrame::of_module(module, file, &body, Importer { package, homeless: false });
        self.run(&frame)
    }

    /// `SourceLoader.get_code`: the compiled source, from the bytecode if second and size match, else from the
    /// source, and then writes bytecode.
    pub(super) fn source_code(&mut self, file: &Name) -> Result<Arc<[u8]>> {
        let path = self.entry_at(file)?;
        let Some(Node::File { content, modified }) = self.memory.entry(&path).cloned() else {
            return refuse(format!("a source that went away while it was loaded: {file}"));
        };
        let Content::Bytes(source) = content else {
            return refuse(format!("bytecode under the name of a source: {file}"));
        };
        let (second, size) = (second_of(modified), size_of(&source));
        let Some(cached) = self.cache_path(&path) else { return refuse("a source without a directory") };
        let mut by_hash = None;
        if let Some(Node::File { content: Content::Bytecode(bytecode), .. }) = self.memory.entry(&cached) {
            let fits = match bytecode.check {
                BytecodeCheck::Times => bytecode.second == second && bytecode.size == Some(size),
                BytecodeCheck::Hash => bytecode.source == source,
                BytecodeCheck::Nothing => true,
            };
            if fits {
                return Ok(bytecode.source.clone());
            }
            by_hash = Some(bytecode.check).filter(|check| *check != BytecodeCheck::Times);
        }
        self.body(&source).map_err(|stop| stop.at(|| file.to_string()))?;
        if self.bytecode {
            // What a hash was compared with gets a hash again.
            let bytecode = match by_hash {
                Some(check) => Bytecode::by_hash(check, source.clone()),
                None => of_times(second, size, source.clone()),
            };
            self.write_bytecode(&cached, bytecode)?;
        }
        Ok(source)
    }

    /// `cache_from_source`
    fn cache_path(&self, source: &EntryPath) -> Option<EntryPath> {
        let stem = source.name().strip_suffix(".py")?;
        let (major, minor) = self.version;
        Some(source.parent()?.join("__pycache__").join(&format!("{stem}.cpython-{major}{minor}.pyc")))
    }

    /// `SourceFileLoader.set_data` with `_write_atomic`: writes a temporary file beside the target, which then
    /// replaces it. So the directory's time moves even if that fails.
    fn write_bytecode(&mut self, path: &EntryPath, bytecode: Bytecode) -> Result<()> {
        let Some(written) = path.parent() else { return refuse("bytecode without a directory") };
        if self.memory.is_link(&written) {
            return refuse("a directory for bytecode that is a symbolic link");
        }
        let Some(directory) = self.memory.followed(&written) else {
            return refuse("bytecode in a directory that nobody knows");
        };
        if self.memory.is_shared_cache(&directory) {
            return refuse("a directory for bytecode that a symbolic link makes that of other sources too");
        }
        let Some(above) = directory.parent() else { return refuse("bytecode without a directory") };
        let path = &directory.join(path.name());
        match self.memory.entry(&directory) {
            Some(Node::Directory { .. }) => {}
            Some(_) => return Ok(()), // a file of that name: nothing is written
            None => {
                let world = self.memory.change_entries(&[&above, &directory]);
                if world.perform(&Operation::Mkdir(directory.clone())).is_err() {
                    return Ok(());
                }
            }
        }
        let world = self.memory.change_entries(&[&directory, path]);
        if world.perform(&Operation::Touch { path: directory, mtime: None }).is_err() {
            return Ok(());
        }
        if !matches!(world.get(path), Some(Node::Directory { .. })) {
            let modified = world.stamp();
            world.put(path.clone(), Node::File { content: Content::Bytecode(bytecode), modified });
        }
        Ok(())
    }

    /// `py_compile.compile(source, doraise=True, invalidation_mode=...)`; 3.6 has no modes.
    pub(super) fn compile_file(&mut self, source: &EntryPath, invalidation: Invalidation) -> Result<()> {
        if invalidation != Invalidation::Timestamp && self.version < (3, 7) {
            return refuse("a mode of `py_compile` that 3.6 does not have");
        }
        self.compile_named(source, &super::state::shown(source), invalidation)
    }

    /// The same of a source that the caller calls `file`.
    pub(super) fn compile_named(
        &mut self,
        source: &EntryPath,
        file: &Name,
        invalidation: Invalidation,
    ) -> Result<()> {
        let Some(cached) = self.cache_path(source) else {
            return refuse(format!("the compilation of what is no source: {file}"));
        };
        if self.memory.is_link(&cached) {
            return refuse(format!("bytecode in the place of a symbolic link: {cached}"));
        }
        if !matches!(self.memory.entry(&cached), None | Some(Node::File { .. })) {
            return refuse(format!("bytecode in the place of what is no file: {cached}"));
        }
        let (bytes, modified) = match self.memory.entry(source).cloned() {
            Some(Node::File { content: Content::Bytes(bytes), modified }) => (bytes, modified),
            None if source
                .parent()
                .is_some_and(|above| self.memory.entry(&above).is_some_and(Node::is_directory)) =>
            {
                return Err(os_error("FileNotFoundError", 2, "No such file or directory", file));
            }
            _ => return refuse(format!("the compilation of what is no source: {file}")),
        };
        self.body(&bytes).map_err(|stop| stop.at(|| file.to_string()))?;
        let directory = cached.parent().and_then(|directory| self.memory.entry(&directory).cloned());
        if directory.is_some_and(|directory| !directory.is_directory()) {
            return refuse("a file in the place of a directory for bytecode");
        }
        let bytecode = match invalidation {
            Invalidation::Timestamp => of_times(second_of(modified), size_of(&bytes), bytes),
            Invalidation::CheckedHash => Bytecode::by_hash(BytecodeCheck::Hash, bytes),
            Invalidation::UncheckedHash => Bytecode::by_hash(BytecodeCheck::Nothing, bytes),
        };
        self.write_bytecode(&cached, bytecode)
    }

    /// `SourcelessFileLoader.get_code`, with `_classify_pyc` (3.6: `_validate_bytecode_header`).
    fn sourceless_code(&mut self, module: &ObjectId, file: &Name) -> Result<Arc<[u8]>> {
        let path = self.entry_at(file)?;
        let bytes = match self.memory.entry(&path) {
            Some(Node::File { content: Content::Bytecode(bytecode), .. }) => {
                return Ok(bytecode.source.clone());
            }
            Some(Node::File { content: Content::Bytes(bytes), .. }) => bytes.clone(),
            _ => return refuse(format!("bytecode that went away while it was loaded: {file}")),
        };
        let magic = &bytes[..bytes.len().min(4)];
        if magic.ends_with(b"\r\n") {
            return refuse(format!("a file that looks like bytecode: {file}"));
        }
        let spec = self.memory.module_object(module).and_then(|module| module.spec.as_ref());
        let Some(name) = spec.map(|spec| spec.name.clone()) else { return refuse("a module that is gone") };
        let message = format!("bad magic number in {}: b{}", quoted(&name), quoted_bytes(magic));
        Err(EvaluationError::import("ImportError", message, &name))
    }

    /// `importlib.reload(module)`
    pub(super) fn reload(&mut self, module: &Value) -> Result<Value> {
        let Some(id) = self.as_module(module) else {
            return match module {
                Value::Object(_) => refuse("a reload of what is no module"),
                _ => raise("TypeError", "reload() argument must be a module"),
            };
        };
        let Some(object) = self.memory.module_object(&id).cloned() else {
            return refuse("a module that is gone");
        };
        if object.opaque {
            return refuse(format!("a reload of `{}`, of the standard library", object.name));
        }
        let name = object.spec.as_ref().map_or(&object.name, |spec| &spec.name).clone();
        if self.module_entry(&name)?.as_ref() != Some(module) {
            return Err(EvaluationError::import(
                "ImportError",
                format!("module {name} not in sys.modules"),
                &name,
            ));
        }
        if self.reloading.contains(&name) {
            return Ok(module.clone());
        }
        self.reloading.push(name.clone());
        let done = self.reload_found(&id, &name);
        self.reloading.retain(|reloading| *reloading != name);
        done?;
        match self.module_entry(&name)? {
            Some(module) => Ok(module),
            None => raise("KeyError", &name),
        }
    }

    fn reload_found(&mut self, id: &ObjectId, name: &Name) -> Result<()> {
        let path = self.path_of_parent(name)?;
        let spec = self.find_spec(name, path.as_ref())?;
        let version = self.version;
        let Some(module) = self.memory.module_object_mut(id) else { return refuse("a module that is gone") };
        let Some(spec) = spec else {
            module.spec = None;
            if version < (3, 7) {
                return raise("AttributeError", "'NoneType' object has no attribute 'name'");
            }
            let message = format!("spec not found for the module {}", quoted(name));
            return Err(EvaluationError::import("ModuleNotFoundError", message, name));
        };
        // `_exec`
        let origin = spec.origin.clone();
        module.apply(spec, version);
        let done = self.execute_module(id, &origin);
        if version >= (3, 8)
            && self.memory.module(name).is_none()
            && !matches!(done, Err(EvaluationError::Refuse(_)))
        {
            return raise("KeyError", name);
        }
        done
    }

    /// The `__path__` of a module's parent, or `None` for a top-level name.
    fn path_of_parent(&mut self, name: &str) -> Result<Option<PackagePath>> {
        let (parent, _) = split_name(name);
        if parent.is_empty() {
            return Ok(None);
        }
        let parent: Name = parent.into();
        let Some(value) = self.module_entry(&parent)? else {
            let message = format!("parent {} not in sys.modules", quoted(&parent));
            return Err(EvaluationError::import("ImportError", message, &parent));
        };
        match self.path_or_error(&value)? {
            Some(path) => Ok(Some(path)),
            None => match self.as_module(&value) {
                Some(id) => {
                    let message = self.no_attribute(&id, "__path__")?;
                    raise("AttributeError", message)
                }
                None => refuse("a reload below what is no module"),
            },
        }
    }
}

/// Bytecode that is checked by second and size.
fn of_times(second: u32, size: u32, source: Arc<[u8]>) -> Bytecode {
    Bytecode { second, size: Some(size), ..Bytecode::by_hash(BytecodeCheck::Times, source) }
}

/// `int(st_mtime) & 0xFFFFFFFF`
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "CPython cuts it the same way")]
pub(crate) fn second_of(modified: Time) -> u32 {
    modified.as_cpython_float() as u64 as u32
}

/// `len(source) & 0xFFFFFFFF`
#[expect(clippy::cast_possible_truncation, reason = "CPython cuts it the same way")]
fn size_of(source: &[u8]) -> u32 {
    source.len() as u32
}
