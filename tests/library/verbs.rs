//! What each verb that is more than an import does on every interpreter of the machine: its outcome, what is left
//! afterwards, and that a state which a step has changed is left again where a walk goes back.

use crate::pythons::{Walk, asked_for, each_python, exec, import, path, walk};
use std::path::Path;

use taster::interpreter::cpython::Program;
use taster::interpreter::{Installation, Interpreter, Keep, Outcome};
use taster::run::{Diagnosis, RunOptions, run};
use taster::scenario::{Action, Check, Invalidation, Position, parse};
use taster::world::{Copied, Mtime, Nanos, Operation, Time};

fn is_old(installation: &Installation) -> bool {
    installation.identity.version.major == 2
}

fn holds(expression: &str) -> Action {
    Action::Evaluate(expression.into())
}

fn variable(name: &str, value: Option<&str>) -> Action {
    Action::SetVariable { name: name.into(), value: value.map(str::to_owned) }
}

fn as_written(text: &str) -> Action {
    Action::SysPathText { text: text.into(), position: Position::First }
}

fn lazily(module: &str) -> Action {
    Action::LazyImport { module: module.into(), check: Check::Nothing }
}

fn run_module(module: &str, check: Check) -> Action {
    Action::RunModule { module: module.into(), check }
}

fn compile(at: &str, invalidation: Invalidation) -> Action {
    Action::Compile { path: path(at), invalidation }
}

fn in_lib(installation: &Installation, files: &[(&str, &str)]) -> Walk {
    let mut walk = walk(installation, Program::default(), Nanos::SECOND);
    walk.mkdir("lib").sys_path("lib");
    for (name, text) in files {
        walk.write(&format!("lib/{name}"), text);
    }
    walk
}

fn outcome(walk: &mut Walk, action: &Action) -> String {
    walk.step(action).outcome.to_string()
}

#[test]
fn an_expression_speaks_of_loaded_modules_and_imports_none() {
    each_python(|installation| {
        let mut walk = in_lib(installation, &[("m.py", "V = [1, 2]\nW = 'x'\n"), ("n.py", "")]);
        walk.passes(&import("m"));
        walk.passes(&holds("m.V == [1, 2] and len(m.W) == 1"));
        walk.passes(&holds("[each for each in m.V if each > len(m.W)]\n == [2]"));
        let said = outcome(&mut walk, &holds("m.V.index(2) == 7 or m.W == 'y'"));
        assert_eq!(said, "mismatched: m.V.index(2) == 7 or m.W == 'y' is false: m.V = [1, 2], m.W = 'x'");
        assert_eq!(outcome(&mut walk, &holds("n")), "NameError: name 'n' is not defined");
        walk.passes(&Action::NotImported("n".into()));
        let said = outcome(&mut walk, &Action::NotImported("m".into()));
        assert_eq!(said, "mismatched: sys.modules has 'm'");
        assert!(outcome(&mut walk, &holds("m.V =")).starts_with("SyntaxError"));
    });
}

#[test]
fn code_that_fails_knows_its_line() {
    each_python(|installation| {
        let mut walk =
            in_lib(installation, &[("m.py", "def fails():\n    pass\n    raise ValueError('m')\n")]);
        let mut line = |code: &str| match walk.step(&exec(code)).outcome {
            Outcome::Failed { line, .. } => line,
            other => panic!("{other}"),
        };
        assert_eq!(line("a = 1\n\nassert a == 2\n"), Some(3));
        // The innermost line of the step's own, not that of the module behind it.
        assert_eq!(line("import m\ndef f():\n    m.fails()\n\nf()\n"), Some(3));
        assert_eq!(line("a = 1\nb = = 2\n"), Some(2));
        assert_eq!(line("eval('1 +')"), Some(1));
        let outcome = walk.step(&import("gone")).outcome;
        assert!(matches!(outcome, Outcome::Failed { line: None, .. }), "{outcome}");
    });
}

