//! The Python program that runs in a suite's process, and the directory that it is written to. `process` starts it.

use std::io;
use std::path::Path;

/// Every file of the program, by the name under which the others load it.
pub(super) const FILES: [(&str, &str); 51] = [
    ("plugin.py", include_str!("../plugin/plugin.py")),
    ("messages.py", include_str!("../plugin/messages.py")),
    ("hunt.py", include_str!("../plugin/hunt.py")),
    ("peers.py", include_str!("../plugin/peers.py")),
    ("reports.py", include_str!("../plugin/reports.py")),
    ("streams.py", include_str!("../plugin/streams.py")),
    ("surroundings.py", include_str!("../plugin/surroundings.py")),
    ("forks.py", include_str!("../plugin/forks.py")),
    ("unstoppable.py", include_str!("../plugin/unstoppable.py")),
    ("look.py", include_str!("../plugin/look.py")),
    ("kinds.py", crate::interpreter::cpython::KINDS),
    ("values.py", include_str!("../plugin/values.py")),
    ("places.py", include_str!("../plugin/places.py")),
    ("held.py", include_str!("../plugin/held.py")),
    ("ordered.py", include_str!("../plugin/ordered.py")),
    ("known.py", include_str!("../plugin/known.py")),
    ("classes.py", include_str!("../plugin/classes.py")),
    ("databases.py", include_str!("../plugin/databases.py")),
    ("walk.py", include_str!("../plugin/walk.py")),
    ("cells.py", include_str!("../plugin/cells.py")),
    ("contexts.py", include_str!("../plugin/contexts.py")),
    ("process.py", include_str!("../plugin/process.py")),
    ("called.py", include_str!("../plugin/called.py")),
    ("fixtures.py", include_str!("../plugin/fixtures.py")),
    ("running.py", include_str!("../plugin/running.py")),
    ("seeds.py", include_str!("../plugin/seeds.py")),
    ("listings.py", include_str!("../plugin/listings.py")),
    ("changing.py", include_str!("../plugin/changing.py")),
    ("memory.py", include_str!("../plugin/memory.py")),
    ("quick.py", include_str!("../plugin/quick.py")),
    ("inner.py", include_str!("../plugin/inner.py")),
    ("undone.py", include_str!("../plugin/undone.py")),
    ("special.py", include_str!("../plugin/special.py")),
    ("glance.py", include_str!("../plugin/glance.py")),
    ("within.py", include_str!("../plugin/within.py")),
    ("endings.py", include_str!("../plugin/endings.py")),
    ("many.py", include_str!("../plugin/many.py")),
    ("left.py", include_str!("../plugin/left.py")),
    ("reads.py", include_str!("../plugin/reads.py")),
    ("relatives.py", include_str!("../plugin/relatives.py")),
    ("counted.py", include_str!("../plugin/counted.py")),
    ("survey.py", include_str!("../plugin/survey.py")),
    ("state.py", include_str!("../plugin/state.py")),
    ("record.py", include_str!("../plugin/record.py")),
    ("sources.py", include_str!("../plugin/sources.py")),
    ("made.py", include_str!("../plugin/made.py")),
    ("watch.py", include_str!("../plugin/watch.py")),
    ("trace.py", include_str!("../plugin/trace.py")),
    ("paths.py", include_str!("../plugin/paths.py")),
    ("log.py", include_str!("../plugin/log.py")),
    ("written.py", include_str!("../plugin/written.py")),
];

/// A new directory with the program in it, and a temporary directory for its tests.
pub(crate) fn folder(around: &Path) -> io::Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new().prefix("taster-").rand_bytes(12).tempdir_in(around)?;
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), text)?;
    }
    std::fs::create_dir(folder.path().join("tmp"))?;
    Ok(folder)
}
