//! One change that may cure a group of findings, and the pieces of which such changes are made: a comment, an import, a
//! parameter, a fixture.

use ruff_python_ast::StmtFunctionDef;
use ruff_text_size::Ranged as _;

use super::edits::{Edit, FileEdits, are_compatible};
use super::names::ImportedNames;
use super::source::{FoundFunction, TestSource, start_of};

/// Columns that a comment may take.
const WIDTH: usize = 79;
/// Modules of the standard library that a change may import at the top of a file: nothing happens when they are imported.
const HARMLESS: [&str; 19] = [
    "contextlib",
    "gc",
    "importlib",
    "inspect",
    "io",
    "itertools",
    "locale",
    "logging",
    "os",
    "pathlib",
    "pytest",
    "random",
    "shutil",
    "signal",
    "sqlite3",
    "sys",
    "tempfile",
    "time",
    "unittest",
];

/// A change that may cure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PatchCandidate {
    pub(super) edits: FileEdits,
    /// What it does, for people.
    pub(super) what: String,
    pub(super) reach: PatchReach,
}

/// How far a change reaches: the smaller comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PatchReach {
    /// A statement.
    Statement,
    /// A test.
    Test,
    /// A test, by something that stands beside it.
    Beside,
    /// All tests of a class or file.
    File,
    /// The victim, which is not what is to blame.
    Victim,
}

impl PatchCandidate {
    pub(super) fn new(reach: PatchReach, what: String) -> Self {
        Self { edits: FileEdits::new(), what, reach }
    }

    /// The same with changes of a file.
    pub(super) fn with(mut self, source: &TestSource, edits: impl IntoIterator<Item = Edit>) -> Self {
        let of_file = self.edits.entry(source.path.clone()).or_default();
        for edit in edits {
            if !of_file.contains(&edit) {
                of_file.push(edit);
            }
        }
        self
    }

    /// Both changes as one, if they do not touch each other.
    pub(super) fn and(&self, what: &str, others: &FileEdits) -> Option<Self> {
        let mut both = self.clone();
        both.what = format!("{}, and {what}", self.what);
        for (path, edits) in others {
            let own = both.edits.entry(path.clone()).or_default();
            if !are_compatible(own, edits) {
                return None;
            }
            let new: Vec<Edit> = edits.iter().filter(|edit| !own.contains(edit)).cloned().collect();
            own.extend(new);
        }
        Some(both)
    }

    /// The number of lines that it adds or replaces.
    pub(super) fn size(&self) -> usize {
        let lines = |edit: &Edit| edit.text.matches('\n').count().max(1);
        self.edits.values().flatten().map(lines).sum()
    }
}

/// Whether nothing happens when a module is imported.
pub(super) fn is_harmless(module: &str) -> bool {
    HARMLESS.contains(&module)
}

/// A text as lines of a comment.
pub(super) fn comment(text: &str, margin: &str) -> Vec<String> {
    let taken = margin.chars().map(|letter| if letter == '\t' { 8 } else { 1 }).sum::<usize>() + 2;
    let options = textwrap::Options::new(WIDTH.saturating_sub(taken).max(30)).break_words(false);
    textwrap::wrap(text, options.word_splitter(textwrap::WordSplitter::NoHyphenation))
        .iter()
        .map(|line| format!("# {line}"))
        .collect()
}

/// The imports at the top of the file, and those that must be made where they are needed, as lines: of modules, or as they are written.
pub(super) fn imports(source: &TestSource, modules: &[String]) -> (Vec<Edit>, Vec<String>) {
    let (top, inner): (Vec<&String>, Vec<&String>) = modules.iter().partition(|module| is_harmless(module));
    let edits = top.into_iter().filter_map(|module| source.import(module)).collect();
    let mut lines: Vec<String> = Vec::new();
    for module in inner.into_iter().filter(|module| ImportedNames::of(source).module(module).is_none()) {
        let line = if module.contains(' ') { module.clone() } else { format!("import {module}") };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    (edits, lines)
}

/// The change that gives a function one more parameter: none if it has it, `None` if it cannot have one more.
pub(super) fn parameter(function: &StmtFunctionDef, name: &str) -> Option<Vec<Edit>> {
    parameters(function, &[name])
}

/// The change that gives a function further parameters: none if it has them, `None` if it cannot have more.
pub(super) fn parameters(function: &StmtFunctionDef, names: &[&str]) -> Option<Vec<Edit>> {
    let parameters = &function.parameters;
    let has = |name: &&&str| parameters.args.iter().any(|each| each.parameter.name.as_str() == **name);
    let new: Vec<&str> = names.iter().filter(|name| !has(name)).copied().collect();
    if new.is_empty() {
        return Some(Vec::new());
    }
    let is_plain = parameters.vararg.is_none()
        && parameters.kwarg.is_none()
        && parameters.kwonlyargs.is_empty()
        && parameters.args.iter().all(|each| each.default.is_none());
    if !is_plain {
        return None;
    }
    let text = new.join(", ");
    let edit = if let Some(last) = parameters.args.last() {
        let at = last.end().to_usize();
        Edit { from: at, to: at, text: format!(", {text}") }
    } else {
        let at = parameters.start().to_usize() + 1;
        Edit { from: at, to: at, text }
    };
    Some(vec![edit])
}

/// What the file calls a name of pytest, and the import for it.
pub(super) fn of_pytest(source: &TestSource, name: &str) -> (String, Option<Edit>) {
    let names = ImportedNames::of(source);
    match (names.content("pytest", name), names.module("pytest")) {
        (Some(bound), _) => (bound, None),
        (None, Some(pytest)) => (format!("{pytest}.{name}"), None),
        (None, None) => (format!("pytest.{name}"), source.import("pytest")),
    }
}

/// A decorator that makes a test use a fixture.
pub(super) fn used_by(source: &TestSource, function: &StmtFunctionDef, fixture: &str) -> Option<Vec<Edit>> {
    let at = start_of(function);
    let margin = source.margin(at)?;
    let (mark, import) = of_pytest(source, "mark");
    let line = format!("@{mark}.usefixtures({})", source.quoted(fixture));
    Some(std::iter::once(source.lines(source.line_start(at), margin, &[line])).chain(import).collect())
}

/// Where something can be put that stands beside a test: above it, and above the comment above it.
pub(super) fn beside(source: &TestSource, found: &FoundFunction<'_>) -> usize {
    let mut at = source.line_start(found.top);
    while at > 0 {
        let above = source.line_start(at - 1);
        if !source.text[above..at].starts_with('#') {
            break;
        }
        at = above;
    }
    at
}

/// A name that the file does not contain yet.
pub(super) fn new_name(source: &TestSource, wanted: &str) -> String {
    let tries = std::iter::once(wanted.to_owned()).chain((2..).map(|number| format!("{wanted}_{number}")));
    tries.into_iter().find(|name| !source.text.contains(name.as_str())).unwrap_or_default()
}
