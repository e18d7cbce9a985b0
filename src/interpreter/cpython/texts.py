"""Values as text for people: evidence, timelines, expectations that were not met.

Looking runs no code of the objects: plain values and builtin containers of them are shown as their `repr`, other
objects by their class and the contents of their attributes. Runs with the definitions of kinds.py and contents.py in
its namespace.
"""

LONGEST = 200
DEEPEST = 4


def short_text(value):
    """A value of any kind as text, bounded."""
    text = written_out(value, DEEPEST)
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def written_out(value, depth):
    kind = type(value)
    if id(kind) in PLAIN:
        if kind is int and value.bit_length() > 4096:
            return "<int of %d bits>" % value.bit_length()
        return repr(value if kind is not bytes and kind is not TEXT else value[: LONGEST + 1])
    if id(kind) in OLD_STYLE:
        return "<%s>" % (value.__name__ if is_old_class(value) else "%s object" % value.__class__.__name__)
    if kind is list or kind is tuple or kind is set or kind is frozenset or kind is dict:
        return container(kind, value, depth) if depth else "..."
    if is_class(value):
        return "<class '%s'>" % full_name(value)
    if is_module(value):
        return module_written_out(value)
    if kind is FUNCTION:
        return "<function %s>" % (value.__name__ if PY2 else value.__qualname__)
    if kind is BUILTIN:
        return "<built-in function %s>" % value.__name__
    return written_out_object(kind, value, depth)


def is_old_class(value):
    return class_name(type(value)) == "classobj"


def full_name(cls):
    module, name = module_of(cls), qualified_name(cls)
    return name if module is None or module in ("builtins", "__builtin__") else module + "." + name


def module_written_out(value):
    """As `repr` does: by its spec, where it has one, whatever its own names say."""
    own = dict_of(value) or {}
    spec = dict_of(own.get("__spec__")) or {}
    name = spec.get("name", own.get("__name__"))
    file = spec.get("origin") if spec.get("_set_fileattr") is True else own.get("__file__")
    name = name if is_text(name) else "?"
    return "<module '%s' from '%s'>" % (name, file) if is_text(file) else "<module '%s'>" % name


def is_text(value):
    return type(value) is bytes or type(value) is TEXT


def written_out_object(kind, value, depth):
    """The class, the contents of the attributes, and the interpreter's own contents of it."""
    parts = []
    own = dict_of(value)
    if own and depth:
        named = [key for key in own if type(key) is str]
        parts.extend(["%s=%s" % (key, written_out(own[key], depth - 1)) for key in sorted(named)[:20]])
    base = foundation_of(kind)
    if base is not None and base is not object and depth:
        parts.append(content_written_out(base, value, depth - 1))
    return "<%s object%s>" % (full_name(kind), "".join([" " + part for part in parts if part]))


def content_written_out(base, value, depth):
    if base is dict:
        return container(dict, dict(dict.items(value)) if are_texts(dict.keys(value)) else {}, depth)
    if base is list or base is tuple or base is set or base is frozenset:
        return container(list, list(base.__iter__(value)), depth)
    if id(base) in PLAIN:
        return base.__repr__(value)[:LONGEST]
    if issubclass(base, BaseException):
        return written_out(namespace_of(BaseException)["args"].__get__(value), depth)
    way = way_of(base)
    try:
        return "" if way is None or way is kept_results else written_out(list(way(base, value)), depth)
    except Unmergeable:
        return ""


def container(kind, value, depth):
    """The `repr` of a container; sets in the order of their texts."""
    if kind is dict:
        items = list(value.items())[:LONGEST]
        return "{%s}" % ", ".join(
            ["%s: %s" % (written_out(key, depth - 1), written_out(item, depth - 1)) for key, item in items]
        )
    parts = [written_out(item, depth - 1) for item in list(value)[:LONGEST]]
    if kind is list:
        return "[%s]" % ", ".join(parts)
    if kind is tuple:
        return "(%s,)" % parts[0] if len(parts) == 1 else "(%s)" % ", ".join(parts)
    if PY2 or not parts:
        return "%s(%s)" % (kind.__name__, "[%s]" % ", ".join(sorted(parts)) if parts else "")
    text = "{%s}" % ", ".join(sorted(parts))
    return text if kind is set else "frozenset(%s)" % text
