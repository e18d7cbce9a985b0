//! Text that nobody would write: the parser answers each with a scenario or with problems that can be displayed.

use std::path::Path;

use proptest::prelude::*;
use taster::scenario::{Problems, Scenario, Style, parse};

/// Parses, and shows what is wrong in every way there is.
fn parse_and_show(text: &str) -> Result<Scenario, Problems> {
    let result = parse(Path::new("arbitrary.toml"), text);
    if let Err(problems) = &result {
        assert!(problems.len() > 0);
        assert!(!problems.render(Style::Plain).is_empty());
        assert!(!problems.render(Style::Coloured).is_empty());
        for problem in problems {
            assert!(problem.line >= 1 && problem.column >= 1);
            assert!(text.get(problem.span.clone()).is_some(), "{:?} is no span of the text", problem.span);
        }
    }
    result
}

/// Every shipped scenario and every example of a mistake.
fn corpus() -> Vec<String> {
    let folders =
        ["scenarios", "tests/problems"].map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    let mut texts = Vec::new();
    for folder in folders {
        let entries = std::fs::read_dir(folder).expect("the folder is there");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("is readable").path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort();
        texts.extend(paths.iter().filter_map(|path| std::fs::read_to_string(path).ok()));
    }
    texts
}

/// Pieces that scenario files are made of, and some that they are not.
const PIECES: [&str; 40] = [
    "[[test]]\n",
    "[clock]\n",
    "[[poisoning]]\n",
    "[[brittle]]\n",
    "[limits]\n",
    "name = ",
    "steps = ",
    "title = ",
    "setup = ",
    "after = ",
    "timestamps = ",
    "python = ",
    "polluters = ",
    "victim = ",
    "{ import = ",
    "{ write = ",
    "{ sleep = ",
    "{ rename = ",
    ", to = ",
    ", expect = ",
    ", raises = ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\"a\"",
    "\"1s\"",
    "\"..\"",
    "\"a.b\"",
    "\n",
    "#",
    "\"\"\"",
    "'",
    "\\",
    "\u{0}",
    "é",
    "\u{feff}",
    "-1",
    "1e999",
];

proptest! {
    #[test]
    fn any_text(text in any::<String>()) {
        let _ = parse_and_show(&text);
    }

    #[test]
    fn pieces_in_any_order(pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60)) {
        let _ = parse_and_show(&pieces.concat());
    }

    #[test]
    fn scenarios_with_a_part_cut_out_or_put_elsewhere(
        which in any::<prop::sample::Index>(),
        cut in any::<(prop::sample::Index, prop::sample::Index)>(),
        to in prop::option::of(any::<prop::sample::Index>()),
        piece in prop::sample::select(PIECES.to_vec()),
    ) {
        let corpus = corpus();
        let letters: Vec<char> = which.get(&corpus).chars().collect();
        let (start, end) = (cut.0.index(letters.len() + 1), cut.1.index(letters.len() + 1));
        let (start, end) = (start.min(end), start.max(end));
        let mut mutated: Vec<char> = letters[..start].iter().chain(&letters[end..]).copied().collect();
        if let Some(to) = to {
            let place = to.index(mutated.len() + 1);
            mutated.splice(place..place, letters[start..end].iter().copied());
        }
        mutated.splice(start.min(mutated.len())..start.min(mutated.len()), piece.chars());
        let _ = parse_and_show(&mutated.into_iter().collect::<String>());
    }
}

#[test]
fn nesting_without_end_is_a_problem_and_no_crash() {
    let deep = format!("title = \"T\"\nsetup = {}", "[".repeat(100_000));
    assert!(parse_and_show(&deep).is_err());
    let dotted = format!("title = \"T\"\n{} = 1", vec!["a"; 10_000].join("."));
    assert!(parse_and_show(&dotted).is_err());
    let deep_value = format!(
        "title = \"T\"\n[[test]]\nname = \"t\"\nsteps = [{{ import = \"a\", expect = {{ {} = 1 }} }}]",
        vec!["a"; 10_000].join(".")
    );
    let _ = parse_and_show(&deep_value);
}

#[test]
fn a_thousand_tests_that_wait_for_each_other_are_one_circle() {
    let waiting = |number: usize| {
        let next = (number + 1) % 1000;
        format!("[[test]]\nname = \"t{number}\"\nafter = [\"t{next}\"]\nsteps = [{{ import = \"a\" }}]\n")
    };
    let text = format!("title = \"T\"\n{}", (0..1000).map(waiting).collect::<String>());
    assert_eq!(parse_and_show(&text).expect_err("is a circle").len(), 1);
}
