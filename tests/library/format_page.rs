//! `docs/format.md` is true: its examples are scenarios, its steps pass where they are run, its example of a mistake gives
//! the problem that it shows, and it leaves out no key, verb, unit or preset.

use std::fs;
use std::path::Path;

use num_bigint::BigUint;
use serde_json::Value;
use taster::interpreter::Installation;
use taster::run::{RunError, RunOptions, run};
use taster::scenario::{Scenario, Style, parse, schema};

use crate::pythons::asked_for;

const PAGE: &str = include_str!("../../docs/format.md");

/// The code blocks of the page that are marked as `language`.
fn blocks(language: &str) -> Vec<&'static str> {
    let fences: Vec<_> = PAGE.split("```").collect();
    let inside = fences.iter().skip(1).step_by(2);
    inside.filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n')).collect()
}

/// A directory with the real files that the examples name.
fn beside() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let files = [("fixtures/greeter/__init__.py", "HELLO = 'hello'\n"), ("src/plugin.py", "LOADED = True\n")];
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().expect("it lies in the directory")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    directory
}

fn parsed(directory: &Path, text: &str) -> Scenario {
    parse(&directory.join("example.toml"), text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

/// Runs a scenario of one test, which must pass. A scenario that is not for this interpreter is told.
fn passes(scenario: &Scenario, installation: &Installation) {
    let timestamps = &scenario.timestamps[0];
    match run(scenario, installation, timestamps, &RunOptions::default(), &|_| {}) {
        Ok(verdict) => {
            let failing: Vec<_> =
                verdict.findings.iter().map(|finding| finding.outcome.to_string()).collect();
            assert_eq!(verdict.coverage.failing, BigUint::ZERO, "{}: {failing:?}", scenario.title);
        }
        Err(RunError::OtherVersion { .. }) => println!("not for this version: {}", scenario.title),
        Err(problem) => panic!("{}: {problem}", scenario.title),
    }
}

#[test]
fn its_examples_are_scenarios() {
    let directory = beside();
    let examples = blocks("toml");
    assert!(examples.len() >= 5);
    for example in examples {
        parsed(directory.path(), example);
    }
}

#[test]
fn its_steps_pass() {
    let directory = beside();
    let mut verbs = verbs();
    let mut scenarios = Vec::new();
    for example in blocks("toml,steps") {
        verbs.retain(|verb| !example.contains(&format!("{{ {verb} = ")));
        // 2.7 lacks half of what the examples of modules show.
        let head = format!("title = {example:?}\npython = \">=3.7\"\n[[test]]\nname = \"t\"\n");
        scenarios.push(parsed(directory.path(), &(head + example)));
    }
    assert_eq!(verbs, Vec::<String>::new(), "these verbs have no example that is run");
    asked_for(|installation| scenarios.iter().for_each(|scenario| passes(scenario, installation)));
}

#[test]
fn its_real_code_is_reached() {
    let directory = beside();
    let example = blocks("toml").into_iter().find(|example| example.contains("python-path"));
    let scenario = parsed(directory.path(), example.expect("there is one"));
    asked_for(|installation| passes(&scenario, installation));
    let beside_sources = directory.path().join("src/__pycache__");
    assert!(!beside_sources.exists(), "real directories are only read");
}

/// Every verb of the schema.
fn verbs() -> Vec<String> {
    let schema: Value = serde_json::from_str(&schema()).expect("is JSON");
    let steps = schema["$defs"]["step"]["oneOf"].as_array().expect("a list of steps");
    let verb = |step: &Value| step["required"][0].as_str().expect("a verb").to_owned();
    let verbs: Vec<_> = steps.iter().map(verb).collect();
    assert!(verbs.len() > 20);
    verbs
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
