//! The command that replays an ordering, spelled so that a shell and `taster` read it back as it was meant.

use std::collections::BTreeMap;

use super::origin::FindingOrigin;
use crate::interpreter::{Identity, Installation, Kind};
use crate::scenario::Scenario;

/// How each interpreter of a run is named on the command line. One that is not told here goes by its path.
#[derive(Debug, Clone, Default)]
pub struct Spellings(BTreeMap<String, String>);

impl Spellings {
    /// From pairs of an interpreter's label and the argument of `--python` that reaches it.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// For these interpreters, whose labels are short where their version alone reaches them.
    pub fn of<'a>(installations: impl IntoIterator<Item = &'a Installation>) -> Self {
        Self::of_identities(installations.into_iter().map(|installation| &installation.identity))
    }

    /// The same, by what interpreters are.
    pub fn of_identities<'a>(identities: impl IntoIterator<Item = &'a Identity>) -> Self {
        let by_version = |identity: &&Identity| {
            let short = format!("{}-{}", identity.kind.as_str(), identity.version.short());
            identity.kind == Kind::CPython && identity.label == short
        };
        Self::new(
            identities
                .into_iter()
                .filter(by_version)
                .map(|identity| (identity.label.clone(), identity.version.short())),
        )
    }

    /// The argument of `--python` that reaches this interpreter.
    fn argument(&self, identity: &Identity) -> String {
        if let Some(argument) = self.0.get(&identity.label) {
            return argument.clone();
        }
        match (&identity.path, identity.kind) {
            (Some(path), _) => path.display().to_string(),
            (None, Kind::Model) => format!("model:{}", identity.version.short()),
            (None, _) => identity.version.to_string(),
        }
    }
}

/// `taster replay ...` for this ordering of a scenario, on the interpreter and under the clock of its origin.
pub(super) fn replay(origin: FindingOrigin<'_>, word: &[usize], spellings: &Spellings) -> String {
    let arguments = [
        origin.scenario.path.display().to_string(),
        "--order".into(),
        order(origin.scenario, word),
        "--python".into(),
        spellings.argument(origin.interpreter),
        "--timestamps".into(),
        origin.timestamps.written.clone(),
    ];
    let quoted = arguments.iter().map(|argument| quote(argument));
    format!("taster replay {}", quoted.collect::<Vec<_>>().join(" "))
}

/// `--order ...` for this ordering.
pub(super) fn order_option(scenario: &Scenario, word: &[usize]) -> String {
    format!("--order {}", quote(&order(scenario, word)))
}

/// A word as `--order` takes it: test names with commas between. No name holds one.
fn order(scenario: &Scenario, word: &[usize]) -> String {
    let name = |&test: &usize| scenario.tests[test].name.as_str();
    word.iter().map(name).collect::<Vec<_>>().join(",")
}

fn quote(argument: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.,/:=@%+".contains(&byte);
    if !argument.is_empty() && argument.bytes().all(is_plain) {
        return argument.to_owned();
    }
    // A NUL, the one thing that cannot be quoted, is in no path, name or duration.
    shlex::try_quote(argument).map_or_else(|_| argument.to_owned(), Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn names_with_odd_characters_survive_the_shell() {
        let mut verdict = samples::poisoned();
        verdict.scenario.tests[0].name = "it's \"odd\"".into();
        let command = replay(FindingOrigin::of(&verdict), &[0, 1], &Spellings::default());
        let words = shlex::split(&command).expect("quotes are closed");
        assert_eq!(words[4], "it's \"odd\",second");
    }

    #[test]
    fn an_interpreter_goes_by_its_path_unless_something_shorter_is_known() {
        let verdict = samples::poisoned();
        let by_path = replay(FindingOrigin::of(&verdict), &[0, 0, 1, 1], &Spellings::default());
        assert_eq!(
            by_path,
            "taster replay scenarios/ten-lines.toml --order first,first,second,second \
             --python /usr/bin/python3.11 --timestamps 1s",
        );
        let spellings = Spellings::new([("cpython-3.11".to_owned(), "3.11".to_owned())]);
        assert!(
            replay(FindingOrigin::of(&verdict), &[0, 0, 1, 1], &spellings)
                .contains("--python 3.11 --timestamps")
        );
    }
}
