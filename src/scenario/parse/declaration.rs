//! `[[poisoning]]`, `[[brittle]]`, `[[broken]]`, `[[flaky-alone]]`, `[[nondeterministic]]`: the known findings.

use std::ops::Range;

use super::keys::{self, TableKeys};
use super::reader::{Field, Fields, Reader};
use super::spelling;
use super::test;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::scenario::problem::Problem;
use crate::scenario::{Declaration, Specifier, Timestamps};

/// One kind of declaration, and the keys of its table.
struct DeclarationTable {
    kind: FindingKind,
    keys: TableKeys,
}

const TABLES: [DeclarationTable; 5] = [
    DeclarationTable { kind: FindingKind::Victim, keys: keys::POISONING },
    DeclarationTable { kind: FindingKind::Brittle, keys: keys::BRITTLE },
    DeclarationTable { kind: FindingKind::Broken, keys: keys::BROKEN },
    DeclarationTable { kind: FindingKind::FlakyAlone, keys: keys::FLAKY_ALONE },
    DeclarationTable { kind: FindingKind::Nondeterministic, keys: keys::NONDETERMINISTIC },
];

/// What a declaration may refer to.
pub(super) struct KnownNames<'a> {
    /// The names of the tests; empty for a test without one.
    pub(super) tests: &'a [&'a str],
    /// `None` if they could not be read.
    pub(super) timestamps: Option<&'a [Timestamps]>,
}

/// All declarations, in the order of the file.
pub(super) fn declarations(
    reader: &mut Reader,
    top: &Fields<'_>,
    known: &KnownNames<'_>,
) -> Vec<Declaration> {
    let mut placed: Vec<(Range<usize>, Declaration)> = Vec::new();
    for table in &TABLES {
        let Some(field) = top.get(table.kind.table()) else {
            continue;
        };
        for entry in reader.array(field, "tables").unwrap_or_default() {
            let declaration = declaration(reader, &entry, table, known);
            placed.extend(declaration.map(|declaration| (entry.span.clone(), declaration)));
        }
    }
    placed.sort_by_key(|(span, _)| span.start);
    for (place, (span, declaration)) in placed.iter().enumerate() {
        if let Some((first, _)) = placed[..place].iter().find(|(_, other)| other == declaration) {
            let problem = Problem::new(span.clone(), "this finding is declared twice");
            reader.note(problem.related(first.clone(), "first here"));
        }
    }
    placed.into_iter().map(|(_, declaration)| declaration).collect()
}

fn declaration(
    reader: &mut Reader,
    entry: &Field<'_>,
    table: &DeclarationTable,
    known: &KnownNames<'_>,
) -> Option<Declaration> {
    let fields = reader.table(entry)?;
    reader.unknown_keys(&fields, &table.keys);
    let test = subject(reader, &fields, table, known);
    let others = match table.kind.others_key() {
        Some(key) => others(reader, &fields, (table, key), known),
        None => Some(Vec::new()),
    };
    let cause = fields.get("cause").map(|field| cause(reader, field));
    let timestamps = fields.get("timestamps").map(|field| timestamps(reader, field, known));
    let python = fields.get("python").map(|field| specifier(reader, field));
    Some(Declaration {
        kind: table.kind,
        test: test?,
        others: others?,
        cause: cause.unwrap_or_default(),
        timestamps: timestamps.unwrap_or(Some(Vec::new()))?,
        python: python.map_or(Some(None), |python| python.map(Some))?,
    })
}

/// The test that the declaration is about.
fn subject(
    reader: &mut Reader,
    fields: &Fields<'_>,
    table: &DeclarationTable,
    known: &KnownNames<'_>,
) -> Option<usize> {
    let Some(field) = fields.get(table.kind.subject_key()) else {
        let example = format!("{} = \"second\"", table.kind.subject_key());
        reader.missing(fields.span.clone(), table.kind.subject_key(), table.keys.name, &example);
        return None;
    };
    let name = reader.string(field)?;
    test::index(reader, known.tests, name, &field.span)
}

