"""Everything that can be reached from modules: attributes, entries, contents, closures, each with a name and a way back.

Compiled by plugin.py when state is asked for. What lies in special places is cells.py's matter, comparing is state.py's.
Nothing is imported here, and looking runs no code of the suite: what kinds.py and values.py define, which stands in this
namespace, are questions that objects cannot hear.
"""

import os
import sys

wrapped = [namespace_of(kind)["__func__"].__get__ for kind in (staticmethod, classmethod)]
UNINTERESTING_ATTRIBUTES = {
    "__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__spec__", "__name__", "__package__",
    "__dict__", "__weakref__", "__module__", "@py_builtins", "@pytest_ar",
}  # fmt: skip
RUNNER = ("_pytest", "pytest", "pluggy", "py", "iniconfig", "xdist", "__main__", "builtins.__main__")
SYS_SPECIAL = {"modules", "path_importer_cache", "last_type", "last_value", "last_traceback", "last_exc"}
MOST_CELLS = 400000


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


class Entries:
    """A namespace or dictionary as it was: each entry is a cell. `entries` gives pairs of keys and values."""

    def __init__(self, path, entries, put, pattern):
        self.path = path
        self.entries = entries
        self.saved = entries()
        self.put = put
        self.pattern = pattern

    def changed(self):
        was, now = [{mark(key): (key, value) for key, value in pairs} for pairs in (self.saved, self.entries())]
        for each in list(was) + [each for each in now if each not in was]:
            key, old = was.get(each, (None, absent))
            key, new = now.get(each, (key, absent))
            if not same(old, new):
                yield self.name(key), old, new, self.put(key)

    def name(self, key):
        return "%s.%s" % (self.path, key) if self.pattern == "." else "%s[%s]" % (self.path, shown(key))


class Content:
    """A list or array as it was: one cell for all that is in it."""

    def __init__(self, path, value):
        self.path = path
        self.value = value
        self.base = list if issubclass(type(value), list) else bytearray
        self.saved = self.now()

    def now(self):
        return self.base.__getitem__(self.value, slice(None))

    def changed(self):
        saved, now = self.saved, self.now()
        if len(saved) != len(now) or not all(same(old, new) for old, new in zip(saved, now)):
            yield self.path + "[:]", saved, now, self.put

    def put(self, saved):
        self.base.__setitem__(self.value, slice(None), saved)


class Collection:
    """A set as it was: one cell for all that is in it."""

    def __init__(self, path, value):
        self.path = path
        self.value = value
        self.saved = self.now()

    def now(self):
        return Members(list(set.__iter__(self.value)))

    def changed(self):
        now = self.now()
        if set(map(mark, self.saved.members)) != set(map(mark, now.members)):
            yield self.path + "[:]", self.saved, now, self.put

    def put(self, saved):
        set.clear(self.value)
        set.update(self.value, saved.members)


