"""The import system's state in readable form, for evidence and timelines.

Looking runs no code of the objects: plain values and builtin containers of them are shown as their `repr`, other
objects by their class and the contents of their attributes. Runs with the definitions of kinds.py and contents.py in
its namespace.
"""

import sys

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
    own = dict_of(value) or {}
    name, file = own.get("__name__"), own.get("__file__")
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


def plain(value):
    """A text unchanged, anything else as it is shown."""
    return value if is_text(value) else short_text(value)


class View(object):
    """Consecutive texts and counts, in the order in which taster reads them."""

    def __init__(self, baseline, environment):
        self.baseline = baseline
        self.environment = environment  # at the start
        self.parts = []
        self.put = self.parts.append

    def texts(self, values):
        values = list(values)
        self.put("%d" % len(values))
        for value in values:
            self.put(plain(value))

    def maybe(self, value):
        """None, or a text."""
        self.texts([] if value is None else [value])

    def state(self, directory, environment):
        """The whole state."""
        path = sys.path
        self.texts(list.__iter__(path) if issubclass(type(path), list) else [path])
        self.modules()
        self.finders()
        self.changed_environment(environment)
        self.put(directory if directory is not None else "<deleted>")
        return self.parts

    def modules(self):
        at_start, now = self.baseline.modules, self.baseline.table
        items = [(name, now[name]) for name in now if type(name) is str]
        found = dict([(name, module) for name, module in items if module is not at_start.get(name, self)])
        for name in at_start:
            if name not in now:
                found[name] = None
        self.put("%d" % len(found))
        for name in sorted(found):
            self.put(name)
            self.module(found[name])

    def module(self, module):
        own = (dict_of(module) or {}) if module is not None else {}
        self.put("%d" % (module is not None))
        self.maybe(own.get("__file__"))
        path = self.entries(own.get("__path__"))
        self.put("%d" % (path is not None))
        self.texts(path or [])
        self.put("%d" % ((dict_of(own.get("__spec__")) or {}).get("_initializing") is True))
        name = own.get("__name__")
        is_library = type(name) is str and self.baseline.library.get(name, self) is module
        names = [] if is_library else [name for name in own if type(name) is str and name[:2] != "__"]
        self.put("%d" % len(names))
        for name in sorted(names):
            self.put(name)
            self.put(short_text(own[name]))

    def entries(self, path):
        """The entries of a `__path__`, without recalculating a namespace path, or None if there is none."""
        if path is None:
            return None
        held = (dict_of(path) or {}).get("_path", path)
        return list(held) if type(held) is list or type(held) is tuple else []

    def finders(self):
        cache = sys.path_importer_cache
        entries = [entry for entry in cache if is_text(entry)] if type(cache) is dict else []
        self.put("%d" % len(entries))
        for entry in sorted(entries):
            finder = cache[entry]
            self.put(entry)
            # 2.7 caches an importer that refuses everything for a directory that was not there.
            absent = finder is None and not PY2 or class_name(type(finder)) == "NullImporter"
            self.put("%d" % (not absent))
            if absent:
                continue
            own = dict_of(finder) or {}
            self.put("builtin import" if finder is None else class_name(type(finder)))
            listed, names = own.get("_path_mtime", -1), own.get("_path_cache")
            listed = listed if type(listed) is float or type(listed) is int else -1
            self.maybe(None if listed == -1 else repr(listed))
            self.texts(sorted(map(plain, names)) if type(names) is set and listed != -1 else [])

    def changed_environment(self, environment):
        keys = set(self.environment) | set(environment)
        changed = [key for key in keys if self.environment.get(key) != environment.get(key)]
        self.put("%d" % len(changed))
        for key in sorted(changed):
            self.put(plain(key))
            self.maybe(environment.get(key))
