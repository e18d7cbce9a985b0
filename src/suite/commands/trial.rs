//! One finding's commands: each way to start pytest is tried, until the test passes with one command and fails with the other. What
//! plain pytest cannot show, the hunt of just these tests does.

use std::time::Duration;

use super::cases::CaseOutcome;
use super::hunted;
use super::pasted::{PasteGround, PastedRun};
use super::words::{CommandWords, PytestStart};
use crate::budget::Budget;
use crate::kind::FindingKind;
use crate::suite::finding::HuntFinding;
use crate::suite::reproduction::FindingCommands;
use crate::suite::runner::run::{HuntClock, RunnerError};
use crate::suite::settings::HuntSettings;

const REFUTED: &str = "plain pytest ran just these tests in this order, and the test did the other thing";
/// What pytest may take to start and to collect.
const START: Duration = Duration::from_mins(1);

/// Everything that a trial needs.
#[derive(Debug)]
pub(super) struct CommandTrial<'a> {
    pub(super) words: &'a CommandWords<'a>,
    pub(super) ground: &'a PasteGround<'a>,
    pub(super) settings: &'a HuntSettings,
    pub(super) budget: &'a Budget,
    pub(super) finding: &'a HuntFinding,
    pub(super) order: Option<&'a str>,
}

/// One half: the tests or files to name, as pytest calls them and as they are written, and how the test must end.
#[derive(Debug, Clone)]
struct Half {
    ids: Vec<String>,
    wanted: CaseOutcome,
    /// Whether exactly these tests must run, in this order.
    is_order: bool,
}

impl Half {
    /// Whether exactly these tests ran, in this order.
    fn ran_so(&self, run: &PastedRun) -> bool {
        self.ids.len() == run.cases.len() && run.cases.iter().zip(&self.ids).all(|(case, id)| case.is_of(id))
    }
}

/// What came of trying a half.
#[derive(Debug, Default)]
struct HalfTried {
    /// The command with which the test ended as wanted.
    command: Option<String>,
    /// The command with which pytest ran just these tests in this order, and the test did the other thing.
    refuted_by: Option<String>,
}

impl HalfTried {
    /// Adds what came of another way to start pytest.
    fn add(&mut self, other: Self) {
        self.command = other.command.or(self.command.take());
        self.refuted_by = other.refuted_by.or(self.refuted_by.take());
    }
}

