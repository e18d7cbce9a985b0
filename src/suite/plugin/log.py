"""The log of what a run touches in place: what was there before, and what is left when a test is over.

Run by plugin.py in a namespace of its own, with the definitions of paths.py as `paths`. written.py hears what is
about to be touched; written.rs reads the lines. Nothing is imported here, and system calls are saved now: a test may
replace those of `os`.
"""

ABSENT = "- 0 0 0 0 0 0 0 0 0"
paths = globals()["paths"]


class Log:
    """The record of one run after another: `begin` starts one, `test_over` ends a test of it."""

    def __init__(self, thread, ours):
        self.kind_of, self.described = paths["kind_of"], paths["described"]
        self.files = paths["Files"]()
        self.thread = thread
        self.busy = set()
        self.ever = set()
        self.places = [self.files.real(self.files.getcwd())]
        self.start = self.places[0]
        self.ours = tuple(self.files.real(each) + "/" for each in ours)

    def begin(self, folder):
        """Starts recording writes there."""
        self.folder, self.log = folder, folder + "/log"
        self.test, self.copies, self.offset = 0, 0, 0
        self.seen, self.parents, self.repeated = {}, {}, {}
        self.entries, self.listed, self.still_open = set(), set(), {}
        self.quietly(self.note_places)

    def note_places(self):
        words = []
        for place in self.places:
            stat = self.files.there(place)
            if stat is not None:
                words.append("%s %d %d" % (self.files.word(place), stat.st_dev, stat.st_ino))
        self.say("places " + " ".join(words))

    def quietly(self, act):
        """Does something for the recorder itself, without recording it."""
        thread = self.thread()
        self.busy.add(thread)
        try:
            act()
        except (OSError, ValueError, TypeError, RecursionError, MemoryError):
            pass
        finally:
            self.busy.discard(thread)

    def say(self, line):
        self.files.append(self.log, (line + "\n").encode("ascii"))

    # What lies there now

    def place_of(self, path):
        """The path without links in its parents."""
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
        """Whether the run has touched a path of the suite, or the path lies in taster's own directory."""
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
        """Called when a test is over: whatever it, or a fork of it, touched is now what the run left."""
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
        """Files that this process keeps open may be written later, unheard."""
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
