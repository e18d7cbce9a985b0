//! What restores the settings of numpy that lie in variables of a context: by the functions that people use for them.

use super::place::named;
use super::source::TestSource;
use super::ways::CellRestoring;

/// The variables, with the functions that read and set all that they hold.
const SETTINGS: [(&str, &str, &str); 2] = [
    ("ContextVar('numpy.ufunc.extobj')", "numpy.geterr", "numpy.seterr"),
    ("ContextVar('format_options')", "numpy.get_printoptions", "numpy.set_printoptions"),
];

pub(super) fn restoring(key: &str, source: &TestSource, saved: &str) -> Option<CellRestoring> {
    let (_, get, set) = SETTINGS.iter().find(|(known, ..)| *known == key)?;
    let (get, set) = (named(source, get), named(source, set));
    Some(CellRestoring {
        imports: vec!["numpy".to_owned()],
        save: vec![format!("{saved} = {get}()")],
        restore: vec![format!("{set}(**{saved})")],
        cleanup: vec![format!("self.addCleanup({set}, **{get}())")],
        ..CellRestoring::default()
    })
}
