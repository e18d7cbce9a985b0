"""Cells that no walk through modules finds, as they were, and which of them may have changed.

Compiled by look.py, which passes in the definitions of walk.py, cells.py, process.py and quick.py as `walk`, `cells`,
`process` and `quick`. Dictionaries and objects decide the cells of most kinds: where those are unchanged, no cell is
built anew. Nothing is imported here, and no object's code runs.
"""

import os
import sys

walk, cells, process, quick = globals()["walk"], globals()["cells"], globals()["process"], globals()["quick"]


def cells_of(kind):
    """The cells of one kind, by name."""
    found = {}
    (process if kind in ("process", "signal") else cells)[kind + "_cells"](found)
    return found


def pairs(before, now):
    """Names with the earlier and the current cell, None where there is or was none."""
    return [
        (name, before.get(name), now.get(name)) for name in list(before) + [each for each in now if each not in before]
    ]


def behind(kind):
    """The dictionaries, or objects, that decide the cells of a kind, or None if nothing quick does."""
    if kind == "signal":
        return process["handlers"]()
    if kind == "module":
        return [sys.modules]
    if kind == "finder":
        finders = walk["by_name"](sys.path_importer_cache).values()
        return [sys.path_importer_cache] + [walk["attributes"](finder) for finder in finders]
    if kind == "environment":
        environ = cells["ENVIRON"]
        return [(walk["attributes"](environ) or {}).get("_data", environ), walk["attributes"](os)]
    return None


class Special:
    """The cells of these kinds when they were remembered."""

    KINDS = ("module", "finder", "environment", "process", "signal")

    def __init__(self):
        self.before, self.behinds = {}, {}
        for kind in self.KINDS:
            self.remember_kind(kind, cells_of(kind))

    def remember_kind(self, kind, now):
        self.before[kind] = now
        self.compare_with(kind, behind(kind))

    def compare_with(self, kind, decided):
        compare = quick["Objects" if kind == "signal" else "Dictionaries"]
        self.behinds[kind] = None if decided is None else compare(decided)
        if kind == "module":
            self.modules = walk["loaded_modules"]()

    def is_as_before(self, kind):
        """What decides the cells of a kind holds other objects than before, and no cell is another one for that: what
        was put back, say. These objects are what to compare with from here on."""
        self.compare_with(kind, behind(kind))

    def remember(self):
        """From here on, what is there now counts as unchanged."""
        for kind, some in list(self.pairs()):
            now = dict(self.before[kind])
            now.update({name: new for name, _, new in some})
            self.remember_kind(kind, {name: cell for name, cell in now.items() if cell is not None})

    def pairs(self):
        """Kinds whose cells may have changed, with their pairs."""
        for kind in self.KINDS:
            decided = self.behinds[kind]
            if decided is None or not decided.is_unchanged(behind(kind)):
                yield kind, self.pairs_of(kind)

    def pairs_of(self, kind):
        """The pairs of one kind."""
        return self.pairs_of_modules() if kind == "module" else pairs(self.before[kind], cells_of(kind))

    def pairs_of_modules(self):
        """The pairs of those modules that were loaded, replaced or forgotten: there are many, and few of them change."""
        before, now, found, none = self.modules, walk["loaded_modules"](), {}, walk["absent"]
        names = {name for name, module in now.items() if before.get(name, none) is not module}
        names.update([name for name in before if name not in now])
        cells["module_cells"](found, names)
        known = ["sys.modules[%r]" % name for name in before if name in names]
        return pairs({name: self.before["module"][name] for name in known if name in self.before["module"]}, found)
