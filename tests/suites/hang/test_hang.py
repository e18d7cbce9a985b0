"""One test never ends once another one has run."""

import time

state = []


def test_polluter():
    state.append(1)


def test_hangs():
    while state:
        time.sleep(1)


def test_after():
    pass
