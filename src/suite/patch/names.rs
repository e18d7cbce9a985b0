//! What a test file calls modules and their contents, and the imports that a change of it needs.

use std::path::Path;

use ruff_python_ast::{Alias, Stmt, StmtImportFrom};
use ruff_text_size::Ranged as _;

use super::edits::Edit;
use super::source::TestSource;

/// Modules of the standard library that tests import.
const LIBRARY: [&str; 56] = [
    "abc",
    "argparse",
    "ast",
    "asyncio",
    "base64",
    "builtins",
    "collections",
    "concurrent",
    "configparser",
    "contextlib",
    "copy",
    "csv",
    "ctypes",
    "datetime",
    "decimal",
    "enum",
    "errno",
    "functools",
    "gc",
    "glob",
    "hashlib",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "json",
    "locale",
    "logging",
    "math",
    "multiprocessing",
    "operator",
    "os",
    "pathlib",
    "pickle",
    "platform",
    "random",
    "re",
    "shutil",
    "signal",
    "socket",
    "sqlite3",
    "stat",
    "string",
    "subprocess",
    "sys",
    "tempfile",
    "textwrap",
    "threading",
    "time",
    "traceback",
    "types",
    "typing",
    "unittest",
    "urllib",
    "uuid",
    "warnings",
];

/// The names that a file's top level binds by imports: for each, what it stands for.
#[derive(Debug)]
pub(super) struct ImportedNames {
    /// `import a.b as c`: `c` is the module `a.b`. `import a.b`: `a` is `a`, and `a.b` is imported.
    modules: Vec<(String, String)>,
    /// `from a import b as c`: `c` is `b` of `a`.
    contents: Vec<(String, String, String)>,
}

impl ImportedNames {
    pub(super) fn of(source: &TestSource) -> Self {
        let mut names = Self { modules: Vec::new(), contents: Vec::new() };
        names.look(&source.syntax.body, &source.path);
        names
    }

    fn look(&mut self, body: &[Stmt], path: &Path) {
        for statement in body {
            match statement {
                Stmt::Import(import) => import.names.iter().for_each(|alias| self.import(alias)),
                Stmt::ImportFrom(import) => {
                    let Some(module) = full_name(import, path) else { continue };
                    for alias in &import.names {
                        let bound = alias.asname.as_ref().unwrap_or(&alias.name);
                        self.contents.push((bound.to_string(), module.clone(), alias.name.to_string()));
                    }
                }
                Stmt::If(block) => self.look(&block.body, path),
                Stmt::Try(block) => self.look(&block.body, path),
                _ => {}
            }
        }
    }

    fn import(&mut self, alias: &Alias) {
        let module = alias.name.to_string();
        let bound = alias.asname.as_ref().map_or_else(|| module.clone(), ToString::to_string);
        self.modules.push((bound, module));
    }

    /// What the file calls a module, if it has a name for it.
    pub(super) fn module(&self, module: &str) -> Option<String> {
        let whole = self.modules.iter().find(|(_, named)| named == module).map(|(bound, _)| bound.clone());
        let from = |(bound, package, name): &(String, String, String)| {
            (format!("{package}.{name}") == module).then(|| bound.clone())
        };
        // `import a.b` binds `a` too.
        let outer = || {
            let inner = |(bound, named): &&(String, String)| {
                bound == named && named.starts_with(&format!("{module}."))
            };
            self.modules.iter().find(inner).map(|_| module.to_owned())
        };
        // These packages always have the modules that hold their generators of random numbers.
        let within = || {
            let (package, rest) =
                module.split_once('.').filter(|(package, _)| ["numpy", "torch"].contains(package))?;
            let bound = self.modules.iter().find(|(_, named)| named == package).map(|(bound, _)| bound);
            bound.map(|bound| format!("{bound}.{rest}"))
        };
        whole.or_else(|| self.contents.iter().find_map(from)).or_else(outer).or_else(within)
    }

    /// What the file calls the content of a module, if it imported it by its name.
    pub(super) fn content(&self, module: &str, name: &str) -> Option<String> {
        let found = self.contents.iter().find(|(_, package, each)| package == module && each == name);
        found.map(|(bound, _, _)| bound.clone())
    }

