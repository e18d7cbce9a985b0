//! What restores one cell after a test, in each of the three ways in which tests do that: a call of `monkeypatch`,
//! lines of a fixture around its `yield`, a call of `addCleanup`.

use super::files;
use super::names::ImportedNames;
use super::numpy_settings;
use super::place::{Held, PythonPlace, is_expression, named};
use super::source::TestSource;
use super::ways::CellRestoring;
use crate::suite::runner::cell::{Cell, CellKind};

/// How a cell can be restored in a file; `number` distinguishes the cells of a finding.
pub(super) fn restoring(cell: &Cell, source: &TestSource, number: usize) -> Option<CellRestoring> {
    let saved = if number == 0 { "saved".to_owned() } else { format!("saved_{}", number + 1) };
    let ways = match cell.kind {
        CellKind::File => files::file(cell, source, &saved),
        CellKind::Directory => files::directory(cell, source),
        CellKind::Generator => Some(state_of(source, &saved, &cell.key, &setter_of_generator(&cell.key)?)),
        CellKind::Process if cell.key != "os.environ" => process(cell, source, &saved),
        _ => {
            let place = PythonPlace::of(cell, source)?;
            if cell.alone.starts_with("count(") && cell.after.starts_with("count(") {
                return Some(CellRestoring {
                    name: short_name(cell),
                    ..counter(&place, &cell.alone, source, &saved)
                });
            }
            let ways = CellRestoring { imports: place.imports.clone(), ..of_place(&place, source, &saved) };
            let is_zone = cell.kind == CellKind::Environment && cell.key == "TZ";
            Some(if is_zone { with_time_zone(ways, source) } else { ways })
        }
    };
    ways.map(|ways| CellRestoring { name: short_name(cell), ..ways })
}

