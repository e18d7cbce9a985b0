"""Which containers have been written to, told by the process's own memory.

To go through a container counts references to all that it holds, and in a fork the system copies each page that is
written to: a look at thousands of containers took four times what a small test takes. So what changes whenever a
container is written to is read as bytes through the system, which touches no object: the version of a dictionary
(PEP 509; `ma_version_tag` up to CPython 3.13), the pointers of a list, a set, a variable of a function and of slots, and
what an `OrderedDict` has beside the dictionary.

Where these bytes lie is CPython's own business, so each kind is tried on containers made for it first; one that does
not answer as expected, on this interpreter or without `/proc/self/mem`, is never told. Compiled by quick.py for the
first look, with the definitions of changing.py as `changing`. Nothing is imported here but what the interpreter itself
has loaded, and no object's code runs.
"""

import os
import sys

changing = globals()["changing"]
itemgetter, ORDERED = sys.modules["_operator"].itemgetter, sys.modules["collections"].OrderedDict
# Saved now: a test may replace them.
system = os.open, os.pread, os.close
OWN = "/proc/self/mem", os.O_RDONLY | getattr(os, "O_CLOEXEC", 0)
WORD = 8
# What is read in one call has at most such gaps: a call costs about as much as it does to copy this.
MOST_APART = 8192


class Unreadable(Exception):
    """Where the memory cannot be read, or is not laid out as expected."""


class Reader:
    """Reads the process's own memory; each process opens its own."""

    def __enter__(self):
        open_file, self.pread, self.close = system
        try:
            self.file = open_file(*OWN)
        except Exception:
            # An audit hook of the suite may forbid it, too.
            raise Unreadable
        return self

    def __exit__(self, *error):
        self.close(self.file)

    def bytes_at(self, address, length):
        try:
            found = self.pread(self.file, length, address)
        except (OSError, OverflowError):
            raise Unreadable
        if len(found) != length:
            raise Unreadable
        return found

    def words_at(self, address, count):
        """Numbers of a machine word each."""
        found = self.bytes_at(address, WORD * count)
        return [int.from_bytes(found[at : at + WORD], sys.byteorder) for at in range(0, len(found), WORD)]


def of_dict(reader, container):
    """The version of a dictionary. One that keeps its values apart from its keys, as those of objects do, is told only
    where another trial says so: 3.13 writes an attribute of an object without a new version of its dictionary."""
    address = id(container)
    apart = reader.words_at(address + 5 * WORD, 1) != [0]
    return None if apart and "apart" not in TELLS else [(address + 3 * WORD, WORD)]


def of_version(reader, container):
    return [(id(container) + 3 * WORD, WORD)]


def of_list(reader, container):
    """The length of a list, where its pointers are, and these."""
    address = id(container) + 2 * WORD
    length, pointers = reader.words_at(address, 2)
    return [(address, 2 * WORD)] + ([(pointers, WORD * length)] if length else [])


def of_set(reader, container):
    """The numbers of a set, where its table is, and this: pointers and hashes."""
    address = id(container) + 2 * WORD
    _, _, mask, table = reader.words_at(address, 4)
    return [(address, 4 * WORD), (table, 2 * WORD * (mask + 1))]


def of_variables(reader, variables):
    """The pointers of variables that functions share."""
    return [(id(each) + 2 * WORD, WORD) for each in tuple.__iter__(variables)]


basic_size = type.__dict__["__basicsize__"].__get__


def of_slots(reader, owner):
    """All that an object has of a fixed size, but for the count of references to it."""
    return [(id(owner) + WORD, basic_size(type(owner)) - WORD)]


def of_order(reader, ordered):
    """What an `OrderedDict` has beside the dictionary: it counts its changes there."""
    size = basic_size(dict)
    return [(id(ordered) + size, basic_size(ORDERED) - size)]


