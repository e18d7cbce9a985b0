//! Random scenarios: directories, modules and packages whose bodies import each other, and steps of every verb on them.

use std::path::Path;

use proptest::prelude::*;
use taster::scenario::{
    Action, Check, Invalidation, Literal, Permute, Position, Scenario, Step, Version, parse,
};
use taster::world::{EntryPath, Mtime, Nanos, Operation, Time};

/// Stands in paths for the interpreter's own tag, as in `m.cpython-313.pyc`.
const TAG: &str = "cpython-TAG";

/// A scenario and some of its orderings.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) bytecode: bool,
    pub(crate) tick: Nanos,
    pub(crate) step_time: Nanos,
    pub(crate) setup: Vec<Step>,
    pub(crate) tests: Vec<Vec<Step>>,
    /// What chooses each ordering.
    pub(crate) orderings: Vec<Vec<u8>>,
}

impl Plan {
    /// The steps of each ordering, with the test that each belongs to. Names of bytecode files are those of this version.
    pub(crate) fn orderings(
        &self,
        version: Version,
    ) -> impl Iterator<Item = Vec<(Option<usize>, Step)>> + '_ {
        self.orderings.iter().map(move |choices| {
            let mut steps: Vec<_> = self.setup.iter().map(|step| (None, step.clone())).collect();
            let mut done = vec![0; self.tests.len()];
            for &choice in choices.iter().cycle() {
                let open: Vec<usize> =
                    (0..done.len()).filter(|&test| done[test] < self.tests[test].len()).collect();
                let Some(&test) = open.get(usize::from(choice) % open.len().max(1)) else { break };
                steps.push((Some(test), self.tests[test][done[test]].clone()));
                done[test] += 1;
            }
            steps.into_iter().map(|(test, step)| (test, named_for(step, version))).collect()
        })
    }
}

/// The step with the interpreter's own names for bytecode files.
fn named_for(step: Step, version: Version) -> Step {
    let tag = format!("cpython-{}{}", version.major, version.minor);
    let named = |path: EntryPath| entry(&path.to_string().replace(TAG, &tag));
    match step {
        Step::World(Operation::Write { path, text, mtime }) => {
            Step::World(Operation::Write { path: named(path), text, mtime })
        }
        Step::World(Operation::Mkdir(path)) => Step::World(Operation::Mkdir(named(path))),
        Step::World(Operation::Remove(path)) => Step::World(Operation::Remove(named(path))),
        Step::World(Operation::Touch { path, mtime }) => {
            Step::World(Operation::Touch { path: named(path), mtime })
        }
        Step::World(Operation::Rename { from, to }) => {
            Step::World(Operation::Rename { from: named(from), to: named(to) })
        }
        Step::World(Operation::Link { path, to }) => {
            Step::World(Operation::Link { path: named(path), to: named(to) })
        }
        other => other,
    }
}

/// The plan as a scenario.
pub(crate) fn scenario_of(plan: &Plan, permute: Permute) -> Scenario {
    let text = "title = \"plan\"\n[[test]]\nname = \"t\"\nsteps = [{ sleep = \"1s\" }]\n";
    let mut scenario = parse(Path::new("plan.toml"), text).expect("a valid scenario");
    scenario.permute = permute;
    scenario.bytecode = plan.bytecode;
    scenario.step_time = plan.step_time;
    scenario.setup.clone_from(&plan.setup);
    let model = scenario.tests[0].clone();
    scenario.tests = plan
        .tests
        .iter()
        .enumerate()
        .map(|(at, steps)| {
            let mut test = model.clone();
            test.name = at.to_string();
            test.steps.clone_from(steps);
            test
        })
        .collect();
    scenario.timestamps.truncate(1);
    scenario.timestamps[0].tick = plan.tick;
    scenario
}

