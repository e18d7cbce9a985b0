//! The JSON Schema of the format: the checked-in copy is current, shipped scenarios satisfy it, and files whose structure is
//! wrong do not.

use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::{Map, Value};

/// What no schema can say, or can say only of values that JSON does not have.
const ONLY_THE_PARSER_FINDS: [&str; 10] = [
    "circle",
    "declared-twice",
    "long-paths",
    "not-utf8",
    "numbers",
    "overflow",
    "overflow-of-step-time",
    "syntax",
    "syntax-recovered",
    "syntax-unfinished",
];

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn toml_files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root(folder)).expect("the folder is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("is readable").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_stem().expect("has a name").to_string_lossy().into_owned()
}

fn complaints(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("is text");
    let value: Value = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let schema: Value = serde_json::from_str(&taster::scenario::schema()).expect("is JSON");
    Validator { document: &schema }.complaints(&schema, &value)
}

#[test]
fn the_checked_in_copy_is_current() {
    let copy = root("docs/scenario.schema.json");
    let assert = snapbox::Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
    assert.eq(taster::scenario::schema(), snapbox::Data::read_from(&copy, None).raw());
}

#[test]
fn shipped_scenarios_satisfy_it() {
    let shipped = toml_files("scenarios");
    assert!(shipped.len() >= 16);
    for path in shipped {
        assert_eq!(complaints(&path), Vec::<String>::new(), "{}", path.display());
    }
}

#[test]
fn files_with_a_wrong_structure_do_not() {
    let mistakes = toml_files("tests/problems");
    let structural = mistakes.iter().filter(|path| !ONLY_THE_PARSER_FINDS.contains(&&*name(path)));
    for path in structural {
        assert!(!complaints(path).is_empty(), "{} satisfies the schema", path.display());
    }
}

/// Just enough of JSON Schema for this one; a keyword that it does not know is a failure.
struct Validator<'a> {
    document: &'a Value,
}

impl Validator<'_> {
    fn complaints(&self, schema: &Value, value: &Value) -> Vec<String> {
        let Value::Object(schema) = schema else {
            return match schema {
                Value::Bool(true) => Vec::new(),
                _ => vec![format!("{value} is not allowed")],
            };
        };
        let keywords = schema.iter().map(|(keyword, rule)| self.keyword(schema, (keyword, rule), value));
        keywords.flatten().collect()
    }

    fn holds(&self, schema: &Value, value: &Value) -> bool {
        self.complaints(schema, value).is_empty()
    }

    fn keyword(
        &self,
        schema: &Map<String, Value>,
        (keyword, rule): (&str, &Value),
        value: &Value,
    ) -> Vec<String> {
        let complain_unless = |holds: bool| {
            if holds { Vec::new() } else { vec![format!("{value} breaks {keyword} = {rule}")] }
        };
        let each = |rules: &Value| rules.as_array().cloned().unwrap_or_default();
        match keyword {
            "$schema" | "$defs" | "title" | "description" | "default" => Vec::new(),
            "$ref" => {
                let pointer =
                    rule.as_str().and_then(|reference| reference.strip_prefix('#')).expect("is local");
                self.complaints(self.document.pointer(pointer).expect("is there"), value)
            }
            "type" => {
                let types = if rule.is_array() { each(rule) } else { vec![rule.clone()] };
                complain_unless(types.iter().any(|wanted| has_type(value, wanted.as_str().expect("a name"))))
            }
            "enum" => complain_unless(each(rule).contains(value)),
            "const" => complain_unless(rule == value),
            "anyOf" => complain_unless(each(rule).iter().any(|rule| self.holds(rule, value))),
            "oneOf" => complain_unless(each(rule).iter().filter(|rule| self.holds(rule, value)).count() == 1),
            "not" => complain_unless(!self.holds(rule, value)),
            "pattern" => {
                let pattern = Regex::new(rule.as_str().expect("a pattern")).expect("is one");
                complain_unless(value.as_str().is_none_or(|text| pattern.is_match(text)))
            }
            "minimum" => complain_unless(value.as_f64().is_none_or(|number| rule.as_f64() <= Some(number))),
            _ => match value {
                Value::Object(fields) => self.of_object(schema, (keyword, rule), fields),
                Value::Array(items) => self.of_array((keyword, rule), items),
                _ => Vec::new(),
            },
        }
    }

    fn of_object(
        &self,
        schema: &Map<String, Value>,
        (keyword, rule): (&str, &Value),
        fields: &Map<String, Value>,
    ) -> Vec<String> {
        let known = |key: &str| schema.get("properties").is_some_and(|known| known.get(key).is_some());
        match keyword {
            "required" => {
                let keys =
                    rule.as_array().expect("is a list").iter().map(|key| key.as_str().expect("is a key"));
                keys.filter(|key| !fields.contains_key(*key)).map(|key| format!("{key} is missing")).collect()
            }
            "properties" => {
                let present = fields.iter().filter_map(|(key, field)| Some((rule.get(key)?, field)));
                present.flat_map(|(rule, field)| self.complaints(rule, field)).collect()
            }
            "additionalProperties" => {
                let others = fields.iter().filter(|(key, _)| !known(key));
                others.flat_map(|(_, field)| self.complaints(rule, field)).collect()
            }
            "propertyNames" => {
                let keys = fields.keys().map(|key| Value::String(key.clone()));
                keys.flat_map(|key| self.complaints(rule, &key)).collect()
            }
            "minProperties" if fields.len() >= length(rule) => Vec::new(),
            "minProperties" => vec!["too few properties".to_owned()],
            "items" | "minItems" | "uniqueItems" => Vec::new(),
            _ => panic!("the keyword {keyword} is not known here"),
        }
    }

    fn of_array(&self, (keyword, rule): (&str, &Value), items: &[Value]) -> Vec<String> {
        match keyword {
            "items" => items.iter().flat_map(|item| self.complaints(rule, item)).collect(),
            "minItems" if items.len() < length(rule) => vec!["too few items".to_owned()],
            "uniqueItems" if (1..items.len()).any(|place| items[..place].contains(&items[place])) => {
                vec!["an item is there twice".to_owned()]
            }
            "minItems"
            | "uniqueItems"
            | "required"
            | "properties"
            | "additionalProperties"
            | "propertyNames"
            | "minProperties" => Vec::new(),
            _ => panic!("the keyword {keyword} is not known here"),
        }
    }
}

fn length(rule: &Value) -> usize {
    rule.as_u64().and_then(|length| usize::try_from(length).ok()).expect("is a length")
}

fn has_type(value: &Value, wanted: &str) -> bool {
    match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => panic!("the type {wanted} is not known here"),
    }
}