    /// The modules from which the file may take a name: those that it imports it from, or all names.
    pub(super) fn origins(&self, name: &str) -> Vec<String> {
        let takes = |bound: &str| bound == name || bound == "*";
        self.contents.iter().filter(|(bound, ..)| takes(bound)).map(|(_, module, _)| module.clone()).collect()
    }

    /// Whether the file imports all names of a module.
    pub(super) fn has_all_of(&self, module: &str) -> bool {
        self.content(module, "*").is_some()
    }
}

/// The module that an import names: a relative one counts from the packages that the file lies in.
fn full_name(import: &StmtImportFrom, path: &Path) -> Option<String> {
    let named = import.module.as_ref().map(ToString::to_string);
    let Some(above) = usize::try_from(import.level).ok()?.checked_sub(1) else { return named };
    let packages = path.ancestors().skip(1).take_while(|folder| folder.join("__init__.py").is_file());
    let mut parts: Vec<String> = packages
        .skip(above)
        .filter_map(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()))
        .collect();
    if parts.is_empty() {
        return None;
    }
    parts.reverse();
    parts.extend(named);
    Some(parts.join("."))
}

impl TestSource {
    /// The import of a module, if the file has none: put where it belongs among the others.
    pub(super) fn import(&self, module: &str) -> Option<Edit> {
        if ImportedNames::of(self).module(module).is_some() {
            return None;
        }
        let body = &self.syntax.body;
        let is_docstring =
            |each: &Stmt| each.as_expr_stmt().is_some_and(|each| each.value.is_string_literal_expr());
        let is_import = |each: &&Stmt| each.is_import_stmt() || each.is_import_from_stmt();
        let is_future = |each: &Stmt| {
            each.as_import_from_stmt().is_some_and(|it| it.module.as_deref() == Some("__future__"))
        };
        let first = usize::from(body.first().is_some_and(is_docstring));
        let leading: Vec<&Stmt> = body[first..].iter().take_while(is_import).collect();
        let usual: Vec<&Stmt> = leading.iter().filter(|each| !is_future(each)).copied().collect();
        let line = [format!("import {module}")];
        if usual.is_empty() {
            let after = leading.last().copied().or_else(|| body[..first].first());
            let at = after.map_or(0, |each| self.next_line(each.end().to_usize()));
            let before = if after.is_some() { vec![String::new()] } else { Vec::new() };
            let after = if self.text[at..].starts_with(self.newline) || at == self.text.len() {
                Vec::new()
            } else {
                vec![String::new(); 2]
            };
            return Some(self.lines(at, "", &[before, line.to_vec(), after].concat()));
        }
        let block = self.block_for(module, &usual);
        let is_last_of_library = module == "pytest" && block.len() == usual.len() && !self.has_foreign(block);
        let is_later =
            |each: &&&Stmt| each.as_import_stmt().is_none_or(|it| it.names[0].name.as_str() > module);
        if let Some(later) = block.iter().find(is_later).filter(|_| !is_last_of_library) {
            return Some(self.lines(self.line_start(later.start().to_usize()), "", &line));
        }
        let last = block.last().map_or(0, |each| each.end().to_usize());
        let lines = if is_last_of_library { vec![String::new(), line[0].clone()] } else { line.to_vec() };
        Some(self.lines(self.next_line(last), "", &lines))
    }

    /// The imports that stand together with where this one belongs: what is not of the standard library comes second.
    fn block_for<'a>(&self, module: &str, imports: &'a [&'a Stmt]) -> &'a [&'a Stmt] {
        let gap = |pair: &[&Stmt]| {
            self.text[pair[0].end().to_usize()..pair[1].start().to_usize()].matches('\n').count() > 1
        };
        let end = imports.windows(2).position(gap).map_or(imports.len(), |at| at + 1);
        if module == "pytest" && end < imports.len() {
            let rest = &imports[end..];
            let end = rest.windows(2).position(gap).map_or(rest.len(), |at| at + 1);
            return &rest[..end];
        }
        &imports[..end]
    }

    /// Whether some of these imports are not of the standard library, as far as one can tell.
    fn has_foreign(&self, block: &[&Stmt]) -> bool {
        let mut modules = block.iter().filter_map(|each| self.text_of(*each).split([' ', '.', ',']).nth(1));
        modules.any(|module| !LIBRARY.contains(&module.trim()))
    }
}
