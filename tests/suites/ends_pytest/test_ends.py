"""Plain pytest ends with most of these, or with the request to stop: here each is the outcome of its test, and all the others run."""
import sys
import unittest

import pytest

state = []


@pytest.fixture
def interrupted():
    raise KeyboardInterrupt("set-up")


@pytest.fixture
def leaving():
    yield
    pytest.exit("tear-down")


def test_pollutes():
    state.append(1)


def test_interrupts():
    raise KeyboardInterrupt


def test_exits_pytest():
    pytest.exit("enough")


def test_exits_python():
    sys.exit(3)


def test_closes_a_generator():
    raise GeneratorExit


def test_is_interrupted_when_set_up(interrupted):
    pass


def test_leaves_when_torn_down(leaving):
    pass


def test_wants_the_session_to_stop(request):
    request.session.shouldstop = "stop"


def test_wants_the_session_to_fail(request):
    request.session.shouldfail = "fail"


class TestUnit(unittest.TestCase):
    def test_interrupts(self):
        raise KeyboardInterrupt


class TestClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise KeyboardInterrupt("class")

    def test_one(self):
        pass

    def test_two(self):
        pass


class TestTearDown:
    def teardown_class(cls):
        raise KeyboardInterrupt("class")

    def test_one(self):
        pass


def test_victim():
    assert not state
