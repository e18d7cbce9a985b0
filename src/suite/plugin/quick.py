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

    def suspects(self):
        """The places that do not hold the same objects."""
        found, starts = [], [0] * len(self.ways)
        for place, container, length in zip(self.places, self.containers, self.lengths):
            is_unchanged = self.length(container) == length
            for number, way in enumerate(self.ways):
                start = starts[number]
                starts[number] += length
                try:
                    held = self.held[number][start : start + length]
                    is_unchanged = is_unchanged and self.same(way, [container], held)
                except ValueError:
                    is_unchanged = False
            if not is_unchanged:
                found.append(place)
        return found


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
        found = []
        for chunk in self.chunks:
            if not chunk.is_unchanged():
                found += chunk.suspects()
        return found + self.apart

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
