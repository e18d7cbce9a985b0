//! Cells are distinguished by what they are, never by their texts, and cells that cannot be restored are reported.

use std::path::Path;

use libtest_mimic::{Failed, Trial};

use crate::environments::environment;
use crate::faults::suite;
use crate::hunting::{Hunted, equal, hunt, strings};
use crate::{ENDS, missing, pytest};

const QUICK: [&str; 4] = ["--orders", "given,reverse", "--timestamps", "real"];

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |name: String, version: &str, run: Box<dyn FnOnce() -> Result<(), String> + Send>| {
        Trial::test(format!("cells::{name}"), move || run().map_err(Failed::from))
            .with_ignored_flag(missing(version))
    };
    let mut all = vec![
        trial("forged_texts_3.11".to_owned(), "3.11", Box::new(|| forged(&pytest()?))),
        trial("stuck_3.11".to_owned(), "3.11", Box::new(|| stuck(&pytest()?))),
        trial(
            "stuck_for_two_tests_is_said_once_3.11".to_owned(),
            "3.11",
            Box::new(|| stuck_for_two(&pytest()?)),
        ),
        trial("stuck_beside_the_cause_3.11".to_owned(), "3.11", Box::new(|| beside(&pytest()?))),
    ];
    for (version, name, package) in ENDS {
        let venv = move || environment(name, version, &[package]);
        all.push(trial(format!("forged_texts_{version}"), version, Box::new(move || forged(&venv()?))));
        all.push(trial(format!("stuck_{version}"), version, Box::new(move || stuck(&venv()?))));
        all.push(trial(
            format!("orders_and_queues_{version}"),
            version,
            Box::new(move || orders_and_queues(&venv()?)),
        ));
        all.push(trial(
            format!("what_stands_for_others_{version}"),
            version,
            Box::new(move || standing(&venv()?)),
        ));
    }
    all
}

/// Containers that hold the same in another order, a queue, and an entry that comes back to its place: each with the test that
/// changes it.
const IN_ORDER: &str = r#"from collections import OrderedDict, deque

plain = {"a": 1, "b": 2}
moved = OrderedDict([("a", 1), ("b", 2)])
popped = OrderedDict([("a", 1), ("b", 2)])
queue = deque([1])


def test_plain():
    assert list(plain) == ["a", "b"]


def test_moved():
    assert list(moved) == ["a", "b"]


def test_popped():
    assert list(popped) == ["a", "b"]


def test_queue():
    assert list(queue) == [1]


def test_pops_and_adds():
    plain["a"] = plain.pop("a")


def test_moves_to_the_end():
    moved.move_to_end("a")


def test_pops():
    popped.pop("a")


def test_appends():
    queue.append(2)
"#;

/// States tell of all of these, and what decides is put back, in its order.
fn orders_and_queues(python: &Path) -> Result<(), String> {
    let folder = suite(&[("test_a.py", IN_ORDER)])?;
    let hunted = hunt(folder.path(), python, &["--orders", "state", "--timestamps", "real"])?;
    for (victim, polluter, cell, texts) in [
        ("test_plain", "test_pops_and_adds", "test_a.plain order", ["['a', 'b']", "['b', 'a']"]),
        ("test_moved", "test_moves_to_the_end", "test_a.moved order", ["['a', 'b']", "['b', 'a']"]),
        ("test_popped", "test_pops", "test_a.popped['a']", ["1", "absent"]),
        ("test_queue", "test_appends", "test_a.queue[:]", ["deque([1])", "deque([1, 2])"]),
    ] {
        let finding = hunted.finding(&format!("test_a.py::{victim}"))?;
        equal("polluters", strings(&finding["polluters"]), vec![&format!("test_a.py::{polluter}")[..]])?;
        let state = &finding["state"][0];
        equal("state", state["cell"].as_str(), Some(cell))?;
        equal("texts", [state["alone"].as_str(), state["after"].as_str()], texts.map(Some))?;
        equal("verified", finding["remedies"][0]["verified"].as_bool(), Some(true))?;
    }
    equal("findings", hunted.of_kind("finding").len(), 4)?;
    equal("the claim holds", hunted.summary()?["pairs"]["claim_holds"].as_bool(), Some(true))
}

/// What a fixture has made is held in C, and the test that fails does not use the fixture: it decides that it stands.
fn standing(python: &Path) -> Result<(), String> {
    let tests = "import ctypes\n\nimport pytest\n\nbase = ctypes.c_int(0)\n\n\n\
                 @pytest.fixture(scope=\"module\")\ndef table():\n    base.value = 1\n    yield\n    \
                 base.value = 0\n\n\ndef test_uses(table):\n    pass\n\n\n\
                 def test_wants_none():\n    assert base.value == 0\n";
    let hunted = hunt(suite(&[("test_a.py", tests)])?.path(), python, &QUICK)?;
    let finding = hunted.finding("test_a.py::test_wants_none")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_a.py::test_uses"])?;
    equal("cause", finding["cause"].as_str(), Some("changed-state"))?;
    equal("state", finding["state"][0]["cell"].as_str(), Some("fixture table (module)"))?;
    let remedy = &finding["remedies"][0];
    equal("remedy", remedy["remedy"].as_str(), Some("tear down fixture table (module)"))?;
    equal("verified", remedy["verified"].as_bool(), Some(true))
}

