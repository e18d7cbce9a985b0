//! A generated suite with its truth: 40 polluters of 12 kinds of state, victims, brittle tests, chains of two, and what else
//! real suites do: cleaners, fixtures, classes, parameters, caches, lazy imports, a counter.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// How large a suite is: its tests, and those of them that have something to do with another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) tests: usize,
    pub(crate) victims: usize,
    pub(crate) brittle: usize,
    pub(crate) chains: usize,
}

const IN_A_FILE: usize = 34;
const CLEANERS: usize = 14;
/// Has no factor in common with the number of tests: roles that follow one another are spread over all files.
const STRIDE: usize = 743;
const LAZY: usize = 10;
const CACHED: usize = 12;

/// One kind of state: how many polluters it has; the lines that pollute it, those that need it clean, those that clean it.
/// `#` stands for the polluter's number.
struct Kind(usize, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const KINDS: [Kind; 12] = [
    Kind(5, "settings.mode_# = 'fast'", "assert settings.mode_# == 'plain'", "settings.mode_# = 'plain'"),
    Kind(5, "registry.TABLE['name_#'] = len(registry.TABLE)", "assert 'name_#' not in registry.TABLE",
        "registry.TABLE.pop('name_#', None)"),
    Kind(5, "registry.queue_#.append('job')", "assert registry.queue_# == []", "del registry.queue_#[:]"),
    Kind(4, "os.environ['APP_MODE_#'] = 'fast'", "assert os.environ.get('APP_MODE_#', 'plain') == 'plain'",
        "os.environ.pop('APP_MODE_#', None)"),
    Kind(1, "os.chdir(os.path.join(HERE, 'data'))", "assert os.path.exists(os.path.join('data', 'plain.txt'))", "os.chdir(HERE)"),
    Kind(3, "sys.path.insert(0, os.path.join(HERE, 'vendor', 'v_#'))",
        "assert importlib.util.find_spec('shadow_#') is None",
        "sys.path[:] = [each for each in sys.path if not each.endswith('v_#')]"),
    Kind(3, "sys.modules['app.engine_#'] = types.ModuleType('app.engine_#')",
        "assert importlib.import_module('app.engine_#').power == #", "sys.modules.pop('app.engine_#', None)"),
    Kind(4, "models.Model_#.table = 'other'", "assert models.Model_#().table == 'items'", "models.Model_#.table = 'items'"),
    Kind(2, "with mock.patch.object(cached, 'source_#', 'fast'):\n    assert cached.lookup_#()",
        "assert cached.lookup_#() == 'plain'", "cached.lookup_#.cache_clear()"),
    Kind(3, "logging.getLogger('app.part_#').addHandler(logging.NullHandler())",
        "assert logging.getLogger('app.part_#').handlers == []", "del logging.getLogger('app.part_#').handlers[:]"),
    Kind(2, "warnings.filterwarnings('error', message='part # is old')", "warnings.warn('part # is old')", "warnings.resetwarnings()"),
    Kind(3, "with open(os.path.join(HERE, 'left_#.txt'), 'w') as file:\n    file.write('left')",
        "assert not os.path.exists(os.path.join(HERE, 'left_#.txt'))",
        "if os.path.exists(os.path.join(HERE, 'left_#.txt')):\n    os.remove(os.path.join(HERE, 'left_#.txt'))"),
];

const TOP: &str = "import importlib\nimport importlib.util\nimport logging\nimport os\nimport sys\nimport types\nimport unittest\n\
                   import warnings\nfrom unittest import mock\n\nimport pytest\n\n\
                   from app import cache, cached, chain, models, registry, services, settings\n\n\
                   HERE = os.path.dirname(os.path.abspath(__file__))\n\n\n\
                   class Client:\n    def __init__(self):\n        self.calls = []\n\n\n\
                   @pytest.fixture(scope='module')\ndef client():\n    made = Client()\n    yield made\n    made.calls.clear()\n\n\n\
                   @pytest.fixture\ndef ready():\n    return {'ready': True}\n";

const CONFTEST: &str = "import pytest\n\nfrom app import stats\n\n\n@pytest.fixture(autouse=True)\n\
                        def counted():\n    stats.count += 1\n    yield\n    stats.seconds = stats.count / 2\n";

/// What must be found in the suite, and nothing else.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// Victim and its polluters: one, or the two of a chain.
    pub(crate) victims: BTreeMap<String, Vec<String>>,
    /// Brittle test and its state-setter.
    pub(crate) brittle: BTreeMap<String, String>,
}

