//! Keeps finished runs in a file, so that a hunt can resume where an earlier one was cut off.
//!
//! The key of a run is its order and timestamps, and how often it was requested before: repeats stay repeats.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::run::{OrderRun, RunRequest, Runner, RunnerError, TestOutcome, TestResult, TestRunOptions};
use crate::suite::in_place::left::LeftFile;

#[derive(Serialize, Deserialize)]
struct JournalLine {
    key: String,
    tests: Vec<(usize, TestOutcome, String)>,
    left_behind: Vec<LeftFile>,
    #[serde(default)]
    starts: Vec<usize>,
}

/// A runner that first looks in its journal.
#[derive(Debug)]
pub(crate) struct Journal<R> {
    inner: R,
    path: PathBuf,
    file: File,
    known: HashMap<String, OrderRun>,
    asked: HashMap<String, usize>,
    /// Whether runs have processes of their own: these are not interchangeable with forks.
    fresh: bool,
    /// The number of runs taken from the journal.
    taken: usize,
    /// The partial results of the last runs when they were halted.
    cut: Vec<(usize, OrderRun)>,
}

impl<R> Journal<R> {
    /// Opens the journal, and keeps its contents only if the hunt is resumed.
    pub(crate) fn open(inner: R, path: &Path, resume: bool, fresh: bool) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let known = if resume && path.exists() { read(path)? } else { HashMap::new() };
        let file = OpenOptions::new().create(true).write(true).append(resume).truncate(!resume).open(path)?;
        Ok(Self {
            inner,
            path: path.to_owned(),
            file,
            known,
            asked: HashMap::new(),
            fresh,
            taken: 0,
            cut: Vec::new(),
        })
    }

    fn keep(&mut self, key: String, run: &OrderRun) -> io::Result<()> {
        let tests = run.tests.iter().map(|ran| (ran.test, ran.outcome, ran.text.clone())).collect();
        let (left_behind, starts) = (run.left_behind.clone(), run.starts.clone());
        let line = serde_json::to_string(&JournalLine { key, tests, left_behind, starts })?;
        // One write call per run: a crash leaves whole lines, and at worst one partial line that is ignored.
        self.file.write_all(format!("{line}\n").as_bytes())
    }
}

impl<R: Runner> Runner for Journal<R> {
    fn run(&mut self, order: &[usize], how: &TestRunOptions) -> Result<OrderRun, RunnerError> {
        let mut runs = self.run_all(&[(order.to_vec(), how.clone())])?;
        Ok(runs.pop().unwrap_or_default())
    }

    fn run_all(&mut self, wanted: &[RunRequest]) -> Result<Vec<OrderRun>, RunnerError> {
        let answers: Vec<JournalAnswer> =
            wanted.iter().map(|(order, how)| self.look_up(order, how)).collect();
        let unknown =
            |(_, answer): &(&RunRequest, &JournalAnswer)| !matches!(answer, JournalAnswer::Known(_));
        let asked: Vec<RunRequest> =
            wanted.iter().zip(&answers).filter(unknown).map(|(wanted, _)| wanted.clone()).collect();
        let new = if asked.is_empty() { Ok(Vec::new()) } else { self.inner.run_all(&asked) };
        let mut new = match new {
            Ok(new) => new.into_iter(),
            Err(halt) => {
                self.keep_what_was_done(wanted, answers);
                return Err(halt);
            }
        };
        let mut runs = Vec::new();
        for answer in answers {
            match answer {
                JournalAnswer::Known(run) => runs.push(*run),
                JournalAnswer::Unknown(key) => {
                    let Some(run) = new.next() else { break };
                    if let Some(key) = key {
                        let _a_hunt_without_a_journal_is_still_one = self.keep(key, &run);
                    }
                    runs.push(run);
                }
            }
        }
        Ok(runs)
    }

    fn cut(&mut self) -> Vec<(usize, OrderRun)> {
        std::mem::take(&mut self.cut)
    }

    fn notes(&mut self) -> Vec<String> {
        let mut notes = self.inner.notes();
        let taken = std::mem::take(&mut self.taken);
        if taken > 0 {
            notes.push(format!("{taken} runs were taken from the journal {}", self.path.display()));
        }
        notes
    }
}