/// A variable named like the path cache, a module whose file reads like an orphan, an attribute that reads like a module.
const FORGED: &str = r#"import os
import sys
import types

NAME = "sys.path_importer_cache['x']"
slot = types.SimpleNamespace()


class module_made_up:
    pass


module_made_up.__qualname__ = "x"
module_made_up.__module__ = "module"


def test_sets_variable():
    os.environ[NAME] = "None"


def test_wants_no_variable():
    assert NAME not in os.environ


def test_leaves_module():
    made = types.ModuleType("made")
    made.__file__ = "m without its package"
    sys.modules["made"] = made


def test_wants_no_module():
    assert "made" not in sys.modules


def test_leaves_attribute():
    slot.__path__ = module_made_up()


def test_wants_no_attribute():
    assert not hasattr(slot, "__path__")
"#;

fn forged(python: &Path) -> Result<(), String> {
    let folder = suite(&[("test_a.py", FORGED)])?;
    let hunted = hunt(folder.path(), python, &QUICK)?;
    equal("findings", hunted.of_kind("finding").len(), 3)?;
    let wanted = [
        ("variable", "changed-state", "environment", "sys.path_importer_cache['x']"),
        ("module", "retained-module", "module", "made"),
        ("attribute", "changed-state", "attribute", "__path__"),
    ];
    for (name, cause, kind, key) in wanted {
        let finding = hunted.finding(&format!("test_a.py::test_wants_no_{name}"))?;
        equal("cause", finding["cause"].as_str(), Some(cause))
            .map_err(|error| format!("{error}: {finding:#}"))?;
        let cell = &finding["state"][0];
        equal("kind", cell["kind"].as_str(), Some(kind))?;
        equal("key", cell["key"].as_str(), Some(key))?;
    }
    Ok(())
}

/// A buffer that is in use cannot get its length back.
const STUCK: &str = r#"buffer = bytearray(b"a")
users = []


def test_pollutes():
    buffer.extend(b"b")
    users.append(memoryview(buffer))


def test_victim():
    assert len(buffer) == 1
"#;

fn stuck(python: &Path) -> Result<(), String> {
    let folder = suite(&[("test_a.py", STUCK)])?;
    let hunted = hunt(folder.path(), python, &QUICK)?;
    let finding = hunted.finding("test_a.py::test_victim")?;
    equal("cause", finding["cause"].as_str(), Some("unknown"))?;
    equal("state", finding["state"].as_array().map(Vec::len), Some(0))?;
    equal("cell", finding["not_put_back"][0]["cell"].as_str(), Some("test_a.buffer[:]"))?;
    let why = finding["not_put_back"][0]["why"].as_str().unwrap_or_default();
    equal("reason", why.starts_with("BufferError: "), true).map_err(|error| format!("{error}: {why}"))?;
    equal(
        "note",
        is_noted(&hunted, "test_a.py::test_victim: could not put back test_a.buffer[:] (BufferError")?,
        true,
    )
}

/// What cannot be put back for one test cannot for the next one: it is said once.
fn stuck_for_two(python: &Path) -> Result<(), String> {
    let second = "\n\ndef test_victim_too():\n    assert len(buffer) == 1\n";
    let hunted = hunt(suite(&[("test_a.py", &format!("{STUCK}{second}"))])?.path(), python, &QUICK)?;
    equal("findings", hunted.of_kind("finding").len(), 2)?;
    let notes = strings(&hunted.summary()?["notes"])
        .iter()
        .filter(|note| note.contains("could not put back"))
        .count();
    equal("notes", notes, 1)
}

fn is_noted(hunted: &Hunted, text: &str) -> Result<bool, String> {
    Ok(strings(&hunted.summary()?["notes"]).iter().any(|note| note.starts_with(text)))
}

/// The cause is proven all the same where it lies in what can be put back.
fn beside(python: &Path) -> Result<(), String> {
    let text = STUCK.replace("len(buffer) == 1", "not users");
    let folder = suite(&[("test_a.py", text.as_str())])?;
    let hunted = hunt(folder.path(), python, &QUICK)?;
    let finding = hunted.finding("test_a.py::test_victim")?;
    equal("cause", finding["cause"].as_str(), Some("changed-state"))?;
    let state = finding["state"].as_array().into_iter().flatten();
    let cells: Vec<&str> = state.filter_map(|cell| cell["cell"].as_str()).collect();
    equal("state", cells, vec!["test_a.users[:]"])?;
    equal("cell", finding["not_put_back"][0]["cell"].as_str(), Some("test_a.buffer[:]"))?;
    equal("note", is_noted(&hunted, "test_a.py::test_victim: could not put back")?, false)
}
