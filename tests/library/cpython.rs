//! Real `CPythons` through the trait `Interpreter`: the effects of steps.

use std::collections::BTreeSet;

use crate::pythons::{Walk, any_python, each_python, exec, import, path, walk};
use taster::interpreter::cpython::Program;
use taster::interpreter::{Fingerprint, Installation, Interpreter, Keep, Outcome};
use taster::scenario::{Action, Check, Literal, Position};
use taster::world::{Content, Nanos, Node, Operation};

fn is_old(installation: &Installation) -> bool {
    installation.identity.version.major == 2
}

/// A walk with `d` on `sys.path`.
fn in_d(installation: &Installation, tick: Nanos) -> Walk {
    let mut walk = walk(installation, Program::default(), tick);
    walk.mkdir("d").sys_path("d");
    walk
}

fn checked(module: &str, check: Check) -> Action {
    Action::Import { module: module.into(), names: Vec::new(), check }
}

fn expecting(module: &str, dotted: &str, value: Literal) -> Action {
    let attributes = dotted.split('.').map(String::from).collect();
    checked(module, Check::Expect(vec![(attributes, value)]))
}

fn raising(module: &str, class: &str) -> Action {
    checked(module, Check::Raises(class.into()))
}

fn reload(module: &str) -> Action {
    Action::Reload { module: module.into(), check: Check::Nothing }
}

#[test]
fn the_ten_line_program_fails_at_one_second_and_not_at_a_nanosecond() {
    each_python(|installation| {
        for (tick, coarse) in [(Nanos::SECOND, true), (Nanos(1), false)] {
            let mut walk = in_d(installation, tick);
            walk.write("d/a.py", "a = 0\n").passes(&import("a"));
            let outcome = walk.write("d/b.py", "").step(&import("b")).outcome;
            if coarse && !is_old(installation) {
                assert_eq!(outcome.to_string(), "ModuleNotFoundError: No module named 'b'");
            } else {
                assert_eq!(outcome, Outcome::Passed);
            }
        }
    });
}

/// A module `m` of this body, an action, and what it comes to on Python 3 and, where that differs, on 2.7.
fn outcomes() -> Vec<(&'static str, Action, &'static str, Option<&'static str>)> {
    let int = Literal::Int;
    let text = |text: &str| Literal::Str(text.into());
    let list = Literal::List(vec![int(1), text("x"), Literal::Dict(vec![("k".into(), Literal::Bool(true))])]);
    let from = Action::Import { module: "m".into(), names: vec!["x".into()], check: Check::Nothing };
    vec![
        ("a = 0\n", expecting("m", "a", int(0)), "passed", None),
        ("a = 0\n", expecting("m", "a", Literal::Float(0.0)), "passed", None),
        ("a = 0\n", expecting("m", "a", Literal::Bool(false)), "passed", None),
        ("a = 1\n", expecting("m", "a", int(0)), "mismatched: expected a == 0, found 1", None),
        ("a = 'x'\n", expecting("m", "a", text("x")), "passed", None),
        ("a = [1, 'x', {'k': True}]\n", expecting("m", "a", list), "passed", None),
        (
            "import sys\n",
            expecting("m", "sys.api_version", int(1)),
            "mismatched: expected sys.api_version == 1, found 1013",
            None,
        ),
        ("", expecting("m", "a", int(0)), "mismatched: expected a == 0, there is no attribute 'a'", None),
        (
            "",
            expecting("m", "__name__.a", int(0)),
            "mismatched: expected __name__.a == 0, there is no attribute 'a'",
            None,
        ),
        ("raise ValueError('no')\n", import("m"), "ValueError: no", None),
        ("raise KeyError('no')\n", import("m"), "KeyError: 'no'", None),
        ("raise ValueError\n", import("m"), "ValueError", None),
        ("raise ValueError(__file__[:-4])\n", import("m"), "ValueError: $/d/", None),
        (
            "class E(Exception):\n    def __str__(self): raise TypeError\nraise E\n",
            import("m"),
            "E: <no message: str() of the exception raised TypeError>",
            None,
        ),
        ("raise UnicodeError(u'\\xe9')\n", import("m"), "UnicodeError: é", None),
        (
            "import nothing_there\n",
            import("m"),
            "ModuleNotFoundError: No module named 'nothing_there'",
            Some("ImportError: No module named nothing_there"),
        ),
        ("import nothing_there\n", raising("m", "ImportError"), "passed", None),
        ("1/0\n", raising("m", "ArithmeticError"), "passed", None),
        (
            "1/0\n",
            raising("m", "ValueError"),
            "ZeroDivisionError: division by zero",
            Some("ZeroDivisionError: integer division or modulo by zero"),
        ),
        ("", raising("m", "ImportError"), "mismatched: expected ImportError, nothing was raised", None),
        ("x = 1\n", from.clone(), "passed", None),
        ("def broken(:\n", raising("m", "SyntaxError"), "passed", None),
        ("", reload("m"), "KeyError: 'm'", Some("AttributeError: 'module' object has no attribute 'reload'")),
        ("", Action::Forget("m".into()), "passed", None),
        (
            "",
            Action::InvalidateCaches,
            "passed",
            Some("AttributeError: 'module' object has no attribute 'invalidate_caches'"),
        ),
        ("", exec("assert __name__ == '__main__'\nimport m"), "passed", None),
        ("", exec("import m, sys\nassert sys.modules['__main__'].__dict__.get('m') is None"), "passed", None),
        ("", exec("def broken(:\n"), "SyntaxError", None),
    ]
}

