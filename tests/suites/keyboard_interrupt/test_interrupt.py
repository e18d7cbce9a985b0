import kept


def test_interrupts():
    raise KeyboardInterrupt


def test_polluter():
    kept.state["x"] = 1


def test_victim():
    assert not kept.state