#[test]
fn showing_why_an_expression_is_false_changes_nothing() {
    each_python(|installation| {
        let body = "class C(object):\n    def __init__(self): self.n = 0\n\
                    \x20   @property\n    def next(self):\n        self.n += 1\n        return self.n\nc = C()\n";
        let mut walk = in_lib(installation, &[("m.py", body)]);
        walk.passes(&import("m"));
        // The expression itself asks once; what the report shows is asked in a copy.
        assert_eq!(
            outcome(&mut walk, &holds("m.c.next == 5")),
            "mismatched: m.c.next == 5 is false: m.c.next = 2"
        );
        walk.passes(&holds("m.c.next == 2"));
    });
}

#[test]
fn variables_are_those_of_os_environ_whether_it_was_loaded_or_not() {
    each_python(|installation| {
        let mut walk = in_lib(installation, &[("m.py", "import os\nMODE = os.environ.get('MODE')\n")]);
        let was_loaded = walk.step(&Action::NotImported("os".into())).outcome != Outcome::Passed;
        walk.passes(&variable("MODE", Some("fast")));
        if !was_loaded {
            walk.passes(&Action::NotImported("os".into()));
        }
        walk.passes(&import("m")).passes(&holds("m.MODE == 'fast'"));
        walk.passes(&variable("MODE", Some("slow")))
            .passes(&exec("import os; assert os.environ['MODE'] == 'slow'"));
        walk.passes(&variable("MODE", None)).passes(&exec("import os; assert 'MODE' not in os.environ"));
        walk.passes(&variable("MODE", None));
        let child = "import os, sys\nif os.environ.get('MODE'): sys.exit('still there')\n";
        walk.passes(&exec(child));
    });
}

#[test]
fn a_walk_leaves_directory_and_variables_behind_where_it_goes_back() {
    each_python(|installation| {
        let mut walk = in_lib(installation, &[("m.py", "")]);
        let before = walk.descend(&exec("pass"), Keep::State).fingerprint;
        let world = walk.world.clone();
        for action in [Action::ChangeDirectory(path("lib")), variable("MODE", Some("x")), as_written("lib")] {
            let landing = walk.descend(&action, Keep::State);
            assert_eq!(landing.outcome, Outcome::Passed);
            assert!(landing.fingerprint.is_some(), "{action:?} can be told from other states");
            assert_ne!(landing.fingerprint, before, "{action:?} makes another state");
            walk.python.ascend().unwrap();
            walk.world = world.clone();
            let again = walk.descend(&exec("pass"), Keep::State);
            assert_eq!(again.fingerprint, before, "{action:?} is left behind");
            walk.python.ascend().unwrap();
        }
    });
}

#[test]
fn a_relative_entry_follows_the_working_directory_as_it_really_does() {
    each_python(|installation| {
        let mut walk = in_lib(installation, &[]);
        walk.write("one/m.py", "V = 1\n").write("two/n.py", "V = 2\n");
        walk.passes(&as_written("")).passes(&Action::ChangeDirectory(path("one"))).passes(&import("m"));
        walk.passes(&Action::ChangeDirectory(path("two"))).passes(&import("n")).passes(&holds("n.V == 2"));
        let gone = outcome(&mut walk, &Action::ChangeDirectory(path("gone")));
        let class = if is_old(installation) { "OSError" } else { "FileNotFoundError" };
        assert_eq!(gone, format!("{class}: [Errno 2] No such file or directory: '$/gone'"));
    });
}

#[test]
fn a_lazy_module_runs_at_its_first_access() {
    each_python(|installation| {
        let mut walk = in_lib(installation, &[("heavy.py", "import light\n"), ("light.py", "")]);
        if is_old(installation) {
            assert_eq!(outcome(&mut walk, &lazily("heavy")), "ImportError: No module named util");
            return;
        }
        let landing = walk.descend(&lazily("heavy"), Keep::Nothing);
        assert_eq!((landing.outcome, landing.fingerprint.is_some()), (Outcome::Passed, true));
        walk.passes(&Action::NotImported("light".into())).passes(&holds("heavy.light"));
        assert!(outcome(&mut walk, &Action::NotImported("light".into())).starts_with("mismatched"));
        let missing = outcome(&mut walk, &lazily("gone"));
        assert_eq!(missing, "AttributeError: 'NoneType' object has no attribute 'loader'");
    });
}

