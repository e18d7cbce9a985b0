//! Pairs by state: what is found without an order, and what is said of all pairs.

use libtest_mimic::{Failed, Trial};

use crate::faults::suite;
use crate::hunting::{Hunted, equal, hunt, strings};
use crate::pytest;

/// What a survey says in a private view of the files, or in place.
type Surveyed = fn(&str) -> Result<(), String>;

const STATE: [&str; 4] = ["--orders", "state", "--timestamps", "real"];

pub(crate) fn trials() -> Vec<Trial> {
    let all: [(&str, Surveyed); 31] = [
        ("a_polluter_between_cleaners_takes_few_runs", cleaners_around),
        ("a_test_that_interrupts_hides_no_pair", interrupting),
        ("many_polluters_are_told_apart_by_state_alone", many),
        ("two_tests_that_decide_together_are_found", together),
        ("what_decides_only_at_once_is_found_though_each_was_met", at_once),
        ("a_test_that_pollutes_only_after_another_is_found", chained),
        ("what_a_fixture_holds_is_state", fixture),
        ("what_a_fixture_holds_is_looked_at_before_it_is_torn_down", fixture_cleared),
        ("what_a_test_takes_out_of_a_fixture_is_undone", fixture_emptied),
        ("what_is_put_into_a_new_value_is_undone", within),
        ("a_file_is_state", file),
        ("a_brittle_test_has_its_setter_by_state", brittle),
        ("what_containers_of_the_library_hold_is_state", library),
        ("a_test_that_ends_its_process_hides_nothing_that_others_leave", ending),
        ("what_nobody_sees_ends_the_claim", hidden),
        ("what_a_logger_or_a_file_holds_is_told", told),
        ("what_several_count_is_as_one_leaves_it", counting),
        ("what_takes_little_comes_before_states_of_one_test_each", little_first),
        ("what_a_cache_holds_is_state", caching),
        ("what_fills_a_large_dictionary_is_one_thing", filling),
        ("what_slots_hold_tells_states_apart", slotted),
        ("a_fixture_is_for_those_that_can_ask_for_it", asking),
        ("imports_that_a_test_makes_are_no_secret", importing),
        ("the_cache_of_a_logger_is_no_state", logger),
        ("which_list_of_handlers_a_logger_has_is_no_state", handlers),
        ("classes_that_set_nothing_up_leave_nothing", classes_without),
        ("what_each_class_has_set_up_is_state", classes_with),
        ("a_survey_that_taster_cannot_make_is_told", impossible),
        ("what_nobody_sees_makes_no_test_pass_alone", hidden_need),
        ("a_test_that_fails_where_its_class_ends_is_run_to_that_end", class_ends),
        ("what_a_test_cannot_do_without_is_not_what_it_needs_from_another", needed_anyway),
    ];
    let trial = |name: String, place: &'static str, run: Surveyed| {
        Trial::test(name, move || run(place).map_err(Failed::from))
    };
    let mut trials: Vec<Trial> =
        all.iter().map(|(name, run)| trial(format!("survey::{name}"), "private", *run)).collect();
    trials.extend(all.iter().map(|(name, run)| trial(format!("survey::in_place::{name}"), "in-place", *run)));
    trials
}

fn surveyed(place: &str, files: &[(&str, &str)], arguments: &[&str]) -> Result<Hunted, String> {
    let arguments = [arguments, &["--isolation", place]].concat();
    hunt(suite(files)?.path(), &pytest()?, &arguments)
}

fn polluters(hunted: &Hunted, victim: &str, wanted: &[&str]) -> Result<(), String> {
    equal(victim, strings(&hunted.finding(victim)?["polluters"]), wanted.to_vec())
}

/// Whether something is known of every pair, and whether pairs by state are said to hold.
fn accounts_for_all(hunted: &Hunted, holds: bool) -> Result<(), String> {
    let pairs = &hunted.summary()?["pairs"];
    equal("left", pairs["left"].as_u64(), Some(0))?;
    let known = [&pairs["ran"], &pairs["by_state"]].map(|count| count.as_u64().unwrap_or_default());
    equal("known", Some(known.iter().sum()), pairs["total"].as_u64())?;
    equal("claim_holds", pairs["claim_holds"].as_bool(), Some(holds))
}

