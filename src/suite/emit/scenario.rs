//! Builds a scenario from the actions of tests: recorded file operations and imports become steps, are shrunk, and are
//! run.
//!
//! `paths` converts single actions to steps. A closure asks the engine whether a scenario shows the cause.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::paths::{ScenarioPaths, quoted};
use crate::cause::Cause;
use crate::kind::FindingKind;
use crate::minimize::minimize;
use crate::suite::runner::message::RecordedStep;

/// The result of running a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScenarioResult {
    pub(crate) findings: Vec<ScenarioFinding>,
    /// Whether the findings are exactly the declared ones.
    pub(crate) as_declared: bool,
}

/// A finding from a run of the scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScenarioFinding {
    pub(crate) kind: FindingKind,
    pub(crate) test: String,
    pub(crate) others: Vec<String>,
    pub(crate) cause: Cause,
}

/// A step of one test, as TOML.
#[derive(Debug, Clone, PartialEq, Eq)]
struct DraftStep {
    test: usize,
    toml: String,
}

/// What a scenario should show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aim<'a> {
    pub(crate) title: &'a str,
    /// Victim or brittle.
    pub(crate) kind: FindingKind,
    pub(crate) cause: Cause,
    /// Whether bytecode was written when the finding was made.
    pub(crate) bytecode: bool,
}

/// The steps of a recording that a scenario can hold.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    aim: Aim<'a>,
    setup: Vec<String>,
    names: Vec<String>,
    steps: Vec<DraftStep>,
}

impl<'a> Draft<'a> {
    /// Makes steps from a recording of tests that ran in this order. The last test is the victim, or the brittle one,
    /// and `checks` are steps to add at its end.
    pub(crate) fn new(
        aim: Aim<'a>,
        places: &ScenarioPaths,
        recorded: &[RecordedStep],
        order: &[usize],
        checks: &[String],
    ) -> Self {
        let mut texts = places.texts();
        let mut steps = Vec::new();
        for each in recorded {
            let number = usize::try_from(each.test).ok();
            let Some(test) = number.and_then(|number| order.iter().position(|test| *test == number)) else {
                continue;
            };
            steps.extend(places.step(each, &mut texts).map(|toml| DraftStep { test, toml }));
        }
        let last = order.len() - 1;
        steps.extend(checks.iter().map(|toml| DraftStep { test: last, toml: toml.clone() }));
        let (one, other) = words(aim.kind);
        let named = |test: usize| match (test == last, last) {
            (true, _) => one.to_owned(),
            (false, 1) => other.to_owned(),
            _ => format!("{other}-{}", test + 1),
        };
        Self { aim, setup: places.setup(), names: (0..order.len()).map(named).collect(), steps }
    }

    /// The smallest scenario that shows this cause, with its findings declared, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// Returns the engine's error about the whole draft. If the engine rejects a part of the draft, that part does not
    /// show the cause.
    pub(crate) fn shrunk<E>(
        &self,
        mut run: impl FnMut(&str) -> Result<ScenarioResult, E>,
    ) -> Result<Option<String>, E> {
        let idle = |test: usize| self.steps.iter().all(|step| step.test != test);
        if (0..self.names.len()).any(idle) {
            return Ok(None);
        }
        let bytecode = self.aim.bytecode;
        let whole_draft = run(&self.toml(&self.setup, &self.steps, bytecode, &[]))?;
        if !self.has_cause(&whole_draft) {
            return Ok(None);
        }
        // A shrunk step must not break a test that had done its part: that would be another story.
        let broken = broken_in(&whole_draft);
        let mut has_it = |setup: &[String], steps: &[DraftStep], bytecode: bool| {
            let whole = (0..self.names.len()).all(|test| steps.iter().any(|step| step.test == test));
            let shown = if whole { run(&self.toml(setup, steps, bytecode, &[])).ok() } else { None };
            Ok::<bool, E>(shown.is_some_and(|shown| self.has_cause(&shown) && broken_in(&shown) == broken))
        };
        let steps = minimize(&self.steps, |steps| has_it(&self.setup, steps, bytecode))?;
        let setup = minimize(&self.setup, |setup| has_it(setup, &steps, bytecode))?;
        // A step may have been needed only for a part of the setup that is gone.
        let steps = if setup == self.setup {
            steps
        } else {
            minimize(&steps, |steps| has_it(&setup, steps, bytecode))?
        };
        let bytecode = bytecode || has_it(&setup, &steps, true)?;
        let shown = run(&self.toml(&setup, &steps, bytecode, &[]))?;
        let text = self.toml(&setup, &steps, bytecode, &shown.findings);
        if !run(&text)?.as_declared {
            return Ok(None);
        }
        let readable = with_stable_names(&text);
        let still =
            readable != text && run(&readable).is_ok_and(|shown| shown.as_declared && self.has_cause(&shown));
        Ok(Some(if still { readable } else { text }))
    }

