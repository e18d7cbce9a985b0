//! Module bodies: a real Python parser parses each once, and the model evaluates it statement by statement, as
//! far as it knows what each statement does. It refuses anything else and names the line. Expressions are in
//! `expression`, calls in `call`, stores in `store`.

mod attribute;
mod call;
mod class;
mod container;
mod expression;
mod method;
mod number;
mod operate;
mod statement;
mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use ruff_python_ast::{ModModule, PythonVersion};
use ruff_python_parser::{Mode, ParseOptions, Parsed};
use ruff_text_size::{Ranged, TextSize};

use super::import::Importer;
use super::machine::Machine;
use super::stop::{Result, refuse};
use super::value::{Exception, Name, ObjectId, Value};

/// A parsed source.
#[derive(Debug)]
pub(in crate::interpreter::model) struct Body {
    syntax: ModModule,
    /// Where each line begins.
    lines: Vec<TextSize>,
    /// A short digest of the source, to distinguish places in different sources.
    digest: String,
}

/// A body and the module that it runs in.
#[derive(Debug)]
pub(in crate::interpreter::model) struct BodyFrame<'a> {
    module: &'a ObjectId,
    file: &'a str,
    body: &'a Body,
    importer: Importer,
}

/// Where a body binds names: in the module, or in a class while its body runs.
struct Scope<'a> {
    frame: &'a BodyFrame<'a>,
    /// The namespace of the class whose body runs, and its qualified name.
    class: Option<BTreeMap<Name, Value>>,
    /// The exception that is being handled.
    handled: Option<Exception>,
}

impl Body {
    /// Parses a source as this version of CPython would.
    pub(in crate::interpreter::model) fn parse(source: &Arc<[u8]>, version: (u32, u32)) -> Result<Self> {
        let Ok(text) = std::str::from_utf8(source) else { return refuse("a source that is not UTF-8") };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.contains(['\0', '\x0c']) || crate::interpreter::inert::foreign_encoding(text) {
            return refuse("a source with NUL, form feed or an encoding of its own");
        }
        let target = PythonVersion { major: 3, minor: u8::try_from(version.1.max(7)).unwrap_or(u8::MAX) };
        let options = ParseOptions::from(Mode::Module).with_target_version(target);
        let parsed = ruff_python_parser::parse_unchecked(text, options).try_into_module();
        let Some(parsed) = parsed else { return refuse("a source that is no module") };
        problem_of(&parsed, text)?;
        let starts = text.match_indices('\n').filter_map(|(at, _)| TextSize::try_from(at + 1).ok());
        let lines = std::iter::once(TextSize::from(0)).chain(starts).collect();
        let digest = blake3::hash(source).to_hex()[..12].to_owned();
        Ok(Self { syntax: parsed.into_syntax(), lines, digest })
    }

    /// The line number of a node, from 1.
    fn line(&self, node: &impl Ranged) -> usize {
        self.lines.partition_point(|&start| start <= node.start())
    }
}

/// Refuses a source that cannot be evaluated: CPython's messages for a syntax error differ from version to
/// version, and warnings of its compiler would be printed.
fn problem_of(parsed: &Parsed<ModModule>, text: &str) -> Result<()> {
    if let Some(error) = parsed.errors().first() {
        return refuse(format!("a syntax error ({})", error.error));
    }
    if let Some(error) = parsed.unsupported_syntax_errors().first() {
        return refuse(format!("syntax that this version may not have ({error})"));
    }
    if text.contains('\\') {
        return refuse("a source with a backslash");
    }
    Ok(())
}

impl<'a> BodyFrame<'a> {
    /// The frame of a module's body.
    pub(in crate::interpreter::model) fn of_module(
        module: &'a ObjectId,
        file: &'a str,
        body: &'a Body,
        importer: Importer,
    ) -> Self {
        Self { module, file, body, importer }
    }

    /// The place of a node, in words.
    fn place(&self, node: &impl Ranged) -> String {
        format!("{}, line {}", self.file, self.body.line(node))
    }

    /// Distinguishes objects made here from objects made elsewhere.
    fn site(&self, node: &impl Ranged) -> Name {
        format!("{}@{}", self.body.digest, u32::from(node.start())).into()
    }
}

impl Machine<'_> {
    /// Runs a body.
    pub(in crate::interpreter::model) fn run(&mut self, frame: &BodyFrame<'_>) -> Result<()> {
        let mut scope = Scope { frame, class: None, handled: None };
        self.statements(&mut scope, &frame.body.syntax.body)
    }
}