#[test]
fn steps_have_the_outcomes_of_the_table() {
    each_python(|installation| {
        for (body, action, new, old) in outcomes() {
            let mut walk = in_d(installation, Nanos::SECOND);
            let outcome = walk.write("d/m.py", body).step(&action).outcome.to_string();
            let expected = if is_old(installation) { old.unwrap_or(new) } else { new };
            let same =
                if expected == "SyntaxError" { outcome.starts_with(expected) } else { outcome == expected };
            assert!(same, "{body:?} {action:?}: {outcome:?}, not {expected:?}");
        }
    });
}

#[test]
fn the_path_and_the_table_of_modules_are_as_the_steps_say() {
    each_python(|installation| {
        let mut walk = walk(installation, Program::default(), Nanos::SECOND);
        walk.sys_path("b").passes(&Action::SysPath { path: path("a"), position: Position::First });
        walk.sys_path("b").sys_path("");
        let code = "import sys, os\nroot = os.getcwd()\nown = [p[len(root):] for p in sys.path if p.startswith(root)]\n\
                    assert own == ['/a', '/b', '/b', ''], own\nassert sys.path[0] == root + '/a', sys.path";
        walk.passes(&exec(code));
        walk.write("b/m.py", "").passes(&import("m")).passes(&Action::Forget("m".into()));
        walk.passes(&exec("import sys\nassert 'm' not in sys.modules"));
    });
}

#[test]
fn the_agent_leaves_nothing_that_module_code_could_see() {
    each_python(|installation| {
        let mut walk = in_d(installation, Nanos::SECOND);
        let code = "import sys\n\
            assert '' not in sys.path, sys.path\n\
            assert sys.argv == [''], sys.argv\n\
            assert set(vars(sys.modules['__main__'])) <= set(['__name__', '__doc__', '__package__', '__loader__', '__spec__', '__builtins__'])\n\
            for name in ('importlib', 'select', 'fcntl', 'warnings', 'gc', 'taster', 'state', 'agent'):\n    assert name not in sys.modules, name\n\
            assert not sys.dont_write_bytecode\n\
            import os\n\
            assert set(os.environ) <= set(['PATH', 'HOME', 'LC_ALL', 'PYTHONHASHSEED', '__CF_USER_TEXT_ENCODING']), os.environ\n\
            assert os.environ['HOME'] == os.getcwd()\n\
            assert sys.stdin.read() == ''\n";
        walk.passes(&exec(code));
        let hash = exec("print(hash('a string'))");
        let one = walk.step(&hash).output;
        assert_eq!(
            in_d(installation, Nanos::SECOND).step(&hash).output,
            one,
            "hashes are the same in every run"
        );
    });
}

#[test]
fn output_of_a_step_is_shown_with_it() {
    each_python(|installation| {
        let mut walk = in_d(installation, Nanos::SECOND);
        let code = "import os, sys\nsys.stdout.write('out ')\nsys.stdout.flush()\nsys.stderr.write('err ')\nsys.stderr.flush()\nos.write(1, b'raw')";
        assert_eq!(walk.descend(&exec(code), Keep::State).output, "out err raw");
        let here = "import os\nprint(os.path.abspath('d'))";
        assert_eq!(walk.descend(&exec(here), Keep::State).output, "$/d\n", "no path is another in each run");
        assert_eq!(walk.step(&exec("pass")).output, "");
    });
}

