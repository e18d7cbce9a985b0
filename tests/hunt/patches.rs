//! Patches of hunts: each is written by `--fix`, taken by `git apply` in a copy, and cures by plain pytest there.

use std::fs;
use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::environments::environment;
use crate::hunting::{equal, hunt, strings};
use crate::patch_cases::{CASES, Patched};
use crate::{ENDS, QUICK, missing, patch_in_c, patch_setters, pytest};

/// Kinds that are tried with the oldest Python and pytest too.
const ALSO_OLD: [&str; 10] = [
    "attribute",
    "list",
    "unittest_attribute",
    "file",
    "deque",
    "slots",
    "counter",
    "subclasses",
    "lock",
    "level_that_loggers_remember",
];

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
    let mut trials: Vec<Trial> =
        CASES.iter().chain(patch_in_c::CASES).chain(patch_setters::CASES).map(trial).collect();
    let (version, name, package) = ENDS[0];
    for case in CASES.iter().chain(patch_in_c::CASES).filter(|case| ALSO_OLD.contains(&case.0)) {
        let judge = move || cures(case, &environment(name, version, &[package])?).map_err(Failed::from);
        let trial = Trial::test(format!("patch::{}_on_{version}", case.0), judge);
        trials.push(trial.with_ignored_flag(missing(version)));
    }
    let more: [(&str, Run); 13] = [
        ("stale_listing", stale_listing),
        ("one_for_all_victims", one_for_all_victims),
        ("one_for_all_brittle_tests_of_a_file", one_for_all_brittle_tests),
        ("one_for_a_chain_of_steps", one_for_a_chain),
        ("few_files_refute_a_change", few_files_refute),
        ("leak_is_said", leak_is_said),
        ("thread_that_goes_on", thread_that_goes_on),
        ("fixture_that_another_test_needs", fixture_that_another_test_needs),
        ("fixture_that_several_tests_need", fixture_that_several_tests_need),
        ("leak_that_hides_another", leak_that_hides_another),
        ("several_at_once_as_one_by_one", several_at_once),
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

/// Nobody ends a thread from outside.
fn thread_that_goes_on() -> Result<(), String> {
    let tests = "import threading\nimport time\n\n\ndef test_starts():\n    \
                 threading.Thread(target=time.sleep, args=(1000,), name=\"worker\", daemon=True).start()\n\n\n\
                 def test_counts():\n    assert threading.active_count() == 1\n";
    let folder = written(&[("test_a.py", tests)])?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    let [finding] = &findings[..] else { return Err(format!("one finding was expected: {findings:#?}")) };
    equal("cell", finding["state"][0]["cell"].as_str(), Some("threading.enumerate()"))?;
    equal("after", finding["state"][0]["after"].as_str(), Some("[MainThread, worker]"))?;
    equal("remedy", finding["remedies"][0]["kind"].as_str(), Some("end-threads"))?;
    equal("line", finding["guilty"]["line"].as_u64(), Some(6))?;
    let why = finding["patch"]["why_not"].as_str().unwrap_or_default();
    equal(why, why.contains("the test that starts them has to tell them to end"), true)
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

/// What a test of another file makes, no text can say, nor the call that made it; and a fixture needs it already.
const CONNECTED: [(&str, &str); 3] = [
    (
        "connection.py",
        "class Connection:\n    __only = None\n\n    @classmethod\n    def get(cls, url=None):\n        if cls.__only is None:\n            \
         if url is None:\n                raise KeyError(\"url\")\n            cls.__only = object()\n        return cls.__only\n",
    ),
    (
        "test_a.py",
        "from connection import Connection\n\n\nclass TestConnect:\n    def test_connects(self):\n        \
         assert Connection.get([object()])\n",
    ),
    (
        "test_b.py",
        "import pytest\n\nfrom connection import Connection\n\n\n@pytest.fixture\ndef made():\n    return Connection.get()\n\n\n\
         def test_one(made):\n    assert made\n\n\ndef test_two(made):\n    assert made\n",
    ),
];

fn one_for_all_brittle_tests() -> Result<(), String> {
    let folder = written(&CONNECTED)?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    equal("findings", findings.len(), 2)?;
    let text = shared_patch(&findings)?;
    let wanted = [
        "+@pytest.fixture(autouse=True)\n",
        "+    from test_a import TestConnect\n+    TestConnect().test_connects()\n",
    ];
    match wanted.iter().find(|wanted| !text.contains(**wanted)) {
        None => Ok(()),
        Some(missing) => Err(format!("{missing:?} is missing:\n{text}")),
    }
}

/// What does not cure with few files collected is not tried with all of them: the slow ones are collected less often.
fn few_files_refute() -> Result<(), String> {
    // Runs have no view of their own of this directory: what they write there stays.
    let elsewhere = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| error.to_string())?;
    let log = elsewhere.path().join("log");
    let told = |name: &str, wait: &str| {
        format!("import time\n\nwith open({log:?}, 'a') as log:\n    log.write('{name}\\n')\n{wait}")
    };
    let mut files: Vec<(String, String)> = CONNECTED.map(|(name, text)| (name.into(), text.into())).into();
    files[2].1 += &told("victim", "");
    for n in 0..5 {
        let text = told("slow", "time.sleep(0.4)\n\n\ndef test_slow():\n    assert time\n");
        files.push((format!("test_slow_{n}.py"), text));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let folder = written(&files)?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    equal("findings", findings.len(), 2)?;
    shared_patch(&findings)?;
    let text = fs::read_to_string(&log).map_err(|error| error.to_string())?;
    let count = |name: &str| text.lines().filter(|line| *line == name).count();
    let (victim, slow) = (count("victim"), count("slow") / 5);
    // The question whether its own collection decides takes the victim's file alone, once.
    if slow > 0 && slow + 1 < victim {
        return Ok(());
    }
    Err(format!("the victim's file was collected {victim} times, each slow one {slow} times"))
}

/// Each step needs the one before it: one patch lets all of them take it first.
fn one_for_a_chain() -> Result<(), String> {
    let step = |n: usize| {
        let before = n - 1;
        format!("\n    def test_{n}(self):\n        assert {before} in self.rows\n        self.add({n})\n")
    };
    let steps: String = (1..6).map(step).collect();
    let class = "class TestSteps:\n    rows = {}\n\n    def add(self, row):\n        assert row not in self.rows\n        \
                 self.rows[row] = object()\n\n    def test_0(self):\n        self.add(0)\n";
    let folder = written(&[("test_a.py", &format!("{class}{steps}"))])?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    equal("findings", findings.len(), 5)?;
    let text = shared_patch(&findings)?;
    let conditions =
        (0..5).filter(|n| text.contains(&format!("+        if {n} not in TestSteps.rows:\n"))).count();
    // Each step calls the one before it, which calls those before.
    let calls = text.matches("+            self.test_").count();
    if (conditions, calls) == (5, 5) {
        return Ok(());
    }
    Err(format!("it has {conditions} steps and {calls} calls:\n{text}"))
}

/// Where several changes are tried at a time, the same ones are offered.
fn several_at_once() -> Result<(), String> {
    let step = |n: usize| {
        format!(
            "\n\ndef test_{n}(tmp_path):\n    assert state.rows[{}:] == []\n    state.rows.append({n})\n",
            n * 10
        )
    };
    let needs = "\n\ndef test_makes():\n    state.made = state.make()\n\n\ndef test_needs():\n    \
                 assert state.made is not None\n\n\ndef test_is_new():\n    assert state.rows == []\n";
    let test = format!("import state\n{}{needs}", (0..3).map(step).collect::<String>());
    let state = "rows, made = [], None\n\n\ndef make():\n    return object()\n";
    let folder = written(&[("state.py", state), ("test_a.py", &test)])?;
    let told = |jobs: &str| {
        let options = [QUICK, &["--jobs", jobs]].concat();
        let (mut findings, patches) = fixed_with(folder.path(), &pytest()?, &options)?;
        let place = patches.path().to_string_lossy().into_owned();
        let text = |finding: &mut Value| {
            let file = finding["patch"]["file"].as_str()?.to_owned();
            finding["patch"]["file"] = Value::from(file.replace(&place, ""));
            fs::read_to_string(file).ok()
        };
        let texts: Vec<Option<String>> = findings.iter_mut().map(text).collect();
        let patches: Vec<Value> = findings.iter().map(|finding| finding["patch"].clone()).collect();
        Ok::<_, String>((patches, texts))
    };
    let one_by_one = told("1")?;
    if one_by_one.1.iter().flatten().count() < 2 {
        return Err(format!("few patches: {one_by_one:#?}"));
    }
    equal("patches with two processes", told("2")?, one_by_one)
}

fn leak_is_said() -> Result<(), String> {
    let folder = written(files_of("leak_in_a_package"))?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    let said = findings.first().map(|finding| finding["patch"]["leaks"].clone());
    equal("leak", said, Some(Value::from("state.py:13 leaks: value = 1")))
}

/// One test counts on what another one left in a shared fixture, which that one must not find there: one patch for both.
fn fixture_that_another_test_needs() -> Result<(), String> {
    let test = "import pytest\n\n\n@pytest.fixture(scope='module')\ndef box():\n    return []\n\n\n\
                def test_one(box):\n    box.append(1)\n    assert len(box) == 1\n\n\n\
                def test_two(box):\n    box.append(2)\n    assert len(box) == 2\n";
    let folder = written(&[("test_a.py", test)])?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    equal("findings", findings.len(), 2)?;
    let text = shared_patch(&findings)?;
    let both = text.contains("+    box.append(1)\n") && text.contains("-@pytest.fixture(scope='module')\n");
    if both { Ok(()) } else { Err(format!("it does not do both:\n{text}")) }
}

/// Two tests count on what others left in the fixture that they share, and may not find it twice: one patch makes the fixture
/// for each test, and lets both make what they need.
fn fixture_that_several_tests_need() -> Result<(), String> {
    let test = "import pytest\n\n\n@pytest.fixture(scope='module')\ndef rows():\n    return []\n\n\n\
                def add(rows, row):\n    rows.append(row)\n    assert rows.count(row) == 1\n\n\n\
                def test_adds_a(rows):\n    add(rows, 'a')\n\n\ndef test_has_a(rows):\n    assert 'a' in rows\n\n\n\
                def test_adds_b(rows):\n    add(rows, 'b')\n\n\ndef test_has_b(rows):\n    assert 'b' in rows\n";
    let folder = written(&[("test_a.py", test)])?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    equal("findings", findings.len(), 2)?;
    let text = shared_patch(&findings)?;
    let wanted =
        ["+    test_adds_a(rows)\n", "+    test_adds_b(rows)\n", "-@pytest.fixture(scope='module')\n"];
    match wanted.iter().find(|wanted| !text.contains(**wanted)) {
        None => Ok(()),
        Some(missing) => Err(format!("{missing:?} is missing:\n{text}")),
    }
}

/// The second leak hides the first one in the given order; its patch ends both.
fn leak_that_hides_another() -> Result<(), String> {
    let test = "ROWS = [{'name': 'old'}]\n\n\ndef test_edits():\n    ROWS[0]['name'] = 'new'\n\n\n\
                def test_adds():\n    ROWS.append({'name': 'old'})\n\n\n\
                def test_contains():\n    assert 'old' in [row['name'] for row in ROWS]\n\n\n\
                def test_counts():\n    assert len(ROWS) == 1\n";
    let folder = written(&[("test_a.py", test)])?;
    let with_states = ["--orders", "given,state", "--timestamps", "real"];
    let (findings, _patches) = fixed_with(folder.path(), &pytest()?, &with_states)?;
    equal("findings", findings.len(), 2)?;
    let counts = findings.iter().find(|finding| finding["victim"] == "test_a.py::test_counts");
    let counts = counts.ok_or_else(|| format!("test_counts is no victim: {findings:#?}"))?;
    let file = counts["patch"]["file"].as_str().ok_or_else(|| format!("no patch: {counts:#}"))?;
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let both = text.contains("+    monkeypatch.setitem(ROWS[0], 'name', 'new')\n")
        && text.contains("+    ROWS[:] = saved\n");
    if both { Ok(()) } else { Err(format!("it does not end both leaks:\n{text}")) }
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
pub(crate) fn written(files: &[(&str, &str)]) -> Result<tempfile::TempDir, String> {
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
pub(crate) fn fixed(folder: &Path, python: &Path) -> Result<(Vec<Value>, tempfile::TempDir), String> {
    fixed_with(folder, python, QUICK)
}

pub(crate) fn fixed_with(
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
