"""One step's action: performing it, and keeping the code of steps out of the agent's own work.

Runs with the definitions of the files before it in its namespace.
"""

import sys


# What repairs call.
REPAIRING = {
    "restore": restore,
    "restore_variable": restore_variable,
    "empty_cache": empty_cache,
    "remember": remember,
    "watch_imports": watch_imports,
    "watch_held_locks": watch_held_locks,
}


# What tracebacks call the code of a step.
CODE_OF_STEP = "<step>"


class Action(object):
    """A step in the form that is fastest to perform."""

    def __init__(self, payload):
        self.verb, self.text, self.more, self.check, self.wanted = split(payload)
        self.code = None
        self.name = native(self.more)
        self.result = None  # what judging needs of the run
        if self.verb in (b"import", b"exec", b"run-module", b"check", b"repair"):
            try:
                self.code = self.compiled()
            except Exception:
                pass  # it is compiled again as the step, which then fails
        if self.check in (b"expect", b"names"):
            self.wanted = eval(self.wanted.decode("ascii"), {"__builtins__": LITERALS})
        elif self.check in (b"raises", b"warns"):
            self.wanted = native(self.wanted)

    def compiled(self):
        return compile(self.text.decode("utf-8"), CODE_OF_STEP, "eval" if self.verb == b"check" else "exec", 0, True)

    def run(self):
        if self.check == b"warns":
            recording(self)
        else:
            self.act()

    def act(self):
        verb = self.verb
        if verb in (b"import", b"exec", b"run-module"):
            code = self.code or self.compiled()
            exec(code, {"__name__": "__main__", "__builtins__": builtins})
        elif verb == b"check":
            self.result = holds(self.code or self.compiled())
        elif verb == b"repair":
            exec(self.code, dict(REPAIRING, ROOT=State.root, __builtins__=builtins))
        elif verb in (b"sys-path", b"sys-path-text"):
            path = native(self.text)
            path = State.root + path if verb == b"sys-path" else path
            sys.path.insert(0 if self.more == b"first" else len(sys.path), path)
        elif verb == b"reload":
            State.baseline.written.pop(self.name, None)
            State.importlib.reload(sys.modules[self.name])
        elif verb == b"forget":
            if self.name in State.baseline.modules:
                State.acted = True
            if self.name in sys.modules:
                del sys.modules[self.name]
        elif verb == b"not-imported":
            self.result = self.name in sys.modules
        elif verb == b"set-variable" or verb == b"remove-variable":
            set_variable(self.name, native(self.text) if verb == b"set-variable" else None)
        elif verb == b"chdir":
            chdir(State.root + native(self.text))
        elif verb == b"compile":
            compile_file(State.root + native(self.text), self.more)
        else:
            State.importlib.invalidate_caches()


class Guise(object):
    """The process settings of a step's code that would disturb the agent's own work."""

    trace = profile = mask = limit = None
    events = ()  # of `sys.monitoring`, by tool


Guise = Guise()  # a function that a class holds would be a method on 2.7


# Signals whose handlers must not run in the agent's own code; 2.7 cannot block them.
HELD_BACK = [
    getattr(signal, name)
    for name in "SIGALRM SIGVTALRM SIGPROF SIGHUP SIGINT SIGTERM SIGUSR1 SIGUSR2 SIGIO SIGWINCH SIGCHLD SIGXCPU".split()
    if hasattr(signal, name)
]
sigmask = getattr(signal, "pthread_sigmask", None)
TIMERS = [(signal.ITIMER_REAL, signal.SIGALRM), (signal.ITIMER_VIRTUAL, signal.SIGVTALRM)]
TIMERS.append((signal.ITIMER_PROF, signal.SIGPROF))
setitimer, SIG_IGN = signal.setitimer, signal.SIG_IGN
monitoring = getattr(sys, "monitoring", None)
OWN_LIMIT = get_limit()
TOOLS = range(6)
if monitoring is not None:
    get_tool, get_events, set_events = monitoring.get_tool, monitoring.get_events, monitoring.set_events


def put_on():
    """Restores the process settings of the steps' code."""
    if Guise.limit is not None:
        try:
            set_limit(Guise.limit)
        except Exception:
            pass  # it is lower than the agent's own depth
        Guise.limit = None
    if Guise.mask is not None:
        mask, Guise.mask = Guise.mask, None
        sigmask(signal.SIG_SETMASK, mask)
    for tool, events in Guise.events:
        set_events(tool, events)
    if Guise.profile is not None:
        setprofile(Guise.profile)
    if Guise.trace is not None:
        settrace(Guise.trace)


def perform(action):
    """Runs one action: the letter of its outcome, two texts with details, and the line of the step's code that raised."""
    raised = failed = trace = None
    try:
        State.own = False
        put_on()
        action.run()
    except:  # noqa: E722 (2.7 also raises what is no BaseException)
        failed, raised, trace = exc_info()
    # Each of these settings raises at most once. No Python function is called, because it would be traced.
    for _ in (1, 2, 3, 4):
        try:
            Guise.trace, Guise.profile = gettrace(), getprofile()
            settrace(None)
            setprofile(None)
            if get_limit() < OWN_LIMIT:
                Guise.limit = get_limit()
                set_limit(OWN_LIMIT)
            if monitoring is not None:
                Guise.events = []
                for tool in TOOLS:
                    if get_tool(tool) is not None:
                        Guise.events.append((tool, get_events(tool)))
                        set_events(tool, 0)
            if "signal" in modules:
                if sigmask is not None and Guise.mask is None:
                    Guise.mask = sigmask(signal.SIG_BLOCK, HELD_BACK)
                # A copy of a process has no timers, so timers end with their step everywhere.
                for timer, signal_number in TIMERS:
                    if setitimer(timer, 0) != (0.0, 0.0):
                        handler = getsignal(signal_number)
                        if handler is not None:
                            signal_now(signal_number, SIG_IGN)
                            signal_now(signal_number, handler)
            break
        except:  # noqa: E722
            pass
    State.own = True
    try:
        kind, first, second = judge(action, failed, raised)
        line = line_in_step(raised, trace) if kind == FAILED and action.verb == b"exec" else b""
    except:  # noqa: E722 (code of the exception's or of the module's own raised where nobody expects it)
        kind, first, second, line = FAILED, class_names(exc_info()[0])[0], "", b""
    raised = trace = action.result = None
    State.own = True
    if PY2:
        sys.exc_clear()
    return kind, first, second, line


def line_in_step(raised, trace):
    """The innermost line of the step's own code on which an exception was raised; empty if there is none."""
    line = None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == CODE_OF_STEP:
            line = trace.tb_lineno
        trace = trace.tb_next
    if line is None and "SyntaxError" in class_names(type(raised)):
        own = namespace_of(SyntaxError)
        if own["filename"].__get__(raised) == CODE_OF_STEP:
            line = own["lineno"].__get__(raised)
    return number(line) if type(line) is int else b""