impl<R: Runner> Journal<R> {
    /// After runs were halted: keeps those that are finished, and makes the partial results of all available.
    fn keep_what_was_done(&mut self, wanted: &[RunRequest], answers: Vec<JournalAnswer>) {
        let mut places = Vec::new();
        let mut keys = Vec::new();
        self.cut.clear();
        for (place, answer) in answers.into_iter().enumerate() {
            match answer {
                JournalAnswer::Known(run) => self.cut.push((place, *run)),
                JournalAnswer::Unknown(key) => {
                    places.push(place);
                    keys.push(key);
                }
            }
        }
        for (number, run) in self.inner.cut() {
            let Some(&place) = places.get(number) else { continue };
            let is_whole = run.tests.len() == wanted[place].0.len();
            if let Some(key) = keys[number].take().filter(|_| is_whole) {
                let _a_hunt_without_a_journal_is_still_one = self.keep(key, &run);
            }
            self.cut.push((place, run));
        }
    }
}

/// The journal's answer about a run.
#[derive(Debug)]
enum JournalAnswer {
    Known(Box<OrderRun>),
    /// It must be made, and kept under this key if it is of the kind that is kept.
    Unknown(Option<String>),
}

impl<R> Journal<R> {
    fn look_up(&mut self, order: &[usize], how: &TestRunOptions) -> JournalAnswer {
        let is_plain = how.probe.is_none() && how.trace.is_none() && how.survey.is_none() && !how.record;
        if !is_plain || !how.branches.places.is_empty() {
            return JournalAnswer::Unknown(None);
        }
        let base = key(order, how, self.fresh);
        let asked = self.asked.entry(base.clone()).or_default();
        let numbered = format!("{base} {asked}");
        *asked += 1;
        if let Some(run) = self.known.remove(&numbered) {
            self.taken += 1;
            return JournalAnswer::Known(Box::new(run));
        }
        JournalAnswer::Unknown(Some(numbered))
    }
}

fn key(order: &[usize], how: &TestRunOptions, fresh: bool) -> String {
    let mut hasher = blake3::Hasher::new();
    for test in order {
        hasher.update(&test.to_le_bytes());
    }
    format!(
        "{} {} {}",
        &hasher.finalize().to_hex()[..24],
        how.timestamps.name(),
        u8::from(how.fresh || fresh)
    )
}

fn read(path: &Path) -> io::Result<HashMap<String, OrderRun>> {
    let mut known = HashMap::new();
    for line in BufReader::new(File::open(path)?).lines() {
        let Ok(line) = serde_json::from_str::<JournalLine>(&line?) else {
            continue;
        };
        let tests =
            line.tests.into_iter().map(|(test, outcome, text)| TestResult { test, outcome, text }).collect();
        let (left_behind, starts) = (line.left_behind, line.starts);
        known.insert(line.key, OrderRun { tests, starts, left_behind, ..OrderRun::default() });
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::Journal;
    use crate::suite::runner::run::{
        HuntClock, OrderRun, Runner, RunnerError, TestOutcome, TestResult, TestRunOptions,
    };

    #[derive(Debug)]
    struct Counting(usize);

    impl Runner for Counting {
        fn run(&mut self, order: &[usize], _: &TestRunOptions) -> Result<OrderRun, RunnerError> {
            self.0 += 1;
            let outcome = if self.0.is_multiple_of(2) { TestOutcome::Passed } else { TestOutcome::Failed };
            let tests = order.iter().map(|&test| TestResult { test, outcome, text: String::new() }).collect();
            Ok(OrderRun { tests, ..OrderRun::default() })
        }
    }

    #[test]
    fn a_resumed_hunt_gets_the_same_answers_one_by_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/journal");
        let how = TestRunOptions::plain(HuntClock::Real);
        let mut first = Journal::open(Counting(0), &path, false, false).unwrap();
        let answers: Vec<_> = (0..3).map(|_| first.run(&[1, 2], &how).unwrap().tests).collect();
        assert_ne!(answers[0], answers[1]);
        drop(first);

        let mut second = Journal::open(Counting(100), &path, true, false).unwrap();
        let again: Vec<_> = (0..3).map(|_| second.run(&[1, 2], &how).unwrap().tests).collect();
        assert_eq!(again, answers);
        assert_eq!((second.taken, second.inner.0), (3, 100));
        second.run(&[2, 1], &how).unwrap();
        assert_eq!(second.inner.0, 101);
        drop(second);

        let mut third = Journal::open(Counting(0), &path, false, false).unwrap();
        third.run(&[1, 2], &how).unwrap();
        assert_eq!(third.taken, 0);
    }
}
