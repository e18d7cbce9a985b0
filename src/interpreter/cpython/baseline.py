"""What modules held when they were loaded. States are written as differences from it.

Runs with what kinds.py defines in its namespace.
"""

import sys


class Baseline(object):
    """What modules held when they were loaded, and the names of all objects that could be reached from them then."""

    def __init__(self, root):
        self.root = as_bytes(root)
        self.root_text = root
        self.names = {}  # by id
        self.held = []  # so that no id is used again
        self.snapshots = []  # (name, kind, object, keys, ids of values)
        self.modules = {}  # by name: modules that were there at the start
        self.start_names = []
        self.library = {}  # by name: standard-library modules loaded since
        self.contents = {}  # by name: what those held when they were first seen, on 2.7
        self.written = {}  # by name: what was written of modules from the ordering
        self.weakref = ()
        self.file_finder = None
        self.loaders = None
        self.spec_class = self.loader_class = None

    def start(self):
        """Takes down all modules that are there now."""
        modules = sys.modules
        for name in sorted(modules):
            module = modules[name]
            self.modules[name] = module
            if module is not None:
                self.learn(name, module)
        self.start_names = sorted(modules)
        self.find_types()
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
                    self.loaders = finder._loaders
        weakref = sys.modules.get("_weakref")
        if weakref is not None:
            self.weakref = (weakref.ReferenceType,)

    def learn_new_library(self):
        """Takes down what a step has loaded, on 2.7, where nothing can be called when a module has been loaded."""
        for name, module in list(sys.modules.items()):
            if isinstance(module, MODULE):
                self.learn_library(name, module)

    def is_from_ordering(self, module):
        """Whether a module is one that the scenario wrote, or made up."""
        own = dict_of(module)
        if own is None:
            return True
        spec = own.get("__spec__")
        origin = own.get("__file__") or getattr(spec, "origin", None)
        if origin in ("built-in", "frozen"):
            return False
        if origin is None:
            # Of 2.7's built-in modules nothing says where they are from.
            return not (PY2 and own.get("__name__") in sys.builtin_module_names)
        return not isinstance(origin, (bytes, TEXT)) or as_bytes(origin).startswith(self.root) or origin[:1] != "/"

    def learn_library(self, name, module):
        """Takes down a standard-library module that has just been loaded."""
        if name not in self.library and name not in self.modules and not self.is_from_ordering(module):
            self.library[name] = module
            before = len(self.snapshots)
            self.learn(name, module)
            if PY2:
                self.contents[name] = self.plain_contents(before)

    def plain_contents(self, before):
        """The plain values that newly taken down objects hold. On 2.7 the step that loaded them may have changed them."""
        lines = []
        for where, letter, value, keys, _ in self.snapshots[before:]:
            if letter == b"A":
                continue
            if letter in (b"L", b"S"):
                items = enumerate(value if letter == b"L" else sorted(value))
            else:
                own = value if letter == b"D" else value.__dict__
                items = [(key, own[key]) for key in keys]
            for key, item in items:
                if type(item) in PLAIN and type(item) not in (float, complex):
                    lines.append("%s.%r=%r" % (where, key, item))
        return "\n".join(sorted(lines))

    def learn(self, name, module):
        own = dict_of(module)
        if own is None:
            return
        todo = [(name, module)]
        while todo:
            where, value = todo.pop()
            if id(value) in self.names or type(value) in PLAIN:
                continue
            if isinstance(value, MODULE) and value is not module:
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
        """Remembers what an object holds, if that can be changed, and goes on to what it holds."""
        kind = type(value)
        if kind is tuple or kind is frozenset:
            todo.extend([("%s[%d]" % (where, at), item) for at, item in enumerate(value)])
        elif kind is list:
            self.snapshots.append((where, b"L", value, None, [id(item) for item in value]))
            self.held.append(list(value))
            todo.extend([("%s[%d]" % (where, at), item) for at, item in enumerate(value)])
        elif kind is set:
            self.snapshots.append((where, b"S", value, None, set([id(item) for item in value])))
            self.held.append(list(value))
        elif kind is FUNCTION:
            self.take_down_function(where, value, todo)
        elif kind in (staticmethod, classmethod):
            todo.append((where + "()", value.__func__))
        elif kind is property:
            todo.extend([(where + "()", part) for part in (value.fget, value.fset, value.fdel)])
        elif kind in OLD_STYLE:
            self.take_down_dict(where, b"I", value, value.__dict__, todo)
        elif is_class(value):
            if value.__flags__ & HEAP_TYPE:
                self.take_down_dict(where, b"T", value, value.__dict__, todo)
                if "_abc_impl" in value.__dict__:
                    self.snapshots.append((where, b"A", value, None, set(map(id, registry_of(value)))))
        elif kind is dict:
            self.take_down_dict(where, b"D", value, value, todo)
        else:
            own = dict_of(value)
            if own is not None:
                self.name(where + ".__dict__", own)
                self.take_down_dict(where, b"I", value, own, todo)

    def take_down_function(self, where, value, todo):
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
        for key, item in items:
            if letter == b"T" and key in ABC_CACHES:
                continue
            todo.append((where + "." + key if isinstance(key, str) else "%s[%r]" % (where, key), item))
