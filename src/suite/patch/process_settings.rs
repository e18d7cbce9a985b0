//! What restores the settings of the interpreter and of the system: by the functions that read and set them.

use super::names::ImportedNames;
use super::numpy_settings;
use super::place::named;
use super::source::TestSource;
use super::ways::CellRestoring;
use crate::suite::runner::cell::Cell;

/// A state that one function reads and another one sets, each of a module.
pub(super) fn state_of(source: &TestSource, saved: &str, getter: &str, setter: &str) -> CellRestoring {
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

pub(super) fn setter_of_generator(getter: &str) -> Option<String> {
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
pub(super) fn process(cell: &Cell, source: &TestSource, saved: &str) -> Option<CellRestoring> {
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
        | "sys.gettrace()"
        | "sys.getprofile()"
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
        key if key.starts_with("gc.") => collector(cell, source, saved),
        key => return numpy_settings::restoring(key, source, saved),
    })
}

/// Settings of the collector: whether it runs, and when.
fn collector(cell: &Cell, source: &TestSource, saved: &str) -> CellRestoring {
    let imports = vec!["gc".to_owned()];
    if cell.key == "gc.get_threshold()" {
        let (get, set) = (named(source, "gc.get_threshold"), named(source, "gc.set_threshold"));
        return CellRestoring {
            imports,
            save: vec![format!("{saved} = {get}()")],
            restore: vec![format!("{set}(*{saved})")],
            cleanup: vec![format!("self.addCleanup({set}, *{get}())")],
            ..CellRestoring::default()
        };
    }
    let call = named(source, if cell.alone == "True" { "gc.enable" } else { "gc.disable" });
    CellRestoring {
        imports,
        restore: vec![format!("{call}()")],
        cleanup: vec![format!("self.addCleanup({call})")],
        ..CellRestoring::default()
    }
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