/// One ordering as a person would write it down.
pub(crate) fn script(steps: &[(Option<usize>, Step)]) -> String {
    let lines = steps.iter().enumerate().map(|(at, (test, step))| {
        let test = test.map_or_else(|| "setup".to_owned(), |test| format!("test {test}"));
        format!("{:>3} {test}: {step:?}\n", at + 1)
    });
    lines.collect()
}

pub(crate) fn plan() -> impl Strategy<Value = Plan> {
    let ticks = prop::sample::select(vec![
        Nanos::SECOND,
        Nanos(2_000_000_000),
        Nanos(10_000_000),
        Nanos(4_000_000),
        Nanos(100),
        Nanos(1),
    ]);
    let each_step = prop::sample::select(vec![Nanos(1_000), Nanos(50), Nanos(1_000_000), Nanos(300_000_000)]);
    let test = prop::collection::vec(turn(), 1..5).prop_map(|turns| turns.concat());
    let tests = prop::collection::vec(test, 1..5);
    let orderings = prop::collection::vec(prop::collection::vec(any::<u8>(), 8), 1..4);
    (prop::bool::weighted(0.7), ticks, each_step, setup(), tests, orderings).prop_map(
        |(bytecode, tick, step_time, setup, tests, orderings)| Plan {
            bytecode,
            tick,
            step_time,
            setup,
            tests,
            orderings,
        },
    )
}

fn setup() -> impl Strategy<Value = Vec<Step>> {
    let others = prop::sample::subsequence(vec!["src", ".", "late"], 0..=3);
    let paths = (prop::bool::weighted(0.9), others)
        .prop_map(|(lib, others)| lib.then_some("lib").into_iter().chain(others).collect::<Vec<_>>());
    let made = prop::bool::weighted(0.7);
    let more = prop::collection::vec(prop_oneof![5 => write(), 1 => step()], 0..6);
    let position = prop_oneof![3 => Just(Position::Last), 1 => Just(Position::First)];
    (paths, made, position, more).prop_map(|(paths, made, position, more)| {
        let mut steps = Vec::new();
        for path in paths {
            if made {
                steps.push(Step::World(Operation::Mkdir(entry(path))));
            }
            steps.push(Step::Interpreter(Action::SysPath { path: entry(path), position }));
        }
        // A sys.path step is an action even where the directory comes later.
        steps.extend(more);
        steps
    })
}

/// Steps that belong together, so that most of them find what they are about; or a single one about anything.
fn turn() -> impl Strategy<Value = Vec<Step>> {
    let import_again = (module(), module(), check()).prop_map(|(first, module, check)| {
        let expression = format!("{first}.V == 0 or {module}.V in [1, 'd']");
        let [first, again] = [first, module.clone()].map(plain_import);
        let holds = Step::Interpreter(Action::Evaluate(expression.into()));
        vec![first, again, holds, Step::Interpreter(Action::Reload { module, check })]
    });
    let forgotten = (own_module(), prop::option::of(write())).prop_map(|(module, write)| {
        let mut steps = vec![Step::Interpreter(Action::Forget(module.clone()))];
        steps.extend(write);
        steps.push(plain_import(module));
        steps
    });
    let written = (file(), body(), body(), check()).prop_map(|(path, first, second, check)| {
        let module = module_of(&path);
        let write = |text: String| {
            Step::World(Operation::Write { path: path.clone(), text: text.into(), mtime: None })
        };
        let import = Step::Interpreter(Action::Import { module, names: Vec::new(), check });
        vec![write(first), import.clone(), write(second), import]
    });
    let moved = (file(), body(), place(), any::<u8>()).prop_map(|(path, text, to, how)| {
        let parent = path.parent().filter(|parent| !parent.is_root()).unwrap_or_else(|| path.clone());
        let change = match how % 5 {
            0 => Operation::Remove(path.clone()),
            1 => Operation::Rename { from: path.clone(), to },
            2 => Operation::Rename { from: parent, to },
            3 => Operation::Touch { path: path.clone(), mtime: None },
            _ => Operation::Touch { path: parent, mtime: None },
        };
        vec![Step::World(Operation::Write { path, text: text.into(), mtime: None }), Step::World(change)]
    });
    let compiled = (file(), body(), body(), mode()).prop_map(|(path, first, second, invalidation)| {
        let module = module_of(&path);
        let write = |text: String| {
            Step::World(Operation::Write { path: path.clone(), text: text.into(), mtime: None })
        };
        let compile = Step::Interpreter(Action::Compile { path: path.clone(), invalidation });
        let forget = Step::Interpreter(Action::Forget(module.clone()));
        let import = plain_import(module);
        vec![write(first), compile, write(second), import.clone(), forget, import]
    });
    prop_oneof![
        1 => compiled,
        7 => step().prop_map(|step| vec![step]),
        2 => import_again,
        2 => forgotten,
        5 => written,
        2 => moved,
    ]
}

