"""Settings that the interpreter keeps in C: the module, the address, how the setting is read, how it is set.

held_in_c.py reads more of such state, in forms that only compare. Runs with the definitions of the files before it in
its namespace.
"""

import sys


def generator_of(own):
    random = modules.get("random")
    generator = dict_of(random).get("_inst") if random is not None else None
    return generator, own["Random"]


def read_generator(own):
    """The whole state, if somebody has seeded the generator; else how far it is from the system's seed."""
    generator, base = generator_of(own)
    if generator is None:
        return None
    found = random_of(Reader(own, State.baseline))
    if found is not None and len(found) == 3:
        return "not seeded, drawn from %s times" % found[0]
    return call(base, "getstate", generator), dict_of(generator).get("gauss_next")


def set_generator(own, value):
    generator, base = generator_of(own)
    call(base, "setstate", generator, value[0])
    dict_of(generator)["gauss_next"] = value[1]


def setting(get, put, *before):
    """A setting with a function that reads it and one that sets it."""

    def read(own):
        return own[get](*before)

    def write(own, value):
        own[put](*(before + (value,)))

    return read, write


def of_context(name):
    def read(own):
        return getattr(own["getcontext"](), name)

    def write(own, value):
        setattr(own["getcontext"](), name, value)

    return read, write


def read_mask(own):
    mask = own["umask"](0o022)
    own["umask"](mask)
    return mask


def read_locale(own):
    return own["setlocale"](own["LC_ALL"], None)


def set_locale(own, value):
    own["setlocale"](own["LC_ALL"], value)


def set_path(own, value):
    sys.path[:] = value


def read_limit(own):
    return recursion_of(Reader(own, State.baseline))


# What `signal` itself puts in the place of a handler.
GIVEN = ("SIG_DFL", "SIG_IGN", "default_int_handler")


def told_signals():
    """Every signal's number, and how Python code names it. Most signals of real time have no name."""
    names = {}
    for name in sorted(vars(signal)):
        if name[:3] == "SIG" and name[3:4] != "_" and name not in ("SIGCLD", "SIGPOLL", "SIGIOT"):
            names[int(getattr(signal, name))] = "signal." + name
    return [(number, names.get(number) or "%d" % number) for number in range(1, signal.NSIG)]


def handler_of(number):
    """A signal's handler: by its name, if `signal` has it, else the handler itself."""

    def read(own):
        handler = own["getsignal"](number)
        named = [name for name in GIVEN if own[name] == handler]
        return named[0] if named else handler

    def write(own, value):
        own["signal"](number, own[value])

    return read, write


def read_zone(own):
    """The variable that the next `time.tzset()` reads, and the names that the last one made."""
    return variable("TZ"), own["tzname"]


def set_zone(own, value):
    set_variable("TZ", value[0])
    own["tzset"]()


def set_collecting(own, value):
    own["enable" if value else "disable"]()


def set_thresholds(own, value):
    own["set_threshold"](*value)


SETTINGS = [
    ("_random", "random.getstate()", read_generator, set_generator),
    ("posix", "os.umask()", read_mask, lambda own, value: own["umask"](value)),
    ("gc", "gc.isenabled()", lambda own: own["isenabled"](), set_collecting),
    ("gc", "gc.get_threshold()", lambda own: own["get_threshold"](), set_thresholds),
    ("_locale", "locale.setlocale(locale.LC_ALL)", read_locale, set_locale),
    ("_socket", "socket.getdefaulttimeout()") + setting("getdefaulttimeout", "setdefaulttimeout"),
    ("_csv", "csv.field_size_limit()") + setting("field_size_limit", "field_size_limit"),
    ("time", "time.tzset()", read_zone, set_zone),
    ("sys", "sys.path", lambda own: list(sys.path), set_path),
    ("sys", "sys.getrecursionlimit()", read_limit, lambda own, value: own["setrecursionlimit"](value)),
    ("sys", "sys.getswitchinterval()") + setting("getswitchinterval", "setswitchinterval"),
    ("sys", "sys.get_int_max_str_digits()") + setting("get_int_max_str_digits", "set_int_max_str_digits"),
]
for _number, _told in told_signals():
    SETTINGS.append((SIGNAL, "signal.getsignal(%s)" % _told) + handler_of(_number))
for _name in "prec rounding Emin Emax capitals clamp".split():
    SETTINGS.append(("decimal" if PY2 else "_decimal", "decimal.getcontext().%s" % _name) + of_context(_name))


def own_of(name):
    """What a module held when the interpreter started or, of a library module, holds."""
    own = AtStart.modules.get(name)
    if own is None:
        module = State.baseline.library.get(name) or State.baseline.modules.get(name)
        own = dict_of(module) if module is not None else None
    return own


def settings():
    """The address and the value of every setting whose module is loaded."""
    for name, address, read, _ in SETTINGS:
        own = own_of(name)
        if own is None:
            continue
        try:
            yield address, read(own)
        except Exception:
            pass  # this version has none
