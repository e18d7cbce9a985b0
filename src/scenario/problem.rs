//! The problems of a scenario file: each with its place and, if the fix is known, a help line; and how they are
//! displayed. `parse` finds them.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// One problem of a scenario file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// What is wrong, in one line.
    pub message: String,
    /// Where, in bytes of the file's text.
    pub span: Range<usize>,
    /// How to fix it, if that is known.
    pub help: Option<String>,
    /// Other places that belong to it, each with a label.
    pub related: Vec<(Range<usize>, String)>,
    /// The line of the span's start, from 1.
    pub line: usize,
    /// The column of the span's start, in characters, from 1.
    pub column: usize,
    /// Whether the scenario is good nevertheless, on some versions.
    pub is_warning: bool,
    /// Whether something may only seem to be missing, because a part of the file could not be read.
    pub(super) of_absence: bool,
}

impl Problem {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            span,
            help: None,
            related: Vec::new(),
            line: 0,
            column: 0,
            is_warning: false,
            of_absence: false,
        }
    }

    #[must_use = "the problem is returned, not changed in place"]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Marks it as one that leaves the scenario good on some versions.
    #[must_use = "the problem is returned, not changed in place"]
    pub(crate) fn warning(mut self) -> Self {
        self.is_warning = true;
        self
    }

    /// Marks it as a problem that an unreadable part of the file may have caused.
    #[must_use = "the problem is returned, not changed in place"]
    pub(super) fn of_absence(mut self) -> Self {
        self.of_absence = true;
        self
    }

    #[must_use = "the problem is returned, not changed in place"]
    pub(super) fn related(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }
}

/// How problems are displayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without colours.
    Plain,
    /// With ANSI colours.
    Coloured,
}

/// All problems of one scenario file, in the order of the file; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    path: PathBuf,
    text: String,
    list: Vec<Problem>,
}

impl Problems {
    pub(super) fn new(path: &Path, text: &str, mut problems: Vec<Problem>) -> Self {
        for problem in &mut problems {
            problem.span = clamp(text, &problem.span);
            for (span, _) in &mut problem.related {
                *span = clamp(text, span);
            }
            let before = &text[..problem.span.start];
            problem.line = before.matches('\n').count() + 1;
            let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
            problem.column = before[line_start..].chars().count() + 1;
        }
        problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
        Self { path: path.to_path_buf(), text: text.to_owned(), list: problems }
    }

    /// The file, as the caller named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The problems, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.list.iter()
    }

    /// The number of problems; never zero.
    #[expect(clippy::len_without_is_empty, reason = "problems exist only where there is one")]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Each problem with its place, the source line with the span underlined, and the help.
    pub fn render(&self, style: Style) -> String {
        let renderer = match style {
            Style::Plain => Renderer::plain(),
            Style::Coloured => Renderer::styled(),
        };
        let told: Vec<_> = self.list.iter().map(|problem| self.render_one(problem, &renderer)).collect();
        told.join("\n\n")
    }

    fn render_one(&self, problem: &Problem, renderer: &Renderer) -> String {
        let path = self.path.to_string_lossy();
        let mut snippet = Snippet::source(self.text.as_str())
            .path(path)
            .annotation(AnnotationKind::Primary.span(problem.span.clone()));
        for (span, label) in &problem.related {
            snippet = snippet.annotation(AnnotationKind::Context.span(span.clone()).label(label.as_str()));
        }
        let level = if problem.is_warning { Level::WARNING } else { Level::ERROR };
        let mut report = vec![level.primary_title(problem.message.as_str()).element(snippet)];
        if let Some(help) = &problem.help {
            report.push(Group::with_title(Level::HELP.secondary_title(help.as_str())));
        }
        renderer.render(&report)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Style::Plain))
    }
}

impl std::error::Error for Problems {}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// `span` limited to `text` and to character boundaries.
fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end
}
