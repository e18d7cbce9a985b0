"""Places of state that are not reached from modules: `sys.modules`, finders, environment, files.

Compiled by look.py, which passes in the definitions of walk.py as `walk`, and `may_write`, which says whether a file
may be restored. Each place is a cell: what it is, its value as text, the value, and how to restore a value. As in
walk.py, no object's code runs. process.py handles the settings of the interpreter and the system, fixtures.py fixtures.
"""

import os
import sys

walk, may_write = globals()["walk"], globals()["may_write"]
absent, attributes, into_dict = walk["absent"], walk["attributes"], walk["into_dict"]
named, shown, is_module, text_in = walk["named"], walk["shown"], walk["is_module"], walk["text_in"]
items_of, by_name, loaded_modules = walk["items_of"], walk["by_name"], walk["loaded_modules"]
CannotPutBack = walk["CannotPutBack"]
# A test may replace this.
scandir = os.scandir

MOST_FILES = 5000
MOST_CONTENT = 1 << 16
ALL_CONTENT = 1 << 23
NOT_LOOKED_INTO = (".git", ".hg", ".tox", ".nox", ".pytest_cache", "node_modules")


# What a submodule lacks, and the words for it.
ORPHANS = {None: "", "no-package": " without its package", "unbound": " not bound in its package"}


class Cell:
    """One place: its kind, its key within the kind, its value as text, the value itself, and how to restore one.

    `home` is the module that groups such cells, `orphan` says what a submodule lacks and is not compared, `value_is`
    is the kind of value, `without` the text of a place that does not exist. With `by_identity`, another object is
    another value, whatever its text. `held` is what a fixture has given to its tests.
    """

    def __init__(self, kind, key, text, value, put, **more):
        self.kind = kind
        self.key = key
        self.text = text
        self.value = value
        self.put = put
        self.home = more.get("home")
        self.orphan = more.get("orphan")
        self.value_is = more.get("value_is", "other")
        self.without = more.get("without", "absent")
        self.by_identity = more.get("by_identity", False)
        self.held = more.get("held")

    def full_text(self):
        return self.text + ORPHANS[self.orphan]


def module_cells(cells, only=None):
    """All entries of `sys.modules`, or only those of some names."""
    names = loaded_modules()
    for name, module in names.items() if only is None else [each for each in names.items() if each[0] in only]:
        own = attributes(module)
        file = None if own is None else own.get("__file__")
        text = "None" if module is None else "<module without a file>" if file is None else "<module %s>" % shown(file)
        more = {"orphan": orphaned(name, module, names), "value_is": "none" if module is None else "module"}
        put = into_dict(sys.modules, name)
        cells["sys.modules[%r]" % name] = Cell("module", name, text, module, put, by_identity=True, **more)


def orphaned(name, module, loaded):
    """What a submodule lacks, or None: its package, or being an attribute of its package."""
    parent, _, child = name.rpartition(".")
    if not parent or not is_module(module) or (attributes(module) or {}).get("__spec__") is None:
        return None  # a stub that somebody put there has been imported by nobody
    if parent not in loaded:
        return "no-package"
    names = attributes(loaded[parent])
    return "unbound" if names is not None and child not in names else None


def finder_cells(cells):
    """The finders of imports: one cell for each directory's finder with its listing."""
    cache = sys.path_importer_cache

    def put(key):
        def put_finder(saved):
            if saved is absent:
                dict.pop(cache, key, None)
                return
            finder, listing = saved
            dict.__setitem__(cache, key, finder)
            if listing is not None:
                attributes(finder).update(_path_mtime=listing[0], _path_cache=set(listing[1]))

        return put_finder

    for key, finder in by_name(cache).items():
        listing = listed_by(finder)
        if finder is None:
            text = "None"
        elif listing is None:
            text = "<%s object>" % named(finder)
        elif listing[0] == -1:
            text = "not listed"
        else:
            names = sorted(listing[1])
            text = "listed at %r: %s" % (listing[0], ", ".join(names[:12]) + (", ..." if len(names) > 12 else ""))
        value_is = "none" if finder is None else "other"
        name = "sys.path_importer_cache[%r]" % key
        cells[name] = Cell("finder", key, text, (finder, listing), put(key), value_is=value_is)


