"""A variable of the environment is left behind."""

import os


def test_sets_variable():
    os.environ["TASTER_SUITE"] = "left"


def test_wants_no_variable():
    assert "TASTER_SUITE" not in os.environ
