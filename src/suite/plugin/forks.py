"""A fork without the notice of the suite's code. Run by plugin.py before anything is collected; CPython 3.6 and
later.

From 3.7 on the interpreter keeps the functions given to `os.register_at_fork` in lists: `random` reseeds itself
there. It does not expose the lists. So a mark is registered, the collector finds the list that refers to it, and the
mark is removed again.
"""

import gc
import os


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
    """Forks. With other threads, which the child will not have, all registered functions do run: they concern
    threads."""
    lists = lists_of_handlers()

    def forked():
        if threads_alive() > 1:
            return fork()
        saved = [list(each) for each in lists]
        try:
            for each in lists:
                del each[:]
            return fork()
        finally:
            for each, handlers in zip(lists, saved):
                each[:] = handlers

    return forked
