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


def into_sequence(sequence):
    def put(value):
        if value is not absent:
            sequence[:] = value

    return put


def into_set(members):
    def put(value):
        if value is not absent:
            members.clear()
            members.update(value)

    return put


class Walk:
    """Goes through everything that can be reached from modules, and names it."""

    def __init__(self, cells, modules):
        self.cells = cells
        self.modules = modules
        self.seen = set()

    def all(self, only):
        for name in only:
            module = self.modules[name]
            names = attributes(module)
            if names is None:
                continue
            for key in list(names):
                if type(key) is not str or key in UNINTERESTING_ATTRIBUTES or (name == "sys" and key in SYS_SPECIAL):
                    continue
                value = names[key]
                self.add("%s.%s" % (name, key), value, into_dict(names, key), name, 0)

    def add(self, path, value, put, home, depth):
        if len(self.cells) >= MOST_CELLS:
            return
        self.cells[path] = Cell(shown(value), value, put)
        self.descend(path, value, home, depth + 1)

    def descend(self, path, value, home, depth):
        """The cells within a value that can change in place."""
        kind = type(value)
        if kind in PLAIN or depth > 7 or id(value) in self.seen or isinstance(value, module_type):
            return
        if value is os.environ or value is self.cells:
            return
        if isinstance(value, type) and not self.belongs(value, home):
            return
        self.seen.add(id(value))
        if isinstance(value, dict):
            self.dictionary(path, value, home, depth)
        elif isinstance(value, (list, bytearray)):
            self.cells[path + "[:]"] = Cell(shown(value), list(value), into_sequence(value))
            if len(value) <= 50:
                self.members(path, value, home, depth)
        elif isinstance(value, set):
            self.cells[path + "{}"] = Cell(shown(value), set(value), into_set(value))
        elif kind is tuple and len(value) <= 50:
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
            self.descend("%s[%d]" % (path, index), each, home, depth + 1)

    def dictionary(self, path, value, home, depth):
        for key in list(dict.keys(value)):
            name = "%s[%s]" % (path, repr(key) if type(key) in PLAIN else shown(key) + "#%d" % id(key))
            self.add(name, dict.__getitem__(value, key), into_dict(value, key), home, depth)

    def function(self, path, value, home, depth):
        for index, each in enumerate(value.__defaults__ or ()):
            self.descend("%s.__defaults__[%d]" % (path, index), each, home, depth + 1)
        for index, cell in enumerate(value.__closure__ or ()):
            name = "%s.<%s>" % (path, value.__code__.co_freevars[index])
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            self.add(name, content, self.into_closure(cell), home, depth)
        for key in list(value.__dict__):
            self.add("%s.%s" % (path, key), value.__dict__[key], into_dict(value.__dict__, key), home, depth)

    @staticmethod
    def into_closure(cell):
        def put(value):
            if value is not absent:
                cell.cell_contents = value

        return put

    def klass(self, path, value, home, depth):
        for key, each in list(value.__dict__.items()):
            if key not in UNINTERESTING_ATTRIBUTES:
                if isinstance(each, (staticmethod, classmethod)):
                    self.descend("%s.%s" % (path, key), each.__func__, home, depth + 1)
                self.add("%s.%s" % (path, key), each, into_class(value, key), home, depth)

    def object(self, path, value, home, depth):
        kind = named(value)
        if kind == "functools._lru_cache_wrapper":
            size = value.cache_info().currsize
            self.cells[path + " cache"] = Cell("%d results kept" % size, size, lambda _: value.cache_clear())
        if kind.split(".")[0] in RUNNER:
            return
        names = attributes(value)
        for key in list(names or ()):
            if type(key) is str and key not in UNINTERESTING_ATTRIBUTES:
                self.add("%s.%s" % (path, key), names[key], into_dict(names, key), home, depth)


def ordered_modules(near, scope):
    """Names of modules: those near the suite first; the standard library and installed ones only if asked for."""
    library = os.path.dirname(os.__file__)
    nearby, far = [], []
    for name, module in sorted(sys.modules.items()):
        if not isinstance(module, module_type) or name.split(".")[0] in RUNNER:
            continue
        path = (attributes(module) or {}).get("__file__")
        installed = path is None or path.startswith(library) or "site-packages" in str(path)
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

    def cells(self, scope, extra=()):
        cells = {}
        Walk(cells, dict(sys.modules)).all(ordered_modules(self.near | set(extra), scope))
        module_cells(cells)
        finder_cells(cells)
        environment_cells(cells)
        process_cells(cells)
        file_cells(cells, self.roots)
        return cells

    def remember(self, scope):
        if self.scope != scope and scope not in self.remembered:
            self.remembered[scope] = self.cells(scope)
        self.scope = scope

    def differences(self):
        """Name, value before, value now, of each cell that is not what it was."""
        before, now = self.remembered[self.scope], self.cells(self.scope)
        self.changed = {}
        found = []
        for name in list(before) + [name for name in now if name not in before]:
            old, new = before.get(name), now.get(name)
            if old is None or new is None or old.text != new.text or self.replaced(old.value, new.value):
                self.changed[name] = (old, new)
                texts = ["absent" if cell is None else cell.text for cell in (old, new)]
                if texts[0] == texts[1]:
                    texts[1] += " (another one)"
                found.append((name, texts[0], texts[1]))
        return found

    @staticmethod
    def replaced(old, new):
        """Whether another object has taken the place; equal plain values and containers are not other ones."""
        kind = type(new)
        if old is new or kind in PLAIN:
            return False
        if kind is list and type(old) is list:
            return not all(a is b or (type(a) in PLAIN and a == b) for a, b in zip(old, new))
        if kind is set and type(old) is set:
            return {id(each) for each in old if type(each) not in PLAIN} != {
                id(each) for each in new if type(each) not in PLAIN
            }
        return kind not in (tuple, list, dict, set, frozenset)

    def put_back(self, names):
        """Puts cells back (all that differ if `names` is None); says which could not be."""
        failures = []
        for name in names or ():
            if name.startswith("cure "):
                self.cure(*name.split(" ")[1:])
        for name, (old, new) in self.changed.items():
            if names is not None and name not in names:
                continue
            try:
                (old or new).put(absent if old is None else old.value)
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
