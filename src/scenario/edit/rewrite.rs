//! Replaces the declarations in the text of a scenario file. Whatever is kept stays byte for byte as it is written.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_edit::{DocumentMut, Value};

use super::Declared;
use super::fields::{fill, push, restrict};
use crate::kind::FindingKind;
use crate::scenario::{Problems, parse};

/// Why declarations could not be rewritten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RewriteError {
    /// The original text is not a valid scenario.
    #[error(transparent)]
    Scenario(#[from] Problems),
    /// A part of it could not be edited.
    #[error("cannot edit the declarations: {0}")]
    Edit(#[from] toml_edit::TomlError),
}

/// One declaration as it stands in the text.
struct Written {
    declared: Declared,
    /// The header of a table that has one, or the whole of an inline table.
    span: Range<usize>,
    /// Where its last value ends.
    end: usize,
    /// Where the last text before it ends, comments aside.
    above: usize,
    /// The array that holds it, if it is an inline table.
    array: Option<Range<usize>>,
    fate: RewriteAction,
}

/// What happens to a declaration.
enum RewriteAction {
    Stays,
    Goes,
    Becomes(Declared),
}

/// A part of the text and its replacement.
type Splice = (Range<usize>, String);

/// Returns `text` with exactly `declarations`. Declarations that it has already stay as and where they are. If
/// only the cause, timestamps or python differ, the declaration is changed in place. Others are removed, each
/// with the comments that touch it. New ones are added at the end.
///
/// # Errors
/// Returns an error if `text` is no scenario.
pub fn redeclare(text: &str, declarations: &[Declared]) -> Result<String, RewriteError> {
    let mut written = written(text)?;
    let added = decide(&mut written, declarations);
    let mut splices = Vec::new();
    let mut arrays: Vec<Range<usize>> = written.iter().filter_map(|one| one.array.clone()).collect();
    arrays.dedup();
    let mut appended: Vec<&Declared> = Vec::new();
    for array in &arrays {
        splices.extend(in_array(text, array, &written, &added)?);
    }
    for declared in &added {
        let in_an_array = |one: &Written| one.array.is_some() && one.declared.kind == declared.kind;
        if !written.iter().any(in_an_array) {
            appended.push(declared);
        }
    }
    for one in written.iter().filter(|one| one.array.is_none()) {
        splices.extend(of_table(text, one)?);
    }
    let mut rewritten = apply(text, splices);
    append(&mut rewritten, &appended);
    Ok(rewritten)
}

/// All declarations in the text, in order.
fn written(text: &str) -> Result<Vec<Written>, RewriteError> {
    let scenario = parse(Path::new("scenario"), text)?;
    let Ok(document) = DeTable::parse(text) else {
        return Ok(Vec::new());
    };
    let mut places = Vec::new();
    let mut ends = Vec::new();
    for (key, value) in document.get_ref() {
        ends_of(value, &mut ends);
        ends.push(key.span().end);
        if !FindingKind::DECLARABLE.iter().any(|kind| kind.table() == key.get_ref().as_ref()) {
            continue;
        }
        let array = Some(value.span())
            .filter(|span| text[span.clone()].starts_with('[') && !text[span.clone()].starts_with("[["));
        for entry in value.get_ref().as_array().into_iter().flatten() {
            places.push((entry, array.clone()));
        }
    }
    places.sort_by_key(|(entry, _)| entry.span().start);
    let declared = scenario.declarations.iter().map(|declaration| Declared::of(&scenario, declaration));
    let written = places.into_iter().zip(declared).map(|((entry, array), declared)| {
        let span = entry.span();
        let mut own = vec![span.end];
        ends_of(entry, &mut own);
        Written {
            declared,
            end: own.into_iter().max().unwrap_or(span.end),
            above: ends.iter().copied().filter(|&end| end <= span.start).max().unwrap_or(0),
            span,
            array,
            fate: RewriteAction::Goes,
        }
    });
    Ok(written.collect())
}

/// Adds the end of `value` and of everything in it.
fn ends_of(value: &Spanned<DeValue<'_>>, ends: &mut Vec<usize>) {
    ends.push(value.span().end);
    match value.get_ref() {
        DeValue::Array(values) => values.iter().for_each(|value| ends_of(value, ends)),
        DeValue::Table(table) => table.iter().for_each(|(key, value)| {
            ends.push(key.span().end);
            ends_of(value, ends);
        }),
        _ => {}
    }
}

/// Decides the fate of every declaration and returns the new ones.
fn decide(written: &mut [Written], wanted: &[Declared]) -> Vec<Declared> {
    let mut added: Vec<Declared> = Vec::new();
    for declared in wanted {
        if !added.iter().any(|other| other.says_the_same(declared)) {
            added.push(declared.clone());
        }
    }
    for one in written.iter_mut() {
        if let Some(place) = added.iter().position(|declared| declared.says_the_same(&one.declared)) {
            added.remove(place);
            one.fate = RewriteAction::Stays;
        }
    }
    for one in written.iter_mut().filter(|one| matches!(one.fate, RewriteAction::Goes)) {
        if let Some(place) = added.iter().position(|declared| declared.same_finding(&one.declared)) {
            one.fate = RewriteAction::Becomes(added.remove(place));
        }
    }
    added
}

/// The change to a declaration with a header.
fn of_table(text: &str, one: &Written) -> Result<Option<Splice>, RewriteError> {
    let lines = line_start(text, one.span.start)..line_end(text, one.end);
    match &one.fate {
        RewriteAction::Stays => Ok(None),
        RewriteAction::Goes => Ok(Some((with_comments(text, lines, one.above), String::new()))),
        RewriteAction::Becomes(declared) => {
            let mut block: DocumentMut = text[lines.clone()].parse()?;
            let tables = block.get_mut(declared.kind.table()).and_then(|item| item.as_array_of_tables_mut());
            if let Some(table) = tables.and_then(|tables| tables.get_mut(0)) {
                restrict(table, declared);
            }
            Ok(Some((lines.clone(), with_line_ends_of(&text[lines], &block.to_string()))))
        }
    }
}

/// Extends `lines` by the comments that touch them and by the blank lines that would be left over.
fn with_comments(text: &str, lines: Range<usize>, above: usize) -> Range<usize> {
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    let mut start = lines.start;
    while start > above {
        let before = line_start(text, start - 1);
        if before < above || !is_comment(&text[before..start]) {
            break;
        }
        start = before;
    }
    let mut end = lines.end;
    let mut after = end;
    while after < text.len() && is_comment(&text[after..line_end(text, after)]) {
        after = line_end(text, after);
    }
    // Comments right above the next table belong to that table.
    if after == text.len() || text[after..line_end(text, after)].trim().is_empty() {
        end = after;
    }
    while end < text.len() && text[end..line_end(text, end)].trim().is_empty() {
        end = line_end(text, end);
    }
    start..end
}

/// The change to the array of inline tables at `span`.
fn in_array(
    text: &str,
    span: &Range<usize>,
    written: &[Written],
    added: &[Declared],
) -> Result<Option<Splice>, RewriteError> {
    let entries: Vec<_> = written.iter().filter(|one| one.array.as_ref() == Some(span)).collect();
    let Some(kind) = entries.first().map(|one| one.declared.kind) else {
        return Ok(None);
    };
    let added: Vec<_> = added.iter().filter(|declared| declared.kind == kind).collect();
    if added.is_empty() && entries.iter().all(|one| matches!(one.fate, RewriteAction::Stays)) {
        return Ok(None);
    }
    if added.is_empty() && entries.iter().all(|one| matches!(one.fate, RewriteAction::Goes)) {
        let lines = line_start(text, span.start)..line_end(text, span.end);
        return Ok(Some((with_comments(text, lines, 0), String::new())));
    }
    let Value::Array(mut array) = text[span.clone()].parse::<Value>()? else {
        return Ok(None);
    };
    for (place, one) in entries.iter().enumerate().rev() {
        match &one.fate {
            RewriteAction::Stays => {}
            RewriteAction::Goes => drop(array.remove(place)),
            RewriteAction::Becomes(declared) => {
                if let Some(table) = array.get_mut(place).and_then(Value::as_inline_table_mut) {
                    restrict(table, declared);
                }
            }
        }
    }
    for declared in added {
        push(&mut array, declared);
    }
    Ok(Some((span.clone(), with_line_ends_of(&text[span.clone()], &array.to_string()))))
}

/// Writes new declarations at the end.
fn append(text: &mut String, declarations: &[&Declared]) {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    if !declarations.is_empty() && !text.is_empty() && !text.ends_with('\n') {
        text.push_str(newline);
    }
    for declared in declarations {
        let mut table = toml_edit::Table::new();
        fill(&mut table, declared);
        let block = format!("\n[[{}]]\n{table}", declared.kind.table());
        text.push_str(&block.replace('\n', newline));
    }
}

/// Returns `text` with every splice made. If it ends in a removal, blank lines at the end are removed too.
fn apply(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|(range, _)| range.start);
    let ends_removed = splices.last().is_some_and(|(range, new)| range.end == text.len() && new.is_empty());
    let mut rewritten = String::with_capacity(text.len());
    let mut done = 0;
    for (range, new) in splices {
        rewritten.push_str(&text[done.min(range.start)..range.start]);
        rewritten.push_str(&new);
        done = range.end;
    }
    rewritten.push_str(&text[done..]);
    if ends_removed {
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        rewritten.truncate(rewritten.trim_end().len());
        rewritten.push_str(newline);
    }
    rewritten
}

/// Returns `new` with the line endings of `old`.
fn with_line_ends_of(old: &str, new: &str) -> String {
    let plain = new.replace("\r\n", "\n");
    if old.contains("\r\n") { plain.replace('\n', "\r\n") } else { plain }
}

fn line_start(text: &str, place: usize) -> usize {
    text[..place].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The end of the line that contains `place`, its newline included.
fn line_end(text: &str, place: usize) -> usize {
    text[place..].find('\n').map_or(text.len(), |newline| place + newline + 1)
}
