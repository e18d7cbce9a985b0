//! The finding that a command line names: by its number in the report of `taster run`, or by its victim.

use std::path::PathBuf;
use std::time::Duration;

use taster::budget::Interruption;
use taster::diagnose::Finding;
use taster::interpreter::Installation;
use taster::kind::FindingKind;
use taster::report;
use taster::run::{Diagnosis, everywhere};
use taster::scenario::{self, ReadError, Scenario, Timestamps};
use taster::verdict::Verdict;

use crate::files;
use crate::pythons_option::InterpreterOptions;
use crate::status::{CommandError, complain};

/// Options that say where findings are sought.
#[derive(Debug, clap::Args)]
pub(crate) struct SourceOptions {
    /// A scenario file
    pub(crate) scenario: PathBuf,
    #[command(flatten)]
    pub(crate) interpreters: InterpreterOptions,
    /// Timestamps to use: a duration or a preset [default: those of the scenario]
    #[arg(long, value_name = "TICK")]
    pub(crate) timestamps: Option<Timestamps>,
}

/// A scenario, and what was found of it.
#[derive(Debug)]
pub(crate) struct JudgedScenario {
    pub(crate) scenario: Scenario,
    installations: Vec<Installation>,
    verdicts: Vec<Verdict>,
}

impl SourceOptions {
    /// The scenario, with the timestamps that are wanted.
    pub(crate) fn read(&self) -> Result<Scenario, CommandError> {
        let mut scenario = scenario::read(&self.scenario).map_err(|unreadable| {
            if !matches!(unreadable, ReadError::Problems(_)) {
                return CommandError::because(unreadable);
            }
            files::complain_of(&unreadable);
            CommandError::CouldNot(format!("{} is not a scenario", self.scenario.display()))
        })?;
        if let Some(timestamps) = &self.timestamps {
            scenario.timestamps = vec![timestamps.clone()];
        }
        Ok(scenario)
    }

    /// Seeks findings on every interpreter that is meant, under every clock.
    pub(crate) fn judge(&self, depth: Diagnosis) -> Result<JudgedScenario, CommandError> {
        let scenario = self.read()?;
        let installations = self.interpreters.installations()?;
        let mut options = taster::run::RunOptions::default();
        (options.diagnose, options.second_opinion) = (depth, false);
        options.diagnose_time = Duration::ZERO;
        options.interruption = Interruption::on_ctrl_c();
        let mut verdicts = Vec::new();
        let mut problem = None;
        for place in everywhere(&scenario, &installations) {
            match place.run(&options, &|_| {}) {
                Ok(verdict) => verdicts.push(verdict),
                Err(error) => problem = Some(format!("{}: {error}", place.installation.identity.label)),
            }
        }
        match problem {
            Some(problem) if verdicts.is_empty() => Err(CommandError::CouldNot(problem)),
            _ => Ok(JudgedScenario { scenario, installations, verdicts }),
        }
    }
}

impl JudgedScenario {
    /// The finding of this number in the report of `taster run`, and the run that met it first.
    pub(crate) fn numbered(&self, number: usize) -> Result<(&Verdict, &Finding), CommandError> {
        let numbered = report::numbered(&self.verdicts);
        let found = number.checked_sub(1).and_then(|at| numbered.get(at).copied());
        found.ok_or_else(|| {
            let file = self.scenario.path.display();
            CommandError::CouldNot(match numbered.len() {
                0 => format!("{file} has no findings here"),
                1 => format!("{file} has no finding {number} here; there is one, 1"),
                count => format!("{file} has no finding {number} here; there are 1 to {count}"),
            })
        })
    }

    /// The finding whose victim has this name, of this polluter where one is named.
    pub(crate) fn of_victim(
        &self,
        victim: &str,
        polluter: Option<&str>,
    ) -> Result<(&Verdict, &Finding), CommandError> {
        let test = named(&self.scenario, victim)?;
        let polluter = polluter.map(|name| named(&self.scenario, name)).transpose()?;
        let fits = |finding: &Finding| {
            let polluted = polluter.is_none_or(|polluter| finding.others.contains(&polluter));
            finding.kind == FindingKind::Victim && finding.test == test && polluted
        };
        let all: Vec<_> =
            report::numbered(&self.verdicts).into_iter().filter(|(_, finding)| fits(finding)).collect();
        let Some(&(verdict, finding)) = all.first() else {
            let sentence = match polluter {
                Some(test) => format!("{} does not make {victim} fail", self.scenario.tests[test].name),
                None => format!("nothing makes {victim} fail"),
            };
            return Err(CommandError::CouldNot(format!("{sentence} on these interpreters")));
        };
        if all.len() > 1 {
            let name = |finding: &Finding| {
                let names = finding.others.iter().map(|&test| self.scenario.tests[test].name.as_str());
                names.collect::<Vec<_>>().join(" and ")
            };
            let others: Vec<String> = all[1..].iter().map(|(_, finding)| name(finding)).collect();
            complain(format!("taking {}; --polluter names another of: {}", name(finding), others.join(", ")));
        }
        Ok((verdict, finding))
    }

    /// The interpreter of a verdict.
    pub(crate) fn installation(&self, verdict: &Verdict) -> Result<&Installation, CommandError> {
        let is_it = |installation: &&Installation| installation.identity == verdict.interpreter;
        self.installations
            .iter()
            .find(is_it)
            .ok_or_else(|| CommandError::CouldNot("the interpreter is gone".into()))
    }

    /// All interpreters that were meant.
    pub(crate) fn installations(&self) -> &[Installation] {
        &self.installations
    }
}

/// The test of this name.
pub(crate) fn named(scenario: &Scenario, name: &str) -> Result<usize, CommandError> {
    scenario.test_named(name).ok_or_else(|| {
        let known: Vec<&str> = scenario.tests.iter().map(|test| test.name.as_str()).collect();
        CommandError::CouldNot(format!("there is no test `{name}`; there are {}", known.join(", ")))
    })
}
