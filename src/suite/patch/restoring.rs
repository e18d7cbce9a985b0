//! What restores one cell after a test, in each of the three ways in which tests do that: a call of `monkeypatch`,
//! lines of a fixture around its `yield`, a call of `addCleanup`.

use super::files;
use super::logging_settings;
use super::place::{Held, PythonPlace, is_expression, named};
use super::process_settings::{process, setter_of_generator, state_of};
use super::source::TestSource;
use super::ways::CellRestoring;
use crate::suite::runner::cell::{Cell, CellKind};

/// How the cell of what a class knows as its subclasses ends.
const SUBCLASSES: &str = ".__subclasses__()";

/// How a cell can be restored in a file; `number` distinguishes the cells of a finding.
pub(super) fn restoring(cell: &Cell, source: &TestSource, number: usize) -> Option<CellRestoring> {
    let saved = if number == 0 { "saved".to_owned() } else { format!("saved_{}", number + 1) };
    let ways = match cell.kind {
        CellKind::File => files::file(cell, source, &saved),
        CellKind::Directory => files::directory(cell, source),
        CellKind::Generator => Some(state_of(source, &saved, &cell.key, &setter_of_generator(&cell.key)?)),
        CellKind::Process if cell.key != "os.environ" => process(cell, source, &saved),
        // Nobody can open again what is closed.
        CellKind::Content if cell.closed_connection().is_some() => None,
        _ if cell.is_event_loop() => Some(policy_anew(source)),
        CellKind::Content if cell.cell.ends_with(SUBCLASSES) => Some(classes_gone(source)),
        CellKind::Content if cell.is_threads() => Some(threads_ended(source, &saved)),
        _ => {
            let place = PythonPlace::of(cell, source)?;
            let is_count = |text: &str| text.starts_with("count(");
            Some(if let Some(ways) = logging_settings::restoring(cell, &place, source, &saved) {
                ways
            } else if is_count(&cell.alone) && is_count(&cell.after) {
                counter(&place, &cell.alone, source, &saved)
            } else {
                let ways = of_place(cell, &place, source, &saved);
                let imports = [&place.imports[..], &ways.imports[..]].concat();
                let ways = CellRestoring { imports, ..ways };
                let is_zone = cell.kind == CellKind::Environment && cell.key == "TZ";
                if is_zone { with_time_zone(ways, source) } else { ways }
            })
        }
    };
    ways.map(|ways| CellRestoring { name: short_name(cell), ..ways })
}

fn of_place(cell: &Cell, place: &PythonPlace, source: &TestSource, saved: &str) -> CellRestoring {
    let holder = &place.holder;
    let here = place.expression();
    match &place.held {
        Held::Attribute(name) => attribute(cell, place, &source.quoted(name), saved),
        Held::Item(key) if place.is_new => CellRestoring {
            restore: vec![format!("{holder}.pop({key}, None)")],
            cleanup: vec![format!("self.addCleanup({holder}.pop, {key}, None)")],
            ..CellRestoring::default()
        },
        Held::Item(key) => CellRestoring {
            monkeypatch: Some(if holder.ends_with("os.environ") {
                format!("monkeypatch.setenv({key}, {here})")
            } else {
                format!("monkeypatch.setitem({holder}, {key}, {here})")
            }),
            save: vec![format!("{saved} = {here}")],
            restore: vec![format!("{here} = {saved}")],
            cleanup: vec![format!("self.addCleanup({holder}.__setitem__, {key}, {here})")],
            ..CellRestoring::default()
        },
        Held::Entries => of_all(holder, ("dict", "update"), saved),
        Held::Queue => of_all(holder, ("list", "extend"), saved),
        Held::List => CellRestoring {
            save: vec![format!("{saved} = {holder}[:]")],
            restore: vec![format!("{holder}[:] = {saved}")],
            cleanup: vec![format!("self.addCleanup({holder}.__setitem__, slice(None), {holder}[:])")],
            ..CellRestoring::default()
        },
        Held::Set => of_all(holder, ("set", "update"), saved),
        // What was not set is not set again once it is reset.
        Held::Variable => CellRestoring {
            save: vec![format!("{saved} = {holder}.set({holder}.get(None))")],
            restore: vec![format!("{holder}.reset({saved})")],
            cleanup: vec![format!("self.addCleanup({holder}.reset, {holder}.set({holder}.get(None)))")],
            ..CellRestoring::default()
        },
        Held::Written => written(holder, saved),
        Held::Lock => CellRestoring {
            restore: vec![format!("if {holder}.locked():"), format!("    {holder}.release()")],
            cleanup: vec![format!("self.addCleanup({holder}.release)")],
            ..CellRestoring::default()
        },
        Held::Database => database(holder, source, saved),
        Held::Cache => CellRestoring {
            restore: vec![format!("{holder}.cache_clear()")],
            cleanup: vec![format!("self.addCleanup({holder}.cache_clear)")],
            ..CellRestoring::default()
        },
    }
}

