//! Looking at the state that tests leave runs none of its code, and the suite's code does not notice the forks of runs.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::environments::{environment, python, run};
use crate::faults::suite;
use crate::hunting::{Hunted, equal, hunt, strings};
use crate::{ENDS, missing, pytest};

const MINORS: [&str; 8] = ["3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13"];
/// Tried without being asked for: the ends, and those with which handlers of forks and classes of extension modules came.
/// `TASTER_PYTHON=all` tries every one.
const FEW: [&str; 4] = ["3.6", "3.7", "3.10", "3.13"];
const QUICK: [&str; 4] = ["--orders", "given,reverse", "--timestamps", "real"];

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |name: &str, version: &str, run: Box<dyn FnOnce() -> Result<(), String> + Send>| {
        Trial::test(format!("looking::{name}"), move || run().map_err(Failed::from))
            .with_ignored_flag(missing(version))
    };
    let every =
        std::env::var("TASTER_PYTHON").is_ok_and(|words| words.split(',').any(|word| word.trim() == "all"));
    let mut all: Vec<Trial> = MINORS
        .into_iter()
        .filter(|minor| every || FEW.contains(minor))
        .map(|minor| trial(&format!("traps_{minor}"), minor, Box::new(move || traps(minor))))
        .collect();
    all.extend(MINORS.map(|minor| trial(&format!("memory_{minor}"), minor, Box::new(move || memory(minor)))));
    for (version, name, package) in ENDS.into_iter().chain([("3.7", "pytest-3.7", "pytest")]) {
        let venv = move || environment(name, version, &[package]);
        all.push(trial(&format!("nearby_{version}"), version, Box::new(move || asked(&venv()?, NEARBY))));
        all.push(trial(&format!("wide_{version}"), version, Box::new(move || asked(&venv()?, WIDE))));
        all.push(trial(&format!("random_{version}"), version, Box::new(move || drawn(&venv()?))));
        all.push(trial(&format!("forks_{version}"), version, Box::new(move || forks(&venv()?))));
        all.push(trial(&format!("endings_{version}"), version, Box::new(move || endings(&venv()?))));
    }
    all.push(trial("at_collection", "3.11", Box::new(at_collection)));
    all.push(trial("environment_replaced", "3.11", Box::new(replaced)));
    all.push(trial("numpy", "3.11", Box::new(numpy)));
    all.push(trial("is_no_tests_time", "3.11", Box::new(slow)));
    all
}

/// The look itself at all kinds of objects that note what they are asked.
fn traps(version: &str) -> Result<(), String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let told = run(Command::new(python(version)?)
        .arg(source.join("tests/hunt/looking.py"))
        .args([source.join("src/suite/plugin"), source.join("src/interpreter/cpython")])
        .arg(source.join("tests/library/traps.py"))
        .env("TMPDIR", folder.path())
        .current_dir(folder.path()))?;
    let count = told.strip_suffix(" places\n").and_then(|count| count.parse::<usize>().ok());
    equal("nothing but the number of places", count.is_some_and(|count| count > 40), true)
        .map_err(|error| format!("{error}: {told}"))
}

/// Every way to write to a container shows in the process's own memory.
fn memory(version: &str) -> Result<(), String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let told = run(Command::new(python(version)?)
        .arg(source.join("tests/hunt/memory.py"))
        .arg(source.join("src/suite/plugin")))?;
    let untold = if version == "3.13" { "an object, an object by name" } else { "" };
    equal("what is told", told, format!("told: dict, list, order, set, slots, variables; not: {untold}\n"))
}

