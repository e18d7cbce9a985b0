"""Writes to containers in every way that code has, and tells which ones the process's own memory does not tell of. For
CPython 3.6 and later; started with the folder of the plugin's sources.

Each way runs often enough for the interpreter to have specialised it. Beside the container that is written to stands
one that is only read.
"""

import collections
import heapq
import operator
import os
import random
import sys


def loaded(name, **parts):
    namespace = dict(parts, __name__=name)
    with open(os.path.join(sys.argv[1], name)) as file:
        exec(compile(file.read(), name, "exec"), namespace)
    return namespace


namespace = loaded("memory.py", changing=loaded("changing.py"))
Containers = namespace["Containers"]
counter = 0
HOT = 200
assert operator is not None


class Plain:
    shared = 0


class Slotless(dict):
    pass


def set_global(number):
    global counter
    counter = number


def into(container, key):
    def write(number):
        container[key] = number

    return write


def attribute(owner, name="a"):
    def write(number):
        owner.a = number

    def named(number):
        setattr(owner, name, number)

    return write if name == "a" else named


def appended(container):
    def write(number):
        container.append(number)

    return write


def replaced(container):
    def write(number):
        container[0] = number

    return write


def added(container):
    def write(number):
        container.add(number)

    return write


def swapped(container):
    """A member less and another one more: as many as before."""

    def write(number):
        container.remove(max(container))
        container.add(number + 1000)

    return write


def variable():
    held = 0

    def write(number):
        nonlocal held
        held = number

    return write


def both_ways(container):
    def write(number):
        container[:] = container[::-1] if container[0] != container[-1] else [number, number + 1]

    return write


class Full:
    """An object whose dictionary has been asked for, as a walk asks for it."""

    def __init__(self):
        self.a = self.b = 0
        self.__dict__


class Late:
    """An object with an attribute whose name no other object of its class has."""

    def __init__(self):
        for number in range(40):
            setattr(self, "a%d" % number, number)
        self.a = 0
        del self.a0


class Slotted:
    __slots__ = ("a", "b", "__weakref__")


class SlottedToo(Slotted):
    __slots__ = ("c",)


def turned(container):
    def write(number):
        container.move_to_end(number % 3)

    return write


slotted, slotted_too = Slotted(), SlottedToo()
slotted.a = slotted.b = slotted_too.a = slotted_too.c = 0
orders = [collections.OrderedDict((number, 0) for number in range(3)) for _ in range(2)]
full, late, sub, big = Full(), Late(), Slotless(a=1), {number: 0 for number in range(1000)}
cells = variable()
lists = [[0, 1, 2] for _ in range(8)]
sets = [set(range(number)) for number in (3, 3, 300)]
WAYS = [
    ("a global variable", "dict", globals(), set_global),
    ("an entry", "dict", big, into(big, 7)),
    ("an entry of a subclass", "dict", sub, into(sub, "a")),
    ("a class", "dict", None, attribute(Plain)),
    ("a class by name", "dict", None, attribute(Plain, "shared")),
    ("an object", "dict", full.__dict__, attribute(full)),
    ("an object by name", "dict", full.__dict__, attribute(full, "b")),
    ("an object of its own kind", "dict", late.__dict__, attribute(late)),
    ("a variable", "variables", cells.__closure__, cells),
    ("append", "list", lists[0], appended(lists[0])),
    ("replace", "list", lists[1], replaced(lists[1])),
    ("reverse", "list", lists[2], both_ways(lists[2])),
    ("heap", "list", lists[3], lambda number: heapq.heapreplace(lists[3], number + 1000)),
    ("insert", "list", lists[4], lambda number: lists[4].insert(0, number)),
    ("remove", "list", lists[5], lambda number: lists[5].pop() if number % 2 else lists[5].append(number)),
    ("extend", "list", lists[6], lambda number: lists[6].extend([number])),
    ("add", "set", sets[0], added(sets[0])),
    ("swap", "set", sets[1], swapped(sets[1])),
    ("swap of many", "set", sets[2], swapped(sets[2])),
    ("a slot", "slots", slotted, attribute(slotted)),
    ("a slot by name", "slots", slotted, attribute(slotted, "b")),
    ("a slot of a subclass", "slots", slotted_too, attribute(slotted_too, "c")),
    ("a slot of its base", "slots", slotted_too, attribute(slotted_too)),
    ("an order", "order", orders[0], turned(orders[0])),
]


def dictionary_of(owner):
    import gc

    return [each for each in gc.get_referents(owner.__dict__) if type(each) is dict][0]


told, untold = set(), []
for name, kind, container, write in WAYS:
    container = dictionary_of(Plain) if container is None else container
    if kind in ("slots", "order", "variables"):
        beside = {"slots": SlottedToo(), "order": orders[1], "variables": variable().__closure__}[kind]
    else:
        beside = {"dict": dict, "list": list, "set": set}[kind](container)
    memory = Containers([(kind, container), (kind, beside)])
    if 0 not in memory.told:
        untold.append(name)
        continue
    told.add(kind)
    for number in range(10000, 10000 + HOT):
        write(number)
        if memory.written() != {0}:
            print("%s, the %dth time: %s" % (name, number, memory.written()))
            break
        memory.remember(memory.written())
        if memory.written():
            print("%s: written to after it was remembered" % name)
            break
    if kind != "slots":
        beside and (len(beside), [each for each in beside])
    if memory.written():
        print("%s: read only" % name)

# Many at once, some of which go to where the memory is given back.
random.seed(0)
many = [[object() for _ in range(random.randrange(3000))] for _ in range(400)]
memory = Containers([("list", each) for each in many])
chosen = set(random.sample(range(400), 40))
for number in chosen:
    many[number][:] = [None] * random.randrange(3001, 9000)
if memory.written() != chosen:
    print("of many: %s" % (memory.written() ^ chosen))
# Whoever forbids it to be read is not at fault.


def forbidding(event, arguments):
    if event == "open":
        raise RuntimeError("not allowed")


if hasattr(sys, "addaudithook"):
    sys.addaudithook(forbidding)
    if Containers([("list", many[0])]).told:
        print("told though it is forbidden to be read")
print("told: %s; not: %s" % (", ".join(sorted(told)), ", ".join(untold)))
