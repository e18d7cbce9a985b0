//! The JSON Schema of the scenario format, for editors that complete and check TOML files. It is built from the
//! lists of keys, verbs, presets and causes that `parse` uses. Only `parse` finds what a schema cannot express
//! (circles in `after`, names of missing tests).

use serde_json::{Map, Value, json};

use super::parse::duration::{PRESETS, UNITS};
use super::parse::limits::UNITS as SIZES;
use super::parse::step::VERBS;
use crate::cause::Cause;

mod object;
mod steps;

use object::object;

/// The schema as text: JSON of draft 2020-12, indented, with a newline at its end.
pub fn schema() -> String {
    format!("{:#}\n", document())
}

fn document() -> Value {
    let mut top = object(
        "A scenario of taster: tests whose steps are performed in every order",
        &["title", "test"],
        &json!({
            "title": { "description": "One sentence saying what the scenario shows", "type": "string", "pattern": "\\S" },
            "source": { "description": "Where the story comes from, usually an address", "type": "string" },
            "permute": {
                "description": "What is permuted: whole tests, or steps of different tests",
                "enum": ["tests", "steps"],
                "default": "tests",
            },
            "python": { "description": "Versions it is meant for; others skip it", "$ref": "#/$defs/specifier" },
            "bytecode": {
                "description": "Whether the interpreter may write bytecode files",
                "type": "boolean",
                "default": true,
            },
            "python-path": {
                "description": "Real directories on sys.path behind the standard library, relative to this file; only read",
                "type": "array",
                "uniqueItems": true,
                "items": { "type": "string", "pattern": "^[^/]" },
            },
            "site-packages": {
                "description": "Whether the interpreter's own site-packages are behind those",
                "type": "boolean",
                "default": false,
            },
            "requires": {
                "description": "Distributions without which the scenario is not run: names and versions of PEP 508",
                "type": "array",
                "uniqueItems": true,
                "items": { "type": "string", "pattern": "^\\s*[A-Za-z0-9]" },
            },
            "setup": {
                "description": "Performed once, in order, before every ordering",
                "type": "array",
                "items": { "$ref": "#/$defs/step" },
            },
            "clock": clock(),
            "limits": limits(),
            "test": {
                "description": "The tests",
                "type": "array",
                "minItems": 1,
                "items": { "$ref": "#/$defs/test" },
            },
            "poisoning": declared("#/$defs/poisoning", "Known: a test fails in some ordering with another"),
            "brittle": declared("#/$defs/brittle", "Known: a test fails on its own and passes after another"),
            "broken": declared("#/$defs/broken", "Known: a test fails in every ordering"),
            "flaky-alone": declared("#/$defs/flaky-alone", "Known: the outcome of a test depends on the order of its prerequisites"),
            "nondeterministic": declared("#/$defs/nondeterministic", "Known: the outcome of a test differs between runs of the same ordering"),
        }),
    );
    if let Value::Object(top) = &mut top {
        top.shift_insert(0, "$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        top.shift_insert(1, "title".to_owned(), json!("taster scenario"));
        top.insert("$defs".to_owned(), definitions());
    }
    top
}

fn declared(reference: &str, description: &str) -> Value {
    json!({ "description": description, "type": "array", "items": { "$ref": reference } })
}

fn clock() -> Value {
    object(
        "Virtual time",
        &[],
        &json!({
            "timestamps": {
                "description": "Granularities of the file system's modification times to try",
                "type": "array",
                "minItems": 1,
                "uniqueItems": true,
                "items": { "$ref": "#/$defs/timestamps" },
                "default": ["1s", "1ns"],
            },
            "step-time": {
                "description": "Virtual time that each step other than a sleep takes; \"measured\": what each took here",
                "anyOf": [{ "$ref": "#/$defs/duration" }, { "const": "measured" }],
                "default": "1us",
            },
        }),
    )
}

fn limits() -> Value {
    object(
        "How long a step may take, and how much its code may use",
        &[],
        &json!({
            "step-timeout": {
                "description": "Real time that one step may take; beyond it, the step counts as timed out",
                "$ref": "#/$defs/duration",
                "default": "10s",
            },
            "memory": {
                "description": "Address space of one process; beyond it, an allocation fails",
                "$ref": "#/$defs/size",
                "default": "2GiB",
            },
            "file-size": {
                "description": "The largest size of a file; beyond it, writing fails",
                "$ref": "#/$defs/size",
                "default": "1GiB",
            },
            "processes": {
                "description": "Processes started by a step's code that may be alive at once; beyond it, the step is ended",
                "type": "integer",
                "minimum": 0,
                "default": 256,
            },
        }),
    )
}

fn definitions() -> Value {
    let units = UNITS.map(|(unit, _)| unit).join("|");
    let sizes = SIZES.map(|(unit, _)| unit).join("|");
    let presets = PRESETS.map(|(preset, _)| preset);
    json!({
        "duration": {
            "description": "An integer or decimal number and a unit: ns, us, ms, s, m (or min), h",
            "type": "string",
            "pattern": format!("^[0-9]+(\\.[0-9]+)?({units})$"),
        },
        "size": {
            "description": "A whole number and a unit: B, KiB, MiB, GiB",
            "type": "string",
            "pattern": format!("^[0-9]+({sizes})$"),
        },
        "timestamps": {
            "description": "The length of a tick, or the name of a file system that has it",
            "anyOf": [{ "enum": presets }, { "$ref": "#/$defs/duration" }],
        },
        "specifier": {
            "description": "A version specifier of PEP 440, such as >=3.3 or ==3.11.*",
            "type": "string",
            "pattern": "^\\s*(~=|===?|!=|<=?|>=?)",
        },
        "path": {
            "description": "A path relative to the ordering's own directory",
            "type": "string",
            "pattern": "^[^/]",
        },
        "dotted": {
            "description": "Identifiers joined by dots",
            "type": "string",
            "pattern": "^[^\\s\\d./-][^\\s./-]*(\\.[^\\s\\d./-][^\\s./-]*)*$",
        },
        "identifier": { "type": "string", "pattern": "^[^\\s\\d./-][^\\s./-]*$" },
        "names": { "type": "array", "minItems": 1, "uniqueItems": true, "items": { "type": "string" } },
        "expected": {
            "description": "Attributes and the values they must equal; a dotted key or a nested table looks through attributes",
            "type": "object",
            "minProperties": 1,
            "propertyNames": { "$ref": "#/$defs/dotted" },
            "additionalProperties": {
                "anyOf": [
                    { "type": ["string", "number", "boolean", "array"] },
                    { "$ref": "#/$defs/expected" },
                ],
            },
        },
        "step": { "description": "One action, by its verb", "oneOf": VERBS.map(|(verb, beside)| steps::step(verb, beside)) },
        "test": test(),
        "poisoning": declaration("polluters", "victim"),
        "brittle": declaration("state-setters", "test"),
        "broken": declaration("", "test"),
        "flaky-alone": declaration("", "test"),
        "nondeterministic": without_cause(declaration("", "test")),
    })
}

fn test() -> Value {
    object(
        "A named sequence of steps that always run in this order",
        &["name", "steps"],
        &json!({
            "name": { "description": "Unique in the scenario", "type": "string", "pattern": "^[^\\s,]([^,]*[^\\s,])?$" },
            "after": {
                "description": "Tests that must be complete before this one starts",
                "type": "array",
                "uniqueItems": true,
                "items": { "type": "string" },
            },
            "steps": {
                "description": "The steps of the test, in order",
                "type": "array",
                "minItems": 1,
                "items": { "$ref": "#/$defs/step" },
            },
        }),
    )
}

/// A known finding; `others` is the key of its polluters or state-setters, empty if it has none.
fn declaration(others: &str, subject: &str) -> Value {
    let mut properties = Map::new();
    if !others.is_empty() {
        let description = "The tests that bring it about";
        properties.insert(others.to_owned(), json!({ "description": description, "$ref": "#/$defs/names" }));
    }
    properties.insert(subject.to_owned(), json!({ "description": "The test it is about", "type": "string" }));
    let cause = json!({ "description": "The cause; if left out, any cause matches", "enum": Cause::declarable_codes() });
    properties.insert("cause".to_owned(), cause);
    let timestamps =
        json!({ "description": "Only under these, as [clock] writes them", "$ref": "#/$defs/names" });
    properties.insert("timestamps".to_owned(), timestamps);
    let python = json!({ "description": "Only on these versions", "$ref": "#/$defs/specifier" });
    properties.insert("python".to_owned(), python);
    let required: Vec<_> = [others, subject].into_iter().filter(|key| !key.is_empty()).collect();
    object("A known finding; taster checks that it is still there", &required, &properties.into())
}

/// The same for a kind without a cause.
fn without_cause(mut declaration: Value) -> Value {
    if let Some(properties) = declaration.pointer_mut("/properties").and_then(Value::as_object_mut) {
        properties.shift_remove("cause");
    }
    declaration
}

#[cfg(test)]
mod tests;
