"""What of an interpreter's state can change a later import, as bytes that are equal for equal states.

Modules that were there at the start, and standard-library modules loaded since, are compared with what they held when
they were loaded, and only what differs is written; what came from the ordering's directory is written in full: a walk
through the graph of objects that numbers what it meets, so that aliases and cycles show. What cannot be written
faithfully makes the state unmergeable. One file for CPython 2.7 and 3.6 to 3.13, run in the agent's namespace rules.
"""

import sys

PY2 = sys.version_info[0] == 2

TEXT = type(u"")  # fmt: skip
MODULE = type(sys)
FUNCTION = type(lambda: None)
CODE = type((lambda: None).__code__)
METHOD = type(type("C", (object,), {"f": lambda self: None})().f)
BUILTIN = type(len)
CELL = type((lambda x: lambda: x)(0).__closure__[0])
MEMBER = type(type("C", (object,), {"__slots__": ("s",)}).s)
GETSET = type(type("C", (object,), {}).__dict__["__dict__"])
SLOT_WRAPPER = type(object.__init__)
METHOD_DESCRIPTOR = type(str.join)
CLASS_METHOD_DESCRIPTOR = type(dict.__dict__["fromkeys"])
METHOD_WRAPPER = type(object().__str__)
PROXY = type(type.__dict__)

OLD_STYLE = ()
if PY2:

    class _Old:
        pass

    OLD_STYLE = (type(_Old), type(_Old()))

HEAP_TYPE = 1 << 9
CONTAINERS = (dict, list, set, frozenset, tuple, bytearray)
VALUES = (int, float, complex, bytes, TEXT) + ((long,) if PY2 else ())  # noqa: F821
PLAIN = frozenset(VALUES + (bool, type(None), type(Ellipsis), type(NotImplemented)))

# Caches of pure functions, what holds something only while an import runs, and what is written on its own.
LEFT_OUT = frozenset(
    [
        "sys.modules",
        "sys.path",
        "sys.path_importer_cache",
        "sys.last_exc",
        "sys.last_type",
        "sys.last_value",
        "sys.last_traceback",
        "sys.exc_type",
        "sys.exc_value",
        "sys.exc_traceback",
        "_frozen_importlib._module_locks",
        "_frozen_importlib._blocking_on",
        "_frozen_importlib_external._NamespacePath._epoch",
        "encodings._cache",
        "linecache.cache",
        "re._cache",
        "re._cache2",
        "re._compiler_cache",
        "fnmatch._cache",
        "random._inst",
        "threading._active",
        "threading._main_thread",
        "threading._dangling",
    ]
)
ABC_CACHES = frozenset(["_abc_impl", "_abc_cache", "_abc_negative_cache", "_abc_negative_cache_version"])


class Unmergeable(Exception):
    """The state holds something that cannot be written faithfully."""


def number(value):
    return ("%d" % value).encode("ascii")


def as_bytes(text):
    if isinstance(text, bytes):
        return text
    return text.encode("utf-8") if PY2 else text.encode("utf-8", "surrogatepass")


def is_class(value):
    return isinstance(value, type)


def dict_of(value):
    """An object's own `__dict__`, where it has one."""
    try:
        found = value.__dict__ if type(value) in OLD_STYLE else object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    return found if type(found) is dict else None


def own_name(value):
    """What a function or class says that it is called: the same wherever it is found first."""
    if not is_class(value) and type(value) is not FUNCTION:
        return None
    module, name = value.__module__, getattr(value, "__qualname__", None)
    if type(module) is not str or type(name) is not str or "<" in name:
        return None
    return module + "." + name


def registry_of(cls):
    """Weak references to the classes registered with an abstract base class (3.7 and later)."""
    return sys.modules["_abc"]._get_dump(cls)[0]


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


