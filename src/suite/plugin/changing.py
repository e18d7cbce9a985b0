"""Containers as they change: what memory.py reads of each has to be another one after each change.

Each gives a container after one change after the other, made of two objects. Compiled by look.py for the first look.
Nothing is imported here.
"""

import sys

ORDERED = sys.modules["collections"].OrderedDict


def changing_dict(one, other):
    tried = {"a": one}
    yield tried
    tried["b"] = one
    yield tried
    tried["b"] = other
    yield tried
    dict.__setitem__(tried, "a", other)
    yield tried
    del tried["b"]
    yield tried
    tried.setdefault("c", one)
    yield tried
    tried.clear()
    yield tried


class WithAttributes:
    def __init__(self, one):
        self.a = self.b = one


def changing_object(one, other):
    """The dictionary of an object, which stays one that keeps its values apart."""
    WithAttributes(other)
    tried = WithAttributes(one)
    yield tried.__dict__
    tried.a = other
    yield tried.__dict__
    for value in range(50):
        # The interpreter writes in another way where it has done so often.
        tried.b = value
        yield tried.__dict__
    tried.__dict__["a"] = one
    yield tried.__dict__
    del tried.b
    yield tried.__dict__


def changing_list(one, other):
    tried = [one]
    yield tried
    tried.append(one)
    yield tried
    tried[0] = other
    yield tried
    tried += [other] * 50
    yield tried
    tried.reverse()
    yield tried
    tried.clear()
    yield tried


def changing_set(one, other):
    tried = {one}
    yield tried
    tried.add(other)
    yield tried
    tried.discard(one)
    yield tried
    tried.update(range(100))
    yield tried
    tried.clear()
    yield tried


def changing_variable(one, other):
    held = one

    def held_here():
        return held

    yield held_here.__closure__
    held = other
    yield held_here.__closure__
    held = None
    yield held_here.__closure__


class WithSlots:
    __slots__ = ("a", "b")


def changing_slots(one, other):
    tried = WithSlots()
    yield tried
    tried.b = one
    yield tried
    tried.a = other
    yield tried
    WithSlots.a.__set__(tried, one)
    yield tried
    del tried.b
    yield tried


def changing_order(one, other):
    tried = ORDERED([(1, one), (2, one), (3, one)])
    yield tried
    tried.move_to_end(1)
    yield tried
    tried.move_to_end(1, last=False)
    yield tried
    tried[4] = other
    yield tried
    tried.popitem(last=False)
    yield tried
    tried.clear()
    yield tried
