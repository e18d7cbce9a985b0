"""A whole module that cannot be set up: every test of it fails, the first and the others."""


def setup_module():
    raise KeyboardInterrupt("module")


def test_one():
    pass


def test_two():
    pass
