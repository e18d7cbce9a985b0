//! The Python in a scenario: `text` of `.py` files, `exec` and `check`, with their places in the file, and what the parser says of
//! each. Nothing is run. A body that is no Python is shown at its place in the scenario's own lines.

use std::ops::Range;
use std::path::Path;

use ruff_python_ast::PythonVersion;
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged as _, TextRange};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Scenario;
use super::parse::{ReadError, parse, text_of};
use super::problem::{Problem, Problems};
use super::spelled::place;
use super::step::{Check, Step};
use crate::nesting::is_deep;

/// Classes that a syntax error is; a scenario that expects one of them may mean it.
const EXPECTED: [&str; 5] = ["SyntaxError", "IndentationError", "TabError", "Exception", "BaseException"];

/// What a piece of Python in a scenario is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// The code of an `exec`.
    Exec,
    /// The expression of a `check`.
    Check,
    /// The text of a file that ends in `.py`.
    Source,
}

/// A piece of Python in a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PythonBody {
    /// What it is.
    pub kind: BodyKind,
    /// The Python.
    pub code: String,
    /// Where its string stands in the file.
    span: Range<usize>,
}

/// Why a body is no Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxFault {
    /// The message.
    pub message: String,
    /// Where in the body, in bytes.
    pub at: Range<usize>,
}

/// A scenario with the Python in it.
#[derive(Debug)]
pub struct ScenarioWithBodies {
    /// The scenario.
    pub scenario: Scenario,
    /// The Python in it; none if a step expects a syntax error, as then one may be meant.
    pub bodies: Vec<PythonBody>,
    text: String,
}

/// Reads the scenario in the file at `path`, and finds the Python in it.
///
/// # Errors
/// Returns an error if the file is no scenario.
pub fn read_with_bodies(path: &Path) -> Result<ScenarioWithBodies, ReadError> {
    let text = text_of(path)?;
    let scenario = parse(path, &text)?;
    let bodies = if expects_syntax_errors(&scenario) { Vec::new() } else { bodies(&text) };
    Ok(ScenarioWithBodies { scenario, bodies, text })
}

impl ScenarioWithBodies {
    /// A problem at the place of a fault in one of the bodies.
    pub fn problem(&self, body: &PythonBody, fault: &SyntaxFault, message: String, help: String) -> Problem {
        Problem::new(place(&self.text, &body.span, &body.code, &fault.at), message).help(help)
    }

    /// Problems of this scenario, or `None` if there are none.
    pub fn problems(&self, problems: Vec<Problem>) -> Option<Problems> {
        let some = !problems.is_empty();
        some.then(|| Problems::new(&self.scenario.path, &self.text, problems))
    }
}

impl PythonBody {
    /// The first fault that the parser finds for Python 3 of this minor version.
    pub fn fault_on(&self, minor: u8) -> Option<SyntaxFault> {
        if is_deep(&self.code) {
            return None; // how deep a Python goes is for that Python to say
        }
        let mode = if self.kind == BodyKind::Check { Mode::Expression } else { Mode::Module };
        let options = ParseOptions::from(mode).with_target_version(PythonVersion { major: 3, minor });
        let parsed = parse_unchecked(&self.code, options);
        let fault = |message: String, at: TextRange| {
            Some(SyntaxFault { message, at: at.start().to_usize()..at.end().to_usize() })
        };
        if let Some(error) = parsed.errors().first() {
            return fault(error.error.to_string(), error.location);
        }
        let unsupported = parsed.unsupported_syntax_errors().first()?;
        fault(unsupported.to_string(), unsupported.range())
    }

    /// What messages call it.
    pub const fn name(&self) -> &'static str {
        match self.kind {
            BodyKind::Exec => "`exec`",
            BodyKind::Check => "`check`",
            BodyKind::Source => "the text of this module",
        }
    }
}

fn bodies(text: &str) -> Vec<PythonBody> {
    let (document, _) = DeTable::parse_recoverable(text);
    steps(document.get_ref()).into_iter().flat_map(bodies_of).collect()
}

fn expects_syntax_errors(scenario: &Scenario) -> bool {
    let expects = |step: &Step| match step {
        Step::Interpreter(action) => {
            matches!(action.check(), Check::Raises(class) if EXPECTED.contains(&class.as_str()))
        }
        Step::World(_) => false,
    };
    scenario.steps().any(expects)
}