fn cleaners_around(place: &str) -> Result<(), String> {
    let plain =
        "@pytest.mark.parametrize(\"n\", range(30))\ndef test_plain_NAME(n):\n    assert n >= 0\n\n\n";
    let test = |name: &str, value: u8| format!("def test_{name}():\n    state.value = {value}\n\n\n");
    let (before, after) = (plain.replace("NAME", "before"), plain.replace("NAME", "after"));
    let (first, polluter, last) = (test("clean_before", 0), test("pollute", 1), test("clean_after", 0));
    let others = format!("import pytest\n\nimport state\n\n\n{before}{first}{polluter}{last}{after}");
    let victim = format!(
        "import pytest\n\nimport state\n\n\ndef test_victim():\n    assert state.value == 0\n\n\n{before}"
    );
    let files = [("state.py", "value = 0\n"), ("test_a.py", &victim[..]), ("test_b.py", &others)];
    let hunted = surveyed(place, &files, &["--victim", "test_a.py::test_victim"])?;
    polluters(&hunted, "test_a.py::test_victim", &["test_b.py::test_pollute"])?;
    let cleaners = strings(&hunted.finding("test_a.py::test_victim")?["cleaners"]);
    equal("cleaners", cleaners, vec!["test_b.py::test_clean_before", "test_b.py::test_clean_after"])?;
    let runs = hunted.summary()?["runs"].as_u64().unwrap_or(u64::MAX);
    equal(&format!("at most 25 runs: {runs}"), runs <= 25, true)
}

fn interrupting(place: &str) -> Result<(), String> {
    let tests = "state = {}\n\n\ndef test_kb():\n    raise KeyboardInterrupt\n\n\ndef test_pol():\n    state[\"x\"] = 1\n\n\n\
                 def test_vic():\n    assert not state\n";
    let hunted = surveyed(place, &[("test_a.py", tests)], &STATE)?;
    polluters(&hunted, "test_a.py::test_vic", &["test_a.py::test_pol"])?;
    equal("broken", hunted.summary()?["broken"][0]["test"].as_str(), Some("test_a.py::test_kb"))?;
    accounts_for_all(&hunted, true)
}

fn many(place: &str) -> Result<(), String> {
    let mut tests = "state = {}\n\n\ndef test_sets_what_is_there():\n    state.clear()\n\n\n".to_owned();
    for number in 0..12 {
        tests += &format!("def test_pol_{number}():\n    state[{number}] = 1\n\n\n");
        tests += &format!("def test_vic_{number}():\n    assert {number} not in state\n\n\n");
    }
    let hunted = surveyed(place, &[("test_a.py", &tests)], &STATE)?;
    for number in 0..12 {
        let (victim, polluter) =
            (format!("test_a.py::test_vic_{number}"), format!("test_a.py::test_pol_{number}"));
        polluters(&hunted, &victim, &[&polluter])?;
        let cleaners = strings(&hunted.finding(&victim)?["cleaners"]);
        equal("cleaners", cleaners, vec!["test_a.py::test_sets_what_is_there"])?;
    }
    equal("findings", hunted.summary()?["findings"].as_u64(), Some(12))?;
    accounts_for_all(&hunted, true)
}

/// An import is undone before the next test of a process: not where a class elsewhere would go on to list what it defines.
fn importing(place: &str) -> Result<(), String> {
    let importing = |name: &str| {
        format!(
            "def test_{name}():\n    before = counts.loads\n    import plain\n    assert plain and counts.loads == before + 1\n\n\n"
        )
    };
    let tests = format!(
        "import base\nimport counts\n\n\n{}{}def test_derives():\n    import derived\n    assert derived\n\n\n\
         def test_has_none():\n    assert not base.Base.__subclasses__()\n\n\n\
         def test_has_one():\n    assert base.Base.__subclasses__()\n",
        importing("once"),
        importing("again")
    );
    let files = [
        ("base.py", "class Base:\n    pass\n"),
        ("counts.py", "loads = 0\n"),
        ("plain.py", "import counts\n\ncounts.loads += 1\n"),
        ("derived.py", "import base\n\n\nclass Derived(base.Base):\n    pass\n"),
        ("test_a.py", &tests[..]),
    ];
    let hunted = surveyed(place, &files, &STATE)?;
    polluters(&hunted, "test_a.py::test_once", &["test_a.py::test_again"])?;
    polluters(&hunted, "test_a.py::test_again", &["test_a.py::test_once"])?;
    polluters(&hunted, "test_a.py::test_has_none", &["test_a.py::test_derives"])?;
    let setters = strings(&hunted.finding("test_a.py::test_has_one")?["state_setters"]);
    equal("setters", setters, vec!["test_a.py::test_derives"])?;
    equal("findings", hunted.summary()?["findings"].as_u64(), Some(4))?;
    accounts_for_all(&hunted, true)
}

