"""Places whose values C keeps: the content of a deque, where a counter is, the slots of an object.

Compiled by look.py for the first look, with the definitions of kinds.py, values.py and places.py in its namespace; walk.py
has its definitions. Nothing is imported here, and looking runs no code of the suite.
"""

import sys

Content, Entries, absent = globals()["Content"], globals()["Entries"], globals()["absent"]
DEQUE, LOCK = sys.modules["_collections"].deque, sys.modules["_thread"].LockType
TEXTS, BYTES = sys.modules["_io"].StringIO, sys.modules["_io"].BytesIO


def members_of(cls):
    """The slots that a class itself defines, by name."""
    return [(name, each) for name, each in namespace_of(cls).items() if type(each) is MEMBER]


def held_in(member, owner):
    """What an object has in a slot."""
    try:
        return MEMBER.__get__(member, owner, type(owner))
    except AttributeError:
        return absent


def into_slot(member, owner):
    def put(value):
        if value is absent:
            MEMBER.__delete__(member, owner)
        else:
            MEMBER.__set__(member, owner, value)

    return put


class Slots(Entries):
    """What an object has in its slots."""

    def __init__(self, spot, entries, put, kind, slotted):
        self.slotted = slotted
        Entries.__init__(self, spot, entries, put, kind)


class Queue(Content):
    """A deque in its earlier state: one cell for its whole content."""

    def now(self):
        return Queued(DEQUE.__iter__(self.value))

    def put(self, saved):
        DEQUE.clear(self.value)
        DEQUE.extend(self.value, saved)


class Numbers(Content):
    """An array of numbers in its earlier state: one cell for its whole content."""

    def now(self):
        return type(self.value).__getitem__(self.value, slice(None))

    def put(self, saved):
        type(self.value).__setitem__(self.value, slice(None), saved)


class Written(Content):
    """What was written to a stream in memory, and how far it was read: one cell."""

    def __init__(self, spot, value):
        self.base = TEXTS if issubclass(type(value), TEXTS) else BYTES
        self.spot, self.value = spot.at(spot.path + ".getvalue()"), value
        self.remember()

    def asked(self, name, *arguments):
        return namespace_of(self.base)[name](self.value, *arguments)

    def now(self):
        """The content with the position, or None if it is closed."""
        try:
            return self.asked("getvalue"), self.asked("tell")
        except ValueError:
            return None

    def may_have(self, name):
        return name == self.spot.path

    def changed(self):
        now = self.now()
        if now is not None and self.saved is not None and now != self.saved:
            texts = [
                shown(each[0]) + ("" if now[0] != self.saved[0] else " at %d" % each[1]) for each in (self.saved, now)
            ]
            yield self.spot.told("content", self.spot.path, self.spot.path, texts, self.saved, self.put)

    def put(self, saved):
        self.asked("seek", 0)
        self.asked("truncate")
        self.asked("write", saved[0])
        self.asked("seek", saved[1])


class Locked(Content):
    """Whether anybody holds a lock: one cell."""

    def __init__(self, spot, value):
        self.spot, self.value = spot.at(spot.path + ".locked()"), value
        self.remember()

    def now(self):
        return LOCK.locked(self.value)

    def may_have(self, name):
        return name == self.spot.path

    def changed(self):
        if self.now() is not self.saved:
            path = self.spot.path
            yield self.spot.told("content", path, path, [repr(self.saved), repr(self.now())], self.saved, self.put)

    def put(self, saved):
        if saved:
            LOCK.acquire(self.value, False)
        elif self.now():
            LOCK.release(self.value)


class Count:
    """An `itertools.count` as one entry of another place: nobody can set it back, so another one takes its place."""

    def __init__(self, place, key):
        self.place, self.key = place, key
        self.spot = place.within(key)
        self.remember()

    def remember(self):
        self.saved = self.now()

    def now(self):
        """Its text, or None if it is gone, or counts something of a class of somebody's own."""
        for key, value in self.place.entries():
            if key is self.key and type(value) is COUNT:
                is_plain = all([id(type(each)) in PLAIN for each in referents(value) if each is not COUNT])
                return COUNT.__repr__(value) if is_plain else None
        return None

    def may_have(self, name):
        return name == self.spot.path

    def changed(self):
        now = self.now()
        if now is not None and self.saved not in (None, now):
            kind, values = self.place.kind, (Counted(self.saved), Counted(now))
            key = self.key if kind == "attribute" else shown(self.key)
            yield self.spot.change(kind, key, self.spot.path, *values, put=self.put)

    def put(self, saved):
        numbers = saved.text[len("count(") : -1].split(", ")
        try:
            numbers = [int(each) for each in numbers]
        except ValueError:
            raise CannotPutBack("it does not count whole numbers")
        self.place.put(self.key)(COUNT(*numbers))


class Variable:
    """A variable of the context that tests run in, by the first of the places that hold it."""

    def __init__(self, place, key, variable):
        self.holders, self.variable = [(place, key)], variable
        self.spot = place.within(key)
        self.remember()

    def remember(self):
        self.saved = self.now()

    def now(self):
        """What it holds; one that nobody has set holds its default, if it has one."""
        try:
            return type(self.variable).get(self.variable)
        except LookupError:
            return absent

    def may_have(self, name):
        return name == self.spot.path

    def changed(self):
        now = self.now()
        if not same(self.saved, now):
            difference = self.spot.change("variable", self.spot.path, self.spot.path, self.saved, now, self.put)
            # The same variable, as one that no walk has found.
            difference.stands_for = "ContextVar(%r)" % self.variable.name
            yield difference

    def put(self, saved):
        kind = type(self.variable)
        if saved is not absent:
            kind.set(self.variable, saved)
            return
        # Nobody can empty it: another one takes its place, wherever it is held.
        self.variable = kind(self.variable.name)
        for place, key in self.holders:
            place.put(key)(self.variable)