#[test]
fn a_module_runs_as_a_program_beside_itself() {
    each_python(|installation| {
        let body = "import sys\nimport m\nm.SEEN.append((__name__, sys.modules['__main__'].__dict__ is globals()))\n\
                    if m.SEEN[1:]: sys.exit(3)\nsys.exit(0)\n";
        let files = [("m.py", "SEEN = []\n"), ("tool.py", body)];
        let mut walk = in_lib(installation, &files);
        walk.passes(&run_module("tool", Check::Nothing));
        walk.passes(&import("m")).passes(&holds("m.SEEN == [('__main__', True)]"));
        walk.passes(&Action::NotImported("tool".into()));
        assert_eq!(outcome(&mut walk, &run_module("tool", Check::Nothing)), "SystemExit: 3");
        walk.passes(&run_module("tool", Check::Raises("SystemExit".into())));
        let missing = outcome(&mut walk, &run_module("gone", Check::Nothing));
        assert!(missing.starts_with("ImportError: No module named"), "{missing}");
    });
}

#[test]
fn bytecode_is_compiled_as_py_compile_does() {
    each_python(|installation| {
        let has_hashes = installation.identity.version.feature() >= (3, 7);
        let longer = "V = 'longer'\n";
        for (mode, believed) in [
            (Invalidation::Timestamp, false),
            (Invalidation::CheckedHash, false),
            (Invalidation::UncheckedHash, true),
        ] {
            let mut walk = in_lib(installation, &[("m.py", "V = 1\n")]);
            let said = outcome(&mut walk, &compile("lib/m.py", mode));
            if mode != Invalidation::Timestamp && !has_hashes {
                assert!(said.starts_with("AttributeError") || is_old(installation), "{said}");
                continue;
            }
            assert_eq!(said, "passed", "{mode:?}");
            walk.passes(&Action::NotImported("py_compile".into()));
            walk.operation(&Operation::Sleep(Nanos(5_000_000_000)));
            walk.write("lib/m.py", longer).passes(&import("m"));
            walk.passes(&holds(if believed { "m.V == 1" } else { "m.V == 'longer'" }));
        }
        let mut walk = in_lib(installation, &[("bad.py", "def (\n")]);
        assert!(
            outcome(&mut walk, &compile("lib/bad.py", Invalidation::Timestamp)).starts_with("SyntaxError")
        );
        let gone = outcome(&mut walk, &compile("lib/gone.py", Invalidation::Timestamp));
        assert!(gone.contains("No such file or directory: '$/lib/gone.py'"), "{gone}");
    });
}

#[test]
fn a_warning_counts_whether_or_not_it_would_be_shown() {
    each_python(|installation| {
        let warns = |class: &str| Check::Warns(class.into());
        let module = |check: Check| Action::Import { module: "old".into(), names: Vec::new(), check };
        let body = "import warnings\nwarnings.warn('use new', DeprecationWarning)\n";
        let mut walk = in_lib(installation, &[("old.py", body)]);
        walk.passes(&module(warns("Warning"))).passes(&Action::Forget("old".into()));
        walk.passes(&module(warns("DeprecationWarning"))).passes(&Action::Forget("old".into()));
        let other = outcome(&mut walk, &module(warns("UserWarning")));
        assert_eq!(other, "mismatched: expected UserWarning, issued DeprecationWarning");
        let silent = Action::Exec { code: "pass".into(), check: warns("UserWarning") };
        assert_eq!(outcome(&mut walk, &silent), "mismatched: expected UserWarning, no warning was issued");
        let raising = Action::Exec { code: "1/0".into(), check: warns("UserWarning") };
        assert!(outcome(&mut walk, &raising).starts_with("ZeroDivisionError"));
    });
}

