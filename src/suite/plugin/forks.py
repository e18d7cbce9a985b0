"""A fork that the suite's code is not told of. Run by plugin.py before anything is collected; CPython 3.6 and later.

From 3.7 on the interpreter keeps what `os.register_at_fork` was given in lists: `random` seeds itself anew there. Nothing gives
the lists away, so a mark is registered, found by the collector as something that a list refers to, and taken out of it again.
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
    """Such a fork. With other threads, which the child will not have, all that is registered does run: it is about them."""
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