/// Victim and polluter leave as many results, and not the same ones.
fn caching(place: &str) -> Result<(), String> {
    let cached = |limit: &str| {
        format!(
            "from functools import lru_cache\n\nsource = 'plain'\n\n\n@lru_cache({limit})\ndef lookup():\n    return source\n"
        )
    };
    let tests = "from unittest import mock\n\nimport NAME\n\n\ndef test_reads():\n    assert NAME.lookup() == 'plain'\n\n\n\
                 def test_fills():\n    with mock.patch.object(NAME, 'source', 'fast'):\n        assert NAME.lookup()\n\n\n\
                 def test_reads_too():\n    assert NAME.lookup() == 'plain'\n";
    let (limited, unlimited) = (cached("8"), cached("None"));
    let (first, second) = (tests.replace("NAME", "limited"), tests.replace("NAME", "unlimited"));
    let files = [
        ("limited.py", &limited[..]),
        ("unlimited.py", &unlimited),
        ("test_a.py", &first),
        ("test_b.py", &second),
    ];
    let hunted = surveyed(place, &files, &STATE)?;
    for file in ["test_a.py", "test_b.py"] {
        for victim in ["test_reads", "test_reads_too"] {
            polluters(&hunted, &format!("{file}::{victim}"), &[&format!("{file}::test_fills")])?;
        }
    }
    equal("findings", hunted.summary()?["findings"].as_u64(), Some(4))?;
    accounts_for_all(&hunted, true)
}

/// More entries than anybody tells one by one, which eight tests leave alike.
fn filling(place: &str) -> Result<(), String> {
    let table = "table = {}\n\n\ndef fill():\n    for number in range(1200):\n        table[\"key %d\" % number] = number\n";
    let mut tests = "import app\n\n\ndef test_vic():\n    assert \"key 7\" not in app.table\n\n\n\
                     def test_takes_one_out():\n    app.table.pop(\"key 7\", None)\n\n\n"
        .to_owned();
    for number in 0..8 {
        tests += &format!("def test_fills_{number}():\n    app.fill()\n\n\n");
    }
    let hunted = surveyed(place, &[("app.py", table), ("test_a.py", &tests)], &STATE)?;
    let finding = hunted.finding("test_a.py::test_vic")?;
    equal("polluters", strings(&finding["polluters"]), vec!["test_a.py::test_fills_0"])?;
    equal("cleaners", strings(&finding["cleaners"]), vec!["test_a.py::test_takes_one_out"])?;
    equal("findings", hunted.summary()?["findings"].as_u64(), Some(1))?;
    accounts_for_all(&hunted, true)?;
    // Else each test that fills it would be a state of its own, in which all others run: 81 pairs.
    let ran = hunted.summary()?["pairs"]["ran"].as_u64().unwrap_or(u64::MAX);
    equal(&format!("few pairs ran: {ran}"), ran < 40, true)
}

/// Most tests leave new objects with the same in their slots, beside attributes or alone; one leaves another value there. All that is said
/// of them is a long text.
fn slotted(place: &str) -> Result<(), String> {
    let classes = "class Base:\n    __slots__ = ('level',)\n\n    def __init__(self, level):\n        self.level = level\n\n\n\
                   class Open(Base):\n    pass\n\n\nclass Config:\n    held = [Base(0), Open(0)]\n\n\n\
                   def reset(*levels):\n    Config.held = [Base(levels[0]), Open(levels[1])] + [Base(0) for _ in range(90)]\n";
    let mut tests = "import app\n\n\ndef test_alone():\n    assert app.Config.held[0].level < 5\n\n\n\
                     def test_beside():\n    assert app.Config.held[1].level < 5\n\n\n"
        .to_owned();
    for number in 0..12 {
        let levels = [if number == 4 { 5 } else { 1 }, if number == 8 { 5 } else { 1 }];
        tests += &format!("def test_resets_{number}():\n    app.reset({}, {})\n\n\n", levels[0], levels[1]);
    }
    let hunted = surveyed(place, &[("app.py", classes), ("test_a.py", &tests)], &STATE)?;
    polluters(&hunted, "test_a.py::test_alone", &["test_a.py::test_resets_4"])?;
    polluters(&hunted, "test_a.py::test_beside", &["test_a.py::test_resets_8"])?;
    accounts_for_all(&hunted, true)?;
    // Else each of the twelve is a state of its own, in which all others run: 169 pairs.
    let ran = hunted.summary()?["pairs"]["ran"].as_u64().unwrap_or(u64::MAX);
    equal(&format!("few pairs ran: {ran}"), ran < 100, true)
}

