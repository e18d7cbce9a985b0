"""Finds the line that changed a cell: runs tests again, and looks at the cell at each line of own code.

Compiled by hunt.py for a watched run. watch.py reads the cells. A look that finds a change blames the line before it. Where looks take too long they become fewer, and a change is narrowed down to the events between
two looks: another run looks there at every event.
"""

import sys
import threading
from _thread import get_ident
from time import perf_counter

# The seconds that looks may take before they become fewer, and after each time that they have.
PATIENCE, MORE_PATIENCE = 2.0, 1.0
SPARSER = 16
NEVER = 1 << 62


class Tracer:
    """One watched run: counts the events of own code and looks at the cells.

    `lasts` has for each thread the frame of own code that is at work in it and its line: what changes before the next
    event, this line has changed, or library code that it called. `origins` has the way to the line that started it.
    """

    def __init__(self, sources, found, missing, window):
        self.sources = sources
        self.found = found
        self.missing = missing
        self.window = window
        self.events = self.looked = 0
        self.step = 1
        self.next = max(1, window[0]) if window else 1
        self.opened = window is None or window[0] == 0
        self.lasts = {}
        self.origins = {}
        # The threads of the last event and of the last look.
        self.last = self.looked_in = None
        self.spent, self.patience = 0.0, PATIENCE
        self.item = None
        self.broken = None
        self.hooks = hooks_for(self)

    # Which code runs

    def begins(self, item):
        """Called before the set-up of a test, or of collection (without a test)."""
        self.item, self.sources.examples = item, getattr(item, "dtest", None)
        if self.broken is None:
            self.hooks.install()

    def ends(self):
        """Called after the tear-down of a test."""
        if not self.hooks.remove():
            self.breaks("a test set a trace function of its own")
        self.lasts, self.origins = {}, {}
        if self.window is None and self.broken is None:
            self.next = 0
        self.event()
        self.item = None

    def breaks(self, why):
        self.broken = self.broken or why
        self.next = NEVER

    def reaches(self, frame):
        """Own code is at a line, or is called, or goes on after a yield."""
        me = self.event()
        self.lasts[me] = (frame, frame.f_lineno)

    def leaves(self, frame):
        """Own code returns, yields, or is left by an exception."""
        me = self.event()
        frame = self.sources.innermost(frame.f_back)
        if frame is None:
            self.lasts.pop(me, None)
            self.origins.pop(me, None)
        else:
            self.lasts[me] = (frame, frame.f_lineno)

    # Looking

    def event(self):
        self.events += 1
        me = get_ident()
        if me not in self.origins:
            self.origins[me] = self.way(self.last)
        self.last = me
        if self.events >= self.next:
            try:
                self.look(me)
            except Exception as error:  # a look must never fail the test
                self.breaks("taster's own look failed: %s" % type(error).__name__)
        return me

    def look(self, me):
        """Looks at all cells; what has changed was changed by the line that was at work."""
        started = perf_counter()
        window = (self.looked, self.events)
        for watch in self.found:
            now = watch.read()
            if now == watch.now:
                continue
            if self.opened:
                watch.changes(now, self.change(me, window, watch))
            else:
                watch.now = watch.first = now  # of before the window
        self.opened = True
        self.looked, self.looked_in = self.events, me
        self.spent += perf_counter() - started
        if self.spent > self.patience:
            self.step *= SPARSER
            self.patience += MORE_PATIENCE
        self.next = self.events + self.step
        if self.window is not None and self.next > self.window[1]:
            self.next = self.window[1] if self.events < self.window[1] else NEVER

    def change(self, me, window, watch):
        """The place of a change that is seen now, or the events between which it happened, or why it has neither."""
        if window[1] - window[0] > 1:
            return None, window, None
        if self.looked_in not in (me, None) and self.looked_in in self.lasts:
            return None, None, "two threads ran when it changed"
        if me in self.lasts:
            frame, number = self.lasts[me]
            line = self.sources.line(frame.f_code.co_filename, number)
            return dict(line, calls=self.way(me), made_by=self.sources.made_by(frame)), None, None
        return self.outside(watch), None, "no line of the suite's own code was at work when it changed"

    def way(self, thread):
        """The way to the line that is at work in a thread: that of the line that started it comes first."""
        if thread not in self.lasts:
            return []
        return self.origins.get(thread, []) + self.sources.calls(*self.lasts[thread])

    def outside(self, watch):
        """The place of a change that pytest or a plugin has made: the fixture, or the test."""
        if self.item is None:
            return None
        name = watch.key.rpartition(" (")[0]
        place = self.fixture(name) if watch.kind == "fixture" else None
        if place is None:
            name, place = self.item.name, self.sources.test(self.item)
        return place and dict(place, calls=["%s:%d in %s" % (place["file"], place["line"], name)])

    def fixture(self, name):
        """The function that sets up a fixture: one of that name, or a set-up function of a class or module."""
        definitions = getattr(getattr(self.item, "_fixtureinfo", None), "name2fixturedefs", None) or {}
        for definition in definitions.get(name, ()):
            place = self.sources.function(definition.func)
            if place is not None:
                return place
        function = name.partition(" of ")[0]
        owners = [getattr(self.item, each, None) for each in ("cls", "module")]
        places = [self.sources.function(getattr(owner, function, None)) for owner in owners]
        return places[0] or places[1]

    # Telling

    def tell(self, channel):
        """Sends what is known of each cell."""
        for name in self.missing:
            channel.send("traced", cell=name)
        for watch in self.found:
            channel.send("traced", cell=watch.name, **self.known(watch))

    def known(self, watch):
        change = watch.change()
        if self.broken is not None:
            return {"why": self.broken}
        if watch.read() != watch.now and not watch.grows:
            return {"why": "it changed otherwise when the tests ran again"}
        if change is None or not watch.is_changed():
            return {"why": "it did not change when the tests ran again"}
        place, window, why = change
        return {"line": place} if place is not None else {"why": why} if window is None else {"window": list(window)}


