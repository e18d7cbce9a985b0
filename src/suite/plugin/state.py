"""The state that a test may leave in a process, as named cells that can be compared and restored one by one.

A cell is one place that holds a value: an attribute of a module, class or object, an entry of a dictionary, the
content of a list, an entry of `sys.modules`, an environment variable, a file. `State.remember` is called before a
fork or before a file is collected, `differences` and `put_back` after what may have changed something. Compiled by
look.py, which passes in the definitions of walk.py, cells.py, special.py, fixtures.py and others.
"""

import os
import sys

walk, cells, watches = globals()["walk"], globals()["cells"], globals()["watches"]
special, fixtures = globals()["special"], globals()["fixtures"]
glance, by_chance, quick = globals()["glance"], globals()["by_chance"], globals()["quick"]
named_as, defined_by = globals()["named_as"], globals()["defined_by"]
absent, Difference = walk["absent"], walk["Difference"]
# The scope of a survey: everything near, and what is at the surface of the rest.
SURVEY = "survey"
# Modules of the library whose values tests change, and those that they change more often than the rest. Of `sys`, the
# lists by which modules are found hold objects that change, too.
LOOKED_INTO = ("logging", "sys", "warnings")
CHANGED_OFTEN = LOOKED_INTO + ("os", "random", "locale", "decimal", "datetime", "time", "socket", "signal")

# The functions that seed generators, by the cells of these.
SEEDED_BY = {
    "random.getstate()": "random.seed",
    "numpy.random.get_state()": "numpy.random.seed",
    "torch.random.get_rng_state()": "torch.manual_seed",
}