/// What is known to run no code when it ends, and what may run some.
fn endings(python: &Path) -> Result<(), String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let told = run(Command::new(python)
        .arg(source.join("tests/hunt/endings.py"))
        .arg(source.join("src/suite/plugin"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(folder.path()))?;
    equal("suites in which nothing else was said", told, "14 as expected\n".to_owned())
}

/// What notes that it was asked; a count in C is nothing that putting back could take back.
const ASKED: &str = r#"import importlib.util
import itertools
import sys

count = itertools.count()


def noting(name):
    def method(self, *arguments):
        next(count)
        return getattr(dict, name)(self, *arguments)

    return method


class Meta(type):
    def __getattribute__(cls, name):
        next(count)
        return type.__getattribute__(cls, name)

    def __eq__(cls, other):
        next(count)
        return cls is other

    __hash__ = type.__hash__


class Proxy:
    @property
    def __class__(self):
        next(count)
        return dict

    @property
    def __dict__(self):
        next(count)
        return {}

    def __repr__(self):
        next(count)
        return "proxy"


class Entries(dict):
    items, keys, __iter__, __eq__ = map(noting, ("items", "keys", "__iter__", "__eq__"))
    __getitem__, __len__, copy, get = map(noting, ("__getitem__", "__len__", "copy", "get"))


class Element:
    def __hash__(self):
        next(count)
        return 1

    def __eq__(self, other):
        next(count)
        return self is other


spec = importlib.util.find_spec("late")
spec.loader = importlib.util.LazyLoader(spec.loader)
sys.modules["late"] = late = importlib.util.module_from_spec(spec)
spec.loader.exec_module(late)
of_meta = Meta("OfMeta", (), {})
held = [Proxy(), Entries(a=1), {Element()}, {Element(): of_meta()}, late]
count = itertools.count()
"#;

const LATE: &str = "import asked\n\nnext(asked.count)\nVALUE = 1\n";

const NEARBY: &str = "import asked\n\nstate = []\n\n\ndef test_pollutes():\n    state.append(1)\n    asked.held.append(asked.Proxy())\n\n\n\
    def test_victim():\n    assert repr(asked.count) == 'count(0)', asked.count\n    assert not state\n";
const WIDE: &str = "import string\n\nimport asked\n\n\ndef test_pollutes():\n    string.capwords = len\n    asked.held.append(asked.Proxy())\n\n\n\
    def test_victim():\n    assert repr(asked.count) == 'count(0)', asked.count\n    assert string.capwords is not len\n";

/// The victim fails as well where something was asked, so that no state would be proven to be the cause.
fn asked(python: &Path, tests: &str) -> Result<(), String> {
    let folder = suite(&[("asked.py", ASKED), ("late.py", LATE), ("test_a.py", tests)])?;
    let hunted = hunt(folder.path(), python, &QUICK)?;
    let cell = if tests == WIDE { "string.capwords" } else { "test_a.state[:]" };
    proven(&hunted, "test_a.py::test_victim", "test_a.py::test_pollutes", "changed-state", cell)
}

/// There is one finding, and this state is proven to be its cause.
fn proven(hunted: &Hunted, victim: &str, polluter: &str, cause: &str, cell: &str) -> Result<(), String> {
    let finding = hunted.finding(victim)?;
    equal("findings", hunted.of_kind("finding").len(), 1)?;
    equal("broken", hunted.summary()?["broken"].as_array().map(Vec::len), Some(0))?;
    equal("polluters", strings(&finding["polluters"]), vec![polluter])?;
    equal("cause", finding["cause"].as_str(), Some(cause))
        .map_err(|error| format!("{error}: {finding:#}"))?;
    let cells = finding["state"].as_array().into_iter().flatten();
    let cells: Vec<&str> = cells.filter_map(|cell| cell["cell"].as_str()).collect();
    equal("state", cells, vec![cell])
}

fn at_collection() -> Result<(), String> {
    let victim = "import asked\nimport settings\n\n\ndef test_mode():\n    assert repr(asked.count) == 'count(0)', asked.count\n    \
                  assert settings.mode == 'plain'\n";
    let folder = suite(&[
        ("asked.py", ASKED),
        ("late.py", LATE),
        ("conftest.py", "import asked\nimport settings\n"),
        ("settings.py", "mode = 'plain'\n"),
        ("test_a.py", "import settings\n\nsettings.mode = 'odd'\n\n\ndef test_a():\n    pass\n"),
        ("test_b.py", victim),
    ])?;
    let hunted = hunt(folder.path(), &pytest()?, &QUICK)?;
    proven(&hunted, "test_b.py::test_mode", "test_a.py", "import-side-effect", "settings.mode")
}

/// `test_exact` counts on being the first that draws from the generator that conftest seeds once.
fn drawn(python: &Path) -> Result<(), String> {
    let seeded = "import random\n\n\ndef pytest_configure():\n    random.seed(11)\n";
    let tests = "import random\n\n\ndef test_draws():\n    random.gauss(0, 1)\n\n\ndef test_exact():\n    \
                 assert random.random() == random.Random(11).random()\n";
    let folder = suite(&[("conftest.py", seeded), ("test_a.py", tests)])?;
    let hunted = hunt(folder.path(), python, &QUICK)?;
    proven(&hunted, "test_a.py::test_exact", "test_a.py::test_draws", "random-state", "random.getstate()")
}

/// Runs tell nobody that they are forks; forks of the tests' own do.
fn forks(python: &Path) -> Result<(), String> {
    let registered = "import os\n\ntold = []\nif hasattr(os, 'register_at_fork'):\n    os.register_at_fork(\n        \
                      before=lambda: told.append('before'),\n        after_in_child=lambda: told.append('child'),\n        \
                      after_in_parent=lambda: told.append('parent'),\n    )\n";
    let tests = "import os\n\nfrom registered import told\n\n\ndef test_nothing_was_told():\n    assert not told\n\n\n\
                 def test_own_fork():\n    pid = os.fork()\n    if not pid:\n        os._exit(0 if told == wanted('child') else 1)\n    \
                 assert os.waitpid(pid, 0)[1] == 0\n    assert told == wanted('parent')\n    del told[:]\n\n\n\
                 def wanted(last):\n    return ['before', last] if hasattr(os, 'register_at_fork') else []\n";
    let folder = suite(&[
        ("conftest.py", "import registered\n"),
        ("registered.py", registered),
        ("test_a.py", tests),
    ])?;
    let hunted = hunt(folder.path(), python, &QUICK)?;
    equal("exit status", hunted.status, 0).map_err(|error| format!("{error}: {:#?}", hunted.lines))?;
    equal("broken", hunted.summary()?["broken"].as_array().map(Vec::len), Some(0))
}

/// Another mapping in the place of `os.environ` is a cell, and is not asked what it holds.
fn replaced() -> Result<(), String> {
    let tests = "import itertools\nimport os\n\ncount = itertools.count()\n\n\nclass Environment:\n    \
                 def __init__(self, real):\n        self.real = real\n\n    def __setitem__(self, key, value):\n        \
                 self.real[key] = value\n\n    def pop(self, key, *more):\n        return self.real.pop(key, *more)\n\n    \
                 def get(self, key, *more):\n        return self.real.get(key, *more)\n\n    def __iter__(self):\n        \
                 next(count)\n        return iter(self.real)\n\n    def keys(self):\n        next(count)\n        \
                 return self.real.keys()\n\n    items = __len__ = __iter__\n\n\ndef test_replaces():\n    \
                 os.environ = Environment(os.environ)\n\n\ndef test_victim():\n    assert repr(count) == 'count(0)', count\n    \
                 assert type(os.environ) is not Environment\n";
    let folder = suite(&[("test_a.py", tests)])?;
    let hunted = hunt(folder.path(), &pytest()?, &QUICK)?;
    proven(&hunted, "test_a.py::test_victim", "test_a.py::test_replaces", "changed-state", "os.environ")
}

fn numpy() -> Result<(), String> {
    let python: PathBuf = environment("numpy-3.11", "3.11", &["pytest", "numpy"])?;
    let seeded = "import numpy.random\n\n\ndef pytest_configure():\n    numpy.random.seed(11)\n";
    let tests = "import numpy\n\n\ndef test_draws():\n    numpy.random.normal(size=3)\n\n\ndef test_exact():\n    \
                 assert numpy.random.random() == numpy.random.RandomState(11).random_sample()\n";
    let folder = suite(&[("conftest.py", seeded), ("test_a.py", tests)])?;
    let hunted = hunt(folder.path(), &python, &QUICK)?;
    let cell = "numpy.random.get_state()";
    proven(&hunted, "test_a.py::test_exact", "test_a.py::test_draws", "random-state", cell)
}

/// Each look goes through all of this, and takes longer than a test may.
const HUGE: &str =
    "tables = {each: {number: [number] for number in range(25)} for each in range(8000)}\nstate = []\n";

/// taster looks longer than the time that a test has: that is no test's silence.
fn slow() -> Result<(), String> {
    let tests = "import huge\n\n\ndef test_pollutes():\n    huge.state.append(1)\n\n\n\
                 def test_reads():\n    assert not huge.state\n\n\ndef test_plain():\n    assert huge.tables\n";
    let folder = suite(&[("huge.py", HUGE), ("test_a.py", tests)])?;
    let options = ["--orders", "state", "--timestamps", "real", "--test-timeout", "1s", "--no-commands"];
    let hunted = hunt(folder.path(), &pytest()?, &options)?;
    equal("findings", hunted.of_kind("finding").len(), 1)
        .map_err(|error| format!("{error}: {:#?}", hunted.lines))?;
    let finding = hunted.finding("test_a.py::test_reads")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_a.py::test_pollutes"])?;
    equal("state", finding["state"][0]["cell"].as_str(), Some("huge.state[:]"))?;
    let pairs = &hunted.summary()?["pairs"];
    equal("not accounted for", pairs["left"].as_u64(), Some(0))
        .map_err(|error| format!("{error}: {:#?}", hunted.lines))
}
