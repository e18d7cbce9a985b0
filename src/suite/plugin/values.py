"""How a value reads as text, what it is told apart by, and what containers of any class hold, without running its code.

Runs with what kinds.py defines in its namespace; what it defines stands in that of walk.py. Types are told apart by their ids,
since a metaclass may define what equal is, keys and members by what `mark` says, since they may define it too, and containers
are read by the methods of the builtin class.
"""

import sys

attributes = dict_of
absent = type("absent", (), {})()
function_type = type(lambda: None)


class Members:
    """What a set holds. To make a set of it could run code: that of what has a hash of its own."""

    def __init__(self, members):
        self.members = members


def mark(value):
    """What a key or member is told apart by: itself where it is plain, what it is made of, else its identity."""
    kind = type(value)
    if id(kind) in PLAIN:
        return value
    if kind is tuple:
        return ("tuple",) + tuple(map(mark, value))
    return ("frozenset", frozenset(map(mark, value))) if kind is frozenset else ("id", id(value))


def items_of(mapping):
    """Keys and values of a dictionary of any class; nothing of what is none."""
    return list(dict.items(mapping)) if issubclass(type(mapping), dict) else []


def by_name(mapping):
    """The entries of a dictionary of any class whose keys are plain texts."""
    return {key: value for key, value in items_of(mapping) if type(key) is str}


def loaded_modules():
    """What `sys.modules` has, by name."""
    return by_name(sys.modules)


def text_in(names, key):
    """The text that a namespace has under a name; None where there is none, or something else."""
    found = names.get(key) if names is not None else None
    return found if type(found) is str else None


def kind_of_value(value):
    """What kind of thing stands at a place, as far as causes depend on it."""
    if value is absent:
        return "absent"
    return "none" if value is None else "module" if is_module(value) else "other"


def named(value):
    """The type of a value as text."""
    return full_name(type(value))


def full_name(cls):
    """A class as text."""
    name = qualified_name(cls)
    return "%s.%s" % (module_of(cls), name if type(name) is str else class_name(cls))


def shown(value, depth=3):
    """A value as text: faithful where it is plain, else what kind of thing it is."""
    kind = type(value)
    if (kind is str or kind is bytes) and len(value) > 300:
        return "%r... (%d, hash %d)" % (value[:300], len(value), hash(value))
    if kind is int and value.bit_length() > 4096:
        return "<int of %d bits>" % value.bit_length()
    if id(kind) in PLAIN:
        return repr(value)
    if kind is tuple or kind is list or kind is set or kind is frozenset or kind is dict or kind is Members:
        return shown_container(kind, value, depth)
    if is_module(value):
        return "<module %s>" % text_in(attributes(value), "__name__")
    if is_class(value):
        return "<class %s>" % full_name(value)
    if kind is function_type:
        module, name = value.__module__, value.__qualname__
        return "<function %s.%s>" % (module if type(module) is str else "?", name if type(name) is str else "?")
    return "<%s object>" % named(value)


def shown_container(kind, value, depth):
    """What a builtin container holds as text, unless it is too much."""
    held = value.members if kind is Members else list(value.items()) if kind is dict else list(value)
    if len(held) > 40 or not depth:
        return "<%s of %d>" % ("set" if kind is Members else kind.__name__, len(held))
    if kind is dict:
        return "{%s}" % ", ".join("%s: %s" % (shown(key, depth - 1), shown(each, depth - 1)) for key, each in held)
    inner = [shown(each, depth - 1) for each in held]
    if kind is list or kind is tuple:
        return ("[%s]" if kind is list else "(%s)") % ", ".join(inner)
    return "{%s}" % ", ".join(sorted(inner))


def same(old, new):
    """Whether a value is what it was: the same object, or an equal one of the kinds that cannot change in place."""
    if old is new:
        return True
    kind = type(old)
    if kind is not type(new):
        return False
    if id(kind) in PLAIN:
        return bool(old == new) or (old != old and new != new)
    return (kind is tuple or kind is frozenset) and len(old) == len(new) <= 40 and shown(old) == shown(new)
