//! Whether a suspicion holds: the tests that decide, and how often both orders show it. Why it is so is for `explain`.

use std::cell::RefCell;
use std::time::Instant;

use super::random;
use super::runs::Judge;
use super::suspicion::{Suspicion, followed_by};
use crate::kind::FindingKind;
use crate::suite::finding::{Confirmation, HuntFinding, Tally};
use crate::suite::orders::reenters;
use crate::suite::runner::message::Item;
use crate::suite::runner::run::{RunRequest, Runner, RunnerError, TestResult, TestRunOptions};

/// How often both orders run again: for the first test that a set of tests decides, and for each further one.
const TRIES: usize = 5;
const FEW_TRIES: usize = 2;
/// The same for the first test, where states have shown the pair twice: once more, in processes of their own.
const SHOWN_TRIES: usize = FEW_TRIES + 1;
/// Of so few tests the fewest that decide are found sooner than whether a generator decides.
const FEW: usize = 4;
/// What is known of a pair that nobody has seen yet.
const NOT_YET: Confirmation = Confirmation { alone: Tally::NONE, after: Tally::NONE };

/// What is known of a pair before it is proven: nothing, unless a survey has seen it.
#[derive(Debug, Clone)]
pub(crate) struct ShownBefore {
    times: Confirmation,
    /// What the test said when it failed after the other.
    text: Option<String>,
}

impl Default for ShownBefore {
    fn default() -> Self {
        Self { times: NOT_YET, text: None }
    }
}

impl ShownBefore {
    /// Whether a survey has seen it often enough for any test but the first that the other decides.
    fn is_enough(&self) -> bool {
        self.times.after.tries >= FEW_TRIES
    }
}

/// A suspicion that holds; its cause may not be sought yet.
#[derive(Debug, Clone)]
pub(crate) struct Proven {
    pub(crate) suspicion: Suspicion,
    /// The tests that decide, in order: the fewest, unless the search for them was cut short.
    pub(crate) before: Vec<usize>,
    pub(crate) finding: HuntFinding,
}

impl Proven {
    /// The test that decides, if it is a single one that does so every time.
    pub(crate) fn single(&self) -> Option<usize> {
        let steady = self.finding.minimal && self.finding.finding == self.suspicion.kind;
        match self.before[..] {
            [single] if steady => Some(single),
            _ => None,
        }
    }
}

/// Does something for a finding, and adds to it what that took. Returns the error that cut it short, if one did.
pub(super) fn measured<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    work: impl FnOnce(&mut Judge<'_, R>, &mut Proven) -> Result<(), RunnerError>,
) -> Option<RunnerError> {
    let (started, runs) = (Instant::now(), judge.runs);
    let halt = work(judge, proven).err();
    proven.finding.runs += judge.runs - runs;
    proven.finding.seconds += started.elapsed().as_secs_f64();
    halt
}

/// Finds the fewest of the tests before it that decide, and runs both orders again. What it has found by then also stands where it
/// was cut short.
pub(crate) fn prove<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    seen: Tally,
) -> (Proven, Option<RunnerError>) {
    let mut proven = Proven {
        suspicion: suspicion.clone(),
        before: suspicion.prefix.clone(),
        finding: judge.blank(suspicion, seen),
    };
    // The best answer until there is a smaller one.
    say_before(judge.items, &mut proven, suspicion.prefix.clone());
    let halt = measured(judge, &mut proven, |judge, proven| {
        let best = RefCell::new(suspicion.prefix.clone());
        // Whether a generator decides takes a run of all that ran before; a set that is known, a run of few.
        let found = match judge.smallest_known(suspicion, &best) {
            Ok(None) if first_look(suspicion).is_some() && random::decides(judge, suspicion)? => {
                let end = random::shortest_end(judge, suspicion)?;
                proven.finding.minimal = end.len() == 1;
                say_before(judge.items, proven, end);
                return confirm_as_often_as_needed(judge, proven, NOT_YET, TRIES);
            }
            Ok(None) => judge.smallest(suspicion, &best),
            Ok(Some(found)) => Ok(found),
            Err(halt) => Err(halt),
        };
        say_before(judge.items, proven, best.into_inner());
        say_before(judge.items, proven, found?);
        proven.finding.minimal = true;
        confirm_as_often_as_needed(judge, proven, NOT_YET, TRIES)
    });
    (proven, halt)
}

/// The run that a proof begins with, whatever is known by then, if there is one.
pub(crate) fn first_look(suspicion: &Suspicion) -> Option<RunRequest> {
    (suspicion.prefix.len() > FEW).then(|| random::first_run(suspicion))
}