class Kept:
    """A function that keeps results: a real one, which tells and forgets in C."""

    def __init__(self, path, function):
        self.path = path
        self.function = function
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

    def changed(self):
        size = self.size()
        if size != self.saved:
            yield self.path + " cache", self.saved, size, lambda _: self.asked("cache_clear")


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
            return [
                (key, value)
                for key, value in list(names.items())
                if type(key) is str and key not in UNINTERESTING_ATTRIBUTES and key not in special
            ]

        self.entries(name, entries, lambda key: into_dict(names, key), ".", name, 0)

    def hidden_module(self, path, module):
        """A module that somebody holds and `sys.modules` does not; those that it does have their own turn."""
        if not any(module is each for _, each in items_of(sys.modules)):
            self.module(path, module)

    def entries(self, path, entries, put, pattern, home, depth):
        place = Entries(path, entries, put, pattern)
        self.left -= len(place.saved)
        self.places.append(place)
        for key, value in place.saved:
            if id(type(value)) not in PLAIN:
                self.descend(place.name(key), value, home, depth + 1)

    def dictionary(self, path, value, pattern, home, depth):
        self.entries(path, lambda: items_of(value), lambda key: into_dict(value, key), pattern, home, depth)

    def namespace(self, path, value, home, depth):
        """The attributes of an object, as far as they have names."""
        names = attributes(value)
        if names is not None:

            def entries():
                return list(by_name(names).items())

            self.entries(path, entries, lambda key: into_dict(names, key), ".", home, depth)

    def descend(self, path, value, home, depth):
        """Notes what can change within a value."""
        kind = type(value)
        if self.left < 0 or depth > 7 or id(value) in self.seen:
            return
        if is_module(value):
            self.hidden_module(path, value)
            return
        if is_class(value) and not self.belongs(value, home):
            return
        self.seen.add(id(value))
        if kind is function_type:
            self.function(path, value, home, depth)
        elif is_class(value):
            self.klass(path, value, home, depth)
        elif not self.container(path, value, home, depth):
            self.object(path, value, home, depth)

    def container(self, path, value, home, depth):
        """What a value of a builtin class or one built on it contains; whether it is one."""
        kind = type(value)
        if issubclass(kind, dict):
            self.dictionary(path, value, "[]", home, depth)
        elif issubclass(kind, set):
            self.places.append(Collection(path, value))
        elif issubclass(kind, (list, bytearray)):
            self.places.append(Content(path, value))
            if issubclass(kind, list):
                self.members(path, list(list.__iter__(value)), home, depth)
        elif issubclass(kind, tuple):
            self.members(path, list(tuple.__iter__(value)), home, depth)
        else:
            return False
        return True

    @staticmethod
    def belongs(value, home):
        """A class is walked under the module that defines it, and only if its attributes can be changed."""
        return module_of(value) == home and is_heap(value)

    def members(self, path, values, home, depth):
        for index, each in enumerate(values if len(values) <= 50 else ()):
            if id(type(each)) not in PLAIN:
                self.descend("%s[%d]" % (path, index), each, home, depth + 1)

    def function(self, path, value, home, depth):
        if value.__defaults__ is not None:
            for index, each in enumerate(tuple.__iter__(value.__defaults__)):
                if id(type(each)) not in PLAIN:
                    self.descend("%s.__defaults__[%d]" % (path, index), each, home, depth + 1)
        if value.__closure__ is not None:
            cells = dict(zip(value.__code__.co_freevars, tuple.__iter__(value.__closure__)))
            self.entries(
                path + " closure", lambda: contents(cells), lambda key: into_closure(cells[key]), ".", home, depth
            )
        if attributes(value):
            self.namespace(path, value, home, depth)

    def klass(self, path, value, home, depth):
        names = namespace_of(value)

        def entries():
            return [
                (key, each)
                for key, each in list(names.items())
                if type(key) is str and key not in UNINTERESTING_ATTRIBUTES
            ]

        for key, each in entries():
            for kind, function_of in zip((staticmethod, classmethod), wrapped):
                if issubclass(type(each), kind):
                    self.descend("%s.%s" % (path, key), function_of(each), home, depth + 1)
        self.entries(path, entries, lambda key: into_class(value, key), ".", home, depth)

    def object(self, path, value, home, depth):
        if named(value).split(".")[0] in RUNNER:
            return
        if Kept.is_one(value):
            self.places.append(Kept(path, value))
        self.namespace(path, value, home, depth)


def contents(cells):
    """What variables of an enclosing function hold."""
    found = []
    for name, cell in cells.items():
        try:
            found.append((name, cell.cell_contents))
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
    modules = loaded_modules()
    for name in sorted(modules):
        if not is_module(modules[name]) or name.split(".")[0] in RUNNER:
            continue
        path = text_in(attributes(modules[name]), "__file__")
        if path is None:
            installed = name in sys.builtin_module_names or name.startswith(("_frozen", "zipimport"))
        else:
            installed = path.startswith(library) or "site-packages" in path
        (far if installed and name not in near else nearby).append(name)
    return nearby + far if scope == "wide" else nearby