fn plain_import(module: String) -> Step {
    Step::Interpreter(Action::Import { module, names: Vec::new(), check: Check::Nothing })
}

/// The module that this file would be, were its first directory on `sys.path`.
fn module_of(path: &EntryPath) -> String {
    let written = path.to_string();
    let below = ["lib/", "src/", "late/"].iter().find_map(|folder| written.strip_prefix(folder));
    let name = below.unwrap_or(&written).trim_end_matches(".py").trim_end_matches(".pyc");
    let name = if name == "__pycache__" { "m" } else { name };
    name.trim_end_matches("/__init__").replace('/', ".")
}

fn entry(path: &str) -> EntryPath {
    EntryPath::new(path.trim_start_matches('/')).expect("a path of the ordering")
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => write(),
        6 => import(),
        3 => other(),
        4 => world(),
        3 => action(),
    ]
}

fn directory() -> impl Strategy<Value = &'static str> {
    prop_oneof![9 => Just("lib"), 3 => Just("src"), 2 => Just(""), 1 => Just("late")]
}

fn file() -> impl Strategy<Value = EntryPath> {
    let names = prop::sample::select(vec![
        "m.py",
        "n.py",
        "m.py",
        "n.py",
        "m.py",
        "n.py",
        "p/__init__.py",
        "p/s.py",
        "p/__init__.py",
        "p/s.py",
        "p/t.py",
        "p/q/__init__.py",
        "p/q/r.py",
        "ns/a.py",
        "ns/b.py",
        "ns/u/c.py",
        "m/__init__.py",
        "json.py",
        "k/p/s.py",
        "m.pyc",
        "p",
        "__pycache__",
    ]);
    (directory(), names).prop_map(|(directory, name)| entry(&format!("{directory}/{name}")))
}

fn write() -> impl Strategy<Value = Step> {
    (file(), body())
        .prop_map(|(path, text)| Step::World(Operation::Write { path, text: text.into(), mtime: None }))
}

fn place() -> impl Strategy<Value = EntryPath> {
    let directories = prop::sample::select(vec![
        "lib",
        "src",
        "lib/p",
        "src/p",
        "lib/ns",
        "src/ns",
        "lib/__pycache__",
        "lib/p/__pycache__",
        "lib/q",
        "lib/n",
        "lib/m.pyc",
        "lib/p/s.pyc",
        "lib/__pycache__/m.cpython-TAG.pyc",
        "lib/__pycache__/n.cpython-TAG.pyc",
        "lib/p/__pycache__/s.cpython-TAG.pyc",
        "late",
    ]);
    prop_oneof![2 => file(), 3 => directories.prop_map(entry)]
}

