"""In the order that the plugin gives, the polluter comes last."""

state = []


def test_a_polluter():
    state.append(1)


def test_b_victim():
    assert not state
