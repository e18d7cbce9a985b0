"""Places that hold values, with their earlier state: each reports its changed cells, and how to restore them.

Compiled by look.py for the first look, with the definitions of kinds.py and values.py in its namespace; walk.py has
its definitions. Nothing is imported here, and looking runs no code of the suite.
"""

import sys

ORDERED = sys.modules["collections"].OrderedDict


def into_dict(container, key):
    # An `OrderedDict` keeps its order beside the dictionary: what is put there behind its back breaks it.
    kind = ORDERED if issubclass(type(container), ORDERED) else dict

    def put(value):
        if value is not absent:
            kind.__setitem__(container, key, value)
        elif dict.__contains__(container, key):
            kind.__delitem__(container, key)

    return put


def into_class(owner, key):
    def put(value):
        if value is absent:
            type.__delattr__(owner, key)
        else:
            type.__setattr__(owner, key, value)

    return put


def contents(cells):
    """The contents of variables of an enclosing function."""
    found = []
    for name, cell in cells.items():
        try:
            found.append((name, cell.cell_contents))
        except ValueError:
            pass
    return found


def into_closure(cell):
    def put(value):
        if value is absent:
            raise CannotPutBack("a variable of a function cannot be emptied")
        cell.cell_contents = value

    return put


class Spot:
    """The position of a walk: the name of the place, the module that it is found under, its depth.

    `kind` is that of all cells from here on, if their holders do not matter: those of a package's `__path__`.
    """

    def __init__(self, path, home, depth=0, kind=None):
        self.path = path
        self.home = home
        self.depth = depth
        self.kind = kind

    def at(self, path, kind=None):
        """A place within this one."""
        return Spot(path, self.home, self.depth + 1, self.kind or kind)

    def told(self, kind, key, name, texts, saved, put):
        """A changed cell of this place whose values are known by their texts alone."""
        return Difference(name, kind, key, texts, saved, put, ["other", "other"], self.home)

    def change(self, kind, key, name, old, new, put):
        """A changed cell of this place."""
        if self.kind is not None:
            kind, key = self.kind, self.home
        kinds = [kind_of_value(value) for value in (old, new)]
        return Difference(name, kind, key, told_apart(old, new), old, put, kinds, self.home, now=new)


untold = type("untold", (), {})()


class Difference:
    """A changed cell: its name, what it is, its earlier and current text, and how to restore it.

    `kinds` has the kinds of the earlier and the current value, `home` the module that it is found under, `orphan`
    what a module lacks, `now` is the current value if the text does not say all of it. A quick look adds where it
    found it: the `place`, or else the kind of cells.
    """

    # Whether it stands for many entries of one dictionary; many.py.
    is_many = False

    def __init__(self, name, kind, key, texts, value, put, kinds, home=None, orphan=None, now=untold):
        self.name = name
        self.kind = kind
        self.key = key
        self.texts = texts
        self.value = value
        self.put = put
        self.kinds = kinds
        self.home = home
        self.orphan = orphan
        self.now = now
        self.place = self.of_kind = self.stands_for = None

    def fields(self):
        """The difference as a message."""
        alone, after = self.texts
        return {
            "cell": self.name,
            "alone": alone,
            "after": after,
            "kind": self.kind,
            "key": self.key,
            "home": self.home,
            "alone_is": self.kinds[0],
            "after_is": self.kinds[1],
            "orphan": self.orphan,
        }


class CannotPutBack(Exception):
    """Why a cell could not be restored."""


class Entries:
    """A namespace or dictionary in its earlier state: each entry is a cell. `entries` returns pairs of keys and
    values, `raw` is the dictionary behind them, or the variables of a function, if there is one."""

    def __init__(self, spot, entries, put, kind, raw=None):
        self.spot = spot
        self.entries = entries
        self.put = put
        self.kind = kind
        self.raw = raw
        self.remember()

    def remember(self):
        self.saved = self.entries()

    def may_have(self, name):
        """Whether a cell of this name may be one of these entries."""
        return name.startswith(self.spot.path + ("." if self.kind == "attribute" else "["))

    def changed(self):
        both = without_same(self.saved, self.entries())
        was, now = [{mark(key): (key, value) for key, value in pairs} for pairs in both]
        for each in list(was) + [each for each in now if each not in was]:
            key, old = was.get(each, (None, absent))
            key, new = now.get(each, (key, absent))
            if not same(old, new):
                spot = self.within(key)
                text = key if self.kind == "attribute" else shown(key)
                yield spot.change(self.kind, text, spot.path, old, new, self.put(key))

    def within(self, key):
        """The place of one entry."""
        path = self.spot.path
        return self.spot.at("%s.%s" % (path, key) if self.kind == "attribute" else "%s[%s]" % (path, shown(key)))


