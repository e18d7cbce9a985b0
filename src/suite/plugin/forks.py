"""A fork without the notice of the suite's code. Run by plugin.py before anything is collected; CPython 3.6 and
later.

From 3.7 on the interpreter keeps the functions given to `os.register_at_fork` in lists: `random` reseeds itself
there. It does not expose the lists. So a mark is registered, the collector finds the list that refers to it, and the
mark is removed again.
"""

import gc
import os
import sys
import warnings
from time import sleep

# So often is asked whether threads have ended.
AT_MOST = 20


def lists_of_handlers():
    """The interpreter's lists: before a fork, after it in the child, after it in the parent."""
    if not hasattr(os, "register_at_fork"):
        return []
    marks, lists = [lambda: None for _ in range(3)], []
    os.register_at_fork(before=marks[0], after_in_child=marks[1], after_in_parent=marks[2])
    for mark in marks:
        for found in gc.get_referrers(mark):
            if type(found) is list and found is not marks and found and found[-1] is mark:
                del found[-1]
                lists.append(found)
    return lists


def unnoticed(fork, threads_alive):
    """Forks, and the number of threads that there are for a fork: this one, and those that it would lose.

    With threads that it loses, all registered functions do run: they concern threads. Libraries such as numpy's end
    their threads before each fork, and start them anew when they need them; whether one does, a fork tells.
    """
    lists = lists_of_handlers()
    wait, leave, frames = os.waitpid, os._exit, sys._current_frames
    outlived = []

    def quietly():
        saved = [list(each) for each in lists]
        try:
            for each in lists:
                del each[:]
            return fork()
        finally:
            for each, handlers in zip(lists, saved):
                each[:] = handlers

    def threads_for_a_fork():
        count = threads_alive()
        if count <= 1 or len(frames()) > 1 or outlived:
            return count
        # With native threads, the interpreter warns of a fork.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pid = quietly()
        if pid == 0:
            leave(0)
        try:
            wait(pid, 0)
        except OSError:
            pass  # nobody waits where SIGCHLD is ignored
        count = threads_alive()
        for _ in range(AT_MOST):
            if count <= 1:
                break
            # The system may list a thread for a moment after its end.
            sleep(0.001)
            count = threads_alive()
        if count > 1:
            outlived.append(count)
        return count

    return (lambda: fork() if threads_for_a_fork() > 1 else quietly()), threads_for_a_fork
