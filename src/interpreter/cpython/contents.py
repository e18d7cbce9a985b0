"""The C-level contents of objects of the interpreter's own types, as parts that a digest can continue with.

A table has a way for each type; an object of a type without one cannot be written. The ways use the methods and
fields that these types themselves define, taken from where they define them, so that they call nothing that a
subclass defines. Runs with the definitions of kinds.py in its namespace.
"""

import gc


def call(base, name, value, *arguments):
    """Calls a method as the type defines it."""
    found = namespace_of(base).get(name)
    if type(found) is not METHOD_DESCRIPTOR and type(found) is not SLOT_WRAPPER:
        raise Unmergeable("%s.%s" % (class_name(base), name))
    return found(value, *arguments)


def reading(*names):
    """A way that reads fields."""

    def fields(base, value):
        parts = []
        for name in names:
            found = namespace_of(base).get(name)
            if type(found) is not MEMBER and type(found) is not GETSET:
                raise Unmergeable("%s.%s" % (class_name(base), name))
            parts.append(found.__get__(value))
        return tuple(parts)

    return fields


def reduced(base, value):
    """Takes an object apart as pickle would: for types that do so only in C, without imports."""
    parts = call(base, "__reduce__", value)
    return parts if type(parts) is tuple else (parts,)


def saved(base, value):
    return call(base, "__getstate__", value)


def written(base, value):
    """The count of a counter that counts with plain numbers."""
    if not all([id(type(part)) in PLAIN for part in gc.get_referents(value) if part is not base]):
        raise Unmergeable("a count of something else than numbers")
    return (call(base, "__repr__", value),)


def queued(base, value):
    bound = reading("maxlen")(base, value)
    return bound + (list(call(base, "__iter__", value)),)


def ordered(base, value):
    """An OrderedDict looks up its keys to give them in order."""
    if not all([id(type(key)) in PLAIN for key in dict.keys(value)]):
        raise Unmergeable("an OrderedDict with keys that are not plain values")
    return ([(key, dict.__getitem__(value, key)) for key in call(base, "__iter__", value)],)


def with_default(base, value):
    return reading("default_factory")(base, value) + (list(dict.items(value)),)


def locked(base, value):
    return (call(base, "locked", value),)


def locked_again(base, value):
    """The owner of a lock is a number that means nothing in another process."""
    text = call(base, "__repr__", value)
    count = text.partition("count=")[2].partition(" ")[0]
    return call(base, "_is_owned", value), count


def of_thread(base, value):
    if type(value) is not base:
        raise Unmergeable("a thread-local object of another class")
    return (dict(call(base, "__getattribute__", value, "__dict__")),)


def kept_results(base, value):
    """A caching function: the function, its number of calls, and its results, link by link."""
    parts = []
    for part in gc.get_referents(value):
        if part is base or is_class(part):
            continue
        if class_name(type(part)) == "_lru_list_elem":
            part = [each for each in gc.get_referents(part) if not is_class(each)]
        elif type(part) is dict and part is not dict_of(value):
            part = [(key, linked(each)) for key, each in dict.items(part)]
        parts.append(part)
    info = call(base, "cache_info", value)
    return list(tuple.__iter__(info)), parts


def empty_cache(module, path):
    """Makes a caching function of a module forget its results."""
    found, own = module, dict_of(module)
    for name in path.split("."):
        found = own[name]
        own = namespace_of(found) if is_class(found) else {}
    if tuple.__getitem__(call(type(found), "cache_info", found), 3) == 0:
        raise LookupError("it has no results")
    call(type(found), "cache_clear", found)


def linked(value):
    """For a key, a cache of bounded size holds the link of its list, which contains everything."""
    return None if class_name(type(value)) == "_lru_list_elem" else value


def raw(base, value):
    return reading("typecode")(base, value) + (call(base, "tostring" if PY2 else "tobytes", value),)


def named_with_default(base, value):
    return reading("name")(base, value) + (list(gc.get_referents(value)),)


