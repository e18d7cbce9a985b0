//! Patches of hunts: each is written by `--fix`, taken by `git apply` in a copy, and cures by plain pytest there.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::environments::environment;
use crate::hunting::{equal, hunt, strings};
use crate::{ENDS, QUICK, missing, pytest};

/// A suite of one kind: its name, its files, what the patch must contain, what it must not contain.
struct Patched(
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
    &'static [&'static str],
);

#[rustfmt::skip]
const CASES: &[Patched] = &[
    Patched("attribute", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.value = 1\n\n\ndef test_reads():\n    assert state.value == 0\n")],
        &["+def test_sets(monkeypatch):\n", "+    # test_reads fails after this test unless state.value is restored.\n", "+    monkeypatch.setattr(state, \"value\", 1)\n"], &["import pytest"]),
    Patched("attribute_of_a_class", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.Config.debug = True\n\n\ndef test_reads():\n    assert not state.Config.debug\n")],
        &["+    monkeypatch.setattr(state.Config, \"debug\", True)\n"], &[]),
    Patched("item", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.options[\"mode\"] = \"new\"\n\n\ndef test_reads():\n    assert state.options[\"mode\"] == \"old\"\n")],
        &["+    monkeypatch.setitem(state.options, \"mode\", \"new\")\n"], &[]),
    Patched("environment", &[("test_a.py", "import os\n\n\ndef test_sets():\n    os.environ[\"TASTER_KIND\"] = \"1\"\n\n\ndef test_reads():\n    assert \"TASTER_KIND\" not in os.environ\n")],
        &["+    monkeypatch.setenv(\"TASTER_KIND\", \"1\")\n"], &[]),
    Patched("path", &[("test_a.py", "import sys\n\n\ndef test_sets():\n    sys.path.insert(0, \"/nowhere\")\n\n\ndef test_reads():\n    assert \"/nowhere\" not in sys.path\n")],
        &["+    monkeypatch.syspath_prepend(\"/nowhere\")\n"], &[]),
    Patched("working_directory", &[("test_a.py", "import os\n\n\ndef test_sets():\n    os.chdir(\"/\")\n\n\ndef test_reads():\n    assert os.getcwd() != \"/\"\n")],
        &["+    monkeypatch.chdir(\"/\")\n"], &[]),
    Patched("list", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.names.append(\"a\")\n\n\ndef test_reads():\n    assert not state.names\n")],
        &["+@pytest.fixture\n+def restored_names():\n", "+    saved = state.names[:]\n+    yield\n+    state.names[:] = saved\n", "+def test_sets(restored_names):\n"], &[]),
    Patched("set", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.kinds.add(\"a\")\n\n\ndef test_reads():\n    assert not state.kinds\n")],
        &["+    saved = set(state.kinds)\n+    yield\n+    state.kinds.clear()\n+    state.kinds.update(saved)\n"], &[]),
    Patched("module", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import sys\n\n\ndef test_sets():\n    sys.modules[\"state\"] = None\n\n\ndef test_reads():\n    import state\n\n    assert state.value == 0\n")],
        &["+    monkeypatch.setitem(sys.modules, \"state\", None)\n"], &[]),
    Patched("file", &[("test_a.py", "import pathlib\n\nLEFT = pathlib.Path(__file__).parent / \"left.txt\"\n\n\ndef test_sets():\n    LEFT.write_text(\"left\")\n\n\ndef test_reads():\n    assert not LEFT.exists()\n")],
        &["+def test_sets(restored_left_txt):\n", "+    # test_reads fails after test_sets unless left.txt is removed.\n"], &[]),
    Patched("generator", &[("conftest.py", "import random\n\n\ndef pytest_configure():\n    random.seed(20)\n"), ("test_a.py", "import random\n\n\ndef test_sets():\n    assert random.random() < 1\n\n\ndef test_reads():\n    assert random.random() == random.Random(20).random()\n")],
        &["+    random.seed(20)\n"], &[]),
    Patched("unittest_attribute", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import unittest\n\nimport state\n\n\nclass TestState(unittest.TestCase):\n    def test_a_sets(self):\n        state.value = 1\n\n    def test_b_reads(self):\n        self.assertEqual(state.value, 0)\n")],
        &["+        self.addCleanup(setattr, state, \"value\", state.value)\n"], &["monkeypatch", "import pytest"]),
    Patched("unittest_environment", &[("test_a.py", "import os\nfrom unittest import TestCase\n\n\nclass TestState(TestCase):\n    def test_a_sets(self):\n        os.environ['TASTER_KIND'] = '1'\n\n    def test_b_reads(self):\n        self.assertNotIn('TASTER_KIND', os.environ)\n")],
        &["+        self.addCleanup(os.environ.pop, 'TASTER_KIND', None)\n"], &[]),
    Patched("unittest_set_up_class", &[("test_a.py", "import unittest\n\n\nclass TestState(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        cls.shared = ['one']\n\n    def test_a_sets(self):\n        self.shared.append('two')\n\n    def test_b_reads(self):\n        self.assertEqual(self.shared, ['one'])\n")],
        &["+        self.addCleanup(self.setUpClass)\n"], &[]),
    Patched("class", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\n\nclass TestState:\n    def test_sets(self):\n        state.value = 1\n\n    def test_reads(self):\n        assert state.value == 0\n")],
        &["+    def test_sets(self, monkeypatch):\n", "+        monkeypatch.setattr(state, \"value\", 1)\n"], &[]),
    Patched("parametrised", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import pytest\n\nimport state\n\n\n@pytest.mark.parametrize(\"number\", [1, 2])\ndef test_sets(number):\n    state.value = number\n\n\ndef test_reads():\n    assert state.value == 0\n")],
        &["+def test_sets(number, monkeypatch):\n"], &[]),
    Patched("decorated", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "from unittest import mock\n\nimport state\n\n\n@mock.patch(\"state.names\")\ndef test_sets(names):\n    state.value = 1\n\n\ndef test_reads():\n    assert state.value == 0\n")],
        &["+def test_sets(names, monkeypatch):\n"], &[]),
    Patched("async", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("conftest.py", "import asyncio\nimport inspect\n\nimport pytest\n\n\n@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(pyfuncitem):\n    if inspect.iscoroutinefunction(pyfuncitem.obj):\n        names = pyfuncitem._fixtureinfo.argnames\n        asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))\n        return True\n"), ("test_a.py", "import state\n\n\nasync def test_sets():\n    state.value = 1\n\n\ndef test_reads():\n    assert state.value == 0\n")],
        &["+async def test_sets(monkeypatch):\n"], &[]),
    Patched("only_a_docstring", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import pytest\n\nimport state\n\n\n@pytest.fixture\ndef changed():\n    state.value = 1\n\n\ndef test_sets(changed):\n    \"\"\"The fixture does it.\"\"\"\n\n\ndef test_reads():\n    assert state.value == 0\n")],
        &["+def changed(monkeypatch):\n", "+    monkeypatch.setattr(state, \"value\", 1)\n"], &[]),
    Patched("crlf", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\r\n\r\n\r\ndef test_sets():\r\n    state.value = 1\r\n\r\n\r\ndef test_reads():\r\n    assert state.value == 0\r\n")],
        &["+    monkeypatch.setattr(state, \"value\", 1)\r\n"], &[]),
    Patched("tabs", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n\tstate.names.append('a')\n\n\ndef test_reads():\n\tassert not state.names\n")],
        &["+\tsaved = state.names[:]\n"], &[]),
    Patched("no_newline_at_the_end", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.value = 1\n\n\ndef test_reads():\n    assert state.value == 0")],
        &["+    monkeypatch.setattr(state, \"value\", 1)\n"], &[]),
    Patched("leak_in_a_package", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.enable()\n\n\ndef test_reads():\n    assert state.value == 0\n")],
        &["+    monkeypatch.setattr(state, \"value\", state.value)\n"], &[]),
    Patched("brittle_list", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.names.append(\"a\")\n\n\ndef test_reads():\n    assert state.names\n")],
        &["+    # Without this, the test passes only after test_sets.\n", "+    state.names.append(\"a\")\n"], &[]),
    Patched("brittle_import", &[("parts/__init__.py", ""), ("parts/wheel.py", "SPOKES = 36\n"), ("test_a.py", "def test_sets():\n    import parts.wheel\n\n    assert parts.wheel.SPOKES\n\n\ndef test_reads():\n    import parts\n\n    assert parts.wheel.SPOKES\n")],
        &["+    import parts.wheel\n"], &[]),
    Patched("shared_fixture", &[("test_a.py", "import pytest\n\n\n@pytest.fixture(scope=\"module\")\ndef box():\n    return []\n\n\ndef test_sets(box):\n    box.append(1)\n\n\ndef test_reads(box):\n    assert not box\n")],
        &["+@pytest.fixture\n"], &[]),
    Patched("collection", &[("state.py", "value = 0\nnames = []\nkinds = set()\noptions = {'mode': 'old'}\n\n\nclass Config:\n    debug = False\n\n\ndef enable():\n    global value\n    value = 1\n"), ("test_a.py", "import state\n\nstate.value = 1\n\n\ndef test_sets():\n    assert state.value == 1\n"), ("test_b.py", "import state\n\n\ndef test_reads():\n    assert state.value == 0\n")],
        &["+    monkeypatch.setattr(state, \"value\", 1)\n"], &[]),
];