fn world() -> impl Strategy<Value = Step> {
    let sleep =
        prop::sample::select(vec![100_000_000, 500_000_000, 1_000_000_000, 1_500_000_000, 3_000_000_000]);
    prop_oneof![
        2 => place().prop_map(Operation::Mkdir),
        3 => place().prop_map(Operation::Remove),
        3 => (place(), place()).prop_map(|(from, to)| Operation::Rename { from, to }),
        2 => (place(), mtime()).prop_map(|(path, mtime)| Operation::Touch { path, mtime }),
        1 => (place(), place()).prop_map(|(path, to)| Operation::Link { path, to }),
        4 => sleep.prop_map(|length| Operation::Sleep(Nanos(length))),
    ]
    .prop_map(Step::World)
}

/// Now, mostly.
fn mtime() -> impl Strategy<Value = Option<Mtime>> {
    prop_oneof![
        6 => Just(None),
        1 => Just(Some(Mtime::Before(Nanos::SECOND))),
        1 => Just(Some(Mtime::After(Nanos(1_500_000_000)))),
        1 => Just(Some(Mtime::At(Time(Time::START.0 + 1)))),
    ]
}

fn module() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "m", "n", "m", "n", "m", "n", "p", "p.s", "p", "p.s", "p.t", "p.q", "p.q.r", "ns", "ns.a", "ns.b",
        "ns.u.c", "m.x", "ghost", "json", "k", "k.p.s",
    ])
    .prop_map(str::to_owned)
}

fn own_module() -> impl Strategy<Value = String> {
    module().prop_filter("a module of its own", |module| module != "json")
}

fn check() -> impl Strategy<Value = Check> {
    let attribute = prop::sample::select(vec!["V", "W", "s.V", "n.V", "X", "L", "E", "__name__"]);
    let value = prop_oneof![
        Just(Literal::Int(0)),
        Just(Literal::Int(12)),
        Just(Literal::Str("d".into())),
        Just(Literal::List(vec![Literal::Int(1)])),
    ];
    let expect = (attribute, value)
        .prop_map(|(name, value)| Check::Expect(vec![(name.split('.').map(str::to_owned).collect(), value)]));
    let raises =
        prop::sample::select(vec!["ImportError", "ModuleNotFoundError", "Exception", "AttributeError"]);
    prop_oneof![
        6 => Just(Check::Nothing),
        2 => expect,
        1 => raises.prop_map(|class| Check::Raises(class.to_owned())),
    ]
}

fn import() -> impl Strategy<Value = Step> {
    let names = prop_oneof![
        4 => Just(Vec::new()),
        1 => Just(vec!["V".to_owned()]),
        1 => prop::sample::subsequence(vec!["V", "s", "t", "q"], 1..=2)
            .prop_map(|names| names.into_iter().map(str::to_owned).collect()),
    ];
    (module(), names, check())
        .prop_map(|(module, names, check)| Step::Interpreter(Action::Import { module, names, check }))
}

fn other() -> impl Strategy<Value = Step> {
    let reload = (module(), check()).prop_map(|(module, check)| Action::Reload { module, check });
    let variable = (prop::sample::select(vec!["MODE", "OTHER", "LC_ALL"]), prop::option::of(Just("x")))
        .prop_map(|(name, value)| Action::SetVariable { name: name.into(), value: value.map(str::to_owned) });
    let expression = prop::sample::select(vec![
        "m.V == 0",
        "p.s.V == n.V",
        "len(m.L) < 2",
        "m",
        "not ns",
        "json",
        "m.V == 12 or m.W",
        "n.X is None",
        "[name for name in ['V', 'W'] if hasattr(m, name)]",
        "m.f(0) == 12",
        "f'{n.V}' == '0'",
        "any(x == 1 for x in n.L)",
    ]);
    prop_oneof![
        3 => reload,
        3 => own_module().prop_map(Action::Forget),
        3 => Just(Action::InvalidateCaches),
        2 => module().prop_map(Action::NotImported),
        2 => expression.prop_map(|expression| Action::Evaluate(expression.into())),
        1 => variable,
        2 => (own_module(), check()).prop_map(|(module, check)| Action::LazyImport { module, check }),
        1 => compiled(),
        2 => own_module().prop_map(|module| Action::RunModule { module, check: Check::Nothing }),
    ]
    .prop_map(Step::Interpreter)
}

