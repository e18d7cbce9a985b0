"""The import system's state as people can read it, for evidence and timelines. Looking changes nothing."""

import sys

PY2 = sys.version_info[0] == 2
MODULE = type(sys)
TEXT = type(u"")  # fmt: skip
LONGEST = 200


def shown(value):
    """The bounded `repr` of a value of any kind; code of the value's own is not let out with its exceptions."""
    if type(value) in (bytes, bytearray, str, TEXT) and len(value) > 1000:
        value = value[:1000]
    try:
        text = repr(value)
    except BaseException:
        text = "<no repr>"
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def plain(value):
    """A text as it is, anything else as its `repr`."""
    return value if isinstance(value, (bytes, TEXT)) else shown(value)


class View(object):
    """Texts and counts in a row, in the order in which taster's side reads them."""

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
        """All of it."""
        self.texts(sys.path)
        # Finders are looked at before any `repr` of a value: that of a namespace package may fill listings.
        start = len(self.parts)
        self.finders()
        finders = self.parts[start:]
        del self.parts[start:]
        self.modules()
        self.parts.extend(finders)
        self.changed_environment(environment)
        self.put(directory if directory is not None else "<deleted>")
        return self.parts

    def modules(self):
        at_start = self.baseline.modules
        names = [name for name in sys.modules if sys.modules[name] is not at_start.get(name, self)]
        gone = [name for name in at_start if name not in sys.modules]
        self.put("%d" % len(names + gone))
        names = sorted(names + gone, key=plain)
        paths = [self.entries(self.own(sys.modules.get(name)).get("__path__")) for name in names]
        for name, path in zip(names, paths):
            self.put(plain(name))
            self.module(sys.modules.get(name), path)

    def own(self, module):
        """The attributes of a module."""
        own = getattr(module, "__dict__", None)
        return own if type(own) is dict else {}

    def module(self, module, path):
        own = self.own(module)
        self.put("%d" % (module is not None))
        self.maybe(own.get("__file__"))
        self.put("%d" % (path is not None))
        self.texts(path or [])
        self.put("%d" % bool(getattr(own.get("__spec__"), "_initializing", False)))
        known = self.baseline.library
        is_library = any(known.get(name) is module for name in [own.get("__name__")] if isinstance(name, str))
        names = [] if is_library else [name for name in own if isinstance(name, str) and name[:2] != "__"]
        self.put("%d" % len(names))
        for name in sorted(names):
            self.put(name)
            self.put(shown(own[name]))

    def entries(self, path):
        """What a `__path__` holds, without making a namespace path compute itself anew; None where there is none."""
        held = getattr(path, "_path", path)
        return None if path is None else list(held) if isinstance(held, (list, tuple)) else []

    def finders(self):
        cache = sys.path_importer_cache
        self.put("%d" % len(cache))
        for entry in sorted(cache, key=plain):
            finder = cache[entry]
            self.put(plain(entry))
            # 2.7 has an importer that says no to everything where the directory was not there.
            absent = finder is None and not PY2 or type(finder).__name__ == "NullImporter"
            self.put("%d" % (not absent))
            if absent:
                continue
            self.put("builtin import" if finder is None else type(finder).__name__)
            listed = getattr(finder, "_path_mtime", -1)
            self.maybe(None if listed == -1 else repr(listed))
            self.texts(sorted(getattr(finder, "_path_cache", ()), key=plain) if listed != -1 else [])

    def changed_environment(self, environment):
        keys = set(self.environment) | set(environment)
        changed = [key for key in keys if self.environment.get(key) != environment.get(key)]
        self.put("%d" % len(changed))
        for key in sorted(changed):
            self.put(plain(key))
            self.maybe(environment.get(key))
