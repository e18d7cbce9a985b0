//! Python code that gives a piece of state the value that it had: with the function that sets it, by what differs between two lists, or
//! by an assignment.

use ruff_python_ast::{Expr, ExprList, ExprTuple};
use ruff_text_size::Ranged as _;

use crate::nesting;
use crate::scenario::PieceValue;

/// What stands for the ordering's directory in a literal that was read from an interpreter.
pub(super) const ROOT_MARK: char = '\u{1}';

/// Code that gives the piece at an address a value, or `None` if no text says it. `now` is what it holds now, as a literal.
pub(super) fn code(address: &str, value: &PieceValue, now: Option<&str>) -> Option<String> {
    if address.contains('$') {
        return None;
    }
    let first = address.split(['.', '[']).next().unwrap_or(address);
    match value {
        PieceValue::Absent if address.ends_with(')') => None,
        PieceValue::Absent => Some(format!("import {first}; {}", taking_out(address))),
        PieceValue::AsLoaded | PieceValue::Remembered => None,
        PieceValue::Literal(literal) => {
            let code = by_function(address, literal)
                .or_else(|| by_difference(address, literal, now?))
                .or_else(|| Some(format!("{address} = {}", written(literal)?)));
            // Its state has more than six hundred numbers.
            let code = code.filter(|_| address != "random.getstate()")?;
            let uses_os = ["os.path.abspath(", "os.environ"].iter().any(|used| code.contains(used));
            let os = if uses_os && first != "os" { "os, " } else { "" };
            Some(format!("import {os}{first}; {code}"))
        }
    }
}

/// Code after which nothing is at an address; an entry of a dict may be missing already.
fn taking_out(address: &str) -> String {
    let parsed = nesting::expression(address);
    match parsed.as_ref().map(ruff_python_parser::Parsed::expr) {
        Some(Expr::Subscript(entry)) => {
            format!("{}.pop({}, None)", &address[entry.value.range()], &address[entry.slice.range()])
        }
        _ => format!("del {address}"),
    }
}

/// Code that takes objects of the ordering's own classes out of a list that is shown as text, or `None` if it shows none.
pub(super) fn without_objects(address: &str, shown: &str, is_own: impl Fn(&str) -> bool) -> Option<String> {
    let items = shown.strip_prefix('[')?.split('<').skip(1);
    let classes = items.filter_map(|item| item.split_once(" object").map(|(class, _)| class));
    let own = classes.filter_map(|class| class.rsplit_once('.')).filter(|(module, _)| is_own(module));
    let mut names: Vec<String> = own.map(|(_, class)| format!("'{class}'")).collect();
    names.dedup();
    let test = match names.as_slice() {
        [] => return None,
        [one] => format!("!= {one}"),
        several => format!("not in [{}]", several.join(", ")),
    };
    let first = address.split(['.', '[']).next().filter(|_| !address.contains('$'))?;
    Some(format!("import {first}; {address}[:] = [item for item in {address} if type(item).__name__ {test}]"))
}

/// A call of the function that sets what another one gets.
fn by_function(address: &str, literal: &str) -> Option<String> {
    Some(match address {
        "os.umask()" => format!("os.umask({literal})"),
        "logging.Logger.manager._disable" | "logging.Logger.manager.disable" => {
            format!("logging.disable({literal})")
        }
        "gc.isenabled()" if literal == "True" => "gc.enable()".to_owned(),
        "gc.isenabled()" => "gc.disable()".to_owned(),
        "gc.get_threshold()" => format!("gc.set_threshold(*{literal})"),
        "locale.setlocale(locale.LC_ALL)" => format!("locale.setlocale(locale.LC_ALL, {literal})"),
        "socket.getdefaulttimeout()" => format!("socket.setdefaulttimeout({literal})"),
        "csv.field_size_limit()" => format!("csv.field_size_limit({literal})"),
        "sys.getrecursionlimit()" => format!("sys.setrecursionlimit({literal})"),
        "sys.getswitchinterval()" => format!("sys.setswitchinterval({literal})"),
        "sys.get_int_max_str_digits()" => format!("sys.set_int_max_str_digits({literal})"),
        "time.tzset()" => match items_of(literal)?.first()? {
            &"None" => "os.environ.pop('TZ', None); time.tzset()".to_owned(),
            zone => format!("os.environ['TZ'] = {zone}; time.tzset()"),
        },
        _ => {
            let signal = address.strip_prefix("signal.getsignal(")?.strip_suffix(')')?;
            format!("signal.signal({signal}, signal.{})", literal.trim_matches('\''))
        }
    })
}

/// Takes out of a list what it should not hold, and puts in what it lacks, if that makes it what it was; where it is so already, the
/// code does nothing.
fn by_difference(address: &str, literal: &str, now: &str) -> Option<String> {
    let (wanted, held) = (items(literal)?, items(now)?);
    let without = |list: &[&str], other: &[&str]| -> Vec<String> {
        list.iter().filter(|item| !other.contains(item)).map(|item| (*item).to_owned()).collect()
    };
    let (added, lacking) = (without(&held, &wanted), without(&wanted, &held));
    let both = |list: &[&str], other: &[&str]| -> Vec<String> {
        list.iter().filter(|item| other.contains(item)).map(|item| (*item).to_owned()).collect()
    };
    if both(&held, &wanted) != both(&wanted, &held) || added.is_empty() && lacking.is_empty() {
        return None;
    }
    let mut statements = Vec::new();
    if !added.is_empty() {
        let added: Vec<String> = added.iter().map(|item| written(item)).collect::<Option<_>>()?;
        let test = match added.as_slice() {
            [one] => format!("!= {one}"),
            several => format!("not in [{}]", several.join(", ")),
        };
        statements.push(format!("{address}[:] = [item for item in {address} if item {test}]"));
    }
    for (at, item) in wanted.iter().enumerate().filter(|(_, item)| lacking.iter().any(|one| one == *item)) {
        let item = written(item)?;
        statements
            .push(format!("{address}[{at}:{at}] = [item for item in [{item}] if item not in {address}]"));
    }
    Some(statements.join("; "))
}

