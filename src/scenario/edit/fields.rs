//! The keys and values of one declaration in `toml_edit`: written afresh, or changed where they differ.

use toml_edit::{Array, InlineTable, TableLike, Value};

use super::Declared;
use crate::kind::FindingKind;

/// Adds a declaration to an array of inline tables, laid out like the one before it.
pub(super) fn push(array: &mut Array, declared: &Declared) {
    let decor = array.iter().last().map(|last| last.decor().clone());
    let mut table = InlineTable::new();
    fill(&mut table, declared);
    array.push(table);
    if let (Some(decor), Some(last)) = (decor, array.len().checked_sub(1)) {
        let prefix = decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default();
        let blank: String = prefix.chars().skip_while(|letter| *letter == '#').collect();
        let blank = if blank.contains('#') { " ".to_owned() } else { blank };
        if let Some(value) = array.get_mut(last) {
            value.decor_mut().set_prefix(blank);
        }
    }
}

/// Sets the keys `cause`, `timestamps` and `python` of `table`.
pub(super) fn restrict(table: &mut dyn TableLike, declared: &Declared) {
    let cause = declared.cause.map(|cause| Value::from(cause.code()));
    let timestamps = Some(&declared.timestamps).filter(|timestamps| !timestamps.is_empty());
    let timestamps = timestamps.map(|timestamps| Value::Array(timestamps.iter().collect()));
    let python = declared.python.as_ref().map(|python| Value::from(python.to_string()));
    for (key, value) in [("cause", cause), ("timestamps", timestamps), ("python", python)] {
        match (value, table.get_mut(key).and_then(|item| item.as_value_mut())) {
            (None, _) => drop(table.remove(key)),
            (Some(value), Some(old)) if says(old) == says(&value) => {}
            (Some(value), Some(old)) => {
                let decor = old.decor().clone();
                *old = value;
                *old.decor_mut() = decor;
            }
            (Some(value), None) => drop(table.insert(key, toml_edit::Item::Value(value))),
        }
    }
}

/// A value without its layout.
fn says(value: &Value) -> String {
    let strings = |array: &Array| {
        array.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    match value {
        Value::Array(array) => strings(array).join("\n"),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

/// Writes every key of `declared` into an empty table.
pub(super) fn fill(table: &mut dyn TableLike, declared: &Declared) {
    let (others, subject) = (declared.kind.others_key(), declared.kind.subject_key());
    let names = others.map(|key| (key, toml_edit::value(declared.others.iter().collect::<Array>())));
    let test = (subject, toml_edit::value(declared.test.as_str()));
    // Files name the polluters before the victim, and the brittle test before its state-setters.
    let mut fields: Vec<_> = names.into_iter().chain([test]).collect();
    if declared.kind == FindingKind::Brittle {
        fields.reverse();
    }
    for (key, item) in fields {
        table.insert(key, item);
    }
    restrict(table, declared);
}
