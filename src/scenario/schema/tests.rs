//! The schema knows what the parser knows.

use super::*;
use crate::scenario::parse::keys;

fn keys_of(pointer: &str) -> Vec<String> {
    let document = document();
    let properties = document.pointer(pointer).and_then(Value::as_object).expect("is an object");
    properties.keys().cloned().collect()
}

#[test]
fn every_table_has_the_keys_that_the_parser_knows() {
    for (pointer, table) in [
        ("/properties", keys::TOP),
        ("/properties/clock/properties", keys::CLOCK),
        ("/properties/limits/properties", keys::LIMITS),
        ("/$defs/test/properties", keys::TEST),
        ("/$defs/poisoning/properties", keys::POISONING),
        ("/$defs/broken/properties", keys::BROKEN),
        ("/$defs/flaky-alone/properties", keys::FLAKY_ALONE),
        ("/$defs/nondeterministic/properties", keys::NONDETERMINISTIC),
    ] {
        assert_eq!(keys_of(pointer), table.keys, "{pointer}");
    }
    let mut brittle = keys_of("/$defs/brittle/properties");
    brittle.sort();
    let mut known = keys::BRITTLE.keys.to_vec();
    known.sort_unstable();
    assert_eq!(brittle, known);
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value, document: &Value) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    let pointer = reference.strip_prefix('#').expect("is local");
                    assert!(document.pointer(pointer).is_some(), "{reference}");
                }
                map.values().for_each(|value| walk(value, document));
            }
            Value::Array(values) => values.iter().for_each(|value| walk(value, document)),
            _ => {}
        }
    }
    let document = document();
    walk(&document, &document);
}
