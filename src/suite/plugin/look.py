"""Looks at state before a test or while files are collected, says what differs, and puts back what is asked for.

Run by plugin.py in a namespace of its own, with `loaded`, `may_write` and its folder as `here`. Written for CPython 3.6 and
later. How state is read and put back is the matter of walk.py, cells.py, process.py and state.py, which are compiled when
somebody looks for the first time.
"""

loaded, may_write, here = globals()["loaded"], globals()["may_write"], globals()["here"]


def state_of(items):
    """A new memory of state."""
    walk = loaded("walk.py", **loaded("places.py", **loaded("values.py", **loaded("kinds.py"))))
    cells = loaded("cells.py", walk=walk, may_write=may_write)
    process = loaded("process.py", walk=walk, Cell=cells["Cell"], CannotPutBack=walk["CannotPutBack"])
    return loaded("state.py", walk=walk, cells=cells, process=process)["State"](items, here)


def look(channel, state, item, repair):
    """Sends what differs from the state that forks begin with, and puts back what `repair` asks for, if it does.

    A cure, something that a person could write before the test, is done first: its changes are among the differences.
    """
    state.item = item
    kind = None if repair is None else repair["kind"]
    if kind == "cure":
        state.cure(repair["cure"])
    for difference in state.differences():
        channel.send("cell", **difference.fields())
    if kind is not None:
        names = None if kind == "everything" else repair["names"]
        for name, why in state.put_back(names):
            channel.send("not-put-back", cell=name, why=why)


class CollectionLook:
    """Remembers state when the first of some files is collected, and looks at it when another one's turn comes."""

    def __init__(self, first, then, scopes, repair):
        self.first = first
        self.then = then
        self.scopes = scopes
        self.repair = repair
        self.state = None

    def begins(self, file, channel):
        """A file is about to be collected; returns the state once it is remembered."""
        if self.state is None and file in self.first:
            self.state = state_of(())
            for scope in self.scopes:
                self.state.remember(scope)
        elif self.state is not None and file in self.then:
            self.then = ()
            look(channel, self.state, None, self.repair)
        return self.state