#[test]
fn bytecode_is_known_by_what_it_was_compiled_from() {
    each_python(|installation| {
        let mut walk = in_d(installation, Nanos::SECOND);
        walk.write("d/m.py", "a = 1\n");
        let landing = walk.step(&import("m"));
        let is_pyc = |path: &str| path.ends_with(".pyc");
        let (_, node) = landing.world.entries().find(|(path, _)| is_pyc(path.as_str())).unwrap();
        let Node::File { content: Content::Bytecode(bytecode), modified } = node else {
            panic!("{node:?}");
        };
        assert_eq!((&*bytecode.source, bytecode.second), (&b"a = 1\n"[..], 1_000_000_000));
        assert_eq!(bytecode.size, if is_old(installation) { None } else { Some(6) });
        assert_eq!(*modified, landing.world.stamp());
        assert!(!landing.wrote_files);
    });
}

#[test]
fn stale_bytecode_is_believed() {
    each_python(|installation| {
        let mut walk = in_d(installation, Nanos(1));
        walk.write("d/m.py", "a = 1\n").passes(&import("m")).passes(&Action::Forget("m".into()));
        walk.write("d/m.py", "a = 2\n").passes(&expecting("m", "a", Literal::Int(1)));
        let mut walk = in_d(installation, Nanos(1));
        walk.write("d/m.py", "a = 1\n").passes(&import("m")).passes(&Action::Forget("m".into()));
        walk.operation(&Operation::Sleep(Nanos::SECOND));
        walk.write("d/m.py", "a = 2\n").passes(&expecting("m", "a", Literal::Int(2)));
    });
}

#[test]
fn without_bytecode_nothing_is_written() {
    each_python(|installation| {
        let program = Program { bytecode: false, ..Program::default() };
        let mut walk = walk(installation, program, Nanos::SECOND);
        walk.mkdir("d").sys_path("d").write("d/m.py", "").passes(&import("m"));
        let entries: Vec<_> = walk.world.entries().map(|(path, _)| path.to_string()).collect();
        assert_eq!(entries, [".", "d", "d/m.py"]);
    });
}

/// A package lists its directory and writes `__pycache__` into it while its body runs. With the real time of that, the
/// listing would be made anew, and a submodule written in the same tick would be found.
#[test]
fn virtual_time_holds_during_a_step() {
    each_python(|installation| {
        let mut walk = in_d(installation, Nanos::SECOND);
        let body = "import p.a\nopen(__file__.rsplit('/', 1)[0] + '/b.py', 'w').close()\nimport p.b\n";
        walk.write("d/p/__init__.py", body).write("d/p/a.py", "");
        let landing = walk.descend(&import("p"), Keep::State);
        if is_old(installation) {
            assert_eq!(landing.outcome, Outcome::Passed);
        } else {
            assert_eq!(landing.outcome.to_string(), "ModuleNotFoundError: No module named 'p.b'");
        }
        assert!(landing.wrote_files);
    });
}

#[test]
fn what_a_finder_recorded_is_the_directorys_time() {
    each_python(|installation| {
        for tick in [Nanos::SECOND, Nanos(1)] {
            let mut walk = in_d(installation, tick);
            walk.write("d/m.py", "");
            let landing = walk.step(&import("m"));
            let finders = landing.fingerprint.unwrap().finders;
            if is_old(installation) {
                assert!(finders.is_empty());
                continue;
            }
            let now = landing.world.get(&path("d")).unwrap().modified().unwrap();
            let listed = finders[&path("d")];
            // The listing was made before the bytecode's directory was, one microsecond of virtual time after the write.
            assert!((listed - now.as_cpython_float()).abs() < 2e-6, "{listed} {now}");
            let view = walk.python.inspect().unwrap();
            let finder = view.finders["$/d"].clone().unwrap();
            assert_eq!(finder.listed_at, Some(listed));
            assert_eq!(finder.names, BTreeSet::from(["m.py".to_owned()]));
        }
    });
}

