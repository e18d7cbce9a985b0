//! One verb, three rooms: `src/x.rs` does it, `src/report/x.rs` writes it, `src/bin/taster/x.rs` takes its options.

use std::collections::BTreeSet;

use crate::sources::{against_list, files, read};

/// Rooms that a verb does without, and where that is done instead.
const ELSEWHERE: &[(&str, &str)] = &[
    ("bless: src/bin/taster/bless.rs", "it is an option of `run`"),
    ("check: src/check.rs", "reading a scenario is all of it: `scenario`"),
    ("completions: src/completions.rs", "clap_complete does it"),
    ("completions: src/report/completions.rs", "clap_complete writes them"),
    ("config: src/config.rs", "it is about options: `bin::configuration`"),
    ("config: src/report/config.rs", "it is about options: `bin::config`"),
    ("emit: src/report/emit.rs", "its result is a script, written by `emit::python`"),
    ("hunt: src/hunt.rs", "it is a house of its own: `suite`"),
    ("keep: src/keep.rs", "a part of a hunt, which no person calls: `suite::keeper`"),
    ("keep: src/report/keep.rs", "it says nothing to people"),
    ("keep: src/bin/taster/keep.rs", "it has no options, and `hunt` calls it"),
    ("man: src/man.rs", "clap_mangen does it"),
    ("man: src/report/man.rs", "clap_mangen writes it"),
    ("pythons: src/pythons.rs", "finding interpreters is for all verbs: `interpreter`"),
    ("run: src/report/run.rs", "a format each: `report::terminal`, `report::json`"),
    ("schema: src/schema.rs", "the format describes itself: `scenario::schema`"),
    ("schema: src/report/schema.rs", "its result is JSON as it is"),
];

/// The verbs: variants of the command line's commands, and `bless`.
fn verbs(args: &str) -> Vec<String> {
    let body = args.split("enum Command {").nth(1).and_then(|rest| rest.split("\n}").next());
    let lines = body.expect("the command line has an enum `Command`").lines().map(str::trim);
    let variants = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let name = |line: &str| line.split(['(', ',']).next().unwrap_or_default().to_lowercase();
    variants.map(name).chain(["bless".to_owned()]).collect()
}

/// The rooms that verbs have not.
fn without(verbs: &[String], paths: &BTreeSet<String>) -> Vec<String> {
    let is_there =
        |room: &str| paths.contains(&format!("{room}.rs")) || paths.contains(&format!("{room}/mod.rs"));
    let rooms = |verb: &String| {
        [format!("src/{verb}"), format!("src/report/{verb}"), format!("src/bin/taster/{verb}")]
            .map(|room| (verb.clone(), room))
    };
    let gone = verbs.iter().flat_map(rooms).filter(|(_, room)| !is_there(room));
    gone.map(|(verb, room)| format!("{verb}: {room}.rs")).collect()
}

#[test]
fn each_verb_has_three_rooms() {
    let paths = files("src", "rs").into_iter().map(|(path, _)| path).collect();
    let listed: Vec<&str> = ELSEWHERE.iter().map(|(room, _)| *room).collect();
    let wrong = against_list(&without(&verbs(&read("src/bin/taster/args.rs")), &paths), &listed);
    assert!(wrong.is_empty(), "verbs without a room:\n{wrong}");
}

#[test]
fn a_verb_without_a_room_is_found() {
    let args = "enum Color {\n    Auto,\n}\nenum Command {\n    /// Does it\n    Go(crate::go::Options),\n    Stop,\n}\n";
    assert_eq!(verbs(args), ["go", "stop", "bless"]);
    let paths = ["src/go/mod.rs", "src/report/go.rs", "src/bin/taster/go.rs", "src/stop.rs"];
    let paths = paths.into_iter().map(str::to_owned).collect();
    assert_eq!(
        without(&["go".to_owned(), "stop".to_owned()], &paths),
        ["stop: src/report/stop.rs", "stop: src/bin/taster/stop.rs"]
    );
}
