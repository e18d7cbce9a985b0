"""State that the interpreter and the system keep in C, in one table: the module, the name of the setting, how to read
it.

Only loaded modules are asked, by the functions that they came with, and none of these changes anything (three
settings that can be read only by setting them are restored at once). Runs with the definitions of kinds.py,
contents.py and unnoticed.py in its namespace.

A state with an unreadable setting is merged with no other: an extension module in neither of the two lists below ends
merging, and so does a reader that raises. docs/design.md says what the table does not cover.
"""

import gc
import posix
import sys

# Extension modules of the standard library whose only state between calls is that of their objects, or caches.
STATELESS = frozenset(
    "__builtin__ __main__ _abc _ast _bisect _blake2 _bz2 _codecs _codecs_cn _codecs_hk _codecs_iso2022 _codecs_jp "
    "_codecs_kr _codecs_tw _collections _crypt _datetime _elementtree _functools _hashlib _heapq _imp _io _json _lzma _md5 "
    "_multibytecodec _multiprocessing _opcode _operator _peg_parser _pickle _posixshmem _posixsubprocess _queue _sha "
    "_sha1 _sha2 _sha256 _sha3 _sha512 _sre _ssl _stat _statistics _string _struct _suggestions _symtable _sysconfig "
    "_tokenize _typing _uuid _weakref _zoneinfo array audioop binascii builtins bz2 cPickle cStringIO cmath "
    "crypt datetime errno exceptions fcntl future_builtins grp imp itertools linuxaudiodev marshal math mmap nis operator "
    "ossaudiodev parser pwd pyexpat select spwd strop termios time unicodedata zipimport zlib".split()
)
# Extension modules whose state the table below reads.
READ = frozenset(
    "_asyncio _contextvars _csv _decimal _locale _random _signal _socket _thread _tracemalloc _warnings atexit faulthandler "
    "gc posix resource signal sys thread".split()
)
# Nobody can read the state of all others: `_ctypes` can do anything, `_curses` has a screen, `_lsprof` counts calls,
# `_sqlite3` and `readline` have switches without getters, `syslog` keeps the arguments of `openlog`.

# Where the standard library's own extension modules lie.
EXTENSIONS = frozenset([as_bytes(entry) for entry in sys.path if type(entry) is str and entry.endswith("lib-dynload")])


def is_unreadable(name, origin):
    """Whether a module just loaded is an extension module with unreadable state. `origin` is where it came from."""
    known = name in STATELESS or name in READ
    if type(origin) is bytes or type(origin) is TEXT:
        path = as_bytes(origin)
        if path.endswith(b".so"):
            return not (known and path.rpartition(b"/")[0] in EXTENSIONS)
    elif origin is not None:
        return False
    return (origin is None or origin == "built-in") and name in sys.builtin_module_names and not known


class AtStart(object):
    """The settings at the start of the interpreter, for comparison."""

    modules = {}  # by name: what modules held that are there from the start, some of them only in this file
    frozen = 0
    descriptors = None
    streams = ()
    guise = None  # what the agent keeps from its own code: trace functions, blocked signals, the recursion limit


def note_start():
    """Called before anything of a scenario has run."""
    if PY2:
        import thread  # noqa: F401
    for module in (sys, gc, posix) + tuple(map(sys.modules.get, ("_signal", "signal", "_thread", "thread", "_io"))):
        if module is not None:
            AtStart.modules[module.__name__] = dict(module.__dict__)
    try:
        import _contextvars

        AtStart.modules["_contextvars"] = _contextvars.__dict__
    except ImportError:
        pass
    AtStart.streams = () if PY2 else (sys.__stdin__, sys.__stdout__, sys.__stderr__)


def note_end_of_start(guise):
    """Called when taster itself opens nothing more."""
    AtStart.guise = guise
    AtStart.frozen = gc.get_freeze_count() if hasattr(gc, "get_freeze_count") else 0
    AtStart.descriptors = open_descriptors()


class Reader(object):
    """A module's own functions, called by name; returns None if this version has no such function."""

    def __init__(self, own, baseline):
        self.own = own
        self.baseline = baseline

    def __call__(self, name, *arguments):
        found = self.own.get(name)
        if found is None:
            return None
        if type(found) is not BUILTIN or found.__name__ != name:
            raise Unmergeable("another %s" % name)
        return found(*arguments)


def nothing_but(wanted, found, what):
    """For settings that can only be compared with their default."""
    if found is not None and found != wanted:
        raise Unmergeable(what)


def simple(*names):
    def read(ask):
        return [ask(name) for name in names]

    return read


