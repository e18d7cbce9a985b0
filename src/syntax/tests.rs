//! What is said of Python that only some versions have, by the parser alone.

use super::placed as at;
use super::*;

/// What is said of a scenario with these lines: each as level and message.
fn said(scenario: &str) -> Vec<String> {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("bodies.toml");
    std::fs::write(&path, format!("title = \"t\"\n{scenario}")).unwrap();
    let told = |problems: &Problems| {
        let one = |problem: &Problem| {
            let level = if problem.is_warning { "warning" } else { "error" };
            format!("{level}: {} [{}]", problem.message, problem.help.as_deref().unwrap_or_default())
        };
        problems.iter().map(one).collect()
    };
    match check(&[path], &[]).remove(0) {
        Ok(checked) => checked.warnings.as_ref().map(told).unwrap_or_default(),
        Err(ReadError::Problems(problems)) => told(&problems),
        Err(error) => vec![error.to_string()],
    }
}

fn executing(code: &str, top: &str) -> Vec<String> {
    said(&format!("{top}\n[[test]]\nname = \"a\"\nsteps = [{{ exec = {code:?} }}]"))
}

#[test]
fn what_newer_versions_have_is_a_warning_that_names_the_older_ones() {
    let walrus = executing("(n := 1)", "");
    let [
        "warning: `exec` is no Python 3.6 or 3.7: Cannot use named assignment expression (`:=`) on Python 3.7 (syntax was added in Python 3.8) [if it is for 3.8 and later, let the scenario say so: python = \">=3.8\"]",
    ] = walrus.iter().map(String::as_str).collect::<Vec<_>>()[..]
    else {
        panic!("{walrus:#?}");
    };
    let matching = executing("match 1:\n    case 1: pass\n", "");
    assert!(matching.len() == 1 && matching[0].contains("no Python 3.6 to 3.9: "), "{matching:#?}");
    let quotes = executing("d = {}\na = f'{d.get('x')}'\n", "");
    assert!(quotes.len() == 1 && quotes[0].contains("no Python 3.6 to 3.11: "), "{quotes:#?}");
    assert_eq!(executing("(n := 1)", "python = \">=3.8\""), [""; 0]);
    let never = executing("(n := 1)", "python = \"<3.8\"");
    assert!(
        never.len() == 1 && never[0].starts_with("error: `exec` is no Python 3.6 or 3.7: "),
        "{never:#?}"
    );
}

#[test]
fn what_no_python_3_has_is_an_error() {
    let old = executing("print 'two'", "");
    assert!(old.len() == 1 && old[0].starts_with("error: `exec` is no Python 3: "), "{old:#?}");
    assert_eq!(executing("print 'two'", "python = \"<3\""), [""; 0]);
}

#[test]
fn what_a_step_expects_is_good() {
    let raises = "[[test]]\nname = \"a\"\nsteps = [{ write = \"m.py\", text = \"= =\" }, { import = \"m\", raises = \"SyntaxError\" }]";
    assert_eq!(said(raises), [""; 0]);
}

#[test]
fn a_fault_is_underlined_from_its_column() {
    let placed = |kind: BodyKind, code: &str, line: usize, column: usize| {
        let steps = match kind {
            BodyKind::Check => format!("setup = [{{ check = {code:?} }}]"),
            _ => format!("setup = [{{ exec = {code:?} }}]"),
        };
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("t.toml");
        std::fs::write(
            &path,
            format!("title = 't'\n{steps}\n[[test]]\nname = 'a'\nsteps = [{{ mkdir = 'd' }}]"),
        )
        .unwrap();
        let read = read_with_bodies(&path).unwrap();
        let fault = CompileFault { line, column, message: String::new() };
        let at = at(&read.bodies[0], fault).at;
        code[at].to_owned()
    };
    assert_eq!(placed(BodyKind::Exec, "a = 1\n  b = 2\n", 2, 3), "b = 2");
    assert_eq!(placed(BodyKind::Exec, "a = 1\n  b = 2\n", 2, 0), "b = 2");
    assert_eq!(placed(BodyKind::Exec, "a = 1", 1, 5), "1");
    assert_eq!(placed(BodyKind::Check, "a == b", 1, 7), "b");
    assert_eq!(placed(BodyKind::Exec, "a = 1", 7, 1), "a = 1");
}

#[test]
fn code_without_end_is_left_to_the_interpreters() {
    for deep in [
        format!("x = 1{}", " + 1".repeat(100_000)),
        format!("x = {}1{}", "(".repeat(9_000), ")".repeat(9_000)),
    ] {
        assert_eq!(executing(&deep, ""), [""; 0]);
    }
}