/// Kinds that are tried with the oldest Python and pytest too.
const ALSO_OLD: [&str; 4] = ["attribute", "list", "unittest_attribute", "file"];

const MODULES: &str = r#"import importlib
import sys

import pytest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugins")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def load(folder, name):
    (folder / (name + ".py")).write_text("NAME = %r\n" % name)
    return importlib.import_module(name).NAME


def test_alpha(folder):
    assert load(folder, "plugin_alpha") == "plugin_alpha"


def test_beta(folder):
    assert load(folder, "plugin_beta") == "plugin_beta"
"#;
type Run = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |case: &'static Patched| {
        Trial::test(format!("patch::{}", case.0), move || cures(case, &pytest()?).map_err(Failed::from))
    };
    let mut trials: Vec<Trial> = CASES.iter().map(trial).collect();
    let (version, name, package) = ENDS[0];
    for case in CASES.iter().filter(|case| ALSO_OLD.contains(&case.0)) {
        let judge = move || cures(case, &environment(name, version, &[package])?).map_err(Failed::from);
        let trial = Trial::test(format!("patch::{}_on_{version}", case.0), judge);
        trials.push(trial.with_ignored_flag(missing(version)));
    }
    let more: [(&str, Run); 5] = [
        ("stale_listing", stale_listing),
        ("one_for_all_victims", one_for_all_victims),
        ("leak_is_said", leak_is_said),
        ("applied", applied),
        ("in_place", in_place),
    ];
    let trial = |(name, judge): (&str, fn() -> Result<(), String>)| {
        Trial::test(format!("patch::{name}"), move || judge().map_err(Failed::from))
    };
    trials.extend(more.map(trial));
    trials
}

