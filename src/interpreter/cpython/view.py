"""The import system's state in readable form, for evidence and timelines.

Where something must be made anew to be seen, a copy of the process looks, and it is lost with the copy. Runs with the
definitions of the files before it in its namespace.
"""

import sys


def told_settings():
    """Imports alone change no setting but `sys.path`, and give none that was not there."""
    if State.acted or needs_all(State.baseline):
        return [told_setting(address, value) for address, value in settings()]
    path = told_setting("sys.path", list(sys.path))
    return [path if told[0] == path[0] else told for told in State.told_settings]


def keep_settings():
    """Called when the interpreter has started."""
    State.told_settings = [told_setting(address, value) for address, value in settings()]
    if not PY2:  # there a step's new modules are found only when it is over
        State.baseline.settings_at_load = settings_at_load


# To read these changes nothing, not even what the module's first user finds.
READ_AT_LOAD = frozenset(["_locale", "_socket", "_csv", "time"])


def settings_at_load(module, own):
    """The settings of a module that has just been loaded, by address, each as it is shown and as a literal."""
    found = [(address, read(own)) for name, address, read, _ in SETTINGS if name == module and name in READ_AT_LOAD]
    return dict([(address, (shown_setting(value), literal_of(value))) for address, value in found])


def told_setting(address, value):
    return (address, shown_setting(value), literal_of(value)) + State.baseline.settings_then.get(address, ("", ""))


def plain(value):
    """A text unchanged, anything else as it is shown."""
    return value if is_text(value) else short_text(value)


def namespace_of_class(value):
    """A class in `sys.modules` has its attributes in its namespace."""
    return namespace_of(value) if is_class(value) else ()


def has_archive(finder):
    return class_name(type(finder)) == "zipimporter"


def archive_of(path, finder):
    """What zipimport remembers of an archive, or None if nothing, and what it would read now."""
    if not has_archive(finder):
        return None, []
    zipimport = sys.modules["zipimport"]
    cache = zipimport._zip_directory_cache
    archive = finder.archive
    known = listing_of(cache.pop(archive, None))
    try:
        zipimport.zipimporter(archive)
    except Exception:
        return known, []
    return known, listing_of(cache.get(archive)) or []


def listing_of(directory):
    """The names in an archive, each with what tells two files of one name apart: sizes, place and checksum."""
    if type(directory) is not dict:
        return None
    return sorted(["%s %s" % (name, ":".join(map(str, entry[2:]))) for name, entry in directory.items()])


class Listing(object):
    """What a finder has listed, as fields. The import system never changes a listing, but puts another in its place."""

    kept = {}  # by entry: the library's, which are long

    def __init__(self, names):
        self.names = names
        self.fields = b"".join(fields_of_texts(sorted(map(plain, names))))


def keep_listings():
    for entry, finder in sys.path_importer_cache.items():
        names = (dict_of(finder) or {}).get("_path_cache")
        if type(names) is set:
            Listing.kept[entry] = Listing(names)


def fields_of_texts(values):
    """Their number, and each of them."""
    return [field_of("%d" % len(values))] + [field_of(plain(value)) for value in values]


def field_of(text):
    data = rooted(text)
    return number(len(data)) + b":" + data


class View(object):
    """Consecutive texts and counts as fields, in the order in which taster reads them."""

    def __init__(self, baseline, environment):
        self.baseline = baseline
        self.environment = environment  # at the start
        self.fields = []

    def put(self, text):
        self.fields.append(field_of(text))

    def texts(self, values):
        self.fields.extend(fields_of_texts(list(values)))

    def maybe(self, value):
        """None, or a text."""
        self.texts([] if value is None else [value])

    def state(self, directory, environment):
        """The whole state."""
        pieces = told_settings() + told_pieces()  # before archives are read anew
        path = sys.path
        self.texts(list.__iter__(path) if issubclass(type(path), list) else [path])
        self.modules()
        self.finders()
        self.changed_environment(environment)
        self.put(directory if directory is not None else "<deleted>")
        self.put("%d" % len(State.half_read))
        for pair in State.half_read:
            self.texts(pair)
        self.put("%d" % len(pieces))
        for piece in pieces:
            for text in piece:
                self.put(text)
        return self.fields

    def modules(self):
        at_start, now = self.baseline.modules, self.baseline.table
        items = [(name, now[name]) for name in now if type(name) is str]
        found = dict([(name, module) for name, module in items if module is not at_start.get(name, self)])
        for name in at_start:
            if name not in now:
                found[name] = None
        self.put("%d" % len(found))
        first = {}
        for name in sorted(found):
            self.put(name)
            self.module(name, found[name], first.setdefault(id(found[name]), name))

    def module(self, name, module, first):
        """`first` is the first name in `sys.modules` of the same object."""
        own = (dict_of(module) or {}) if module is not None else {}
        self.put("%d" % (module is not None))
        self.maybe(own.get("__file__"))
        path = self.entries(own.get("__path__"))
        self.put("%d" % (path is not None))
        self.texts(path or [])
        self.put("%d" % ((dict_of(own.get("__spec__")) or {}).get("_initializing") is True))
        self.put("%d" % self.is_bound(name))
        self.maybe(first if module is not None and first != name else None)
        name = own.get("__name__")
        is_library = type(name) is str and self.baseline.library.get(name, self) is module
        names = [] if is_library else [name for name in own if type(name) is str and name[:2] != "__"]
        self.put("%d" % len(names))
        for name in sorted(names):
            self.put(name)
            self.put(short_text(own[name]))

    def is_bound(self, name):
        """Whether the parent of a submodule has it, or something else, under its name."""
        package, _, child = name.rpartition(".")
        parent = self.baseline.table.get(package)
        return not package or child in (attributes_of(parent) or ()) or child in namespace_of_class(parent)

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
            self.listing(entry, names if type(names) is set and listed != -1 else set())
            self.maybe(own.get("path") if is_text(own.get("path")) else None)
            known, now = archive_of(entry, finder)
            self.put("%d" % (known is not None))
            self.texts(known or [])
            self.texts(now)

    def listing(self, entry, names):
        kept = Listing.kept.get(entry)
        is_kept = kept is not None and kept.names is names and not State.acted
        self.fields.append((kept if is_kept else Listing(names)).fields)

    def changed_environment(self, environment):
        keys = set(self.environment) | set(environment)
        changed = [key for key in keys if self.environment.get(key) != environment.get(key)]
        self.put("%d" % len(changed))
        for key in sorted(changed):
            self.put(plain(key))
            self.maybe(environment.get(key))
