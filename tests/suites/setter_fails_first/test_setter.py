"""The state-setter fails when it runs first, and sets the state nevertheless."""

state = {"warm": False, "set": False}


def test_warms():
    state["warm"] = True


def test_setter():
    state["set"] = True
    assert state["warm"]


def test_brittle():
    assert state["set"]
