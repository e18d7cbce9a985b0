//! Output for programs.

use serde_json::{Value, json};

use super::{Case, Need, said};

pub(super) const CASES: &[Case] = &[
    ("a_json_line_has_the_fields_of_schema_1_in_order", Need::Python, a_json_line_has_the_fields_in_order),
    ("json_is_the_same_whatever_the_workers", Need::Python, json_is_the_same_whatever_the_workers),
    ("what_was_not_judged_has_a_line_of_its_own", Need::Nothing, what_was_not_judged_has_a_line_of_its_own),
    ("a_bisection_has_a_line_of_its_own", Need::Nothing, a_bisection_has_a_line_of_its_own),
    ("each_note_has_a_code", Need::Nothing, each_note_has_a_code),
    ("pythons_are_listed_with_label_version_and_path", Need::Python, pythons_are_listed),
    ("the_schema_is_json", Need::Nothing, the_schema_is_json),
];

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

fn a_json_line_has_the_fields_in_order() {
    let said = said(&["run", "scenarios/bpython-582.toml", "--format", "json"]).exits(0);
    let lines = lines(&said.stdout);
    let verdict = &lines[0];
    let known = [
        "schema",
        "kind",
        "scenario",
        "title",
        "interpreter",
        "timestamps",
        "orderings",
        "tests",
        "states",
        "transitions",
        "audited",
        "seconds",
        "diagnosis_seconds",
        "findings",
        "missing",
        "verdict",
    ];
    assert_eq!(keys(verdict)[..known.len()], known);
    let counts = &verdict["orderings"];
    assert_eq!((&counts["total"], &counts["failing"]), (&"6".into(), &"2".into()), "{counts}");
    let known = [
        "kind",
        "polluters",
        "victim",
        "polluting_step",
        "victim_step",
        "outcome",
        "cause",
        "evidence",
        "cleaners",
        "witness",
        "neighbour",
        "orderings",
        "probability",
        "remedies",
        "declared",
    ];
    let finding = &verdict["findings"][0];
    assert_eq!(keys(finding)[..known.len()], known);
    assert_eq!(finding["witness"].as_array().map(Vec::len), Some(4));
    let remedy = &finding["remedies"][0];
    assert_eq!(remedy["places"][0], "before step 1 of first");
    assert_eq!(remedy["at"][0], json!({"side": "before", "test": "first", "step": 1}));
    assert_eq!(finding["recommended"]["at"], json!({"side": "before", "test": "first", "step": 2}));
}

/// The text with its two times taken out.
fn timeless(text: &str) -> Vec<String> {
    let mut lines = lines(text);
    for line in &mut lines {
        for key in ["seconds", "diagnosis_seconds"] {
            line[key] = Value::Null;
        }
    }
    lines.iter().map(Value::to_string).collect()
}

fn json_is_the_same_whatever_the_workers() {
    // What takes longest comes first: with two workers, others are judged before it.
    let scenarios = ["scenarios/four-modules.toml", "scenarios/three-modules.toml", "scenarios/clean.toml"];
    let run = |scenarios: &[&str], jobs: &str| {
        // Enough time for every remedy, however busy the machine is.
        let options = ["--format", "json", "--seed", "5", "--jobs", jobs, "--diagnose-time", "10m"];
        timeless(&said(&[&["run"][..], scenarios, &options].concat()).stdout)
    };
    for several in [&scenarios[1..2], &scenarios] {
        let (one, two) = (run(several, "1"), run(several, "2"));
        assert_eq!(one.len(), two.len());
        for (one, two) in one.iter().zip(&two) {
            let differs = one.bytes().zip(two.bytes()).position(|(one, two)| one != two);
            let around = differs.map(|at| (&one[at.saturating_sub(80)..at], &one[at..], &two[at..]));
            let shown =
                around.map(|(same, one, two)| (same, &one[..one.len().min(40)], &two[..two.len().min(40)]));
            assert!(one == two, "after the same text, one worker and two: {shown:?}");
        }
    }
}