class Digest(object):
    """One state being written."""

    def __init__(self, baseline):
        self.baseline = baseline
        self.root = baseline.root
        self.names = baseline.names
        self.parts = []
        self.put = self.parts.append
        self.seen = {}
        self.kept = []

    def text(self, data):
        data = as_bytes(data)
        if self.root in data:
            data = data.replace(self.root, b"$")
        self.put(number(len(data)))
        self.put(b":")
        self.put(data)

    def emit(self, value):
        kind = type(value)
        if kind in PLAIN:
            return self.plain(kind, value)
        name = self.names.get(id(value))
        if name is not None:
            self.put(b"@")
            return self.text(name)
        seen = self.seen.get(id(value))
        if seen is not None:
            self.put(b"#")
            return self.put(seen)
        self.seen[id(value)] = number(len(self.seen)) + b";"
        self.kept.append(value)
        method = METHODS.get(kind)
        if method is not None:
            return method(self, value)
        return self.other(kind, value)

    def plain(self, kind, value):
        if kind is TEXT:
            self.put(b"u")
            self.text(value)
        elif kind is bytes:
            self.put(b"b")
            self.text(value)
        elif kind in (float, complex):
            self.put(b"f")
            self.text(repr(value))
        elif value is None:
            self.put(b"N")
        else:
            self.put(b"v")
            self.text("%s %r" % (kind.__name__, value))

    def sequence(self, letter, items):
        self.put(letter)
        self.put(number(len(items)))
        self.put(b";")
        for item in items:
            self.emit(item)

    def members(self, letter, items):
        """Items whose order says nothing."""
        keyed = sorted([self.sort_key(item) for item in items], key=lambda pair: pair[0])
        self.sequence(letter, [item for _, item in keyed])

    def sort_key(self, item):
        kind = type(item)
        if kind in PLAIN or (kind is tuple and all(type(part) in PLAIN for part in item)):
            return kind.__name__ + repr(item), item
        target = item() if kind in self.baseline.weakref else item
        name = self.names.get(id(target)) or own_name(target)
        if name is None:
            raise Unmergeable("a set of %s" % kind.__name__)
        return "@" + repr(as_bytes(name)), item

    def mapping(self, value):
        items = list(value.items())
        if PY2 and all(type(key) in PLAIN for key, _ in items):
            items.sort(key=lambda pair: repr(pair[0]))
        self.pairs(b"D", items)

    def pairs(self, letter, items):
        self.put(letter)
        self.put(number(len(items)))
        self.put(b";")
        for key, item in items:
            self.emit(key)
            self.emit(item)

    def namespace(self, own, left_out=()):
        """A dict of attributes: their order says nothing."""
        self.seen.setdefault(id(own), number(len(self.seen)) + b";")
        items = [pair for pair in own.items() if pair[0] not in left_out]
        try:
            items.sort()
        except TypeError:
            if not all(isinstance(key, str) for key, _ in items):
                raise Unmergeable("attributes that are no texts")
            items.sort(key=lambda pair: pair[0])
        self.pairs(b"n", items)

    def module(self, value):
        self.put(b"M")
        self.emit(type(value))
        self.namespace(value.__dict__)

    def function(self, value):
        self.put(b"F")
        self.emit(value.__code__)
        self.emit(value.__defaults__)
        self.emit(value.__name__)
        self.emit(value.__module__)
        self.emit(value.__dict__ or None)
        own = value.__globals__
        module = sys.modules.get(own.get("__name__"))
        self.emit(module if isinstance(module, MODULE) and module.__dict__ is own else own)
        self.emit(value.__closure__)
        self.emit(value.__doc__)
        if not PY2:
            self.emit(value.__kwdefaults__)
            self.emit(value.__annotations__ or None)
            self.emit(value.__qualname__)

    def code(self, value):
        self.put(b"C")
        self.emit(value.co_code)
        self.emit(value.co_filename)
        self.emit((value.co_name, value.co_firstlineno, value.co_flags, value.co_argcount, value.co_stacksize))
        self.emit(getattr(value, "co_kwonlyargcount", 0))
        for names in (value.co_names, value.co_varnames, value.co_freevars, value.co_cellvars):
            self.sequence(b"t", names)
        self.sequence(b"t", value.co_consts)
        self.emit(getattr(value, "co_exceptiontable", None))

    def cell(self, value):
        self.put(b"c")
        try:
            contents = value.cell_contents
        except ValueError:
            return
        self.emit(contents)

    def bound(self, value):
        self.put(b"B")
        self.emit(value.__func__)
        self.emit(value.__self__)

    def builtin(self, value):
        owner = value.__self__
        self.put(b"b")
        self.text(value.__name__)
        self.emit(owner if owner is not None else value.__module__)

    def descriptor(self, value):
        self.put(b"d")
        self.text(value.__name__)
        self.emit(value.__objclass__)

    def attributes(self, letter, value, names):
        self.put(letter)
        for name in names:
            self.emit(getattr(value, name, None))

    def cls(self, value):
        """A class: those of the standard library by their names, others with all that they hold."""
        if self.is_library_attribute(value):
            return
        if not value.__flags__ & HEAP_TYPE:
            self.put(b"y")
            return self.text("%s.%s" % (value.__module__, value.__name__))
        self.put(b"T")
        self.emit(type(value))
        self.text(value.__name__)
        self.sequence(b"t", value.__bases__)
        own = dict(value.__dict__)
        if "_abc_impl" in own:
            self.members(b"r", registry_of(value))
        for name in ABC_CACHES:
            own.pop(name, None)
        self.kept.append(own)
        self.pairs(b"n", list(own.items()) if not PY2 else sorted(own.items()))
        self.sequence(b"s", type.__subclasses__(value) if not issubclass(value, type) else [])

    def is_library_attribute(self, value):
        """Writes the name of what lies at the place it names in a module of the standard library."""
        name = getattr(value, "__module__", None)
        place = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
        module = sys.modules.get(name) if type(name) is str else None
        if not isinstance(module, MODULE) or type(place) is not str or id(module) not in self.names:
            return False
        found = module
        for part in place.split("."):
            own = dict_of(found) if not is_class(found) else found.__dict__
            found = own.get(part) if own is not None else None
        if found is not value:
            return False
        self.put(b"@")
        self.text(name + "." + place)
        return True

    def other(self, kind, value):
        if isinstance(value, type):
            return self.cls(value)
        if isinstance(value, MODULE):
            return self.module(value)
        if kind in self.baseline.weakref:
            self.put(b"w")
            return self.emit(value())
        name = kind.__name__
        if name in ("SRE_Pattern", "Pattern") and kind.__module__ in ("_sre", "re", "__builtin__"):
            return self.attributes(b"e", value, ("pattern", "flags"))
        if name in ("lock", "LockType") and kind.__module__ in ("_thread", "thread"):
            self.put(b"k")
            return self.emit(value.locked())
        if name == "_lru_cache_wrapper":
            self.put(b"a")
            return self.namespace(value.__dict__)
        if PY2 and name in ("classobj", "instance"):
            return self.old_style(name, value)
        if self.is_python_object(kind):
            return self.instance(kind, value)
        return self.reduced(kind, value)

    def old_style(self, name, value):
        self.put(b"O")
        self.text(name)
        self.emit(value.__bases__ if name == "classobj" else value.__class__)
        self.emit(value.__name__ if name == "classobj" else None)
        self.namespace(value.__dict__)

    def is_python_object(self, kind):
        """Whether all that an instance holds is its dict, its slots, and what a container of builtins holds."""
        while kind is not object and kind not in CONTAINERS and kind not in VALUES and kind is not BaseException:
            own, base = kind.__dict__, kind.__base__
            if not kind.__flags__ & HEAP_TYPE:
                if issubclass(kind, BaseException):
                    return kind.__basicsize__ == BaseException.__basicsize__
                return False
            members = [item for item in own.values() if type(item) is MEMBER]
            known = len(members) + ("__dict__" in own) + ("__weakref__" in own)
            if "__slots__" not in own:
                known -= len(members)
            if kind.__basicsize__ - base.__basicsize__ > known * tuple.__itemsize__:
                return False
            kind = base
        return True

    def instance(self, kind, value):
        self.put(b"I")
        self.emit(kind)
        if kind is self.namespace_path:
            return self.namespace_path_of(value)
        own = dict_of(value)
        if own is not None:
            self.namespace(own)
        for base in kind.__mro__:
            for name, slot in sorted(base.__dict__.items()) if base.__flags__ & HEAP_TYPE else ():
                if type(slot) is MEMBER:
                    self.slot(name, slot, value)
        for base in CONTAINERS + VALUES:
            if isinstance(value, base):
                return self.content(base, value)
        if isinstance(value, BaseException):
            self.emit(value.args)
            for name in () if PY2 else ("__cause__", "__context__", "__suppress_context__", "__traceback__"):
                self.emit(getattr(value, name))

    def slot(self, name, slot, value):
        try:
            held = slot.__get__(value)
        except AttributeError:
            return
        self.text(name)
        self.emit(held)

    def content(self, base, value):
        if base is dict:
            self.pairs(b"D", list(dict.items(value)))
        elif base in (set, frozenset):
            self.members(b"S", list(base.__iter__(value)))
        elif base in (list, tuple):
            self.sequence(b"L", list(base.__iter__(value)))
        else:
            self.put(b"v")
            self.text(base.__repr__(value))

    @property
    def namespace_path(self):
        external = self.baseline.modules.get("_frozen_importlib_external")
        return getattr(external, "_NamespacePath", ())

    def namespace_path_of(self, value):
        """Of epochs (3.9 and later) only whether they are equal is ever asked, and they only grow."""
        own = dict(value.__dict__)
        self.kept.append(own)
        epoch = own.pop("_last_epoch", None)
        self.emit(epoch == getattr(type(value), "_epoch", None))
        self.namespace(own)

    def reduced(self, kind, value):
        """Objects of extension types, as pickle would take them apart."""
        if kind.__flags__ & HEAP_TYPE and not self.is_library_class(kind):
            raise Unmergeable(kind.__name__)
        own_way = kind.__reduce__ is not object.__reduce__ or kind.__reduce_ex__ is not object.__reduce_ex__
        if PY2 and not own_way:
            raise Unmergeable(kind.__name__)  # 2.7 takes anything apart, and leaves out what it does not know
        had = "copyreg" in sys.modules or "copy_reg" in sys.modules
        try:
            parts = value.__reduce_ex__(2)
        except Exception:
            raise Unmergeable(kind.__name__)
        finally:
            if not had:
                sys.modules.pop("copyreg", None)
                sys.modules.pop("copy_reg", None)
        if isinstance(parts, (bytes, TEXT)):
            self.put(b"g")
            return self.text(parts)
        parts = [list(part) if at > 2 and part is not None else part for at, part in enumerate(parts)]
        self.kept.append(parts)
        self.sequence(b"R", parts)

    def is_library_class(self, kind):
        module = sys.modules.get(kind.__module__)
        return module is not None and id(module) in self.names

    # The state, part by part

    def state(self, full, directory):
        """All of it; `full` where code ran that may have changed anything. Gives the times of finders."""
        if not full:
            return self.import_state()
        path = sys.path
        self.sequence(b"P", path if type(path) is list else [path])
        finders = self.finders()
        self.modules_table()
        self.process(directory)
        self.changes()
        return finders

    def import_state(self):
        """What imports alone can have changed, on Python 3. In one piece, and looking at as little as it can: in a copy of
        a process, whatever is counted a reference to must be copied first."""
        baseline, put, modules, written = self.baseline, self.put, sys.modules, self.baseline.written
        root, times = baseline.root_text, []
        put(repr(sys.path).replace(root, "$").encode("utf-8", "surrogatepass"))
        cache = sys.path_importer_cache
        for entry in sorted([entry for entry in cache if entry.startswith(root)]):
            finder = cache[entry]
            if type(finder) is not baseline.file_finder:
                self.text(entry)
                self.finder_of_another_kind(finder)
                continue
            listed, own = finder._path_mtime, entry[len(root) + 1 :].encode("utf-8", "surrogateescape")
            put(b"f%d:" % len(own) + own)
            if listed != -1:
                put(repr(sorted(finder._path_cache)).encode("utf-8", "surrogatepass"))
                times.append((own, listed))
        for name in self.later_modules():
            module = modules[name]
            known = written.get(name)
            put(b"m")
            if known is not None and known[0] is module:
                put(known[1])
            else:
                self.later_module(name, module)
        return times

    def later_modules(self):
        """The names of modules that were not there at the start, where those that were still are."""
        modules = sys.modules
        later = len(modules) - len(self.baseline.modules)
        if hasattr(modules, "__reversed__"):
            names = reversed(modules)
            return sorted([next(names) for _ in range(later)])
        return sorted(list(modules)[-later:]) if later else []

    def later_module(self, name, module):
        """A module from the ordering. One that holds only what cannot change is written once: from then on only a
        `reload` could change it."""
        before = len(self.parts)
        self.text(name)
        if type(module) is MODULE and self.simple_module(module.__dict__):
            self.baseline.written[name] = (module, b"".join(self.parts[before:]))
        elif type(module) is MODULE or module is not None:
            for other in self.later_modules():
                self.seen.setdefault(id(sys.modules[other]), b"m" + as_bytes(other) + b";")
            self.module_entry(name, module)
        else:
            self.put(b"N")

    def modules_table(self):
        baseline = self.baseline
        at_start, library, modules = baseline.modules, baseline.library, sys.modules
        for name in baseline.start_names:
            if name not in modules or modules[name] is not at_start[name]:
                self.put(b"x")
                self.text(name)
        later = [name for name in modules if name not in at_start or modules[name] is not at_start[name]]
        if not all([type(name) is str for name in later]):
            raise Unmergeable("a module name that is no text")
        later.sort()
        # Wherever these are met, it is by their names.
        for name in later:
            self.seen.setdefault(id(modules[name]), b"m" + as_bytes(name) + b";")
        for name in later:
            module = modules[name]
            self.put(b"m")
            self.text(name)
            if library.get(name, baseline) is module or id(module) in self.names:
                self.put(b"l")
                self.text(self.names[id(module)])
                self.text(baseline.contents.get(name, b""))
            elif type(module) in PLAIN:
                self.plain(type(module), module)
            else:
                self.module_entry(name, module)

    def module_entry(self, name, module):
        """What `sys.modules` holds under a name; where it is there under another too, that name says it all."""
        seen = self.seen[id(module)]
        if seen != b"m" + as_bytes(name) + b";":
            self.put(b"#")
            self.put(seen)
        elif type(module) is MODULE:
            self.module(module)
        else:
            self.kept.append(module)
            self.other(type(module), module)

    def simple_module(self, own):
        """Writes a module that is no package and holds nothing that can change but its loader and its specification,
        if those are as the import system makes them."""
        special = ("__spec__", "__loader__", "__builtins__")
        for key, value in own.items():
            if type(value) not in PLAIN and key not in special:
                return False
        baseline = self.baseline
        spec, loader, name, path = own.get("__spec__"), own.get("__loader__"), own.get("__name__"), own.get("__file__")
        if type(spec) is not baseline.spec_class or type(loader) is not baseline.loader_class or path is None:
            return False
        held = spec.__dict__
        if (
            held.get("loader") is not loader
            or held.get("name") != name
            or held.get("origin") != path
            or held.get("_cached") != own.get("__cached__")
            or held.get("submodule_search_locations") is not None
            or held.get("loader_state") is not None
            or held.get("_initializing")
            or len(held) > 8
            or loader.__dict__ != {"name": name, "path": path}
            or id(own.get("__builtins__")) not in self.names
        ):
            return False
        self.put(b"s")
        for key in sorted(own):
            if key not in special:
                self.emit(key)
                self.emit(own[key])
        return True

    def finders(self):
        """`sys.path_importer_cache`; of finders of the ordering's directories the times are given apart."""
        baseline = self.baseline
        times = []
        cache = sys.path_importer_cache
        for entry in sorted(cache, key=repr):
            finder = cache[entry]
            self.put(b"p")
            self.emit(entry)
            if finder is None or type(finder) is not baseline.file_finder:
                self.finder_of_another_kind(finder)
                continue
            self.put(b"f")
            if finder._loaders != baseline.loaders:
                self.emit(finder._loaders)
            listed = finder._path_mtime
            data = as_bytes(finder.path)
            if not data.startswith(b"/"):
                raise Unmergeable("a finder of a relative path")
            if data.startswith(self.root) and listed != -1:
                self.members(b"S", finder._path_cache)
                if finder._relaxed_path_cache:
                    self.members(b"R", finder._relaxed_path_cache)
                times.append((data[len(self.root) + 1 :], listed))
        return times

    def finder_of_another_kind(self, finder):
        if type(finder).__name__ == "zipimporter" and type(finder).__module__ == "zipimport":
            self.put(b"z")
            self.emit(finder.archive)
            self.emit(finder.prefix)
        elif type(finder).__name__ == "NullImporter":
            self.put(b"0")
        else:
            self.emit(finder)

    def process(self, directory):
        """What the process holds beyond objects."""
        modules = self.baseline.modules
        self.emit(directory)
        thread = modules.get("_thread") or modules.get("thread") or sys.modules.get("thread")
        if thread is not None and thread._count() > 0:
            raise Unmergeable("a thread")
        if sys.gettrace() is not None or sys.getprofile() is not None:
            raise Unmergeable("a trace function")
        self.emit(sys.getrecursionlimit())
        signal = modules.get("_signal") or modules.get("signal")
        for number_ in range(1, signal.NSIG):
            try:
                self.emit(signal.getsignal(number_))
            except ValueError:
                pass
        locale = sys.modules.get("_locale")
        if locale is not None:
            self.emit(locale.setlocale(locale.LC_ALL, None))

    def changes(self):
        """What is different in modules that were there, from when they were loaded."""
        changed = []
        for where, letter, value, keys, ids in self.baseline.snapshots:
            if letter == b"L":
                if list(map(id, value)) != ids:
                    changed.append((where, letter, value, None))
            elif letter == b"S":
                if set(map(id, value)) != ids:
                    changed.append((where, letter, value, None))
            elif letter == b"A":
                registry = registry_of(value)
                if set(map(id, registry)) != ids:
                    changed.append((where, b"S", registry, None))
            else:
                own = value if letter == b"D" else value.__dict__
                if len(own) != len(keys) or list(map(id, own.values())) != ids:
                    changed.append((where, letter, own, dict(zip(keys, ids))))
        for where, letter, value, then in sorted(changed, key=lambda change: change[0]):
            self.change(where, letter, value, then)

    def change(self, where, letter, value, then):
        if letter in (b"L", b"S"):
            self.put(b"~")
            self.text(where)
            return self.sequence(b"L", value) if letter == b"L" else self.members(b"S", value)
        keys = [key for key in value if then.get(key) != id(value[key])]
        keys.extend([key for key in then if key not in value])
        keys = [key for key in keys if key not in ABC_CACHES and "%s.%s" % (where, key) not in LEFT_OUT]
        try:
            keys.sort()
        except TypeError:
            pass
        for key in keys:
            self.put(b"~")
            self.text(where)
            self.emit(key)
            if key in value:
                self.emit(value[key])