impl CommandTrial<'_> {
    /// The two commands, with whether they hold.
    pub(super) fn made(&self) -> Result<FindingCommands, RunnerError> {
        let (alone, together) = self.halves();
        let starts = self.words.starts();
        let mut tried = [HalfTried::default(), HalfTried::default()];
        for start in &starts {
            let first = self.tried(start, std::slice::from_ref(&alone))?;
            let second = match self.finding.timestamps {
                // Plain pytest sees the file system's own times.
                HuntClock::Real if first.command.is_some() => self.tried(start, &together)?,
                _ => HalfTried::default(),
            };
            let done = second.command.is_some();
            for (tried, more) in tried.iter_mut().zip([first, second]) {
                tried.add(more);
            }
            if done {
                break;
            }
        }
        let refuted_by =
            tried.iter().filter(|half| half.command.is_none()).find_map(|half| half.refuted_by.clone());
        let [alone_held, mut together_held] = tried.map(|half| half.command);
        let mut shown = alone_held.is_some() && together_held.is_some();
        // What needs all files collected, or times that stand still, no command with these tests alone can show.
        if !shown
            && (alone_held.is_some() || refuted_by.is_some())
            && self.finding.finding != FindingKind::Collection
            && let Some(command) = self.as_hunt()?
        {
            shown = true;
            together_held = Some(command);
        }
        // A copy is not what the hunt ran in, and old files hide what is found without them.
        let is_certain = !shown && self.finding.hidden_by.is_empty() && !self.ground.is_copy();
        let refuted_by = refuted_by.filter(|_| is_certain);
        let start = starts.last().cloned().unwrap_or_default();
        let hold = alone_held.is_some() && together_held.is_some();
        let why_not = (!hold).then(|| match refuted_by {
            Some(_) => REFUTED.to_owned(),
            None => self.why_not(alone_held.is_some()),
        });
        let alone = alone_held.unwrap_or_else(|| self.command(&start, &alone));
        let together = together_held.unwrap_or_else(|| self.command(&start, &together[0]));
        let (passes, fails) = if self.needs_others() { (together, alone) } else { (alone, together) };
        Ok(FindingCommands { passes, fails, hold, refuted_by, why_not })
    }

    /// Whether the test fails alone, and passes after or with the others.
    fn needs_others(&self) -> bool {
        self.finding.state_setters.is_some()
    }

    /// The test alone, and the orders in which it may show after or with the others.
    fn halves(&self) -> (Half, Vec<Half>) {
        let (before, victim) = (self.finding.before(), &self.finding.victim);
        let (alone, together) = if self.needs_others() {
            (CaseOutcome::Failed, CaseOutcome::Passed)
        } else {
            (CaseOutcome::Passed, CaseOutcome::Failed)
        };
        let is_order = self.finding.finding != FindingKind::Collection;
        let victim = std::slice::from_ref(victim);
        let half = |ids: Vec<String>, wanted| Half { ids, wanted, is_order };
        let mut orders = vec![half([before, victim].concat(), together)];
        if !is_order {
            // pytest collects the file of a named test before named files.
            let file = [victim[0].split("::").next().unwrap_or_default().to_owned()];
            orders.push(half([before, &file].concat(), together));
            orders.push(half([victim, before].concat(), together));
        }
        (half(victim.to_vec(), alone), orders)
    }

    fn command(&self, start: &PytestStart, half: &Half) -> String {
        let ids: Vec<String> = half.ids.iter().map(|id| self.words.id(id)).collect();
        self.words.pytest(start, &ids)
    }

    /// Tries halves until one ends as wanted.
    fn tried(&self, start: &PytestStart, halves: &[Half]) -> Result<HalfTried, RunnerError> {
        let mut tried = HalfTried::default();
        for half in halves {
            let ids: Vec<String> = half.ids.iter().map(|id| self.words.id(id)).collect();
            let command = |report: &_| self.words.reporting(start, &ids, report);
            let each = self.settings.test_timeout;
            let most = half.ids.iter().fold(START, |most, _| most.saturating_add(each));
            let run = self.ground.run(command, most, self.budget)?;
            if self.is_shown(half, &run) {
                tried.command = Some(self.words.pytest(start, &ids));
                break;
            }
            if self.is_refuted(half, &run) {
                tried.refuted_by = Some(self.words.pytest(start, &ids));
            }
        }
        Ok(tried)
    }

    /// Whether pytest ran just these tests, in this order and to the end, and the test ended the other way.
    fn is_refuted(&self, half: &Half, run: &PastedRun) -> bool {
        let otherwise = match half.wanted {
            CaseOutcome::Passed => CaseOutcome::Failed,
            CaseOutcome::Failed => CaseOutcome::Passed,
            CaseOutcome::Skipped => return false,
        };
        half.is_order
            && matches!(run.status, Some(0 | 1))
            && half.ran_so(run)
            && run.outcome_of(&self.finding.victim) == Some(otherwise)
    }

    /// Whether the test ended as wanted, in the order wanted.
    fn is_shown(&self, half: &Half, run: &PastedRun) -> bool {
        let victim = &self.finding.victim;
        // pytest's own statuses say nothing of a signal that ended it.
        let crashed = run.cases.is_empty() && run.status.is_some_and(|status| status > 5);
        if half.wanted == CaseOutcome::Failed && crashed {
            return true;
        }
        if half.is_order && !half.ran_so(run) {
            return false;
        }
        let of_it = run.outcome_of(victim);
        let ended_well = run.status == Some(0);
        match half.wanted {
            // A file that could be collected has no entry of its own.
            CaseOutcome::Passed if !victim.contains("::") => ended_well,
            // A state-setter may fail and set the state all the same.
            CaseOutcome::Passed => of_it == Some(CaseOutcome::Passed) && matches!(run.status, Some(0 | 1)),
            wanted => of_it == Some(wanted) && !ended_well,
        }
    }

    /// The hunt of just these tests, if it shows the finding.
    fn as_hunt(&self) -> Result<Option<String>, RunnerError> {
        let shows = hunted::shows(self.words, self.ground, self.finding, self.order, self.budget)?;
        Ok(shows.then(|| self.words.hunt(self.finding, self.order, ("taster", ""))))
    }

    fn why_not(&self, alone_held: bool) -> String {
        let why = match (alone_held, self.needs_others()) {
            (false, false) => "named alone on pytest's command line, the test does not pass",
            (false, true) => "named alone on pytest's command line, the test does not fail",
            (true, _) => {
                "pytest does not run these tests so, or they do something else in a process of their own"
            }
        };
        why.to_owned()
    }
}