def tracer_of(sources, state, wanted, block):
    """The tracer of a run that a command requests."""
    found, missing = state.watches(wanted)
    window = [int(word) for word in block["trace-window"]] if "trace-window" in block else None
    return Tracer(sources, found, missing, window)


def hooks_for(tracer):
    monitoring = getattr(sys, "monitoring", None)
    free = [] if monitoring is None else [each for each in (4, 3, 5, 2, 1, 0) if monitoring.get_tool(each) is None]
    return Monitoring(tracer, monitoring, free[0]) if free else Tracing(tracer)


class Tracing:
    """The events by `sys.settrace`, before CPython 3.12. The trace functions that were there come back."""

    def __init__(self, tracer):
        self.tracer = tracer
        self.before = None, None
        self.called, self.goes_on = self.functions(tracer)

    @staticmethod
    def functions(tracer):
        is_own, reaches, leaves = tracer.sources.is_own, tracer.reaches, tracer.leaves

        def goes_on(frame, event, _):
            if event == "line":
                reaches(frame)
            elif event == "return":
                leaves(frame)
            return goes_on

        def called(frame, event, _):
            if not is_own(frame.f_code):
                return None
            reaches(frame)
            return goes_on

        return called, goes_on

    def install(self):
        self.before = sys.gettrace(), getattr(threading, "_trace_hook", None)
        threading.settrace(self.called)
        sys.settrace(self.called)

    def remove(self):
        """Returns whether nobody has replaced the trace function meanwhile."""
        was_there = sys.gettrace() is self.called
        if was_there:
            sys.settrace(self.before[0])
        if getattr(threading, "_trace_hook", None) is self.called:
            threading.settrace(self.before[1])
        return was_there


class Monitoring:
    """The events by `sys.monitoring`, from CPython 3.12 on: in all threads, and beside all other tools."""

    def __init__(self, tracer, monitoring, tool):
        self.monitoring = monitoring
        self.tool = tool
        events = monitoring.events
        is_own, frame_of, disable = tracer.sources.is_own, sys._getframe, monitoring.DISABLE

        def reaches(code, _):
            if not is_own(code):
                return disable
            tracer.reaches(frame_of(1))
            return None

        def leaves(code, *_):
            if not is_own(code):
                return disable
            tracer.leaves(frame_of(1))
            return None

        def always_reaches(code, *_):
            if is_own(code):
                tracer.reaches(frame_of(1))

        def always_leaves(code, *_):
            if is_own(code):
                tracer.leaves(frame_of(1))

        self.handlers = {
            events.LINE: reaches,
            events.PY_START: reaches,
            events.PY_RESUME: reaches,
            events.PY_THROW: always_reaches,
            events.PY_RETURN: leaves,
            events.PY_YIELD: leaves,
            events.PY_UNWIND: always_leaves,
        }

    def install(self):
        self.monitoring.use_tool_id(self.tool, "taster")
        for event, handler in self.handlers.items():
            self.monitoring.register_callback(self.tool, event, handler)
        self.monitoring.set_events(self.tool, sum(self.handlers))
        self.monitoring.restart_events()

    def remove(self):
        self.monitoring.set_events(self.tool, 0)
        for event in self.handlers:
            self.monitoring.register_callback(self.tool, event, None)
        self.monitoring.free_tool_id(self.tool)
        return True
