//! What restores a file or a directory after a test, in each of the ways in which tests do that.

use super::place::named;
use super::source::TestSource;
use super::ways::CellRestoring;
use crate::suite::runner::cell::{Cell, ValueKind};

/// The expression of a file's path, as the cell names it: in the working directory, the temporary one, or elsewhere.
fn path_of(cell: &Cell, source: &TestSource) -> Option<(String, String)> {
    if let Some(rest) = cell.key.strip_prefix("$TMPDIR/") {
        return Some((
            "tempfile".to_owned(),
            format!("pathlib.Path(tempfile.gettempdir(), {})", source.quoted(rest)),
        ));
    }
    let full = std::env::current_dir().ok()?.join(&cell.key);
    let folder = source.path.parent()?;
    // Files elsewhere have names that hold on this machine only.
    let (up, rest) = folder
        .ancestors()
        .enumerate()
        .find_map(|(up, folder)| Some((up, full.strip_prefix(folder).ok()?)))?;
    let rest = rest.to_str()?;
    folder.ancestors().nth(up)?.parent()?;
    let parent = if up == 0 { "parent".to_owned() } else { format!("parents[{up}]") };
    Some((String::new(), format!("pathlib.Path(__file__).resolve().{parent} / {}", source.quoted(rest))))
}

pub(super) fn file(cell: &Cell, source: &TestSource, saved: &str) -> Option<CellRestoring> {
    let (more, path) = path_of(cell, source)?;
    let imports = ["pathlib".to_owned(), more].into_iter().filter(|each| !each.is_empty()).collect();
    Some(if cell.alone_is == ValueKind::Absent {
        CellRestoring {
            imports,
            restore: vec![
                format!("left = {path}"),
                "if left.exists():".to_owned(),
                "    left.unlink()".to_owned(),
            ],
            cleanup: vec![format!("self.addCleanup(({path}).unlink)")],
            ..CellRestoring::default()
        }
    } else {
        CellRestoring {
            imports,
            save: vec![format!("path_{saved} = {path}"), format!("{saved} = path_{saved}.read_bytes()")],
            restore: vec![format!("path_{saved}.write_bytes({saved})")],
            cleanup: vec![
                format!("path_{saved} = {path}"),
                format!("self.addCleanup(path_{saved}.write_bytes, path_{saved}.read_bytes())"),
            ],
            ..CellRestoring::default()
        }
    })
}

pub(super) fn directory(cell: &Cell, source: &TestSource) -> Option<CellRestoring> {
    let (more, path) = path_of(cell, source)?;
    let imports = ["pathlib".to_owned(), "shutil".to_owned(), more];
    let (remove, path) = (named(source, "shutil.rmtree"), format!("str({path})"));
    (cell.alone_is == ValueKind::Absent).then(|| CellRestoring {
        imports: imports.into_iter().filter(|each| !each.is_empty()).collect(),
        restore: vec![format!("{remove}({path}, ignore_errors=True)")],
        cleanup: vec![format!("self.addCleanup({remove}, {path}, ignore_errors=True)")],
        ..CellRestoring::default()
    })
}
