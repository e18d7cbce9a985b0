//! Patches of findings that have to do with one another: what is alike is tried at once, and what one patch uncovers is cured by those
//! that are known.

use std::collections::BTreeMap;
use std::fs;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::budgets::cut_short;
use crate::environments::environment;
use crate::hunting::{equal, hunt, strings};
use crate::patches::{fixed, fixed_with, written};
use crate::{PYTHON, QUICK, pytest};

/// What a suite's patches must be.
type Judge = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Judge); 11] = [
        ("what_is_alike_is_tried_at_once", alike),
        ("patches_that_are_known_cure_what_another_uncovers", uncovered),
        ("time_is_left_for_patches", time_is_left),
        ("changes_of_many_findings_are_looked_at_together", looked_at_together),
        ("setter_that_needs_another_test", setter_in_need),
        ("tests_of_a_file_that_a_collection_poisons", poisoned),
        ("entries_of_a_dictionary_that_a_line_clears", cleared),
        ("what_cures_not_in_the_given_order_is_exchanged", exchanged),
        ("a_state_that_a_test_makes_for_itself_is_restored", restored),
        ("settings_of_numpy", of_numpy),
        ("a_change_with_which_the_polluter_cannot_begin", cannot_begin),
    ];
    let trial = |(name, judge): (&str, Judge)| {
        Trial::test(format!("patch::{name}"), move || judge().map_err(Failed::from))
    };
    all.into_iter().map(trial).collect()
}

/// So many tests that need another one are not cured by a call of it.
const OTHERS: usize = 5;

/// Tests that can call what they need share a patch, however many others that need it cannot.
fn alike() -> Result<(), String> {
    let needs = "    assert state.made is not None\n";
    let others: String = (0..OTHERS)
        .map(|n| format!("\n\ndef test_other_{n}():\n{needs}    assert {n} != state.made.maker and 'test_makes' in state.made.maker\n"))
        .collect();
    let same: String = (1..3).map(|n| format!("\n\ndef test_same_{n}():\n{needs}")).collect();
    let test = format!(
        "import os\n\nimport state\n\n\ndef test_makes():\n    state.made = state.Made(os.environ['PYTEST_CURRENT_TEST'])\n\n\n\
         def test_same_0():\n{needs}{others}{same}"
    );
    let state = "made = None\n\n\nclass Made:\n    def __init__(self, maker):\n        assert made is None\n        \
                 self.maker = maker\n";
    let folder = written(&[("state.py", state), ("test_a.py", &test)])?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    equal("findings", findings.len(), OTHERS + 3)?;
    let file = |victim: &str| {
        let finding = findings.iter().find(|finding| finding["victim"] == format!("test_a.py::{victim}"));
        finding.and_then(|finding| finding["patch"]["file"].as_str())
    };
    let first = file("test_same_0");
    let shared = first.is_some() && ["test_same_1", "test_same_2"].iter().all(|same| file(same) == first);
    if shared { Ok(()) } else { Err(format!("they share no patch: {findings:#?}")) }
}

/// Who clears a dictionary leaves one leak with one patch, though each test misses another entry.
fn cleared() -> Result<(), String> {
    let state = "known = {'a': 1, 'b': 2, 'c': 3}\n";
    let plain = "import state\n\n\ndef test_clears():\n    state.known.clear()\n\n\ndef test_a():\n    assert state.known['a'] == 1\n\n\n\
                 def test_b():\n    assert state.known['b'] == 2\n";
    let of_unittest = "import unittest\n\nimport state\n\n\nclass TestState(unittest.TestCase):\n    def test_0_clears(self):\n        \
                       state.known.clear()\n\n    def test_a(self):\n        self.assertEqual(state.known['a'], 1)\n\n    \
                       def test_b(self):\n        self.assertEqual(state.known['b'], 2)\n";
    for test in [plain, of_unittest] {
        let folder = written(&[("state.py", state), ("test_a.py", test)])?;
        let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
        equal("findings", findings.len(), 2)?;
        let of_both = |field: &Value, other: &Value| field == other && !field.is_null();
        let (one, other) = (&findings[0], &findings[1]);
        let joined = of_both(&one["group"], &other["group"])
            && of_both(&one["patch"]["file"], &other["patch"]["file"]);
        equal("one leak and one patch", joined, true).map_err(|error| format!("{error}: {findings:#?}"))?;
    }
    Ok(())
}

