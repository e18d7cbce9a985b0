"""State tied to the process that collected: forks see another process id."""

import os

HOME = os.getpid()
state = []


def test_same_process():
    assert os.getpid() == HOME


def test_polluter():
    state.append(1)


def test_victim():
    assert not state
