//! What restores the levels of `logging`: by its own functions, since loggers remember what the levels decided.

use super::place::{Held, PythonPlace, named};
use super::source::TestSource;
use super::ways::CellRestoring;
use crate::suite::runner::cell::Cell;

/// The level of a logger, or the one below which nothing is logged at all.
pub(super) fn restoring(
    cell: &Cell,
    place: &PythonPlace,
    source: &TestSource,
    saved: &str,
) -> Option<CellRestoring> {
    let is_of_logging = cell.home.as_deref() == Some("logging") && !place.is_new;
    let Held::Attribute(name) = &place.held else { return None };
    let holder = &place.holder;
    let (read, set) = match name.as_str() {
        "level" if is_of_logging && holder.contains("getLogger(") => {
            (place.expression(), format!("{holder}.setLevel"))
        }
        "_disable" | "disable" if is_of_logging && holder.ends_with("root.manager") => {
            (format!("{holder}.disable"), named(source, "logging.disable"))
        }
        _ => return None,
    };
    Some(CellRestoring {
        imports: [&place.imports[..], &["logging".to_owned()]].concat(),
        save: vec![format!("{saved} = {read}")],
        restore: vec![format!("{set}({saved})")],
        cleanup: vec![format!("self.addCleanup({set}, {read})")],
        ..CellRestoring::default()
    })
}