/// The number of polluters.
pub(crate) fn polluters() -> usize {
    KINDS.iter().map(|kind| kind.0).sum()
}

/// The kind of the state of each polluter.
fn kind(mut polluter: usize) -> &'static Kind {
    KINDS
        .iter()
        .find(|kind| {
            let here = polluter < kind.0;
            polluter = polluter.saturating_sub(kind.0);
            here
        })
        .expect("a polluter of one of the kinds")
}

impl Size {
    /// The place of the n-th test that has something to do with another.
    fn place(self, role: usize) -> usize {
        (role * STRIDE + 11) % self.tests
    }
}

fn file(place: usize) -> usize {
    place / IN_A_FILE
}

/// The node id of the test at a place. A file holds functions, functions with fixtures, a class, and a function with
/// parameters.
fn name(place: usize) -> String {
    let test = place % IN_A_FILE;
    let within = match test {
        0..24 => format!("test_{test:02}"),
        24..30 => format!("TestUnit::test_{test:02}"),
        _ => format!("test_each[{}]", test - 30),
    };
    format!("test_{:02}.py::{within}", file(place))
}

/// Writes the suite into a folder.
pub(crate) fn write_many(folder: &Path, size: Size) -> io::Result<Truth> {
    let (bodies, truth) = bodies(size);
    write_package(folder, size)?;
    fs::write(folder.join("pytest.ini"), "[pytest]\naddopts = -p no:warnings\n")?;
    fs::write(folder.join("conftest.py"), CONFTEST)?;
    let places: Vec<usize> = (0..size.tests).collect();
    for tests in places.chunks(IN_A_FILE) {
        fs::write(folder.join(format!("test_{:02}.py", file(tests[0]))), test_file(tests, &bodies))?;
    }
    Ok(truth)
}

/// What the tests do that have something to do with another, by place, and the truth about them.
fn bodies(size: Size) -> (BTreeMap<usize, String>, Truth) {
    let (mut bodies, mut truth) = (BTreeMap::new(), Truth::default());
    let mut roles = (0..size.tests).map(|role| size.place(role));
    let mut next = |body: String, bodies: &mut BTreeMap<usize, String>| {
        let place = roles.next().expect("fewer roles than tests");
        bodies.insert(place, body);
        place
    };
    let of = |text: &str, polluter: usize| text.replace('#', &polluter.to_string());
    let polluting: Vec<usize> =
        (0..polluters()).map(|each| next(of(kind(each).1, each), &mut bodies)).collect();
    for victim in 0..size.victims {
        // Roles follow one another in steps of one stride, so the next polluter is in another file.
        let here = file(size.place(polluters() + victim));
        let polluter = (victim..).map(|each| each % polluters()).find(|each| file(polluting[*each]) != here);
        let polluter = polluter.expect("polluters are in many files");
        let place = next(of(kind(polluter).2, polluter), &mut bodies);
        truth.victims.insert(name(place), vec![name(polluting[polluter])]);
    }
    for cleaner in 0..CLEANERS {
        let polluter = cleaner * polluters() / CLEANERS;
        next(of(kind(polluter).3, polluter), &mut bodies);
    }
    for brittle in 0..size.brittle {
        let setter = next(of("services.started['part_#'] = True", brittle), &mut bodies);
        let place = next(of("assert services.started['part_#']", brittle), &mut bodies);
        truth.brittle.insert(name(place), name(setter));
    }
    for each in 0..size.chains {
        let first = next(of("chain.loose_# = True", each), &mut bodies);
        let second = next(of("if chain.loose_#:\n    chain.broken_# = True", each), &mut bodies);
        let place = next(of("assert not chain.broken_#", each), &mut bodies);
        truth.victims.insert(name(place), vec![name(first), name(second)]);
    }
    (bodies, truth)
}

