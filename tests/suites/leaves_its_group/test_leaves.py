"""Tests that hang where nobody looks for them, or leave something running that holds on to all that was open."""
import os
import signal
import time

state = []


def test_joins_another_group():
    os.setpgid(0, os.getppid())
    time.sleep(1000)


def test_ignores_signals():
    for each in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    time.sleep(1000)


def test_stops_itself():
    os.kill(os.getpid(), signal.SIGSTOP)


def test_leaves_a_daemon():
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork() == 0:
        time.sleep(30)
    os._exit(0)


def test_forks_and_comes_back_twice():
    os.fork()


def test_pollutes():
    state.append(1)


def test_victim():
    assert not state
