//! A finding as a stand-alone Python script that does not need taster: `python` writes it, and it is run here
//! on a real interpreter before anybody sees it. The caller chooses the finding and the script's destination.

mod literal;
mod python;
mod statements;
mod story;
mod timing;

use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::diagnose::{Finding, Probability};
use crate::explore::{Lab, Performer, Script};
use crate::interpreter::cpython::spawn_confined;
use crate::interpreter::{Installation, NoOutcome, Outcome};
use crate::ordering::Shape;
use crate::scenario::{Scenario, Step, Timestamps};
use crate::world::{Operation, World};
use story::{Act, ScriptClock, Story};
pub use timing::{measure, step_times};

/// How long a script may run.
const PATIENCE: Duration = Duration::from_mins(1);

/// A script that reproduced a finding when it was run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Emitted {
    /// Python source. It exits with 1 and prints the failure if it reproduces the finding, and with 0 otherwise.
    pub script: String,
    /// Its output when it was run.
    pub said: String,
}

/// Why there is no script.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
    /// Only a real interpreter can run it.
    #[error("a script is run before it is printed, and {0} cannot run one: name a real Python with --python")]
    NoPython(String),
    /// The failing step kills the interpreter, or never ends.
    #[error("this failure cannot be reproduced by a stand-alone script: {0}")]
    Untellable(Outcome),
    /// It was run, and did not reproduce the finding.
    #[error("no script reproduces it on {interpreter}: the last one {said}")]
    NotReproduced {
        /// The interpreter's label.
        interpreter: String,
        /// Its output, or how it ended.
        said: String,
    },
    /// Its steps could not be timed.
    #[error("the steps could not be timed: {0}")]
    NotTimed(String),
    /// It could not be run.
    #[error("cannot run the script: {0}")]
    Run(#[from] io::Error),
    /// The interpreter gave no outcome.
    #[error(transparent)]
    Interpreter(#[from] NoOutcome),
}

/// Writes the smallest script that reproduces the finding on this interpreter, after running it there.
///
/// # Errors
/// Returns an error if no script reproduces it, or none could be run.
pub fn emit(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    finding: &Finding,
) -> Result<Emitted, EmitError> {
    let python = executable(installation)?;
    if let Outcome::Crashed(_) | Outcome::TimedOut = finding.outcome {
        return Err(EmitError::Untellable(finding.outcome.clone()));
    }
    let story = story(scenario, installation, timestamps, finding)?;
    let mut said = String::new();
    for clock in clocks(&story, installation) {
        let script = python::script(&story, clock, installation);
        let (status, output) = run(python, &script, installation.confined)?;
        if status == Some(1) && says(&output, &finding.outcome) {
            return Ok(Emitted { script, said: output });
        }
        said = match (status, output.trim()) {
            (Some(status), "") => format!("exits with status {status}"),
            (None, _) => "did not end".to_owned(),
            (Some(_), output) => format!("said: {output}"),
        };
    }
    Err(EmitError::NotReproduced { interpreter: installation.identity.label.clone(), said })
}

/// The interpreter that runs a script.
fn executable(installation: &Installation) -> Result<&Path, EmitError> {
    let python = installation.identity.path.as_deref();
    python.ok_or_else(|| EmitError::NoPython(installation.identity.label.clone()))
}

/// What the failing ordering of a finding does on this interpreter.
fn story<'s>(
    scenario: &'s Scenario,
    installation: &Installation,
    timestamps: &'s Timestamps,
    finding: &'s Finding,
) -> Result<Story<'s>, NoOutcome> {
    let mut performer = Lab::new(scenario, installation, timestamps).performer()?;
    let acts = acts(scenario, finding, &mut performer, timestamps)?;
    Ok(Story { scenario, finding, timestamps, acts })
}

/// Whether a script's output shows the failure of the finding.
fn says(output: &str, outcome: &Outcome) -> bool {
    let exception = match outcome {
        Outcome::Failed { exception, .. } => exception,
        _ => "",
    };
    output.contains(python::REPRODUCED) && output.contains(exception)
}

/// The steps of the failing ordering up to the failing one, without skipped steps.
fn acts<'s>(
    scenario: &'s Scenario,
    finding: &Finding,
    performer: &mut Performer,
    timestamps: &Timestamps,
) -> Result<Vec<Act<'s>>, NoOutcome> {
    let script = Script::with_setup(scenario, &failing_ordering(scenario, finding));
    let mut world = World::new(timestamps.tick);
    let mut acts = Vec::new();
    let mut steps = Vec::with_capacity(script.len());
    performer.perform_watched(&world, &script, &mut |_, performed, _| {
        steps.push(performed.clone());
        Ok(())
    })?;
    for (line, performed) in script.iter().zip(steps) {
        let before = std::mem::replace(&mut world, performed.world.clone());
        if performed.outcome == Outcome::Skipped {
            continue;
        }
        let fails = line.test == Some(finding.test) && performed.outcome.is_failure();
        acts.push(Act { line: *line, performed, before, fails });
        if fails {
            break;
        }
    }
    Ok(acts)
}

/// The test of each step of the shortest ordering in which the test fails.
fn failing_ordering(scenario: &Scenario, finding: &Finding) -> Vec<usize> {
    let shows_it = finding.kind.shows_by_failing();
    let word = if shows_it { finding.failing_word(scenario) } else { finding.word_alone(scenario) };
    Shape::of(scenario).steps_of(&word)
}

/// The clocks to try, those with the smallest scripts first. A finding that sleeps, or depends on when it
/// begins, needs a clock of its own.
fn clocks(story: &Story<'_>, installation: &Installation) -> Vec<ScriptClock> {
    let certain = story.finding.probability.as_ref().is_some_and(Probability::is_decided);
    let sleeps = story.acts.iter().any(|act| matches!(act.line.step, Step::World(Operation::Sleep(_))));
    let mut clocks = vec![ScriptClock::SetAfter];
    if certain && !sleeps {
        clocks.insert(0, ScriptClock::Real);
    }
    if installation.identity.version.major > 2 {
        clocks.push(ScriptClock::SeenWithin);
    }
    clocks
}

/// Runs a script, which can write nothing outside a directory of its own if it is confined. Returns its exit status, or
/// `None` if it had to be ended, and its output.
fn run(python: &Path, script: &str, confined: bool) -> io::Result<(Option<i32>, String)> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("reproduce.py");
    std::fs::write(&file, script)?;
    let mut output = tempfile::tempfile()?;
    let mut command = Command::new(python);
    command
        .arg(&file)
        .current_dir(directory.path())
        .env("TMPDIR", directory.path())
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?);
    let mut child = spawn_confined(&mut command, confined.then_some(directory.path()))?;
    let ended = child.finish_by(Instant::now() + PATIENCE)?;
    let mut said = Vec::new();
    io::Seek::rewind(&mut output)?;
    output.read_to_end(&mut said)?;
    Ok((ended.and_then(|status| status.code()), String::from_utf8_lossy(&said).into_owned()))
}