fn mode() -> impl Strategy<Value = Invalidation> {
    prop::sample::select(vec![
        Invalidation::Timestamp,
        Invalidation::CheckedHash,
        Invalidation::UncheckedHash,
    ])
}

/// The compilation of a source, which mostly is there.
fn compiled() -> impl Strategy<Value = Action> {
    (file(), mode()).prop_map(|(path, invalidation)| Action::Compile { path, invalidation })
}

fn action() -> impl Strategy<Value = Step> {
    let position = prop::sample::select(vec![Position::First, Position::Last]);
    let path = prop::sample::select(vec!["lib", "src", "lib/p", ".", "late", "lib/m.py"]);
    let sys_path =
        (path, position.clone()).prop_map(|(path, position)| Action::SysPath { path: entry(path), position });
    let exec =
        (body(), prop_oneof![3 => Just(Check::Nothing), 1 => Just(Check::Raises("ImportError".into()))])
            .prop_map(|(code, check)| Action::Exec { code: code.into(), check });
    let directory = prop::sample::select(vec!["lib", "src", "lib", ""]);
    let moved = directory.prop_map(|path| Action::ChangeDirectory(entry(path)));
    let written = (prop::sample::select(vec!["lib", "p", ""]), position)
        .prop_map(|(text, position)| Action::SysPathText { text: text.into(), position });
    prop_oneof![8 => sys_path, 8 => exec, 1 => moved, 1 => written].prop_map(Step::Interpreter)
}

