//! The shipped scenarios as files: each can be read, names a checkable source for its story, keeps to TOML 1.0, and
//! together they contain everything that the project promises.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use taster::cause::Cause;
use taster::scenario::{Action, Scenario, Step, read};

fn shipped() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("is readable").path()).collect();
    // Those of real code are beside them, in a directory of their own.
    files.retain(|file| file.is_file());
    files.sort();
    files
}

fn scenarios() -> Vec<Scenario> {
    shipped().iter().map(|path| read(path).unwrap_or_else(|error| panic!("{error}"))).collect()
}

#[test]
fn every_file_is_a_scenario_and_there_are_enough() {
    assert!(scenarios().len() >= 16);
    let titles: BTreeSet<_> = scenarios().into_iter().map(|scenario| scenario.title).collect();
    assert_eq!(titles.len(), scenarios().len(), "each has a title of its own");
}

#[test]
fn sources_are_addresses() {
    let sources: Vec<_> = scenarios().into_iter().filter_map(|scenario| scenario.source).collect();
    assert!(sources.len() >= 16, "only {} say where they come from", sources.len());
    for source in sources {
        assert!(source.starts_with("https://"), "{source}");
    }
}

#[test]
fn code_is_run_only_where_no_other_step_shows_it() {
    let runs_code = |scenario: &Scenario| {
        scenario.steps().any(|step| matches!(step, Step::Interpreter(Action::Exec { .. })))
    };
    let with_code: Vec<_> = scenarios().into_iter().filter(runs_code).map(|scenario| scenario.path).collect();
    let names: Vec<_> = with_code.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    assert_eq!(names, ["zip-archive.toml", "zip-walk.toml"]);
}

#[test]
fn the_format_knows_the_causes_that_diagnosis_gives() {
    let declared = |cause: &str| {
        let text = format!(
            "title = \"T\"\n[[test]]\nname = \"t\"\nsteps = [{{ import = \"a\" }}]\n[[broken]]\ntest = \"t\"\ncause = \"{cause}\"\n"
        );
        taster::scenario::parse(Path::new("x.toml"), &text)
    };
    // A scenario declares neither what only a hunt finds nor what nobody has looked for.
    let (others, known): (Vec<_>, Vec<_>) =
        Cause::ALL.into_iter().partition(|cause| matches!(cause, Cause::ChangedState | Cause::NotSought));
    assert!(others.iter().all(|cause| declared(cause.code()).is_err()));
    for cause in &known {
        assert!(declared(cause.code()).is_ok(), "{}", cause.code());
    }
    let problems = declared("gremlins").expect_err("is no cause");
    let help = problems.iter().find_map(|problem| problem.help.clone()).expect("there is help");
    assert_eq!(help.matches('`').count(), 2 * known.len(), "{help}");
}

#[test]
fn files_keep_to_toml_1_0() {
    for path in shipped() {
        let text = std::fs::read_to_string(&path).expect("is text");
        assert_eq!(newer_than_1_0(&text), None, "{}", path.display());
    }
}

#[test]
fn what_came_after_toml_1_0_is_told() {
    for newer in ["a = { b = 1,\n c = 2 }", "a = { b = 1, }", "a = \"\\e\"", "a = \"\\x41\"", "a = {\n}"] {
        assert!(newer_than_1_0(newer).is_some(), "{newer}");
    }
    for old in
        ["a = [\n { b = 1 },\n]", "a = \"{ x,\\n }\"", "# { a, }\n", "a = { b = [1,\n 2,] }", "a = '\\e'"]
    {
        assert_eq!(newer_than_1_0(old), None, "{old}");
    }
}

/// The first thing in `text` (TOML of any version) that TOML 1.0 does not have: a newline or a trailing comma within an inline
/// table, or a newer escape.
fn newer_than_1_0(text: &str) -> Option<String> {
    let mut brackets = Vec::new();
    let mut rest = text;
    let mut after_comma = false;
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            '"' | '\'' => {
                let length = string_length(rest);
                if let Some(escape) = new_escape(&rest[..length]) {
                    return Some(format!("the escape {escape}"));
                }
                length
            }
            '#' => rest.find('\n').unwrap_or(rest.len()),
            _ => letter.len_utf8(),
        };
        match letter {
            '[' | '{' => brackets.push(letter),
            '}' if after_comma => return Some("a comma at the end of an inline table".to_owned()),
            ']' | '}' => drop(brackets.pop()),
            '\n' if brackets.last() == Some(&'{') => return Some("a newline in an inline table".to_owned()),
            _ => {}
        }
        after_comma = letter == ',' || (after_comma && letter.is_whitespace());
        rest = &rest[length..];
    }
    None
}

/// How long the string is that `text` begins with, quotes included.
fn string_length(text: &str) -> usize {
    let quote = &text[..1];
    let long = quote.repeat(3);
    let (open, close) = if text.starts_with(&long) { (3, long.as_str()) } else { (1, quote) };
    let mut at = open;
    while at < text.len() {
        if text[at..].starts_with(close) {
            return at + close.len();
        }
        let escape = quote == "\"" && text[at..].starts_with('\\');
        let letters = text[at..].chars().take(if escape { 2 } else { 1 });
        at += letters.map(char::len_utf8).sum::<usize>();
    }
    text.len()
}

fn new_escape(string: &str) -> Option<&'static str> {
    let plain = string.replace("\\\\", "");
    let escapes = ["\\e", "\\x"];
    escapes.into_iter().find(|escape| string.starts_with('"') && plain.contains(escape))
}
