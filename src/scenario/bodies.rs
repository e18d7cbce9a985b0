//! Whether the Python in a scenario is Python: `text` of `.py` files, `exec` and `check`, parsed and not run. A syntax error is
//! shown at its place in the scenario's own lines.

use std::ops::Range;
use std::path::Path;

use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::parse::{ReadError, parse, text_of};
use super::problem::{Problem, Problems};
use super::step::{Check, Step};
use super::{Scenario, Version};

/// Classes that a syntax error is; a scenario that expects one of them may mean it.
const EXPECTED: [&str; 5] = ["SyntaxError", "IndentationError", "TabError", "Exception", "BaseException"];
/// The minor versions of Python 3 that the parser speaks for.
const MINORS: std::ops::RangeInclusive<u32> = 6..=14;

/// Reads the scenario in the file at `path`, and parses the Python in it.
///
/// # Errors
/// Returns an error if the file is no scenario, or Python in it is none on any version of Python 3 that the scenario is for.
pub fn read_with_bodies(path: &Path) -> Result<Scenario, ReadError> {
    let text = text_of(path)?;
    let scenario = parse(path, &text)?;
    if !is_for_python_3(&scenario) || expects_syntax_errors(&scenario) {
        return Ok(scenario);
    }
    let (document, _) = DeTable::parse_recoverable(&text);
    let problems: Vec<Problem> =
        steps(document.get_ref()).into_iter().flat_map(|step| problems_of(step, &text)).collect();
    if problems.is_empty() { Ok(scenario) } else { Err(Problems::new(path, &text, problems).into()) }
}

fn is_for_python_3(scenario: &Scenario) -> bool {
    MINORS.into_iter().any(|minor| scenario.is_for(&Version::new(3, minor, 0)))
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

/// The syntax errors in the Python of one step: the first of each body, as an interpreter tells it.
fn problems_of(step: &DeTable<'_>, file: &str) -> Vec<Problem> {
    let is_source = |path: &str| Path::new(path).extension().is_some_and(|extension| extension == "py");
    let writes_source = step.get("write").and_then(|path| path.get_ref().as_str()).is_some_and(is_source);
    let bodies = [
        ("exec", Mode::Module, "`exec`"),
        ("check", Mode::Expression, "`check`"),
        ("text", Mode::Module, "the text of this module"),
    ];
    let is_python = |key: &str| key != "text" || writes_source;
    let found = bodies.into_iter().filter(|(key, ..)| is_python(key)).filter_map(|(key, mode, name)| {
        let value = step.get(key)?;
        let code = value.get_ref().as_str()?;
        let parsed = parse_unchecked(code, ParseOptions::from(mode));
        let error = parsed.errors().first()?;
        let at = error.location.start().to_usize()..error.location.end().to_usize();
        let span = place(file, &value.span(), code, &at);
        let problem = Problem::new(span, format!("{name} is no Python 3: {}", error.error));
        Some(problem.help("if it is meant to be wrong, let a step say so: raises = \"SyntaxError\""))
    });
    found.collect()
}

/// Where a part of a string's value stands in the file: the whole string if its spelling is too unusual to tell.
fn place(file: &str, string: &Range<usize>, value: &str, part: &Range<usize>) -> Range<usize> {
    let Some((decoded, places)) = file.get(string.clone()).and_then(decoded) else { return string.clone() };
    if decoded != value {
        return string.clone();
    }
    let at = |offset: usize| places.get(offset).map(|place| string.start + place);
    match (at(part.start), at(part.end)) {
        (Some(start), Some(end)) => start..end.max(start + 1),
        _ => string.clone(),
    }
}

/// The value of a string of TOML, and for each byte of it, and for its end, the place in the string's spelling.
fn decoded(written: &str) -> Option<(String, Vec<usize>)> {
    let quote = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| written.starts_with(quote))?;
    let end = written.len().checked_sub(quote.len()).filter(|end| *end >= quote.len())?;
    let mut at = quote.len();
    if quote.len() == 3 {
        let rest = &written[at..];
        at += if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
    }
    let (mut value, mut places) = (String::new(), Vec::new());
    while at < end {
        let (letter, length) = match written[at..].strip_prefix('\\') {
            Some(escape) if quote.starts_with('"') => escaped(escape)?,
            _ => written[at..].chars().next().map(|letter| (Some(letter), letter.len_utf8()))?,
        };
        if let Some(letter) = letter {
            value.push(letter);
            places.resize(value.len(), at);
        }
        at += length;
    }
    places.push(end);
    Some((value, places))
}

