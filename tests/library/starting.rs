//! Starting interpreters: what is kept between starts, and that nothing rests on it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use taster::Places;
use taster::interpreter::cpython::{CPython, Program};
use taster::interpreter::{Freshness, Installation, choose};
use taster::scenario::Version;
use taster::world::{Nanos, World};

use crate::pythons::{Walk, any_python, each_python, exec, import, walk};

/// The same interpreter, found anew by somebody whose caches are here; it keeps processes of its own.
pub(crate) fn with_caches(installation: &Installation, caches: &Path) -> Installation {
    let places = Places { cache: Some(caches.into()), ..Places::default() };
    let path = installation.identity.path.clone().unwrap();
    let anew = choose::choose(&[path.to_str().unwrap()], &places).unwrap().remove(0);
    if installation.confined { anew } else { anew.unconfined() }
}

/// Starts it, and performs a step.
fn works(installation: &Installation) {
    walk(installation, Program::default(), Nanos::SECOND).passes(&import("decimal"));
}

/// The files with compiled agents in these caches.
fn kept(caches: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(caches.join("taster/agents")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_agent_is_compiled_once_and_whatever_is_not_its_code_is_written_anew() {
    each_python(|installation| {
        let caches = tempfile::tempdir().unwrap();
        let starts = || works(&with_caches(installation, caches.path()));
        starts();
        let [file] = &kept(caches.path())[..] else { panic!("{:?}", kept(caches.path())) };
        let (code, written) = (fs::read(file).unwrap(), fs::metadata(file).unwrap().modified().unwrap());
        starts();
        assert_eq!(fs::metadata(file).unwrap().modified().unwrap(), written, "it is read");
        for wrong in [&b"not code"[..], &code[..code.len() / 2], &[]] {
            fs::write(file, wrong).unwrap();
            starts();
            assert_eq!(fs::read(file).unwrap().len(), code.len());
        }
        assert_eq!(kept(caches.path()), std::slice::from_ref(file));
    });
}

#[test]
fn caches_that_cannot_be_written_are_no_error() {
    each_python(|installation| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a file");
        fs::write(&file, "in the way").unwrap();
        works(&with_caches(installation, &file));
        assert_eq!(fs::read(&file).unwrap(), b"in the way");
    });
}

/// What the code of a step prints.
fn says(session: &mut Walk, code: &str) -> String {
    session.step(&exec(code)).output.trim().to_owned()
}

/// The process that a session is a copy of: the parent of its first process, which performs these steps.
fn origin(session: &mut Walk) -> String {
    says(session, "import os; print(os.getppid())")
}

/// The processes whose home is this directory.
fn at_home(home: &str) -> usize {
    let wanted = format!("HOME={home}\0");
    let is_there = |process: &Path| {
        let environment = fs::read(process.join("environ")).unwrap_or_default();
        environment.windows(wanted.len()).any(|part| part == wanted.as_bytes())
    };
    fs::read_dir("/proc").unwrap().filter(|entry| is_there(&entry.as_ref().unwrap().path())).count()
}

#[test]
fn sessions_are_copies_of_one_process_and_leave_nothing_to_one_another() {
    const LEAVE_MUCH: &str = "
import os, sys, time
open('left', 'w').close()
sys.left, os.environ['LEFT'] = 1, 'left'
sys.path.append('left')
os.umask(0)
os.chmod('.', 0o500)
if not os.fork():
    os.setsid()
    os.fork()
    time.sleep(1000)
";
    const WHAT_IS_LEFT: &str = "
import os, sys
mask = os.umask(0o22)
print(os.listdir('.'), hasattr(sys, 'left'), 'LEFT' in os.environ, 'left' in sys.path, mask == 0o22, os.stat('.').st_mode & 0o700 == 0o700)
";
    each_python(|installation| {
        let installation = with_caches(installation, Path::new("/nowhere"));
        let start = || walk(&installation, Program::default(), Nanos::SECOND);
        let mut first = start();
        // Letter by letter, for output has `$` instead of it.
        let home = says(&mut first, "import os; print(' '.join(os.environ['HOME']))").replace(' ', "");
        let one = origin(&mut first);
        let mut beside = start();
        assert_ne!(origin(&mut beside), one, "two at a time are copies of two");
        assert_eq!(says(&mut first, LEAVE_MUCH), "");
        drop(first);
        assert_eq!(at_home(&home), 2, "the watcher and the process that sessions are copies of");
        let mut next = start();
        assert_eq!(origin(&mut next), one);
        let nothing = says(&mut next, WHAT_IS_LEFT);
        assert!(
            nothing.ends_with("[] False False False True True")
                || nothing == "([], False, False, False, True, True)",
            "{nothing}"
        );
        let own = CPython::start_as(&installation, Program::default(), Freshness::Process).unwrap();
        let mut own = Walk { python: own, world: World::new(Nanos::SECOND) };
        assert!(origin(&mut own) != one && at_home(&home) > 2);
        drop((beside, next, own, installation));
        assert_eq!(at_home(&home), 0);
        assert!(!Path::new(&home).exists());
    });
}

#[test]
fn a_session_that_ends_the_process_it_is_a_copy_of_ends_no_other_session() {
    any_python(|installation| {
        let installation = with_caches(installation, Path::new("/nowhere"));
        for _ in 0..2 {
            let mut session = walk(&installation, Program::default(), Nanos::SECOND);
            let one = origin(&mut session);
            says(&mut session, "import os; os.kill(os.getppid(), 9)");
            drop(session);
            let mut next = walk(&installation, Program::default(), Nanos::SECOND);
            assert_ne!(origin(&mut next), one);
            next.passes(&import("decimal"));
        }
    });
}

/// Python 3.14 starts without `abc`, which other versions load before the agent: here they have no `_abc` for as long as the agent loads.
const WITHOUT_ABC: &str = "\
import sys
abstract = sys.modules.pop('_abc')
kinds = {}
exec(open(sys.argv[1]).read(), kinds)
sys.modules['_abc'] = abstract
import abc
base = abc.ABCMeta('Base', (object,), {})
base.register(int)
found = [reference() for reference in kinds['registry_of'](base)]
assert found == [int], found
";

#[test]
fn what_is_registered_with_an_abstract_class_is_read_where_python_starts_without_them() {
    let kinds = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/interpreter/cpython/kinds.py");
    each_python(|installation| {
        if installation.identity.version < Version::new(3, 7, 0) {
            return;
        }
        let python = installation.identity.path.as_ref().unwrap();
        let output = Command::new(python).args(["-c", WITHOUT_ABC]).arg(&kinds).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    });
}
