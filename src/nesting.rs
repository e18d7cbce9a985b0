//! How deep Python source nests, without parsing it: parsers and those who walk over a tree call themselves once for each level, and a
//! thread's stack ends.

use ruff_python_ast::ModExpression;
use ruff_python_parser::Parsed;

/// The deepest nesting that a thread of 2 MiB holds with room to spare.
const MOST: usize = 400;

/// An expression of Python 3, or `None` if it is none, or is nested too deep to be parsed.
pub(crate) fn expression(text: &str) -> Option<Parsed<ModExpression>> {
    if is_deep(text) { None } else { ruff_python_parser::parse_expression(text).ok() }
}

/// Whether some part of a source may be nested so deep that its tree does not fit onto a stack: brackets in brackets, or chains of
/// operators, attributes and calls. Elements between commas do not nest; nor do lines.
pub(crate) fn is_deep(source: &str) -> bool {
    let mut levels = Levels { open: vec![0], total: 0 };
    let mut rest = source;
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' | '\'' => length_of_text(rest, letter),
            _ if letter.is_alphanumeric() || letter == '_' => {
                let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                levels.word(&rest[..word]);
                word
            }
            _ => {
                levels.sign(letter);
                letter.len_utf8()
            }
        };
        if levels.total > MOST {
            return true;
        }
        rest = &rest[length..];
    }
    false
}

/// The length of a text literal with its quotes.
fn length_of_text(rest: &str, quote: char) -> usize {
    let triple = String::from_iter([quote; 3]);
    let end = if rest.starts_with(&triple) { triple } else { quote.to_string() };
    let mut at = end.len();
    while let Some(letter) = rest[at..].chars().next() {
        if rest[at..].starts_with(&end) {
            return at + end.len();
        }
        if letter == '\n' && end.len() == 1 {
            return at; // no literal; the parser says so
        }
        let next = if letter == '\\' { rest[at + 1..].chars().next() } else { None };
        at += letter.len_utf8() + next.map_or(0, char::len_utf8);
    }
    rest.len()
}

/// How many levels each open bracket, and the line itself, has made so far.
struct Levels {
    open: Vec<usize>,
    total: usize,
}

impl Levels {
    fn deeper(&mut self) {
        if let Some(last) = self.open.last_mut() {
            *last += 1;
            self.total += 1;
        }
    }

    fn begin_again(&mut self) {
        if let Some(last) = self.open.last_mut() {
            self.total -= std::mem::take(last);
        }
    }

    fn word(&mut self, word: &str) {
        if matches!(word, "if" | "else" | "not" | "lambda" | "await" | "in" | "is" | "and" | "or") {
            self.deeper();
        }
    }

    fn sign(&mut self, sign: char) {
        match sign {
            '(' | '[' | '{' => {
                self.deeper();
                self.open.push(0);
            }
            ')' | ']' | '}' => {
                self.begin_again();
                if self.open.len() > 1 {
                    self.open.pop();
                }
            }
            ',' | ';' => self.begin_again(),
            '\n' if self.open.len() == 1 => self.begin_again(),
            '+' | '-' | '*' | '/' | '%' | '@' | '&' | '|' | '^' | '~' | '<' | '>' | '.' | '=' => {
                self.deeper();
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_and_brackets_nest_and_lists_do_not() {
        let many = |part: &str| part.repeat(3_000);
        for deep in [
            format!("x = 1{}", many(" + 1")),
            format!("x = a{}", many(".b")),
            format!("x = f{}", many("()")),
            format!("x = {}1", many("-")),
            format!("x = {}1", many("not ")),
            format!("x = {}{}", many("["), many("]")),
            format!("x = (1,\n{})", many("+ 1\n")),
            format!("x = ['{{', a{}]", many(" if a else a")),
        ] {
            assert!(is_deep(&deep), "{}", &deep[..20]);
        }
        for flat in [
            format!("x = [{}]", many("-1 + 2, ")),
            many("x = a.b(1) + 2\n"),
            format!("x = '{}'", many("+")),
            format!("x = \"\"\"{}\"\"\"", many("'(\n")),
            format!("# {}", many("(")),
            format!("x = 'a\\'' # {}", many("(")),
            format!("x = {{{}}}", many("'a': f(1)[0],\n")),
        ] {
            assert!(!is_deep(&flat), "{}", &flat[..20]);
        }
    }

    #[test]
    fn what_is_not_deep_fits_onto_the_stack_of_a_thread() {
        let parts = ["+ 1", ".b", "()", "[0]", " if a else a", "** a"];
        for part in parts {
            let mut source = "x = a".to_owned();
            while !is_deep(&format!("{source}{part}")) {
                source.push_str(part);
            }
            let parse = move || ruff_python_parser::parse_module(&source).map(|_| ()).is_ok();
            assert!(std::thread::spawn(parse).join().unwrap(), "{part}");
        }
        let brackets = format!("x = {}{}", "(".repeat(MOST - 1), ")".repeat(MOST - 1));
        assert!(!is_deep(&brackets));
        assert!(
            std::thread::spawn(move || ruff_python_parser::parse_module(&brackets).is_ok()).join().unwrap()
        );
    }
}