fn what_was_not_judged_has_a_line_of_its_own() {
    let said = said(&["run", "tests/cli/mistakes.toml", "--python", "model", "--format", "json"]).exits(2);
    let lines = lines(&said.stdout);
    assert_eq!(lines.len(), 1);
    assert_eq!(keys(&lines[0]), ["schema", "kind", "scenario", "interpreter", "timestamps", "reason"]);
    assert_eq!(lines[0]["kind"], "not-judged");
    assert!(said.stderr.contains("unknown key `titel`"), "{}", said.stderr);
}

/// A bisection judges nothing: its line says what it performed, and no more.
fn a_bisection_has_a_line_of_its_own() {
    let arguments = [
        "bisect",
        "scenarios/four-modules.toml",
        "--victim",
        "four",
        "--python",
        "model:3.11",
        "--format",
        "json",
    ];
    let lines = lines(&said(&arguments).exits(0).stdout);
    assert_eq!(lines.len(), 1);
    let known = [
        "schema",
        "kind",
        "scenario",
        "title",
        "interpreter",
        "timestamps",
        "ordering",
        "test",
        "fails",
        "finding",
        "runs",
        "rehearsals",
        "seconds",
    ];
    assert_eq!(keys(&lines[0]), known);
    assert_eq!((&lines[0]["kind"], &lines[0]["test"]), (&"bisection".into(), &"four".into()));
    assert_eq!(lines[0]["ordering"], json!(["one", "one", "two", "two", "three", "three", "four", "four"]));
    assert_eq!(lines[0]["fails"], true);
    assert!(lines[0]["runs"].as_u64() > Some(0) && lines[0]["seconds"].as_f64() > Some(0.0), "{}", lines[0]);
    let finding = &lines[0]["finding"];
    assert_eq!((&finding["kind"], &finding["polluters"]), (&"victim".into(), &json!(["one"])));
    assert_eq!(finding["cause"], "stale-directory-listing");
    assert_eq!(
        (&finding["minimal"], &finding["witness"]),
        (&true.into(), &json!(["one", "one", "four", "four"]))
    );
    let undisturbed = [arguments.as_slice(), &["--order", "four,four,one,one,two,two,three,three"]].concat();
    let nothing = self::lines(&said(&undisturbed).exits(2).stdout);
    assert_eq!((&nothing[0]["fails"], &nothing[0]["finding"]), (&false.into(), &Value::Null));
}

fn each_note_has_a_code() {
    let arguments =
        ["run", "scenarios/three-modules.toml", "--python", "model:3.11", "--audit", "1", "--format", "json"];
    let lines = lines(&said(&arguments).stdout);
    assert!(!lines.is_empty());
    for line in lines {
        let (notes, codes) = (line["notes"].as_array(), line["note_codes"].as_array());
        assert_eq!(notes.map(Vec::len), codes.map(Vec::len), "{line}");
        // Under fine timestamps there is no finding.
        let carried = if line["timestamps"] == "1s" { &["carried-over"][..] } else { &[] };
        assert_eq!(line["note_codes"], json!([&["audit-incomplete"], carried].concat()));
        assert!(
            line["notes"][0].as_str().is_some_and(|note| note.contains("ways into merged states")),
            "{line}"
        );
    }
}

fn pythons_are_listed() {
    let listed = lines(&said(&["pythons", "--format", "json"]).exits(0).stdout);
    let table = said(&["pythons"]).exits(0).stdout;
    let first = super::python().expect("it needs one").display().to_string();
    assert!(listed.iter().any(|python| python["path"] == first.as_str()), "{listed:?}");
    for (python, row) in listed.iter().zip(table.lines()) {
        for key in ["label", "version", "found", "path"] {
            assert!(row.contains(python[key].as_str().expect("text")), "{row}");
        }
    }
}

fn the_schema_is_json() {
    let schema: Value = serde_json::from_str(&said(&["schema"]).exits(0).stdout).expect("it is JSON");
    assert!(schema["$schema"].is_string());
}
