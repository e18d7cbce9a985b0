//! `taster replay`: one ordering step by step, or the two of a finding side by side.

use taster::ordering::Shape;
use taster::replay::Replay;
use taster::report;
use taster::run::Diagnosis;
use taster::scenario::Scenario;

use crate::finding_option::{SourceOptions, named};
use crate::format::print;
use crate::status::{CommandError, Status, complain};

/// Options of `taster replay`.
#[derive(Debug, clap::Args)]
pub(crate) struct ReplayOptions {
    #[command(flatten)]
    source: SourceOptions,
    /// The ordering to perform: names of tests, comma-separated; one per step under `permute = "steps"`, else one per test
    #[arg(long, value_name = "A,B,A,B", value_delimiter = ',', required_unless_present = "finding")]
    order: Vec<String>,
    /// Show the failing and the passing ordering of a finding side by side; N is its number in the report of `taster run`
    #[arg(long, value_name = "N", conflicts_with = "order")]
    finding: Option<usize>,
}

/// Replays what the options name. Status 1 where a test fails in it.
pub(crate) fn replay(options: &ReplayOptions) -> Result<Status, CommandError> {
    options.finding.map_or_else(|| replay_order(options), |number| replay_finding(options, number))
}

/// One ordering, on the first interpreter that is asked for, under the first clock.
fn replay_order(options: &ReplayOptions) -> Result<Status, CommandError> {
    let scenario = options.source.read()?;
    let (scenario, ordering) = ordered(&scenario, &options.order)?;
    let installations = options.source.interpreters.installations()?;
    let [installation, others @ ..] = installations.as_slice() else {
        return Err(CommandError::CouldNot("no interpreter was found to replay the ordering on".into()));
    };
    if options.source.interpreters.is_explicit() && !others.is_empty() {
        complain(format!(
            "several interpreters are named: replaying on {} only",
            installation.identity.label
        ));
    }
    let replayed = taster::replay::replay(&scenario, installation, &scenario.timestamps[0], &ordering)
        .map_err(CommandError::because)?;
    print(&report::replayed(&scenario, &replayed))?;
    Ok(status(&replayed))
}

/// Both orderings of a finding, on the interpreter that met it first; where it has but one, that.
fn replay_finding(options: &ReplayOptions, number: usize) -> Result<Status, CommandError> {
    let judged = options.source.judge(Diagnosis::Full)?;
    let (verdict, finding) = judged.numbered(number)?;
    let installation = judged.installation(verdict)?;
    let (failing, passing) =
        taster::replay::replay_finding(&judged.scenario, installation, &verdict.timestamps, finding)
            .map_err(CommandError::because)?;
    print(&match passing {
        Some(passing) => report::timeline(&judged.scenario, &failing, &passing),
        None => report::replayed(&judged.scenario, &failing),
    })?;
    Ok(status(&failing))
}

fn status(replayed: &Replay) -> Status {
    let failed = replayed.steps.iter().any(|step| step.outcome.is_failure());
    if failed { Status::Differs } else { Status::AsDeclared }
}

/// The scenario with the tests that `order` names, and the word that it writes.
fn ordered(scenario: &Scenario, names: &[String]) -> Result<(Scenario, Vec<usize>), CommandError> {
    let tests = names.iter().map(|name| named(scenario, name)).collect::<Result<Vec<_>, _>>()?;
    let scenario = scenario.restricted(&tests);
    let word = names.iter().map(|name| named(&scenario, name)).collect::<Result<Vec<_>, _>>()?;
    let known: Vec<&str> = scenario.tests.iter().map(|test| test.name.as_str()).collect();
    Shape::of(&scenario).check(&word, &known).map_err(CommandError::because)?;
    Ok((scenario, word))
}
