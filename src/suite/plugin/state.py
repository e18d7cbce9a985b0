"""What a test may leave behind in a process, as named cells that can be compared and put back one by one.

A cell is one place that holds a value: an attribute of a module, class or object, an entry of a dictionary, the
content of a list, an entry of `sys.modules`, an environment variable, a file. `State.remember` is called before a fork or
before a file is collected, `differences` and `put_back` after what may have left something. Compiled by look.py, which
gives it what walk.py, cells.py and process.py define.
"""

import os
import sys

walk, cells, process = globals()["walk"], globals()["cells"], globals()["process"]
absent, Difference = walk["absent"], walk["Difference"]


class State:
    """Cells as they were, to be compared with cells as they are."""

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

    def special(self):
        """Cells that are no attributes or entries of Python objects that a walk would find."""
        found = {}
        for name in ("module", "finder", "environment"):
            cells[name + "_cells"](found)
        process["process_cells"](found)
        cells["file_cells"](found, self.roots)
        cells["single_file_cells"](found, self.files)
        cells["fixture_cells"](found, self.item)
        return found

    def watch_files(self, paths):
        """Looks at these files too, wherever they are: earlier runs wrote them."""
        new = [path for path in paths if path not in self.files]
        self.files += new
        for _, before in self.remembered.values():
            cells["single_file_cells"](before, new)

    def remember(self, scope):
        """Notes how things are, once; what was near is noted again for the wide look."""
        self.scope = scope
        if scope not in self.remembered:
            modules, loaded = walk["Walk"](), walk["loaded_modules"]()
            for name in walk["ordered_modules"](self.near, scope):
                modules.module(name, loaded[name])
            self.remembered[scope] = (modules.places, self.special())

    def differences(self):
        """The cells that are not what they were."""
        places, before = self.remembered[self.scope]
        now = self.special()
        self.changed = {}
        found = []
        for name in list(before) + [name for name in now if name not in before]:
            old, new = before.get(name), now.get(name)
            if old is None or new is None or self.differ(old, new):
                self.note(found, self.difference(name, old, new))
        for place in places:
            for difference in place.changed():
                self.note(found, difference)
        return found

    @staticmethod
    def difference(name, old, new):
        """What a place that no walk finds was and is; None where there was or is nothing."""
        cell = old or new
        texts = ["absent" if each is None else each.full_text() for each in (old, new)]
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
        """Puts cells back (all that differ if `names` is None); returns those that could not be, each with the reason."""
        failures = []
        for name, difference in self.changed.items():
            if names is not None and name not in names:
                continue
            try:
                difference.put(difference.value)
            except Exception as error:
                failures.append((name, reason_of(error)))
        self.settle()
        return failures

    @staticmethod
    def cure(cure):
        """Does what a person could write before the test; how a `load` ends does not matter."""
        kind = cure["kind"]
        if kind == "invalidate-caches":
            sys.modules["importlib"].invalidate_caches()
        elif kind == "forget":
            sys.modules.pop(cure["module"], None)
        elif kind == "import":
            for each in cure["modules"]:
                __import__(each)
        elif kind == "load":
            for each in cure["modules"]:
                try:
                    __import__(each)
                except Exception:
                    pass

    @staticmethod
    def settle():
        """Tells the two modules that cache what they derive from such state, if they are loaded."""
        loaded, own = walk["loaded_modules"](), walk["attributes"]
        (own(loaded.get("warnings")) or {}).get("_filters_mutated", lambda: None)()
        root = (own(loaded.get("logging")) or {}).get("root")
        manager = (own(root) or own(type(root)) or {}).get("manager")
        getattr(manager, "_clear_cache", lambda: None)()


def reason_of(error):
    """Why a cell could not be put back, as text. An exception of the suite's own is not asked what it says."""
    kind = type(error)
    if kind is walk["CannotPutBack"]:
        return str(error)
    return walk["class_name"](kind) if walk["is_heap"](kind) else "%s: %s" % (walk["class_name"](kind), error)
