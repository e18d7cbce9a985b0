"""The threads that `threading` knows as running: one cell, by their names. What it knows them by is a number, which says nothing to
anybody.

Compiled by look.py for the first look, with the definitions of values.py and places.py in its namespace; walk.py has its
definitions. Nothing is imported here, and looking runs no code of the suite.
"""

import sys

attributes, text_in = globals()["attributes"], globals()["text_in"]
RUNNING = "threading.enumerate()"


def is_table_of_threads(value):
    """Whether this is where `threading` has its threads."""
    return value is (attributes(dict.get(sys.modules, "threading")) or {}).get("_active")


class Running:
    """The threads that run: one cell."""

    def __init__(self, spot, table):
        self.spot, self.table = spot.at(RUNNING), table
        self.remember()

    def remember(self):
        self.saved = self.now()

    def now(self):
        return dict(dict.items(self.table))

    def may_have(self, name):
        return name == RUNNING

    def changed(self):
        saved, now = self.saved, self.now()
        if list(map(id, saved.values())) != list(map(id, now.values())):
            texts = ["[%s]" % ", ".join(map(name_of, each.values())) for each in (saved, now)]
            yield self.spot.told("content", RUNNING, RUNNING, texts, saved, self.put)

    def put(self, saved):
        """Nobody ends a thread from outside: those that were started are known no more."""
        dict.clear(self.table)
        dict.update(self.table, saved)


def name_of(thread):
    return text_in(attributes(thread), "_name") or "?"
