//! Typed access to the values of a TOML document that continues after a mistake: the reader reports each
//! problem with its place and returns `None` to the caller. The modules beside this one interpret the values.

use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::keys::{self, TableKeys};
use crate::scenario::problem::Problem;
use crate::scenario::spelled;

/// A value with its place and the name that messages use for it.
#[derive(Clone)]
pub(super) struct Field<'a> {
    /// The quoted key of the value, or a phrase in its place: "`sleep`", "an entry of `steps`".
    pub(super) name: String,
    /// Where the key is, or where the value is if it has no key.
    pub(super) key: Range<usize>,
    /// Where the value is.
    pub(super) span: Range<usize>,
    /// The value.
    pub(super) value: &'a DeValue<'a>,
}

/// The keys and values of one table, in the order of the file.
pub(super) struct Fields<'a> {
    /// Where the table is: its header if it has one.
    pub(super) span: Range<usize>,
    entries: Vec<(&'a str, Field<'a>)>,
}

/// Collects the problems.
pub(super) struct Reader {
    /// The text of the scenario.
    text: Box<str>,
    problems: Vec<Problem>,
    /// The directory that names of real files start from.
    directory: PathBuf,
}

impl<'a> Fields<'a> {
    pub(super) fn new(table: &'a DeTable<'a>, span: Range<usize>) -> Self {
        let field = |(key, value): (&'a Spanned<DeString<'a>>, &'a Spanned<DeValue<'a>>)| {
            let name = key.get_ref().as_ref();
            let field = Field {
                name: format!("`{name}`"),
                key: key.span(),
                span: value.span(),
                value: value.get_ref(),
            };
            (name, field)
        };
        let mut entries: Vec<_> = table.iter().map(field).collect();
        entries.sort_by_key(|(_, field)| field.key.start);
        Self { span, entries }
    }

    /// The field of `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Field<'a>> {
        self.entries.iter().find(|(name, _)| *name == key).map(|(_, field)| field)
    }

    /// All fields with their keys.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'a str, &Field<'a>)> {
        self.entries.iter().map(|(key, field)| (*key, field))
    }
}

impl<'a> Field<'a> {
    /// The entries of this array, each a field of its own, or `None` if it is not an array.
    fn entries(&self) -> Option<Vec<Self>> {
        let array = self.name.trim_start_matches("an entry of ");
        let entry = |value: &'a Spanned<DeValue<'a>>| Self {
            name: format!("an entry of {array}"),
            key: value.span(),
            span: value.span(),
            value: value.get_ref(),
        };
        Some(self.value.as_array()?.iter().map(entry).collect())
    }
}

impl Reader {
    /// A reader of the scenario at `path`, with this text.
    pub(super) fn of(path: &Path, text: &str) -> Self {
        Self {
            text: text.into(),
            problems: Vec::new(),
            directory: path.parent().unwrap_or(path).to_path_buf(),
        }
    }

    /// The real file or directory that `written` names from the scenario's own directory.
    pub(super) fn real_path(&mut self, field: &Field<'_>, written: &str) -> Option<PathBuf> {
        let fault = if written.is_empty() {
            "the path is empty".to_owned()
        } else if written.contains('\0') {
            "a path cannot hold a NUL character".to_owned()
        } else if written.starts_with('/') {
            format!("the path `{written}` is absolute")
        } else {
            return Some(self.directory.join(written));
        };
        let problem = Problem::new(field.span.clone(), fault);
        self.note(problem.help("name it relative to the scenario file, such as \"../src\""));
        None
    }

