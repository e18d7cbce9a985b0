//! Patches: for each finding, the smallest change of the test code that cures it, tried before it is written down.
//!
//! ```text
//! edits <- source <- names, mocked <- shadowed <- place, ways <- files, numpy_settings <- process_settings, logging_settings <- restoring; source <- group <- reason, candidate, sources
//!       <- polluting <- statement, module_setup <- polluter, collected, setting, anew, calling, earlier, seeded, caches, shared <- collection <- choice
//!       <- plain, few <- changed <- start <- refuting <- trial <- ahead; offered, helping, experience, together, unified <- patches <- apply, seeking, screening, remaining <- write_all()
//! ```

mod ahead;
mod anew;
mod apply;
mod caches;
mod calling;
mod candidate;
mod changed;
mod checkout_copy;
mod choice;
mod collected;
mod collection;
mod earlier;
mod edits;
mod experience;
mod few;
mod files;
mod group;
mod helping;
mod logging_settings;
mod mocked;
mod module_setup;
mod names;
mod numpy_settings;
mod offered;
mod patches;
mod place;
mod plain;
mod polluter;
mod polluting;
mod process_settings;
mod reason;
mod refuting;
mod remaining;
mod restoring;
mod result;
mod screening;
mod seeded;
mod seeking;
mod setting;
mod shadowed;
mod shared;
mod source;
mod sources;
mod start;
mod statement;
mod together;
mod trial;
mod unified;
mod ways;
mod written_value;

use std::path::Path;

use crate::suite::event::{HuntEvent, HuntProgress};
use crate::suite::hunt_report::HuntReport;
use crate::suite::runner::zygote::Zygote;
use group::PatchGroup;
use patches::Patches;
pub use result::PatchResult;
use trial::PatchTrial;

/// What is wanted of patches.
#[derive(Debug)]
pub(crate) struct PatchWish<'a> {
    pub(crate) folder: &'a Path,
    /// Whether the checkout is changed by them.
    pub(crate) apply: bool,
    /// The given order.
    pub(crate) given: &'a [usize],
}

/// Writes a patch for each finding that one cures, and says for each of the others why there is none. What cures most with one trial
/// comes first. So many changes are tried at a time; `watch` hears for what.
pub(crate) fn write_all(
    wish: &PatchWish<'_>,
    (zygote, jobs): (&mut Zygote, usize),
    report: &mut HuntReport,
    watch: &mut dyn FnMut(HuntEvent<'_>),
) {
    let (suite, budget) = (zygote.suite.clone(), zygote.budget.clone());
    let mut groups = PatchGroup::all(report, &suite);
    group::put_in_order(&mut groups);
    let mut patches = Patches::new(wish.folder, Path::new(&suite.about.root), &groups);
    let mut trial = PatchTrial::new(zygote, &suite, wish.given, jobs);
    let mut tell = |test: &str, number: usize, report: &HuntReport| {
        let so_far = HuntProgress::of(report, budget.time_left());
        watch(HuntEvent::Patch { test, number, of: groups.len(), so_far });
    };
    if let Some(group) = groups.first() {
        tell(&group.first().victim, 1, report);
    }
    patches.screen(&mut trial);
    let mut order: Vec<&PatchGroup<'_>> = groups.iter().collect();
    order.sort_by_key(|group| !patches.promising.contains_key(&group.places));
    let mut first = Vec::new();
    for (at, group) in order.iter().enumerate() {
        tell(&group.first().victim, at + 1, report);
        first.push(patches.first(group, &mut trial));
    }
    let again = |(group, result): (&PatchGroup<'_>, _)| {
        (group.places.clone(), patches.again(group, &mut trial, result))
    };
    let results: Vec<(Vec<usize>, PatchResult)> = order.into_iter().zip(first).map(again).collect();
    let (exchanged, still) = patches.all_together(&mut trial);
    let mut notes: Vec<String> = still.into_iter().collect();
    if wish.apply {
        notes.extend(apply::apply(&patches, &mut trial, report));
    }
    for (places, result) in results {
        let other = exchanged.iter().find(|(exchanged, _)| *exchanged == places);
        let result = other.map_or(result.clone(), |(_, patch)| patch.clone().instead_of(&result));
        for place in places {
            report.findings[place].patch = Some(result.clone());
        }
    }
    report.notes.extend(notes);
}
