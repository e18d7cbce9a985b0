"""The kinds of objects in a state, those left out of it, and questions about objects that run none of their code.

The first of the files that write states; the files after it have its definitions in their namespaces. For CPython 2.7
and 3.6 to 3.14, like all of them.

The properties of a class are read from its own fields, by the descriptors of `type`: a metaclass may answer anything,
and `isinstance` asks the object's `__class__`. `issubclass` with a result of `type()` and a builtin class asks
nobody. Classes are distinguished by their ids, since a metaclass may redefine equality.
"""

import gc
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

OLD_STYLE = frozenset()  # ids of classes
if PY2:

    class _Old:
        pass

    OLD_STYLE = frozenset([id(type(_Old)), id(type(_Old()))])

HEAP_TYPE = 1 << 9
CONTAINERS = (dict, list, set, frozenset, tuple, bytearray)
VALUES = (int, float, complex, bytes, TEXT) + ((long,) if PY2 else ())  # noqa: F821
# Ids of classes.
PLAIN = frozenset(map(id, VALUES + (bool, type(None), type(Ellipsis), type(NotImplemented))))

# Caches of pure functions, temporary contents during an import, and what is written separately.
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
        "threading._shutdown.__self__",
    ]
)
ABSTRACT = sys.modules.get("_abc")
ABC_CACHES = frozenset(["_abc_impl", "_abc_cache", "_abc_negative_cache", "_abc_negative_cache_version"])


class Unmergeable(Exception):
    """The state holds something that cannot be written faithfully."""


def number(value):
    return ("%d" % value).encode("ascii")


def as_bytes(text):
    if isinstance(text, bytes):
        return text
    return text.encode("utf-8") if PY2 else text.encode("utf-8", "surrogatepass")


# What classes say


def field(name):
    """The reader of a field of classes, as the interpreter keeps it."""
    return type.__dict__[name].__get__


class_name, class_flags, class_bases = field("__name__"), field("__flags__"), field("__bases__")
order_of, base_of, size_of = field("__mro__"), field("__base__"), field("__basicsize__")
namespace_of, dict_offset_of, module_field = field("__dict__"), field("__dictoffset__"), field("__module__")
item_size_of = field("__itemsize__")
qualified_name = class_name if PY2 else field("__qualname__")


def is_class(value):
    return issubclass(type(value), type)


def is_module(value):
    return issubclass(type(value), MODULE)


def mro_of(cls):
    """A type and its bases; empty if its extension module has not made it ready, as happens on 2.7."""
    return order_of(cls) or ()


def module_of(cls):
    """The name of the module that a class claims to be from, or None if it is not a text."""
    try:
        found = module_field(cls)
    except AttributeError:
        return None
    return found if type(found) is str else None


def is_heap(cls):
    return bool(class_flags(cls) & HEAP_TYPE)


def has_own_lookup(kind):
    """Whether looking up attributes on a value of this class may run code outside the interpreter."""
    for base in mro_of(kind):
        if is_heap(base) and "__getattribute__" in namespace_of(base):
            return True
    return False


# What objects hold

# The qualities of the `__dict__` that a class statement makes.
OF_STATEMENTS = namespace_of(type("C", (object,), {}))["__dict__"].__doc__
# Classes of the interpreter that make a `__dict__` themselves.
WITH_DICT = frozenset(map(id, (FUNCTION, MODULE, BaseException, staticmethod, classmethod)))
IN_MODULES = frozenset(["functools", "_io", "collections", "types", "_thread", "thread", "_asyncio"])
READERS = {}  # by id of a class: the class, and what reads the `__dict__` of its objects


def hidden(value):
    """Stands for a `__dict__` that only the object's own code could return."""
    return hidden


def reader_of(kind):
    for base in mro_of(kind):
        found = namespace_of(base).get("__dict__")
        if found is None or base is type:
            continue
        made_by_statement = type(found) is GETSET and is_heap(base) and found.__doc__ == OF_STATEMENTS
        known = id(base) in WITH_DICT or module_of(base) in IN_MODULES
        if made_by_statement or (known and type(found) in (GETSET, MEMBER)):
            return found.__get__
        return hidden
    return hidden if dict_offset_of(kind) else None


def attributes_of(value):
    """An object's own `__dict__`; None if it has none, `hidden` if it cannot be read."""
    kind = type(value)
    if id(kind) in OLD_STYLE:
        return value.__dict__
    known = READERS.get(id(kind))
    if known is None:
        known = READERS[id(kind)] = (kind, reader_of(kind))
    if known[1] is None:
        return None
    try:
        found = known[1](value)
    except AttributeError:
        return None
    except TypeError:
        return hidden
    return found if found is None or type(found) is dict else hidden


def dict_of(value):
    """An object's own `__dict__`, if it has a readable one."""
    found = attributes_of(value)
    return found if type(found) is dict else None


def own_name(value):
    """The own name of a function or class: the same wherever the object is found first."""
    if is_class(value):
        module, name = module_of(value), None if PY2 else qualified_name(value)
    elif type(value) is FUNCTION:
        module, name = value.__module__, getattr(value, "__qualname__", None)
    else:
        return None
    if type(module) is not str or type(name) is not str or "<" in name:
        return None
    return module + "." + name


def registry_of(cls):
    """Weak references to the classes registered with an abstract base class (3.7 and later)."""
    if has_own_lookup(type(cls)):
        raise Unmergeable("an abstract class with lookup of its own")
    # From 3.14 on, Python starts without it.
    abstract = ABSTRACT or dict.get(sys.modules, "_abc")
    if abstract is None:
        raise Unmergeable("an abstract class whose kind is no longer loaded")
    return abstract._get_dump(cls)[0]


def are_texts(keys):
    """Whether all of these are exactly of class `str`."""
    return all([type(key) is str for key in keys])


def referents(value):
    """The objects in an object of the interpreter's own kinds."""
    return gc.get_referents(value)