/// The items of a list as they are written.
fn items(literal: &str) -> Option<Vec<&str>> {
    literal.starts_with('[').then(|| items_of(literal))?
}

/// The items of a list or tuple as they are written.
fn items_of(literal: &str) -> Option<Vec<&str>> {
    let parsed = nesting::expression(literal)?;
    let (Expr::List(ExprList { elts, .. }) | Expr::Tuple(ExprTuple { elts, .. })) = parsed.expr() else {
        return None;
    };
    Some(elts.iter().map(|item| &literal[item.range()]).collect())
}

/// A literal in which paths of the ordering are computed, or `None` if a path is only part of a text.
pub(super) fn written(literal: &str) -> Option<String> {
    if !literal.contains(ROOT_MARK) {
        return Some(literal.to_owned());
    }
    let parsed = nesting::expression(literal)?;
    let mut texts = TextsBelow::default();
    ruff_python_ast::visitor::Visitor::visit_expr(&mut texts, parsed.expr());
    let mut code = literal.to_owned();
    for (range, path) in texts.0.iter().rev() {
        let path = if path.is_empty() { "." } else { path.trim_start_matches('/') };
        let path = path.replace('\\', "\\\\").replace('\'', "\\'");
        code.replace_range(range.clone(), &format!("os.path.abspath('{path}')"));
    }
    (!code.contains(ROOT_MARK)).then_some(code)
}

/// Texts that begin with the ordering's directory: where they are, and what follows.
#[derive(Default)]
struct TextsBelow(Vec<(std::ops::Range<usize>, String)>);

impl<'a> ruff_python_ast::visitor::Visitor<'a> for TextsBelow {
    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::StringLiteral(text) = expression {
            let below = text.value.to_str().strip_prefix(ROOT_MARK);
            let below = below.filter(|below| below.is_empty() || below.starts_with('/'));
            self.0.extend(below.map(|below| (expression.range().into(), below.to_owned())));
        } else {
            ruff_python_ast::visitor::walk_expr(self, expression);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(address: &str, literal: &str, now: &str) -> String {
        code(address, &PieceValue::Literal(literal.to_owned()), Some(now)).unwrap_or_default()
    }

    #[test]
    fn lists_are_put_right_by_what_differs() {
        let path = |wanted: &str, now: &str| set("sys.path", wanted, now);
        assert_eq!(
            path("['/lib', '\u{1}/site']", "['\u{1}/site/grid', '/lib', '\u{1}/site']"),
            "import os, sys; sys.path[:] = [item for item in sys.path if item != os.path.abspath('site/grid')]"
        );
        assert_eq!(
            path("['/a', '\u{1}']", "['/b', '/a', '/c', '\u{1}']"),
            "import sys; sys.path[:] = [item for item in sys.path if item not in ['/b', '/c']]"
        );
        assert_eq!(
            path("['/a', '/b']", "['/a']"),
            "import sys; sys.path[1:1] = [item for item in ['/b'] if item not in sys.path]"
        );
        assert_eq!(set("x.y", "[1, 2]", "[2, 1, 2]"), "import x; x.y = [1, 2]");
        assert_eq!(set("x.y", "[2, 1]", "[1, 2]"), "import x; x.y = [2, 1]");
        assert_eq!(set("x.y", "[2]", "(1, 2)"), "import x; x.y = [2]");
    }

    #[test]
    fn objects_of_own_classes_are_taken_out_of_lists() {
        let code = |shown: &str| without_objects("sys.meta_path", shown, |module| module == "hooks.blocker");
        assert_eq!(
            code("[<hooks.blocker.Blocker object>, <class '_frozen_importlib.BuiltinImporter'>, <cla")
                .as_deref(),
            Some(
                "import sys; sys.meta_path[:] = [item for item in sys.meta_path if type(item).__name__ != 'Blocker']"
            )
        );
        assert_eq!(code("[<other.Finder object>]"), None);
        assert_eq!(code("{'a': <hooks.blocker.Blocker object>}"), None);
    }

    #[test]
    fn what_no_text_says_has_no_code() {
        let path_within = code("x.y", &PieceValue::Literal("['a\u{1}']".into()), None);
        let unknown = code("x.y", &PieceValue::Remembered, Some("1"));
        assert_eq!((path_within, unknown), (None, None));
        assert_eq!(code("x.y", &PieceValue::Absent, None).as_deref(), Some("import x; del x.y"));
        assert_eq!(
            code("x.y['[z']", &PieceValue::Absent, None).as_deref(),
            Some("import x; x.y.pop('[z', None)")
        );
        assert_eq!(set("x.y", "'\u{1}/a'", "''"), "import os, x; x.y = os.path.abspath('a')");
        assert_eq!(set("os.umask()", "18", "0"), "import os; os.umask(18)");
        assert_eq!(
            set("time.tzset()", "(None, ('UTC', 'UTC'))", ""),
            "import os, time; os.environ.pop('TZ', None); time.tzset()"
        );
        assert_eq!(
            set("signal.getsignal(signal.SIGINT)", "'default_int_handler'", ""),
            "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
        );
    }
}
