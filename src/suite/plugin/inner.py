"""What a value holds, as text: equal for values that hold the same, and never equal to another one where it cannot be
read.

Compiled by look.py for a survey, which passes in the definitions of walk.py as `walk`. As in walk.py, no object's code
runs. Nothing is imported here.
"""

walk = globals()["walk"]
PLAIN, attributes, shown, is_module = walk["PLAIN"], walk["attributes"], walk["shown"], walk["is_module"]
named, is_class, items_of, absent = walk["named"], walk["is_class"], walk["items_of"], walk["absent"]
function_type, Members, METHOD = walk["function_type"], walk["Members"], walk["METHOD"]
is_logger, class_name, module_of = walk["is_logger"], walk["class_name"], walk["module_of"]
mro_of, namespace_of = walk["mro_of"], walk["namespace_of"]
members_of, held_in = walk["members_of"], walk["held_in"]
READ = (dict, set, frozenset, list, tuple, bytearray, Members)

# Parts of a value that are read; what is said of them is a number if it is longer than this.
MOST_PARTS = 400
LONGEST = 1500
# What texts are told apart by, as a number: the same in every process, other than a text's own hash.
MODULUS = (1 << 127) - 1


def number_of(text):
    return "%032x" % (int.from_bytes(text.encode("utf-8", "backslashreplace"), "little") % MODULUS)


def inner(value):
    """The text, or None if the value holds too much, or something that only its own code could tell."""
    parts = []
    text = told(value, {}, parts)
    if len(parts) > MOST_PARTS:
        return None
    return text if len(text) <= LONGEST else "%d letters, %s" % (len(text), number_of(text))


def of_cache(results):
    """What a cache holds, as text, or None if nobody can tell. Of a result that cannot be read its class is told: it is
    the one for the same arguments."""
    if results is None:
        return None
    pairs = [(inner(key), inner(result) or named(result)) for key, result in dict.items(results)]
    if len(pairs) > MOST_PARTS or None in [key for key, _ in pairs]:
        return None
    return "{%s}" % ", ".join(sorted(["%s: %s" % pair for pair in pairs]))


def told(value, seen, parts):
    kind = type(value)
    parts.append(None)
    if value is absent:
        return "absent"
    if id(kind) in PLAIN or is_module(value) or is_class(value) or kind is function_type:
        return shown(value)
    if id(value) in seen:
        return "<%d>" % seen[id(value)]
    if len(parts) > MOST_PARTS:
        return "..."
    if is_lock(kind):
        # Only the system and C hold it; its text says whether anybody has it.
        return repr(value).partition(" object")[0] + ">"
    if class_name(kind) == "PlaceHolder" and module_of(kind) == "logging":
        # It stands for a parent that does not exist, and knows of its children alone, which are told themselves.
        return shown(value)
    seen[id(value)] = len(seen)
    name, own = named(value), attributes(value)
    if own and is_logger(kind):
        own = of_logger(own)
    slots, is_whole = in_slots(value, kind)
    if slots:
        own = dict(own or {}, **slots)
    held = "" if not own else " " + in_order("%s=%s", dict.items(own), seen, parts)
    if kind is METHOD:
        held = " of " + told(value.__self__, seen, parts) + " " + told(value.__func__, seen, parts)
    elif own is None and not is_whole and not issubclass(kind, READ):
        # What it holds is held in C.
        parts.extend([None] * MOST_PARTS)
    return "<%s%s%s>" % (name, contents(value, kind, seen, parts), held)


def in_slots(value, kind):
    """What an object has in slots, by name, and whether it can have nothing else: all its classes name their slots."""
    classes = [base for base in mro_of(kind) if base is not object]
    slotted = [base for base in classes if "__slots__" in namespace_of(base)]
    held = {name: held_in(member, value) for base in slotted for name, member in members_of(base)}
    return held, len(slotted) == len(classes)


def is_lock(kind):
    return module_of(kind) == "_thread" and class_name(kind) in ("lock", "RLock")


def of_logger(own):
    """What a logger holds itself: through its parent and its manager it knows of all others."""
    apart = ("parent", "manager", "_cache")
    return dict(
        [each for each in dict.items(own) if each[0] not in apart],
        parent=(attributes(own.get("parent")) or {}).get("name"),
    )


def contents(value, kind, seen, parts):
    """What a container of a builtin class, or one built on it, contains."""
    if kind is Members:
        return " " + unordered(value.members, seen, parts)
    if issubclass(kind, dict):
        return " " + in_order("%s: %s", items_of(value), seen, parts)
    if issubclass(kind, (set, frozenset)):
        base = set if issubclass(kind, set) else frozenset
        return " " + unordered(list(base.__iter__(value)), seen, parts)
    for base in (list, tuple):
        if issubclass(kind, base):
            return " [%s]" % ", ".join([told(each, seen, parts) for each in first(base.__iter__(value))])
    return " " + repr(bytes(bytearray.__getitem__(value, slice(None)))) if issubclass(kind, bytearray) else ""


def in_order(form, pairs, seen, parts):
    return "{%s}" % ", ".join([form % (told(key, seen, parts), told(each, seen, parts)) for key, each in first(pairs)])


def unordered(members, seen, parts):
    return "{%s}" % ", ".join(sorted([told(each, seen, parts) for each in first(members)]))


def first(values):
    """As many as a text can hold, and one more."""
    return list(values)[: MOST_PARTS + 1]