/// What was written to a stream in memory.
fn written(holder: &str, saved: &str) -> CellRestoring {
    CellRestoring {
        save: vec![format!("{saved} = {holder}.getvalue()")],
        restore: vec![
            format!("{holder}.seek(0)"),
            format!("{holder}.truncate()"),
            format!("{holder}.write({saved})"),
        ],
        cleanup: vec![
            format!("self.addCleanup({holder}.write, {holder}.getvalue())"),
            format!("self.addCleanup({holder}.truncate)"),
            format!("self.addCleanup({holder}.seek, 0)"),
        ],
        ..CellRestoring::default()
    }
}

/// A database in memory, which another one keeps meanwhile.
fn database(holder: &str, source: &TestSource, saved: &str) -> CellRestoring {
    let copied = vec![
        format!("{saved} = {}(\":memory:\")", named(source, "sqlite3.connect")),
        format!("{holder}.backup({saved})"),
    ];
    let cleanup =
        [format!("self.addCleanup({saved}.backup, {holder})"), format!("self.addCleanup({holder}.rollback)")];
    CellRestoring {
        imports: vec!["sqlite3".to_owned()],
        cleanup: [&copied[..], &cleanup[..]].concat(),
        save: copied,
        restore: vec![format!("{holder}.rollback()"), format!("{saved}.backup({holder})")],
        ..CellRestoring::default()
    }
}

/// All that a container holds, which is copied by a builtin class and put back by a method.
fn of_all(holder: &str, (kind, put): (&str, &str), saved: &str) -> CellRestoring {
    CellRestoring {
        save: vec![format!("{saved} = {kind}({holder})")],
        restore: vec![format!("{holder}.clear()"), format!("{holder}.{put}({saved})")],
        cleanup: vec![
            format!("self.addCleanup({holder}.{put}, {kind}({holder}))"),
            format!("self.addCleanup({holder}.clear)"),
        ],
        ..CellRestoring::default()
    }
}

/// The time zone is that of the variable only once somebody asks for it.
fn with_time_zone(ways: CellRestoring, source: &TestSource) -> CellRestoring {
    let set = named(source, "time.tzset");
    CellRestoring {
        imports: [&ways.imports[..], &["time".to_owned()]].concat(),
        monkeypatch: None,
        restore: [&ways.restore[..], &[format!("{set}()")]].concat(),
        cleanup: [&[format!("self.addCleanup({set})")], &ways.cleanup[..]].concat(),
        ..ways
    }
}

/// What counts cannot be set back: the test has one of its own.
fn counter(place: &PythonPlace, count: &str, source: &TestSource, saved: &str) -> CellRestoring {
    let (holder, here) = (&place.holder, place.expression());
    let new = named(source, &format!("itertools.{count}"));
    let (monkeypatch, set) = match &place.held {
        Held::Attribute(name) => {
            let name = source.quoted(name);
            (
                format!("monkeypatch.setattr({holder}, {name}, {new})"),
                format!("setattr, {holder}, {name}, {here}"),
            )
        }
        Held::Item(key) => (
            format!("monkeypatch.setitem({holder}, {key}, {new})"),
            format!("{holder}.__setitem__, {key}, {here}"),
        ),
        _ => return CellRestoring::default(),
    };
    CellRestoring {
        imports: [&place.imports[..], &["itertools".to_owned()]].concat(),
        monkeypatch: Some(monkeypatch),
        save: vec![format!("{saved} = {here}"), format!("{here} = {new}")],
        restore: vec![format!("{here} = {saved}")],
        cleanup: vec![format!("self.addCleanup({set})"), format!("{here} = {new}")],
        ..CellRestoring::default()
    }
}

/// With a policy that is made anew, `asyncio` makes a new event loop for whoever asks.
fn policy_anew(source: &TestSource) -> CellRestoring {
    let set = named(source, "asyncio.set_event_loop_policy");
    CellRestoring {
        imports: vec!["asyncio".to_owned()],
        restore: vec![format!("{set}(None)")],
        cleanup: vec![format!("self.addCleanup({set}, None)")],
        ..CellRestoring::default()
    }
}