/// Whether this one test before it decides: it is run again for that, and more often if it is the first one that the other decides,
/// less often if a survey has `seen` just that, and not at all if it has seen that twice. `None` if it does not. An error that comes
/// later cuts short only what comes later.
pub(crate) fn prove_single<R: Runner>(
    judge: &mut Judge<'_, R>,
    suspicion: &Suspicion,
    single: usize,
    seen: &ShownBefore,
) -> Result<(Option<Proven>, Option<RunnerError>), RunnerError> {
    let mut proven = Proven {
        suspicion: suspicion.clone(),
        before: Vec::new(),
        finding: judge.blank(suspicion, Tally::NONE),
    };
    say_before(judge.items, &mut proven, vec![single]);
    if let Some(text) = &seen.text {
        proven.finding.message.clone_from(text);
    }
    let halt = measured(judge, &mut proven, |judge, proven| confirm(judge, proven, seen.times, FEW_TRIES));
    if let Some(halt) = halt {
        return Err(halt);
    }
    let hits = proven.finding.confirmed.after.hits;
    if hits == 0 || (!seen.is_enough() && hits == seen.times.after.hits) {
        return Ok((None, None));
    }
    proven.finding.minimal = true;
    let tries = if seen.is_enough() { SHOWN_TRIES } else { TRIES };
    let halt = measured(judge, &mut proven, |judge, proven| {
        confirm_as_often_as_needed(judge, proven, proven.finding.confirmed, tries)
    });
    Ok((Some(proven), halt))
}

/// Names the tests that have to run before.
fn say_before(items: &[Item], proven: &mut Proven, before: Vec<usize>) {
    let ids = Some(before.iter().map(|&test| items[test].id.clone()).collect());
    let Proven { suspicion, finding, .. } = proven;
    match suspicion.kind {
        FindingKind::Brittle => finding.state_setters = ids,
        _ => finding.polluters = ids,
    }
    finding.reenters = reenters(items, &followed_by(&before, suspicion.test));
    proven.before = before;
}

/// The first finding about a set of tests has to stand for itself, in so many tries; the others stand beside it.
fn confirm_as_often_as_needed<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    so_far: Confirmation,
    tries: usize,
) -> Result<(), RunnerError> {
    let wanted = if judge.known.decided_by(&proven.before) == 0 { tries } else { FEW_TRIES };
    if so_far.after.tries < wanted {
        confirm(judge, proven, so_far, wanted)?;
    }
    judge.known.decides(&proven.before);
    Ok(())
}

/// What counts for a pair that a survey has seen: earlier runs of the test alone, that it was seen, and that it was seen `again`,
/// if that showed the same.
pub(crate) fn surveyed<R: Runner>(
    judge: &Judge<'_, R>,
    suspicion: &Suspicion,
    again: Option<&TestResult>,
) -> ShownBefore {
    let Tally { hits, tries } = judge.seen_alone(suspicion);
    let alone = if hits == tries {
        Tally { hits: hits.min(FEW_TRIES), tries: tries.min(FEW_TRIES) }
    } else {
        Tally::NONE
    };
    let again = again.filter(|ran| suspicion.is_shown_by(ran.outcome));
    let after = if again.is_some() { Tally::ONCE.with(true) } else { Tally::ONCE };
    let text = again.filter(|ran| ran.outcome.is_failure()).map(|ran| ran.text.clone());
    ShownBefore { times: Confirmation { alone, after }, text }
}

/// Runs both orders, in turn, until each has run so often.
fn confirm<R: Runner>(
    judge: &mut Judge<'_, R>,
    proven: &mut Proven,
    so_far: Confirmation,
    tries: usize,
) -> Result<(), RunnerError> {
    let Proven { suspicion, before, finding } = proven;
    let opposite = suspicion.opposite();
    let Confirmation { mut alone, mut after } = so_far;
    let how = TestRunOptions::plain(suspicion.timestamps);
    let orders = [(vec![suspicion.test], alone.tries), (followed_by(before, suspicion.test), after.tries)];
    let (wanted, is_alone): (Vec<RunRequest>, Vec<bool>) = (0..tries)
        .flat_map(|turn| {
            let lacking = orders.iter().filter(move |(_, done)| turn >= *done);
            lacking.map(|(order, _)| ((order.clone(), how.clone()), order.len() == 1))
        })
        .unzip();
    for (run, is_alone) in judge.run_all(&wanted)?.iter().zip(is_alone) {
        if is_alone {
            alone = alone.with(opposite.is_shown_in(run));
            continue;
        }
        after = after.with(suspicion.is_shown_in(run));
        if let Some(ran) = run.of(suspicion.test).filter(|ran| ran.outcome.is_failure()) {
            finding.message.clone_from(&ran.text);
        }
    }
    if suspicion.kind == FindingKind::Brittle {
        finding.message = judge.alone(suspicion.test, suspicion.timestamps)?.text;
    }
    finding.confirmed = Confirmation { alone, after };
    if !alone.is_steady() || !after.is_steady() {
        if judge.one_by_one() {
            // Another run may have been in the way: only what is seen from here on counts.
            let none = Confirmation { alone: Tally::NONE, after: Tally::NONE };
            return confirm(judge, proven, none, tries);
        }
        finding.finding = FindingKind::Nondeterministic;
    }
    Ok(())
}