def listed_by(finder):
    """The time at which a finder listed its directory, and the names; None if it stores them differently or not at
    all."""
    own = attributes(finder) or {}
    mtime, names = own.get("_path_mtime"), own.get("_path_cache")
    if not (type(mtime) is float or type(mtime) is int) or type(names) is not set:
        return None
    names = list(names)
    return (mtime, frozenset(names)) if all(type(name) is str for name in names) else None


# The mapping that puts variables into the environment of the process; a test may replace it.
ENVIRON = os.environ


def environment_cells(cells):
    def put(key):
        def put_variable(value):
            if value is absent:
                ENVIRON.pop(key, None)
            else:
                ENVIRON[key] = value
            if key == "TZ" and tzset is not None:
                tzset()  # which asks for the variable only then

        return put_variable

    tzset = (attributes(dict.get(sys.modules, "time")) or {}).get("tzset")
    tzset = tzset if type(tzset) is walk["BUILTIN"] else None

    def put_mapping(value):
        os.environ = value

    text = "<%s object>" % named(os.environ)
    cells["os.environ"] = Cell("process", "os.environ", text, os.environ, put_mapping, home="os", by_identity=True)
    for key, value in variables().items():
        cells["os.environ[%r]" % key] = Cell("environment", key, repr(value), value, put(key), home="os")


def variables():
    """The variables as texts. The interpreter's own mapping holds bytes; a mapping of another class is not asked."""
    held = (attributes(ENVIRON) or {}).get("_data", ENVIRON)
    coding, found = sys.getfilesystemencoding(), {}
    for key, value in items_of(held):
        if type(key) is bytes and type(value) is bytes:
            found[key.decode(coding, "surrogateescape")] = value.decode(coding, "surrogateescape")
        elif type(key) is str and type(value) is str:
            found[key] = value
    return found


def file_cells(cells, roots, with_content=True, is_named_by_chance=None):
    """Files under the working directory and the temporary one; without content where only changes are asked for."""
    left, room = [MOST_FILES], [ALL_CONTENT]

    def visit(directory, label):
        try:
            entries = sorted(scandir(directory), key=lambda entry: entry.name)
        except OSError:
            return
        for entry in entries:
            left[0] -= 1
            if left[0] < 0:
                return
            name = label + entry.name
            if is_named_by_chance is not None and is_named_by_chance(name):
                continue
            if entry.is_dir(follow_symlinks=False):
                marks = (os.path.join(entry.path, mark) for mark in ("pyvenv.cfg", "CACHEDIR.TAG"))
                if entry.name not in NOT_LOOKED_INTO and not any(map(os.path.exists, marks)):
                    cells["file " + name + "/"] = directory_cell(name, entry.path)
                    visit(entry.path, name + "/")
                continue
            stat = entry.stat(follow_symlinks=False)
            cells["file " + name] = file_cell(name, entry.path, stat, content(entry.path, stat))

    def content(path, stat):
        if not with_content:
            return None
        room[0] -= stat.st_size
        return None if room[0] < 0 else content_of(path, stat)

    for root, label in roots:
        visit(root, label)


def how_changed(stat):
    return "%d bytes, changed at %d ns" % (stat.st_size, stat.st_mtime_ns)


def content_of(path, stat):
    """The content of a small ordinary file and its time of change; None for other files."""
    if stat.st_size > MOST_CONTENT or stat.st_mode & 0o170000 != 0o100000:
        return None
    try:
        with open(path, "rb") as file:
            return file.read(), stat.st_mtime_ns
    except OSError:
        return None


def single_file_cells(cells, paths):
    """Files elsewhere, by their full paths."""
    for path in paths:
        try:
            stat = os.lstat(path)
        except OSError:
            continue
        if stat.st_mode & 0o170000 == 0o040000:
            cells["file " + path + "/"] = directory_cell(path, path)
        else:
            cells["file " + path] = file_cell(path, path, stat, content_of(path, stat))


def directory_cell(name, path):
    return Cell("directory", name, "a directory", True, into_directory(path))


def file_cell(name, path, stat, content):
    return Cell("file", name, how_changed(stat), content, into_file(path))


def check_may_write(path):
    if not may_write(path):
        raise CannotPutBack("in place, taster writes no file that the run has not written")


def into_directory(path):
    def put(value):
        check_may_write(path)
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
        check_may_write(path)
        if value is absent:
            os.unlink(path)
        elif value is None:
            raise CannotPutBack("taster has no copy of what it held")
        else:
            with open(path, "wb") as file:
                file.write(value[0])
            os.utime(path, ns=(value[1], value[1]))

    return put
