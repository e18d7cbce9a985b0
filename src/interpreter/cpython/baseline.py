"""The contents of modules when they were loaded. States are written as differences from them.

Runs with the definitions of kinds.py in its namespace.
"""

import gc
import sys


class Baseline(object):
    """The contents of modules when they were loaded, and the names of all objects reachable from them then."""

    def __init__(self, root, library, real):
        self.table = sys.modules
        # Where modules of the standard library lie, and where other real code lies, perhaps below that.
        self.library_directories = [as_bytes(entry) + b"/" for entry in library]
        self.real_directories = [as_bytes(entry) + b"/" for entry in real]
        self.root = as_bytes(root)
        self.root_text = root
        self.names = {}  # by id
        self.held = []  # so that no id is used again
        self.snapshots = []  # (name, kind, object, keys, ids of values)
        self.then = {}  # by place in the snapshots: the values
        self.functions = []  # (name, function, code, defaults, keyword defaults)
        self.classes = []  # (name, object, class) of modules and other objects with attributes
        self.modules = {}  # by name: modules that were there at the start
        self.start_names = []
        self.library = {}  # by name: standard-library modules loaded since
        self.settings_at_load = None  # reads the settings of one of those, by address, as text
        self.settings_then = {}  # what it read
        self.contents = {}  # by name: what those held when they were first seen, on 2.7
        self.written = {}  # by name: what was written of modules from the ordering
        self.unreadable = []  # names of extension modules that keep state which nobody can read
        self.seeded = None  # the global generator as it was when `random` had been loaded
        self.weakref = None
        self.file_finder = None
        self.loaders = None
        self.spec_class = self.loader_class = None

    def start(self):
        """Records all modules that are loaded now."""
        modules = sys.modules
        for name in sorted(modules):
            module = modules[name]
            self.modules[name] = module
            if module is not None:
                self.learn(name, module)
        self.start_names = sorted(modules)
        self.find_types()
        self.find_codecs()
        for hook in sys.path_hooks:
            self.name("sys.path_hooks", hook)
        for finder in sys.path_importer_cache.values():
            self.held.append(finder)

    def find_types(self):
        external = sys.modules.get("_frozen_importlib_external")
        if external is not None:
            self.file_finder = external.FileFinder
            self.loader_class = external.SourceFileLoader
            self.spec_class = sys.modules["_frozen_importlib"].ModuleSpec
            for finder in sys.path_importer_cache.values():
                if type(finder) is self.file_finder:
                    self.loaders = list(finder._loaders)
        weakref = sys.modules.get("_weakref")
        if weakref is not None:
            self.weakref = weakref.ReferenceType

    def learn_generator(self, generator):
        """The global generator is written separately. On 2.7 a step's new modules are found only when the step is
        over, and then the step may have seeded it."""
        self.name("random._inst", generator)
        if not PY2:
            self.seeded = call(dict_of(self.library["_random"])["Random"], "getstate", generator)

    def find_codecs(self):
        """Finds codecs and error handlers: the interpreter exposes neither the list nor the dict of these functions."""
        search = dict_of(self.table["encodings"]).get("search_function")
        strict = dict_of(self.table["_codecs"])["lookup_error"]("strict")
        for found in gc.get_referrers(search):
            if type(found) is list and found and found[0] is search:
                self.take_down("codecs.search_path", found, [])
        for found in gc.get_referrers(strict):
            if type(found) is dict and "strict" in found and "xmlcharrefreplace" in found:
                self.take_down("codecs.errors", found, [])

    def library_name(self, function):
        """The name of a function of the standard library, bound or not; None for all others."""
        return self.names.get(id(function.__func__ if type(function) is METHOD else function))

    def are_usual(self, loaders):
        """Whether a finder searches for the usual kinds of files, in the usual order."""
        if type(loaders) is not list or len(loaders) != len(self.loaders):
            return False
        for pair, usual in zip(loaders, self.loaders):
            if type(pair) is not tuple or len(pair) != 2 or type(pair[0]) is not str:
                return False
            if pair[0] != usual[0] or pair[1] is not usual[1]:
                return False
        return True

    def learn_new_library(self):
        """Records what a step has loaded, on 2.7, which calls nothing when a module is loaded."""
        for name, module in list(self.table.items()):
            if is_module(module) and type(name) is str:
                self.learn_library(name, module)

    def origin_of(self, own):
        """Where a module says that it was loaded from, or None."""
        origin = own.get("__file__")
        if origin is None:
            origin = (dict_of(own.get("__spec__")) or {}).get("origin")
        return origin

    def is_from_ordering(self, own):
        """Whether a module with these attributes is none of the standard library: the scenario wrote or made it, or
        reaches it. What such a module holds after its import may depend on what was imported before."""
        origin = self.origin_of(own)
        if origin is None:
            # 2.7's built-in modules do not say where they are from.
            name = own.get("__name__")
            return not (PY2 and type(name) is str and name in sys.builtin_module_names)
        if type(origin) is not bytes and type(origin) is not TEXT:
            return True
        if origin in ("built-in", "frozen"):
            return False
        origin = as_bytes(origin)
        if any([origin.startswith(directory) for directory in self.real_directories]):
            return True
        return not any([origin.startswith(directory) for directory in self.library_directories])

    def learn_loaded(self, spec):
        """Records a module just loaded by a specification of the import system's own class."""
        held = dict_of(spec) if type(spec) is self.spec_class else None
        name = held.get("name") if held else None
        if type(name) is str and name in self.table:
            self.learn_library(name, self.table[name])

    def learn_library(self, name, module):
        """Records a standard-library module that has just been loaded."""
        if name in self.library or name in self.modules:
            return
        own = dict_of(module)
        if own is None:
            return
        if is_unreadable(name, self.origin_of(own)) and name not in self.unreadable:
            self.unreadable.append(name)
        if self.is_from_ordering(own):
            return
        self.library[name] = module
        if name == "random" and "_random" in self.library and "_inst" in own:
            self.learn_generator(own["_inst"])
        before = len(self.snapshots)
        self.learn(name, module)
        if self.settings_at_load is not None:
            self.settings_then.update(self.settings_at_load(name, own))
        if PY2:
            self.contents[name] = self.plain_contents(before)

    def plain_contents(self, before):
        """The plain values in newly recorded objects. On 2.7 the step that loaded them may have changed them."""
        lines = []
        for where, letter, value, keys, _ in self.snapshots[before:]:
            if letter == b"A":
                continue
            if letter == b"L":
                items = enumerate(value)
            elif letter == b"C":
                items = enumerate(leaves(content_in_c(value)))
            elif letter == b"S":
                items = [("*", item) for item in value]
            else:
                own = held_by(letter, value)
                items = [(key, own[key]) for key in keys]
            items = list(items)
            lines.append("%s holds %d" % (where, len(items)))
            for key, item in items:
                if id(type(item)) in PLAIN and type(item) is not float and type(item) is not complex:
                    lines.append("%s.%r=%r" % (where, key, item))
        return "\n".join(sorted(lines))

    def contents_then(self):
        """The snapshots of what holds values, each with these."""
        for at, held in self.then.items():
            yield self.snapshots[at] + (held,)

    def learn(self, name, module):
        own = dict_of(module)
        if own is None:
            return
        todo = [(name, module)]
        while todo:
            where, value = todo.pop()
            if id(value) in self.names or id(type(value)) in PLAIN:
                continue
            if is_module(value) and value is not module:
                continue  # it is met under its own name
            where = own_name(value) or where
            self.name(where, value)
            if where not in LEFT_OUT:
                self.take_down(where, value, todo)

    def name(self, where, value):
        if id(value) not in self.names:
            self.names[id(value)] = as_bytes(where)
            self.held.append(value)

    def take_down(self, where, value, todo):
        """Records the contents of an object, if they can change, and continues with them."""
        kind = type(value)
        if kind is tuple or kind is frozenset:
            todo.extend([("%s[%d]" % (where, at), item) for at, item in enumerate(value)])
        elif kind is list:
            self.snapshots.append((where, b"L", value, None, [id(item) for item in value]))
            self.held.append(list(value))
            self.then[len(self.snapshots) - 1] = self.held[-1]
            todo.extend([("%s[%d]" % (where, at), item) for at, item in enumerate(value)])
        elif kind is set:
            self.snapshots.append((where, b"S", value, None, set([id(item) for item in value])))
            self.held.append(list(value))
            self.then[len(self.snapshots) - 1] = self.held[-1]
        elif kind is FUNCTION:
            self.take_down_function(where, value, todo)
        elif kind is staticmethod or kind is classmethod:
            todo.append((where + "()", value.__func__))
        elif kind is METHOD_WRAPPER or kind is METHOD:
            todo.append((where + ".__self__", value.__self__))
        elif kind is property:
            todo.extend([(where + "()", part) for part in (value.fget, value.fset, value.fdel)])
        elif is_class(value):
            if is_heap(value):
                self.take_down_dict(where, b"T", value, namespace_of(value), todo)
                if "_abc_impl" in namespace_of(value):
                    self.snapshots.append((where, b"A", value, None, set(map(id, registry_of(value)))))
        elif kind is dict:
            self.take_down_dict(where, b"D", value, value, todo)
        elif id(kind) in OLD_STYLE:
            self.take_down_dict(where, b"I", value, value.__dict__, todo)
        else:
            self.take_down_object(where, value, todo)

    def take_down_object(self, where, value, todo):
        own = dict_of(value)
        if own is not None:
            self.name(where + ".__dict__", own)
            self.take_down_dict(where, b"I", value, own, todo)
            self.classes.append((where, value, type(value)))
        content = content_in_c(value)
        if content is not None:
            self.snapshots.append((where, b"C", value, None, shallow(content)))
            todo.extend([("%s{%d}" % (where, at), item) for at, item in enumerate(leaves(content))])

    def take_down_function(self, where, value, todo):
        self.functions.append((where, value) + parts_of(value))
        for at, default in enumerate(value.__defaults__ or ()):
            todo.append(("%s(%d)" % (where, at), default))
        if value.__dict__:
            todo.append((where + ".__dict__", value.__dict__))
        for at, cell in enumerate(value.__closure__ or ()):
            try:
                todo.append(("%s<%d>" % (where, at), cell.cell_contents))
            except ValueError:
                pass

    def take_down_dict(self, where, letter, value, own, todo):
        items = list(own.items())
        self.held.append(items)
        self.snapshots.append((where, letter, value, [key for key, _ in items], [id(item) for _, item in items]))
        self.then[len(self.snapshots) - 1] = items
        for at, (key, item) in enumerate(items):
            if letter == b"T" and key in ABC_CACHES:
                continue
            todo.append((where + "." + key if type(key) is str else "%s[%s]" % (where, label(key, at)), item))


if PY2:

    def parts_of(function):
        return function.__code__, function.__defaults__, None

else:

    def parts_of(function):
        return function.__code__, function.__defaults__, function.__kwdefaults__


def label(key, at):
    """The name of an entry: its key if that is a plain value, else its place."""
    return repr(key) if id(type(key)) in PLAIN else "#%d" % at


def held_by(letter, value):
    """The recorded entries under this letter."""
    if letter == b"D":
        return value
    own = namespace_of(value) if letter == b"T" else attributes_of(value)
    if own is hidden or own is None:
        raise Unmergeable("attributes that were there and cannot be read any more")
    return own