#[test]
fn links_copies_and_times_are_real_to_the_interpreter() {
    each_python(|installation| {
        let mut walk = in_lib(installation, &[]);
        let entries = vec![(path("."), None), (path("m.py"), Some(b"V = 1\n"[..].into()))];
        let source = Copied { written: "v1".into(), entries }.into();
        let mtime = Some(Mtime::At(Time(999_999_000 * Nanos::SECOND.0)));
        walk.operation(&Operation::Copy { source, to: path("v1"), mtime });
        walk.operation(&Operation::Link { path: path("lib/current"), to: path("v1") })
            .sys_path("lib/current");
        walk.passes(&import("m")).passes(&holds("m.V == 1"));
        walk.write("lib/current/n.py", "V = 2\n").operation(&Operation::Sleep(Nanos::SECOND));
        walk.operation(&Operation::Touch { path: path("lib/current"), mtime: None });
        walk.passes(&import("n"));
        let code = "import os\nassert os.path.islink('lib/current'), os.listdir('lib')\n\
                    assert os.stat('v1/m.py').st_mtime == 999999000, os.stat('v1/m.py')\n\
                    assert os.path.realpath('lib/current/n.py').endswith('/v1/n.py')\n";
        walk.passes(&exec(code));
        walk.operation(&Operation::Remove(path("lib/current")));
        walk.passes(&exec(
            "import os\nassert os.path.isfile('v1/m.py') and not os.path.lexists('lib/current')",
        ));
    });
}

/// Every new verb in one scenario, in which tests poison one another by what they leave in the process and on disk.
const ALL: &str = r#"
title = "Verbs that leave something behind"
python = ">=3.7"
setup = [
  { write = "one/m.py", text = "import os\nV = os.environ.get('MODE', 'plain')\n" },
  { write = "two/m.py", text = "V = 'two'\n" },
  { write = "one/old.py", text = "import warnings\nwarnings.warn('use new', DeprecationWarning)\n" },
  { symlink = "current", to = "one" },
]

[clock]
timestamps = ["1s"]

[[test]]
name = "moves"
steps = [{ chdir = "two" }, { sys-path = "", as = "written" }]

[[test]]
name = "sets"
steps = [{ setenv = "MODE", value = "fast", name = "switches" }]

[[test]]
name = "compiles"
steps = [{ compile = "one/m.py", invalidation = "unchecked-hash" }, { write = "one/m.py", text = "V = 'new'\n", mtime = "-5s" }]

[[test]]
name = "reads"
steps = [{ sys-path = "current" }, { import = "m", lazy = true }, { check = "m.V == 'plain'" }]

[[test]]
name = "warns"
steps = [{ sys-path = "one" }, { import = "old", warns = "DeprecationWarning" }, { not-imported = "m" }]
"#;

#[test]
fn states_that_new_verbs_make_are_merged_only_where_they_are_one() {
    let scenario = parse(Path::new("all.toml"), ALL).expect("a scenario");
    assert_eq!(scenario.step_name(Some(1), 1), Some("switches"));
    asked_for(|installation| {
        if !scenario.is_for(&installation.identity.version) {
            return;
        }
        let judged = |merge: bool| {
            let mut options = RunOptions::default();
            (options.merge, options.diagnose) = (merge, Diagnosis::None);
            run(&scenario, installation, &scenario.timestamps[0], &options, &|_| {}).expect("a verdict")
        };
        let (merged, unmerged) = (judged(true), judged(false));
        let failing = |verdict: &taster::Verdict| {
            verdict.tests.iter().map(|test| test.failing.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(failing(&merged), failing(&unmerged));
        assert_eq!(failing(&merged)[0], "0");
        assert_ne!(failing(&merged)[3], "0");
        assert!(merged.states < unmerged.states, "{} of {} states", merged.states, unmerged.states);
    });
}
