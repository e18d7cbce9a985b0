"""Tests that end or stop the process from which all others come: they are named and left out, and the rest is looked into."""
import os
import signal

state = []


def test_kills_the_parent():
    os.kill(os.getppid(), signal.SIGKILL)


def test_pollutes():
    state.append(1)


def test_stops_the_parent():
    os.kill(os.getppid(), signal.SIGSTOP)


def test_asks_the_parent_to_end():
    os.kill(os.getppid(), signal.SIGTERM)


def test_kills_the_parents_group():
    os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)


def test_kills_its_own_group():
    os.killpg(0, signal.SIGKILL)


def test_victim():
    assert not state
