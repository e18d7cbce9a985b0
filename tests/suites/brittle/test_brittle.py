"""A test that counts on another one to have prepared its state."""

prepared = []


def test_neutral():
    pass


def test_state_setter():
    prepared.append("ready")


def test_brittle():
    assert prepared
