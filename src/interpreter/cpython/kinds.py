"""Kinds of objects that a state is made of, what is left out of it, and small questions about objects.

The first of the files that write states; what it defines stands in the namespaces of those after it. For CPython 2.7
and 3.6 to 3.13, like all of them.
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
