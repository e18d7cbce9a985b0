//! What restores one cell after a test, in each of the three ways in which tests do that: a call of `monkeypatch`,
//! lines of a fixture around its `yield`, a call of `addCleanup`.

use super::names::ImportedNames;
use super::place::{Held, PythonPlace, named};
use super::source::TestSource;
use crate::suite::runner::cell::{Cell, CellKind, ValueKind};

/// The ways to restore one cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CellRestoring {
    pub(super) imports: Vec<String>,
    /// A statement for the start of a test with the fixture `monkeypatch`, which restores at the end.
    pub(super) monkeypatch: Option<String>,
    /// Lines before the `yield` of a fixture.
    pub(super) save: Vec<String>,
    /// Lines behind it.
    pub(super) restore: Vec<String>,
    /// Statements for a method of `unittest.TestCase`.
    pub(super) cleanup: Vec<String>,
    /// A name for what is restored.
    pub(super) name: String,
}

/// How a cell can be restored in a file; `number` distinguishes the cells of a finding.
pub(super) fn restoring(cell: &Cell, source: &TestSource, number: usize) -> Option<CellRestoring> {
    let saved = if number == 0 { "saved".to_owned() } else { format!("saved_{}", number + 1) };
    let ways = match cell.kind {
        CellKind::File => file(cell, source, &saved),
        CellKind::Directory => directory(cell, source),
        CellKind::Generator => Some(state_of(source, &saved, &cell.key, &setter_of_generator(&cell.key)?)),
        CellKind::Process if cell.key != "os.environ" => process(cell, source, &saved),
        _ => {
            let place = PythonPlace::of(cell, source)?;
            Some(CellRestoring { imports: place.imports.clone(), ..of_place(&place, source, &saved) })
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
        Held::List => CellRestoring {
            save: vec![format!("{saved} = {holder}[:]")],
            restore: vec![format!("{holder}[:] = {saved}")],
            cleanup: vec![format!("self.addCleanup({holder}.__setitem__, slice(None), {holder}[:])")],
            ..CellRestoring::default()
        },
        Held::Set => CellRestoring {
            save: vec![format!("{saved} = set({holder})")],
            restore: vec![format!("{holder}.clear()"), format!("{holder}.update({saved})")],
            cleanup: vec![
                format!("self.addCleanup({holder}.update, set({holder}))"),
                format!("self.addCleanup({holder}.clear)"),
            ],
            ..CellRestoring::default()
        },
        Held::Cache => CellRestoring {
            restore: vec![format!("{holder}.cache_clear()")],
            cleanup: vec![format!("self.addCleanup({holder}.cache_clear)")],
            ..CellRestoring::default()
        },
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

/// Settings of the interpreter and of the system.
fn process(cell: &Cell, source: &TestSource, saved: &str) -> Option<CellRestoring> {
    if let Some(stream) = cell.key.strip_suffix(".closed") {
        return Some(stream_of_its_own(stream, source, saved));
    }
    if let Some(number) = cell.key.strip_prefix("signal.getsignal(") {
        let number = number.strip_suffix(')')?;
        let mut ways = state_of(source, saved, &cell.key, "signal.signal");
        let set = named(source, "signal.signal");
        ways.restore = vec![format!("{set}({number}, {saved})")];
        ways.cleanup = vec![format!(
            "self.addCleanup({set}, {number}, {}({number}))",
            named(source, "signal.getsignal")
        )];
        return Some(ways);
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
        "sys.getrecursionlimit()" | "sys.getswitchinterval()" => {
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
        _ => return None,
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

fn file(cell: &Cell, source: &TestSource, saved: &str) -> Option<CellRestoring> {
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

fn directory(cell: &Cell, source: &TestSource) -> Option<CellRestoring> {
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

/// A word for a cell that can be part of a name.
fn short_name(cell: &Cell) -> String {
    let text = match cell.kind {
        CellKind::Content | CellKind::Cache => cell.cell.trim_end_matches("[:]").trim_end_matches(" cache"),
        CellKind::Process if cell.key == "os.getcwd()" => "working_directory",
        _ => &cell.key,
    };
    let last = match cell.kind {
        CellKind::Content | CellKind::Cache | CellKind::Generator | CellKind::Process => {
            text.rsplit(['.', '/']).next().unwrap_or(text)
        }
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
