"""What a test may leave behind in a process, as named cells that can be compared and put back one by one.

A cell is one place that holds a value: an attribute of a module, class or object, an entry of a dictionary, the
content of a list, an entry of `sys.modules`, an environment variable, a file. `State.remember` is called before a fork or
before a file is collected, `differences` and `put_back` after what may have left something. Compiled by plugin.py, which
gives it what walk.py, cells.py and process.py define.
"""

import os
import sys

walk, cells, process = globals()["walk"], globals()["cells"], globals()["process"]
absent, shown = walk["absent"], walk["shown"]


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
        """Name, value before, value now, of each cell that is not what it was."""
        places, before = self.remembered[self.scope]
        now = self.special()
        self.changed = {}
        found = []
        for name in list(before) + [name for name in now if name not in before]:
            old, new = before.get(name), now.get(name)
            if old is None or new is None or self.differ(old, new):
                value = absent if old is None else old.value
                texts = ["absent" if cell is None else cell.text + cell.note for cell in (old, new)]
                self.note(found, name, texts, value, (old or new).put)
        for place in places:
            for name, old, new, put in place.changed():
                self.note(found, name, ["absent" if each is absent else shown(each) for each in (old, new)], old, put)
        return found

    @staticmethod
    def differ(old, new):
        return old.text != new.text or (old.by_identity and old.value is not new.value)

    def note(self, found, name, texts, value, put):
        if name in self.changed:
            return
        if texts[0] == texts[1]:
            texts[1] += " (another one)"
        self.changed[name] = (value, put)
        found.append((name, texts[0], texts[1]))

    def put_back(self, names):
        """Puts cells back (all that differ if `names` is None); says which could not be."""
        failures = []
        for name, (value, put) in self.changed.items():
            if names is not None and name not in names:
                continue
            try:
                put(value)
            except Exception as error:
                failures.append("%s: %s" % (name, error))
        self.settle()
        return failures

    def cure(self, names):
        """What a person could write before the test; `load` is an import of which it does not matter how it ends."""
        for name in names:
            verb, _, module = name[5:].partition(" ") if name.startswith("cure ") else ("", "", "")
            if verb == "invalidate-caches":
                sys.modules["importlib"].invalidate_caches()
            elif verb == "forget":
                sys.modules.pop(module, None)
            elif verb == "import":
                for each in module.split(", "):
                    __import__(each)
            elif verb == "load":
                try:
                    __import__(module)
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
