//! The source of a test file: where its functions lie, and how it is formatted. `names` says what it imports.

use std::path::{Path, PathBuf};

use ruff_python_ast::{Expr, ModModule, Stmt, StmtClassDef, StmtFunctionDef};
use ruff_python_parser::parse_module;
use ruff_text_size::Ranged;

use super::edits::Edit;
use crate::nesting::is_deep;

/// A test file.
#[derive(Debug)]
pub(super) struct TestSource {
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) syntax: ModModule,
    pub(super) newline: &'static str,
    /// One level of indentation.
    pub(super) indent: String,
    pub(super) quote: char,
}

/// A function of a file, with what surrounds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct FoundFunction<'a> {
    pub(super) function: &'a StmtFunctionDef,
    /// The innermost class.
    pub(super) class: Option<&'a StmtClassDef>,
    /// Where the outermost statement that contains it begins.
    pub(super) top: usize,
}

impl TestSource {
    /// Reads and parses a file; an error says why that cannot be done.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let bytes =
            std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = String::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8"))?;
        if is_deep(&text) {
            return Err(format!("{name} is nested too deep to be parsed"));
        }
        let parsed = parse_module(&text).map_err(|_| format!("{name} cannot be parsed as Python 3"))?;
        Ok(Self::of(path, parsed.into_syntax(), text))
    }

    fn of(path: &Path, syntax: ModModule, text: String) -> Self {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let deeper = text.lines().find(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty());
        let indent = match deeper {
            Some(line) if line.starts_with('\t') => "\t".to_owned(),
            Some(line) => line.chars().take_while(|letter| *letter == ' ').collect(),
            None => "    ".to_owned(),
        };
        let count = |letter: char| text.matches(letter).count();
        let quote = if count('\'') > count('"') { '\'' } else { '"' };
        Self { path: path.to_owned(), text, syntax, newline, indent, quote }
    }

    /// The text of a node.
    pub(super) fn text_of(&self, node: &impl Ranged) -> &str {
        &self.text[node.start().to_usize()..node.end().to_usize()]
    }

    /// Where the line of an offset begins.
    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the line after that of an offset begins.
    pub(super) fn next_line(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |newline| at + newline + 1)
    }

    /// The number of the line of an offset, from 1.
    pub(super) fn line_number(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// The white space before an offset in its line, if nothing else stands there.
    pub(super) fn margin(&self, at: usize) -> Option<&str> {
        let margin = &self.text[self.line_start(at)..at];
        margin.trim_start_matches('\u{feff}').trim().is_empty().then_some(margin)
    }

    /// Whether a statement has its lines for itself.
    pub(super) fn stands_alone(&self, statement: &Stmt) -> bool {
        let (start, end) = (statement.start().to_usize(), statement.end().to_usize());
        let rest = self.text[end..self.next_line(end)].trim();
        self.margin(start).is_some() && (rest.is_empty() || rest.starts_with('#'))
    }

    /// The test function that a node id names; an error says why there is none.
    pub(super) fn find(&self, id: &str) -> Result<FoundFunction<'_>, String> {
        let name = |part: &str| part.split('[').next().unwrap_or(part).to_owned();
        let bare = id.split_once("::").map_or("", |(_, rest)| rest);
        let bare = bare.split('[').next().unwrap_or(bare);
        let parts: Vec<String> = bare.split("::").map(name).collect();
        let Some((last, classes)) = parts.split_last().filter(|(last, _)| !last.is_empty()) else {
            return Err(format!("{id} is no test function"));
        };
        let (mut body, mut class, mut top) = (&self.syntax.body[..], None, None);
        for name in classes {
            let found = body.iter().find_map(|each| each.as_class_def_stmt().filter(|it| it.name == **name));
            let Some(found) = found else {
                return Err(format!("the class {name} is not defined in its file"));
            };
            top = top.or(Some(start_of_class(found)));
            (body, class) = (&found.body[..], Some(found));
        }
        let mut seen = Vec::new();
        while let Some(here) = class {
            if let Some(function) = function_in(&here.body, last) {
                return Ok(FoundFunction { function, class, top: top.unwrap_or(start_of(function)) });
            }
            // A test may be inherited from a class of the same file.
            seen.push(here.name.to_string());
            class = self.base_of(here).filter(|base| !seen.contains(&base.name.to_string()));
            top = class.map(start_of_class);
        }
        let function = if classes.is_empty() { function_in(body, last) } else { None };
        let function = function.ok_or_else(|| format!("no function {last} is defined in its file"))?;
        Ok(FoundFunction { function, class: None, top: start_of(function) })
    }

    /// The function of the top level or of a class that contains a line.
    pub(super) fn enclosing(&self, line: usize) -> Option<FoundFunction<'_>> {
        let contains = |function: &StmtFunctionDef| {
            let [first, last] =
                [start_of(function), function.end().to_usize()].map(|at| self.line_number(at));
            (first..=last).contains(&line)
        };
        self.syntax.body.iter().find_map(|each| match each {
            Stmt::FunctionDef(function) if contains(function) => {
                Some(FoundFunction { function, class: None, top: start_of(function) })
            }
            Stmt::ClassDef(class) => {
                let mut methods = class.body.iter().filter_map(Stmt::as_function_def_stmt);
                let function = methods.find(|each| contains(each))?;
                Some(FoundFunction { function, class: Some(class), top: start_of_class(class) })
            }
            _ => None,
        })
    }

    fn base_of(&self, class: &StmtClassDef) -> Option<&StmtClassDef> {
        let bases = class.arguments.as_ref()?.args.iter();
        let names: Vec<&str> =
            bases.filter_map(|base| base.as_name_expr().map(|name| name.id.as_str())).collect();
        let mut classes = self.syntax.body.iter().filter_map(Stmt::as_class_def_stmt);
        classes.rfind(|each| names.contains(&each.name.as_str()))
    }

    /// Whether a class is one of `unittest`, as far as its file tells.
    pub(super) fn is_unittest(&self, class: &StmtClassDef) -> bool {
        let bases = class.arguments.iter().flat_map(|arguments| &arguments.args);
        let mut named = bases.filter_map(|base| match base {
            Expr::Name(name) => Some(name.id.as_str()),
            Expr::Attribute(attribute) => Some(attribute.attr.as_str()),
            _ => None,
        });
        if named.any(|name| name.ends_with("TestCase")) {
            return true;
        }
        match self.base_of(class) {
            Some(base) if base.name != class.name => self.is_unittest(base),
            _ => {
                self.text_of(class).contains("self.assertEqual(")
                    || self.text_of(class).contains("self.assertTrue(")
            }
        }
    }

    /// A fixture of this file by its name.
    pub(super) fn fixture(&self, name: &str, class: Option<&StmtClassDef>) -> Option<FoundFunction<'_>> {
        let class = class.and_then(|class| {
            let mut classes = self.syntax.body.iter().filter_map(Stmt::as_class_def_stmt);
            classes.rfind(|each| each.name == class.name)
        });
        let inner = class.and_then(|class| Some((function_in(&class.body, name)?, Some(class))));
        let (function, class) = inner.or_else(|| Some((function_in(&self.syntax.body, name)?, None)))?;
        let is_fixture = function.decorator_list.iter().any(|each| self.text_of(each).contains("fixture"));
        let top = class.map_or_else(|| start_of(function), start_of_class);
        is_fixture.then_some(FoundFunction { function, class, top })
    }

    /// The first place in the body of a function at which a statement can be put, with the indentation there.
    pub(super) fn body_start(&self, function: &StmtFunctionDef) -> Option<(usize, String)> {
        let first = function.body.first()?;
        let margin = self.margin(first.start().to_usize())?.to_owned();
        let docstring = first.as_expr_stmt().is_some_and(|each| each.value.is_string_literal_expr());
        let at = match first {
            first if docstring && !self.stands_alone(first) => return None,
            first if docstring => self.next_line(first.end().to_usize()),
            first => self.line_start(first_byte(first)),
        };
        Some((at, margin))
    }

    /// An insertion of whole lines at the beginning of a line.
    pub(super) fn lines(&self, at: usize, margin: &str, lines: &[String]) -> Edit {
        let mut text = String::new();
        if at > 0 && !self.text[..at].ends_with('\n') {
            text += self.newline;
        }
        for line in lines {
            let inner = line.trim_start_matches(' ');
            let levels = (line.len() - inner.len()) / 4;
            if !inner.is_empty() {
                text += margin;
                text += &self.indent.repeat(levels);
                text += inner;
            }
            text += self.newline;
        }
        Edit { from: at, to: at, text }
    }

    /// A text as a literal, in the quotes that the file prefers.
    pub(super) fn quoted(&self, text: &str) -> String {
        let escaped = text.replace('\\', "\\\\").replace(self.quote, &format!("\\{}", self.quote));
        format!("{0}{escaped}{0}", self.quote)
    }
}

fn first_byte(statement: &Stmt) -> usize {
    match statement {
        Stmt::FunctionDef(function) => start_of(function),
        Stmt::ClassDef(class) => start_of_class(class),
        other => other.start().to_usize(),
    }
}

/// Where a function begins, with its decorators.
pub(super) fn start_of(function: &StmtFunctionDef) -> usize {
    let decorated = function.decorator_list.first().map(|each| each.start().to_usize());
    decorated.unwrap_or(function.start().to_usize()).min(function.start().to_usize())
}

fn start_of_class(class: &StmtClassDef) -> usize {
    let decorated = class.decorator_list.first().map(|each| each.start().to_usize());
    decorated.unwrap_or(class.start().to_usize()).min(class.start().to_usize())
}

fn function_in<'a>(body: &'a [Stmt], name: &str) -> Option<&'a StmtFunctionDef> {
    // Of two definitions the last one counts.
    body.iter().filter_map(Stmt::as_function_def_stmt).rfind(|each| each.name == *name)
}
