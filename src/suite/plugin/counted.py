"""The forks of a survey: each does something with the next tests of a list, and says how many it has done.

Run by plugin.py in a namespace of its own, for CPython 3.6 and later. The system's functions are taken before a test can
replace them.
"""

import os
import sys


class Forks:
    """Forks of one process, one after the other."""

    def __init__(self, hunt, writes, again):
        self.hunt, self.writes = hunt, writes
        # What a fork says if its tests are to run once more, so many at most.
        self.most_again, self.again = again
        self.fork, self.waitpid, self.leave, self.getpid = hunt.system
        self.setpgid, self.channel, self.signals = os.setpgid, hunt.channel, sys.modules["_signal"]
        self.pipe, self.set_blocking, self.close = os.pipe, os.set_blocking, os.close
        self.read, self.write = os.read, os.write

    def each(self, parts, act, most):
        """Lets forks do something with parts of a list, one after the other: each says how many it has done. Returns
        whether all were done; not all are if one fork is lost, or has written what the next ones would find."""
        done = 0
        while done < len(parts):
            some = parts[done : done + most]
            count = self.forked(lambda: act(some))
            if count == self.again:
                some = some[: self.most_again]
                count = self.forked(lambda: act(some, True))
            if count is None or not 0 < count <= len(some):
                return False
            done += count
            if done < len(parts) and self.writes.any():
                return False
        return True

    def forked(self, act):
        """Does something in a fork; returns the number that this gives, or None if the fork ended before. An exit
        status would not do for it: a test can end the fork with any."""
        reading, writing = self.pipe()
        # A process that a test has started may keep the pipe open.
        self.set_blocking(reading, False)
        pid = self.fork()
        if pid == 0:
            try:
                self.setpgid(0, 0)
                self.hunt.pid, self.hunt.parent = self.getpid(), self.hunt.ends["Parent"]()
                self.write(writing, bytes([act()]))
            except BaseException as error:
                self.channel.send("look-failed", text="%s in a survey" % type(error).__name__)
            finally:
                self.leave(0)
        self.close(writing)
        signal, number = self.signals.signal, self.signals.SIGCHLD
        # A test may have made the system forget children, or handle their ends itself.
        before = signal(number, self.signals.SIG_DFL)
        try:
            self.waitpid(pid, 0)
            said = self.read(reading, 1)
        except BlockingIOError:
            said = b""
        finally:
            self.close(reading)
            signal(number, self.signals.SIG_DFL if before is None else before)
        return said[0] if said else None
