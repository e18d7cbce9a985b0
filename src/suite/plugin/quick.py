"""Whether places still hold the very objects that they held: asked of many places at once, in C, before anything is
built in Python.

Compiled by look.py for the first look, which passes in the definitions of walk.py as `walk`. A place that does not hold
the same objects need not have changed: the place itself decides. Nothing is imported here, and no object's code runs.
"""

import sys

walk = globals()["walk"]
is_same, chain = sys.modules["_operator"].is_, sys.modules["itertools"].chain.from_iterable
CHUNK = 128

# By the kind of the container: how many parts it has, and the ways to go through them.
DICT = dict.__len__, (dict.__iter__, dict.values)
LIST = list.__len__, (list.__iter__,)
SET = set.__len__, (set.__iter__,)
read = walk["namespace_of"](walk["CELL"])["cell_contents"].__get__
VARIABLES = tuple.__len__, (lambda cells: map(read, cells),)


def container_of(place):
    """The container of a place and its kind, or None if only the place can look."""
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
        self.length, self.ways = kind
        self.places = [place for _, place in pairs]
        self.containers = [container for container, _ in pairs]
        self.remember()

    def remember(self):
        self.lengths = list(map(self.length, self.containers))
        self.held = [list(chain(map(way, self.containers))) for way in self.ways]

    def is_unchanged(self):
        if list(map(self.length, self.containers)) != self.lengths:
            return False
        try:
            return all([self.same(way, self.containers, held) for way, held in zip(self.ways, self.held)])
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
        part.length, part.ways = self.length, self.ways
        part.places, part.containers = [self.places[number]], [self.containers[number]]
        part.lengths, part.held = [self.lengths[number]], held
        return part

    def take(self, parts):
        """Is made of these parts from here on."""
        self.places = [place for part in parts for place in part.places]
        self.containers = [container for part in parts for container in part.containers]
        self.lengths = [length for part in parts for length in part.lengths]
        self.held = [[each for part in parts for each in part.held[way]] for way in range(len(self.ways))]


class Quick:
    """Places in chunks; those that only themselves can say whether they have changed stand apart."""

    def __init__(self, places):
        kinds, self.apart = {}, []
        for place in places:
            found = container_of(place)
            if found is None:
                self.apart.append(place)
            else:
                kinds.setdefault(found[0], []).append((found[1], place))
        self.chunks = [
            Chunk(kind, pairs[start : start + CHUNK])
            for kind, pairs in kinds.items()
            for start in range(0, len(pairs), CHUNK)
        ]

    def suspects(self):
        """The places that may have changed."""
        changed = [chunk for chunk in self.chunks if not chunk.is_unchanged()]
        found = [chunk for chunk in changed if len(chunk.places) == 1]
        for chunk in changed:
            if len(chunk.places) > 1:
                parts = chunk.split_off()
                self.chunks += parts
                found += parts
        return [place for chunk in found for place in chunk.places] + self.apart

    def remember(self):
        """From here on, what is there now counts as unchanged."""
        for place in self.suspects():
            place.remember()
        for chunk in self.chunks:
            if not chunk.is_unchanged():
                chunk.remember()


class Dictionaries:
    """Dictionaries of the interpreter's own, all of which have to hold the same objects."""

    def __init__(self, dictionaries):
        self.chunk = Chunk(DICT, [(each, None) for each in dictionaries if each is not None])

    def is_unchanged(self, dictionaries):
        """Whether these are the same dictionaries with the same objects."""
        held = self.chunk.containers
        now = [each for each in dictionaries if each is not None]
        return len(held) == len(now) and all(map(is_same, held, now)) and self.chunk.is_unchanged()


class Objects:
    """Objects in a sequence."""

    def __init__(self, objects):
        self.objects = objects

    def is_unchanged(self, objects):
        """Whether these are the same objects."""
        return len(objects) == len(self.objects) and all(map(is_same, objects, self.objects))
