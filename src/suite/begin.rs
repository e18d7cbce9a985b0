//! The beginning of a hunt: the first process, which collects the suite, in a private view or in place; and the plan.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::budget::Budget;
use crate::shard::{Shard, Whole};
use crate::suite::error::{HuntError, unknown_test};
use crate::suite::event::HuntEvent;
use crate::suite::in_place::notes::WriteNotes;
use crate::suite::part::OwnPart;
use crate::suite::plan::HuntPlan;
use crate::suite::runner::folder::HuntFolder;
use crate::suite::runner::process::{ProcessStart, ViewRequest};
use crate::suite::runner::process_error::ProcessError;
use crate::suite::runner::run::{HuntClock, RunnerError};
use crate::suite::runner::suite::Suite;
use crate::suite::runner::zygote::Zygote;
use crate::suite::settings::{HuntSettings, Isolation};

/// How to start the first process.
pub(super) fn start(settings: &HuntSettings) -> Result<ProcessStart, RunnerError> {
    let ours = [Some(&settings.journal), settings.emit.as_ref(), settings.fix.as_ref()].into_iter().flatten();
    let around = Arc::new(HuntFolder::make(&settings.keeper)?);
    let view = ViewRequest { directories: settings.directories.clone(), on_disk: false };
    Ok(ProcessStart {
        python: settings.python.clone(),
        arguments: settings.arguments.clone(),
        files: Vec::new(),
        watch: None,
        watch_seeds: false,
        ours: ours.filter_map(|folder| std::path::absolute(folder).ok()).collect(),
        keeper: settings.keeper.clone(),
        around: Arc::clone(&around),
        view: (settings.isolation != Isolation::InPlace).then_some(view),
        without: Vec::new(),
        changed: Vec::new(),
        directory: None,
        notes: Arc::new(WriteNotes::new(around)),
        patience: Arc::default(),
        names: Arc::default(),
    })
}

/// Collects in a private view if that is wanted and allowed. Otherwise collects in place, and says why.
pub(super) fn first_zygote(
    settings: &HuntSettings,
    mut start: ProcessStart,
    budget: &Budget,
) -> Result<(Zygote, Option<String>), HuntError> {
    let started = |start| match Zygote::start(start, settings.test_timeout, budget.clone()) {
        Err(RunnerError::OutOfBudget) => Err(HuntError::BudgetTooShort(settings.budget)),
        other => other.map_err(HuntError::from),
    };
    match started(start.clone()) {
        Err(HuntError::Runner(RunnerError::Process(ProcessError::NotPrivate(why))))
            if settings.isolation == Isolation::Auto =>
        {
            start.view = None;
            Ok((started(start)?, Some(why)))
        }
        other => {
            let asked_for = settings.isolation == Isolation::InPlace;
            Ok((other?, asked_for.then(|| "--isolation in-place".to_owned())))
        }
    }
}

/// What was collected, and where it lies.
pub(super) fn collected(suite: &Suite, seconds: f64) -> HuntEvent<'_> {
    let files: BTreeSet<&Path> = suite.items.iter().map(|item| Path::new(&item.file)).collect();
    let mut all = files.iter().map(|file| match files.len() {
        1 => *file,
        _ => file.parent().unwrap_or(file),
    });
    let first = all.next().unwrap_or(Path::new(""));
    let common = all.fold(first, |common, next| {
        let above = common.ancestors().find(|above| next.starts_with(above));
        above.unwrap_or(Path::new("/"))
    });
    HuntEvent::Collected {
        tests: suite.items.len(),
        files: files.len(),
        within: common.to_owned(),
        python: &suite.about.python,
        pytest: &suite.about.pytest,
        seconds,
    }
}

pub(super) fn first_notes(
    zygote: &mut Zygote,
    settings: &HuntSettings,
    watch: &mut dyn FnMut(HuntEvent<'_>),
) -> Vec<String> {
    let mut notes = Vec::new();
    if settings.fresh {
        zygote.fresh = true;
    } else if zygote.fresh {
        let about = &zygote.suite.about;
        let numpy = if about.numpy_threads {
            "; if they are those of numpy's library, OPENBLAS_NUM_THREADS=1 before the same command leaves them out, and the \
             hunt does more in its time"
        } else {
            ""
        };
        notes.push(format!(
            "{} threads are alive after collection, and a fork would lose them: each order runs in a process of its \
             own{numpy}",
            about.threads
        ));
    }
    if !zygote.suite.about.bytecode {
        notes.push("Python writes no bytecode (PYTHONDONTWRITEBYTECODE, -B, or the suite itself): stale bytecode cannot be detected".to_owned());
    }
    notes.extend(zygote.file_notes());
    for note in &notes {
        watch(HuntEvent::Note { text: note });
    }
    notes
}

pub(super) fn plan(
    settings: &HuntSettings,
    suite: &Suite,
    zygote: &Zygote,
    budget: &Budget,
) -> Result<HuntPlan, HuntError> {
    let cores = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let jobs = settings.jobs.unwrap_or_else(|| if zygote.is_private() { cores() } else { 1 });
    let number = |id: &String| suite.find(id).ok_or_else(|| unknown_test(suite, id));
    let given = match &settings.order {
        Some(ids) => ids.iter().map(number).collect::<Result<_, _>>()?,
        None => (0..suite.items.len()).collect(),
    };
    Ok(HuntPlan {
        given,
        victims: settings.victims.iter().map(number).collect::<Result<_, _>>()?,
        part: settings.shard.map(|shard| own_part(shard, suite, settings)),
        orders: settings.orders.clone(),
        timestamps: settings.timestamps.unwrap_or(HuntClock::Real),
        frozen_pass: settings.timestamps.is_none(),
        seed: settings.seed,
        jobs: jobs.max(1),
        doubt_forks: !zygote.fresh,
        deadline: budget.deadline(),
    })
}

fn own_part(shard: Shard, suite: &Suite, settings: &HuntSettings) -> OwnPart {
    let ids: Vec<&str> = suite.items.iter().map(|item| item.id.as_str()).collect();
    OwnPart::of(shard, whole(suite, settings), &ids)
}

/// The suite is the tests in their given order, which decides what fails in which order.
fn whole(suite: &Suite, settings: &HuntSettings) -> Whole {
    let given = settings.order.iter().flatten().chain(suite.items.iter().map(|item| &item.id));
    let ids: Vec<&[u8]> = given.map(String::as_bytes).collect();
    let orders: Vec<&str> = settings.orders.iter().map(|kind| kind.name()).collect();
    let options = format!(
        "Python {} with pytest {}, orders {}, {} timestamps, {:?} in all and {:?} for a test{}; arguments {:?}",
        suite.about.python,
        suite.about.pytest,
        orders.join(","),
        settings.timestamps.map_or("real and frozen", |timestamps| timestamps.name()),
        settings.budget,
        settings.test_timeout,
        if settings.fresh { ", a process for each order" } else { "" },
        settings.arguments,
    );
    Whole::new("hunt", settings.seed, ids, options)
}