ITERATORS = (
    "list_iterator list_reverseiterator tuple_iterator str_iterator str_ascii_iterator bytes_iterator bytearray_iterator "
    "range_iterator longrange_iterator set_iterator dict_keyiterator dict_valueiterator dict_itemiterator "
    "dict_reversekeyiterator dict_reversevalueiterator dict_reverseitemiterator enumerate zip map filter reversed "
    "callable_iterator iterator range xrange"
)
DIALECT = "delimiter doublequote escapechar lineterminator quotechar quoting skipinitialspace strict"
# Keyed by the module and the name that a type gives itself.
WAYS = {
    ("collections", "deque"): queued,
    ("collections", "OrderedDict"): ordered,
    ("_collections", "_tuplegetter"): reduced,
    ("collections", "_tuplegetter"): reduced,
    ("collections", "defaultdict"): with_default,
    ("contextvars", "ContextVar"): named_with_default,
    ("_contextvars", "ContextVar"): named_with_default,
    ("builtins", "ContextVar"): named_with_default,
    ("_csv", "Dialect"): reading(*DIALECT.split()),
    ("decimal", "Context"): reduced,
    ("decimal", "Decimal"): reduced,
    ("functools", "partial"): reading("func", "args", "keywords"),
    ("functools", "_lru_cache_wrapper"): kept_results,
    ("itertools", "count"): written,
    ("operator", "itemgetter"): reduced,
    ("operator", "attrgetter"): reduced,
    ("types", "GenericAlias"): reading("__origin__", "__args__"),
    ("types", "UnionType"): reading("__args__"),
    ("types", "SimpleNamespace"): lambda base, value: (),
    ("typing", "TypeVar"): reduced,
    ("typing", "ParamSpec"): reduced,
    ("typing", "TypeVarTuple"): reduced,
    ("array", "array"): raw,
    ("_io", "StringIO"): saved,
    ("_io", "BytesIO"): saved,
    ("_random", "Random"): lambda base, value: (call(base, "getstate", value),),
    ("_thread", "RLock"): locked_again,
    ("_thread", "lock"): locked,
    ("_thread", "LockType"): locked,
    ("thread", "lock"): locked,
    ("_thread", "_local"): of_thread,
    ("thread", "_local"): of_thread,
    ("re", "Pattern"): reading("pattern", "flags"),
    ("_sre", "SRE_Pattern"): reading("pattern", "flags"),
    ("__builtin__", "SRE_Pattern"): reading("pattern", "flags"),
    ("_struct", "Struct"): reading("format"),
    ("builtins", "slice"): reading("start", "stop", "step"),
    ("__builtin__", "slice"): reading("start", "stop", "step"),
    ("datetime", "timezone"): lambda base, value: call(base, "__getinitargs__", value),
}
WAYS.update([(("datetime", name), reduced) for name in ("date", "datetime", "time", "timedelta")])
WAYS.update([((module, name), reduced) for module in ("builtins", "__builtin__") for name in ITERATORS.split()])
# The ways of types whose library objects are examined too, since these may change in place.
CHANGING = frozenset([of_thread, queued, ordered, with_default, written, locked, locked_again, saved, raw])
FIELDS = "n_sequence_fields"  # tuples with named fields, some of which are not among their items, have this


def way_of(base):
    """The way to take objects of a type apart; None if there is none, or the type is not the interpreter's own."""
    module = module_of(base)
    way = WAYS.get((module, class_name(base))) if type(module) is str else None
    if FIELDS in (namespace_of(base) or ()) and issubclass(base, tuple):
        way = reduced
    return way if way is not None and not fits(base) else None


def fits(kind):
    """Whether a class adds to its base only what a class statement can add: attributes, slots, weak references."""
    if not is_heap(kind):
        return False
    own = namespace_of(kind)
    if FIELDS in own:
        return False
    members = [item for item in own.values() if type(item) is MEMBER]
    known = len(members) + ("__dict__" in own) + ("__weakref__" in own)
    if "__slots__" not in own:
        known -= len(members)
    base = base_of(kind)
    return item_size_of(kind) == item_size_of(base) and size_of(kind) - size_of(base) <= known * tuple.__itemsize__


FOUNDATIONS = frozenset(map(id, CONTAINERS + VALUES + (object, BaseException)))


def foundation_of(kind):
    """The class that class statements have built this one on; None if nobody knows what its objects hold."""
    while id(kind) not in FOUNDATIONS:
        if not fits(kind):
            exception = issubclass(kind, BaseException) and not is_heap(kind)
            return kind if exception or way_of(kind) is not None else None
        kind = base_of(kind)
    return kind


def shallow(part):
    """A part in comparable form: plain values, and identities for other objects."""
    kind = type(part)
    if kind is tuple or kind is list:
        return tuple([shallow(each) for each in part])
    if kind is dict:
        return tuple([(shallow(key), shallow(each)) for key, each in dict.items(part)])
    return (id(kind), part) if id(kind) in PLAIN else id(part)


def leaves(part):
    """The objects in the parts, without the tuples, lists and dicts that only hold them together."""
    if type(part) is dict:
        part = list(part.values())
    if type(part) is not tuple and type(part) is not list:
        return [part]
    return [leaf for each in part for leaf in leaves(each)]


def content_in_c(value):
    """The part of a library object that can change without any attribute or entry changing, or None."""
    kind = type(value)
    if kind is bytearray:
        return (bytes(value),)
    base = foundation_of(kind)
    if base is None or base is object:
        return None
    if base is dict and kind is not dict:
        return (list(dict.items(value)),)
    if base is list and kind is not list:
        return (list(list.__iter__(value)),)
    way = way_of(base)
    if way in CHANGING or class_name(base) in ("Random", "Context"):
        try:
            return way(base, value)
        except Unmergeable:
            return None
    return None
