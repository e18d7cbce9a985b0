"""Forks without the notice of module code: functions registered for forks, and handlers of a child's end, are
silenced.

From 3.7 on the interpreter keeps the functions to call at forks in lists that it does not expose. So a mark is
registered, the collector finds the list that refers to it, and the mark is removed again. Also recorded here:
environment variables that are set without `os.environ`. Runs with the definitions of kinds.py in its namespace.
"""

import errno
import gc
import posix
import sys

if PY2:
    import signal
    import thread

    current_threads = thread._count
else:
    import _signal as signal

    current_threads = sys.modules["_thread"]._count
signal_now, getsignal, SIGCHLD, SIG_DFL = signal.signal, signal.getsignal, signal.SIGCHLD, signal.SIG_DFL
EINTR = errno.EINTR
UNKNOWN = 117 << 8  # the status of a process of which nobody knows how it ended
system_fork, system_waitpid, system_exit = posix.fork, posix.waitpid, posix._exit


class Listeners(object):
    """The interpreter's lists of functions, and their contents while taster keeps them empty."""

    lists = []  # before a fork, after it in the child, after it in the parent
    silenced = None
    table = sys.modules


def list_with(mark, others):
    """The interpreter's list that ends with a mark, after removing the mark."""
    for found in gc.get_referrers(mark):
        if type(found) is list and found is not others and found and found[-1] is mark:
            del found[-1]
            return found
    return []


def find_lists():
    """Called before `gc.freeze` can have hidden anything registered from the collector."""
    marks = [lambda: None for _ in range(3)]
    if hasattr(posix, "register_at_fork"):
        posix.register_at_fork(before=marks[0], after_in_child=marks[1], after_in_parent=marks[2])
        Listeners.lists = [list_with(mark, marks) for mark in marks]


def silence():
    """Empties the lists; returns their former contents if they had been emptied before."""
    was = Listeners.silenced
    if was is None:
        Listeners.silenced = [list(each) for each in Listeners.lists]
        for each in Listeners.lists:
            del each[:]
    return was


def listen(was):
    """Fills the lists again, unless they had been empty before."""
    if was is None and Listeners.silenced is not None:
        for each, content in zip(Listeners.lists, Listeners.silenced):
            each[:] = content
        Listeners.silenced = None


class NoThreading(object):
    """Stands for `threading` during a fork: up to 3.8 the interpreter calls the `sys.modules` entry of that name."""

    @staticmethod
    def _after_fork():
        pass


def fork():
    """Forks without notice to module code. If there are other threads, which the copy will not have, the library's
    own functions do run: without them, nobody would hold its locks."""
    if current_threads() > 0:
        return fork_with_threads()
    was = silence()
    known = Listeners.table.get("threading") if sys.version_info < (3, 9) else None
    if known is not None:
        Listeners.table["threading"] = NoThreading
    try:
        return system_fork()
    finally:
        if known is not None:
            Listeners.table["threading"] = known
        listen(was)


def fork_with_threads():
    was = silence()
    for each, content in zip(Listeners.lists, Listeners.silenced):
        each.extend([function for function in content if concerns_threads(function)])
    try:
        return system_fork()
    finally:
        for each in Listeners.lists:
            del each[:]
        listen(was)


def concerns_threads(function):
    name = function.__module__ if type(function) is FUNCTION else None
    return type(name) is str and name in ("threading", "logging", "concurrent.futures.thread")


def fork_off():
    """Forks. Module code's handler must not run at the end of this child: `wait_for` restores it."""
    handler = getsignal(SIGCHLD)
    if not is_default(handler):
        signal_now(SIGCHLD, SIG_DFL)
    try:
        pid = fork()
    except:  # noqa: E722
        put_back(handler)
        raise
    if not pid:
        put_back(handler)
    return handler, pid


def is_default(handler):
    return type(handler) is int and handler == SIG_DFL


def put_back(handler):
    if handler is not None and not is_default(handler):
        signal_now(SIGCHLD, SIG_DFL)  # this takes back a signal that was held back
        signal_now(SIGCHLD, handler)


def wait_for(pid, handler=None):
    while True:
        try:
            status = system_waitpid(pid, 0)[1]
            break
        except OSError:
            if sys.exc_info()[1].errno != EINTR:
                status = UNKNOWN
                break
        except:  # noqa: E722 (a signal handler of module code raised)
            pass
    put_back(handler)
    return status


def in_a_copy(function):
    """The bytes that a function returns, called in a copy of this process, or None if it returns none."""
    there, here = posix.pipe()
    handler, child = fork_off()
    if not child:
        try:
            data = function()
            while data:
                data = data[posix.write(here, data) :]
            system_exit(0)
        finally:
            system_exit(1)
    posix.close(here)
    parts = []
    while not parts or parts[-1]:
        parts.append(read_on(there))
    posix.close(there)
    return b"".join(parts) if wait_for(child, handler) == 0 else None


def read_on(descriptor):
    while True:
        try:
            return posix.read(descriptor, 65536)
        except OSError:
            if sys.exc_info()[1].errno != EINTR:
                return b""


class Variables(object):
    """Variables that were put into the environment of new processes, by any way that Python has."""

    put = {}  # None where it was taken out
    at_start = {}


def watch_variables():
    """Records calls of `putenv` and `unsetenv`. 2.7 makes modules anew from a copy of their names."""
    Variables.at_start = dict(
        [(environment_bytes(key), environment_bytes(posix.environ[key])) for key in posix.environ]
    )
    put, unset = posix.putenv, posix.unsetenv

    def putenv(name, value):
        put(name, value)
        Variables.put[environment_bytes(name)] = environment_bytes(value)

    def unsetenv(name):
        unset(name)
        Variables.put[environment_bytes(name)] = None

    for original, function in ((put, putenv), (unset, unsetenv)):
        function.__doc__, function.__module__ = original.__doc__, "posix"
        if not PY2:
            function.__qualname__ = original.__name__
        for found in gc.get_referrers(original):
            if type(found) is dict and found.get(original.__name__) is original:
                found[original.__name__] = function


def environment_bytes(text):
    """The text as the system has it; for other types, whose own code would have to convert them, no variable's name."""
    if type(text) is bytes:
        return text
    return text.encode("utf-8", "surrogateescape") if type(text) is TEXT and not PY2 else b"="


def put_variables():
    """The variables that differ from the start."""
    put, at_start = Variables.put, Variables.at_start
    if b"=" in put or b"=" in put.values():
        raise Unmergeable("an environment variable of another kind")
    return [(name, put[name]) for name in sorted(put) if put[name] != at_start.get(name)]
