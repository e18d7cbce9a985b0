//! Looking changes nothing and sees every difference: objects that notice questions, unnoticed forks, state in C.

use std::path::Path;
use std::process::Command;

use crate::not_run;
use crate::pythons::{Walk, asked_for, each_python, exec, walk};
use serde_json::Value;
use taster::interpreter::cpython::Program;
use taster::interpreter::cpython::discover::{Places, discover};
use taster::interpreter::{Fingerprint, Installation, Interpreter, Keep, Landing, Outcome};
use taster::world::Nanos;

const TRAPS: &str = include_str!("traps.py");

/// Runs `test` on the oldest CPython 3 and the newest one, on every CPython 3 where `TASTER_PYTHON` says `all`.
fn both_ends(test: impl Fn(&Installation)) {
    let all =
        std::env::var("TASTER_PYTHON").is_ok_and(|words| words.split(',').any(|word| word.trim() == "all"));
    let mut found = discover(&Places::from_variables(|name| std::env::var_os(name)));
    found.retain(|installation| installation.identity.version.feature().0 == 3);
    found.sort_by_key(|installation| installation.identity.version);
    if found.is_empty() {
        not_run::say("no CPython 3 was found");
    }
    for (index, installation) in found.iter().enumerate() {
        if all || index == 0 || index + 1 == found.len() {
            println!("on {}", installation.identity.label);
            test(installation);
        }
    }
}

fn started(installation: &Installation) -> Walk {
    walk(installation, Program::default(), Nanos::SECOND)
}

fn minor(installation: &Installation) -> (u32, u32) {
    installation.identity.version.feature()
}

/// What a step comes to in a copy of the state, which is gone afterwards.
fn in_a_copy(walk: &mut Walk, code: &str) -> Landing {
    let before = walk.world.clone();
    let landing = walk.descend(&exec(code), Keep::State);
    walk.python.ascend().unwrap();
    walk.world = before;
    landing
}

fn print_of(walk: &mut Walk, code: &str) -> Option<Fingerprint> {
    let landing = in_a_copy(walk, code);
    assert_eq!(landing.outcome, Outcome::Passed, "{code}: {}", landing.output);
    landing.fingerprint
}

#[test]
fn nothing_that_is_looked_at_is_asked_anything() {
    each_python(|installation| {
        let mut walk = started(installation);
        walk.mkdir("d").write("d/traps.py", TRAPS).sys_path("d").passes(&exec("import traps"));
        let count = print_places(&mut walk);
        for place in 0..count {
            let code = format!("import traps\ntraps.PLACES[{place}]()\ntraps.ARMED.append(1)");
            let before = walk.world.clone();
            let landing = walk.descend(&exec(&code), Keep::State);
            assert_eq!(landing.outcome, Outcome::Passed, "place {place}");
            walk.python.inspect().unwrap();
            let told =
                walk.descend(&exec("import traps\nassert not traps.SPRUNG, traps.SPRUNG"), Keep::Nothing);
            assert_eq!(told.outcome, Outcome::Passed, "place {place}");
            walk.python.ascend().unwrap();
            walk.world = before;
        }
    });
}

fn print_places(walk: &mut Walk) -> usize {
    let told = in_a_copy(walk, "import traps\nprint(len(traps.PLACES))").output;
    let count = told.trim().parse().unwrap();
    assert!(count > 30, "{count} places");
    count
}

#[test]
fn the_message_of_an_exception_is_told_in_a_copy() {
    each_python(|installation| {
        let mut walk = started(installation);
        let code = "import sys\nclass E(Exception):\n    def __str__(self):\n        sys.asked = 1\n        return 'why'\nraise E";
        assert_eq!(walk.step(&exec(code)).outcome.to_string(), "E: why");
        walk.passes(&exec("import sys\nassert not hasattr(sys, 'asked')"));
    });
}