class State:
    """Earlier cells, for comparison with the current ones."""

    by_chance, named_as, defined_by = staticmethod(by_chance), staticmethod(named_as), staticmethod(defined_by)
    quick, walk = quick, walk

    def __init__(self, items, here):
        self.near = set()
        for item in items:
            module = getattr(item, "module", None)
            if module is not None:
                self.near.add(walk["text_in"](walk["attributes"](module), "__name__"))
        self.roots = [(os.getcwd(), "")]
        temporary = cells["variables"]().get("TMPDIR")
        if temporary and not temporary.startswith(os.getcwd()):
            self.roots.append((temporary, "$TMPDIR/"))
        self.here = here
        self.files = []
        self.remembered = {}
        self.scope = None
        self.changed = {}
        self.item = None
        self.glances = self.relatives = self.first = None

    def outside(self, with_content=False):
        """The cells of files and fixtures."""
        found = {}
        cells["file_cells"](found, self.roots, with_content)
        cells["single_file_cells"](found, self.files)
        fixtures["fixture_cells"](found, self.item, beside=True)
        return found

    def watches(self, wanted):
        """Watches of cells, for trace.py, and the names of cells that this state does not have."""
        watch_of = watches["watch_of"]
        found = [(each["name"], watch_of(self, each["name"], each["kind"], each["key"])) for each in wanted]
        return [watch for _, watch in found if watch is not None], [name for name, watch in found if watch is None]

    def watch_files(self, paths):
        """Also looks at these files from now on, wherever they are: earlier runs wrote them."""
        new = [path for path in paths if path not in self.files]
        self.files += new
        for _, _, before in self.remembered.values():
            cells["single_file_cells"](before, new)

    def remember(self, scope):
        """Records the state, once; for the wide look, the near state is recorded again."""
        self.scope = scope
        if scope not in self.remembered:
            modules, loaded = walk["Walk"](), walk["loaded_modules"]()
            near, far = walk["ordered_modules"](self.near)
            for name in near:
                modules.module(name, loaded[name])
            if scope != "near":
                for name in LOOKED_INTO if scope == SURVEY else ():
                    if name in far:
                        modules.module(name, loaded[name])
                for name in far:
                    (modules.shallowly if scope == SURVEY else modules.module)(name, loaded[name])
            modules.all_subclasses()
            self.remembered[scope] = (quick["Quick"](modules.places), special["Special"](), self.outside(True))

    def files_now(self):
        """The files that a later test could know of, by name, as texts."""
        found = {}
        cells["file_cells"](found, self.roots, False, by_chance)
        cells["single_file_cells"](found, self.files)
        return found

    def first_files(self):
        """The same as they are where every run in a view of its own begins: looked at once for all of them."""
        if self.first is None or self.first[0] != len(self.files):
            self.first = len(self.files), self.files_now()
        return self.first[1]

    def often(self):
        """The modules whose values tests often change."""
        return set(walk["ordered_modules"](self.near)[0]).union(CHANGED_OFTEN)

    def glance(self):
        """Quick looks at what differs from the state that is remembered for surveys."""
        if self.glances is None:
            self.remember(SURVEY)
            self.glances = glance(self, self.remembered[SURVEY][0])
        return self.glances

    def differences(self):
        """The changed cells."""
        places, decided, before = self.remembered[self.scope]
        self.changed = {}
        found = []
        pairs = [pair for _, some in decided.pairs() for pair in some]
        for name, old, new in pairs + special["pairs"](before, self.outside()):
            if old is None or new is None or self.differ(old, new):
                self.note(found, self.difference(name, old, new))
        for place in places.suspects():
            for difference in place.changed():
                self.note(found, difference)
        told_apart = {difference.stands_for for difference in found}
        for name in told_apart.intersection(self.changed):
            del self.changed[name]
        return [difference for difference in found if difference.name not in told_apart]

    @staticmethod
    def difference(name, old, new):
        """The earlier and current state of a place that no walk finds; None if there was or is nothing."""
        cell = old or new
        texts = [cell.without if each is None else each.full_text() for each in (old, new)]
        kinds = ["absent" if each is None else each.value_is for each in (old, new)]
        value = absent if old is None else old.value
        orphan = None if new is None or texts[0] == texts[1] else new.orphan
        return Difference(name, cell.kind, cell.key, texts, value, cell.put, kinds, cell.home, orphan)

    @staticmethod
    def differ(old, new):
        return old.text != new.text or (old.by_identity and old.value is not new.value)

    def note(self, found, difference):
        if difference.name in self.changed:
            return
        if difference.texts[0] == difference.texts[1]:
            difference.texts[1] += " (another one)"
        self.changed[difference.name] = difference
        found.append(difference)

    def put_back(self, names):
        """Restores cells (all changed ones if `names` is None); returns those that could not be restored, with the
        reasons."""
        failures = []
        for name, difference in self.changed.items():
            if names is not None and name not in names:
                continue
            try:
                difference.put(difference.value)
            except Exception as error:
                failures.append((name, self.reason_of(error)))
        self.settle()
        return failures

    @staticmethod
    def cure(cure):
        """Does what a user could write before the test; whether a `load` fails does not matter."""
        kind = cure["kind"]
        if kind == "invalidate-caches":
            sys.modules["importlib"].invalidate_caches()
        elif kind == "forget":
            sys.modules.pop(cure["module"], None)
        elif kind == "import":
            for each in cure["modules"]:
                __import__(each)
        elif kind == "seed":
            module, _, function = SEEDED_BY[cure["generator"]].rpartition(".")
            getattr(sys.modules[module], function)(int(cure["seed"]))
        elif kind == "load":
            for each in cure["modules"]:
                try:
                    __import__(each)
                except Exception:
                    pass

    @staticmethod
    def settle():
        """Notifies the two modules that cache values derived from such state, if they are loaded."""
        own = walk["attributes"]
        (own(walk["loaded_module"]("warnings")) or {}).get("_filters_mutated", lambda: None)()
        getattr(walk["manager"](), "_clear_cache", lambda: None)()

    @staticmethod
    def reason_of(error):
        """Why a cell could not be restored, or a look failed, as text. An exception of the suite's own class is not asked for its message."""
        kind = type(error)
        if kind is walk["CannotPutBack"]:
            return str(error)
        return walk["class_name"](kind) if walk["is_heap"](kind) else "%s: %s" % (walk["class_name"](kind), error)
