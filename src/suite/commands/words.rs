//! The words of commands that a person pastes: plain pytest with tests in order, or the hunt that shows a finding.

use std::path::{Path, PathBuf};

use super::options::{Hindrance, without_hindrances, without_places};
use crate::suite::emit::emitter::shell;
use crate::suite::finding::HuntFinding;
use crate::suite::runner::message::CollectedSuite;
use crate::suite::settings::{HuntSettings, Isolation};

/// The variable with options for pytest.
const ADDOPTS: &str = "PYTEST_ADDOPTS";

/// What all commands of a hunt have in common.
#[derive(Debug)]
pub(super) struct CommandWords<'a> {
    settings: &'a HuntSettings,
    about: &'a CollectedSuite,
    here: PathBuf,
    /// The user's arguments without those that name tests.
    options: Vec<String>,
}

/// One way to start pytest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PytestStart {
    /// Another value of the environment's options for pytest, or the caller's.
    environment: Option<String>,
    options: Vec<String>,
}

impl<'a> CommandWords<'a> {
    pub(super) fn new(settings: &'a HuntSettings, about: &'a CollectedSuite, here: PathBuf) -> Self {
        let options = without_places(&settings.arguments, &about.positional);
        Self { settings, about, here, options }
    }

    /// The ways to start pytest, the plainest first; one that may hold only by chance is none.
    pub(super) fn starts(&self) -> Vec<PytestStart> {
        let plain = PytestStart { environment: None, options: self.options.clone() };
        let (options, in_options) = without_hindrances(&self.options);
        let (addopts, in_addopts) = without_hindrances(&self.about.addopts);
        let of_environment = shlex::split(&self.about.environment).unwrap_or_default();
        let (environment, in_environment) = without_hindrances(&of_environment);
        let mut careful = PytestStart { environment: None, options: Vec::new() };
        if in_addopts.is_some() {
            careful.options = vec!["-o".to_owned(), format!("addopts={}", joined(&addopts))];
        }
        careful.options.extend(options);
        for plugin in &self.about.shuffling {
            careful.options.extend(["-p".to_owned(), format!("no:{plugin}")]);
        }
        if self.about.measures_coverage {
            careful.options.push("--no-cov".to_owned());
        }
        careful.environment = in_environment.map(|_| joined(&environment));
        let by_chance = !self.about.shuffling.is_empty()
            || [in_options, in_addopts, in_environment].contains(&Some(Hindrance::ByChance));
        let mut starts = if by_chance { Vec::new() } else { vec![plain] };
        if !starts.contains(&careful) {
            starts.push(careful);
        }
        starts
    }

    /// A node id as it must be written in the current directory.
    pub(super) fn id(&self, id: &str) -> String {
        let root = Path::new(&self.about.root);
        let path = |id: &Path| id.to_string_lossy().into_owned();
        if self.here == root {
            return id.to_owned();
        }
        if let Ok(inside) = self.here.strip_prefix(root) {
            return match Path::new(id).strip_prefix(inside) {
                Ok(rest) => path(rest),
                Err(_) => path(&root.join(id)),
            };
        }
        let below = root.strip_prefix(&self.here).unwrap_or(root);
        path(&below.join(id))
    }

    /// The command that starts pytest with these tests, as a person pastes it.
    pub(super) fn pytest(&self, start: &PytestStart, ids: &[String]) -> String {
        let environment = start.environment.as_ref();
        let environment = environment.map(|value| format!("{ADDOPTS}={} ", shell(value))).unwrap_or_default();
        environment + &self.pytest_alone(start, ids)
    }

    /// The same, writing a report for machines to a file.
    pub(super) fn reporting(&self, start: &PytestStart, ids: &[String], report: &Path) -> String {
        let environment = start.environment.as_ref().unwrap_or(&self.about.environment);
        let report = shell(&report.to_string_lossy());
        let with_report = format!("{environment} --junit-xml={report} -o junit_family=xunit1");
        format!("{ADDOPTS}={} {}", shell(with_report.trim()), self.pytest_alone(start, ids))
    }

    fn pytest_alone(&self, start: &PytestStart, ids: &[String]) -> String {
        let words: Vec<String> = start.options.iter().chain(ids).map(|word| shell(word)).collect();
        format!("{} -m pytest {}", self.python(), words.join(" "))
    }

    /// The hunt that shows a finding; `order` is a file with its order, or without one the order is part of the command.
    pub(super) fn hunt(
        &self,
        finding: &HuntFinding,
        order: Option<&str>,
        (taster, more): (&str, &str),
    ) -> String {
        let ids = finding.before().iter().chain([&finding.victim]).map(|id| shell(id)).collect::<Vec<_>>();
        let (first, order) = match order {
            Some(file) => (String::new(), shell(file)),
            None => (format!("printf '%s\\n' {} | ", ids.join(" ")), "-".to_owned()),
        };
        let in_place =
            if self.settings.isolation == Isolation::InPlace { " --isolation in-place" } else { "" };
        let mut command = format!(
            "{first}{taster} hunt{more} --python {} --timestamps {} --orders given{in_place} --order {order} --victim {}",
            self.python(),
            finding.timestamps.name(),
            shell(&finding.victim),
        );
        if !self.settings.arguments.is_empty() {
            let arguments: Vec<String> = self.settings.arguments.iter().map(|word| shell(word)).collect();
            command += &format!(" -- {}", arguments.join(" "));
        }
        command
    }

    fn python(&self) -> String {
        let python = &self.settings.python;
        shell(&python.strip_prefix(&self.here).unwrap_or(python).to_string_lossy())
    }
}

/// Words as one text, from which a shell makes the same words.
fn joined(words: &[String]) -> String {
    words.iter().map(|word| shell(word)).collect::<Vec<_>>().join(" ")
}
