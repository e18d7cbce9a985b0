"""Looks at state before a test or during collection, reports the differences, and restores what is requested.

Run by plugin.py in a namespace of its own, with `loaded`, `may_write` and its folder as `here`. Written for CPython
3.6 and later. walk.py, cells.py, process.py, fixtures.py and state.py, which read and restore state, are compiled for
the first look.
"""

loaded, may_write, here = globals()["loaded"], globals()["may_write"], globals()["here"]


def state_of(items):
    """A new memory of state."""
    places = loaded("places.py", **loaded("values.py", **loaded("kinds.py")))
    for file in ("held.py", "ordered.py", "known.py", "classes.py", "databases.py", "running.py"):
        places = loaded(file, **places)
    walk = loaded("walk.py", **places)
    quick = loaded("quick.py", walk=walk, memory=loaded("memory.py", changing=loaded("changing.py")))
    inner = loaded("inner.py", walk=walk)
    cells = loaded("cells.py", walk=walk, may_write=may_write)
    for_cells = dict(walk=walk, Cell=cells["Cell"], CannotPutBack=walk["CannotPutBack"])
    contexts, ends = loaded("contexts.py", **for_cells), loaded("unstoppable.py")["tear_down_to"]
    streams = loaded("streams.py", items=items, tear_down_to=ends, **for_cells)
    process = loaded("process.py", contexts=contexts, streams=streams, **for_cells)
    called = {name: loaded("called.py")[name] for name in ("called_as", "is_of_runner")}
    fixtures = loaded("fixtures.py", Cell=cells["Cell"], shown=walk["shown"], **called)
    special = loaded("special.py", walk=walk, cells=cells, process=process, quick=quick)
    parts = dict(walk=walk, cells=cells, fixtures=fixtures)
    undone = loaded("undone.py", walk=walk)["can_be_undone"]
    many = loaded("many.py", walk=walk, inner=inner, here=here)
    parts_of_glance = dict(special=special, quick=quick, inner=inner, undone=undone, cells_of=many["cells_of"])
    glance = loaded("glance.py", **parts_of_glance, **parts)
    of_survey = dict(glance=glance["Glance"], by_chance=glance["is_named_by_chance"], quick=quick, special=special)
    of_survey.update(named_as=many["named_as"], defined_by=fixtures["defined_by"])
    watches = loaded("watch.py", process=process, made=loaded("made.py", walk=walk, inner=inner), **parts)
    state = loaded("state.py", watches=watches, **of_survey, **parts)["State"](items, here)
    streams["next_item"] = lambda: state.item
    return state


def prepare(state, items, looks):
    """Has ready for surveys, in the process that all forks come from, what depends on the whole suite alone."""
    if state.relatives is None:
        state.relatives = loaded("relatives.py")["Relatives"](items)
    state.first_files()
    if looks:
        state.glance()


def survey(hunt, session, block):
    """The survey that a command asks for, with the state that the process remembers."""
    state = hunt.state
    within = loaded("within.py", walk=state.walk, quick=state.quick)
    within = {name: within[name] for name in ("Within", "Given")}
    left = loaded("left.py", quick=state.quick, by_chance=state.by_chance, named_as=state.named_as, **within)
    relatives, names_in = loaded("relatives.py"), loaded("reads.py")["names_in"]
    parts = {name: left[name] for name in ("Writes", "Changed")}
    parts.update({name: relatives[name] for name in ("Standing", "needs_all")})
    parts.update(has_more_to_end=loaded("endings.py", defined_by=state.defined_by)["has_more_to_end"])
    ends, forks = hunt.ends["tear_down_to"], loaded("counted.py")["Forks"]
    return loaded("survey.py", tear_down_to=ends, Forks=forks, names_in=names_in, **parts)["Survey"](
        hunt, session, block, state
    )


def look(channel, state, item, repair):
    """Sends the differences from the state that forks begin with, and restores what `repair` requests, if it does.

    If that raises, it is reported: the test that is about to run is not at fault.
    """
    try:
        look_and_repair(channel, state, item, repair)
    except Exception as error:
        channel.send("look-failed", text=state.reason_of(error))


def look_and_repair(channel, state, item, repair):
    """A cure, something that a user could write before the test, comes first: its changes are among the differences."""
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
    """Remembers state when the first of some files is collected, and looks at it before another one is.

    `watched` makes a tracer of a state, if the lines that change cells meanwhile are sought.
    """

    def __init__(self, first, then, scopes, repair, watched):
        self.first = first
        self.then = then
        self.scopes = scopes
        self.repair = repair
        self.watched = watched
        self.state = self.tracer = None

    def begins(self, file, channel):
        """Called before a file is collected; returns the state once it is remembered."""
        if self.state is None and file in self.first:
            self.state = state_of(())
            for scope in self.scopes:
                self.state.remember(scope)
            self.tracer = self.watched(self.state)
            if self.tracer is not None:
                self.tracer.begins(None)
        elif self.state is not None and file in self.then:
            self.then = ()
            self.ends(channel)
            look(channel, self.state, None, self.repair)
        return self.state

    def ends(self, channel):
        """Called when nothing more is to be watched."""
        if self.tracer is not None:
            self.tracer.ends()
            self.tracer = self.tracer.tell(channel)
