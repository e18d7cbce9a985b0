"""Values as bytes that are equal for equal values: a walk that numbers what it meets, so that aliases and cycles show.

What cannot be written faithfully makes the state unmergeable. Runs with what kinds.py defines in its namespace.
"""

import sys

# Texts that are longer are written as hashes of parts this long.
PART = 1 << 20
# Sequences that are longer take their time.
LONG = 1 << 16


class Digest(object):
    """One state being written."""

    def __init__(self, baseline, goes_on=lambda: None):
        self.baseline = baseline
        self.goes_on = goes_on  # called while it takes its time
        self.root = baseline.root
        self.names = baseline.names
        self.parts = []
        self.put = self.parts.append
        self.seen = {}
        self.kept = []

    def text(self, data):
        if len(data) > PART and not self.names_root(data):
            return self.long_text(data)
        data = as_bytes(data)
        if self.root in data:
            data = data.replace(self.root, b"$")
        self.put(number(len(data)))
        self.put(b":")
        self.put(data)

    def names_root(self, data):
        self.goes_on()
        root = self.root if isinstance(data, (bytes, bytearray)) else self.baseline.root_text
        return root in data

    def long_text(self, data):
        """Never all of it at once: a copy may be more than memory holds. The hash of bytes has 64 bits."""
        self.put(b"%d!" % len(data) if not PY2 else "%d!" % len(data))
        for at in range(0, len(data), PART):
            if at % (64 * PART) == 0:
                self.goes_on()
            part = data[at : at + PART]
            self.put(number(hash(bytes(part) if type(part) is bytearray else as_bytes(part))))
            self.put(b";")

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
        if len(self.seen) % LONG == 0:
            self.goes_on()
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

    def bytes_of(self, value):
        self.put(b"a")
        self.text(value if len(value) > PART else bytes(value))

    def sequence(self, letter, items):
        self.put(letter)
        self.put(number(len(items)))
        self.put(b";")
        if len(items) <= LONG:
            for item in items:
                self.emit(item)
            return
        for at in range(0, len(items), LONG):
            self.goes_on()
            for item in items[at : at + LONG]:
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
        for at, (key, item) in enumerate(items):
            if at % LONG == LONG - 1:
                self.goes_on()
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


METHODS = {
    dict: Digest.mapping,
    list: lambda self, value: self.sequence(b"L", value),
    tuple: lambda self, value: self.sequence(b"t", value),
    set: lambda self, value: self.members(b"S", value),
    frozenset: lambda self, value: self.members(b"S", value),
    bytearray: lambda self, value: self.bytes_of(value),
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
