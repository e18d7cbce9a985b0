"""Everything that can be reached from modules: attributes, entries, contents, closures, each with a name and a way back.

Compiled by plugin.py when state is asked for. What lies in special places is cells.py's matter, comparing is state.py's.
Nothing is imported here, no attribute is looked up in a way that could run code of the suite, and no repr of a foreign
object is taken.
"""

import os
import sys

PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))
UNINTERESTING_ATTRIBUTES = {
    "__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__spec__", "__name__", "__package__",
    "__dict__", "__weakref__", "__module__", "@py_builtins", "@pytest_ar",
}  # fmt: skip
RUNNER = ("_pytest", "pytest", "pluggy", "py", "iniconfig", "xdist", "__main__", "builtins.__main__")
SYS_SPECIAL = {"modules", "path_importer_cache", "last_type", "last_value", "last_traceback", "last_exc"}
MOST_CELLS = 400000

absent = type("absent", (), {})()
function_type = type(lambda: None)
module_type = type(sys)


def attributes(value):
    """The dictionary of an object, found without running its code; None if it has none."""
    try:
        found = object.__getattribute__(value, "__dict__")
    except Exception:
        return None
    return found if type(found) is dict else None


def named(value):
    """The type of a value as text."""
    kind = type(value)
    try:
        return "%s.%s" % (type.__getattribute__(kind, "__module__"), kind.__qualname__)
    except Exception:
        return "?"


def shown(value, depth=3):
    """A value as text: faithful where it is plain, else what kind of thing it is."""
    kind = type(value)
    if kind in (str, bytes) and len(value) > 300:
        return "%r... (%d, hash %d)" % (value[:300], len(value), hash(value))
    if kind is int and value.bit_length() > 4096:
        return "<int of %d bits>" % value.bit_length()
    if kind in PLAIN:
        return repr(value)
    if kind in (tuple, list, set, frozenset, dict) and len(value) > 40:
        return "<%s of %d>" % (kind.__name__, len(value))
    if kind in (tuple, list) and depth:
        inner = ", ".join(shown(each, depth - 1) for each in value)
        return "[%s]" % inner if kind is list else "(%s)" % inner
    if kind in (set, frozenset) and depth:
        return "{%s}" % ", ".join(sorted(shown(each, depth - 1) for each in value))
    if kind is dict and depth:
        return "{%s}" % ", ".join(
            "%s: %s" % (shown(key, depth - 1), shown(value[key], depth - 1)) for key in list(value)
        )
    if isinstance(value, module_type):
        return "<module %s>" % attributes(value).get("__name__")
    if isinstance(value, type):
        return "<class %s.%s>" % (value.__dict__.get("__module__"), type.__getattribute__(value, "__qualname__"))
    if kind is function_type:
        return "<function %s.%s>" % (value.__module__, value.__qualname__)
    return "<%s object>" % named(value)


def into_dict(container, key):
    def put(value):
        if value is absent:
            dict.pop(container, key, None)
        else:
            dict.__setitem__(container, key, value)

    return put


def into_class(owner, key):
    def put(value):
        if value is absent:
            type.__delattr__(owner, key)
        else:
            type.__setattr__(owner, key, value)

    return put


def same(old, new):
    """Whether a value is what it was: the same object, or an equal one of the kinds that cannot change in place."""
    if old is new:
        return True
    kind = type(old)
    if kind is not type(new):
        return False
    if kind in PLAIN:
        return bool(old == new) or (old != old and new != new)
    return kind in (tuple, frozenset) and len(old) == len(new) <= 40 and shown(old) == shown(new)


class Entries:
    """A namespace or dictionary as it was: each entry is a cell."""

    def __init__(self, path, entries, put, pattern):
        self.path = path
        self.entries = entries
        self.saved = dict(entries())
        self.put = put
        self.pattern = pattern

    def changed(self):
        now = self.entries()
        for key in list(self.saved) + [key for key in list(now) if key not in self.saved]:
            old, new = self.saved.get(key, absent), now.get(key, absent)
            if not same(old, new):
                yield self.name(key), old, new, self.put(key)

    def name(self, key):
        if self.pattern == ".":
            return "%s.%s" % (self.path, key)
        return "%s[%s]" % (self.path, repr(key) if type(key) in PLAIN else shown(key))


class Content:
    """A list, set or array as it was: one cell for all that is in it."""

    def __init__(self, path, value):
        self.path = path
        self.value = value
        self.saved = value.copy() if isinstance(value, set) else value[:]

    def changed(self):
        saved, value = self.saved, self.value
        if isinstance(value, set):
            if saved == value:
                return
        elif len(saved) == len(value) and all(same(old, new) for old, new in zip(saved, value)):
            return
        yield self.path + "[:]", saved, value.copy() if isinstance(value, set) else value[:], self.put

    def put(self, saved):
        if isinstance(self.value, set):
            self.value.clear()
            self.value.update(saved)
        else:
            self.value[:] = saved


