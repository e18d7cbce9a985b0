//! The names that Python and the format require: identifiers, dotted names, names of tests, paths.

use std::ops::Range;

use crate::scenario::problem::Problem;
use crate::world::EntryPath;

/// The reserved words of Python 3.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What is wrong with `name` as a Python identifier.
fn identifier_fault(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("a name is empty".to_owned());
    }
    if KEYWORDS.contains(&name) {
        return Some(format!("`{name}` is a Python keyword"));
    }
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|first| first == '_' || unicode_ident::is_xid_start(first));
    let goes_on = letters.all(unicode_ident::is_xid_continue);
    (!starts || !goes_on).then(|| format!("`{name}` is not a Python identifier"))
}

/// `written` as one identifier; `what` says what it names.
pub(super) fn identifier(written: &str, span: &Range<usize>, what: &str) -> Result<String, Problem> {
    let Some(fault) = identifier_fault(written) else {
        return Ok(written.to_owned());
    };
    let problem = Problem::new(span.clone(), format!("bad {what}: {fault}"));
    Err(match written.rsplit_once('.') {
        Some((_, last)) if identifier_fault(last).is_none() => {
            problem.help(format!("write the last part alone: \"{last}\""))
        }
        _ => problem,
    })
}

/// `written` as identifiers joined by dots; `what` says what it names.
pub(super) fn dotted(written: &str, span: &Range<usize>, what: &str) -> Result<Vec<String>, Problem> {
    let parts: Vec<_> = written.split('.').map(str::to_owned).collect();
    let Some(fault) = parts.iter().find_map(|part| identifier_fault(part)) else {
        return Ok(parts);
    };
    let problem = Problem::new(span.clone(), format!("bad {what}: {fault}"));
    let without_ending = written.strip_suffix(".py").unwrap_or(written);
    let as_module = without_ending.replace(['/', '-'], if written.contains('/') { "." } else { "_" });
    let mends = as_module != written && as_module.split('.').all(|part| identifier_fault(part).is_none());
    Err(if mends {
        problem.help(format!("did you mean \"{as_module}\"?"))
    } else {
        problem.help("identifiers joined by dots, such as \"package.module\"")
    })
}

/// What is wrong with `name` as the name of a test.
pub(super) fn test_fault(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        Some("the name of a test is empty")
    } else if name.contains(',') {
        Some("the name of a test contains a comma, which separates tests on the command line")
    } else if name.chars().any(char::is_control) {
        Some("the name of a test holds a control character")
    } else if name.trim() != name {
        Some("the name of a test begins or ends with a blank")
    } else {
        None
    }
}

/// Whether a step's path may be the ordering's directory itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Allowed,
    Forbidden,
}

/// `written` as a path within the ordering's directory; `verb` is the step's.
pub(super) fn path(written: &str, span: &Range<usize>, root: Root, verb: &str) -> Result<EntryPath, Problem> {
    let problem = |message: String| Problem::new(span.clone(), message);
    if written.contains('\0') {
        return Err(problem("a path cannot hold a NUL character".to_owned()));
    }
    if written.is_empty() {
        return Err(problem("the path is empty".to_owned()).help("the ordering's directory itself is \".\""));
    }
    if written.starts_with('/') {
        let relative = match written.trim_start_matches('/') {
            "" => ".",
            relative => relative,
        };
        return Err(problem(format!("the path `{written}` is absolute"))
            .help(format!("paths are relative to the ordering's own directory: \"{relative}\"")));
    }
    let Some(path) = EntryPath::new(written) else {
        return Err(problem(format!("the path `{written}` leaves the ordering's directory"))
            .help("a step touches nothing outside it"));
    };
    if path.is_root() && root == Root::Forbidden {
        return Err(problem(format!(
            "`{written}` is the ordering's directory itself; `{verb}` needs an entry of it"
        ))
        .help("name a file or directory in it, such as \"lib/mod.py\""));
    }
    if let Some(long) = path.as_str().split('/').find(|part| part.len() > 255) {
        return Err(problem(format!(
            "a name in the path is {} bytes long; file systems allow 255",
            long.len()
        )));
    }
    if path.as_str().len() > 2_000 {
        return Err(problem(format!("the path is {} bytes long; 2000 is the most", path.as_str().len())));
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_those_of_python() {
        for good in ["a", "_x1", "straße", "match", "print"] {
            assert!(identifier(good, &(0..1), "name").is_ok(), "{good}");
        }
        for bad in ["", "1a", "a-b", "class", "None", "a b", "a.b", "*"] {
            assert!(identifier(bad, &(0..1), "name").is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_name_is_turned_into_the_module_that_was_meant() {
        let help = |written: &str| dotted(written, &(0..1), "module").expect_err("is bad").help;
        assert_eq!(help("pkg/mod.py").as_deref(), Some("did you mean \"pkg.mod\"?"));
        assert_eq!(help("my-mod").as_deref(), Some("did you mean \"my_mod\"?"));
        assert_eq!(help("a..b").as_deref(), Some("identifiers joined by dots, such as \"package.module\""));
        assert_eq!(dotted("a.b", &(0..1), "module"), Ok(vec!["a".to_owned(), "b".to_owned()]));
    }
}