    /// The lines of the file on which the lines of the string in `field` begin.
    pub(super) fn lines(&self, field: &Field<'_>) -> Vec<usize> {
        let value = field.value.as_str().unwrap_or_default();
        spelled::lines(&self.text, &field.span, value)
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Records a problem.
    pub(super) fn note(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Reports every key of `fields` that `table` does not have.
    pub(super) fn unknown_keys(&mut self, fields: &Fields<'_>, table: &TableKeys) {
        for (key, field) in fields.iter().filter(|(key, _)| !table.keys.contains(key)) {
            let message = format!("unknown key `{key}` in {}", table.name);
            let problem = Problem::new(field.key.clone(), message);
            self.note(problem.help(keys::help(key, table)));
        }
    }

    /// Reports that `key` is missing from the table `what` at `span`.
    pub(super) fn missing(&mut self, span: Range<usize>, key: &str, what: &str, example: &str) {
        let problem = Problem::new(span, format!("{what} needs `{key}`")).of_absence();
        self.note(problem.help(format!("for example: {example}")));
    }

    /// The string in `field`.
    pub(super) fn string<'a>(&mut self, field: &Field<'a>) -> Option<&'a str> {
        let text = field.value.as_str();
        if text.is_none() {
            let mut problem = wrong_type(field, "a string");
            let written = match field.value {
                DeValue::Integer(number) => Some(number.to_string()),
                DeValue::Float(number) => Some(number.to_string()),
                DeValue::Datetime(value) => Some(value.to_string()),
                _ => None,
            };
            if let Some(written) = written {
                problem = problem.help(format!("put it in quotes: \"{written}\""));
            }
            self.note(problem);
        }
        text
    }

    /// The boolean in `field`.
    pub(super) fn boolean(&mut self, field: &Field<'_>) -> Option<bool> {
        let value = field.value.as_bool();
        if value.is_none() {
            let problem = wrong_type(field, "a boolean");
            self.note(problem.help("write true or false, without quotes"));
        }
        value
    }

    /// The table in `field`.
    pub(super) fn table<'a>(&mut self, field: &Field<'a>) -> Option<Fields<'a>> {
        let table = field.value.as_table();
        if table.is_none() {
            let problem = wrong_type(field, "a table");
            self.note(problem);
        }
        Some(Fields::new(table?, field.span.clone()))
    }

    /// The entries of the array in `field`; `of` names its contents ("strings", "steps").
    pub(super) fn array<'a>(&mut self, field: &Field<'a>, of: &str) -> Option<Vec<Field<'a>>> {
        let entries = field.entries();
        if entries.is_none() {
            let mut problem = wrong_type(field, &format!("an array of {of}"));
            if of == "tables" && field.value.is_table() {
                let key = field.name.trim_matches('`');
                problem = problem.help(format!("write [[{key}]], with two brackets on either side"));
            } else if field.value.is_str() || field.value.is_table() {
                problem = problem.help("put it in square brackets");
            }
            self.note(problem);
        }
        entries
    }

    /// The strings of the array in `field`, each with its place. Entries that are not strings are reported and
    /// left out.
    pub(super) fn strings<'a>(&mut self, field: &Field<'a>) -> Option<Vec<(&'a str, Range<usize>)>> {
        let entries = self.array(field, "strings")?;
        let string = |entry: &Field<'a>| Some((self.string(entry)?, entry.span.clone()));
        Some(entries.iter().filter_map(string).collect())
    }

    /// Reports every repeated string; `what` says what the strings are ("polluter").
    pub(super) fn repeated(&mut self, strings: &[(&str, Range<usize>)], what: &str) {
        for (place, (name, span)) in strings.iter().enumerate() {
            if let Some((_, first)) = strings[..place].iter().find(|(other, _)| other == name) {
                let problem = Problem::new(span.clone(), format!("the {what} `{name}` appears twice"));
                self.note(problem.related(first.clone(), "first here"));
            }
        }
    }
}

/// The problem that `field` is not what is `wanted`.
fn wrong_type(field: &Field<'_>, wanted: &str) -> Problem {
    let found = match field.value.type_str() {
        "array" => "an array",
        "integer" => "an integer",
        "boolean" => "a boolean",
        "datetime" => "a datetime",
        "float" => "a float",
        "string" => "a string",
        _ => "a table",
    };
    Problem::new(field.span.clone(), format!("{} must be {wanted}, not {found}", field.name))
}