fn print_after(walk: &mut Walk, steps: &[Action]) -> Fingerprint {
    let world = walk.world.clone();
    let mut print = None;
    for (number, step) in steps.iter().enumerate() {
        let keep = if number == 0 { Keep::State } else { Keep::Nothing };
        print = walk.descend(step, keep).fingerprint;
    }
    walk.python.ascend().unwrap();
    walk.world = world;
    print.expect("it can be merged")
}

#[test]
fn equal_states_have_equal_fingerprints() {
    each_python(|installation| {
        let mut walk = in_d(installation, Nanos::SECOND);
        let body = "import os, json\nclass C(object):\n    x = [1]\n    def f(self, y={}): return self.x, y\nc = C()\nc.me = c\n";
        walk.write("d/a.py", body).write("d/b.py", "d = {'a': 1}\n").write("d/c.py", "import a, b\n");
        let orders = [["a", "b"], ["b", "a"]].map(|names| names.map(import));
        let prints = orders.each_ref().map(|order| print_after(&mut walk, order));
        assert_eq!(prints[0], prints[1]);
        let again = print_after(&mut in_another(installation, &walk), &orders[0]);
        assert_eq!(prints[0], again, "the same from another process, in another directory");
        assert_ne!(prints[0], print_after(&mut walk, &[import("c")]));
    });
}

fn in_another(installation: &Installation, walk: &Walk) -> Walk {
    let mut other = in_d(installation, Nanos::SECOND);
    other.world = walk.world.clone();
    other
}

/// Pairs of bodies that leave states which a later import could tell apart.
const DIFFERENT: [(&str, &str); 21] = [
    ("x = 1", "x = True"),
    ("x = 1", "x = 1.0"),
    ("x = [1]", "x = (1,)"),
    ("x = y = []", "x = []; y = []"),
    ("x = []; x.append(x)", "x = [[]]"),
    ("x = {1: 2}", "x = {1: 3}"),
    ("def f(): return 1", "def f(): return 2"),
    ("def f(a=1): pass", "def f(a=2): pass"),
    ("class C(object): x = 1", "class C(object): x = 2"),
    ("class C(object): pass\nx = C(); x.a = 1", "class C(object): pass\nx = C(); x.a = 2"),
    (
        "class C(object): __slots__ = 's'\nx = C(); x.s = 1",
        "class C(object): __slots__ = 's'\nx = C(); x.s = 2",
    ),
    (
        "def f():\n    n = 1\n    return lambda: n\nx = f()",
        "def f():\n    n = 2\n    return lambda: n\nx = f()",
    ),
    ("import os; os.environ['K'] = '1'", "import os; os.environ['K'] = '2'"),
    ("import os; os.chdir('d')", "import os; os.chdir('.')"),
    ("import sys; sys.path.append('x')", "import sys; sys.path.append('y')"),
    ("import sys; sys.meta_path.append(None)", "import sys"),
    ("import sys; sys.modules['json'] = None", "import sys"),
    ("import json; json.x = 1", "import json; json.x = 2"),
    ("import logging; logging.getLogger().setLevel(10)", "import logging; logging.getLogger().setLevel(20)"),
    ("import sys; sys.setrecursionlimit(2000)", "import sys; sys.setrecursionlimit(3000)"),
    (
        "import signal; signal.signal(signal.SIGUSR1, signal.SIG_IGN)",
        "import signal; signal.signal(signal.SIGUSR1, signal.SIG_DFL)",
    ),
];

#[test]
fn states_that_differ_have_different_fingerprints() {
    each_python(|installation| {
        for bodies in DIFFERENT {
            let prints = [bodies.0, bodies.1].map(|body| {
                let mut walk = in_d(installation, Nanos::SECOND);
                walk.write("d/m.py", body);
                print_after(&mut walk, &[import("m"), exec("import sys\nsys.modules['m'].__spec__ = None\nsys.modules['m'].__file__ = None\nsys.modules['m'].__cached__ = None")])
            });
            assert_ne!(prints[0].digest, prints[1].digest, "{bodies:?}");
        }
    });
}

#[test]
fn what_cannot_be_told_apart_is_not_merged() {
    each_python(|installation| {
        for body in [
            "x = iter(open(__file__))",
            "x = (i for i in [1])",
            "import threading, time\nthreading.Thread(target=time.sleep, args=(9,)).start()",
        ] {
            let mut walk = in_d(installation, Nanos::SECOND);
            let landing = walk.write("d/m.py", body).descend(&import("m"), Keep::State);
            assert_eq!(landing.outcome, Outcome::Passed);
            assert_eq!(landing.fingerprint, None, "{body}");
        }
    });
}