/// Each of some tests leaves something else in a fixture of their file; of the others, one asks for it by its name.
fn asking(place: &str) -> Result<(), String> {
    let mut tests = "import unittest\n\nimport pytest\n\n\n@pytest.fixture(scope=\"module\")\ndef client():\n    return []\n\n\n\
                     def test_vic(request, capsys):\n    assert 3 not in request.getfixturevalue(\"client\")\n\n\n"
        .to_owned();
    for number in 0..6 {
        tests += &format!("def test_uses_{number}(client):\n    client.append({number})\n\n\n");
    }
    for number in 0..10 {
        tests += &format!("def test_prints_{number}(capsys, tmp_path):\n    pass\n\n\n");
    }
    tests += "class TestIt(unittest.TestCase):\n";
    for number in 0..10 {
        tests += &format!("    def test_{number}(self):\n        pass\n\n");
    }
    let hunted = surveyed(place, &[("test_a.py", &tests)], &STATE)?;
    polluters(&hunted, "test_a.py::test_vic", &["test_a.py::test_uses_3"])?;
    accounts_for_all(&hunted, true)?;
    // Where the 20 that use nothing run after each of the six, there are 200 more.
    let ran = hunted.summary()?["pairs"]["ran"].as_u64().unwrap_or(u64::MAX);
    equal(&format!("few pairs ran: {ran}"), ran < 200, true)
}

fn together(place: &str) -> Result<(), String> {
    let tests = "state = {}\n\n\ndef test_one():\n    state[\"one\"] = 1\n\n\ndef test_two():\n    state[\"two\"] = 1\n\n\n\
                 def test_vic():\n    assert len(state) < 2\n";
    let hunted = surveyed(place, &[("test_a.py", tests)], &STATE)?;
    polluters(&hunted, "test_a.py::test_vic", &["test_a.py::test_one", "test_a.py::test_two"])
}

/// Others leave each of the two things, with another one or alone.
fn at_once(place: &str) -> Result<(), String> {
    let leaving = |name: &str, of: &str| format!("def test_{name}():\n    vars(state).update({of})\n\n\n");
    let mut tests =
        "import state\n\n\ndef test_vic():\n    assert (state.name, state.level) != (\"x\", 1)\n\n\n"
            .to_owned();
    tests += &leaving("three", "name=\"x\", level=2, more=1");
    tests += &leaving("level", "level=1");
    tests += &leaving("pol", "name=\"x\", level=1");
    let files = [("state.py", "name, level, more = \"\", 0, 0\n"), ("test_a.py", &tests)];
    let hunted = surveyed(place, &files, &STATE)?;
    polluters(&hunted, "test_a.py::test_vic", &["test_a.py::test_pol"])?;
    accounts_for_all(&hunted, true)
}

/// The second test leaves something only where the first has run, and no order has shown it.
fn chained(place: &str) -> Result<(), String> {
    let tests = "loose = []\nbroken = []\n\n\ndef test_vic():\n    assert not broken\n\n\n\
                 def test_second():\n    if loose:\n        broken.append(1)\n\n\n\
                 def test_first():\n    loose.append(1)\n\n\ndef test_other():\n    other.append(1)\n\n\nother = []\n";
    let hunted = surveyed(place, &[("test_a.py", tests)], &STATE)?;
    polluters(&hunted, "test_a.py::test_vic", &["test_a.py::test_first", "test_a.py::test_second"])?;
    equal("findings", hunted.summary()?["findings"].as_u64(), Some(1))
}

fn fixture(place: &str) -> Result<(), String> {
    let tests = "import pytest\n\n\n@pytest.fixture(scope=\"module\")\ndef made():\n    return []\n\n\n\
                 def test_reads(made):\n    assert made == []\n\n\ndef test_adds(made):\n    made.append(1)\n";
    let hunted =
        surveyed(place, &[("test_a.py", tests), ("test_b.py", "def test_b():\n    pass\n")], &STATE)?;
    polluters(&hunted, "test_a.py::test_reads", &["test_a.py::test_adds"])?;
    accounts_for_all(&hunted, true)
}

