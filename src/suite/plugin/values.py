"""Values as texts, their identity for comparison, and the contents of containers of any class, without running their
code.

Runs with the definitions of kinds.py in its namespace; walk.py has its definitions. Types are distinguished by their
ids, since a metaclass may redefine equality; keys and members by their `mark`, since they may redefine it too.
Containers are read by the methods of the builtin class.
"""

import sys

attributes = dict_of
absent = type("absent", (), {})()
function_type = type(lambda: None)


class Members:
    """The members of a set. Making a set of them could run code: that of members with a hash of their own."""

    def __init__(self, members):
        self.members = members


def mark(value):
    """What distinguishes a key or member: itself if it is plain, its parts, or else its identity."""
    kind = type(value)
    if id(kind) in PLAIN:
        return value
    if kind is tuple:
        return ("tuple",) + tuple(map(mark, value))
    return ("frozenset", frozenset(map(mark, value))) if kind is frozenset else ("id", id(value))


def items_of(mapping):
    """The keys and values of a dictionary of any class; empty for anything else."""
    return list(dict.items(mapping)) if issubclass(type(mapping), dict) else []


def by_name(mapping):
    """The entries of a dictionary of any class whose keys are plain texts."""
    return {key: value for key, value in items_of(mapping) if type(key) is str}


def loaded_modules():
    """The entries of `sys.modules`, by name."""
    return by_name(sys.modules)


def text_in(names, key):
    """The text that a namespace has under a name, or None if there is none."""
    found = names.get(key) if names is not None else None
    return found if type(found) is str else None


def kind_of_value(value):
    """The kind of a value, as far as causes depend on it."""
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
    """A value as text: faithful if it is plain, else its kind."""
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
    """The contents of a builtin container as text, unless it is too large."""
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
    """Whether a value is unchanged: the same object, or an equal one of the immutable kinds."""
    if old is new:
        return True
    kind = type(old)
    if kind is not type(new):
        return False
    if id(kind) in PLAIN:
        return bool(old == new) or (old != old and new != new)
    return (kind is tuple or kind is frozenset) and len(old) == len(new) <= 40 and shown(old) == shown(new)
