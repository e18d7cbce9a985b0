"""Values as bytes that are equal for equal values: a walk that numbers objects as it meets them, so that aliases and
cycles show.

An object that cannot be written faithfully makes the state unmergeable. Runs with the definitions of kinds.py in its
namespace. A hunt reads state in another way (walk.py of its plugin), with names and ways to restore it; both share
kinds.py, including its list of noise.
"""

import sys

# Longer texts are written as hashes of parts of this length.
PART = 1 << 20
# Longer sequences take long to write.
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
        """Never copies all of it at once: memory may not have room for a copy. The hash of bytes has 64 bits."""
        self.put(b"%d!" % len(data) if not PY2 else "%d!" % len(data))
        for at in range(0, len(data), PART):
            if at % (64 * PART) == 0:
                self.goes_on()
            part = data[at : at + PART]
            self.put(number(hash(bytes(part) if type(part) is bytearray else as_bytes(part))))
            self.put(b";")

    def emit(self, value):
        kind = type(value)
        if id(kind) in PLAIN:
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
        method = METHODS.get(id(kind))
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
        elif kind is float or kind is complex:
            self.put(b"f")
            self.text(repr(value))
        elif value is None:
            self.put(b"N")
        else:
            self.put(b"v")
            self.text("%s %r" % (class_name(kind), value))

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
        """Items whose order means nothing."""
        keyed = sorted([self.sort_key(item) for item in items], key=lambda pair: pair[0])
        self.sequence(letter, [item for _, item in keyed])

    def sort_key(self, item):
        kind = type(item)
        if id(kind) in PLAIN or (kind is tuple and all([id(type(part)) in PLAIN for part in item])):
            return class_name(kind) + repr(item), item
        target = item() if kind is self.baseline.weakref else item
        name = self.names.get(id(target)) or own_name(target)
        if name is None:
            raise Unmergeable("a set of %s" % class_name(kind))
        return "@" + repr(as_bytes(name)), item

    def mapping(self, value):
        items = list(value.items())
        if PY2 and all([id(type(key)) in PLAIN for key, _ in items]):
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
        """A dict of attributes, whose order means nothing."""
        self.seen.setdefault(id(own), number(len(self.seen)) + b";")
        if not are_texts(own):
            raise Unmergeable("attributes that are not texts")
        self.pairs(b"n", [(key, own[key]) for key in sorted(own) if key not in left_out])

    def attributes_of(self, value):
        """An object's own `__dict__`, if it has one."""
        found = attributes_of(value)
        if found is hidden:
            raise Unmergeable("a %s whose attributes only itself can give" % class_name(type(value)))
        return found

    def module(self, value):
        self.put(b"M")
        self.emit(type(value))
        own = self.attributes_of(value)
        if own is None:
            raise Unmergeable("a module without attributes")
        self.namespace(own)

    def function(self, value):
        self.put(b"F")
        self.emit(value.__code__)
        self.emit(value.__defaults__)
        self.emit(value.__name__)
        self.emit(value.__module__)
        self.emit(value.__dict__ or None)
        own = value.__globals__
        name = dict.get(own, "__name__")
        module = self.baseline.table.get(name) if type(name) is str else None
        self.emit(module if is_module(module) and dict_of(module) is own else own)
        self.emit(value.__closure__)
        self.emit(value.__doc__)
        if not PY2:
            self.emit(value.__kwdefaults__)
            # From 3.14 on a separate function makes them on request.
            self.emit((value.__annotate__ if sys.version_info >= (3, 14) else value.__annotations__) or None)
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
        """A class: those of the standard library by name, others with their contents."""
        if self.is_library_attribute(value):
            return
        if not is_heap(value):
            self.put(b"y")
            return self.text("%s.%s" % (module_of(value), class_name(value)))
        self.put(b"T")
        self.emit(type(value))
        self.text(class_name(value))
        self.sequence(b"t", class_bases(value))
        own = dict(namespace_of(value))
        if not are_texts(own):
            raise Unmergeable("a class with attributes that are not texts")
        if "_abc_impl" in own:
            self.members(b"r", registry_of(value))
        for name in ABC_CACHES:
            own.pop(name, None)
        self.kept.append(own)
        self.pairs(b"n", list(own.items()) if not PY2 else [(key, own[key]) for key in sorted(own)])
        self.sequence(b"s", type.__subclasses__(value) if not issubclass(value, type) else [])

    def is_library_attribute(self, value):
        """Writes the name of an object that lies in a module of the standard library under that name."""
        if is_class(value):
            name, place = module_of(value), qualified_name(value)
        else:
            name, place = value.__module__, getattr(value, "__qualname__", None) or value.__name__
        module = self.baseline.table.get(name) if type(name) is str else None
        if not is_module(module) or type(place) is not str or id(module) not in self.names:
            return False
        found = module
        for part in place.split("."):
            own = namespace_of(found) if is_class(found) else dict_of(found)
            found = own.get(part) if own is not None else None
        if found is not value:
            return False
        self.put(b"@")
        self.text(name + "." + place)
        return True

    def other(self, kind, value):
        if is_class(value):
            return self.cls(value)
        if is_module(value):
            return self.module(value)
        if kind is self.baseline.weakref:
            self.put(b"w")
            self.emit(value())
            return self.sequence(b"k", referents(value))  # the callback
        if id(kind) in OLD_STYLE:
            return self.old_style(class_name(kind), value)
        base = foundation_of(kind)
        if base is None:
            raise Unmergeable("a %s" % class_name(kind))
        self.instance(kind, base, value)

    def old_style(self, name, value):
        self.put(b"O")
        self.text(name)
        self.emit(value.__bases__ if name == "classobj" else value.__class__)
        self.emit(value.__name__ if name == "classobj" else None)
        self.namespace(value.__dict__)

    def instance(self, kind, base, value):
        self.put(b"I")
        self.emit(kind)
        if kind is self.namespace_path:
            return self.namespace_path_of(value)
        own = self.attributes_of(value)
        if own is not None:
            self.namespace(own)
        for each in mro_of(kind):
            if is_heap(each):
                self.slots(each, value)
        if issubclass(kind, BaseException):
            self.exception(base, value)
        elif way_of(base) is not None:
            parts = way_of(base)(base, value)
            self.kept.append(parts)
            self.sequence(b"R", parts)
        elif base is not object:
            self.content(base, value)

    def exception(self, base, value):
        for name in ("args",) if PY2 else ("args", "__cause__", "__context__", "__suppress_context__", "__traceback__"):
            self.emit(namespace_of(BaseException)[name].__get__(value))
        for each in mro_of(base):
            if each is not BaseException and not is_heap(each):
                self.slots(each, value)

    def slots(self, cls, value):
        for name, slot in sorted(namespace_of(cls).items(), key=first):
            if type(slot) is MEMBER:
                self.slot(name, slot, value)

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
        return dict_of(external).get("_NamespacePath") if external is not None else None

    def namespace_path_of(self, value):
        """Epochs (3.9 and later) are only ever compared for equality, and only grow."""
        own = dict(dict_of(value))
        self.kept.append(own)
        epoch = own.pop("_last_epoch", None)
        self.emit(epoch == namespace_of(type(value)).get("_epoch"))
        self.namespace(own)

    def proxied(self, value):
        """A read-only view of a mapping: only the code of the mapping knows its contents if it is not a plain dict."""
        behind = referents(value)
        if len(behind) != 1 or type(behind[0]) is not dict:
            raise Unmergeable("a view of a mapping")
        self.mapping(behind[0])


def first(pair):
    return pair[0]


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
    PROXY: Digest.proxied,
    property: lambda self, value: self.attributes(b"Y", value, ("fget", "fset", "fdel", "__doc__")),
    staticmethod: lambda self, value: self.attributes(b"Z", value, ("__func__",)),
    classmethod: lambda self, value: self.attributes(b"K", value, ("__func__",)),
    type: Digest.cls,
}
METHODS = dict([(id(kind), method) for kind, method in METHODS.items()])