/// The tables of all steps.
fn steps<'d>(top: &'d DeTable<'d>) -> Vec<&'d DeTable<'d>> {
    let tests = array(top, "test").filter_map(DeValue::as_table);
    let own = tests.flat_map(|test| array(test, "steps"));
    array(top, "setup").chain(own).filter_map(DeValue::as_table).collect()
}

fn array<'d>(table: &'d DeTable<'d>, key: &str) -> impl Iterator<Item = &'d DeValue<'d>> {
    let values = table.get(key).and_then(|value| value.get_ref().as_array());
    values.into_iter().flat_map(|values| values.iter().map(Spanned::get_ref))
}

/// The Python of one step.
fn bodies_of(step: &DeTable<'_>) -> Vec<PythonBody> {
    let is_source = |path: &str| Path::new(path).extension().is_some_and(|extension| extension == "py");
    let writes_source = step.get("write").and_then(|path| path.get_ref().as_str()).is_some_and(is_source);
    let kinds = [("exec", BodyKind::Exec), ("check", BodyKind::Check), ("text", BodyKind::Source)];
    let found =
        kinds.into_iter().filter(|(key, _)| *key != "text" || writes_source).filter_map(|(key, kind)| {
            let value = step.get(key)?;
            Some(PythonBody { kind, code: value.get_ref().as_str()?.to_owned(), span: value.span() })
        });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of the file and the underlined part.
    fn places(scenario: &str) -> Vec<(usize, String)> {
        let text = format!("title = \"t\"\n{scenario}");
        let scenario = parse(Path::new("t.toml"), &text).unwrap();
        let bodies = bodies(&text);
        let read = ScenarioWithBodies { scenario, bodies, text };
        let problem = |body: &PythonBody| {
            let fault = body.fault_on(13)?;
            Some(read.problem(body, &fault, fault.message.clone(), String::new()))
        };
        let problems = read.problems(read.bodies.iter().filter_map(problem).collect());
        let told = |problem: &Problem| (problem.line, read.text[problem.span.clone()].to_owned());
        problems.iter().flatten().map(told).collect()
    }

    #[test]
    fn an_error_is_underlined_where_the_scenario_has_it() {
        let test = "[[test]]\nname = \"a\"\nsteps = [{ check = \"1\" }]";
        let lines = "setup = [{ exec = '''\na = 1\nb = = 2\n''' }]\n";
        assert_eq!(places(&(lines.to_owned() + test)), [(4, "=".to_owned())]);
        let escaped = "setup = [{ write = \"m.py\", text = \"a = \\\"\\u00e4\\\"\\nb = )\\n\" }]\n";
        assert_eq!(places(&(escaped.to_owned() + test)), [(2, ")".to_owned())]);
        assert_eq!(places("[[test]]\nname = \"a\"\nsteps = [{ check = \"a ==\" }]").len(), 1);
    }

    #[test]
    fn the_parser_knows_which_versions_have_what() {
        let faulty = |kind: BodyKind, code: &str| {
            let body = PythonBody { kind, code: code.to_owned(), span: 0..0 };
            (6..=14).filter(|minor| body.fault_on(*minor).is_some()).collect::<Vec<u8>>()
        };
        assert_eq!(faulty(BodyKind::Exec, "match 1:\n    case 1: pass\n"), [6, 7, 8, 9]);
        assert_eq!(faulty(BodyKind::Check, "(n := 1)"), [6, 7]);
        assert_eq!(faulty(BodyKind::Source, "a = f'{d['x']}'\n"), [6, 7, 8, 9, 10, 11]);
        assert_eq!(faulty(BodyKind::Source, "print 'x'\n").len(), 9);
        assert_eq!(faulty(BodyKind::Source, "print('x')\n"), [0; 0]);
    }

    #[test]
    fn only_what_is_python_is_looked_at() {
        let kinds = |text: &str| bodies(text).iter().map(|body| body.kind).collect::<Vec<_>>();
        assert_eq!(kinds("setup = [{ write = \"m.txt\", text = \"= =\" }]"), []);
        let both = "setup = [{ write = \"m.py\", text = \"a\" }]\n[[test]]\nsteps = [{ exec = \"b\" }, { check = \"c\" }]";
        assert_eq!(kinds(both), [BodyKind::Source, BodyKind::Exec, BodyKind::Check]);
    }
}
