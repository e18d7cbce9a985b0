"""One test ends the process, one does so only after another one; the others are to be judged nevertheless."""

import os

state = []


def test_before():
    pass


def test_always_crashes():
    os.abort()


def test_arms():
    state.append("armed")


def test_leaves_if_armed():
    if state:
        os._exit(0)


def test_after():
    pass