def is_told(way, tried):
    """Whether each change of a container shows in what is read of it, and nothing shows without one."""
    seen = None
    try:
        with Reader() as reader:
            for container in tried(object(), object()):
                read = [[reader.bytes_at(*region) for region in way(reader, container)] for _ in range(2)]
                if read[0] != read[1] or read[0] == seen:
                    return False
                seen = read[0]
    except (Unreadable, TypeError):
        return False
    return True


WAYS = {
    "dict": (of_version, changing["changing_dict"]),
    "apart": (of_version, changing["changing_object"]),
    "list": (of_list, changing["changing_list"]),
    "set": (of_set, changing["changing_set"]),
    "variables": (of_variables, changing["changing_variable"]),
    "slots": (of_slots, changing["changing_slots"]),
    "order": (of_order, changing["changing_order"]),
}
TELLS = {kind: way for kind, (way, tried) in WAYS.items() if is_told(way, tried)}
if "dict" in TELLS:
    TELLS["dict"] = of_dict


class Marks:
    """What is read of containers, by their numbers, to be compared later."""

    def __init__(self, regions, untold=frozenset()):
        """Takes the regions of each number, and the numbers that can be told no longer."""
        self.untold = untold
        spans, self.spans = [], []
        parts = [(start, length, number) for number, own in regions.items() for start, length in own]
        for start, length, number in sorted(parts):
            if spans and start - spans[-1][1] <= MOST_APART:
                spans[-1][1] = max(spans[-1][1], start + length)
                spans[-1][2].append((start, length, number))
            else:
                spans.append([start, start + length, [(start, length, number)]])
        for start, end, within in spans:
            slices = [slice(at - start, at - start + length) for at, length, _ in within]
            # With one slice only, a getter would give what it gets, and no tuple.
            getter = itemgetter(*slices, slice(0, 0))
            self.spans.append((start, end - start, getter, [number for _, _, number in within]))
        self.held = self.read()

    def read(self):
        """What is in the memory now, by spans: None for one that cannot be read, or for all."""
        try:
            with Reader() as reader:
                pread, file = reader.pread, reader.file
                try:
                    return [getter(pread(file, length, start)) for start, length, getter, _ in self.spans]
                except OSError:
                    return [self.in_span(reader, *span[:3]) for span in self.spans]
        except Unreadable:
            return None

    @staticmethod
    def in_span(reader, start, length, getter):
        try:
            return getter(reader.bytes_at(start, length))
        except Unreadable:
            # What lay there was given back to the system.
            return None

    def written(self):
        """The numbers of those that were written to, or may have been."""
        now = self.read()
        if now is None or self.held is None:
            return {number for span in self.spans for number in span[3]}.union(self.untold)
        found = set(self.untold)
        for before, after, (_, _, _, numbers) in zip(self.held, now, self.spans):
            if before is None or after is None:
                found.update(numbers)
            elif before != after:
                found.update([number for old, new, number in zip(before, after, numbers) if old != new])
        return found


class Containers:
    """Containers with their kinds, by number: which of them were written to since they were remembered."""

    def __init__(self, pairs):
        self.pairs = pairs
        regions = self.regions_of(range(len(pairs)))
        # The others are not told at all.
        self.told = frozenset(regions)
        self.first, self.later, self.since = Marks(regions), set(), Marks({})

    def regions_of(self, numbers):
        """Where to read, for those of these containers that can be told."""
        found = {}
        try:
            with Reader() as reader:
                for number in numbers:
                    kind, container = self.pairs[number]
                    regions = TELLS[kind](reader, container) if kind in TELLS else None
                    if regions is not None:
                        found[number] = regions
        except Unreadable:
            return {}
        return found

    def written(self):
        """The numbers of those that are told and were written to, or may have been."""
        return (self.first.written() - self.later) | self.since.written()

    def remember(self, written):
        """From here on, no container counts as written to: what is read of these, which were, is read anew."""
        if written:
            self.later |= written
            regions = self.regions_of(self.later)
            self.since = Marks(regions, self.later - set(regions))
