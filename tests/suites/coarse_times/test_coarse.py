"""Modules written into one directory and imported: the story of a stale listing, where file times are coarse."""

import os
import sys
import tempfile

import pytest


@pytest.fixture
def module():
    """Writes an importable module into the temporary directory."""

    def write(name):
        with open(os.path.join(tempfile.gettempdir(), name + ".py"), "w") as file:
            file.write("a = 0\n")

    saved = sys.path[:]
    sys.path.append(tempfile.gettempdir())
    yield write
    sys.path[:] = saved


def test_first(module):
    module("coarse_first")
    import coarse_first

    assert coarse_first.a == 0


def test_second(module):
    module("coarse_second")
    import coarse_second

    assert coarse_second.a == 0
