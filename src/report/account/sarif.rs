//! SARIF 2.1.0 (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>): a rule for each cause that was found, with its
//! page of `taster explain`, and a result for each annotation.

use serde_json::{Value, json};

use super::{Account, Annotation, FilePlace, Weight};
use crate::explain::Topic;

/// The account as JSON.
pub(super) fn text(account: &Account) -> String {
    let mut topics: Vec<Topic> = Vec::new();
    for topic in account.annotations().filter_map(|annotation| annotation.topic) {
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    let results: Vec<Value> = account.annotations().map(|annotation| result(annotation, &topics)).collect();
    let driver = json!({
        "name": "taster",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": topics.iter().map(|topic| rule(*topic)).collect::<Vec<_>>(),
    });
    let run = json!({
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    format!("{log:#}\n")
}

fn rule(topic: Topic) -> Value {
    json!({
        "id": topic.code(),
        "shortDescription": {"text": topic.sentence()},
        "help": {"text": topic.text(), "markdown": topic.text()},
    })
}

fn result(annotation: &Annotation, topics: &[Topic]) -> Value {
    let level = match annotation.weight {
        Weight::Error => "error",
        Weight::Warning => "warning",
    };
    let mut result = json!({
        "ruleId": annotation.code(),
        "level": level,
        "message": {"text": annotation.message},
        "locations": [location(&annotation.at)],
    });
    if let Some(at) = topics.iter().position(|topic| Some(*topic) == annotation.topic) {
        result["ruleIndex"] = json!(at);
    }
    if !annotation.related.is_empty() {
        let related = annotation.related.iter().enumerate().map(|(number, (place, what))| {
            let mut location = location(place);
            location["id"] = json!(number + 1);
            location["message"] = json!({"text": what});
            location
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn location(place: &FilePlace) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(&place.file)}});
    if let Some(line) = place.line {
        physical["region"] = json!({"startLine": line});
    }
    json!({"physicalLocation": physical})
}

/// A path as a reference (RFC 3986): all but unreserved letters and slashes as their bytes in hexadecimal.
fn uri(path: &str) -> String {
    let start = if path.starts_with('/') { "file://" } else { "" };
    let letter = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    start.chars().map(String::from).chain(path.bytes().map(letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_as_references() {
        let cases = [
            ("tests/test_a.py", "tests/test_a.py"),
            ("a b/#1.py", "a%20b/%231.py"),
            ("/opt/é.py", "file:///opt/%C3%A9.py"),
        ];
        for (path, wanted) in cases {
            assert_eq!(uri(path), wanted);
        }
    }
}
