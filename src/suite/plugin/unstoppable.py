"""Lets a run continue where plain pytest would end: whatever a test raises or requests is an outcome of that test.

Run by plugin.py in a namespace of its own, before anything is collected. Written for CPython 3.6 and later. Nothing
is imported here that pytest has not imported.
"""

import os
import sys
import time

# Bits of signals in /proc/PID/status: those that no process can block.
KILL_AND_STOP = 1 << 8 | 1 << 18
# What is said of a test that did so in a survey: there the parent is not the process that forks all runs.
KILLS_ITS_PARENT = "the test killed or stopped the process that started it"
# How long the parent may be in a transient state, in milliseconds.
PATIENCE = 200


def catch_all():
    """Makes exceptions that end pytest fail the test that raises them, like any other exception.

    A fixture for a class or module that raises one counts as failed, as with other exceptions. A session that a test
    runs within itself, as tests of plugins do, is not changed.
    """
    runner, fixtures = sys.modules["_pytest.runner"], sys.modules["_pytest.fixtures"]
    call_info = runner.CallInfo
    real, under_way = call_info.from_call, []

    def from_call(cls, func, when, reraise=None):
        if under_way:
            return real(func, when, reraise)
        under_way.append(when)
        try:
            return real(func, when)
        finally:
            under_way.pop()

    call_info.from_call = classmethod(from_call)
    for module in (runner, fixtures):
        if hasattr(module, "TEST_OUTCOME"):
            module.TEST_OUTCOME = tuple(module.TEST_OUTCOME) + (KeyboardInterrupt,)


def ends_pytest(kind):
    """Whether plain pytest ends with an exception of this class."""
    return issubclass(kind, (KeyboardInterrupt, sys.modules["_pytest.outcomes"].Exit))


def go_on(session):
    """Resets what a test, a conftest or a plugin has set to end the session; newer versions guard the names."""
    for name in ("shouldstop", "shouldfail"):
        guarded = "_" + name
        if guarded in vars(session):
            setattr(session, guarded, False)
        else:
            setattr(session, name, False)


def tear_down(item, nextitem):
    """Tears down what the next test does not need, after something has left the test half-way."""
    for _ in range(len(item.listchain()) + 1):
        try:
            item.ihook.pytest_runtest_teardown(item=item, nextitem=nextitem)
            return
        except BaseException:
            # Each try removes at least one node.
            pass


def tear_down_to(session, item, nextitem):
    """Tears down what the next test does not need; returns the first exception, or None."""
    exact, first = session._setupstate.teardown_exact, None
    arguments = (nextitem,) if exact.__func__.__code__.co_argcount == 2 else (item, nextitem)
    for _ in range(len(item.listchain()) + 1):
        try:
            exact(*arguments)
            break
        except BaseException as error:
            # Each try removes at least one node.
            first = first or error
    return first


class Signals:
    """Signals that a test may send to its parent, blocked there: every other run is forked from it."""

    def __init__(self):
        self._system = signals = sys.modules["_signal"]
        names = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGTERM")
        wanted = [getattr(signals, name) for name in names]
        self._before = signals.pthread_sigmask(signals.SIG_BLOCK, wanted)

    def let_through(self):
        """Restores the mask, in the process that runs tests."""
        self._system.pthread_sigmask(self._system.SIG_SETMASK, self._before)


class Parent:
    """The process that this one was forked from. System calls are saved now: a test may replace those of `os`."""

    def __init__(self):
        self._system = os.getppid, os.open, os.read, os.close, time.sleep
        self._kill, self._go_on = os.kill, sys.modules["_signal"].SIGCONT
        self._pid = os.getppid()
        self._status = "/proc/%d/status" % self._pid

    def is_lost(self):
        """Whether it was killed or stopped; false if the system cannot tell."""
        getppid, _, _, _, sleep = self._system
        for _ in range(PATIENCE):
            if getppid() != self._pid:
                return True
            state, pending = self._look()
            if pending & KILL_AND_STOP or state in b"TZX":
                # If it is only stopped, it ends once it is continued, if it can hear.
                self._kill(self._pid, self._go_on)
                return True
            if state in b"SDI?":
                return False
            # It is changing its state, perhaps ending; or somebody traces it, who stops it at each call.
            sleep(0.001)
        return False

    def _look(self):
        """The letter of its state, and its pending signals."""
        _, open_, read, close, _ = self._system
        try:
            descriptor = open_(self._status, os.O_RDONLY)
            try:
                lines = read(descriptor, 65536).split(b"\n")
            finally:
                close(descriptor)
        except OSError:
            return b"?", 0
        state, pending = b"?", 0
        for line in lines:
            words = line.split()
            if words and words[0] == b"State:":
                state = words[1]
            elif words and words[0] in (b"SigPnd:", b"ShdPnd:"):
                pending |= int(words[1], 16)
        return state, pending
