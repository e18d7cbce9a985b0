"""Places of state that are not reached from modules: `sys.modules`, finders, environment, process, files, fixtures.

Compiled by plugin.py, which gives it what walk.py defines as `walk`, and `may_write`, which says whether a file may be
put back. Each place is a cell: how its value reads, the value, and how to put a value there.
"""

import os
import sys

walk, may_write = globals()["walk"], globals()["may_write"]
absent, attributes, into_dict = walk["absent"], walk["attributes"], walk["into_dict"]
module_type, named, shown = walk["module_type"], walk["named"], walk["shown"]

MOST_FILES = 5000
MOST_CONTENT = 1 << 16
ALL_CONTENT = 1 << 23
NOT_LOOKED_INTO = (".git", ".hg", ".tox", ".nox", ".pytest_cache", "node_modules")


class Cell:
    """One place: how its value reads, the value itself, and how to put a value there.

    A note is told and not compared. Of some, another object is another value, however it reads.
    """

    def __init__(self, text, value, put, note="", by_identity=False):
        self.text = text
        self.note = note
        self.by_identity = by_identity
        self.value = value
        self.put = put


def module_cells(cells):
    for name in list(sys.modules):
        module = sys.modules[name]
        file = (attributes(module) or {}).get("__file__")
        text = "None" if module is None else "<module without a file>" if file is None else "<module %s>" % shown(file)
        put = into_dict(sys.modules, name)
        cells["sys.modules[%r]" % name] = Cell(text, module, put, orphaned(name, module), by_identity=True)


def orphaned(name, module):
    """Whether the package of a submodule is gone, or does not have it as an attribute."""
    parent, _, child = name.rpartition(".")
    if not parent or not isinstance(module, module_type) or (attributes(module) or {}).get("__spec__") is None:
        return ""  # a stub that somebody put there has been imported by nobody
    if parent not in sys.modules:
        return " without its package"
    names = attributes(sys.modules[parent])
    return " not bound in its package" if names is not None and child not in names else ""


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
        add("random.getstate()", state, random._inst.setstate, "state %016x" % (hash(state) & 0xFFFFFFFFFFFFFFFF))
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
            cells["file " + name] = Cell(how_changed(stat), content(entry.path, stat), into_file(entry.path))

    def content(path, stat):
        room[0] -= stat.st_size
        return None if room[0] < 0 else content_of(path, stat)

    for root, label in roots:
        visit(root, label)


def how_changed(stat):
    return "%d bytes, changed at %d ns" % (stat.st_size, stat.st_mtime_ns)


def content_of(path, stat):
    """What a small ordinary file holds and when it was changed; None of other ones."""
    if stat.st_size > MOST_CONTENT or stat.st_mode & 0o170000 != 0o100000:
        return None
    try:
        with open(path, "rb") as file:
            return file.read(), stat.st_mtime_ns
    except OSError:
        return None


def single_file_cells(cells, paths):
    """Files that lie elsewhere, by their whole paths."""
    for path in paths:
        try:
            stat = os.lstat(path)
        except OSError:
            continue
        if stat.st_mode & 0o170000 == 0o040000:
            cells["file " + path + "/"] = Cell("a directory", True, into_directory(path))
        else:
            cells["file " + path] = Cell(how_changed(stat), content_of(path, stat), into_file(path))


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
        if not may_write(path):
            return
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
        if not may_write(path):
            return
        if value is absent:
            os.unlink(path)
        elif value is not None:
            with open(path, "wb") as file:
                file.write(value[0])
            os.utime(path, ns=(value[1], value[1]))

    return put
