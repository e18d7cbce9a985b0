//! A directory of scenarios as libtest-mimic trials: `harness = false` test targets call it. `run` explores and
//! judges; this module has the names, the ignored trials, and the exit status.

mod lane;
mod name;
mod plan;
mod trial;

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, FormatSetting, Trial};

use self::lane::LaneSettings;
use self::trial::{Context, Remark};
use crate::bless::TestRun;
use crate::report;

/// The exit status if trials could not even be listed.
const COULD_NOT_JUDGE: u8 = 2;

/// Runs every scenario of `directory` as trials, one per scenario, interpreter and timestamps, and returns the
/// exit status of the test target: 0; 101 if a trial failed; 2 if there was nothing to judge.
///
/// Reads libtest's arguments from the command line, and `TASTER_PYTHON`, `TASTER_REQUIRE_PYTHON`,
/// `TASTER_UNCONFINED` and `TASTER_BLESS` from the environment.
///
/// ```no_run
/// fn main() -> std::process::ExitCode {
///     taster::harness("scenarios")
/// }
/// ```
pub fn harness(directory: impl AsRef<Path>) -> ExitCode {
    let arguments = Arguments::from_args();
    match run(directory.as_ref(), &arguments) {
        Ok(status) => status,
        Err(reason) => {
            complain(&reason);
            ExitCode::from(COULD_NOT_JUDGE)
        }
    }
}

fn run(directory: &Path, arguments: &Arguments) -> Result<ExitCode, String> {
    let mut wish = LaneSettings::from_environment();
    let lanes = lane::lanes(&wish)?;
    let planned = plan::plan(directory, arguments, &lanes)?;
    if let Some(run) = &mut wish.run {
        run.trials = plan::trials_by_file(&planned);
    }
    let context = Arc::new(Context::new(&lanes, &planned, wish.bless));
    let trials: Vec<_> = planned.into_iter().map(|planned| trial::trial(planned, &context)).collect();
    if arguments.list && arguments.logfile.is_none() {
        return list(arguments, &trials).map_err(|error| format!("cannot write the list: {error}"));
    }
    if let Some(warning) = lane::warning(&lanes) {
        complain(warning);
    }
    let conclusion = libtest_mimic::run(arguments, trials);
    let remarks = context.take_remarks();
    complain_of(&remarks);
    if arguments.show_output && arguments.format != Some(FormatSetting::Json) {
        show_successes(&remarks);
    }
    bless_all(&context, wish.run.as_ref())?;
    Ok(conclusion.exit_code())
}

/// `TASTER_BLESS=1`: rewrites the declarations of the judged scenarios, and shows the difference.
fn bless_all(context: &Context, run: Option<&TestRun>) -> Result<(), String> {
    for blessed in context.take_observations().bless(run) {
        let diff = report::diff(&blessed.map_err(|problem| problem.to_string())?);
        // There is nowhere else to report it.
        let _ = io::stderr().write_all(diff.as_bytes());
    }
    Ok(())
}

/// The output of libtest-mimic for `--list`, written at once: nextest and editors list often.
fn list(arguments: &Arguments, trials: &[Trial]) -> io::Result<ExitCode> {
    let listed = trials.iter().filter(|trial| !arguments.is_filtered_out(trial));
    let text: String = listed.flat_map(|trial| [trial.name(), ": test\n"]).collect();
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// One line per reason why a trial was not run or not complete.
fn complain_of(remarks: &[Remark]) {
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for remark in remarks {
        match remark {
            Remark::NotRun { reason } => *reasons.entry(reason).or_default() += 1,
            Remark::Incomplete { name, covered } => {
                complain(&format!("{name}: no undeclared findings so far (search incomplete): {covered}"));
            }
            Remark::Passed { .. } => {}
        }
    }
    for (reason, count) in reasons {
        let trials = if count == 1 { "1 trial".into() } else { format!("{count} trials") };
        complain(&format!("not run: {trials}: {reason}"));
    }
}

/// `--show-output`: the reports of passed trials.
fn show_successes(remarks: &[Remark]) {
    let mut text = String::from("successes:\n\n");
    for remark in remarks {
        if let Remark::Passed { name, report } = remark {
            text += &["---- ", name, " ----\n", report, "\n"].concat();
        }
    }
    // If stdout is closed, nobody reads it.
    let _ = io::stdout().write_all(text.as_bytes());
}

fn complain(sentence: &str) {
    // There is nowhere else to report it.
    let _ = writeln!(io::stderr(), "taster: {sentence}");
}
