"""A cleaner stands between polluter and victim, so that the order given passes."""

state = {"dirty": False}


def test_polluter():
    state["dirty"] = True


def test_cleaner():
    state["dirty"] = False


def test_victim():
    assert not state["dirty"]
