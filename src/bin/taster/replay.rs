//! `taster replay`: one ordering, step by step.

use std::io::Write as _;
use std::path::PathBuf;

use taster::ordering::Shape;
use taster::report;
use taster::scenario::{self, Scenario, Timestamps};

use crate::status::{Status, Stop, complain};
use crate::{choice, files};

/// Options of `taster replay`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// A scenario file
    scenario: PathBuf,
    /// The ordering: names of tests, comma-separated; one per step under `permute = "steps"`, else one per test
    #[arg(long, value_name = "A,B,A,B", value_delimiter = ',', required = true)]
    order: Vec<String>,
    #[command(flatten)]
    choice: choice::Interpreters,
    /// Timestamps [default: the scenario's first]
    #[arg(long, value_name = "TICK")]
    timestamps: Option<Timestamps>,
}

/// Replays it on the first interpreter that is asked for. Status 1 where a test fails in it.
pub(crate) fn replay(options: &Options) -> Result<Status, Stop> {
    let scenario = match scenario::read(&options.scenario) {
        Ok(scenario) => scenario,
        Err(unreadable) => {
            files::complain_of(&unreadable);
            return Ok(Status::CouldNotJudge);
        }
    };
    let (scenario, ordering) = ordered(&scenario, &options.order)?;
    let timestamps = options.timestamps.as_ref().unwrap_or(&scenario.timestamps[0]);
    let installations = options.choice.installations()?;
    let [installation, others @ ..] = installations.as_slice() else {
        return Err(Stop::CouldNot("there is no interpreter to replay it on".into()));
    };
    if options.choice.is_explicit() && !others.is_empty() {
        complain(format!(
            "several interpreters are named: replaying on {} only",
            installation.identity.label
        ));
    }
    let replayed =
        taster::run::replay(&scenario, installation, timestamps, &ordering).map_err(Stop::because)?;
    anstream::stdout().write_all(report::replayed(&scenario, &replayed).as_bytes())?;
    let failed = replayed.steps.iter().any(|step| step.outcome.is_failure());
    Ok(if failed { Status::Differs } else { Status::AsDeclared })
}

/// The scenario with the tests that `order` names, and the word that it writes.
fn ordered(scenario: &Scenario, names: &[String]) -> Result<(Scenario, Vec<usize>), Stop> {
    let place = |scenario: &Scenario, name: &String| {
        scenario.test_named(name).ok_or_else(|| {
            let known: Vec<&str> = scenario.tests.iter().map(|test| test.name.as_str()).collect();
            Stop::CouldNot(format!("there is no test `{name}`; there are {}", known.join(", ")))
        })
    };
    let tests = names.iter().map(|name| place(scenario, name)).collect::<Result<Vec<_>, _>>()?;
    let scenario = scenario.restricted(&tests);
    let word = names.iter().map(|name| place(&scenario, name)).collect::<Result<Vec<_>, _>>()?;
    let known: Vec<&str> = scenario.tests.iter().map(|test| test.name.as_str()).collect();
    Shape::of(&scenario).check(&word, &known).map_err(Stop::because)?;
    Ok((scenario, word))
}