/// The text of a file of tests.
fn test_file(tests: &[usize], bodies: &BTreeMap<usize, String>) -> String {
    let mut text = TOP.to_owned();
    let body = |place: usize| bodies.get(&place).cloned().unwrap_or_else(|| ordinary(place));
    let mut each = String::new();
    for &place in tests {
        let (test, body) = (place % IN_A_FILE, body(place));
        let _infallible = match test {
            0..12 => write!(text, "\n\ndef test_{test:02}():\n{}", indented(&body, 4)),
            12..18 => {
                write!(text, "\n\ndef test_{test:02}(ready):\n    assert ready\n{}", indented(&body, 4))
            }
            18..24 => {
                write!(
                    text,
                    "\n\ndef test_{test:02}(client):\n    client.calls.append({test})\n{}",
                    indented(&body, 4)
                )
            }
            24..30 => {
                let class = if test == 24 { "\n\nclass TestUnit(unittest.TestCase):" } else { "" };
                write!(text, "{class}\n    def test_{test:02}(self):\n{}", indented(&body, 8))
            }
            _ => write!(each, "    if n == {}:\n{}", test - 30, indented(&body, 8)),
        };
    }
    if !each.is_empty() {
        let _infallible =
            write!(text, "\n\n@pytest.mark.parametrize('n', range(4))\ndef test_each(n):\n{each}");
    }
    text
}

/// What tests do that have nothing to do with another.
fn ordinary(place: usize) -> String {
    match place % 7 {
        0 => format!("assert cache.get({})", place % CACHED),
        3 => format!("assert importlib.import_module('app.lazy_{}').value", place % LAZY),
        _ => format!("assert sum(range({place})) >= 0"),
    }
}

fn indented(body: &str, by: usize) -> String {
    body.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}

/// The package under test, and what lies beside it.
fn write_package(folder: &Path, size: Size) -> io::Result<()> {
    let app = folder.join("app");
    fs::create_dir(&app)?;
    let all = |line: &str, many: usize| (0..many).map(|each| line.replace('#', &each.to_string())).collect();
    let lines = |line: &str| -> String { all(line, polluters()) };
    let queues = format!("TABLE = {{}}\n{}", lines("queue_# = []\n"));
    let lookups =
        lines("source_# = 'plain'\n\n\n@lru_cache(None)\ndef lookup_#():\n    return source_#\n\n\n");
    let chains: String = all("loose_# = False\nbroken_# = False\n", size.chains);
    let cache = "entries = {}\n\n\ndef get(key):\n    return entries.setdefault(key, [key])\n";
    let files = [
        ("__init__", String::new()),
        ("settings", lines("mode_# = 'plain'\n")),
        ("registry", queues),
        ("models", lines("class Model_#:\n    table = 'items'\n\n\n")),
        ("cached", format!("from functools import lru_cache\n\n{lookups}")),
        ("chain", chains),
        ("services", "started = {}\n".to_owned()),
        ("stats", "count = 0\nseconds = 0.0\n".to_owned()),
        ("cache", cache.to_owned()),
    ];
    for (name, text) in files {
        fs::write(app.join(format!("{name}.py")), text)?;
    }
    for lazy in 0..LAZY {
        fs::write(app.join(format!("lazy_{lazy}.py")), "value = 1\n")?;
    }
    for polluter in 0..polluters() {
        fs::write(app.join(format!("engine_{polluter}.py")), format!("power = {polluter}\n"))?;
        let vendor = folder.join("vendor").join(format!("v_{polluter}"));
        fs::create_dir_all(&vendor)?;
        fs::write(vendor.join(format!("shadow_{polluter}.py")), "value = 1\n")?;
    }
    fs::create_dir(folder.join("data"))?;
    fs::write(folder.join("data/plain.txt"), "plain\n")
}