/// The files of a kind.
fn files_of(name: &str) -> &'static [(&'static str, &'static str)] {
    CASES.iter().find(|case| case.0 == name).expect("a kind of the table").1
}

/// The text of the one patch that all findings share.
fn shared_patch(findings: &[Value]) -> Result<String, String> {
    let files: Vec<Option<&str>> = findings.iter().map(|finding| finding["patch"]["file"].as_str()).collect();
    match files[..] {
        [Some(first), ref rest @ ..] if rest.iter().all(|file| *file == Some(first)) => {
            fs::read_to_string(first).map_err(|error| error.to_string())
        }
        _ => Err(format!("not one patch for all: {findings:#?}")),
    }
}

/// Under times that stand still, the call stands behind the write.
fn stale_listing() -> Result<(), String> {
    let folder = written(&[("test_a.py", MODULES)])?;
    let frozen = ["--orders", "given,reverse", "--timestamps", "frozen", "--apply"];
    let (hunted, _patches) = fixed_with(folder.path(), &pytest()?, &frozen)?;
    let text = shared_patch(&hunted)?;
    let wanted = "+    importlib.invalidate_caches()\n     return importlib.import_module(name).NAME\n";
    if !text.contains(wanted) || !text.contains("+    # Python does not see a module") {
        return Err(format!("the call is not behind the write:\n{text}"));
    }
    let again = hunt(folder.path(), &pytest()?, &frozen[..4])?;
    equal("findings with the patch", again.of_kind("finding").len(), 0)
}

fn one_for_all_victims() -> Result<(), String> {
    let victims: String =
        (0..3).map(|n| format!("\n\ndef test_reads_{n}():\n    assert not state.names\n")).collect();
    let test = format!("import state\n\n\ndef test_sets():\n    state.names.append(1)\n{victims}");
    let folder = written(&[("state.py", "names = []\n"), ("test_a.py", &test)])?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    equal("findings", findings.len(), 3)?;
    let text = shared_patch(&findings)?;
    let named = text.contains("test_reads_0, test_reads_1 and test_reads_2 fail");
    if named { Ok(()) } else { Err(format!("it does not name all victims:\n{text}")) }
}

fn leak_is_said() -> Result<(), String> {
    let folder = written(files_of("leak_in_a_package"))?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    let said = findings.first().map(|finding| finding["patch"]["leaks"].clone());
    equal("leak", said, Some(Value::from("state.py:13 leaks: value = 1")))
}