fn of_place(place: &PythonPlace, source: &TestSource, saved: &str) -> CellRestoring {
    let holder = &place.holder;
    let here = place.expression();
    match &place.held {
        Held::Attribute(name) => attribute(place, &source.quoted(name), saved, &here),
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
        Held::Cache => CellRestoring {
            restore: vec![format!("{holder}.cache_clear()")],
            cleanup: vec![format!("self.addCleanup({holder}.cache_clear)")],
            ..CellRestoring::default()
        },
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

fn attribute(place: &PythonPlace, quoted: &str, saved: &str, here: &str) -> CellRestoring {
    let holder = &place.holder;
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
    CellRestoring {
        monkeypatch: Some(format!("monkeypatch.setattr({holder}, {quoted}, {here})")),
        save: vec![format!("{saved} = {here}")],
        restore: vec![format!("{here} = {saved}")],
        cleanup: vec![format!("self.addCleanup(setattr, {holder}, {quoted}, {here})")],
        ..CellRestoring::default()
    }
}

/// A state that one function reads and another one sets, each of a module.
fn state_of(source: &TestSource, saved: &str, getter: &str, setter: &str) -> CellRestoring {
    let (name, arguments) = getter.split_once('(').unwrap_or((getter, ")"));
    let (get, set) = (format!("{}({arguments}", named(source, name)), named(source, setter));
    let module = name.rsplit_once('.').map_or("", |(module, _)| module);
    CellRestoring {
        imports: vec![module.to_owned()],
        save: vec![format!("{saved} = {get}")],
        restore: vec![format!("{set}({saved})")],
        cleanup: vec![format!("self.addCleanup({set}, {get})")],
        ..CellRestoring::default()
    }
}

fn setter_of_generator(getter: &str) -> Option<String> {
    Some(getter.strip_suffix("()")?.replace("get", "set"))
}

/// The handler of a signal, which is one of the names in `signal`, or a number.
fn handler(cell: &Cell, signal: &str, source: &TestSource, saved: &str) -> CellRestoring {
    let signal = if signal.contains('.') { named(source, signal) } else { signal.to_owned() };
    let (get, set) = (named(source, "signal.getsignal"), named(source, "signal.signal"));
    CellRestoring {
        restore: vec![format!("{set}({signal}, {saved})")],
        cleanup: vec![format!("self.addCleanup({set}, {signal}, {get}({signal}))")],
        ..state_of(source, saved, &cell.key, "signal.signal")
    }
}

/// Settings of the interpreter and of the system.
fn process(cell: &Cell, source: &TestSource, saved: &str) -> Option<CellRestoring> {
    if let Some(stream) = cell.key.strip_suffix(".closed") {
        return Some(stream_of_its_own(stream, source, saved));
    }
    if let Some(signal) = cell.key.strip_prefix("signal.getsignal(") {
        return Some(handler(cell, signal.strip_suffix(')')?, source, saved));
    }
    Some(match cell.key.as_str() {
        "os.getcwd()" => CellRestoring {
            monkeypatch: Some(format!("monkeypatch.chdir({}())", named(source, "os.getcwd"))),
            ..state_of(source, saved, "os.getcwd()", "os.chdir")
        },
        "os.umask()" => CellRestoring {
            save: Vec::new(),
            restore: vec![format!("{}({})", named(source, "os.umask"), cell.alone)],
            cleanup: vec![format!("self.addCleanup({}, {})", named(source, "os.umask"), cell.alone)],
            ..state_of(source, saved, "os.umask()", "os.umask")
        },
        "csv.field_size_limit()" => state_of(source, saved, &cell.key, "csv.field_size_limit"),
        "sys.getrecursionlimit()"
        | "sys.getswitchinterval()"
        | "sys.get_int_max_str_digits()"
        | "socket.getdefaulttimeout()" => {
            state_of(source, saved, &cell.key, &cell.key.replace("get", "set").replace("()", ""))
        }
        "locale.setlocale(LC_ALL)" => {
            let (set, all) = (named(source, "locale.setlocale"), named(source, "locale.LC_ALL"));
            CellRestoring {
                imports: vec!["locale".to_owned()],
                save: vec![format!("{saved} = {set}({all})")],
                restore: vec![format!("{set}({all}, {saved})")],
                cleanup: vec![format!("self.addCleanup({set}, {all}, {set}({all}))")],
                ..CellRestoring::default()
            }
        }
        "decimal.getcontext()" => {
            let (get, set) = (named(source, "decimal.getcontext"), named(source, "decimal.setcontext"));
            CellRestoring {
                imports: vec!["decimal".to_owned()],
                save: vec![format!("{saved} = {get}().copy()")],
                restore: vec![format!("{set}({saved})")],
                cleanup: vec![format!("self.addCleanup({set}, {get}().copy())")],
                ..CellRestoring::default()
            }
        }
        "gc.isenabled()" => {
            let call = if cell.alone == "True" { "gc.enable" } else { "gc.disable" };
            CellRestoring {
                imports: vec!["gc".to_owned()],
                restore: vec![format!("{}()", named(source, call))],
                cleanup: vec![format!("self.addCleanup({})", named(source, call))],
                ..CellRestoring::default()
            }
        }
        key => return numpy_settings::restoring(key, source, saved),
    })
}

/// A stream that the test may close: it gets one of its own, since nobody can open again what is closed.
fn stream_of_its_own(stream: &str, source: &TestSource, saved: &str) -> CellRestoring {
    let here = named(source, stream);
    let (holder, name) = here.rsplit_once('.').unwrap_or(("sys", &here));
    let name = source.quoted(name);
    let of_io = ImportedNames::of(source).content("io", "StringIO");
    let made = format!("{}()", of_io.clone().unwrap_or_else(|| named(source, "io.StringIO")));
    let modules = ["sys"].into_iter().chain(of_io.is_none().then_some("io"));
    CellRestoring {
        imports: modules.map(str::to_owned).collect(),
        monkeypatch: Some(format!("monkeypatch.setattr({holder}, {name}, {made})")),
        save: vec![format!("{saved} = {here}"), format!("{here} = {made}")],
        restore: vec![format!("{here} = {saved}")],
        cleanup: vec![
            format!("self.addCleanup(setattr, {holder}, {name}, {here})"),
            format!("{here} = {made}"),
        ],
        ..CellRestoring::default()
    }
}

/// A word for a cell that can be part of a name.
fn short_name(cell: &Cell) -> String {
    let text = match cell.kind {
        CellKind::Item if !is_expression(&cell.key) => {
            let holder = cell.cell.strip_suffix(']').and_then(|whole| whole.strip_suffix(&cell.key));
            let holder = holder.unwrap_or(&cell.cell).trim_end_matches('[');
            holder.rsplit('.').next().unwrap_or(holder)
        }
        CellKind::Content => cell.cell.trim_end_matches("[:]").trim_end_matches(" order"),
        CellKind::Cache => cell.cell.trim_end_matches(" cache"),
        CellKind::Process if cell.key == "os.getcwd()" => "working_directory",
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
