"""Everything that can be reached from modules: attributes, entries, contents, closures, each with a name and a way to
restore it.

Compiled by look.py for the first look. cells.py handles special places, state.py compares. Nothing is imported here,
and looking runs no code of the suite: the definitions of kinds.py, values.py, places.py, held.py and ordered.py,
which are in this namespace, ask questions that run no code of the objects.

A scenario's state is read elsewhere (digest.py of the agent): as bytes that distinguish states, on 2.7 too, once for
every step. Here places have names and can be restored. One file for both, kinds.py, says what objects are and which
of them are noise.
"""

import os
import sys

THREADS_OWN = sys.modules["_thread"]._local
wrapped = [namespace_of(kind)["__func__"].__get__ for kind in (staticmethod, classmethod)]
UNINTERESTING_ATTRIBUTES = {
    "__builtins__", "__cached__", "__doc__", "__file__", "__loader__", "__spec__", "__name__", "__package__",
    "__dict__", "__weakref__", "__module__", "@py_builtins", "@pytest_ar",
}  # fmt: skip
RUNNER = ("_pytest", "pytest", "pluggy", "py", "iniconfig", "xdist", "__main__", "<taster>")
# The entries of `sys` in the list of noise, except its path, which is state here. Caches of the library are state
# too: a test may read them.
SYS_SPECIAL = {name[4:] for name in LEFT_OUT if name.startswith("sys.")} - {"path"}
MOST_CELLS = 400000
CONTAINERS = (dict, set, list, bytearray, DEQUE)


def is_local(kind):
    """Whether this is `threading.local`, or a class of it that has nothing to do when a thread first asks for its part."""
    order = mro_of(kind)
    if kind is THREADS_OWN or not any([each is THREADS_OWN for each in order]):
        return kind is THREADS_OWN
    own = [each for each in order if each is not THREADS_OWN and is_heap(each)]
    return not any(["__init__" in namespace_of(each) for each in own])


