"""Records what is about to be written, before it is, so that taster can restore it: in place of a private view of the
files.

An audit hook (CPython 3.8 and later) hears of every file operation of this process and of its forks before it is
done. The first time that a run touches an entry, its state is copied into a folder of taster's, and a line is added
to the log there: the log stays whole if the process is killed. When a test is over, the new states of these paths are
recorded too: they distinguish the run's changes from somebody else's. log.py writes them.

Programs that are started, and C code without audit events, are not heard. Nothing is imported here, and system calls
are saved now: a test may replace those of `os`.
"""

import os
import sys

log, paths = globals()["log"], globals()["paths"]

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Written(log["Log"]):
    """Hears what is about to be written, and logs it."""

    def __init__(self, folder, ours):
        super().__init__(sys.modules["_thread"].get_ident, ours)
        self.places_of, self.decoded = paths["places_of"], paths["decoded"]
        self.handlers = self.named()
        self.begin(folder)
        sys.addaudithook(self.heard)

    def named(self):
        one, two = self.entry_changes, self.content_changes
        handlers = {
            "open": self.opens,
            "os.remove": lambda a: one(a[0], a[1]),
            "os.rmdir": lambda a: one(a[0], a[1]),
            "os.mkdir": lambda a: one(a[0], a[2]),
            "os.symlink": lambda a: one(a[1], a[2]),
            "os.rename": lambda a: self.renames(*a),
            "os.link": lambda a: (two(a[0], a[2]), one(a[1], a[3])),
            "os.chmod": lambda a: two(a[0], a[2]),
            "os.chown": lambda a: two(a[0], a[3]),
            "os.utime": lambda a: two(a[0], a[3]),
            "sqlite3.connect": self.connects,
            "socket.bind": self.binds,
            "shutil.rmtree": self.removes_all,
        }
        for event in ("os.truncate", "os.setxattr", "os.removexattr", "os.chflags"):
            handlers[event] = lambda a: two(a[0])
        return handlers

    def suite(self, config):
        """Called when pytest has read its arguments: the suite's own directories are known."""
        self.quietly(lambda: self.settle(config))

    def settle(self, config):
        self.places = self.places_of(config, self.start, self.files)
        self.note_places()

    def heard(self, event, arguments):
        handler = self.handlers.get(event)
        if handler is None:
            return
        thread = self.thread()
        if thread in self.busy:
            return
        self.busy.add(thread)
        # Exceptions that a signal handler of the suite raises here pass: the operation is then not done.
        try:
            handler(arguments)
        except (OSError, ValueError, TypeError, IndexError, RecursionError, MemoryError):
            pass
        finally:
            self.busy.discard(thread)

    # What is about to be done

    def opens(self, arguments):
        path, _, flags = arguments
        if type(path) is not int and flags & WRITES:
            self.content_changes(path)

    def connects(self, arguments):
        path = self.files.text(arguments[0])
        if path[:5] == "file:":
            path = self.decoded(path[5:].partition("?")[0].partition("#")[0])
        if path and path != ":memory:":
            for suffix in ("", "-journal", "-wal", "-shm"):
                self.content_changes(path + suffix)

    def binds(self, arguments):
        if isinstance(arguments[1], (str, bytes)) and arguments[1][:1] not in ("\0", b"\0", "", b""):
            self.entry_changes(arguments[1])

    def removes_all(self, arguments):
        """Its steps are heard one by one; if the names of descriptors are unknown, everything is recorded beforehand."""
        path = self.files.absolute(*arguments[:2])
        if path is not None and self.files.there("/proc/self/fd") is None:
            self.each_below(self.place_of(path), self.entry)
            self.entry_changes(path)

    def renames(self, source, target, source_directory=-1, target_directory=-1):
        source = self.files.absolute(source, source_directory)
        target = self.files.absolute(target, target_directory)
        if source is None or target is None:
            return
        # The contents of a directory move along, and nothing else is heard of them.
        old, new = self.place_of(source), self.place_of(target)
        self.each_below(old, self.entry)
        self.each_below(old, lambda path: self.entry(new + path[len(old) :]))
        self.entry_changes(source)
        self.entry_changes(target)

    def each_below(self, top, act):
        stat = self.files.there(top)
        if stat is not None and self.kind_of(stat) == "d":
            for name in self.files.listdir(top):
                self.each_below(top + "/" + name, act)
                act(top + "/" + name)

    def entry_changes(self, path, directory=-1):
        """An entry of a directory appears, disappears, or is replaced."""
        path = self.files.absolute(path, directory)
        if path is not None:
            place = self.place_of(path)
            self.entry(place, True)
            # A former directory may now be a link, or the other way round.
            self.parents = {}
            self.seen = {}

    def content_changes(self, path, directory=-1):
        """The content behind a path is written, or its mode or times."""
        path = self.files.absolute(path, directory)
        if path is None or self.seen.get(path) == self.test:
            return
        self.seen[path] = self.test
        place = self.place_of(path)
        stat = self.files.there(place)
        self.entry(place, stat is None)
        if stat is not None and self.kind_of(stat) == "l":
            target = self.files.real(place)
            self.entry(target, self.files.there(target) is None)
