//! What looks closer at one finding: sweep, bisect, replay of both orderings, emit, explain, bless.

use std::fs;

use snapbox::str;

use super::{Case, Need, matches, said, version};

pub(super) const CASES: &[Case] = &[
    ("a_sweep_is_two_tables", Need::Nothing, a_sweep_is_two_tables),
    ("a_sweep_in_json_has_exact_fractions", Need::Nothing, a_sweep_in_json_has_exact_fractions),
    ("a_sweep_draws_a_plot", Need::Nothing, a_sweep_draws_a_plot),
    ("a_sweep_of_who_is_no_victim", Need::Nothing, a_sweep_of_who_is_no_victim),
    ("both_orderings_side_by_side", Need::Nothing, both_orderings_side_by_side),
    ("a_finding_that_is_not_there", Need::Nothing, a_finding_that_is_not_there),
    ("bisecting_an_ordering", Need::Nothing, bisecting_an_ordering),
    ("bisecting_what_nobody_disturbs", Need::Nothing, bisecting_what_nobody_disturbs),
    ("a_script_is_printed_and_exits_1", Need::Python, a_script_is_printed_and_exits_1),
    ("the_model_runs_no_script", Need::Nothing, the_model_runs_no_script),
    ("every_cause_is_explained", Need::Nothing, every_cause_is_explained),
    ("a_cause_that_is_none", Need::Nothing, a_cause_that_is_none),
    ("blessing_shows_what_it_changes", Need::Nothing, blessing_shows_what_it_changes),
    ("blessing_by_the_way_of_part_of_it", Need::Nothing, blessing_by_the_way_of_part_of_it),
];

const TEN_LINES: &str = "scenarios/bpython-582.toml";
const MODEL: [&str; 2] = ["--python", "model:3.11"];

fn on_model(arguments: &[&'static str]) -> Vec<&'static str> {
    arguments.iter().chain(&MODEL).copied().collect()
}

fn within_80_columns(text: &str) {
    let long = text.lines().find(|line| line.chars().count() > 80 && !line.contains("https://"));
    assert_eq!(long, None);
}

fn a_sweep_is_two_tables() {
    let said = said(&on_model(&["sweep", TEN_LINES, "--victim", "second"])).exits(0);
    within_80_columns(&said.stdout);
    matches(said.stdout, str![[r#""#]]);
}

fn a_sweep_in_json_has_exact_fractions() {
    let said = said(&on_model(&["sweep", TEN_LINES, "--victim", "second", "--format", "json"])).exits(0);
    let swept: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((&swept["schema"], &swept["kind"]), (&1.into(), &"sweep".into()));
    let granularities = swept["granularities"].as_array().unwrap();
    let own = granularities.iter().find(|one| one["tick_ns"] == "1000000000").unwrap();
    let fraction = |place: usize, sleep: &str| {
        let points = own["curves"][place].as_array().unwrap();
        points.iter().find(|point| point["sleep_ns"] == sleep).unwrap()["fails"]["fraction"].clone()
    };
    // The second write comes 2 us after the first one: so much less than a second it takes to fall into the next tick.
    assert_eq!(fraction(0, "0"), "499999/500000");
    assert_eq!(fraction(0, "100000000"), "449999/500000");
    assert_eq!(fraction(0, "500000000"), "249999/500000");
    assert_eq!(fraction(0, "1000000000"), "0/1");
    assert_eq!(fraction(1, "1000000000"), "499999/500000");
}

fn a_sweep_draws_a_plot() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("plot.svg");
    let written = file.to_str().unwrap();
    let arguments = [&on_model(&["sweep", TEN_LINES, "--victim", "first"])[..], &["--svg", written]].concat();
    said(&arguments).exits(0);
    let picture = fs::read_to_string(&file).unwrap();
    assert!(picture.starts_with("<svg ") && picture.trim_end().ends_with("</svg>"));
    assert!(picture.contains("second makes first fail") && picture.contains("ext4-250hz"));
}

fn a_sweep_of_who_is_no_victim() {
    let said = said(&on_model(&["sweep", "scenarios/clean.toml", "--victim", "nobody"])).exits(2);
    matches(said.stderr, str![[r#""#]]);
}

fn both_orderings_side_by_side() {
    let said = said(&on_model(&["replay", TEN_LINES, "--finding", "2"])).exits(1);
    within_80_columns(&said.stdout);
    matches(said.stdout, str![[r#""#]]);
}

fn a_finding_that_is_not_there() {
    let said = said(&on_model(&["replay", TEN_LINES, "--finding", "3"])).exits(2);
    matches(said.stderr, str![[r#""#]]);
}

fn bisecting_an_ordering() {
    let arguments = on_model(&["bisect", "scenarios/four-modules.toml", "--victim", "four"]);
    let said = said(&arguments).exits(0);
    within_80_columns(&said.stdout);
    matches(said.stdout, str![[r#""#]]);
}

fn bisecting_what_nobody_disturbs() {
    let order = "second,second,first,first";
    let said = said(&on_model(&["bisect", TEN_LINES, "--victim", "second", "--order", order])).exits(2);
    matches(said.stdout, str![[r#""#]]);
}

fn a_script_is_printed_and_exits_1() {
    let said = said(&["emit", TEN_LINES, "--finding", "1", "--python", &version()]).exits(0);
    assert!(said.stderr.contains("reproduced: "), "{}", said.stderr);
    matches(said.stdout, str![[r#""#]]);
}

fn the_model_runs_no_script() {
    let said = said(&on_model(&["emit", TEN_LINES])).exits(2);
    matches(said.stderr, str![[r#""#]]);
}

fn every_cause_is_explained() {
    let list = said(&["explain"]).exits(0).stdout;
    within_80_columns(&list);
    matches(list, str![[r#""#]]);
    for cause in taster::diagnose::Cause::ALL {
        let text = said(&["explain", cause.code()]).exits(0).stdout;
        assert!(text.starts_with(cause.code()), "{text}");
        within_80_columns(&text);
    }
}

fn a_cause_that_is_none() {
    let said = said(&["explain", "stale-listing"]).exits(2);
    matches(said.stderr, str![[r#""#]]);
}

fn blessing_shows_what_it_changes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("scenario.toml");
    let text = fs::read_to_string("tests/cli/differs.toml").unwrap();
    fs::write(&file, &text).unwrap();
    let path = file.to_str().unwrap();
    let blessed = said(&[&["run", "--bless", path][..], &MODEL].concat()).exits(0).stdout;
    let diff = blessed.lines().skip_while(|line| !line.starts_with("--- ")).skip(2);
    matches(diff.map(|line| format!("{line}\n")).collect(), str![[r#""#]]);
    let again = said(&[&["run", "--bless", path][..], &MODEL].concat()).exits(0).stdout;
    assert!(!again.contains("--- "), "{again}");
    said(&[&["run", path][..], &MODEL].concat()).exits(0);
}

fn blessing_by_the_way_of_part_of_it() {
    let said = said(&["run", "--bless", "--test", "first", TEN_LINES]).exits(2);
    assert!(said.stderr.contains("cannot be used with"), "{}", said.stderr);
}
