//! What collection decides: files that poison others when they are collected, files that others need, and what each test does
//! with its file alone. And causes that are told in narrow terms: stale listings, set-up functions, generators.

use std::fs;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::hunting::{Hunted, equal, hunt, strings};
use crate::pytest;

type Collected = fn() -> Result<(), String>;

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Collected); 8] = [
        ("a_poisoned_test_is_not_brittle_where_a_test_hides_it", poisoned),
        ("a_named_test_that_is_poisoned_needs_no_order", poisoned_and_named),
        ("a_file_that_has_poisoned_one_test_is_tried_first_for_the_next", poisoned_again),
        ("what_poisons_many_tests_of_a_file_is_collected_with_it_once_more", poisoned_many),
        ("a_test_that_needs_another_file_is_found_after_all_orders", needs_a_file),
        ("a_listing_is_the_cause_where_a_fixture_would_hide_it", listing),
        ("a_generator_that_is_seeded_once_is_the_cause_and_a_seed_the_cure", random_state),
        ("no_set_of_tests_runs_twice_in_one_order", no_order_twice),
    ];
    let trial = |(name, run): (&str, Collected)| {
        Trial::test(format!("collected::{name}"), move || run().map_err(Failed::from))
    };
    all.into_iter().map(trial).collect()
}

/// Hunts in a suite of these files.
fn hunted(files: &[(&str, &str)], arguments: &[&str]) -> Result<(Hunted, tempfile::TempDir), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    for (name, text) in files {
        let path = folder.path().join(name);
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, text));
        made.map_err(|error| error.to_string())?;
    }
    Ok((hunt(folder.path(), &pytest()?, arguments)?, folder))
}

const POISONED: &[(&str, &str)] = &[
    ("net.py", "current = \"btc\"\n"),
    ("test_a.py", "import net\n\nnet.current = \"zcash\"\n\n\ndef test_zcash():\n    assert net.current\n"),
    (
        "test_b.py",
        "import net\n\n\ndef test_reset():\n    net.current = \"btc\"\n\n\ndef test_needs():\n    assert net.current == \"btc\"\n",
    ),
];

fn poisoned() -> Result<(), String> {
    let (hunted, _folder) = hunted(POISONED, &["--timestamps", "real"])?;
    is_poisoned(&hunted)?;
    equal("findings", hunted.of_kind("finding").len(), 1)
}

fn is_poisoned(hunted: &Hunted) -> Result<(), String> {
    let finding = hunted.finding("test_b.py::test_needs")?;
    equal("kind", finding["finding"].as_str(), Some("collection"))?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_a.py"])?;
    equal("cause", finding["cause"].as_str(), Some("import-side-effect"))?;
    equal("cell", finding["state"][0]["cell"].as_str(), Some("net.current"))
}

fn poisoned_and_named() -> Result<(), String> {
    let (hunted, _folder) = hunted(POISONED, &["--victim", "test_b.py::test_needs"])?;
    is_poisoned(&hunted)?;
    equal("orders", hunted.summary()?["orders"].clone(), Value::Object(serde_json::Map::new()))
}

fn poisoned_again() -> Result<(), String> {
    let plain = "def test_plain():\n    pass\n";
    let needs = "import net\n\n\ndef test_reset():\n    net.current = \"btc\"\n\n\ndef test_needs():\n    assert net.current == \"btc\"\n";
    let others: Vec<String> = (0..7).map(|number| format!("test_c{number}.py")).collect();
    let mut files: Vec<(&str, &str)> = POISONED[..2].to_vec();
    files.extend(others.iter().map(|name| (name.as_str(), plain)));
    files.extend([("test_d1.py", needs), ("test_d2.py", needs)]);
    let (hunted, _folder) = hunted(&files, &["--timestamps", "real", "--orders", "given,state"])?;
    let runs = |victim: &str| {
        let finding = hunted.finding(victim)?;
        equal(victim, strings(&finding["polluters"]), vec!["test_a.py"])?;
        equal("cell", finding["state"][0]["cell"].as_str(), Some("net.current"))?;
        finding["runs"].as_u64().ok_or("no runs".to_owned())
    };
    let both = [runs("test_d1.py::test_needs")?, runs("test_d2.py::test_needs")?];
    let saved = both[0].abs_diff(both[1]);
    equal(&format!("the second takes fewer runs: {both:?}"), saved >= 3, true)
}

/// Tests in each of two files that a third one poisons.
const MANY: usize = 6;

/// Further tests of a file take no further processes.
fn poisoned_many() -> Result<(), String> {
    let elsewhere = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| error.to_string())?;
    let log = elsewhere.path().join("log");
    let counts = format!("with open({log:?}, \"a\") as log:\n    log.write(\"x\")\n");
    let needs: String = (0..MANY)
        .map(|number| format!("\n\ndef test_needs_{number}():\n    assert net.current == \"btc\"\n"))
        .collect();
    let needs = format!("import net\n{needs}");
    let files =
        [POISONED[0], POISONED[1], ("conftest.py", &counts), ("test_d1.py", &needs), ("test_d2.py", &needs)];
    let options = ["--timestamps", "real", "--orders", "given,state", "--no-commands", "--jobs", "1"];
    let (hunted, _folder) = hunted(&files, &options)?;
    let findings = hunted.of_kind("finding");
    equal("findings", findings.len(), 2 * MANY)?;
    for finding in findings {
        equal("polluters", strings(&finding["polluters"]), vec!["test_a.py"])?;
        equal("cell", finding["state"][0]["cell"].as_str(), Some("net.current"))?;
        equal("line", finding["guilty"]["line"].as_u64(), Some(3))?;
        equal("steady", finding["confirmed"]["alone"][1].as_u64() >= Some(2), true)?;
    }
    let collected = fs::read_to_string(&log).map_err(|error| error.to_string())?.len();
    if collected < 25 { Ok(()) } else { Err(format!("{collected} processes for {} findings", 2 * MANY)) }
}

