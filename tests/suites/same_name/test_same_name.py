"""Two modules of one name, each in a directory of its own that is on the path only for a while."""

import os
import sys
import tempfile

import pytest


@pytest.fixture
def module():
    """Writes a module into a new directory and puts that first on the path."""

    def write(value):
        folder = tempfile.mkdtemp()
        with open(os.path.join(folder, "same_name.py"), "w") as file:
            file.write("V = %d\n" % value)
        sys.path.insert(0, folder)

    saved = sys.path[:]
    yield write
    sys.path[:] = saved


def test_first(module):
    module(1)
    import same_name

    assert same_name.V == 1


def test_second(module):
    module(2)
    import same_name

    assert same_name.V == 2
