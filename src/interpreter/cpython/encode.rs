//! Actions as the agent is told them: verbs, Python source and Python literals.

use super::protocol::join;
use super::repair::repairing;
use super::source::{below, write_display, write_sequence, write_string};
use crate::scenario::{Action, Check, Literal, Position};

/// An action as the fields verb, text, more, check, wanted.
pub(super) fn action(action: &Action) -> Vec<u8> {
    let nothing = Check::Nothing;
    let (verb, text, more, check) = match action {
        Action::Import { module, names, check } if names.is_empty() => {
            ("import", format!("import {module}"), module.as_str(), check)
        }
        Action::Import { module, names, check } => {
            let text = format!("from {module} import {}", names.join(", "));
            ("import", text, module.as_str(), check)
        }
        Action::Reload { module, check } => ("reload", String::new(), module.as_str(), check),
        Action::SysPath { path, position } => {
            let end = match position {
                Position::First => "first",
                Position::Last => "last",
            };
            ("sys-path", below(path), end, &nothing)
        }
        Action::InvalidateCaches => ("invalidate-caches", String::new(), "", &nothing),
        Action::Forget(module) => ("forget", String::new(), module.as_str(), &nothing),
        Action::Exec { code, check } => ("exec", code.to_string(), "", check),
        Action::Repair(repair) => ("repair", repairing(repair), "", &nothing),
    };
    let (kind, wanted) = match check {
        Check::Nothing => ("", String::new()),
        Check::Expect(expected) => ("expect", expectations(expected)),
        Check::Raises(class) => ("raises", class.clone()),
    };
    join([verb, &text, more, kind, &wanted])
}

fn expectations(expected: &[(Vec<String>, Literal)]) -> String {
    let mut source = String::from("[");
    for (path, value) in expected {
        source.push('(');
        write_sequence(&mut source, path, |source, name| write_string(source, name));
        source.push(',');
        write_literal(&mut source, value);
        source.push_str("),");
    }
    source.push(']');
    source
}

fn write_literal(source: &mut String, value: &Literal) {
    match value {
        Literal::Bool(true) => source.push_str("True"),
        Literal::Bool(false) => source.push_str("False"),
        Literal::Int(number) => write_display(source, number),
        Literal::Float(number) if number.is_nan() => source.push_str("nan"),
        // Debug keeps the point of 1.0 and writes infinities as `inf` and `-inf`.
        Literal::Float(number) => write_display(source, &format_args!("{number:?}")),
        Literal::Str(text) => write_string(source, text),
        Literal::List(items) => write_sequence(source, items, write_literal),
        Literal::Dict(entries) => {
            source.push('{');
            for (key, value) in entries {
                write_string(source, key);
                source.push(':');
                write_literal(source, value);
                source.push(',');
            }
            source.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_python_source() {
        let value = Literal::List(vec![
            Literal::Bool(true),
            Literal::Int(-3),
            Literal::Float(1.0),
            Literal::Float(f64::NEG_INFINITY),
            Literal::Str("a\"\\\né".into()),
            Literal::Dict(vec![("k".into(), Literal::Float(f64::NAN))]),
        ]);
        let mut source = String::new();
        write_literal(&mut source, &value);
        assert_eq!(source, r#"[True,-3,1.0,-inf,u"a\"\\\x0a\U000000e9",{"k":nan,},]"#);
    }
}