/// Statements of module bodies.
const STATEMENTS: [&str; 174] = [
    "class F(Exception):\n    def __init__(self, name, *more):\n        self.name = name\n        super().__init__('no %s' % name)\ntry:\n    raise F('n', 1)\nexcept F as e:\n    E = e.name + str(e)\n",
    "import n\ntry:\n    raise n.F('m')\nexcept Exception as e:\n    E = str(e)\n",
    "class G(KeyError):\n    code = 12\n    def __init__(self):\n        self.seen = []\ntry:\n    import n\n    raise G\nexcept (ImportError, G) as e:\n    V = getattr(e, 'code', 0) if type(e) is G else 1\n",
    "import m\nraise m.F('q', 2)\n",
    "import logging\nlog = logging.getLogger(__name__)\nlog.addHandler(logging.NullHandler())\nlog.debug('loaded %s', __name__)\n",
    "from logging import getLogger\nlogger = getLogger('n')\nX = logger.name\nimport n\nn.log.info(X)\n",
    "import os\n__path__.append(os.getcwd() + '/src/p')\n",
    "import os, p\np.__path__.insert(0, os.path.join(os.getcwd(), 'lib', 'ns'))\nimport p.a\n",
    "import n\nn.L[:] = [2]\n",
    "L = [1, 2]\nX = L\ndel L[:1]\nV = X[0]\n",
    "V = 0\n",
    "V = 12\n",
    "V = 'd'\n",
    "W = [1]\n",
    "L = [1]\n",
    "X = 1.5\n",
    "import m\n",
    "import n\n",
    "import p\n",
    "import p.s\n",
    "import p.q.r\n",
    "import p.s as q\n",
    "import p.q.r as w\n",
    "import ns\n",
    "import ns.a\n",
    "import ns.b as b\n",
    "import ghost\n",
    "from m import V\n",
    "from n import V\n",
    "from n import V as W\n",
    "from p import s\n",
    "from p import V\n",
    "from p import s, t\n",
    "from p import *\n",
    "from n import *\n",
    "from ns import a\n",
    "from . import s\n",
    "from . import t as u\n",
    "from .s import V\n",
    "from .q import r\n",
    "from .. import n\n",
    "from ..s import V\n",
    "from ... import x\n",
    "__all__ = ['s', 'V']\n",
    "__all__ = ['V']\n",
    "raise RuntimeError('x')\n",
    "raise ImportError('no')\n",
    "raise KeyError('k')\n",
    "undefined\n",
    "assert V == 0, 'V'\n",
    "import n\nn.V = 5\n",
    "import m\nm.V = 12\n",
    "import n\nX = n.V\n",
    "import p\nX = p.s.V\n",
    "import p\ndel p.s\n",
    "try:\n    import n\nexcept ImportError:\n    n = None\n",
    "try:\n    from n import V\nexcept ImportError as e:\n    E = str(e)\n",
    "try:\n    import p.s\nfinally:\n    W = [1]\n",
    "try:\n    import m\nexcept Exception as e:\n    raise ValueError(str(e))\n",
    "import sys\nsys.modules['n'] = None\n",
    "import sys\nsys.modules['p'] = None\n",
    "import sys\ndel sys.modules[__name__]\n",
    "import sys\nsys.modules.pop('n', None)\n",
    "import sys\nsys.modules.pop('p.s', None)\n",
    "import sys\nV = 'm' in sys.modules\n",
    "import sys, types\nsys.modules['n'] = types.ModuleType('n')\n",
    "import os\nos.environ['K'] = 'x'\n",
    "import os\nV = os.environ.get('K', 'd')\n",
    "import n\nn.L.append(1)\n",
    "import importlib\nimportlib.invalidate_caches()\n",
    "import importlib\nimportlib.import_module('p.s')\n",
    "import importlib, n\nimportlib.reload(n)\n",
    "class C(Exception):\n    code = 1\n",
    "import json\n",
    "raise SystemExit(3)\n",
    "raise KeyboardInterrupt\n",
    "del V\n",
    "if V:\n    import n\nelse:\n    import p\n",
    "from .t import *\n",
    "from . import *\n",
    "try:\n    import ghost\nexcept ModuleNotFoundError as e:\n    E = e.name\n",
    "try:\n    import p.s\nexcept (KeyError, ImportError):\n    raise\nelse:\n    V = 12\n",
    "import os\nif os.environ.get('K'):\n    V = 1\n",
    "import os\nos.environ.pop('K', None)\n",
    "import os, sys\nsys.path.insert(0, os.getcwd() + '/late')\n",
    "import sys\nsys.modules['p'].X = 1\n",
    "import sys\nsys.modules['p.s'] = sys.modules['n']\n",
    "import p\nV = getattr(p, 's', None) is None\n",
    "import p.s\np.s.V += 1\n",
    "import p as s\nX = hasattr(s, 'q')\n",
    "import p.q.r\nX = p.q.r.V if 'V' == p.q.r.__name__ else 1.5\n",
    "L = [1]\nL.append(2)\nV = len(L)\n",
    "W = {'a': [1]}\nW['b'] = V = 0\n",
    "def f():\n    return 1\n",
    "import collections.abc, decimal\n",
    "import xml.dom.minidom as w\n",
    "import email.message\n",
    "import json, json.ghost\n",
    "import importlib\nn = importlib.import_module('.s', 'p')\n",
    "import importlib\nimportlib.import_module('..n', 'p.q')\n",
    "import importlib\nimportlib.import_module('...n', 'p.q')\n",
    "import importlib\nimportlib.import_module('.n')\n",
    "import importlib\nimportlib.import_module('')\n",
    "import types\nclass T(types.ModuleType):\n    pass\n",
    "import types, n\nX = isinstance(n, types.ModuleType) and not isinstance(n, (str, dict))\n",
    "class M2(Exception):\n    def __str__(self):\n        return 'own ' + super().__str__()\nraise M2('e')\n",
    "class M3(ImportError):\n    def __str__(self):\n        import n\n        return f'{n.V}'\ntry:\n    raise M3('e')\nexcept ImportError as e:\n    E = str(e)\n    raise\n",
    "class O:\n    def __repr__(self):\n        return __name__\nE = '%s %r' % (O(), O())\n",
    "import abc\nclass A(abc.ABC):\n    K = 1\n    @abc.abstractmethod\n    def get(self):\n        return 11\n",
    "import n\nclass B2(n.A):\n    pass\nX = B2().get()\n",
    "import abc, m\nclass B3(m.A, abc.ABC):\n    def get(self):\n        return super().get() + 1\nV = B3().get() if isinstance(B3(), abc.ABC) else 0\n",
    "class W2(dict):\n    K = 1\nV = W2.K\nX = issubclass(W2, dict)\n",
    "import py_compile\nE = py_compile.compile('lib/n.py', doraise=True)[-3:]\n",
    "import os, py_compile\npy_compile.compile(os.getcwd() + '/lib/m.py')\n",
    "import py_compile\npy_compile.compile('lib/p/s.py', invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)\n",
    "for V in [0, 12]:\n    pass\n",
    "for name in ['n', 'p.s']:\n    __import__(name)\n",
    "import importlib\nfor name in ['n', 'p']:\n    W = importlib.import_module(name)\n    if hasattr(W, 'V'):\n        break\nelse:\n    X = 1.5\n",
    "V = 3\nwhile V:\n    V -= 1\n",
    "L = [v * 2 for v in [1, 2, 3] if v != 2]\n",
    "W = {k: v for k, v in {'a': 1}.items()}\nV = sum(v for v in W.values())\n",
    "def f(a, b=12, *c, **d):\n    return a + b + len(c) + len(d)\nV = f(0)\nX = f(1, 2, 3, k=4)\n",
    "def f():\n    import n\n    return n.V\nV = f()\n",
    "def f():\n    from .s import V\n    return V\nX = f()\n",
    "import n\nV = n.f(0)\n",
    "import p.s\nX = p.s.f\nV = X()\n",
    "def __getattr__(name):\n    if name == 'V':\n        return 12\n    raise AttributeError(name)\n",
    "def __getattr__(name):\n    import n\n    return n.V\n",
    "def __getattr__(name):\n    raise ImportError(name)\n",
    "def __getattr__(name):\n    if name[:1] != '_':\n        from . import s\n        return s\n    raise AttributeError(name)\n",
    "def same(f):\n    return f\n@same\ndef g():\n    return 1\nV = g()\n",
    "L = []\ndef register(f):\n    L.append(f.__name__)\n    return f\n@register\ndef h():\n    pass\n",
    "import n\n@n.register\ndef k():\n    pass\n",
    "class A:\n    K = 1\n    def __init__(self, v=0):\n        self.v = v\n    def get(self):\n        return self.v + self.K\nV = A(11).get()\n",
    "import n\nX = n.A().get()\n",
    "E = f'{__name__}-{1 + 1}'\n",
    "E = '%s %r' % ('a', 'b')\n",
    "import contextlib\nwith contextlib.suppress(ImportError):\n    import n\n    V = n.V\n",
    "class M:\n    def __enter__(self):\n        return 1\n    def __exit__(self, kind, value, trace):\n        return kind is ImportError\nwith M() as V:\n    import ghost\n",
    "X: float = 1.5\n",
    "def g():\n    for name in ['n', 'p.s']:\n        yield __import__(name)\nfor w in g():\n    V = 12\n",
    "import n\nX = [v for v in n.g()]\n",
    "L = []\ndef h():\n    try:\n        from n import V\n        yield V\n    finally:\n        L.append(1)\nfor X in h():\n    break\n",
    "import contextlib\n@contextlib.contextmanager\ndef quiet(*kinds):\n    try:\n        yield 0\n    except kinds as e:\n        E = str(e)\nwith quiet(ImportError, KeyError) as V:\n    import n\n",
    "import m\nwith m.quiet() as X:\n    import p.s\n",
    "class P:\n    def get(self):\n        return 2\nimport n\nclass B(n.A, P):\n    def get(self):\n        return super().get() + 1\nV = B(10).get()\n",
    "class Q:\n    def __init_subclass__(cls):\n        super().__init_subclass__()\n        Q.V = cls.__name__\nimport m\nclass R(m.Q, Q):\n    pass\nE = R.V\n",
    "import importlib.util\nV = importlib.util.find_spec('n') is None\n",
    "import importlib.util\nE = importlib.util.find_spec('p.s').name\n",
    "import importlib.util, sys\nspec = importlib.util.find_spec('n')\nspec.loader = importlib.util.LazyLoader(spec.loader)\nn = importlib.util.module_from_spec(spec)\nsys.modules['n'] = n\nspec.loader.exec_module(n)\n",
    "import sys\ndef purge(prefix):\n    for name in list(sys.modules):\n        if name == prefix or name.startswith(prefix + '.'):\n            del sys.modules[name]\npurge('p')\n",
    "import sys\ndef purge():\n    for name in [name for name in sys.modules if name.split('.')[0] in ('ns', 'n')]:\n        sys.modules.pop(name, None)\npurge()\nimport n\n",
    "import sys, types\nstub = types.ModuleType('p')\nstub.__path__ = []\nsys.modules['p'] = stub\n",
    "import os, sys, types\nstub = types.ModuleType('ns')\nstub.__path__ = [os.getcwd() + '/lib/p']\nsys.modules['ns'] = stub\nimport ns.s\nV = ns.s.V\n",
    "class A:\n    pass\nV = type(A()) is A and type(True + 1) is int\n",
    "import p\ntry:\n    p(1)\nexcept TypeError as error:\n    V = str(error)\n",
    "import importlib.util, os\nspec = importlib.util.spec_from_file_location('k', os.path.join(os.getcwd(), 'lib/n.py'))\nk = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(k)\nV = k.V\n",
    "import os\nV = os.path.exists(os.getcwd() + '/lib/n.py')\n",
    "import os, pkgutil\nM = [name for _, name, _ in pkgutil.iter_modules([os.getcwd() + '/lib'])]\n",
    "import p, pkgutil\nM = [(info.name, info.ispkg) for info in pkgutil.iter_modules(p.__path__, 'p.')]\n",
    "import n\nn.__name__ = 'p'\n",
    "import functools\n@functools.lru_cache(maxsize=None)\ndef kept():\n    import n\n    return n.V\nX = kept()\n",
    "import m\nV = m.kept()\nm.kept.cache_clear()\n",
    "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n",
    "import os, p\np.__path__ = [os.path.join(os.getcwd(), 'src', 'p')]\n",
    "import pkgutil\n__path__ = pkgutil.extend_path(__path__, 'ns')\nimport ns.b\n",
    "import os\nos.chdir('lib')\n",
    "import os\nos.chdir('..')\n",
    "import sys\nsys.path.insert(0, 'p')\n",
    "import builtins\nbuiltins.undefined = 1\n",
    "import gettext\ngettext.install('w')\n",
    "def f():\n    global V\n    V = 0\nf()\n",
    "def outer():\n    n = 1\n    def inner():\n        nonlocal n\n        n += 11\n        return n\n    return inner\nf = outer()\nV = f()\n",
    "def f():\n    try:\n        import n\n        return n.V\n    except ImportError:\n        return 'd'\n    finally:\n        L.append(1)\nL = []\nV = f()\n",
];

fn body() -> impl Strategy<Value = String> {
    let statement = prop::sample::select(STATEMENTS.to_vec());
    let some = prop::collection::vec(statement, 0..4).prop_map(|statements| statements.concat());
    // Sources of one size: what bytecode that is taken for another's needs.
    let same_size = prop::sample::select(vec!["V = 0\n", "V = 1\n", "V = 2\n"]).prop_map(str::to_owned);
    prop_oneof![2 => some, 1 => same_size]
}
