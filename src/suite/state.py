"""What a test may leave behind in a process, as named cells that can be compared and put back one by one.

A cell is one place that holds a value: an attribute of a module, class or object, an entry of a dictionary, the
content of a list, an entry of `sys.modules`, an environment variable, a file. `State.remember` is called before a fork,
`differences` and `put_back` in the fork, after the tests that may have left something. Nothing is imported here,
no attribute is looked up in a way that could run code of the suite, and no repr of a foreign object is taken.
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
MOST_FILES = 5000
MOST_CONTENT = 1 << 16
ALL_CONTENT = 1 << 23
NOT_LOOKED_INTO = (".git", ".hg", ".tox", ".nox", ".pytest_cache", "node_modules")

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


class Cell:
    """One place: how its value reads, the value itself, and how to put a value there."""

    def __init__(self, text, value, put):
        self.text = text
        self.value = value
        self.put = put


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


def module_cells(cells):
    for name in list(sys.modules):
        module = sys.modules[name]
        text = "None" if module is None else "<module %s>" % shown((attributes(module) or {}).get("__file__"))
        cells["sys.modules[%r]" % name] = Cell(text, module, into_dict(sys.modules, name))


def finder_cells(cells):
    """Where imports are looked for: one cell for each directory's finder with what it has listed."""
    cache = sys.path_importer_cache

    def put(key):
        def put_finder(saved):
            if saved is absent:
                cache.pop(key, None)
                return
            finder, listing = saved
            cache[key] = finder
            if listing is not None:
                finder._path_mtime, finder._path_cache = listing[0], set(listing[1])

        return put_finder

    for key in list(cache):
        finder = cache[key]
        mtime = getattr(finder, "_path_mtime", None)
        listing = None if mtime is None else (mtime, frozenset(finder._path_cache))
        if finder is None:
            text = "None"
        elif listing is None:
            text = "<%s object>" % named(finder)
        elif mtime == -1:
            text = "not listed"
        else:
            names = sorted(listing[1])
            text = "listed at %r: %s" % (mtime, ", ".join(names[:12]) + (", ..." if len(names) > 12 else ""))
        cells["sys.path_importer_cache[%r]" % key] = Cell(text, (finder, listing), put(key))


def environment_cells(cells):
    def put(key):
        def put_variable(value):
            if value is absent:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value

        return put_variable

    for key in list(os.environ):
        cells["os.environ[%r]" % key] = Cell(repr(os.environ[key]), os.environ[key], put(key))


def process_cells(cells):
    """What the interpreter or the system keeps outside of Python objects."""

    def add(name, value, put, text=None):
        cells[name] = Cell(repr(value) if text is None else text, value, put)

    try:
        add("os.getcwd()", os.getcwd(), os.chdir)
    except OSError as error:
        add("os.getcwd()", absent, lambda _: None, "gone (%s)" % error)
    mask = os.umask(0o022)
    os.umask(mask)
    add("os.umask()", mask, os.umask, "0o%03o" % mask)
    add("sys.getrecursionlimit()", sys.getrecursionlimit(), sys.setrecursionlimit)
    signals = sys.modules.get("_signal")
    for number in range(1, 65) if signals else ():
        try:
            handler = signals.getsignal(number)
        except ValueError:
            continue
        if handler is not None:
            add("signal.getsignal(%d)" % number, handler, lambda to, n=number: signals.signal(n, to), shown(handler))
    locale = sys.modules.get("_locale")
    if locale is not None:
        value = locale.setlocale(locale.LC_ALL, None)
        add("locale.setlocale(LC_ALL)", value, lambda to: locale.setlocale(locale.LC_ALL, to))
    random = sys.modules.get("random")
    if random is not None and hasattr(random, "_inst"):
        state = random._inst.getstate()
        add("random.getstate()", state, random._inst.setstate, "state %d" % (hash(state) & 0xFFFF))
    gc = sys.modules.get("gc")
    if gc is not None:
        add("gc.isenabled()", gc.isenabled(), lambda to: (gc.enable if to else gc.disable)())


def file_cells(cells, roots):
    """Files under the working directory and the temporary one."""
    left, room = [MOST_FILES], [ALL_CONTENT]

    def visit(directory, label):
        try:
            entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        except OSError:
            return
        for entry in entries:
            left[0] -= 1
            if left[0] < 0:
                return
            name = label + entry.name
            if entry.is_dir(follow_symlinks=False):
                marks = (os.path.join(entry.path, mark) for mark in ("pyvenv.cfg", "CACHEDIR.TAG"))
                if entry.name not in NOT_LOOKED_INTO and not any(map(os.path.exists, marks)):
                    cells["file " + name + "/"] = Cell("a directory", True, into_directory(entry.path))
                    visit(entry.path, name + "/")
                continue
            stat = entry.stat(follow_symlinks=False)
            text = "%d bytes, changed at %d ns" % (stat.st_size, stat.st_mtime_ns)
            cells["file " + name] = Cell(text, content(entry, stat), into_file(entry.path))

    def content(entry, stat):
        room[0] -= stat.st_size
        if stat.st_size > MOST_CONTENT or room[0] < 0 or not entry.is_file(follow_symlinks=False):
            return None
        try:
            with open(entry.path, "rb") as file:
                return file.read(), stat.st_mtime_ns
        except OSError:
            return None

    for root, label in roots:
        visit(root, label)