/// The polluters or state-setters.
fn others(
    reader: &mut Reader,
    fields: &Fields<'_>,
    (table, key): (&DeclarationTable, &str),
    known: &KnownNames<'_>,
) -> Option<Vec<usize>> {
    let Some(field) = fields.get(key) else {
        let example = format!("{key} = [\"first\"]");
        reader.missing(fields.span.clone(), key, table.keys.name, &example);
        return None;
    };
    let names = reader.strings(field)?;
    if field.value.as_array().is_some_and(|array| array.is_empty()) {
        let problem = Problem::new(field.span.clone(), format!("`{key}` is empty"));
        reader.note(problem.help("name at least one test"));
    }
    reader.repeated(&names, "test");
    let subject = fields.get(table.kind.subject_key()).and_then(|field| Some((field.value.as_str()?, field)));
    for (name, span) in &names {
        if let Some((_, own)) = subject.as_ref().filter(|(subject, _)| subject == name) {
            let problem = Problem::new(span.clone(), format!("`{name}` cannot be among its own {key}"));
            reader.note(problem.related(own.span.clone(), "the test itself"));
        }
    }
    let index = |(name, span): &(&str, Range<usize>)| test::index(reader, known.tests, name, span);
    let mut others: Vec<_> = names.iter().filter_map(index).collect();
    others.sort_unstable();
    Some(others)
}

fn cause(reader: &mut Reader, field: &Field<'_>) -> Option<Cause> {
    let code = reader.string(field)?;
    let cause = Cause::from_code(code).filter(|cause| cause.is_declarable());
    if cause.is_none() {
        let problem = Problem::new(field.span.clone(), format!("unknown cause `{code}`"));
        let codes = Cause::declarable_codes();
        reader.note(problem.help(spelling::help(code, &codes, "the causes are")));
    }
    cause
}

fn timestamps(reader: &mut Reader, field: &Field<'_>, known: &KnownNames<'_>) -> Option<Vec<String>> {
    let written = reader.strings(field)?;
    if field.value.as_array().is_some_and(|array| array.is_empty()) {
        let problem = Problem::new(field.span.clone(), "a declaration under no timestamps never applies");
        reader.note(problem.help("leave `timestamps` out if it holds under all"));
    }
    reader.repeated(&written, "granularity");
    let tried: Option<Vec<_>> = known
        .timestamps
        .map(|timestamps| timestamps.iter().map(|timestamps| timestamps.written.as_str()).collect());
    for (name, span) in &written {
        let Some(tried) = tried.as_ref().filter(|tried| !tried.contains(name)) else {
            continue;
        };
        let problem = Problem::new(span.clone(), format!("`{name}` is not among the timestamps of [clock]"));
        reader.note(problem.help(format!("they are {}; write them exactly as there", spelling::list(tried))));
    }
    Some(written.into_iter().map(|(name, _)| name.to_owned()).collect())
}

/// The version specifier in `field`.
pub(super) fn specifier(reader: &mut Reader, field: &Field<'_>) -> Option<Specifier> {
    let written = reader.string(field)?;
    let fault = match written.parse::<Specifier>() {
        Ok(_) if written.trim().is_empty() => "it is empty".to_owned(),
        Ok(specifier) => return Some(specifier),
        Err(error) => first_line(&error.to_string()),
    };
    let bare = written.trim_start_matches(['^', '~', '=', '<', '>', '!', ' ']);
    let is_version = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let help = match written.chars().next() {
        Some('0'..='9') if is_version => format!("did you mean \"=={written}.*\"?"),
        Some('^' | '~') if is_version => format!("did you mean \">={bare}\"?"),
        _ => "PEP 440, such as \">=3.3\", \"<3.7\", \"==3.11.*\" or \">=3.6,<3.13\"".to_owned(),
    };
    reader.note(
        Problem::new(field.span.clone(), format!("bad version specifier `{written}`: {fault}")).help(help),
    );
    None
}

/// The reason from a message of `pep440_rs`, without its drawing of the place: a problem has its own.
fn first_line(error: &str) -> String {
    let line = error.lines().next().unwrap_or_default();
    let reason = line.strip_prefix("Failed to parse version: ").unwrap_or(line);
    let reason = reason.trim_end_matches(':');
    let mut letters = reason.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