class Walk:
    """Goes through everything that can be reached from modules, names it and records its state."""

    def __init__(self):
        self.places, self.variables = [], {}
        self.classes, self.asks_for_subclasses = [], False
        self.seen = {id(os.environ), id(sys.modules), id(sys.path_importer_cache)}
        self.left = MOST_CELLS
        self.shallow = self.within_surface = False

    def shallowly(self, name, module):
        """The attributes of a module and of its classes, what the containers among them hold, and nothing within that."""
        self.shallow = True
        self.module(name, module)
        self.shallow = False

    def module(self, name, module):
        names = attributes(module)
        if names is None or id(names) in self.seen:
            return
        self.seen.add(id(names))
        special = SYS_SPECIAL if name == "sys" else ()

        def entries():
            return [
                (key, value)
                for key, value in list(names.items())
                if type(key) is str and key not in UNINTERESTING_ATTRIBUTES and key not in special
            ]

        self.entries(ModuleEntries(Spot(name, name), entries, lambda key: into_dict(names, key), "attribute", names))

    def hidden_module(self, path, module):
        """A module that is held somewhere but not in `sys.modules`; those in `sys.modules` are walked separately."""
        if not any(module is each for _, each in items_of(sys.modules)):
            self.module(path, module)

    def entries(self, place):
        self.left -= len(place.saved)
        self.places.append(place)
        for key, value in place.saved:
            if type(value) is COUNT:
                self.places.append(Count(place, key))
            elif is_variable(type(value)):
                self.variable(place, key, value)
            elif id(type(value)) not in PLAIN:
                self.descend(place.within(key), value)

    def variable(self, place, key, value):
        known = self.variables.get(id(value))
        if known is None:
            self.variables[id(value)] = known = Variable(place, key, value)
            self.places.append(known)
        else:
            known.holders.append((place, key))

    def dictionary(self, spot, value):
        items = Items(spot, value)
        self.entries(items)
        if items.is_ordered:
            self.places.append(Order(items))

    def namespace(self, spot, value):
        """The named attributes of an object."""
        names = attributes(value)
        if names is not None:
            apart = self.logger(spot, names) if is_logger(type(value)) else ()

            def entries():
                return [entry for entry in by_name(names).items() if entry[0] not in apart]

            self.entries(Entries(spot, entries, lambda key: into_dict(names, key), "attribute", names))

    def logger(self, spot, names):
        """What a logger holds beside its other attributes; returns the names of those that are told so."""
        # A cache of what the levels decide.
        self.seen.add(id(by_name(names).get("_cache")))
        handlers = dict.get(names, "handlers")
        if type(handlers) is not list:
            return ()
        spot = spot.at(spot.path + ".handlers")
        self.seen.add(id(handlers))
        self.places.append(Handlers(spot, names))
        self.members(spot, list(handlers))
        return ("handlers",)

    def descend(self, spot, value):
        """Records what can change within a value."""
        kind = type(value)
        if self.left < 0 or spot.depth > 7 or id(value) in self.seen or self.within_surface:
            return
        if self.shallow and not is_class(value):
            self.surface(spot, value)
            return
        if is_module(value):
            self.hidden_module(spot.path, value)
            return
        if is_class(value) and not self.belongs(value, spot.home):
            return
        self.seen.add(id(value))
        if kind is function_type:
            self.function(spot, value)
        elif is_class(value):
            self.klass(spot, value)
        elif not self.container(spot, value):
            self.object(spot, value)

    def surface(self, spot, value):
        """What a container holds, unless it is a cache, and nothing within that."""
        if issubclass(type(value), CONTAINERS) and spot.path not in LEFT_OUT:
            self.seen.add(id(value))
            self.within_surface = True
            self.container(spot, value)
            self.within_surface = False

    def container(self, spot, value):
        """The contents of a value of a builtin class or one built on it; returns whether it is one."""
        kind = type(value)
        if issubclass(kind, dict):
            if is_table_of_threads(value):
                self.places.append(Running(spot, value))
            else:
                self.dictionary(spot, value)
        elif issubclass(kind, set):
            self.places.append(Collection(spot, value))
        elif issubclass(kind, (list, bytearray)):
            self.places.append(Content(spot, value))
            if issubclass(kind, list):
                self.members(spot, list(list.__iter__(value)))
        elif issubclass(kind, tuple):
            self.members(spot, list(tuple.__iter__(value)))
        elif issubclass(kind, DEQUE):
            self.places.append(Queue(spot, value))
            self.members(spot, list(DEQUE.__iter__(value)))
        elif is_array(kind):
            self.places.append(Numbers(spot, value))
        elif issubclass(kind, (TEXTS, BYTES)):
            self.places.append(Written(spot, value))
        elif kind is LOCK:
            self.places.append(Locked(spot, value))
        else:
            return False
        return True

    @staticmethod
    def belongs(value, home):
        """A class is walked under the module that defines it, and only if its attributes can be changed."""
        return module_of(value) == home and is_heap(value)

    def members(self, spot, values):
        for index, each in enumerate(values if len(values) <= 50 else ()):
            if id(type(each)) not in PLAIN:
                self.descend(spot.at("%s[%d]" % (spot.path, index)), each)

    def function(self, spot, value):
        self.asks_for_subclasses = self.asks_for_subclasses or asks(value)
        if value.__defaults__ is not None:
            for index, each in enumerate(tuple.__iter__(value.__defaults__)):
                if id(type(each)) not in PLAIN:
                    self.descend(spot.at("%s.__defaults__[%d]" % (spot.path, index)), each)
        if value.__closure__ is not None:
            cells = dict(zip(value.__code__.co_freevars, tuple.__iter__(value.__closure__)))
            closure = Spot(spot.path + " closure", spot.home, spot.depth, spot.kind)
            held = tuple(cells.values()) if len(contents(cells)) == len(cells) else None

            def put(key):
                return into_closure(cells[key])

            self.entries(Entries(closure, lambda: contents(cells), put, "attribute", held))
        if attributes(value):
            self.namespace(spot, value)

    def all_subclasses(self):
        """The subclasses of all classes, if any code asks for those of one."""
        found = self.classes if self.asks_for_subclasses else []
        self.places += [Subclasses(spot, value) for spot, value in found]
        self.classes = []

    def klass(self, spot, value):
        if is_near(value):
            self.classes.append((spot, value))
        names = namespace_of(value)

        def entries():
            return [
                (key, each)
                for key, each in list(names.items())
                if type(key) is str and key not in UNINTERESTING_ATTRIBUTES
            ]

        for key, each in entries():
            for kind, function_of in zip((staticmethod, classmethod), wrapped):
                if issubclass(type(each), kind):
                    self.descend(spot.at("%s.%s" % (spot.path, key)), function_of(each))
        raw = [each for each in referents(names) if type(each) is dict]
        raw = raw[0] if len(raw) == 1 else None
        self.entries(Entries(spot, entries, lambda key: into_class(value, key), "attribute", raw))

    def object(self, spot, value):
        if named(value).split(".")[0] in RUNNER:
            return
        if Kept.is_one(value):
            self.places.append(Kept(spot, value))
        if is_connection(type(value)) and is_in_memory(value):
            self.places.append(Database(spot, value))
        spot = known_as(spot, value)
        if is_local(type(value)):
            self.dictionary_of_thread(spot, value)
            return
        self.namespace(spot, value)
        self.slots(spot, value)

    def slots(self, spot, value):
        """The attributes for which the class of an object has slots. Objects of the library keep what they have calculated there."""
        members = {name: each for base in mro_of(type(value)) if is_near(base) for name, each in members_of(base)}

        def entries():
            held = [(name, held_in(each, value)) for name, each in members.items()]
            return [(name, each) for name, each in held if each is not absent]

        if members:
            self.entries(Slots(spot, entries, lambda name: into_slot(members[name], value), "attribute", value))

    def dictionary_of_thread(self, spot, value):
        """The attributes that a `threading.local` has in this thread."""
        names = THREADS_OWN.__getattribute__(value, "__dict__")

        def entries():
            return list(by_name(names).items())

        self.entries(Entries(spot, entries, lambda key: into_dict(names, key), "attribute", names))


def ordered_modules(near):
    """Names of modules: those near the suite, then those of the standard library and installed ones."""
    nearby, far = [], []
    modules = loaded_modules()
    for name in sorted(modules):
        if not is_module(modules[name]) or name.split(".")[0] in RUNNER:
            continue
        (far if is_installed(name, modules[name]) and name not in near else nearby).append(name)
    return nearby, far


def is_installed(name, module):
    path = text_in(attributes(module), "__file__")
    if path is None:
        return name in sys.builtin_module_names or name.startswith(("_frozen", "zipimport"))
    return path.startswith(os.path.dirname(os.__file__)) or "site-packages" in path


def is_near(cls):
    """Whether a class is defined in a module that is neither of the library nor installed."""
    name = module_of(cls)
    module = loaded_module(name) if type(name) is str else None
    return is_module(module) and not is_installed(name, module)
