"""Whether a child believes that its parent is lost: one that a tracer has stopped is not, one that a signal has stopped is.

`traced.py UNSTOPPABLE`: with the plugin's file that asks. Prints two words.
"""

import ctypes
import os
import runpy
import signal
import sys
import time

ATTACH, DETACH = 16, 17
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]


def child(told, ready, parent_of):
    """Asks once it may, and says what it believes."""
    own = parent_of()
    os.read(ready, 1)
    os.write(told, b"lost" if own.is_lost() else b"there")
    os._exit(0)


def asked(stop, go_on):
    """What the child of a process says after that process was stopped so, which goes on while the child asks."""
    parent_of = runpy.run_path(sys.argv[1])["Parent"]
    told, ready = os.pipe(), os.pipe()
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            child(told[1], ready[0], parent_of)
        time.sleep(60)
        os._exit(0)
    time.sleep(0.3)
    stop(parent)
    os.write(ready[1], b".")
    time.sleep(0.05)
    go_on(parent)
    os.close(told[1])
    said = os.read(told[0], 10).decode()
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    return said


def attach(parent):
    assert libc.ptrace(ATTACH, parent, None, None) == 0, os.strerror(ctypes.get_errno())
    os.waitpid(parent, 0)


def detach(parent):
    libc.ptrace(DETACH, parent, None, None)


traced = asked(attach, detach)
stopped = asked(lambda parent: os.kill(parent, signal.SIGSTOP), lambda parent: None)
print(traced, stopped)