/// Classes that a test has defined refer to one another, and so live until somebody collects them.
fn classes_gone(source: &TestSource) -> CellRestoring {
    let collect = named(source, "gc.collect");
    CellRestoring {
        imports: vec!["gc".to_owned()],
        restore: vec![format!("{collect}()")],
        cleanup: vec![format!("self.addCleanup({collect})")],
        ..CellRestoring::default()
    }
}

/// Threads that end by themselves, or were told to end, do so while somebody waits.
fn threads_ended(source: &TestSource, saved: &str) -> CellRestoring {
    let threads = named(source, "threading.enumerate");
    let save = format!("{saved} = {threads}()");
    let others = format!("for thread in {threads}() if thread not in {saved}");
    CellRestoring {
        imports: vec!["threading".to_owned()],
        save: vec![save.clone()],
        restore: vec![
            format!("for thread in {threads}():"),
            format!("    if thread not in {saved}:"),
            "        thread.join(timeout=1)".to_owned(),
        ],
        cleanup: vec![save, format!("self.addCleanup(lambda: [thread.join(timeout=1) {others}])")],
        ..CellRestoring::default()
    }
}

fn attribute(cell: &Cell, place: &PythonPlace, quoted: &str, saved: &str) -> CellRestoring {
    let (holder, here) = (&place.holder, place.expression());
    if place.is_new {
        let (restore, cleanup) = if place.of_module {
            (
                vec![format!("vars({holder}).pop({quoted}, None)")],
                format!("self.addCleanup(vars({holder}).pop, {quoted}, None)"),
            )
        } else {
            let guarded = vec![format!("if {quoted} in vars({holder}):"), format!("    del {here}")];
            (guarded, format!("self.addCleanup(delattr, {holder}, {quoted})"))
        };
        return CellRestoring { restore, cleanup: vec![cleanup], ..CellRestoring::default() };
    }
    let held =
        if may_be_descriptor(cell, place) { format!("vars({holder})[{quoted}]") } else { here.clone() };
    CellRestoring {
        monkeypatch: Some(format!("monkeypatch.setattr({holder}, {quoted}, {held})")),
        save: vec![format!("{saved} = {held}")],
        restore: vec![format!("{here} = {saved}")],
        cleanup: vec![format!("self.addCleanup(setattr, {holder}, {quoted}, {held})")],
        ..CellRestoring::default()
    }
}

/// Whether an object of a class that Python knows may lie in a class: to read the attribute asks that object for another one, such as the
/// function of a `staticmethod`. A class begins with a capital letter, usually; of another object `vars` has the same.
fn may_be_descriptor(cell: &Cell, place: &PythonPlace) -> bool {
    let holder = place.holder.rsplit('.').next().unwrap_or_default().trim_start_matches('_');
    let is_object = cell.alone.starts_with('<')
        && [" object>", " object with "].iter().any(|end| cell.alone.contains(end));
    !place.of_module && holder.starts_with(char::is_uppercase) && is_object
}

/// A word for a cell that can be part of a name.
fn short_name(cell: &Cell) -> String {
    let text = match cell.kind {
        CellKind::Item if !is_expression(&cell.key) => {
            let holder = cell.cell.strip_suffix(']').and_then(|whole| whole.strip_suffix(&cell.key));
            let holder = holder.unwrap_or(&cell.cell).trim_end_matches('[');
            holder.rsplit('.').next().unwrap_or(holder)
        }
        CellKind::Content if cell.is_threads() => "threads",
        CellKind::Content => ["[:]", " order", " database", ".getvalue()", ".locked()", "()"]
            .into_iter()
            .fold(&cell.cell[..], |text, end| text.strip_suffix(end).unwrap_or(text)),
        CellKind::Cache => cell.cell.trim_end_matches(" cache"),
        CellKind::Process if cell.key == "os.getcwd()" => "working_directory",
        _ if cell.is_event_loop() => "event_loop_policy",
        _ => &cell.key,
    };
    let last = match cell.kind {
        CellKind::Content
        | CellKind::Cache
        | CellKind::Generator
        | CellKind::Process
        | CellKind::Variable => text.rsplit(['.', '/']).next().unwrap_or(text),
        _ => text,
    };
    let last = if cell.kind == CellKind::Generator { "random_state" } else { last };
    let word: String = last
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' })
        .collect();
    let word = word.trim_matches('_').chars().take(40).collect::<String>();
    if word.is_empty() { "state".to_owned() } else { word }
}
