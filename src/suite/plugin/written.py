"""Notes what is about to be written, before it is, so that taster can put it back: in place of a private view of the files.

An audit hook (CPython 3.8 and later) hears of every file operation of this process and of its forks before it is done.
What lies there then is copied into a folder of taster's, the first time that a run touches it, and a line goes to the
log there: the log is whole when the process is killed. When a test is over, what it made of these paths is
noted too: taster tells by that the run's doing from somebody else's. What the lines mean is read by written.rs.

Programs that are started, and C code that does not ask, are not heard of. Nothing is imported here, and system calls
are taken now: a test may replace those of `os`.
"""

import os
import sys

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
ABSENT = "- 0 0 0 0 0 0 0 0 0"


class Written:
    """The record of one run after another: `begin` starts one, `test_over` ends a test of it."""

    def __init__(self, paths, folder, ours):
        self.kind_of, self.described = paths["kind_of"], paths["described"]
        self.places_of, self.decoded = paths["places_of"], paths["decoded"]
        self.files = paths["Files"]()
        self.thread = sys.modules["_thread"].get_ident
        self.busy = set()
        self.ever = set()
        self.places = [self.files.real(self.files.getcwd())]
        self.start = self.places[0]
        self.ours = tuple(self.files.real(each) + "/" for each in ours)
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

    def begin(self, folder):
        """From here on, what is written is noted there."""
        self.folder, self.log = folder, folder + "/log"
        self.test, self.copies, self.offset = 0, 0, 0
        self.seen, self.parents, self.repeated = {}, {}, {}
        self.entries, self.listed, self.still_open = set(), set(), {}
        self.quietly(self.note_places)

    def suite(self, config):
        """pytest has read its arguments: the suite's own directories are known."""
        self.quietly(lambda: self.settle(config))

    def settle(self, config):
        self.places = self.places_of(config, self.start, self.files)
        self.note_places()

    def note_places(self):
        words = []
        for place in self.places:
            stat = self.files.there(place)
            if stat is not None:
                words.append("%s %d %d" % (self.files.word(place), stat.st_dev, stat.st_ino))
        self.say("places " + " ".join(words))

    def quietly(self, act):
        """Does something of the recorder's own, which is not to be recorded."""
        thread = self.thread()
        self.busy.add(thread)
        try:
            act()
        except (OSError, ValueError, TypeError, RecursionError, MemoryError):
            pass
        finally:
            self.busy.discard(thread)

    def heard(self, event, arguments):
        handler = self.handlers.get(event)
        if handler is None:
            return
        thread = self.thread()
        if thread in self.busy:
            return
        self.busy.add(thread)
        # What a signal handler of the suite raises here passes: the operation is then not done.
        try:
            handler(arguments)
        except (OSError, ValueError, TypeError, IndexError, RecursionError, MemoryError):
            pass
        finally:
            self.busy.discard(thread)

    def say(self, line):
        self.files.append(self.log, (line + "\n").encode("ascii"))

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
        """Its steps are heard of one by one; where names of descriptors are not known, all is noted before."""
        path = self.files.absolute(*arguments[:2])
        if path is not None and self.files.there("/proc/self/fd") is None:
            self.each_below(self.place_of(path), self.entry)
            self.entry_changes(path)

    def renames(self, source, target, source_directory=-1, target_directory=-1):
        source = self.files.absolute(source, source_directory)
        target = self.files.absolute(target, target_directory)
        if source is None or target is None:
            return
        # What is in a directory goes along, and nothing else is heard of it.
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
        """An entry of a directory comes, goes, or becomes another one."""
        path = self.files.absolute(path, directory)
        if path is not None:
            place = self.place_of(path)
            self.entry(place, True)
            # What was a directory may now be a link, or the other way round.
            self.parents = {}
            self.seen = {}

    def content_changes(self, path, directory=-1):
        """What stands behind a path is written, or its mode or times."""
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

    # What lies there now

    def place_of(self, path):
        """The path with no link in its parents."""
        parent, _, name = path.rstrip("/").rpartition("/")
        if name in ("", ".", ".."):
            return self.files.real(path)
        real = self.parents.get(parent)
        if real is None:
            real = self.parents[parent] = self.files.real(parent)
        return (real if real != "/" else "") + "/" + name

    def is_inside(self, place):
        ours = place.startswith(self.ours)
        return not ours and any(place == each or place.startswith(each + "/") for each in self.places)

    def entry(self, place, with_parent=False):
        if place.startswith(self.ours):
            return
        if not self.is_inside(place):
            if place not in self.entries:
                self.entries.add(place)
                self.outside(place)
            return
        if with_parent:
            self.parent(place.rpartition("/")[0])
        again, self.repeated[place] = self.repeated.get(place), self.test
        if again == self.test:
            return
        if place in self.entries:
            self.say("again " + self.files.word(place))
            return
        self.entries.add(place)
        self.ever.add(place)
        self.say("before " + self.files.word(place) + " " + self.state(place))

    def has_written(self, path):
        """Whether the run has touched a path of the suite's, or it lies in taster's own directory."""
        place = self.place_of(self.files.absolute(path))
        return place.startswith(self.ours) or (place in self.ever and self.is_inside(place))

    def outside(self, place):
        stat = self.files.there(place)
        if stat is None or self.kind_of(stat) in "fdl":
            self.say("outside %s %s" % (self.files.word(place), ABSENT if stat is None else self.described(stat)))

    def state(self, place):
        stat = self.files.there(place)
        if stat is None:
            return ABSENT + " -"
        kind, content = self.kind_of(stat), "-"
        if kind == "l":
            content = "l" + self.files.word(self.files.readlink(place))
        elif kind == "d":
            content = "n" + self.listing(place)
        elif kind == "f":
            name = self.new_name()
            try:
                content = "c" + name if self.files.copy(place, self.folder + "/" + name) else "-"
            except OSError:
                pass
        return self.described(stat) + " " + content

    def parent(self, place):
        if place in self.listed or not self.is_inside(place):
            return
        self.listed.add(place)
        stat = self.files.there(place)
        if stat is not None:
            words = self.files.word(place), self.described(stat), self.listing(place)
            self.say("parent %s %s n%s" % words)

    def listing(self, place):
        name = self.new_name()
        names = "\0".join(sorted(self.files.listdir(place)))
        self.files.append(self.folder + "/" + name, names.encode(self.files.encoding, "surrogateescape"))
        return name

    def new_name(self):
        self.copies += 1
        return "%d-%d" % (self.files.getpid(), self.copies)

    # What became of it

    def test_over(self):
        """A test is over: what it, or a fork of it, touched is now what the run left."""
        self.quietly(self.note_what_is_left)
        self.test += 1

    def note_what_is_left(self):
        size = self.files.stat(self.log).st_size
        if size == self.offset and not self.still_open:
            return
        touched = dict.fromkeys(self.touched_since(self.offset))
        lines = []
        now = {}
        for word in touched:
            stat = self.files.there(self.path(word))
            now[word] = stat
            lines.append("after %s %s" % (word, ABSENT if stat is None else self.described(stat)))
        for word, state in self.still_open.items():
            stat = self.files.there(self.path(word))
            if word not in now and stat is not None and self.described(stat) != state:
                lines.append("after %s %s" % (word, self.described(stat)))
                now[word] = stat
        if lines:
            self.files.append(self.log, ("\n".join(lines) + "\n").encode("ascii"))
        self.offset = self.files.stat(self.log).st_size
        self.note_what_is_open(now)

    def touched_since(self, offset):
        for line in self.files.since(self.log, offset).decode("ascii").splitlines():
            words = line.split(" ")
            if words[0] in ("before", "again"):
                yield words[1]

    def path(self, word):
        return bytes.fromhex(word[1:]).decode(self.files.encoding, "surrogateescape")

    def note_what_is_open(self, now):
        """Files that this process keeps open are written later too, and nothing is heard of that."""
        wanted = {(s.st_dev, s.st_ino): word for word, s in now.items() if s is not None and self.kind_of(s) == "f"}
        for word in self.still_open:
            stat = self.files.there(self.path(word))
            if stat is not None:
                wanted[stat.st_dev, stat.st_ino] = word
        self.still_open = {}
        if not wanted:
            return
        for number in self.files.listdir("/dev/fd"):
            try:
                stat = self.files.fstat(int(number))
            except OSError:
                continue
            word = wanted.get((stat.st_dev, stat.st_ino))
            if word is not None:
                self.still_open[word] = self.described(stat)