/// The files are changed, and the finding is gone.
fn applied() -> Result<(), String> {
    let folder = written(files_of("attribute"))?;
    let (findings, _patches) = fixed_with(folder.path(), &pytest()?, &[QUICK, &["--apply"]].concat())?;
    equal("findings", findings.len(), 1)?;
    let text = fs::read_to_string(folder.path().join("test_a.py")).map_err(|error| error.to_string())?;
    if !text.contains("    monkeypatch.setattr(state, \"value\", 1)\n") {
        return Err(format!("the file was not changed:\n{text}"));
    }
    let again = hunt(folder.path(), &pytest()?, QUICK)?;
    equal("findings with the patch", again.of_kind("finding").len(), 0)
}

/// Where there is no private view, changes are tried in a copy.
fn in_place() -> Result<(), String> {
    let folder = written(files_of("attribute"))?;
    let options = [QUICK, &["--isolation", "in-place"]].concat();
    let (findings, _patches) = fixed_with(folder.path(), &pytest()?, &options)?;
    shared_patch(&findings)?;
    let text = fs::read_to_string(folder.path().join("test_a.py")).map_err(|error| error.to_string())?;
    equal("the file", text.as_str(), files_of("attribute")[1].1)
}

/// A folder with these files.
fn written(files: &[(&str, &str)]) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    for (name, text) in files {
        let path = folder.path().join(name);
        let parent = path.parent().unwrap_or(folder.path());
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

/// Hunts with `--fix`; returns the findings and the folder of the patches.
fn fixed(folder: &Path, python: &Path) -> Result<(Vec<Value>, tempfile::TempDir), String> {
    fixed_with(folder, python, QUICK)
}

fn fixed_with(
    folder: &Path,
    python: &Path,
    options: &[&str],
) -> Result<(Vec<Value>, tempfile::TempDir), String> {
    let patches = tempfile::tempdir().map_err(|error| error.to_string())?;
    let place = patches.path().to_string_lossy().into_owned();
    let hunted = hunt(folder, python, &[options, &["--fix", &place]].concat())?;
    Ok((hunted.of_kind("finding").into_iter().cloned().collect(), patches))
}

fn cures(case: &Patched, python: &Path) -> Result<(), String> {
    let folder = written(case.1)?;
    let (findings, _patches) = fixed(folder.path(), python)?;
    let [finding] = &findings[..] else { return Err(format!("one finding was expected: {findings:#?}")) };
    let file = finding["patch"]["file"].as_str().ok_or_else(|| format!("no patch: {finding:#}"))?;
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    for wanted in case.2 {
        if !text.contains(wanted) {
            return Err(format!("the patch lacks {wanted:?}:\n{text}"));
        }
    }
    for unwanted in case.3 {
        if text.contains(unwanted) {
            return Err(format!("the patch contains {unwanted:?}:\n{text}"));
        }
    }
    applied_cures((case.1, python), Path::new(file), finding).map_err(|error| format!("{error}\n{text}"))
}

/// Applies a patch to a copy, where plain pytest must then pass in the failing order, and must fail before.
fn applied_cures(
    (files, python): (&[(&str, &str)], &Path),
    patch: &Path,
    finding: &Value,
) -> Result<(), String> {
    let copy = written(files)?;
    let victim = finding["victim"].as_str().unwrap_or_default();
    let before = match finding["finding"].as_str() {
        Some("brittle") => Vec::new(),
        _ => strings(&finding["polluters"]),
    };
    let order: Vec<&str> = before.into_iter().chain([victim]).collect();
    if passes((copy.path(), python), &order, victim)? {
        return Err("plain pytest does not show the finding".to_owned());
    }
    let status = Command::new("git").arg("apply").arg(patch).current_dir(copy.path()).status();
    if !status.map_err(|error| error.to_string())?.success() {
        return Err("git does not apply it".to_owned());
    }
    match passes((copy.path(), python), &order, victim)? {
        true => Ok(()),
        false => Err("plain pytest fails with it".to_owned()),
    }
}

/// Whether the last test passes in a run of plain pytest.
fn passes((folder, python): (&Path, &Path), order: &[&str], victim: &str) -> Result<bool, String> {
    let output = Command::new(python)
        .args(["-m", "pytest", "-rA", "-p", "no:cacheprovider"])
        .args(order)
        .current_dir(folder)
        .env_remove("PYTHONDONTWRITEBYTECODE")
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(said.lines().any(|line| line == format!("PASSED {victim}")))
}
