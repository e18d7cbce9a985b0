import time

import kept


def test_polluter():
    kept.state["x"] = 1
    time.sleep(0.4)


def test_victim():
    time.sleep(0.2)
    assert not kept.state