#[test]
fn nobody_is_told_of_a_fork_or_a_look() {
    each_python(|installation| {
        let mut walk = started(installation);
        if minor(installation) < (3, 7) {
            // Up to 3.8 the interpreter itself calls this one.
            walk.passes(&exec(
                "import threading\nthreading._after_fork = lambda: setattr(threading, 'told', 1)",
            ));
            in_a_copy(&mut walk, "pass");
            let landing = in_a_copy(&mut walk, "import threading\nassert not hasattr(threading, 'told')");
            assert_eq!(landing.outcome, Outcome::Passed);
            return;
        }
        walk.passes(&exec(
            "import os, sys, threading\nsys.told = told = []\nos.register_at_fork(before=lambda: told.append('before'), \
             after_in_child=lambda: told.append('child'), after_in_parent=lambda: told.append('parent'))\n\
             threading._after_fork = lambda: told.append('threading')\n\
             sys.version_info >= (3, 8) and sys.addaudithook(lambda event, _: told.append(event))\ndel told[:]",
        ));
        let own = "import os, sys\npid = os.fork()\nif pid == 0: os._exit(0 if 'child' in sys.told else 1)\n\
                   assert os.waitpid(pid, 0)[1] == 0\nassert 'before' in sys.told and 'parent' in sys.told, sys.told";
        let heard = "import sys\nheard = set(sys.told) & {'before', 'child', 'parent', 'threading', 'os.fork', 'os.listdir'}\n\
                     assert not heard, heard";
        for code in [heard, own] {
            // Each is in a copy of a copy, and looked at before and after.
            walk.descend(&exec("pass"), Keep::State);
            walk.python.inspect().unwrap();
            let landing = in_a_copy(&mut walk, code);
            assert_eq!(landing.outcome, Outcome::Passed, "{code}");
        }
    });
}

/// The kind of <https://github.com/coagulant/django-whatever/issues/4>.
#[test]
fn a_seeded_generator_is_the_same_in_every_copy() {
    each_python(|installation| {
        let mut walk = started(installation);
        walk.passes(&exec("import random\nrandom.seed(7)"));
        let drawn = "import random\nassert random.random() == random.Random(7).random()";
        for _ in 0..2 {
            assert_eq!(in_a_copy(&mut walk, drawn).outcome, Outcome::Passed);
        }
    });
}

#[test]
fn generators_that_nobody_seeded_are_told_apart_by_what_was_drawn() {
    each_python(|installation| {
        if minor(installation).0 == 2 {
            // What a step loads is taken down when the step is over: it may have seeded it.
            return;
        }
        let mut first = started(installation);
        let mut second = started(installation);
        let loaded = "import random";
        assert_eq!(print_of(&mut first, loaded), print_of(&mut second, loaded));
        let drawn = "import random\nfor _ in range(999): random.random()";
        assert_eq!(print_of(&mut first, drawn), print_of(&mut second, drawn));
        assert_ne!(print_of(&mut first, loaded), print_of(&mut first, drawn));
    });
}

/// What a step begins with, what it does then, and from which version on there is such a thing.
const IN_C: &[(&str, &str, (u32, u32))] = &[
    ("import decimal; decimal.getcontext()", "decimal.getcontext().prec = 5", (2, 7)),
    ("import decimal", "decimal.DefaultContext.prec = 5", (2, 7)),
    ("import socket", "socket.setdefaulttimeout(3)", (2, 7)),
    ("import os", "os.umask(0o77)", (2, 7)),
    ("import os", "os.nice(1)", (2, 7)),
    ("import os", "os.putenv('A', '1')", (2, 7)),
    ("import os", "os.dup(1)", (2, 7)),
    ("import gc", "gc.set_threshold(11)", (2, 7)),
    ("import gc", "gc.disable()", (2, 7)),
    ("import gc", "gc.set_debug(gc.DEBUG_SAVEALL)", (2, 7)),
    ("import sys", "(getattr(sys, 'setswitchinterval', None) or sys.setcheckinterval)(7)", (2, 7)),
    ("import sys", "sys.setdlopenflags(1)", (2, 7)),
    ("import random; random.seed(1)", "random.random()", (2, 7)),
    ("import random; random.seed(1)", "random.gauss(0, 1)", (2, 7)),
    ("import csv", "csv.field_size_limit(99)", (2, 7)),
    ("import csv", "csv.register_dialect('x', delimiter='|')", (2, 7)),
    ("import signal", "signal.pthread_sigmask(signal.SIG_BLOCK, [10])", (3, 6)),
    ("import threading", "threading.stack_size(1 << 20)", (2, 7)),
    ("import threading", "threading.Thread().name", (2, 7)),
    ("import resource", "resource.setrlimit(resource.RLIMIT_CPU, (40000, 50000))", (2, 7)),
    ("import atexit", "atexit.register(len)", (2, 7)),
    ("import codecs", "codecs.register(len)", (2, 7)),
    ("import codecs", "codecs.register_error('x', len)", (2, 7)),
    ("import faulthandler", "faulthandler.enable()", (3, 6)),
    ("import tracemalloc", "tracemalloc.start()", (3, 6)),
    ("import contextvars, sys; sys.v = contextvars.ContextVar('v')", "sys.v.set(3)", (3, 7)),
    ("import threading, sys; sys.l = threading.Lock()", "sys.l.acquire()", (2, 7)),
    ("import threading, sys; sys.l = threading.RLock()", "sys.l.acquire()", (2, 7)),
    ("import threading, sys; sys.l = threading.local()", "sys.l.a = 1", (2, 7)),
    ("import itertools, sys; sys.c = itertools.count()", "next(sys.c)", (2, 7)),
    ("import functools, sys; sys.f = functools.lru_cache()(abs)", "sys.f(1)", (3, 6)),
    ("import io, sys; sys.s = io.StringIO()", "sys.s.write(u'a')", (3, 6)),
    ("import sys", "sys.stdout.reconfigure(line_buffering=True)", (3, 7)),
    ("import os", "os.register_at_fork(before=lambda: 0)", (3, 7)),
    ("import sys", "sys.addaudithook(lambda *_: 0)", (3, 8)),
    ("import sys", "sys.set_asyncgen_hooks(len)", (3, 6)),
    ("import sys", "sys.set_int_max_str_digits(1000)", (3, 12)),
    ("import json", "json.dumps.__code__ = (lambda: 1).__code__", (2, 7)),
];

