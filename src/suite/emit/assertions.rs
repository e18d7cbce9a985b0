//! The checks of a scenario's last test, if the test in the suite made them in code: steps from the values that two
//! runs, one that passes and one that fails, left in modules and in the proven state.

use std::collections::BTreeMap;

use super::paths::quoted;
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::runner::cell::{Cell, CellKind, ValueKind};
use crate::suite::runner::message::RecordedStep;

/// The values of one run: by module, by attribute, as TOML.
type Values<'a> = BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>;

/// Steps that pass if the test passes and fail if it fails, as far as the recordings show.
pub(crate) fn checks(
    finding: &HuntFinding,
    test: usize,
    passing: &[RecordedStep],
    failing: &[RecordedStep],
) -> Vec<String> {
    let (passing, failing) = (values(passing, test), values(failing, test));
    let mut steps: Vec<String> =
        submodules(finding).iter().filter_map(|name| submodule_is_bound(name, &passing)).collect();
    for (module, values) in &passing {
        let Some(others) = failing.get(module) else { continue };
        let differ: Vec<String> = values
            .iter()
            .filter(|(name, value)| others.get(*name).is_some_and(|other| other != *value))
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        if !differ.is_empty() {
            steps.push(format!("{{ import = {}, expect = {{ {} }} }}", quoted(module), differ.join(", ")));
        }
    }
    steps.extend(finding.state.iter().filter_map(|cell| {
        if cell.kind != CellKind::Environment {
            return None;
        }
        let key = python_text(&cell.key);
        let (wanted, is) = match finding.finding {
            FindingKind::Brittle => (cell.after.as_str(), cell.after_is),
            _ => (cell.alone.as_str(), cell.alone_is),
        };
        let wanted = if is == ValueKind::Absent { "None" } else { wanted };
        let code = format!("import os\nassert os.environ.get({key}) == {wanted}\n");
        Some(format!("{{ exec = {} }}", quoted(&code)))
    }));
    steps
}

/// A text as a Python literal.
fn python_text(text: &str) -> String {
    let mut written = String::from("'");
    for letter in text.chars() {
        match letter {
            '\\' | '\'' => written.extend(['\\', letter]),
            _ if letter.is_ascii_control() => written.push_str(&format!("\\x{:02x}", u32::from(letter))),
            _ => written.push(letter),
        }
    }
    written.push('\'');
    written
}

fn values(recorded: &[RecordedStep], test: usize) -> Values<'_> {
    let mut values = Values::new();
    let of_test = |each: &&RecordedStep| each.verb == "value" && usize::try_from(each.test) == Ok(test);
    for each in recorded.iter().filter(of_test) {
        if let Some((module, name)) = each.subject.split_once(':') {
            values.entry(module).or_default().insert(name, each.detail.as_str());
        }
    }
    values
}

/// The submodules that the cause declares present or missing.
fn submodules(finding: &HuntFinding) -> Vec<String> {
    match finding.cause {
        Cause::MissingSubmodule => finding.modules.clone(),
        Cause::HalfImportedPackage => finding.state.iter().filter_map(Cell::new_module).collect(),
        _ => Vec::new(),
    }
}

/// Looks through the package's attribute, to a value in the submodule if there is one.
fn submodule_is_bound(name: &str, passing: &Values<'_>) -> Option<String> {
    let (package, child) = name.rsplit_once('.')?;
    let value = passing.get(name).and_then(|values| values.first_key_value());
    Some(value.map_or_else(
        || format!("{{ exec = {} }}", quoted(&format!("import {package}\n{name}\n"))),
        |(attribute, value)| {
            let key = quoted(&format!("{child}.{attribute}"));
            format!("{{ import = {}, expect = {{ {key} = {value} }} }}", quoted(package))
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::{RecordedStep, submodule_is_bound, values};

    #[test]
    fn a_submodule_is_looked_for_through_its_package() {
        let value = |subject: &str, detail: &str| RecordedStep {
            test: 3,
            verb: "value".to_owned(),
            subject: subject.to_owned(),
            detail: detail.to_owned(),
        };
        let recorded = [value("p.sub:V", "1"), value("p:V", "2")];
        let passing = values(&recorded, 3);
        assert_eq!(
            submodule_is_bound("p.sub", &passing).as_deref(),
            Some("{ import = \"p\", expect = { \"sub.V\" = 1 } }")
        );
        assert_eq!(
            submodule_is_bound("p.other", &passing).as_deref(),
            Some("{ exec = \"import p\\np.other\\n\" }")
        );
        assert!(values(&recorded, 4).is_empty());
    }
}
