"""Values as texts, their identity for comparison, and the contents of containers of any class, without running their
code.

Runs with the definitions of kinds.py in its namespace; walk.py has its definitions. Types are distinguished by their
ids, since a metaclass may redefine equality; keys and members by their `mark`, since they may redefine it too.
Containers are read by the methods of the builtin class.
"""

import sys

attributes = dict_of
absent = type("absent", (), {})()
COUNT, compress = [getattr(sys.modules["itertools"], name) for name in ("count", "compress")]
function_type = type(lambda: None)


class Members:
    """The members of a set. Making a set of them could run code: that of members with a hash of their own."""

    def __init__(self, members):
        self.members = members


class Queued(list):
    """The entries of a deque."""


class Counted:
    """Where an `itertools.count` is: its next number and its step, as a program writes them."""

    def __init__(self, text):
        self.text = text


def mark(value):
    """What distinguishes a key or member: itself if it is plain, its parts, or else its identity."""
    kind = type(value)
    # An audit hook hears of each id that is asked for, so the most frequent kinds come first.
    if kind is str or kind is int or id(kind) in PLAIN:
        return value
    if kind is tuple:
        return ("tuple",) + tuple(map(mark, value))
    return ("frozenset", frozenset(map(mark, value))) if kind is frozenset else ("id", id(value))


def items_of(mapping):
    """The keys and values of a dictionary of any class; empty for anything else."""
    return list(dict.items(mapping)) if issubclass(type(mapping), dict) else []


def without_same(was, now):
    """Two lists of entries without those that are where they were, with the same key and value: of a large dictionary
    most are."""
    others = [one[0] is not other[0] or one[1] is not other[1] for one, other in zip(was, now)]
    return [list(compress(each, others)) + each[len(others) :] for each in (was, now)]


def by_name(mapping):
    """The entries of a dictionary of any class whose keys are plain texts."""
    return {key: value for key, value in items_of(mapping) if type(key) is str}


def loaded_modules():
    """The entries of `sys.modules`, by name."""
    return by_name(sys.modules)


def loaded_module(name):
    """What `sys.modules` has under a name, or None. Unlike `loaded_modules`, this touches no other entry."""
    return dict.get(sys.modules, name) if issubclass(type(sys.modules), dict) else None


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


def is_variable(kind):
    """Whether this is the interpreter's class of variables of a context."""
    return kind is (attributes(dict.get(sys.modules, "_contextvars")) or {}).get("ContextVar")


def is_array(kind):
    """Whether this is the class of arrays of numbers, which a program may never load."""
    return kind is (attributes(dict.get(sys.modules, "array")) or {}).get("array")


def shown(value, depth=3):
    """A value as text: faithful if it is plain, else its kind."""
    kind = type(value)
    if kind is str or kind is bytes:
        return repr(value) if len(value) <= 300 else "%r... (%d, hash %d)" % (value[:300], len(value), hash(value))
    if kind is int and value.bit_length() > 4096:
        return "<int of %d bits>" % value.bit_length()
    if id(kind) in PLAIN or (kind is bytearray or is_array(kind)) and len(value) <= 300:
        return repr(value)
    if kind is Counted:
        return value.text
    if kind is Queued:
        return "deque(%s)" % shown_container(list, value, depth)
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
    if kind is COUNT or is_variable(kind):
        return True  # where it is, or what it holds, is told apart
    return (kind is tuple or kind is frozenset) and len(old) == len(new) <= 40 and shown(old) == shown(new)


# Texts up to this length are shown whole; of longer ones only what differs.
SHORT = 60
MOST_APART = 8


def told_apart(old, new):
    """The texts of an earlier and a current value; where one container or object stands for another, what differs."""
    kind = type(old)
    if kind is Queued:
        return ["deque(%s)" % text for text in told_apart(list(old), list(new))]
    texts = ["absent" if value is absent else shown(value) for value in (old, new)]
    if kind is not type(new):
        return texts
    if issubclass(kind, (dict, list, tuple, set, frozenset)) or kind is Members:
        is_long = max(map(len, texts)) > SHORT or texts[0][:1] == "<"
        return parts_apart(kind, old, new) or texts if is_long else texts
    own = [attributes(value) for value in (old, new)]
    if texts[0] != texts[1] or not (type(own[0]) is dict and type(own[1]) is dict) or is_module(old) or is_class(old):
        return texts
    inner = entries_apart(list(own[0].items()), list(own[1].items()), lambda key, text: "%s=%s" % (key, text))
    return [text[:-1] + " with %s>" % each for text, each in zip(texts, inner)] if inner else texts


def parts_apart(kind, old, new):
    """What differs between two containers, as two texts; None if nothing does."""
    if issubclass(kind, dict):
        found = entries_apart(items_of(old), items_of(new), lambda key, text: "%s: %s" % (shown(key), text))
        return found and ["{%s}" % each for each in found]
    if issubclass(kind, (list, tuple)):
        base = list if issubclass(kind, list) else tuple
        found = ends_cut(*(list(base.__iter__(value)) for value in (old, new)))
        return found and [("[%s]" if base is list else "(%s)") % each for each in found]
    held = [value.members if kind is Members else list(each_of(kind, value)) for value in (old, new)]
    marks = [set(map(mark, members)) for members in held]
    only = [[each for each in held[side] if mark(each) not in marks[1 - side]] for side in (0, 1)]
    more = bool(marks[0] & marks[1])
    return ["{%s}" % listed(sorted(map(shown, each)), more) for each in only] if only[0] or only[1] else None


def each_of(kind, value):
    """The members of a set of any class."""
    return set.__iter__(value) if issubclass(kind, set) else frozenset.__iter__(value)


def alike(old, new):
    return same(old, new) or (type(old) is type(new) and shown(old) == shown(new))


def entries_apart(old, new, text):
    """Those of two lists of entries that are not in both, as two texts; None if all are."""
    sides = [{mark(key): (key, value) for key, value in side} for side in (old, new)]
    both = {each for each in sides[0] if each in sides[1] and alike(sides[0][each][1], sides[1][each][1])}
    apart = [[text(key, shown(value, 2)) for each, (key, value) in side.items() if each not in both] for side in sides]
    return [listed(each, bool(both)) for each in apart] if apart[0] or apart[1] else None


def ends_cut(old, new):
    """Two lists without their common beginning and end, as texts; None if nothing is left."""
    start, most = 0, min(len(old), len(new))
    while start < most and alike(old[start], new[start]):
        start += 1
    end = 0
    while end < most - start and alike(old[-1 - end], new[-1 - end]):
        end += 1
    if start == len(old) == len(new):
        return None
    inner = [[shown(each, 2) for each in side[start : len(side) - end]] for side in (old, new)]
    return [("..., " if start and each else "") + listed(each, end > 0 or start > 0 and not each) for each in inner]


def listed(texts, more):
    """Texts in a row; `...` stands for what both sides have."""
    few = texts[:MOST_APART]
    if len(texts) > len(few):
        few.append("(%d more)" % (len(texts) - len(few)))
    return ", ".join(few + ["..."] * more)