class ModuleEntries(Entries):
    """The attributes of a module; parts of a package's `__path__` are distinguished."""

    def within(self, key):
        return self.spot.at("%s.%s" % (self.spot.path, key), "package-path" if key == "__path__" else None)


class Content:
    """A list or array in its earlier state: one cell for its whole content."""

    def __init__(self, spot, value):
        self.spot = spot
        self.value = value
        self.base = list if issubclass(type(value), list) else bytearray
        self.remember()

    def remember(self):
        self.saved = self.now()

    def now(self):
        return self.base.__getitem__(self.value, slice(None))

    def may_have(self, name):
        return name == self.spot.path + "[:]"

    def changed(self):
        saved, now = self.saved, self.now()
        if len(saved) != len(now) or not all(same(old, new) for old, new in zip(saved, now)):
            yield self.spot.change("content", self.spot.path, self.spot.path + "[:]", saved, now, self.put)

    def put(self, saved):
        self.base.__setitem__(self.value, slice(None), saved)


class Handlers(Content):
    """The handlers of a logger. From 3.14 on, `logging` puts a new list in place of theirs to take one out, and pytest
    takes its own out after each test: which list it is makes no difference."""

    def __init__(self, spot, names):
        self.spot = spot
        self.names = names
        self.remember()

    def now(self):
        held = dict.get(self.names, "handlers")
        return list(held) if type(held) is list else [held]

    def put(self, saved):
        held = dict.get(self.names, "handlers")
        if type(held) is list:
            held[:] = saved
        else:
            dict.__setitem__(self.names, "handlers", list(saved))


class Collection:
    """A set in its earlier state: one cell for its whole content."""

    def __init__(self, spot, value):
        self.spot = spot
        self.value = value
        self.remember()

    def remember(self):
        self.saved = self.now()

    def now(self):
        return Members(list(set.__iter__(self.value)))

    def may_have(self, name):
        return name == self.spot.path + "[:]"

    def changed(self):
        now = self.now()
        if set(map(mark, self.saved.members)) != set(map(mark, now.members)):
            yield self.spot.change("content", self.spot.path, self.spot.path + "[:]", self.saved, now, self.put)

    def put(self, saved):
        set.clear(self.value)
        set.update(self.value, saved.members)


class Kept:
    """A caching function: only one from C, whose counts and clearing are in C."""

    def __init__(self, spot, function):
        self.spot = spot
        self.function = function
        self.remember()

    def remember(self):
        self.saved = self.size()

    @staticmethod
    def is_one(value):
        kind = type(value)
        if class_name(kind) != "_lru_cache_wrapper" or module_of(kind) != "functools":
            return False
        found = [namespace_of(kind).get(name) for name in ("cache_info", "cache_clear")]
        return all(type(each) is METHOD_DESCRIPTOR and each.__objclass__ is kind for each in found)

    def asked(self, name):
        return namespace_of(type(self.function))[name](self.function)

    def size(self):
        return tuple.__getitem__(self.asked("cache_info"), 3)

    def may_have(self, name):
        return name == self.spot.path + " cache"

    def changed(self):
        size = self.size()
        if size != self.saved:
            put, path = lambda _: self.asked("cache_clear"), self.spot.path
            difference = self.spot.change("cache", path, path + " cache", self.saved, size, put)
            difference.now = self.results()
            yield difference

    def results(self):
        """The results by their arguments, or None if they cannot be read: the collector knows what the cache refers
        to."""
        own = attributes(self.function)
        found = [each for each in referents(self.function) if type(each) is dict and each is not own]
        if len(found) != 1:
            return None
        held = {}
        for key, result in dict.items(found[0]):
            if class_name(type(result)) == "_lru_list_elem":
                # A cache with a limit holds its results in links; before 3.9 these tell nothing.
                parts = [each for each in referents(result) if each is not key and each is not type(result)]
                if not parts:
                    return None
                result = parts[0]
            held[key] = result
        return held
