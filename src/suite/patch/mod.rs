//! Patches: for each finding, the smallest change of the test code that cures it, tried before it is written down.
//!
//! ```text
//! edits <- source <- names, mocked <- place <- restoring; source <- group <- reason, candidate
//!       <- polluting <- statement <- polluter, collected, setting, anew, calling, earlier, seeded, caches, shared <- choice
//!       <- plain <- changed <- trial <- ahead; offered, helping, experience, together, unified <- patches <- apply <- write_all()
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
mod earlier;
mod edits;
mod experience;
mod group;
mod helping;
mod mocked;
mod names;
mod offered;
mod patches;
mod place;
mod plain;
mod polluter;
mod polluting;
mod reason;
mod restoring;
mod result;
mod seeded;
mod setting;
mod shared;
mod source;
mod statement;
mod together;
mod trial;
mod unified;

use std::path::Path;

use crate::suite::hunt_report::HuntReport;
use crate::suite::runner::zygote::Zygote;
use group::PatchGroup;
use patches::Patches;
pub use result::PatchResult;
use trial::PatchTrial;

/// Writes a patch for each finding that one cures, and says for each of the others why there is none. If wanted, changes
/// the checkout by them. So many changes are tried at a time.
pub(crate) fn write_all(
    folder: &Path,
    apply: bool,
    (zygote, jobs): (&mut Zygote, usize),
    given: &[usize],
    report: &mut HuntReport,
) {
    let suite = zygote.suite.clone();
    let groups = PatchGroup::all(report, &suite);
    let mut patches = Patches::new(folder, Path::new(&suite.about.root), &groups);
    let mut trial = PatchTrial::new(zygote, &suite, given, jobs);
    let first: Vec<_> = groups.iter().map(|group| patches.first(group, &mut trial)).collect();
    let again = |(group, result): (&PatchGroup<'_>, _)| {
        (group.places.clone(), patches.again(group, &mut trial, result))
    };
    let results: Vec<(Vec<usize>, PatchResult)> = groups.iter().zip(first).map(again).collect();
    let notes = if apply { apply::apply(&patches, &mut trial, report) } else { Vec::new() };
    for (places, result) in results {
        for place in places {
            report.findings[place].patch = Some(result.clone());
        }
    }
    report.notes.extend(notes);
}
