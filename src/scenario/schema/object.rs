//! The part of the schema that all tables share.

use serde_json::{Value, json};

/// An object with these properties and no others.
pub(super) fn object(description: &str, required: &[&str], properties: &Value) -> Value {
    json!({
        "description": description,
        "type": "object",
        "required": required,
        "additionalProperties": false,
        "properties": properties,
    })
}
