"""Has nothing to do with it."""


def test_c():
    pass