/// Many tests leave the same in a fixture that clears it when it is torn down: one state shows what all of them do to others, as where
/// it is not cleared.
fn fixture_cleared(place: &str) -> Result<(), String> {
    let runs = |ends: &str| {
        let tests = format!(
            "import pytest\n\n\n@pytest.fixture(scope=\"module\")\ndef made():\n    made = []\n    yield made\n    {ends}\n\n\n\
             def test_reads(made):\n    assert made == []\n\n\n\
             @pytest.mark.parametrize(\"n\", range(20))\ndef test_adds(made, n):\n    made[:] = [1]\n"
        );
        let hunted =
            surveyed(place, &[("test_a.py", &tests), ("test_b.py", "def test_b():\n    pass\n")], &STATE)?;
        equal("findings", hunted.summary()?["findings"].as_u64(), Some(1))?;
        accounts_for_all(&hunted, true)?;
        Ok::<_, String>(hunted.summary()?["runs"].as_u64())
    };
    equal("runs", runs("made.clear()")?, runs("pass")?)
}

/// One test of a file puts into a fixture what another one takes out again: a third one finds it only if the second has not run.
fn fixture_emptied(place: &str) -> Result<(), String> {
    let tests = "import pytest\n\n\nclass Client:\n    def __init__(self):\n        self.calls = []\n\n\n\
                 @pytest.fixture(scope=\"module\")\ndef client():\n    return Client()\n\n\n\
                 def test_calls(client):\n    client.calls.append(1)\n\n\n\
                 def test_clears(client):\n    client.calls.clear()\n\n\n\
                 def test_reads(client):\n    assert client.calls == []\n";
    let hunted = surveyed(place, &[("test_a.py", tests)], &STATE)?;
    polluters(&hunted, "test_a.py::test_reads", &["test_a.py::test_calls"])?;
    accounts_for_all(&hunted, true)
}

fn file(place: &str) -> Result<(), String> {
    let tests = "import os\n\n\ndef test_reads():\n    assert not os.path.exists(\"out.txt\")\n\n\n\
                 def test_writes():\n    open(\"out.txt\", \"w\").close()\n\n\ndef test_plain():\n    pass\n";
    let hunted = surveyed(place, &[("test_a.py", tests)], &STATE)?;
    polluters(&hunted, "test_a.py::test_reads", &["test_a.py::test_writes"])?;
    accounts_for_all(&hunted, true)
}

fn brittle(place: &str) -> Result<(), String> {
    let tests =
        "state = {}\n\n\ndef test_needs():\n    assert state\n\n\ndef test_makes():\n    state[1] = 1\n";
    let hunted = surveyed(place, &[("test_a.py", tests)], &STATE)?;
    let setters = strings(&hunted.finding("test_a.py::test_needs")?["state_setters"]);
    equal("setters", setters, vec!["test_a.py::test_makes"])?;
    accounts_for_all(&hunted, true)
}

/// No attribute of a module changes here: what its containers hold does.
fn library(place: &str) -> Result<(), String> {
    let tests = "import email.charset\nimport sys\n\n\ndef test_path():\n    sys.path.insert(0, \"/nowhere/one\")\n\n\n\
                 def test_other_path():\n    sys.path.insert(0, \"/nowhere/two\")\n\n\n\
                 def test_charset():\n    email.charset.CHARSETS[\"made-up\"] = (None, None, None)\n\n\n\
                 def test_no_one():\n    assert \"/nowhere/one\" not in sys.path\n\n\n\
                 def test_no_two():\n    assert \"/nowhere/two\" not in sys.path\n\n\n\
                 def test_no_charset():\n    assert \"made-up\" not in email.charset.CHARSETS\n";
    let hunted = surveyed(place, &[("test_a.py", tests)], &STATE)?;
    for (victim, polluter) in [("no_one", "path"), ("no_two", "other_path"), ("no_charset", "charset")] {
        let [victim, polluter] = [victim, polluter].map(|test| format!("test_a.py::test_{test}"));
        polluters(&hunted, &victim, &[&polluter])?;
    }
    equal("findings", hunted.of_kind("finding").len(), 3)?;
    accounts_for_all(&hunted, true)
}

/// Modules like `textwrap` are looked at only when a process of a survey is through: with an exit status that is a number
/// of tests, two processes are not.
fn ending(place: &str) -> Result<(), String> {
    let test = |name: &str, line: &str| format!("def test_{name}():\n    {line}\n\n\n");
    let reads = |name: &str| test(name, "assert not hasattr(textwrap, \"NAME\")").replace("NAME", name);
    let sets = |name: &str| test(&format!("sets_{name}"), &format!("textwrap.{name} = 1"));
    let ends = |number: u8| test(&format!("ends_with_{number}"), &format!("os._exit({number})"));
    let tests = [
        "import os\nimport textwrap\n\n\n".to_owned(),
        reads("one"),
        reads("two"),
        sets("one"),
        ends(5),
        sets("two"),
        ends(2),
        test("last", "assert True"),
    ];
    let hunted = surveyed(place, &[("test_a.py", &tests.concat())], &STATE)?;
    for name in ["one", "two"] {
        polluters(&hunted, &format!("test_a.py::test_{name}"), &[&format!("test_a.py::test_sets_{name}")])?;
    }
    equal("findings", hunted.of_kind("finding").len(), 2)?;
    // After a test that ends every process nobody can look, and it runs in no state.
    let pairs = &hunted.summary()?["pairs"];
    equal("left", pairs["left"].as_u64(), Some(2 * 6 + 2 * 2))?;
    equal("claim_holds", pairs["claim_holds"].as_bool(), Some(true))
}