#[test]
fn states_that_differ_in_c_alone_are_told_apart() {
    each_python(|installation| {
        let mut walk = started(installation);
        for (before, after, since) in IN_C {
            if minor(installation) < *since {
                continue;
            }
            // 2.7 takes down what a step has loaded when the step is over, so the change comes in the next one.
            let world = walk.world.clone();
            let loaded = walk.descend(&exec(before), Keep::State);
            assert_eq!(loaded.outcome, Outcome::Passed, "{before}");
            let was = print_of(&mut walk, before).unwrap_or_else(|| panic!("{before} can be told"));
            assert_eq!(print_of(&mut walk, before), Some(was.clone()), "{before}");
            assert_ne!(print_of(&mut walk, &format!("{before}; {after}")), Some(was), "{before}; {after}");
            walk.python.ascend().unwrap();
            walk.world = world;
        }
    });
}

#[test]
fn an_extension_module_outside_the_table_ends_merging() {
    each_python(|installation| {
        let mut walk = started(installation);
        assert!(print_of(&mut walk, "import math, _struct").is_some());
        assert_eq!(print_of(&mut walk, "import _ctypes"), None);
        assert_eq!(
            print_of(&mut walk, "import sys, _ctypes\ndel sys.modules['_ctypes']").is_some(),
            minor(installation).0 == 2
        );
        walk.mkdir("d").passes(&exec(
            "import os, sys\nfolder = [entry for entry in sys.path if entry.endswith('lib-dynload')][0]\n\
             name = [name for name in os.listdir(folder) if name.startswith('_json')][0]\n\
             data = open(os.path.join(folder, name), 'rb').read()\nfile = open('d/_json.so', 'wb')\n\
             file.write(data)\nfile.close()\ndel file",
        ));
        assert!(print_of(&mut walk, "pass").is_some());
        assert_eq!(
            print_of(&mut walk, "import os, sys\nsys.path.insert(0, os.path.abspath('d'))\nimport _json"),
            None
        );
    });
}

/// What loads a thing, two settings of it, what tells whether it is the second, and from which version on.
type Setting = (&'static str, &'static str, &'static str, &'static str, (u32, u32));

