//! The part of the schema that describes steps: for each verb an object with the keys that it allows.

use serde_json::{Map, Value, json};

use super::object::object;
use crate::scenario::Invalidation;
use crate::scenario::parse::duration::UNITS;
use crate::scenario::parse::step::NAME;

/// Keys of which a step has only one.
const EXCLUSIVE: [[&str; 2]; 4] =
    [["expect", "raises"], ["expect", "warns"], ["raises", "warns"], ["names", "lazy"]];

/// A step with this verb and the other keys that it allows.
pub(super) fn step(verb: &str, beside: &[&str]) -> Value {
    let (description, value) = verb_value(verb);
    let mut properties = Map::new();
    properties.insert(verb.to_owned(), value);
    for key in beside.iter().chain(&[NAME]) {
        properties.insert((*key).to_owned(), companion(key));
    }
    let mut step = object(description, &required(verb), &properties.into());
    let pairs: Vec<Value> = EXCLUSIVE
        .iter()
        .filter(|pair| pair.iter().all(|key| beside.contains(key)))
        .map(|pair| json!({ "required": pair }))
        .collect();
    if let Value::Object(step) = &mut step
        && !pairs.is_empty()
    {
        step.insert("not".to_owned(), json!({ "anyOf": pairs }));
    }
    step
}

/// The keys that a verb needs, itself included.
fn required(verb: &str) -> Vec<&str> {
    match verb {
        "rename" | "copy" | "symlink" => vec![verb, "to"],
        "setenv" => vec![verb, "value"],
        _ => vec![verb],
    }
}

/// The description of a verb, and the schema of its value.
fn verb_value(verb: &str) -> (&'static str, Value) {
    let path = || json!({ "$ref": "#/$defs/path" });
    let module = || json!({ "$ref": "#/$defs/dotted" });
    let variable = || json!({ "type": "string", "pattern": "^[^=]+$" });
    match verb {
        "write" => ("Creates or overwrites a file; missing parent directories are created", path()),
        "copy" => (
            "Copies a real file or directory, named relative to the scenario file, into the ordering's directory",
            path(),
        ),
        "mkdir" => ("Creates the directory and its parents", path()),
        "remove" => ("Removes a file, or a directory with its contents", path()),
        "rename" => ("rename(2)", path()),
        "symlink" => ("Creates a symbolic link; missing parent directories are created", path()),
        "touch" => ("Sets an existing entry's modification time to now", path()),
        "sleep" => ("Moves the virtual clock", json!({ "$ref": "#/$defs/duration" })),
        "import" => ("import module, or from module import names", module()),
        "run-module" => ("Runs the module as python -m does: a second copy named __main__", module()),
        "compile" => ("Writes the source's bytecode as py_compile does", path()),
        "sys-path" => ("Puts the directory on sys.path", json!({ "type": "string", "pattern": "^([^/]|$)" })),
        "invalidate-caches" => ("importlib.invalidate_caches()", json!({ "const": true })),
        "forget" => ("Deletes the module from sys.modules if it is there", module()),
        "reload" => ("importlib.reload(sys.modules[module])", module()),
        "not-imported" => ("Fails if sys.modules has the module", module()),
        "check" => (
            "Fails if the Python expression is false; its names stand for loaded modules and for builtins",
            json!({ "type": "string", "pattern": "\\S" }),
        ),
        "setenv" => ("Sets a variable of os.environ", variable()),
        "unsetenv" => ("Removes a variable from os.environ if it is there", variable()),
        "chdir" => ("os.chdir to a directory of the ordering", path()),
        _ => ("Runs Python code in a fresh namespace", json!({ "type": "string" })),
    }
}

fn companion(key: &str) -> Value {
    match key {
        "text" => json!({ "description": "The file's whole content", "type": "string", "default": "" }),
        "to" => {
            json!({ "description": "The entry's new place, or what a link leads to", "$ref": "#/$defs/path" })
        }
        "mtime" => json!({
            "description": "The modification time: counted from now (-2s, +2s), or in RFC 3339",
            "type": "string",
            "pattern": format!("^([+-]?[0-9]+(\\.[0-9]+)?({})|[0-9]{{4}}-.*)$", UNITS.map(|(unit, _)| unit).join("|")),
        }),
        "names" => json!({
            "description": "Names for the form from module import names",
            "type": "array",
            "minItems": 1,
            "items": { "$ref": "#/$defs/identifier" },
        }),
        "lazy" => json!({
            "description": "Imports through importlib.util.LazyLoader: the body runs at the first access",
            "const": true,
        }),
        "expect" => {
            json!({ "description": "What the module must contain afterwards", "$ref": "#/$defs/expected" })
        }
        "raises" => json!({
            "description": "Passes only if an exception is raised whose class, or a base of it, has this name",
            "$ref": "#/$defs/identifier",
        }),
        "warns" => json!({
            "description": "Passes only if a warning is issued whose category, or a base of it, has this name",
            "$ref": "#/$defs/identifier",
        }),
        "invalidation" => json!({
            "description": "How the import system tells whether the bytecode is still that of its source",
            "enum": Invalidation::ALL.map(Invalidation::word),
            "default": Invalidation::Timestamp.word(),
        }),
        "value" => json!({ "description": "The variable's value", "type": "string" }),
        "as" => json!({ "description": "The text itself instead of the absolute path", "const": "written" }),
        "position" => {
            json!({ "description": "Which end of sys.path", "enum": ["first", "last"], "default": "last" })
        }
        _ => {
            json!({ "description": "What reports call the step", "type": "string", "pattern": "^\\S(.*\\S)?$" })
        }
    }
}
