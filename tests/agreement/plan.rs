//! Random scenarios: directories, modules and packages whose bodies import each other, and steps of every verb on them.

use std::path::Path;

use proptest::prelude::*;
use taster::scenario::{
    Action, Check, EntryPath, Literal, Operation, Permute, Position, Scenario, Step, parse,
};
use taster::world::Nanos;

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
    /// The steps of each ordering, with the test that each belongs to.
    pub(crate) fn orderings(&self) -> impl Iterator<Item = Vec<(Option<usize>, Step)>> + '_ {
        self.orderings.iter().map(|choices| {
            let mut steps: Vec<_> = self.setup.iter().map(|step| (None, step.clone())).collect();
            let mut done = vec![0; self.tests.len()];
            for &choice in choices.iter().cycle() {
                let open: Vec<usize> =
                    (0..done.len()).filter(|&test| done[test] < self.tests[test].len()).collect();
                let Some(&test) = open.get(usize::from(choice) % open.len().max(1)) else { break };
                steps.push((Some(test), self.tests[test][done[test]].clone()));
                done[test] += 1;
            }
            steps
        })
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
        Nanos(100),
        Nanos(1),
    ]);
    let each_step = prop::sample::select(vec![Nanos(1_000), Nanos(50), Nanos(300_000_000)]);
    let tests = prop::collection::vec(prop::collection::vec(step(), 1..6), 1..5);
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
    let paths = prop::sample::subsequence(vec!["lib", "src", "."], 0..=3);
    let made = prop::bool::weighted(0.6);
    let more = prop::collection::vec(prop_oneof![4 => write(), 1 => step()], 0..4);
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

fn entry(path: &str) -> EntryPath {
    EntryPath::new(path.trim_start_matches('/')).expect("a path of the ordering")
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => write(),
        10 => import(),
        2 => other(),
        2 => world(),
        2 => action(),
    ]
}

fn directory() -> impl Strategy<Value = &'static str> {
    prop_oneof![6 => Just("lib"), 3 => Just("src"), 2 => Just("")]
}

fn file() -> impl Strategy<Value = EntryPath> {
    let names = prop::sample::select(vec![
        "m.py",
        "n.py",
        "m.py",
        "n.py",
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
    ]);
    (directory(), names).prop_map(|(directory, name)| entry(&format!("{directory}/{name}")))
}

fn write() -> impl Strategy<Value = Step> {
    (file(), body()).prop_map(|(path, text)| Step::World(Operation::Write { path, text: text.into() }))
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
        2 => place().prop_map(Operation::Touch),
        4 => sleep.prop_map(|length| Operation::Sleep(Nanos(length))),
    ]
    .prop_map(Step::World)
}

fn module() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "m", "n", "m", "n", "p", "p.s", "p.t", "p.q", "p.q.r", "ns", "ns.a", "ns.b", "ns.u.c", "m.x",
        "ghost", "json", "k", "k.p.s",
    ])
    .prop_map(str::to_owned)
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
        3 => Just(Vec::new()),
        1 => prop::sample::subsequence(vec!["V", "s", "t", "q"], 1..=2)
            .prop_map(|names| names.into_iter().map(str::to_owned).collect()),
    ];
    (module(), names, check())
        .prop_map(|(module, names, check)| Step::Interpreter(Action::Import { module, names, check }))
}

fn other() -> impl Strategy<Value = Step> {
    let reload = (module(), check()).prop_map(|(module, check)| Action::Reload { module, check });
    let own = |module: &String| module != "json";
    prop_oneof![
        3 => reload,
        3 => module().prop_filter("a module of its own", own).prop_map(Action::Forget),
        3 => Just(Action::InvalidateCaches),
    ]
    .prop_map(Step::Interpreter)
}

fn action() -> impl Strategy<Value = Step> {
    let position = prop_oneof![Just(Position::First), Just(Position::Last)];
    let path = prop::sample::select(vec!["lib", "src", "lib/p", ".", "late", "lib/m.py"]);
    let sys_path =
        (path, position).prop_map(|(path, position)| Action::SysPath { path: entry(path), position });
    let exec =
        (body(), prop_oneof![3 => Just(Check::Nothing), 1 => Just(Check::Raises("ImportError".into()))])
            .prop_map(|(code, check)| Action::Exec { code: code.into(), check });
    prop_oneof![2 => sys_path, 2 => exec].prop_map(Step::Interpreter)
}

/// Statements of module bodies.
const STATEMENTS: [&str; 64] = [
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
];

fn body() -> impl Strategy<Value = String> {
    let statement = prop::sample::select(STATEMENTS.to_vec());
    prop::collection::vec(statement, 0..4).prop_map(|statements| statements.concat())
}