const SETTINGS: &[Setting] = &[
    (
        "import decimal; decimal.getcontext()",
        "decimal.getcontext().prec = 40",
        "decimal.getcontext().prec = 41",
        "decimal.getcontext().prec == 41",
        (2, 7),
    ),
    (
        "import socket",
        "socket.setdefaulttimeout(40)",
        "socket.setdefaulttimeout(41)",
        "socket.getdefaulttimeout() == 41",
        (2, 7),
    ),
    ("import os", "os.umask(0o040)", "os.umask(0o041)", "os.umask(0o022) == 0o041", (2, 7)),
    ("import gc", "gc.set_threshold(800)", "gc.set_threshold(801)", "gc.get_threshold()[0] == 801", (2, 7)),
    (
        "import sys",
        "sys.setswitchinterval(0.5)",
        "sys.setswitchinterval(0.25)",
        "sys.getswitchinterval() == 0.25",
        (3, 6),
    ),
    (
        "import os",
        "os.putenv('T', 'a')",
        "os.putenv('T', 'b')",
        "os.popen('echo $T').read() == 'b\\\\n'",
        (2, 7),
    ),
    (
        "import random",
        "random.seed(1)",
        "random.seed(2)",
        "random.random() == random.Random(2).random()",
        (2, 7),
    ),
    (
        "import csv",
        "csv.field_size_limit(40)",
        "csv.field_size_limit(41)",
        "csv.field_size_limit() == 41",
        (2, 7),
    ),
    (
        "import threading",
        "threading.stack_size(1 << 20)",
        "threading.stack_size(1 << 21)",
        "threading.stack_size() == 1 << 21",
        (2, 7),
    ),
    (
        "import sys",
        "sys.setrecursionlimit(900)",
        "sys.setrecursionlimit(901)",
        "sys.getrecursionlimit() == 901",
        (2, 7),
    ),
    (
        "import resource as r",
        "r.setrlimit(r.RLIMIT_CPU, (40000, 50000))",
        "r.setrlimit(r.RLIMIT_CPU, (41000, 50000))",
        "r.getrlimit(r.RLIMIT_CPU)[0] == 41000",
        (2, 7),
    ),
    (
        "import signal as s",
        "s.pthread_sigmask(s.SIG_SETMASK, [10])",
        "s.pthread_sigmask(s.SIG_SETMASK, [12])",
        "12 in s.pthread_sigmask(s.SIG_BLOCK, [])",
        (3, 6),
    ),
];

#[test]
fn scenarios_in_which_state_in_c_decides_are_judged_right_with_merging() {
    asked_for(|installation| {
        for (import, one, other, check, since) in SETTINGS {
            if minor(installation) < *since {
                continue;
            }
            let text = format!(
                "title = \"T\"\nsetup = [{{ exec = \"{import}\" }}]\n\
                 [[test]]\nname = \"one\"\nsteps = [{{ exec = \"{import}; {one}\" }}]\n\
                 [[test]]\nname = \"other\"\nsteps = [{{ exec = \"{import}; {other}\" }}]\n\
                 [[test]]\nname = \"v\"\nsteps = [{{ exec = \"{import}; assert not ({check})\" }}]\n\
                 [[poisoning]]\npolluters = [\"other\"]\nvictim = \"v\"\n"
            );
            let verdict = judged(installation, &text, &[]);
            assert_eq!(verdict["verdict"], "as-declared", "{other}: {verdict:#}");
            // The victim fails where `other` comes after `one`, or alone before it.
            assert_eq!(verdict["orderings"]["failing"], "2", "{other}");
        }
    });
}

/// The verdict on a scenario, as `taster run` tells it.
fn judged(installation: &Installation, text: &str, more: &[&str]) -> Value {
    let told = told_of(installation, text, more);
    let line = told.lines().find(|line| line.contains("\"kind\":\"verdict\""));
    serde_json::from_str(line.unwrap_or_else(|| panic!("{told}"))).unwrap()
}