def fixture_cells(cells, item):
    """Wider-scoped fixtures that are up already: torn down, they are set up again for the test."""

    def put(definition):
        def put_fixture(_):
            finalizers = getattr(definition, "_finalizers", None) or []
            while finalizers:
                finalizers.pop()()
            definition.cached_result = None

        return put_fixture

    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", None) or {}
    for name in definitions:
        for definition in definitions[name]:
            result = getattr(definition, "cached_result", None)
            if result is not None and str(definition.scope) != "function":
                cells["fixture %s (%s)" % (name, definition.scope)] = Cell(shown(result[0]), True, put(definition))


def into_directory(path):
    def put(value):
        if value is absent:
            for folder, folders, files in os.walk(path, topdown=False):
                for each in files:
                    os.unlink(os.path.join(folder, each))
                os.rmdir(folder)
        else:
            os.makedirs(path, exist_ok=True)

    return put


def into_file(path):
    def put(value):
        if value is absent:
            os.unlink(path)
        elif value is not None:
            with open(path, "wb") as file:
                file.write(value[0])
            os.utime(path, ns=(value[1], value[1]))

    return put


class State:
    """Cells as they were, to be compared with cells as they are."""

    def __init__(self, items, here):
        self.near = set()
        for item in items:
            module = getattr(item, "module", None)
            if module is not None:
                self.near.add(getattr(module, "__name__", ""))
        self.roots = [(os.getcwd(), "")]
        temporary = os.environ.get("TMPDIR")
        if temporary and not temporary.startswith(os.getcwd()):
            self.roots.append((temporary, "$TMPDIR/"))
        self.here = here
        self.remembered = {}
        self.scope = None
        self.changed = {}
        self.item = None

    def special(self):
        """Cells that are no attributes or entries of Python objects that a walk would find."""
        cells = {}
        module_cells(cells)
        finder_cells(cells)
        environment_cells(cells)
        process_cells(cells)
        file_cells(cells, self.roots)
        fixture_cells(cells, self.item)
        return cells

    def remember(self, scope):
        """Notes how things are, once; what was near is noted again for the wide look."""
        self.scope = scope
        if scope not in self.remembered:
            walk = Walk()
            for name in ordered_modules(self.near, scope):
                walk.module(name, sys.modules[name])
            self.remembered[scope] = (walk.places, self.special())

    def differences(self):
        """Name, value before, value now, of each cell that is not what it was."""
        places, before = self.remembered[self.scope]
        now = self.special()
        self.changed = {}
        found = []
        for name in list(before) + [name for name in now if name not in before]:
            old, new = before.get(name), now.get(name)
            if old is None or new is None or old.text != new.text:
                value = absent if old is None else old.value
                texts = ["absent" if cell is None else cell.text for cell in (old, new)]
                self.note(found, name, texts, value, (old or new).put)
        for place in places:
            for name, old, new, put in place.changed():
                self.note(found, name, ["absent" if each is absent else shown(each) for each in (old, new)], old, put)
        return found

    def note(self, found, name, texts, value, put):
        if name in self.changed:
            return
        if texts[0] == texts[1]:
            texts[1] += " (another one)"
        self.changed[name] = (value, put)
        found.append((name, texts[0], texts[1]))

    def put_back(self, names):
        """Puts cells back (all that differ if `names` is None); says which could not be."""
        failures = []
        for name in names or ():
            if name.startswith("cure "):
                self.cure(*name.split(" ")[1:])
        for name, (value, put) in self.changed.items():
            if names is not None and name not in names:
                continue
            try:
                put(value)
            except Exception as error:
                failures.append("%s: %s" % (name, error))
        self.settle()
        return failures

    @staticmethod
    def cure(verb, name=None):
        """What a person could write before the test."""
        if verb == "invalidate-caches":
            sys.modules["importlib"].invalidate_caches()
        elif verb == "forget":
            sys.modules.pop(name, None)
        elif verb == "import":
            __import__(name)

    @staticmethod
    def settle():
        """Tells the two modules that cache what they derive from such state."""
        warnings = sys.modules.get("warnings")
        getattr(warnings, "_filters_mutated", lambda: None)()
        logging = sys.modules.get("logging")
        manager = getattr(getattr(logging, "root", None), "manager", None)
        getattr(manager, "_clear_cache", lambda: None)()