fn needs_a_file() -> Result<(), String> {
    let files = [
        ("pkg/__init__.py", ""),
        ("pkg/part.py", "value = 1\n"),
        ("test_a.py", "import pkg.part\n\n\ndef test_part():\n    assert pkg.part.value == 1\n"),
        (
            "test_b.py",
            "import pkg\n\n\ndef test_other():\n    assert pkg\n\n\ndef test_needs():\n    assert pkg.part.value == 1\n",
        ),
    ];
    let (hunted, _folder) = hunted(&files, &["--timestamps", "real"])?;
    let finding = hunted.finding("test_b.py::test_needs")?;
    equal("kind", finding["finding"].as_str(), Some("collection"))?;
    equal("polluters", finding.get("polluters"), None)?;
    equal("state-setters", strings(&finding["state_setters"]), vec!["test_a.py"])?;
    equal("cause", finding["cause"].as_str(), Some("missing-submodule"))?;
    equal("modules", strings(&finding["modules"]), vec!["pkg.part"])?;
    equal("remedy", finding["remedies"][0]["remedy"].as_str(), Some("import pkg.part"))?;
    equal("verified", finding["remedies"][0]["verified"].as_bool(), Some(true))?;
    equal("findings", hunted.of_kind("finding").len(), 1)
}

const PLUGINS: &str = r#"import importlib
import sys

import pytest


@pytest.fixture(scope="module")
def plugdir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugins")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def load(folder, name):
    (folder / (name + ".py")).write_text("NAME = %r\n" % name)
    return importlib.import_module(name).NAME


def test_alpha(plugdir):
    assert load(plugdir, "plugin_alpha") == "plugin_alpha"


def test_beta(plugdir):
    assert load(plugdir, "plugin_beta") == "plugin_beta"
"#;

fn listing() -> Result<(), String> {
    let (hunted, folder) = hunted(&[("test_plugins.py", PLUGINS)], &["--emit", "emitted"])?;
    let finding = hunted.finding("test_plugins.py::test_beta")?;
    equal("cause", finding["cause"].as_str(), Some("stale-directory-listing"))?;
    equal("timestamps", finding["timestamps"].as_str(), Some("frozen"))?;
    equal("kind of state", finding["state"][0]["kind"].as_str(), Some("finder"))?;
    equal("remedy", finding["remedies"][0]["remedy"].as_str(), Some("call importlib.invalidate_caches()"))?;
    equal("verified", finding["remedies"][0]["verified"].as_bool(), Some(true))?;
    let emitted = strings(&finding["reproduction"]["files"]).concat();
    let text =
        fs::read_to_string(folder.path().join(&emitted)).map_err(|error| format!("{emitted}: {error}"))?;
    equal("the scenario's cause", text.contains("cause = \"stale-directory-listing\""), true)
}

fn random_state() -> Result<(), String> {
    let files = [
        ("conftest.py", "import random\n\n\ndef pytest_configure():\n    random.seed(20)\n"),
        (
            "test_draw.py",
            "import random\n\n\ndef test_draw():\n    assert 0 <= random.random() < 1\n\n\ndef test_exact():\n    assert random.random() == random.Random(20).random()\n",
        ),
    ];
    let (hunted, _folder) = hunted(&files, &["--timestamps", "real"])?;
    let finding = hunted.finding("test_draw.py::test_exact")?;
    equal("kind", finding["finding"].as_str(), Some("victim"))?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_draw.py::test_draw"])?;
    equal("cause", finding["cause"].as_str(), Some("random-state"))?;
    let seeded = &finding["random"]["seeded_at"];
    equal("seeded in", seeded["file"].as_str(), Some("conftest.py"))?;
    equal("seeded by", seeded["code"].as_str(), Some("random.seed(20)"))?;
    let remedy = &finding["remedies"][0];
    equal("remedy", remedy["remedy"].as_str(), Some("call random.seed(20)"))?;
    equal("kind of remedy", remedy["kind"].as_str(), Some("seed"))?;
    equal("verified", remedy["verified"].as_bool(), Some(true))
}

fn no_order_twice() -> Result<(), String> {
    let tests = "def test_a():\n    pass\n\n\ndef test_b():\n    pass\n\n\ndef test_c():\n    pass\n";
    let (hunted, _folder) = hunted(&[("test_three.py", tests)], &[])?;
    let orders = &hunted.summary()?["orders"];
    let of_orders = orders.as_object().into_iter().flatten().filter(|(kind, _)| *kind != "state");
    let count: u64 = of_orders.filter_map(|(_, count)| count.as_u64()).sum();
    // No directory changes while they run, so nothing runs under frozen timestamps.
    equal("orders", count, 6)
}