/// What ends a leak that many tests need is offered with the patches of all of them.
fn uncovered() -> Result<(), String> {
    let mut files = vec![
        ("state.py".to_owned(), "rows = []\n".to_owned()),
        (
            "test_a.py".to_owned(),
            "import state\n\n\ndef test_fills():\n    state.rows.append(object())\n".to_owned(),
        ),
    ];
    for n in 0..OTHERS {
        files.push((
            format!("test_b{n}.py"),
            format!("import state\n\n\ndef test_needs_{n}():\n    assert state.rows\n"),
        ));
    }
    files.push((
        "test_c.py".to_owned(),
        "import state\n\n\ndef test_is_empty():\n    assert not state.rows\n".to_owned(),
    ));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&name[..], &text[..])).collect();
    let folder = written(&files)?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    equal("findings", findings.len(), OTHERS + 1)?;
    let without: Vec<&Value> = findings.iter().filter(|finding| finding["patch"]["file"].is_null()).collect();
    if without.is_empty() { Ok(()) } else { Err(format!("no patch: {without:#?}")) }
}

/// One suite is collected for a change of each of many findings, not one for each change.
fn looked_at_together() -> Result<(), String> {
    let elsewhere = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| error.to_string())?;
    let log = elsewhere.path().join("log");
    let state = format!(
        "with open({log:?}, 'a') as log:\n    log.write('x')\n\nmade = None\n\n\nclass Made:\n    def __init__(self):\n        \
         assert made is None\n"
    );
    let makes = "import state\n\n\ndef test_makes():\n    state.made = state.Made()\n".to_owned();
    let mut files = vec![("state.py".to_owned(), state), ("test_a.py".to_owned(), makes)];
    for n in 0..OTHERS {
        files.push((
            format!("test_b{n}.py"),
            format!("import state\n\n\ndef test_{n}():\n    assert state.made\n"),
        ));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&name[..], &text[..])).collect();
    let folder = written(&files)?;
    let patches = written(&[])?;
    let place = patches.path().to_string_lossy().into_owned();
    let collected = |more: &[&str]| {
        fs::write(&log, "").map_err(|error| error.to_string())?;
        let quick = ["--orders", "given,reverse", "--timestamps", "real", "--no-commands", "--jobs", "1"];
        let hunted = hunt(folder.path(), &pytest()?, &[&quick[..], more].concat())?;
        let patched =
            hunted.of_kind("finding").iter().filter(|each| each["patch"]["file"].is_string()).count();
        let log = fs::read_to_string(&log).map_err(|error| error.to_string())?;
        Ok::<_, String>((patched, log.len()))
    };
    let (_, without) = collected(&[])?;
    let (patched, with) = collected(&["--fix", &place])?;
    equal("patches", patched, OTHERS)?;
    // Two changes of each are tried.
    let tried = with - without;
    if tried < 2 * OTHERS {
        Ok(())
    } else {
        Err(format!("{tried} suites were collected for {OTHERS} findings"))
    }
}

