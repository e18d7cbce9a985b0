"""A module that is imported a second time has other classes under the same names."""

import sys

from shapes import Circle


def test_imports_again():
    del sys.modules["shapes"]
    import shapes

    assert shapes.Circle is not Circle


def test_kinds():
    import shapes

    assert isinstance(Circle(), shapes.Circle)