def mask_of(ask):
    mask = ask("umask", 0o022)
    ask("umask", mask)
    return mask


def priority_of(ask):
    return ask("nice", 0), sorted(ask("sched_getaffinity", 0) or ())


def collector_of(ask):
    frozen = (ask("get_freeze_count") or 0) > AtStart.frozen
    return ask("get_threshold"), ask("isenabled"), ask("get_debug"), frozen


def recursion_of(ask):
    return ask("getrecursionlimit") if AtStart.guise.limit is None else AtStart.guise.limit


def tracing_of(ask):
    guise = AtStart.guise
    if any([each is not None for each in (sys.gettrace(), sys.getprofile(), guise.trace, guise.profile)]):
        raise Unmergeable("a trace function")
    monitoring = ask.own.get("monitoring")
    if monitoring is not None:
        tools = [monitoring.get_tool(tool) for tool in range(6)]
        if tools != [None] * 6:
            raise Unmergeable("a tool that monitors")


def handlers_of(ask):
    handlers = []
    for signal in range(1, ask.own["NSIG"]):
        try:
            handlers.append(ask("getsignal", signal))
        except ValueError:
            pass
    return handlers


def pending_of(ask):
    for timer in range(3):
        nothing_but((0.0, 0.0), ask("getitimer", timer), "a timer")
    descriptor = ask("set_wakeup_fd", -1)
    if descriptor != -1:
        ask("set_wakeup_fd", descriptor)
        raise Unmergeable("a descriptor that signals wake")
    blocked, waiting = ask("pthread_sigmask", ask.own.get("SIG_BLOCK"), ()), ask("sigpending")
    if AtStart.guise.mask is not None:
        blocked = AtStart.guise.mask
    return sorted(map(int, blocked or ())), sorted(map(int, waiting or ()))


def threads_of(ask):
    nothing_but(0, ask("_count"), "a thread")
    size = ask("stack_size", 0)
    if size:
        ask("stack_size", size)
    return size


def locale_of(ask):
    return ask("setlocale", ask.own["LC_ALL"], None), ask("textdomain", None)


def limits_of(ask):
    return [ask("getrlimit", ask.own[name]) for name in sorted(ask.own) if type(name) is str and name[:7] == "RLIMIT_"]


def dialects_of(ask):
    names, dialects = ask("list_dialects"), []
    if not are_texts(names):
        raise Unmergeable("a dialect whose name is not a text")
    for name in sorted(names):
        dialect = ask("get_dialect", name)
        dialects.append((name, reading(*DIALECT.split())(type(dialect), dialect)))
    return ask("field_size_limit"), dialects


TURNS = 16  # how often a generator computes its words before two are told apart by these


def filters_version_of(ask):
    """What `__warningregistry__` compares to tell whether a warning was shown since the filters changed. Only a warning
    tells it, so a copy issues one, which no filter shows."""
    warnings = ask.baseline.library.get("warnings") or ask.baseline.modules.get("warnings")
    filters = (dict_of(warnings) or {}).get("filters") if warnings is not None else None
    if PY2 or type(filters) is not list or not has_registry(ask.baseline.table):
        return None
    return in_a_copy(lambda: version_in_a_copy(ask, filters))


def has_registry(table):
    held = [dict_of(module) for module in list(table.values()) if is_module(module)]
    return any([own is not None and "__warningregistry__" in own for own in held])


def version_in_a_copy(ask, filters):
    registry = {}
    filters[:] = [("ignore", None, Warning, None, 0)]
    ask("warn_explicit", "", Warning, "", 0, None, registry)
    return number(registry.get("version") or 0)


def random_of(ask):
    """The global generator. If nobody has seeded it: how far it is from the system's seed. Two unseeded generators
    cannot be distinguished further."""
    random = ask.baseline.library.get("random")
    generator = dict_of(random).get("_inst") if random is not None else None
    if generator is None:
        return None
    base, seeded = ask.own["Random"], ask.baseline.seeded
    now, attributes = call(base, "getstate", generator), dict_of(generator)
    if seeded is not None:
        trial = base()
        call(base, "setstate", trial, seeded)
        for turn in range(TURNS):
            if call(base, "getstate", trial)[:-1] == now[:-1]:
                return turn, now[-1], attributes
            call(base, "getrandbits", trial, 32 * 624 if turn else 32)
    return now, attributes


def context_of(ask):
    """The values of context variables, including the decimal context. This does not create that context."""
    context = ask("copy_context") if type(ask.own.get("copy_context")) is BUILTIN else None
    items = list(type(context).items(context)) if context is not None else []
    return sorted([(named_with_default(type(key), key)[0], key, value) for key, value in items], key=first_text)