/// A test calls what it needs, even if that fails without yet another test.
fn setter_in_need() -> Result<(), String> {
    let test = "ROWS = {}\n\n\ndef test_first():\n    ROWS['first'] = object()\n\n\ndef test_second():\n    \
                name, row = 'second', object()\n    ROWS[name] = row\n    assert 'first' in ROWS\n\n\n\
                def test_third():\n    assert 'second' in ROWS\n";
    let folder = written(&[("test_a.py", test)])?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    equal("findings", findings.len(), 2)?;
    let third = findings.iter().find(|finding| finding["victim"] == "test_a.py::test_third");
    let file = third.and_then(|finding| finding["patch"]["file"].as_str());
    let file = file.ok_or_else(|| format!("no patch: {findings:#?}"))?;
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let wanted = "+        with contextlib.suppress(Exception):\n+            test_second()\n";
    if text.contains(wanted) { Ok(()) } else { Err(format!("it lets what it calls fail the test:\n{text}")) }
}

/// Where the file that poisons cannot be changed, each of the poisoned tests is, and those of one file together.
fn poisoned() -> Result<(), String> {
    let poisons = "import os\n\nfor name in ['TASTER_KIND']:\n    os.environ[name] = '1'\n\n\ndef test_sets():\n    \
                   assert os.environ['TASTER_KIND'] == '1'\n";
    let reads = |name: &str| format!("\n\ndef test_{name}():\n    assert 'TASTER_KIND' not in os.environ\n");
    let (two, one) =
        (format!("import os\n{}{}", reads("one"), reads("two")), format!("import os\n{}", reads("three")));
    let folder = written(&[("test_a.py", poisons), ("test_b.py", &two), ("test_c.py", &one)])?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    let what = |victim: &str| {
        let finding = findings.iter().find(|finding| finding["victim"] == victim);
        finding.and_then(|finding| finding["patch"]["what"].as_str()).map(str::to_owned)
    };
    let all = ["test_b.py::test_one", "test_b.py::test_two", "test_c.py::test_three"].map(what);
    let both = Some("each of 2 tests sets os.environ['TASTER_KIND'] itself".to_owned());
    let alone = Some("test_three sets os.environ['TASTER_KIND'] itself".to_owned());
    equal("patches", all, [both.clone(), both, alone])
}

/// Where every pair is accounted for, the search for more does not take the time of patches.
fn time_is_left() -> Result<(), String> {
    let waits: String = (0..12).map(|n| format!("\n\ndef test_{n}():\n    time.sleep(0.2)\n")).collect();
    let test = format!(
        "import time\n\nROWS = []\n\n\ndef test_fills():\n    ROWS.append(1)\n\n\ndef test_is_empty():\n    assert not ROWS\n{waits}"
    );
    let folder = written(&[("test_a.py", &test)])?;
    let patches = written(&[])?;
    let place = patches.path().to_string_lossy().into_owned();
    let options = ["--jobs", "1", "--no-commands", "--fix", &place];
    let python = pytest()?;
    let said = |summary: &Value| summary["notes"].to_string().contains("needed for patches");
    let search = |budget: &str| hunt(folder.path(), &python, &[&options[..], &["--budget", budget]].concat());
    let hunted = cut_short(20, search, said)?;
    let summary = hunted.summary()?;
    let patched: BTreeMap<&str, bool> = hunted
        .of_kind("finding")
        .into_iter()
        .map(|finding| (finding["victim"].as_str().unwrap_or_default(), finding["patch"]["file"].is_string()))
        .collect();
    equal("said", said(summary), true).map_err(|error| format!("{error}: {summary:#}"))?;
    equal("patched", patched, BTreeMap::from([("test_a.py::test_is_empty", true)]))
}

/// Where another test has made the object before, the polluter changes that one: to restore which object it is cures only without that
/// test. The victim gets a change of its own, and nothing fails in the given order.
fn exchanged() -> Result<(), String> {
    let package = "class Config:\n    _only = None\n\n    def __new__(cls):\n        if cls._only is None:\n            cls._only = \
                   super().__new__(cls)\n            cls._only.values = {'debug': False}\n        return cls._only\n";
    let test = "from conf import Config\n\n\ndef test_makes():\n    assert Config() is Config()\n\n\ndef test_sets():\n    \
                Config().values['debug'] = True\n\n\ndef test_reads():\n    assert Config().values == {'debug': False}\n";
    let folder = written(&[("conf.py", package), ("test_a.py", test)])?;
    let (findings, _patches) = fixed_with(folder.path(), &pytest()?, &[QUICK, &["--apply"]].concat())?;
    equal("findings", findings.len(), 1)?;
    let tried = strings(&findings[0]["patch"]["tried"]);
    equal("tried last", tried.last().copied(), Some("the given order"))?;
    let again = hunt(folder.path(), &pytest()?, QUICK)?;
    equal("findings with the patch", again.of_kind("finding").len(), 0)
}

