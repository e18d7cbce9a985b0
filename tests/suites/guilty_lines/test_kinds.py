"""A polluter and a victim for each kind of state; comments mark the line that each victim is about, and where it fails."""

import decimal
import os
import random
import signal
import sys
import threading
import unittest
import unittest.mock

import kept
import parts
import pytest

LEFT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "left.txt")
of_thread = threading.local()


class Box:
    value = 0


def test_sets_mode():
    before = kept.mode
    kept.set_mode("fast")
    assert before == "plain"


def test_mode_is_plain():
    assert kept.mode == "plain"  # fails: test_mode_is_plain


def test_adds_an_entry():
    kept.table.update(  # guilty: test_table_has_no_entry
        entry=1,
        other=kept.doubled.__name__,
    )


def check_no_entry():
    assert "entry" not in kept.table  # fails: test_table_has_no_entry


def test_table_has_no_entry():
    check_no_entry()


def test_appends():
    kept.each(kept.names.append, 1, 2)
    kept.each(lambda name: kept.names.append(name), 3)


def test_names_are_empty():
    assert not kept.names  # fails: test_names_are_empty


def test_changes_a_class():
    setattr(kept.Settings, "level", 2)  # guilty: test_level_is_one  # noqa: B010


def test_level_is_one():
    assert kept.Settings.level == 1  # fails: test_level_is_one


def test_sets_a_variable():
    variables = {"TASTER_LINE": "1"}
    os.environ.update(variables)  # guilty: test_variable_is_not_set


def test_variable_is_not_set():
    assert "TASTER_LINE" not in os.environ  # fails: test_variable_is_not_set


def test_changes_the_mask():
    os.umask(0o077)  # guilty: test_mask_is_open


def test_mask_is_open():
    mask = os.umask(0o022)
    assert mask != 0o077  # fails: test_mask_is_open


def test_fills_a_cache():
    number = 1
    assert kept.doubled(number) == 2  # guilty: test_cache_is_empty


def test_cache_is_empty():
    assert kept.doubled.cache_info().currsize == 0  # fails: test_cache_is_empty


def test_draws():
    numbers = [1, 2, 3]
    random.shuffle(numbers)  # guilty: test_draws_first
    random.random()


def test_draws_first():
    assert random.random() == random.Random(20).random()  # fails: test_draws_first


def test_imports():
    import extra  # guilty: test_extra_is_not_loaded

    assert extra


def test_extra_is_not_loaded():
    assert "extra" not in sys.modules  # fails: test_extra_is_not_loaded


def test_imports_a_plugin():
    import plugin

    assert plugin


def test_nothing_is_registered():
    assert not kept.registered  # fails: test_nothing_is_registered


def test_leaves_a_file():
    with open(LEFT, "w") as file:  # guilty: test_there_is_no_file
        file.write("left")


def test_there_is_no_file():
    assert not os.path.exists(LEFT)  # fails: test_there_is_no_file


def test_changes_a_path():
    parts.__path__.append("/nowhere/at/all")  # guilty: test_package_has_one_place


def test_package_has_one_place():
    assert len(parts.__path__) == 1  # fails: test_package_has_one_place


@pytest.fixture(scope="module")
def box():
    return Box()


def test_fills_a_box(box):
    box.value = 1  # guilty: test_box_is_new


def test_box_is_new(box):
    assert box.value == 0  # fails: test_box_is_new


@pytest.fixture(scope="module")
def numbers():  # guilty: test_number_is_one
    return iter([1, 2])


def test_takes_a_number(numbers):
    assert next(numbers) == 1


def test_number_is_one(numbers):
    assert next(numbers) == 1  # fails: test_number_is_one


class TestMade(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.names = ["one"]
        cls.calls = 0

    def test_adds_a_name(self):
        self.names.append("two")  # guilty: test_names_are_as_made
        assert self.names

    def test_names_are_as_made(self):
        assert self.names == ["one"]  # fails: test_names_are_as_made


@pytest.fixture(scope="module")
def counts():
    return {"uses": 0}


def test_counts(counts):
    counts["uses"] += 1  # guilty: test_nothing_was_counted


def test_nothing_was_counted(counts):
    assert counts["uses"] == 0  # fails: test_nothing_was_counted


def test_ignores_a_signal():
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # guilty: test_signal_has_no_handler


def test_signal_has_no_handler():
    assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL  # fails: test_signal_has_no_handler


def test_calculates_roughly():
    decimal.getcontext().prec = 4  # guilty: test_digits_are_many
    assert decimal.Decimal(1) / 3 < 1


def test_digits_are_many():
    assert len(str(decimal.Decimal(1) / 3)) > 20  # fails: test_digits_are_many


def test_names_a_user():
    of_thread.user = "eve"  # guilty: test_there_is_no_user


def test_there_is_no_user():
    assert not hasattr(of_thread, "user")  # fails: test_there_is_no_user


@pytest.fixture
def torn_down():
    yield
    kept.table["torn"] = 1  # guilty: test_nothing_was_torn


def test_is_torn_down(torn_down):
    pass


def test_nothing_was_torn():
    assert "torn" not in kept.table  # fails: test_nothing_was_torn


def test_starts_a_thread():
    thread = threading.Thread(target=kept.from_a_thread)
    thread.start()
    thread.join()


def test_no_thread_was_there():
    assert "thread" not in kept.table  # fails: test_no_thread_was_there


def test_mocks():
    unittest.mock.patch.dict(kept.table, mocked=1).start()  # guilty: test_nothing_is_mocked


def test_nothing_is_mocked():
    assert "mocked" not in kept.table  # fails: test_nothing_is_mocked


class TestUnit(unittest.TestCase):
    def setUp(self):
        kept.table["unit"] = 1  # guilty: test_no_unit_ran

    def test_unit(self):
        self.assertTrue(kept.table)


class TestNoUnit(unittest.TestCase):
    def test_no_unit_ran(self):
        self.assertNotIn("unit", kept.table)  # fails: test_no_unit_ran


def test_sometimes():
    kept.table["loop"] = 0
    for number in range(3):
        kept.table["loop"] = number  # guilty: test_no_loop_ran
    number = kept.table["loop"]


def test_no_loop_ran():
    assert "loop" not in kept.table  # fails: test_no_loop_ran


def test_makes_ready():
    kept.ready.append(1)  # guilty: test_is_ready


def test_is_ready():
    assert kept.ready  # fails: test_is_ready
