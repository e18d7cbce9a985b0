//! `docs/format.md` is true: its examples are scenarios, its example of a mistake gives the problem that it shows, and
//! it leaves out no key, verb, unit or preset.

use std::path::Path;

use serde_json::Value;
use taster::scenario::{Style, parse, schema};

const PAGE: &str = include_str!("../../docs/format.md");

/// The code blocks of the page that are marked as `language`.
fn blocks(language: &str) -> Vec<&'static str> {
    let fences: Vec<_> = PAGE.split("```").collect();
    let inside = fences.iter().skip(1).step_by(2);
    inside.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

#[test]
fn its_examples_are_scenarios() {
    let examples = blocks("toml");
    assert!(examples.len() >= 5);
    for example in examples {
        if let Err(problems) = parse(Path::new("example.toml"), example) {
            panic!("{problems}\n{example}");
        }
    }
}

#[test]
fn its_mistakes_are_told_as_it_says() {
    let [wrong] = blocks("toml,wrong")[..] else { panic!("one example is wrong") };
    let [told] = blocks("text")[..] else { panic!("one output is shown") };
    let problems = parse(Path::new("wrong.toml"), wrong).expect_err("is wrong");
    assert_eq!(problems.render(Style::Plain).trim_end(), told.trim_end());
}

#[test]
fn it_names_every_key_and_every_choice() {
    let schema: Value = serde_json::from_str(&schema()).expect("is JSON");
    let mut words = Vec::new();
    collect(&schema, &mut words);
    assert!(words.len() > 40, "{words:?}");
    for word in words {
        let named = PAGE.contains(&format!("`{word}"))
            || PAGE.contains(&format!("{word} = "))
            || PAGE.contains(&format!(".{word}`"))
            || PAGE.contains(&format!("`\"{word}\"`"));
        let is_table = PAGE.contains(&format!("[{word}]"));
        assert!(named || is_table, "{word} is not named");
    }
}

/// Every key and every choice of the schema but the causes, which reports explain.
fn collect(schema: &Value, words: &mut Vec<String>) {
    match schema {
        Value::Object(rules) => {
            for (rule, value) in rules {
                match (rule.as_str(), value) {
                    ("properties", Value::Object(properties)) => words.extend(properties.keys().cloned()),
                    ("enum", Value::Array(choices)) if !choices.contains(&Value::from("unknown")) => {
                        words.extend(choices.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    _ => {}
                }
                collect(value, words);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, words)),
        _ => {}
    }
}
