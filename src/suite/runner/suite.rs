//! A suite as pytest collects it in a process. `zygote` runs it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::cell::{Cell, NotPutBack};
use super::message::{CollectedSuite, Item, Message, Seeding};
use super::process::{Process, ProcessStart};
use super::process_error::ProcessError;
use super::run::RunnerError;
use super::trace::TracedChange;
use crate::budget::Budget;
use crate::suite::in_place::ground::Ground;

const COLLECTION: Duration = Duration::from_mins(10);
const TICK: Duration = Duration::from_millis(100);

/// A file or class that pytest could not collect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UncollectedFile {
    pub(crate) id: String,
    pub(crate) text: String,
}

/// The result of collection.
#[derive(Debug, Clone)]
pub(crate) struct Suite {
    pub(crate) items: Vec<Item>,
    pub(crate) uncollected: Vec<UncollectedFile>,
    pub(crate) about: CollectedSuite,
    /// The cells that differed during collection.
    pub(crate) cells: Vec<Cell>,
    /// Cells that could not be restored then.
    pub(crate) not_put_back: Vec<NotPutBack>,
    /// Lines that seeded generators of random numbers.
    pub(crate) seeded: Vec<Seeding>,
    /// The exception that ended that look.
    pub(crate) look_failed: Option<String>,
    /// The lines that changed cells during collection.
    pub(crate) traced: Vec<TracedChange>,
}

impl Suite {
    /// The number of the test with this id.
    pub(crate) fn find(&self, id: &str) -> Option<usize> {
        self.items.iter().position(|item| item.id == id)
    }
}

/// Makes a process number its collected tests like these. Returns whether it had collected them in another order, or
/// `None` if they are different tests.
pub(crate) fn number(
    process: &mut Process,
    wanted: &[Item],
    collected: &[Item],
) -> Result<Option<bool>, RunnerError> {
    if wanted == collected {
        return Ok(Some(false));
    }
    // The same test can be collected twice: its first place comes last here.
    let mut places: HashMap<&Item, Vec<usize>> = HashMap::new();
    for (place, item) in collected.iter().enumerate().rev() {
        places.entry(item).or_default().push(place);
    }
    let numbers: Option<Vec<String>> = wanted
        .iter()
        .map(|item| places.get_mut(item).and_then(Vec::pop).map(|place| place.to_string()))
        .collect();
    let Some(numbers) = numbers.filter(|_| wanted.len() == collected.len()) else { return Ok(None) };
    process.command(&[format!("number {}", numbers.join(" "))])?;
    Ok(Some(true))
}

/// Starts a process and lets it collect. The ground comes first in the result, so that it is dropped last.
pub(crate) fn collected(
    start: &ProcessStart,
    budget: &Budget,
) -> Result<(Option<Ground>, Process, Suite), RunnerError> {
    let ground = if start.view.is_none() { Some(Ground::new(&start.notes)) } else { None };
    let mut ground = ground.transpose().map_err(ProcessError::Folder)?;
    let mut process = Process::start(start, ground.as_ref())?;
    let mut suite = collect(&mut process, budget)?;
    start.names.give(&mut suite.items);
    if let Some(ground) = &mut ground {
        ground.collected(&process.temporary());
    }
    Ok((ground, process, suite))
}

fn collect(process: &mut Process, budget: &Budget) -> Result<Suite, RunnerError> {
    let (mut items, mut uncollected) = (Vec::new(), Vec::new());
    let (mut cells, mut not_put_back, mut traced) = (Vec::new(), Vec::new(), Vec::new());
    let (mut look_failed, mut seeded) = (None, Vec::new());
    let started = Instant::now();
    loop {
        budget.check()?;
        match process.message(TICK)? {
            Some(Message::Item(item)) => items.push(item),
            Some(Message::CollectError { id, text }) => uncollected.push(UncollectedFile { id, text }),
            Some(Message::Cell(cell)) => cells.push(cell),
            Some(Message::NotPutBack(cell)) => not_put_back.push(cell),
            Some(Message::Seeded(seeding)) => seeded.push(seeding),
            Some(Message::Traced(change)) => traced.push(change),
            Some(Message::LookFailed { text }) => look_failed = Some(text),
            Some(Message::Collected(about)) => {
                return Ok(Suite {
                    items,
                    uncollected,
                    about,
                    cells,
                    not_put_back,
                    seeded,
                    look_failed,
                    traced,
                });
            }
            None if started.elapsed() > COLLECTION => {
                return Err(process.lost("collected for too long").into());
            }
            _ => {}
        }
    }
}