/// All that `taster run` tells of a scenario.
fn told_of(installation: &Installation, text: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scenario.toml");
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(Path::new(env!("CARGO_BIN_EXE_taster")));
    command.arg("run").arg(&file).arg("--python").arg(installation.identity.path.as_ref().unwrap()).args([
        "--timestamps",
        "1s",
        "--format",
        "json",
    ]);
    let output = command.args(more).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

const LAZY: &str = r#"
title = "A module loaded lazily takes the setting of the moment when it is first used"
setup = [
  { write = "lib/late.py", text = "import os\nopen('loaded', 'w').close()\nMODE = os.environ.get('MODE', 'plain')\n" },
  { write = "lib/lazy.py", text = "import importlib.util\nimport sys\nspec = importlib.util.find_spec('late')\nspec.loader = importlib.util.LazyLoader(spec.loader)\nlate = importlib.util.module_from_spec(spec)\nsys.modules['late'] = late\nspec.loader.exec_module(late)\n" },
  { sys-path = "lib" },
  { import = "lazy" },
  { exec = "import os; assert not os.path.exists('loaded')" },
]
[[test]]
name = "sets"
steps = [{ exec = "import os; assert not os.path.exists('loaded') or 'MODE' not in os.environ; os.environ['MODE'] = 'fast'" }]
[[test]]
name = "reads"
steps = [{ exec = "import lazy; assert lazy.late.MODE == 'plain', lazy.late.MODE" }]
[[poisoning]]
polluters = ["sets"]
victim = "reads"
cause = "import-side-effect"
"#;

/// The kind of <https://github.com/scientific-python/lazy-loader/issues/55>.
#[test]
fn a_lazy_module_is_loaded_by_whom_it_serves_alone() {
    both_ends(|installation| {
        for more in [&[][..], &["--no-merge"]] {
            let verdict = judged(installation, LAZY, more);
            assert_eq!(verdict["verdict"], "as-declared", "{more:?}: {verdict:#}");
            assert_eq!(verdict["orderings"]["failing"], "1");
        }
    });
}

/// What a test leaves and a repair takes away is an attribute of a module that is loaded lazily; `delattr` would load it.
const LAZY_CHANGED: &str = r#"
title = "An attribute of a lazy module is set and taken away again while it is not loaded"
setup = [
  { write = "lib/late.py", text = "open('loaded', 'w').close()\n" },
  { sys-path = "lib" },
  { exec = "import importlib.util, sys; spec = importlib.util.find_spec('late'); spec.loader = importlib.util.LazyLoader(spec.loader); late = importlib.util.module_from_spec(spec); sys.modules['late'] = late; spec.loader.exec_module(late)" },
]
[[test]]
name = "sets"
steps = [{ exec = "import sys; object.__getattribute__(sys.modules['late'], '__dict__')['MODE'] = 'odd'" }]
[[test]]
name = "reads"
steps = [{ exec = "import os, sys; own = object.__getattribute__(sys.modules['late'], '__dict__'); assert 'MODE' not in own and not os.path.exists('loaded'), os.path.exists('loaded')" }]
[[poisoning]]
polluters = ["sets"]
victim = "reads"
cause = "import-side-effect"
"#;

#[test]
fn a_repair_of_a_lazy_module_does_not_load_it() {
    both_ends(|installation| {
        let verdict = judged(installation, LAZY_CHANGED, &[]);
        assert_eq!(verdict["verdict"], "as-declared", "{verdict:#}");
    });
}

#[test]
fn a_module_of_the_library_is_never_called_unbound() {
    both_ends(|installation| {
        let text = "title = \"T\"\n[[test]]\nname = \"a\"\n\
                    steps = [{ exec = \"import os.path, xml.dom, importlib.util, encodings.idna, typing, sys; sys.seen = 1\" }]\n\
                    [[test]]\nname = \"v\"\nsteps = [{ exec = \"import sys; assert not hasattr(sys, 'seen')\" }]\n\
                    [[poisoning]]\npolluters = [\"a\"]\nvictim = \"v\"\n";
        let told = told_of(installation, text, &[]);
        assert!(told.contains("\"as-declared\""), "{told}");
        assert!(!told.contains("not bound on"), "{told}");
    });
}

/// The kind of <https://github.com/sissaschool/elementpath/issues/30>.
#[test]
fn one_ordering_of_720_is_found_behind_the_context_of_decimals() {
    both_ends(|installation| {
        let mut text =
            "title = \"T\"\nsetup = [{ exec = \"import decimal; decimal.getcontext()\" }]\n".to_owned();
        for place in [4, 3, 2, 1, 0] {
            let step =
                format!("import decimal; c = decimal.getcontext(); c.prec += c.prec == {}", 28 + place);
            text += &format!("[[test]]\nname = \"step {place}\"\nsteps = [{{ exec = \"{step}\" }}]\n");
        }
        text += "[[test]]\nname = \"v\"\nsteps = [{ exec = \"import decimal; assert decimal.getcontext().prec != 33\" }]\n";
        text += "[[poisoning]]\npolluters = [\"step 0\", \"step 1\", \"step 2\", \"step 3\", \"step 4\"]\nvictim = \"v\"\n";
        let verdict = judged(installation, &text, &[]);
        assert_eq!(verdict["verdict"], "as-declared", "{verdict:#}");
        assert_eq!(verdict["orderings"]["failing"], "1");
    });
}
