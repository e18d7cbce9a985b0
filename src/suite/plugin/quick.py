"""Whether places still hold the very objects that they held: asked of many places at once, in C, before anything is
built in Python.

Compiled by look.py for the first look, which passes in the definitions of walk.py as `walk` and those of memory.py as
`memory`. A place that does not hold the same objects need not have changed: the place itself decides. Nothing is
imported here, and no object's code runs.
"""

import sys

walk, memory = globals()["walk"], globals()["memory"]
is_same, chain = sys.modules["_operator"].is_, sys.modules["itertools"].chain.from_iterable
CHUNK = 128


class Kind:
    """A kind of containers: its name, how many parts one has, and the ways to go through them."""

    def __init__(self, name, length, *ways):
        self.name, self.length, self.ways = name, length, ways


read = walk["namespace_of"](walk["CELL"])["cell_contents"].__get__
DICT = Kind("dict", dict.__len__, dict.__iter__, dict.values)
LIST = Kind("list", list.__len__, list.__iter__)
SET = Kind("set", set.__len__, set.__iter__)
VARIABLES = Kind("variables", tuple.__len__, lambda cells: map(read, cells))
# What only the memory tells of: else the places themselves look.
SLOTS, ORDER = Kind("slots", None), Kind("order", None)


def container_of(place):
    """The container of a place and its kind, or None if only the place can look."""
    for kind, name in ((SLOTS, "slotted"), (ORDER, "ordered")):
        owner = getattr(place, name, None)
        if owner is not None:
            return kind, owner
    raw = getattr(place, "raw", None)
    if raw is not None:
        return VARIABLES if type(raw) is tuple else DICT, raw
    value = getattr(place, "value", None)
    if issubclass(type(value), list):
        return LIST, value
    return (SET, value) if issubclass(type(value), set) else None


class Chunk:
    """Some containers of one kind, and the objects that they held."""

    def __init__(self, kind, pairs):
        self.kind = kind
        self.places = [place for _, place in pairs]
        self.containers = [container for container, _ in pairs]
        self.remember()

    def remember(self):
        self.lengths = list(map(self.kind.length, self.containers))
        self.held = [list(chain(map(way, self.containers))) for way in self.kind.ways]

    def is_unchanged(self):
        if list(map(self.kind.length, self.containers)) != self.lengths:
            return False
        try:
            return all([self.same(way, self.containers, held) for way, held in zip(self.kind.ways, self.held)])
        except ValueError:
            # A variable of a function is empty.
            return False

    @staticmethod
    def same(way, containers, held):
        return all(map(is_same, chain(map(way, containers)), held))

    def split_off(self):
        """Those places that do not hold the same objects, in chunks of their own: what has changed once is likely to
        change again, and would make all others be looked at one by one."""
        parts, kept, start = [], [], 0
        for number, length in enumerate(self.lengths):
            part = self.part(number, [held[start : start + length] for held in self.held])
            (kept if part.is_unchanged() else parts).append(part)
            start += length
        self.take(kept)
        return parts

    def part(self, number, held):
        """One of the places, with what it held."""
        part = Chunk.__new__(Chunk)
        part.kind = self.kind
        part.places, part.containers = [self.places[number]], [self.containers[number]]
        part.lengths, part.held = [self.lengths[number]], held
        return part

    def take(self, parts):
        """Is made of these parts from here on."""
        self.places = [place for part in parts for place in part.places]
        self.containers = [container for part in parts for container in part.containers]
        self.lengths = [length for part in parts for length in part.lengths]
        self.held = [[each for part in parts for each in part.held[way]] for way in range(len(self.kind.ways))]


class Quick:
    """Places by what can tell whether they have changed: the memory, a comparison in chunks, or only they themselves."""

    def __init__(self, places):
        self.places = places
        self.rank = {id(place): number for number, place in enumerate(places)}
        found = [(container_of(place), place) for place in places]
        self.apart = [place for container, place in found if container is None]
        found = [pair for pair in found if pair[0] is not None]
        self.told = [place for _, place in found]
        self.memory = memory["Containers"]([(kind.name, container) for (kind, container), _ in found])
        kinds = {}
        for number, ((kind, container), place) in enumerate(found):
            if number not in self.memory.told:
                if kind.ways:
                    kinds.setdefault(kind, []).append((container, place))
                else:
                    self.apart.append(place)
        self.chunks = [
            Chunk(kind, pairs[start : start + CHUNK])
            for kind, pairs in kinds.items()
            for start in range(0, len(pairs), CHUNK)
        ]

    def suspects(self, written=None):
        """The places that may have changed, in the order of the walk; `written` is what the memory tells of them, if it
        was asked."""
        changed = [chunk for chunk in self.chunks if not chunk.is_unchanged()]
        found = [chunk for chunk in changed if len(chunk.places) == 1]
        for chunk in changed:
            if len(chunk.places) > 1:
                parts = chunk.split_off()
                self.chunks += parts
                found += parts
        places = [place for chunk in found for place in chunk.places] + self.apart
        places += [self.told[number] for number in (self.memory.written() if written is None else written)]
        return sorted(places, key=lambda place: self.rank[id(place)])

    def remember(self):
        """From here on, what is there now counts as unchanged."""
        written = self.memory.written()
        for place in self.suspects(written):
            place.remember()
        self.memory.remember(written)
        for chunk in self.chunks:
            if not chunk.is_unchanged():
                chunk.remember()


class Dictionaries:
    """Dictionaries of the interpreter's own, all of which have to hold the same objects."""

    def __init__(self, dictionaries):
        self.held = [each for each in dictionaries if each is not None]
        self.memory = memory["Containers"]([(DICT.name, each) for each in self.held])
        self.chunk = Chunk(DICT, [(each, None) for each in self.held])

    def is_unchanged(self, dictionaries):
        """Whether these are the same dictionaries with the same objects."""
        now = [each for each in dictionaries if each is not None]
        if len(self.held) != len(now) or not all(map(is_same, self.held, now)):
            return False
        told = self.memory.told
        return (len(told) == len(now) and not self.memory.written()) or self.chunk.is_unchanged()


class Objects:
    """Objects in a sequence."""

    def __init__(self, objects):
        self.objects = objects

    def is_unchanged(self, objects):
        """Whether these are the same objects."""
        return len(objects) == len(self.objects) and all(map(is_same, objects, self.objects))
