//! How long the steps of a finding's ordering really take: they run as a stand-alone script that times each of them, several
//! times over, each time in a new process and an empty directory.

use std::collections::BTreeMap;

use super::statements::statements;
use super::story::{Act, Story};
use super::{EmitError, executable, python, run, story};
use crate::diagnose::{Finding, likelihood};
use crate::explore::{Lab, StepTimes};
use crate::interpreter::Installation;
use crate::note::Note;
use crate::scenario::{Scenario, Step, Timestamps};
use crate::verdict::Verdict;
use crate::world::{Nanos, Operation};

/// How often the script runs; the median counts.
const RUNS: usize = 7;

/// The first word of a line with a time.
const TOOK: &str = "taster: took";

/// The times of the steps of the failing ordering up to the failing one: medians of several runs on this interpreter and
/// machine. Other steps take the time that the scenario gives.
///
/// # Errors
/// Returns an error if the steps could not be run as a script.
pub fn step_times(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    finding: &Finding,
) -> Result<StepTimes, EmitError> {
    let executable = executable(installation)?;
    let story = story(scenario, installation, timestamps, finding)?;
    let script = python::timed(&story, installation, &timed(&story));
    let mut taken: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for _ in 0..RUNS {
        let (status, output) = run(executable, &script, installation.confined)?;
        let times = read(&output);
        if status != Some(0) || times.is_empty() {
            return Err(EmitError::NotTimed(output.trim().to_owned()));
        }
        for (at, nanos) in times {
            taken.entry(at).or_default().push(nanos);
        }
    }
    let times = taken.into_iter().map(|(at, mut nanos)| {
        nanos.sort_unstable();
        (&story.acts[at].line, Nanos(nanos[nanos.len() / 2]))
    });
    let start = StepTimes::of_scenario(scenario);
    Ok(times.fold(start, |all, (line, time)| all.with(line.test, line.number, time)))
}

/// Measures the steps of every finding that has a probability, and gives it the one for these times. Where they cannot be
/// measured, a note says so.
pub fn measure(verdict: &mut Verdict, installation: &Installation) {
    let (scenario, timestamps) = (verdict.scenario.clone(), verdict.timestamps.clone());
    for finding in verdict.findings.iter_mut().filter(|finding| finding.probability.is_some()) {
        if let Err(why) = measure_one(&scenario, installation, &timestamps, finding) {
            verdict.notes.push(Note::StepsNotMeasured(why.to_string()));
            return;
        }
    }
}

fn measure_one(
    scenario: &Scenario,
    installation: &Installation,
    timestamps: &Timestamps,
    finding: &mut Finding,
) -> Result<(), EmitError> {
    let times = step_times(scenario, installation, timestamps, finding)?;
    let mut performer = Lab::new(scenario, installation, timestamps).performer()?;
    performer.take_times(times.clone());
    finding.probability = likelihood(scenario, timestamps.tick, finding, &mut performer)?;
    finding.times = Some(times);
    Ok(())
}

/// The statements of each step but sleeps, with the time that they take written behind them. What a step raises is let be: the
/// next one is timed all the same.
fn timed(story: &Story<'_>) -> String {
    let sleeps = |act: &Act<'_>| matches!(act.line.step, Step::World(Operation::Sleep(_)));
    let acts = story.acts.iter().enumerate().filter(|(_, act)| !sleeps(act));
    let told = acts.map(|(at, act)| {
        let mut lines = statements(act, story.footing());
        lines.push("pass".to_owned());
        let body: String = lines.iter().map(|line| format!("    {line}\n")).collect();
        format!("began = clock()\ntry:\n{body}except BaseException:\n    pass\ntook.append(({at}, clock() - began))\n")
    });
    let told: String = told.collect();
    format!(
        "import time\n\nclock, took = getattr(time, 'perf_counter', time.time), []\n\n{told}\
         for at, seconds in took:\n    sys.__stdout__.write('{TOOK} %d %d\\n' % (at, seconds * 1e9))\n"
    )
}

/// The times in a script's output, by the number of the step.
fn read(output: &str) -> Vec<(usize, u64)> {
    let lines = output.lines().filter_map(|line| line.trim().strip_prefix(TOOK));
    let numbers = lines.filter_map(|line| line.trim().split_once(' '));
    numbers.filter_map(|(at, nanos)| Some((at.parse().ok()?, nanos.parse().ok()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn times_are_read_and_nothing_else() {
        let output = "noise\ntaster: took 0 1200\ntaster: took 3 77\ntaster: took x\n";
        assert_eq!(read(output), [(0, 1200), (3, 77)]);
    }
}