/// The reverse order shows what is held in C; what a number that each test counts up is to be, only a state of one test.
fn little_first(place: &str) -> Result<(), String> {
    let counting =
        |name: &str, does: &str| format!("def test_{name}():\n    state.runs.append(1)\n    {does}\n\n\n");
    let mut tests = "import _queue\n\nimport state\n\nbase = _queue.SimpleQueue()\n\n\n".to_owned();
    tests += &counting("other", "pass");
    tests += &counting("exact", "assert len(state.runs) != 2 or not state.names");
    tests += &counting("hidden", "assert base.empty()");
    tests += &counting("another", "state.others.append(1)");
    tests += &counting("names", "state.names.append(1)");
    tests += &counting("table", "base.put(1)");
    let files = [("state.py", "runs, names, others = [], [], []\n"), ("test_a.py", &tests)];
    let hunted = surveyed(place, &files, &["--orders", "given,state,reverse", "--timestamps", "real"])?;
    polluters(&hunted, "test_a.py::test_exact", &["test_a.py::test_names"])?;
    polluters(&hunted, "test_a.py::test_hidden", &["test_a.py::test_table"])?;
    let found = hunted.of_kind("finding").into_iter().map(|finding| finding["victim"].as_str()).collect();
    equal(
        "findings in their order",
        found,
        vec![Some("test_a.py::test_hidden"), Some("test_a.py::test_exact")],
    )
}

/// What several tests count is as one of them leaves it: a test that turns only then needs no state of one test, of which there would
/// be as many as tests; and who only counts cleans up nothing.
fn counting(place: &str) -> Result<(), String> {
    let test = |name: &str, does: &str| format!("def test_{name}():\n    state.count += 1\n    {does}\n\n\n");
    let mut tests = "import pytest\n\nimport state\n\n\n".to_owned();
    tests += &test("exact", "assert state.count != 2 or not state.names");
    tests += &test("sets", "state.names.append(1)");
    tests += &test("clears", "del state.names[:]");
    tests += "@pytest.mark.parametrize(\"n\", range(40))\ndef test_each(n):\n    state.count += 1\n";
    let files = [("state.py", "count, names = 0, []\n"), ("test_a.py", &tests)];
    let hunted = surveyed(place, &files, &STATE)?;
    polluters(&hunted, "test_a.py::test_exact", &["test_a.py::test_sets"])?;
    accounts_for_all(&hunted, true)?;
    let runs = hunted.summary()?["runs"].as_u64().unwrap_or(u64::MAX);
    equal(&format!("fewer runs than tests that count: {runs}"), runs < 80, true)
}

/// A new logger knows of all others, and a file tells when it was written: both are told by what they hold themselves, so that one
/// state has those of all tests.
fn told(place: &str) -> Result<(), String> {
    let tests = "import logging\n\nimport pytest\n\n\n\
                 @pytest.mark.parametrize(\"n\", range(40))\ndef test_logs(n):\n    logging.getLogger(f\"part.a{n}\")\n\n\n\
                 def test_writes():\n    with open(\"left.txt\", \"w\") as file:\n        file.write(\"left\")\n\n\n\
                 def test_plain():\n    pass\n";
    let hunted = surveyed(place, &[("test_a.py", tests)], &STATE)?;
    equal("findings", hunted.of_kind("finding").len(), 0)?;
    accounts_for_all(&hunted, true)?;
    let runs = hunted.summary()?["runs"].as_u64().unwrap_or(u64::MAX);
    equal(&format!("fewer runs than tests that log: {runs}"), runs < 40, true)
}

