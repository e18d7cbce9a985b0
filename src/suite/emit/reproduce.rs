//! Ways to reproduce a finding without the hunt: a scenario if the import system is the cause, else a pytest command
//! (`command`). Each is run before it is reported.

use std::fs;
use std::path::Path;

use super::assertions::checks;
use super::emitter::{Emitter, ReproductionError, last_part, numbers, shell, slug, write};
use super::paths::ScenarioPaths;
use super::scenario::{Aim, Draft, ScenarioFinding, ScenarioResult};
use crate::interpreter::{Installation, choose, cpython::discover};
use crate::kind::FindingKind;
use crate::run::{RunOptions, run};
use crate::scenario::parse;
use crate::suite::finding::HuntFinding;
use crate::suite::judge::cause;
use crate::suite::reproduction::Reproduction;
use crate::suite::runner::message::RecordedStep;
use crate::suite::runner::run::{Runner, TestRunOptions};
use crate::suite::runner::zygote::Zygote;
use crate::verdict::Judgement;

impl Emitter<'_> {
    /// Writes a reproduction of the finding. Returns a note if it is less than a scenario.
    pub(crate) fn emit(
        &self,
        zygote: &mut Zygote,
        finding: &mut HuntFinding,
    ) -> Result<Option<String>, ReproductionError> {
        fs::create_dir_all(self.folder)
            .map_err(|source| ReproductionError::Write { path: self.folder.to_owned(), source })?;
        let mut note = None;
        if matches!(finding.finding, FindingKind::Victim | FindingKind::Brittle)
            && cause::has_scenarios(finding.cause)
        {
            match self.scenario(zygote, finding) {
                Ok(Some(reproduction)) => {
                    finding.reproduction = Some(reproduction);
                    return Ok(None);
                }
                Ok(None) => {
                    note = Some(format!(
                        "{}: could not reduce the recorded file operations to a scenario",
                        finding.victim
                    ));
                }
                Err(ReproductionError::Scenario(why)) => {
                    let why = why.lines().next().unwrap_or_default();
                    note = Some(format!("{}: no scenario: {why}", finding.victim));
                }
                Err(other) => return Err(other),
            }
        }
        finding.reproduction = self.command(zygote, finding)?;
        Ok(note)
    }

    fn scenario(
        &self,
        zygote: &mut Zygote,
        finding: &HuntFinding,
    ) -> Result<Option<Reproduction>, ReproductionError> {
        let order = numbers(zygote, finding);
        if zygote.suite.about.python.starts_with("3.6.") || zygote.suite.about.python.starts_with("3.7.") {
            let why = "taster records what tests do on Python 3.8 and later only";
            return Err(ReproductionError::Scenario(why.to_owned()));
        }
        let python = self.settings.python.to_string_lossy();
        let installation = choose::choose(&[&*python], &discover::Places::default());
        let installation = installation.map_err(|error| ReproductionError::Scenario(error.to_string()))?;
        let installation =
            installation.first().ok_or_else(|| ReproductionError::Scenario("no interpreter".to_owned()))?;
        let Some(text) = smallest_scenario(zygote, finding, &order, installation)? else {
            return Ok(None);
        };
        let path = self.folder.join(format!("{}.toml", slug(finding)));
        write(&path, &text)?;
        let path = path.to_string_lossy().into_owned();
        let command = format!("taster run --python {} {}", shell(&python), shell(&path));
        Ok(Some(Reproduction { command, files: vec![path], shows_it: true }))
    }
}

/// Records the tests together and the last one alone. Then makes drafts of scenarios, the plainest first, until one
/// shows the cause.
fn smallest_scenario(
    zygote: &mut Zygote,
    finding: &HuntFinding,
    order: &[usize],
    installation: &Installation,
) -> Result<Option<String>, ReproductionError> {
    let Some(&last) = order.last() else { return Ok(None) };
    let how = TestRunOptions { record: true, ..TestRunOptions::plain(finding.timestamps) };
    let together = zygote.run(order, &how)?.recorded;
    let alone = zygote.run(&[last], &how)?.recorded;
    let brittle = finding.finding == FindingKind::Brittle;
    let (passing, failing) = if brittle { (&together, &alone) } else { (&alone, &together) };
    let checks = checks(finding, last, passing, failing);
    // A module that another test has imported is not imported again: run alone, a test shows all its imports.
    let of_last = |each: &RecordedStep| usize::try_from(each.test) == Ok(last);
    let apart: Vec<RecordedStep> =
        together.iter().filter(|each| !of_last(each)).chain(&alone).cloned().collect();
    let names: Vec<&str> = finding.before().iter().map(|id| last_part(id)).collect();
    let verb = if brittle { "passes only" } else { "fails" };
    let title = format!("{} {verb} after {}", last_part(&finding.victim), names.join(" and "));
    let bytecode = zygote.suite.about.bytecode;
    let aim = Aim { title: &title, kind: finding.finding, cause: finding.cause, bytecode };
    let variants: [(&[RecordedStep], bool, bool, &[String]); 4] = [
        (&together, false, false, &[]),
        (&apart, true, false, &checks),
        (&apart, true, true, &checks),
        (&together, true, false, &checks),
    ];
    let mut refused = None;
    for (recorded, with_modules, path_steps, checks) in variants {
        let places = ScenarioPaths::of(recorded, with_modules, path_steps);
        let draft = Draft::new(aim, &places, recorded, order, checks);
        match draft.shrunk(|text| engine(text, installation)) {
            Ok(Some(text)) => return Ok(Some(text)),
            Ok(None) => {}
            Err(error) => refused = Some(error),
        }
    }
    refused.map_or(Ok(None), Err)
}

fn engine(text: &str, installation: &Installation) -> Result<ScenarioResult, ReproductionError> {
    let scenario = parse(Path::new("scenario.toml"), text).map_err(|problems| {
        ReproductionError::Scenario(format!("the recorded steps do not form a valid scenario: {problems}"))
    })?;
    let options = RunOptions { audit: 0, jobs: 1, ..RunOptions::default() };
    let Some(timestamps) = scenario.timestamps.first().cloned() else {
        return Err(ReproductionError::Scenario("no timestamps".to_owned()));
    };
    let verdict = run(&scenario, installation, &timestamps, &options, &|_| ())
        .map_err(|error| ReproductionError::Scenario(error.to_string()))?;
    let name = |test: &usize| scenario.tests[*test].name.clone();
    let findings = verdict.findings.iter().map(|finding| {
        let others = finding.others.iter().map(name).collect();
        ScenarioFinding { kind: finding.kind, test: name(&finding.test), others, cause: finding.cause }
    });
    Ok(ScenarioResult {
        findings: findings.collect(),
        as_declared: verdict.judgement == Judgement::AsDeclared,
    })
}
