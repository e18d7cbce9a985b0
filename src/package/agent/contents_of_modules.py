"""What the modules of one package hold: each cell (a name of a module) as a text without addresses, each module as a
digest of its cells. Looking runs no code of the objects.

Texts are bounded: of a value that is larger, a part and its length. A cell that has not changed since the last look, as
far as identities can say, keeps its digest, so that a look after an import costs what the import changed. For CPython
3.6 and later. Runs with the definitions of kinds.py, contents.py and view.py in its namespace.
"""

# Objects that the text of one cell shows, and of one entry of a class.
ROOM = 300
ROOM_IN_CLASS = 40
ROOM_IN_SET = 20
DEEP = 5
# Entries of a container that its signature compares one by one.
COMPARED = 64

# Names that the import system writes, or that say where something is written.
OF_THE_SYSTEM = frozenset(
    "__builtins__ __cached__ __doc__ __loader__ __spec__ __warningregistry__ __annotations__ __conditional_annotations__".split()
)
OF_CLASSES = frozenset(
    "__dict__ __weakref__ __doc__ __module__ __qualname__ __annotations__ __annotate__ __abstractmethods__ _abc_impl"
    " __static_attributes__ __firstlineno__ __orig_bases__ __parameters__ __slots__ __classcell__"
    " __annotations_cache__ __annotate_func__".split()
)
WRAPPERS = (staticmethod, classmethod, property)
STEADY = frozenset(map(id, (FUNCTION, BUILTIN, MEMBER, GETSET, SLOT_WRAPPER, METHOD_DESCRIPTOR) + WRAPPERS))


class CellText(object):
    """The text of one value. Of an object of another package's class, which is that package's to keep, only the plain
    attributes are shown."""

    package = ""  # and a dot
    own = ""

    def __init__(self, room):
        self.left = room

    def of(self, value, depth):
        self.left -= 1
        if self.left < 0 or depth < 0:
            return "..."
        kind = type(value)
        if id(kind) in PLAIN:
            return plain_text(kind, value)
        if kind is list or kind is tuple or kind is dict:
            return self.of_container(kind, value, depth)
        if kind is set or kind is frozenset:
            # Each on its own: the order of a set is chance, and must not decide for whom there is room.
            room, deep = min(ROOM_IN_SET, self.left), min(1, depth - 1)
            self.left -= len(value)
            parts = sorted([CellText(room).of(item, deep) for item in list(value)])
            return "%s(%d){%s}" % (kind.__name__, len(parts), ", ".join(parts[:ROOM]))
        if is_class(value):
            return "<class %s>" % full_name(value)
        if is_module(value):
            return "<module %s>" % (dict_of(value) or {}).get("__name__")
        if kind is FUNCTION:
            return function_text(value)
        if kind is BUILTIN:
            return "<built-in function %s>" % value.__name__
        return self.of_object(kind, value, depth)

    def of_container(self, kind, value, depth):
        parts = []
        items = list(value.items()) if kind is dict else list(value)
        for item in items:
            if self.left <= 0:
                parts.append("... (%d)" % len(items))
                break
            if kind is dict:
                parts.append("%s: %s" % (self.of(item[0], depth - 1), self.of(item[1], depth - 1)))
            else:
                parts.append(self.of(item, depth - 1))
        opening, closing = {list: "[]", tuple: "()", dict: "{}"}[kind]
        return opening + ", ".join(parts) + closing

    def of_object(self, kind, value, depth):
        parts = []
        if kind is METHOD:
            return "<method %s>" % self.of(value.__func__, depth - 1)
        if kind is property:
            return "<property %s>" % self.of(value.fget, depth - 1)
        if kind is staticmethod or kind is classmethod:
            return "<%s %s>" % (kind.__name__, self.of(value.__func__, depth - 1))
        is_own = is_of_package(kind)
        own = dict_of(value) or {}
        for key in sorted([key for key in own if type(key) is str]):
            if is_own or id(type(own[key])) in PLAIN:
                parts.append("%s=%s" % (key, self.of(own[key], depth - 1)))
        for base in (dict, list, tuple, set, frozenset):
            if issubclass(kind, base):
                plain = list(base.items(value)) if base is dict else list(base.__iter__(value))
                parts.append(self.of(plain if base not in (set, frozenset) else base(plain), depth - 1))
        return "<%s object%s>" % (full_name(kind), "".join([" " + part for part in parts]))


def is_of_package(cls):
    """Whether a class, or one that it is built on, is defined in the package."""
    for base in mro_of(cls):
        module = module_of(base)
        if module is not None and (module == CellText.own or module.startswith(CellText.package)):
            return True
    return False