/// No text tells what a pattern holds: a list of them is a new value in each state, and what a later test adds to it must not hide what
/// the one after that finds.
fn within(place: &str) -> Result<(), String> {
    let registers = |name: &str, pattern: &str| {
        format!(
            "def test_{name}():\n    hooks.setdefault(\"all\", []).append(re.compile(\"{pattern}\"))\n\n\n"
        )
    };
    let tests = format!(
        "import re\n\nhooks = {{}}\n\n\n{}{}{}def test_victim():\n    found = [each.pattern for each in hooks.get(\"all\", [])]\n    \
         assert found != [\"open\"]\n",
        registers("open", "open"),
        registers("shut", "shut"),
        registers("bars", "bars"),
    );
    let hunted =
        surveyed(place, &[("test_a.py", &tests)], &["--orders", "given,state", "--timestamps", "real"])?;
    polluters(&hunted, "test_a.py::test_victim", &["test_a.py::test_open"])?;
    equal("findings", hunted.of_kind("finding").len(), 1)?;
    accounts_for_all(&hunted, true)
}

/// A database in memory is held in C.
fn hidden(place: &str) -> Result<(), String> {
    let tests = "import _queue\n\nbase = _queue.SimpleQueue()\n\n\ndef test_pol():\n    base.put(1)\n\n\n\
                 def test_vic():\n    assert base.empty()\n";
    let hunted =
        surveyed(place, &[("test_a.py", tests)], &["--orders", "given,state", "--timestamps", "real"])?;
    polluters(&hunted, "test_a.py::test_vic", &["test_a.py::test_pol"])?;
    accounts_for_all(&hunted, false)
}

/// What every class of `unittest` does when it begins and ends is no state that a test could find.
fn classes_without(place: &str) -> Result<(), String> {
    let class = |name: &str| {
        let test = |number: u8| format!("    def test_{number}(self):\n        pass\n\n");
        format!("class {name}(unittest.TestCase):\n{}\n", (0..6).map(test).collect::<String>())
    };
    let tests = format!("import unittest\n\n\n{}{}{}", class("TestA"), class("TestB"), class("TestC"));
    let hunted = surveyed(place, &[("test_a.py", &tests)], &STATE)?;
    equal("findings", hunted.of_kind("finding").len(), 0)?;
    accounts_for_all(&hunted, true)?;
    makes_no_state(&hunted)
}

/// Each test alone, and the checks of that (two runs, if two are made at a time) and of pairs: no test has to make a state.
fn makes_no_state(hunted: &Hunted) -> Result<(), String> {
    let runs = hunted.summary()?["runs"].as_u64().unwrap_or(u64::MAX);
    equal(&format!("few runs: {runs}"), runs <= 4, true)
}

fn logger(place: &str) -> Result<(), String> {
    let test = |number: u8| format!("def test_{number}():\n    log.info(\"told\")\n\n\n");
    let tests = format!(
        "import logging\n\nlog = logging.getLogger(\"suite\")\n\n\n{}",
        (0..6).map(test).collect::<String>()
    );
    let hunted = surveyed(place, &[("test_a.py", &tests)], &STATE)?;
    accounts_for_all(&hunted, true)?;
    makes_no_state(&hunted)
}

/// Takes a handler out as `logging` does from 3.14 on.
const REPLACING: &str = "import logging


def removed(self, handler):
    if handler in self.handlers:
        handlers = self.handlers.copy()
        handlers.remove(handler)
        self.handlers = handlers


logging.Logger.removeHandler = removed
";

fn handlers(place: &str) -> Result<(), String> {
    let idle: String = (0..6).map(|number| format!("def test_{number}():\n    pass\n\n\n")).collect();
    let files = [("conftest.py", REPLACING), ("test_a.py", &idle)];
    let hunted = surveyed(place, &files, &STATE)?;
    accounts_for_all(&hunted, true)?;
    makes_no_state(&hunted)?;
    let adding = "import logging\n\nown = logging.NullHandler()\n\n\ndef test_adds():\n    logging.getLogger().addHandler(own)\n\n\n\
                  def test_has_none():\n    assert own not in logging.getLogger().handlers\n\n\n";
    let hunted =
        surveyed(place, &[("conftest.py", REPLACING), ("test_a.py", &(adding.to_owned() + &idle))], &STATE)?;
    polluters(&hunted, "test_a.py::test_has_none", &["test_a.py::test_adds"])?;
    let finding = hunted.finding("test_a.py::test_has_none")?;
    equal("cell", finding["state"][0]["cell"].as_str(), Some("logging.getLogger().handlers[:]"))?;
    equal("cause", finding["cause"].as_str(), Some("changed-state"))
}