    fn toml(
        &self,
        setup: &[String],
        steps: &[DraftStep],
        bytecode: bool,
        findings: &[ScenarioFinding],
    ) -> String {
        let mut text = format!("title = {}\n", quoted(self.aim.title));
        if !bytecode {
            text.push_str("bytecode = false\n");
        }
        let one_line = setup.join(", ");
        let _infallible = if one_line.len() < 100 {
            writeln!(text, "setup = [{one_line}]")
        } else {
            writeln!(text, "setup = [\n  {},\n]", setup.join(",\n  "))
        };
        text.push_str("\n[clock]\ntimestamps = [\"1s\"]\n");
        for (test, name) in self.names.iter().enumerate() {
            let _infallible = write!(text, "\n[[test]]\nname = \"{name}\"\nsteps = [\n");
            for step in steps.iter().filter(|step| step.test == test) {
                let _infallible = writeln!(text, "  {},", step.toml);
            }
            text.push_str("]\n");
        }
        for ScenarioFinding { kind, test, others, cause } in findings {
            let _infallible =
                write!(text, "\n[[{}]]\n{} = {}\n", kind.table(), kind.subject_key(), quoted(test));
            if let Some(key) = kind.others_key() {
                let others: Vec<String> = others.iter().map(|other| quoted(other)).collect();
                let _infallible =
                    write!(text, "{key} = [{}]\ncause = \"{}\"\n", others.join(", "), cause.code());
            }
        }
        text
    }

    fn has_cause(&self, shown: &ScenarioResult) -> bool {
        let (one, _) = words(self.aim.kind);
        let has = |finding: &ScenarioFinding| {
            finding.kind == self.aim.kind && finding.test == one && finding.cause == self.aim.cause
        };
        shown.findings.iter().any(has)
    }
}

/// The names of the test and of those before it.
fn words(kind: FindingKind) -> (&'static str, &'static str) {
    match kind {
        FindingKind::Brittle => ("brittle", "state-setter"),
        _ => ("victim", "polluter"),
    }
}

fn broken_in(shown: &ScenarioResult) -> Vec<&str> {
    let broken = shown.findings.iter().filter(|finding| finding.kind == FindingKind::Broken);
    broken.map(|finding| finding.test.as_str()).collect()
}

/// The text with stable names in place of the names that `tempfile` makes up, which differ in every run.
fn with_stable_names(text: &str) -> String {
    let made_up = |at: usize| {
        let name = text.get(at..at + 11)?;
        let of_tempfile =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        let inside = |letter: char| of_tempfile(letter) || letter.is_ascii_uppercase();
        let begins = !text[..at].ends_with(inside);
        let ends = !text[at + 11..].starts_with(inside);
        (begins && ends && name[3..].chars().all(of_tempfile)).then_some(name)
    };
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for name in text.match_indices("tmp").filter_map(|(at, _)| made_up(at)) {
        let number = names.len() + 1;
        names.entry(name).or_insert_with(|| format!("temporary_{number}"));
    }
    names.iter().fold(text.to_owned(), |text, (name, stable)| text.replace(name, stable))
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::{Aim, Cause, Draft, FindingKind, ScenarioFinding, ScenarioResult, with_stable_names};
    use crate::suite::emit::paths::ScenarioPaths;
    use crate::suite::runner::message::RecordedStep;

    fn recorded(test: i64, verb: &str, subject: &str, detail: &str) -> RecordedStep {
        RecordedStep { test, verb: verb.to_owned(), subject: subject.to_owned(), detail: detail.to_owned() }
    }

    /// The scenario that remains of a recording, if the cause shows whenever all of `needed` is there.
    fn shrunk(bytecode: bool, needed: &[&str]) -> String {
        let steps = [
            recorded(7, "sys-path", "/tmp/x", ""),
            recorded(7, "import", "json", ""),
            recorded(7, "write", "/tmp/x/one.py", "a = 0\n"),
            recorded(7, "import", "one", ""),
            recorded(7, "remove", "/tmp/x/one.py", ""),
            recorded(4, "write", "/tmp/x/two.py", "b = 1\n"),
            recorded(4, "import", "two", ""),
        ];
        let cause = Cause::StaleDirectoryListing;
        let aim = Aim { title: "two fails after one", kind: FindingKind::Victim, cause, bytecode };
        let places = ScenarioPaths::of(&steps, false, false);
        let draft = Draft::new(aim, &places, &steps, &[7, 4], &[]);
        let run = |text: &str| {
            let shows = needed.iter().all(|part| text.contains(part));
            let finding = ScenarioFinding {
                kind: FindingKind::Victim,
                test: "victim".to_owned(),
                others: vec!["polluter".to_owned()],
                cause,
            };
            Ok::<_, Infallible>(ScenarioResult {
                findings: if shows { vec![finding] } else { Vec::new() },
                as_declared: text.contains("[[poisoning]]"),
            })
        };
        let Ok(text) = draft.shrunk(run);
        text.unwrap()
    }

    #[test]
    fn steps_that_the_cause_does_not_need_are_left_out() {
        let text = shrunk(true, &["import = \"one\"", "import = \"two\""]);
        let steps: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  { ")).collect();
        assert_eq!(
            steps,
            ["import = \"one\", expect = { a = 0 } },", "import = \"two\", expect = { b = 1 } },"]
        );
    }

    #[test]
    fn no_bytecode_is_written_only_where_that_matters() {
        let imports = ["import = \"one\"", "import = \"two\""];
        assert!(!shrunk(false, &imports).contains("bytecode"));
        assert!(shrunk(false, &[imports[0], imports[1], "bytecode = false"]).contains("bytecode = false"));
    }

    #[test]
    fn only_names_that_tempfile_made_up_are_replaced() {
        let text =
            "write = \"d/tmpab12_xyz.py\" import = \"tmpab12_xyz\" tmpdir tmp_not_made_up xtmpcd12_xyz";
        let stable =
            "write = \"d/temporary_1.py\" import = \"temporary_1\" tmpdir tmp_not_made_up xtmpcd12_xyz";
        assert_eq!(with_stable_names(text), stable);
    }
}