def plain_text(kind, value):
    if kind is int and value.bit_length() > 4096:
        return "<int of %d bits %d>" % (value.bit_length(), hash(value))
    if (kind is bytes or kind is TEXT) and len(value) > LONGEST:
        return "%r... (%d, %x)" % (value[:LONGEST], len(value), hash(value) & 0xFFFFFFFF)
    return repr(value)


def function_text(value):
    module, name = value.__module__, value.__qualname__
    module = module + "." if type(module) is str else ""
    return "<function %s%s, line %d>" % (module, name, value.__code__.co_firstlineno)


def class_text(cls):
    """A class with its entries, for the module that defines it."""
    own = namespace_of(cls)
    parts = []
    for key in sorted([key for key in own if type(key) is str and key not in OF_CLASSES]):
        parts.append("%s=%s" % (key, CellText(ROOM_IN_CLASS).of(own[key], 3)))
    return "<class %s: %s>" % (full_name(cls), ", ".join(parts))


def cell_text(module, value):
    """The text of a cell of a module."""
    if is_class(value) and module_of(value) == module:
        return class_text(value)
    return CellText(ROOM).of(value, DEEP)


def signature(module, value):
    """What is equal to that of the last look only if the text is too; None if only the text can tell."""
    kind = type(value)
    if id(kind) in PLAIN:
        return (id(kind), value)
    if kind is FUNCTION:
        return (id(value), id(value.__code__))
    if kind is BUILTIN or is_module(value):
        return (id(value), id(kind))
    if kind is list or kind is tuple or kind is set or kind is frozenset:
        return signature_of_items(kind, value)
    if kind is dict:
        return signature_of_items(kind, list(value.keys()) + list(value.values()))
    if is_class(value):
        return signature_of_class(value) if module_of(value) == module else (id(value), id(kind))
    return None


def signature_of_items(kind, items):
    if not all([id(type(item)) in PLAIN for item in items]):
        return None
    if len(items) > COMPARED:
        return (id(kind), len(items), hash(tuple(map(id, items))))
    return (id(kind), tuple([(id(type(item)), item) for item in items]))


def signature_of_class(cls):
    parts = [id(cls)]
    for key, value in namespace_of(cls).items():
        if type(key) is not str or key in OF_CLASSES:
            continue
        kind = type(value)
        if id(kind) not in STEADY and id(kind) not in PLAIN:
            return None
        parts.append((key, id(value), id(kind)))
    return tuple(parts)


class PackageLook(object):
    """Looks at the modules of one package in `sys.modules`, again and again."""

    def __init__(self, package, table):
        self.package = package
        self.prefix = CellText.package = package + "."
        CellText.own = package
        self.table = table
        self.masked = frozenset()  # cells whose text differs even between two equal runs
        self.known = {}  # by module: its cells at the last look

    def modules(self):
        """The names of the package's modules that are loaded."""
        table = self.table
        return [
            name
            for name in list(table)
            if type(name) is str
            and (name == self.package or name.startswith(self.prefix))
            and table.get(name) is not None
        ]

    def contents(self, name):
        """The cells of a module and their values, without submodules that the import system bound."""
        own = dict_of(self.table.get(name))
        if own is None:
            return []
        prefix = name + "."
        return [
            (key, value)
            for key, value in list(own.items())
            if type(key) is str
            and key not in OF_THE_SYSTEM
            and not (is_module(value) and self.table.get(prefix + key) is value)
            and (name, key) not in self.masked
        ]

    def digest(self, name, is_last):
        old = self.known.get(name, {})
        cells = {}
        digests = []
        for key, value in self.contents(name):
            cell = old.get(key)
            mark = None if is_last and cell is None else signature(name, value)
            if cell is None or mark is None or cell[0] != mark:
                cell = (mark, hash(cell_text(name, value)))
            cells[key] = cell
            digests.append((key, cell[1]))
        self.known[name] = cells
        digests.sort()
        return hash(tuple(digests))

    def digests(self, names, is_last=True):
        """By module, a digest of its cells. Only before another look is it worth keeping what a look can compare."""
        return dict([(name, self.digest(name, is_last)) for name in names])

    def texts(self, name):
        """The cells of a module as texts, submodules included."""
        own = dict_of(self.table.get(name)) or {}
        keys = [key for key in own if type(key) is str and key not in OF_THE_SYSTEM and (name, key) not in self.masked]
        return [(key, cell_text(name, own[key])) for key in sorted(keys)]

    def unbound(self, names):
        """Modules of these that are loaded, and that their parent package does not name."""
        found = []
        for name in names:
            parent, _, last = name.rpartition(".")
            own = dict_of(self.table.get(parent)) if parent else None
            if own is not None and own.get(last) is not self.table.get(name):
                found.append(name)
        return found