fn classes_with(place: &str) -> Result<(), String> {
    let class = |name: &str, test: &str| {
        format!(
            "class {name}(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        cls.made = []\n\n\
             \x20   def test_adds(self):\n        self.made.append(1)\n\n    def test_reads(self):\n        {test}\n\n\n"
        )
    };
    let (first, second) = (class("TestA", "assert self.made == []"), class("TestB", "pass"));
    let tests = format!("import unittest\n\n\n{first}{second}{}", class("TestC", "assert not self.made"));
    let hunted = surveyed(place, &[("test_a.py", &tests)], &STATE)?;
    for name in ["TestA", "TestC"] {
        let [victim, polluter] = ["test_reads", "test_adds"].map(|test| format!("test_a.py::{name}::{test}"));
        polluters(&hunted, &victim, &[&polluter])?;
    }
    equal("findings", hunted.of_kind("finding").len(), 2)?;
    accounts_for_all(&hunted, true)
}

fn class_ends(place: &str) -> Result<(), String> {
    let test = |name: &str, body: &str| format!("    def test_{name}(self):\n        {body}\n\n");
    let tests = format!(
        "import unittest\n\nmade = []\nseen = {{}}\n\n\nclass TestA(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n\
         \x20       seen.clear()\n\n    @classmethod\n    def tearDownClass(cls):\n        assert made, \"nothing was made\"\n\n{}{}{}",
        test("first", "seen[1] = 1"),
        test("second", "seen[2] = 2"),
        test("makes", "made.append(1)")
    );
    let hunted = surveyed(place, &[("test_a.py", &tests)], &STATE)?;
    // After `first`, `second` fails as it does alone: plain pytest says so at the end of the class.
    for name in ["first", "second"] {
        let finding = hunted.finding(&format!("test_a.py::TestA::test_{name}"))?;
        equal("kind", finding["finding"].as_str(), Some("brittle"))?;
        equal(name, strings(&finding["state_setters"]), vec!["test_a.py::TestA::test_makes"])?;
    }
    equal("findings", hunted.of_kind("finding").len(), 2)
}

fn needed_anyway(place: &str) -> Result<(), String> {
    let tests = "import _queue\nimport unittest\n\nbase = _queue.SimpleQueue()\n\n\nclass TestA(unittest.TestCase):\n\
        \x20   @classmethod\n    def setUpClass(cls):\n        cls.kept = [1]\n\n    @classmethod\n    def tearDownClass(cls):\n\
        \x20       if base.empty():\n            raise ValueError(\"nothing is there\")\n\
        \x20       cls.kept.clear()\n\n    def test_makes(self):\n        base.put(1)\n\n\
        \x20   def test_needs(self):\n        pass\n";
    let hunted = surveyed(place, &[("test_a.py", tests)], &["--victim", "test_a.py::TestA::test_needs"])?;
    let finding = hunted.finding("test_a.py::TestA::test_needs")?;
    equal("setters", strings(&finding["state_setters"]), vec!["test_a.py::TestA::test_makes"])?;
    // Without what `setUpClass` has made the test fails too, but not for want of an entry, which nobody sees.
    equal("state", finding["state"].as_array().map(Vec::len), Some(0))
}

/// What the suite does to Python itself ends a survey: the reason is told, and orders go on.
fn impossible(place: &str) -> Result<(), String> {
    let tests =
        "seen = []\n\n\ndef test_first():\n    seen.append(1)\n\n\ndef test_second():\n    assert not seen\n";
    let conftest = "import os\n\nos.pipe = None\n";
    let files = [("conftest.py", conftest), ("test_a.py", tests)];
    let hunted =
        surveyed(place, &files, &["--orders", "state,given", "--timestamps", "real", "--no-commands"])?;
    polluters(&hunted, "test_a.py::test_second", &["test_a.py::test_first"])?;
    let notes = strings(&hunted.summary()?["notes"]);
    let told = |note: &&str| note.starts_with("--orders state: taster could not look at what tests leave (");
    equal("notes of it", notes.iter().filter(|note| told(note)).count(), 1)
        .map_err(|error| format!("{error}: {notes:?}"))
}

/// A queue that C keeps, where nobody can look, has what a test needs.
fn hidden_need(place: &str) -> Result<(), String> {
    let tests = "import _queue\n\nbase = _queue.SimpleQueue()\n\n\ndef test_makes():\n    base.put(1)\n\n\n\
                 def test_needs():\n    base.get_nowait()\n";
    let hunted = surveyed(place, &[("test_a.py", tests)], &STATE)?;
    let finding = hunted.finding("test_a.py::test_needs")?;
    equal("kind", finding["finding"].as_str(), Some("brittle"))?;
    equal("setters", strings(&finding["state_setters"]), vec!["test_a.py::test_makes"])
}