#[test]
fn states_whose_copies_would_notice_each_other_are_told() {
    each_python(|installation| {
        let held = [
            "import csv, sys\nsys.held = csv",
            "import sys\nsys.held = open('f')",
            "import threading, time\nthread = threading.Thread(target=time.sleep, args=(9,))\nthread.daemon = True\nthread.start()",
            "import os, time\nif not os.fork():\n    time.sleep(9)\n    os._exit(0)",
            "import mmap, sys\nsys.held = mmap.mmap(-1, 4096)",
        ];
        let can_be_copied = held.map(|code| {
            let mut walk = in_d(installation, Nanos::SECOND);
            walk.write("f", "").passes(&exec(code));
            walk.python.can_be_copied()
        });
        assert_eq!(can_be_copied, [true, false, false, false, false]);
    });
}

#[test]
fn an_inspection_shows_modules_finders_and_the_environment() {
    each_python(|installation| {
        let mut walk = in_d(installation, Nanos::SECOND);
        walk.sys_path("absent").write(
            "d/p/__init__.py",
            "a = [1]\nimport os\nos.environ['K'] = 'v'\ndel os.environ['LC_ALL']\n",
        );
        walk.passes(&import("p")).step(&import("ghost"));
        let view = walk.python.inspect().unwrap();
        assert_eq!(view.path[view.path.len() - 2..], ["$/d", "$/absent"]);
        let module = &view.modules["p"];
        assert!(module.present && !module.initializing);
        assert_eq!(module.package_path.as_deref(), Some(&["$/d/p".to_owned()][..]));
        assert_eq!(module.attributes["a"], "[1]");
        assert!(module.file.as_ref().unwrap().starts_with("$/d/p/__init__.py"));
        assert_eq!(view.environment["K"].as_deref(), Some("v"));
        assert_eq!(view.environment["LC_ALL"], None);
        assert_eq!(view.directory, "$");
        assert!(view.finders["$/absent"].is_none());
        assert_eq!(walk.python.inspect().unwrap(), view, "looking changes nothing");
    });
}

#[test]
fn an_inspection_does_not_make_a_namespace_package_compute_its_path() {
    each_python(|installation| {
        if installation.identity.version.major == 2 {
            return;
        }
        let mut walk = walk(installation, Program::default(), Nanos::SECOND);
        walk.write("d/ns/u/c.py", "").sys_path("d").passes(&import("ns.u.c"));
        walk.passes(&Action::SysPath { path: path("d"), position: Position::First });
        let view = walk.python.inspect().unwrap();
        assert_eq!(view.modules["ns.u"].package_path.as_deref(), Some(&["$/d/ns/u".to_owned()][..]));
        assert_eq!(walk.python.inspect().unwrap(), view, "looking changes nothing");
    });
}

#[test]
fn a_kept_state_is_there_to_return_to_however_deep() {
    any_python(|installation| {
        let mut walk = walk(installation, Program::default(), Nanos::SECOND);
        let push = exec("import sys\nsys.argv.append(1)");
        let count = exec("import sys\nprint(len(sys.argv))");
        for _ in 0..20 {
            walk.descend(&push, Keep::State);
        }
        for depth in (0..=20).rev() {
            let landing = walk.descend(&count, Keep::State);
            assert_eq!(landing.output.trim(), (depth + 1).to_string());
            walk.python.ascend().unwrap();
            if depth > 0 {
                walk.python.ascend().unwrap();
            }
        }
        assert!(walk.python.ascend().is_err(), "nothing is left to return to");
    });
}

#[test]
fn a_state_that_a_crash_lost_is_made_again_from_what_led_to_it() {
    any_python(|installation| {
        let mut walk = in_d(installation, Nanos::SECOND);
        walk.write("d/m.py", "a = []\n");
        walk.descend(&import("m"), Keep::State);
        walk.passes(&exec("import m\nm.a.append(1)"));
        walk.step(&exec("import os\nos._exit(0)"));
        walk.passes(&exec("import m\nassert m.a == [1]\nm.a.append(2)"));
        walk.passes(&exec("import m\nassert m.a == [1, 2]"));
    });
}