/// A brittle test that does what its state-setter did pollutes no other one by that. What a cure raises where it is tried is nobody's
/// fault.
fn restored() -> Result<(), String> {
    let test = "import os\nimport sys\n\n\ndef test_adds():\n    sys.path.insert(0, os.path.join(os.path.dirname(__file__), \"parts\"))\n    \
                import wheel\n\n    assert wheel\n\n\ndef test_needs():\n    import wheel\n\n    assert wheel\n\n\ndef test_counts():\n    \
                assert not any(each.endswith(\"parts\") for each in sys.path)\n";
    let folder = written(&[("parts/wheel.py", ""), ("test_a.py", test)])?;
    let patches = tempfile::tempdir().map_err(|error| error.to_string())?;
    let place = patches.path().to_string_lossy().into_owned();
    let hunted = hunt(folder.path(), &pytest()?, &[QUICK, &["--apply", "--fix", &place]].concat())?;
    equal("findings", hunted.of_kind("finding").len(), 2)?;
    equal("notes", strings(&hunted.summary()?["notes"]), vec!["changed test_a.py"])?;
    let again = hunt(folder.path(), &pytest()?, QUICK)?;
    equal("findings with the patches", again.of_kind("finding").len(), 0)
}

/// Each of two tests is in the way of the other, and what a fixture would save cannot be sliced: the second test fails in the given order
/// with such a fixture and without it, but where it comes first it passes.
fn cannot_begin() -> Result<(), String> {
    let state = "class Names(list):\n    def __getitem__(self, index):\n        if isinstance(index, slice):\n            \
                 raise TypeError(\"no slices\")\n        return list.__getitem__(self, index)\n\n\nnames = Names()\n";
    let test = |name: &str| {
        format!("\n\ndef test_{name}():\n    state.names.append(1)\n    assert len(state.names) == 1\n")
    };
    let tests = format!("import state\n{}{}", test("one"), test("two"));
    let folder = written(&[("state.py", state), ("test_a.py", &tests)])?;
    let (findings, _patches) = fixed(folder.path(), &pytest()?)?;
    equal("findings", findings.len(), 2)?;
    let patched: Vec<&Value> =
        findings.iter().filter(|finding| finding["patch"]["file"].is_string()).collect();
    if patched.is_empty() { Ok(()) } else { Err(format!("a fixture that fails is offered: {patched:#?}")) }
}

/// numpy keeps them in variables of a context.
fn of_numpy() -> Result<(), String> {
    let python = environment("numpy-3.11", PYTHON, &["pytest", "numpy"])?;
    let test = "import numpy as np\n\n\ndef test_sets():\n    np.seterr(all=\"raise\")\n\n\ndef test_reads():\n    assert np.geterr()[\"over\"] == \
                \"warn\"\n";
    let folder = written(&[("test_a.py", test)])?;
    let (findings, _patches) = fixed(folder.path(), &python)?;
    equal("findings", findings.len(), 1)?;
    let file = findings[0]["patch"]["file"].as_str().ok_or_else(|| format!("no patch: {findings:#?}"))?;
    let text = fs::read_to_string(file).map_err(|error| error.to_string())?;
    let wanted = "+    saved = np.geterr()\n+    yield\n+    np.seterr(**saved)\n";
    if text.contains(wanted) { Ok(()) } else { Err(format!("the patch lacks {wanted:?}:\n{text}")) }
}
