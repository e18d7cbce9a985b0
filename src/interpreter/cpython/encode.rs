//! Actions as the agent is told them: verbs, Python source and Python literals.

use super::literal::{below, write_literal, write_sequence, write_string};
use super::protocol::join;
use super::repair::repairing;
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
