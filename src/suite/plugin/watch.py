"""Reads single cells cheaply and again and again, to see which line changes them.

Compiled by look.py, with the definitions of walk.py, cells.py, process.py, fixtures.py and made.py. What a cell is called
and what it holds is as in state.py, whose memory of earlier state says what changes are. No code of the suite runs.
"""

import os
import sys

cells, process, fixtures = globals()["cells"], globals()["process"], globals()["fixtures"]
Made, walk = globals()["made"]["Made"], globals()["walk"]
PLAIN, absent = walk["PLAIN"], walk["absent"]
mark, same, shown, told_apart = [walk[name] for name in ("mark", "same", "shown", "told_apart")]
# Saved now: a test may replace it.
evaluate = eval

# What a cell reads as long as it is as it was.
SAME = "as it was"
# In what grows, the first change counts; elsewhere the last one, which made the value that the victim meets. What a
# file gets is written some time after the line that opens it.
GROWING = ("content", "cache", "generator", "file")


class Watch:
    """One cell, its first value, its last one, and where it changed: a place, a window of events, or a reason."""

    def __init__(self, name, kind, key, read):
        self.name = name
        self.kind = kind
        self.key = key
        self.grows = kind in GROWING
        self.read = read
        self.first = self.now = read()
        self.left_first = None
        self.last = None

    def changes(self, now, change):
        if self.kind == "fixture" and self.now is not None and change[2] is not None:
            self.now = now  # what no line of own code changes in what is set up is not why the victim fails
            return
        if self.now == self.first:
            self.left_first = change
        self.last = change
        self.now = now

    def is_changed(self):
        return self.now != self.first

    def change(self):
        """The change that counts, or None."""
        is_gone = self.kind == "file" and self.now is None
        first = self.left_first if self.grows and not is_gone else self.last
        # What a line of own code has changed says more than what pytest or a plugin has.
        return self.last if first is not None and first[2] is not None else first


def watch_of(state, name, kind, key):
    """The watch of a cell, or None if there is no such cell in what is remembered."""
    maker = SPECIAL.get(kind)
    if maker is not None:
        return Watch(name, kind, key, maker(state, name, key))
    places, _, _ = state.remembered[state.scope]
    fitting = [place for place in places.places if place.may_have(name)]
    if not fitting:
        return None
    place = max(fitting, key=lambda place: len(place.spot.path))
    return Watch(name, kind, key, entry_now(place, name) or (lambda: now_in(place, name)))


def entry_now(place, name):
    """Reads one entry with a plain key by itself: to go through a large dictionary at each line takes long. None if the place itself has
    to tell what has changed."""
    raw, key = getattr(place, "raw", None), key_in(place, name)
    if key is None or not PLAIN.issuperset(map(id, map(type, dict.__iter__(raw)))):
        return None
    old = {mark(each): value for each, value in place.saved}.get(key, absent)

    def read():
        new = dict.get(raw, key, absent)
        return SAME if same(old, new) else told_apart(old, new)[1]

    return read


def key_in(place, name):
    """The text or number by which an entry of a place has this name, or None if there is none."""
    kind, raw, within = getattr(place, "kind", None), getattr(place, "raw", None), name[len(place.spot.path) :]
    if kind not in ("attribute", "item") or not issubclass(type(raw), dict):
        return None
    if kind == "attribute":
        return within[1:] if within[:1] == "." and within[1:].isidentifier() else None
    try:
        key = evaluate(within[1:-1], {"__builtins__": {}}) if within[:1] == "[" else None
    except Exception:
        return None
    return key if type(key) in (str, int) and within == "[%s]" % shown(key) else None


def now_in(place, name):
    """The current text of a cell of a place, if it has changed."""
    for difference in place.changed():
        if difference.name == name:
            return difference.texts[1]
    return SAME


def module_now(state, name, key):
    return lambda: id(dict.get(sys.modules, key, SAME))


def finder_now(state, name, key):
    def read():
        finder = dict.get(sys.path_importer_cache, key, SAME)
        return (finder is None, finder is SAME, cells["listed_by"](finder))

    return read


def environment_now(state, name, key):
    return lambda: cells["variables"]().get(key)


def process_now(state, name, key):
    def read():
        found = {}
        cells["environment_cells"](found)
        process["process_cells"](found)
        process["signal_cells"](found)
        cell = found.get(name)
        return cell and (cell.text, id(cell.value) if cell.by_identity else 0)

    return read


def file_now(state, name, key):
    path = key
    for root, label in state.roots:
        if label and path.startswith(label):
            path = os.path.join(root, path[len(label) :])
    path = os.path.join(state.roots[0][0], path)

    def read():
        try:
            stat = os.lstat(path)
        except OSError:
            return None
        return True if stat.st_mode & 0o170000 == 0o040000 else cells["how_changed"](stat)

    return read


def fixture_now(state, name, key):
    made = Made(key, state.item)

    def read():
        found = {}
        fixtures["fixture_cells"](found, state.item, beside=True)
        return made.now(found.get(name))

    return read


SPECIAL = {
    "module": module_now,
    "finder": finder_now,
    "environment": environment_now,
    "process": process_now,
    "generator": process_now,
    "file": file_now,
    "directory": file_now,
    "fixture": fixture_now,
}