class Kept:
    """A function that keeps results."""

    def __init__(self, path, function):
        self.path = path
        self.function = function
        self.saved = function.cache_info().currsize

    def changed(self):
        size = self.function.cache_info().currsize
        if size != self.saved:
            yield self.path + " cache", self.saved, size, lambda _: self.function.cache_clear()


class Walk:
    """Goes through everything that can be reached from modules, names it and notes how it is."""

    def __init__(self):
        self.places = []
        self.seen = {id(os.environ), id(sys.modules), id(sys.path_importer_cache)}
        self.left = MOST_CELLS

    def module(self, name, module):
        names = attributes(module)
        if names is None or id(names) in self.seen:
            return
        self.seen.add(id(names))
        special = SYS_SPECIAL if name == "sys" else ()

        def entries():
            return {
                key: value
                for key, value in list(names.items())
                if type(key) is str and key not in UNINTERESTING_ATTRIBUTES and key not in special
            }

        self.entries(name, entries, lambda key: into_dict(names, key), ".", name, 0)

    def hidden_module(self, path, module):
        """A module that somebody holds and `sys.modules` does not; those that it does have their own turn."""
        if not any(module is each for each in list(sys.modules.values())):
            self.module(path, module)

    def entries(self, path, entries, put, pattern, home, depth):
        place = Entries(path, entries, put, pattern)
        self.left -= len(place.saved)
        self.places.append(place)
        for key, value in place.saved.items():
            if type(value) not in PLAIN:
                self.descend(place.name(key), value, home, depth + 1)

    def descend(self, path, value, home, depth):
        """Notes what can change within a value."""
        kind = type(value)
        if self.left < 0 or depth > 7 or id(value) in self.seen:
            return
        if isinstance(value, module_type):
            self.hidden_module(path, value)
            return
        if isinstance(value, type) and not self.belongs(value, home):
            return
        self.seen.add(id(value))
        if isinstance(value, dict):
            self.entries(path, lambda: dict(value), lambda key: into_dict(value, key), "[]", home, depth)
        elif isinstance(value, (list, set, bytearray)):
            self.places.append(Content(path, value))
            if isinstance(value, list) and len(value) <= 50:
                self.members(path, value, home, depth)
        elif isinstance(value, tuple) and len(value) <= 50:
            self.members(path, value, home, depth)
        elif kind is function_type:
            self.function(path, value, home, depth)
        elif isinstance(value, type):
            self.klass(path, value, home, depth)
        else:
            self.object(path, value, home, depth)

    @staticmethod
    def belongs(value, home):
        """A class is walked under the module that defines it, and only if its attributes can be changed."""
        return value.__dict__.get("__module__") == home and value.__flags__ & (1 << 9)

    def members(self, path, values, home, depth):
        for index, each in enumerate(values):
            if type(each) not in PLAIN:
                self.descend("%s[%d]" % (path, index), each, home, depth + 1)

    def function(self, path, value, home, depth):
        for index, each in enumerate(value.__defaults__ or ()):
            if type(each) not in PLAIN:
                self.descend("%s.__defaults__[%d]" % (path, index), each, home, depth + 1)
        if value.__closure__:
            cells = dict(zip(value.__code__.co_freevars, value.__closure__))
            self.entries(
                path + " closure", lambda: contents(cells), lambda key: into_closure(cells[key]), ".", home, depth
            )
        names = value.__dict__
        if names:
            self.entries(path, lambda: dict(names), lambda key: into_dict(names, key), ".", home, depth)

    def klass(self, path, value, home, depth):
        def entries():
            return {key: each for key, each in value.__dict__.items() if key not in UNINTERESTING_ATTRIBUTES}

        for key, each in entries().items():
            if isinstance(each, (staticmethod, classmethod)):
                self.descend("%s.%s" % (path, key), each.__func__, home, depth + 1)
        self.entries(path, entries, lambda key: into_class(value, key), ".", home, depth)

    def object(self, path, value, home, depth):
        kind = named(value)
        if kind.split(".")[0] in RUNNER:
            return
        if kind == "functools._lru_cache_wrapper":
            self.places.append(Kept(path, value))
        names = attributes(value)
        if names is not None:
            self.entries(path, lambda: dict(names), lambda key: into_dict(names, key), ".", home, depth)


def contents(cells):
    """What variables of an enclosing function hold."""
    found = {}
    for name, cell in cells.items():
        try:
            found[name] = cell.cell_contents
        except ValueError:
            pass
    return found


def into_closure(cell):
    def put(value):
        if value is not absent:
            cell.cell_contents = value

    return put


def ordered_modules(near, scope):
    """Names of modules: those near the suite first; the standard library and installed ones only if asked for."""
    library = os.path.dirname(os.__file__)
    nearby, far = [], []
    for name, module in sorted(sys.modules.items()):
        if not isinstance(module, module_type) or name.split(".")[0] in RUNNER:
            continue
        path = (attributes(module) or {}).get("__file__")
        if path is None:
            installed = name in sys.builtin_module_names or name.startswith(("_frozen", "zipimport"))
        else:
            installed = str(path).startswith(library) or "site-packages" in str(path)
        (far if installed and name not in near else nearby).append(name)
    return nearby + far if scope == "wide" else nearby
