//! Sources of module bodies: a real Python parser parses each once. `body` runs them.

use std::sync::Arc;

use ruff_python_ast::{ModModule, PythonVersion, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed};
use ruff_text_size::{Ranged, TextSize};

use super::code::{Codes, codes_of};
use super::stop::{Result, refuse};

/// A parsed source.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) syntax: ModModule,
    /// Where each line begins.
    lines: Vec<TextSize>,
    /// A short digest of the source, to distinguish places in different sources.
    pub(super) digest: String,
    pub(super) source: Arc<[u8]>,
    /// Whether `from __future__ import annotations` stands in it.
    pub(super) annotations_are_texts: bool,
    /// The functions in it, by where each begins.
    pub(super) codes: Codes,
}

impl Body {
    /// Parses a source as this version of CPython would.
    pub(super) fn parse(source: &Arc<[u8]>, version: (u32, u32)) -> Result<Self> {
        let Ok(text) = std::str::from_utf8(source) else { return refuse("a source that is not UTF-8") };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.contains(['\0', '\x0c']) || crate::interpreter::inert::foreign_encoding(text) {
            return refuse("a source with NUL, form feed or an encoding of its own");
        }
        if crate::nesting::is_deep(text) {
            return refuse("code nested so deep");
        }
        let target = PythonVersion { major: 3, minor: u8::try_from(version.1.max(7)).unwrap_or(u8::MAX) };
        let options = ParseOptions::from(Mode::Module).with_target_version(target);
        let parsed = ruff_python_parser::parse_unchecked(text, options).try_into_module();
        let Some(parsed) = parsed else { return refuse("a source that is no module") };
        problem_of(&parsed, text)?;
        let starts = text.match_indices('\n').filter_map(|(at, _)| TextSize::try_from(at + 1).ok());
        let lines = std::iter::once(TextSize::from(0)).chain(starts).collect();
        let digest = blake3::hash(source).to_hex()[..12].to_owned();
        let syntax = parsed.into_syntax();
        let codes = codes_of(&syntax);
        let annotations_are_texts = syntax.body.iter().any(is_future_of_annotations);
        Ok(Self { syntax, lines, digest, source: source.clone(), annotations_are_texts, codes })
    }

    /// The line number of a node, from 1.
    pub(super) fn line(&self, node: &impl Ranged) -> usize {
        self.lines.partition_point(|&start| start <= node.start())
    }

    /// The lines on which a node begins and ends.
    pub(super) fn lines_of(&self, node: &impl Ranged) -> (usize, usize) {
        let last = self.lines.partition_point(|&start| start < node.end());
        (self.line(node), last)
    }
}

fn is_future_of_annotations(statement: &Stmt) -> bool {
    let Stmt::ImportFrom(node) = statement else { return false };
    node.module.as_ref().is_some_and(|module| module == "__future__")
        && node.names.iter().any(|alias| &alias.name == "annotations")
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
    if has_unusual_escape(text) {
        return refuse("a source with a backslash that is no plain escape");
    }
    Ok(())
}

/// Whether a backslash stands for something else than an escape that every version reads alike and without a warning,
/// or the end of a line.
fn has_unusual_escape(text: &str) -> bool {
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\\' && !matches!(letters.next(), Some('n' | 't' | 'r' | '\\' | '\'' | '"' | '\n')) {
            return true;
        }
    }
    false
}