METHODS = {
    dict: Digest.mapping,
    list: lambda self, value: self.sequence(b"L", value),
    tuple: lambda self, value: self.sequence(b"t", value),
    set: lambda self, value: self.members(b"S", value),
    frozenset: lambda self, value: self.members(b"S", value),
    bytearray: lambda self, value: self.plain(bytes, bytes(value)),
    MODULE: Digest.module,
    FUNCTION: lambda self, value: self.is_library_attribute(value) or self.function(value),
    CODE: Digest.code,
    CELL: Digest.cell,
    METHOD: Digest.bound,
    BUILTIN: Digest.builtin,
    METHOD_WRAPPER: Digest.builtin,
    MEMBER: Digest.descriptor,
    GETSET: Digest.descriptor,
    SLOT_WRAPPER: Digest.descriptor,
    METHOD_DESCRIPTOR: Digest.descriptor,
    CLASS_METHOD_DESCRIPTOR: Digest.descriptor,
    PROXY: lambda self, value: self.mapping(dict(value)),
    property: lambda self, value: self.attributes(b"Y", value, ("fget", "fset", "fdel", "__doc__")),
    staticmethod: lambda self, value: self.attributes(b"Z", value, ("__func__",)),
    classmethod: lambda self, value: self.attributes(b"K", value, ("__func__",)),
    type: Digest.cls,
}