/// The letter that an escape stands for (none for the end of a line), and the length of the escape; `after` is what follows the
/// backslash.
fn escaped(after: &str) -> Option<(Option<char>, usize)> {
    let kind = after.chars().next()?;
    let digits = |count: usize| {
        let code = u32::from_str_radix(after.get(1..=count)?, 16).ok()?;
        Some((Some(char::from_u32(code)?), count + 2))
    };
    let plain = |letter: char| Some((Some(letter), 2));
    match kind {
        'n' => plain('\n'),
        't' => plain('\t'),
        'r' => plain('\r'),
        '"' | '\\' => plain(kind),
        'b' => plain('\u{8}'),
        'f' => plain('\u{c}'),
        'e' => plain('\u{1b}'),
        'x' => digits(2),
        'u' => digits(4),
        'U' => digits(8),
        _ if kind.is_whitespace() => {
            Some((None, 1 + after.len() - after.trim_start_matches([' ', '\t', '\r', '\n']).len()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(scenario: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bodies.toml");
        std::fs::write(&path, format!("title = \"t\"\n{scenario}")).unwrap();
        let read = read_with_bodies(&path);
        read.map_or_else(|error| error.to_string(), |_| String::new())
    }

    /// The line of the file and the underlined part.
    fn places(scenario: &str) -> Vec<(usize, String)> {
        let text = format!("title = \"t\"\n{scenario}");
        let (document, _) = DeTable::parse_recoverable(&text);
        let problems =
            steps(document.get_ref()).into_iter().flat_map(|step| problems_of(step, &text)).collect();
        let problems = Problems::new(Path::new("t.toml"), &text, problems);
        problems.iter().map(|problem| (problem.line, text[problem.span.clone()].to_owned())).collect()
    }

    #[test]
    fn an_error_is_underlined_where_the_scenario_has_it() {
        let lines = "setup = [{ exec = '''\na = 1\nb = = 2\n''' }]";
        assert_eq!(places(lines), [(4, "=".to_owned())]);
        let escaped = r#"setup = [{ write = "m.py", text = "a = \"\u00e4\"\nb = )\n" }]"#;
        assert_eq!(places(escaped), [(2, ")".to_owned())]);
        let in_test = "[[test]]\nname = \"a\"\nsteps = [{ check = \"a ==\" }]";
        assert_eq!(places(in_test).len(), 1);
    }

    #[test]
    fn what_is_python_or_none_of_its_business_is_good() {
        for good in [
            "[[test]]\nname = \"a\"\nsteps = [{ exec = \"a = 1\" }, { check = \"1 == 1\" }]",
            "setup = [{ write = \"m.txt\", text = \"= =\" }]\n[[test]]\nname = \"a\"\nsteps = [{ mkdir = \"d\" }]",
            "python = \"<3\"\n[[test]]\nname = \"a\"\nsteps = [{ exec = \"print 'two'\" }]",
            "[[test]]\nname = \"a\"\nsteps = [{ write = \"m.py\", text = \"= =\" }, { import = \"m\", raises = \"SyntaxError\" }]",
        ] {
            assert_eq!(told(good), "", "{good}");
        }
        let bad = told("[[test]]\nname = \"a\"\nsteps = [{ exec = \"print 'two'\" }]");
        assert!(bad.contains("`exec` is no Python 3: "), "{bad}");
    }

    #[test]
    fn strings_of_every_kind_are_followed() {
        let value = |written: &str| decoded(written).map(|(value, _)| value);
        assert_eq!(value(r#""a\tb""#).as_deref(), Some("a\tb"));
        assert_eq!(value("'''\na\\n'''").as_deref(), Some("a\\n"));
        assert_eq!(value("\"\"\"\na \\\n   b\"\"\"").as_deref(), Some("a b"));
        assert_eq!(value(r#""\U0001F600""#).as_deref(), Some("\u{1f600}"));
        assert_eq!(value("no string"), None);
    }
}