def first_text(item):
    return item[0] if type(item[0]) is str else ""


def decimals_of(ask):
    """Before 3.7 there are no context variables. Asking for the decimal context creates it, so a copy asks."""
    if sys.version_info >= (3, 7) or PY2:
        return None
    return in_a_copy(lambda: decimals_in_a_copy(ask))


def decimals_in_a_copy(ask):
    """The precision distinguishes a newly made context from an existing one."""
    ask.own["DefaultContext"].prec = 123456
    parts = reduced(ask.own["Context"], ask("getcontext"))[1]
    return repr([list(map(class_name, part)) if type(part) is list else part for part in parts]).encode("ascii")


def streams_of(ask):
    """The settings of `reconfigure`, and whether the streams are closed."""
    fields = ("encoding", "errors", "line_buffering") + (("write_through",) if sys.version_info >= (3, 7) else ())
    found = []
    for stream in AtStart.streams:
        try:
            found.append(reading("closed", *fields)(type(stream), stream))
        except ValueError:
            found.append("detached")
    return found


def descriptors_of(ask):
    """Files opened since the start, and whether the first three are unchanged."""
    if open_descriptors() != AtStart.descriptors:
        raise Unmergeable("an open descriptor")


def open_descriptors():
    try:
        names = posix.listdir("/proc/self/fd")
        kept = [name for name in names if not (PY2 and is_noise(name))]
        return sorted(kept), [tuple(posix.fstat(descriptor))[1:3] for descriptor in range(3)]
    except OSError:
        return None


def is_noise(name):
    """2.7 keeps its source of seeds open."""
    try:
        return posix.readlink("/proc/self/fd/" + name) == "/dev/urandom"
    except OSError:
        return False


def listeners_of(ask):
    """The library's own functions in no order, because they do not affect each other."""
    found = []
    for functions in Listeners.silenced or ():
        names = [ask.baseline.library_name(function) for function in functions]
        found.append(sorted([name for name in names if name is not None]))
        found.append([function for function, name in zip(functions, names) if name is None])
    return found


OF_SYS = (
    "getdlopenflags getcheckinterval"
    if PY2
    else "getdlopenflags getswitchinterval get_int_max_str_digits get_asyncgen_hooks "
    "get_coroutine_origin_tracking_depth is_stack_trampoline_active"
)
SIGNAL, THREAD = ("signal", "thread") if PY2 else ("_signal", "_thread")
# Module, what it is, how it is read.
TABLE = (
    ("sys", "settings of the interpreter", simple(*OF_SYS.split())),
    ("sys", "the recursion limit", recursion_of),
    ("sys", "trace functions", tracing_of),
    ("gc", "thresholds and flags of the collector", collector_of),
    ("posix", "the mask of new files' modes", mask_of),
    ("posix", "priority and processors", priority_of),
    ("posix", "open descriptors", descriptors_of),
    ("posix", "the environment of new processes", lambda ask: put_variables()),
    ("posix", "what is called at a fork", listeners_of),
    (SIGNAL, "handlers of signals", handlers_of),
    (SIGNAL, "timers, blocked and waiting signals", pending_of),
    (THREAD, "threads and the size of their stacks", threads_of),
    ("_io", "standard streams", streams_of),
    ("_warnings", "the version of the filters of warnings", filters_version_of),
    ("_locale", "the locale", locale_of),
    ("_socket", "the default timeout of sockets", simple("getdefaulttimeout")),
    ("_csv", "dialects and the limit of fields", dialects_of),
    ("_random", "the global generator", random_of),
    ("_contextvars", "values of context variables", context_of),
    ("_decimal", "the context of decimals", decimals_of),
    ("_asyncio", "the running loop", simple("_get_running_loop")),
    ("_tracemalloc", "whether memory is traced", simple("is_tracing", "get_traceback_limit")),
    ("faulthandler", "whether it is enabled", simple("is_enabled")),
    ("resource", "limits of the process", limits_of),
    ("atexit", "how many functions wait for the end", simple("_ncallbacks")),
)


def held_in_c(baseline):
    """The names and values of the table's settings, for the modules that are loaded."""
    found = []
    for name, what, read in TABLE:
        own = AtStart.modules.get(name)
        if own is None:
            module = baseline.library.get(name) or baseline.modules.get(name)
            own = dict_of(module) if module is not None else None
        if own is not None:
            found.append((what, read(Reader(own, baseline))))
    return found
