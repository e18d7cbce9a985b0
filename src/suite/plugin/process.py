"""State that the interpreter, the system and generators of random numbers keep for a process, as cells.

Compiled by look.py, which passes in the definitions of walk.py as `walk`, those of contexts.py and streams.py as `contexts`
and `streams`, and the class of cells as `Cell`. A setting is read by a function of its own module, and only if that is built in: a test may have replaced it. Generators are
read only if they are already loaded and of the library's own class.
"""

import posix
import sys

walk, Cell, CannotPutBack = globals()["walk"], globals()["Cell"], globals()["CannotPutBack"]
contexts, streams = globals()["contexts"], globals()["streams"]
absent, attributes, named, shown = walk["absent"], walk["attributes"], walk["named"], walk["shown"]
module_of, namespace_of, class_name = walk["module_of"], walk["namespace_of"], walk["class_name"]
builtin, function, c_method = walk["BUILTIN"], walk["FUNCTION"], walk["METHOD_DESCRIPTOR"]
getcwd, chdir, umask = posix.getcwd, posix.chdir, posix.umask


def own_function(module, name, kind=builtin):
    """A function of a loaded module, found without running its code."""
    found = (attributes(dict.get(sys.modules, module)) or {}).get(name)
    return found if type(found) is kind else None


def process_cells(cells):
    """State that the interpreter or the system keeps outside Python objects."""

    def add(name, value, put, text=None, kind="process"):
        home = name.partition(".")[0]
        cells[name] = Cell(kind, name, repr(value) if text is None else text, value, put, home=home)

    try:
        add("os.getcwd()", getcwd(), chdir)
    except OSError as error:
        add("os.getcwd()", absent, gone, "gone (%s)" % error)
    mask = umask(0o022)
    umask(mask)
    add("os.umask()", mask, umask, "0o%03o" % mask)
    for getter, setter in (("getrecursionlimit", "setrecursionlimit"), ("getswitchinterval", "setswitchinterval")):
        get, put = own_function("sys", getter), own_function("sys", setter)
        if get is not None and put is not None:
            add("sys.%s()" % getter, get(), put)
    setlocale = own_function("_locale", "setlocale")
    if setlocale is not None:
        category = attributes(sys.modules["_locale"]).get("LC_ALL")
        add("locale.setlocale(LC_ALL)", setlocale(category, None), lambda to: setlocale(category, to))
    for name, setter, default in SETTINGS:
        setting(add, name, setter, default)
    get, enable, disable = [own_function("gc", name) for name in ("isenabled", "enable", "disable")]
    if get is not None:
        add("gc.isenabled()", get(), lambda to: (enable if to else disable)())
    get, put = own_function("gc", "get_threshold"), own_function("gc", "set_threshold")
    if get is not None and put is not None:
        add("gc.get_threshold()", get(), lambda to: put(*to))
    for more in (random_cell, numpy_cell, torch_cell, decimal_cell):
        more(add)
    contexts["variable_cells"](cells)
    streams["stream_cells"](cells)


# Settings that modules keep in C: how they are read, what sets them, and what they are as long as the module is not loaded.
SETTINGS = (
    ("socket.getdefaulttimeout()", "setdefaulttimeout", None),
    ("csv.field_size_limit()", "field_size_limit", 131072),
    ("sys.get_int_max_str_digits()", "set_int_max_str_digits", None),
    ("sys.gettrace()", "settrace", None),
    ("sys.getprofile()", "setprofile", None),
)


def setting(add, name, setter, default):
    module, _, getter = name[:-2].partition(".")
    module = module if module == "sys" else "_" + module
    get = own_function(module, getter)

    def put(value):
        function = own_function(module, setter)
        if function is not None:
            function(value)

    value = default if get is None else get()
    add(name, value, put, shown(value))


def gone(_):
    raise CannotPutBack("the directory that it was is gone")


def is_number_of_signal(getsignal, number):
    try:
        getsignal(number)
    except ValueError:
        return False
    return True


valid = []
# What the system calls the handlers that are none of Python's, by their numbers.
HANDLERS = {0: "SIG_DFL", 1: "SIG_IGN"}


def handlers():
    """The handlers of signals, in the sequence of the numbers in `valid`; none if they cannot be asked for."""
    getsignal, signal = own_function("_signal", "getsignal"), own_function("_signal", "signal")
    if getsignal is None or signal is None:
        return []
    if not valid:
        valid.extend([number for number in range(1, 65) if is_number_of_signal(getsignal, number)])
    return list(map(getsignal, valid))


def signal_cells(cells):
    signal, own = own_function("_signal", "signal"), attributes(dict.get(sys.modules, "_signal")) or {}
    held = handlers()
    names = names_of_signals(own) if held else {}
    for number, handler in zip(valid, held):
        if handler is not None:
            name = "signal.getsignal(%s)" % names.get(number, number)
            text = "signal.%s" % HANDLERS[handler] if type(handler) is int else shown(handler)
            cells[name] = Cell("process", name, text, handler, into_signal(signal, number), home="signal")


def names_of_signals(own):
    """The names of signals as a program writes them, since numbers differ between systems; of two names for one, the first."""
    known = {}
    for name in sorted(own, reverse=True):
        if name.startswith("SIG") and not name.startswith("SIG_") and type(own[name]) is int:
            known[own[name]] = "signal." + name
    return known


def into_signal(signal, number):
    return lambda handler: signal(number, handler)


def digits_of(state):
    """A generator's state as text: numbers, distinguished by 64 bits, which are the same in every process."""
    return "state %016x" % (hash(state) & 0xFFFFFFFFFFFFFFFF)


def decimal_cell(add):
    """The context of `decimal`, without its flags, which almost every calculation sets."""
    get, put = own_function("_decimal", "getcontext"), own_function("_decimal", "setcontext")
    if get is None or put is None:
        return
    own = attributes(sys.modules["_decimal"])
    context = contexts["of_decimal"](own, get)
    kind = type(context)
    if kind is not own.get("Context"):
        return
    text, copy = [namespace_of(kind)[name] for name in ("__repr__", "copy")]
    before, _, after = text(context).partition("flags=[")
    add("decimal.getcontext()", copy(context), lambda to: put(copy(to)), before + after.partition("], ")[2])


def random_cell(add):
    """The generator behind the functions of `random`: its state in C, and the number that `gauss` has left."""
    instance = (attributes(dict.get(sys.modules, "random")) or {}).get("_inst")
    for base in walk["mro_of"](type(instance)):
        if class_name(base) != "Random" or module_of(base) != "_random":
            continue
        getter, setter = [namespace_of(base).get(name) for name in ("getstate", "setstate")]
        own = attributes(instance)
        if type(getter) is not c_method or type(setter) is not c_method or own is None:
            return

        def put(state):
            setter(instance, state[0])
            own["gauss_next"] = state[1]

        left = own.get("gauss_next")
        left = left if type(left) is float else None
        state = getter(instance)
        # Before 3.12, the hash of None differs between processes.
        add("random.getstate()", (state, left), put, digits_of((state, left is None, left or 0.0)), "generator")


def numpy_cell(add):
    """The generator behind the functions of `numpy.random`."""
    instance = (attributes(dict.get(sys.modules, "numpy.random.mtrand")) or {}).get("_rand")
    kind = type(instance)
    if class_name(kind) != "RandomState" or module_of(kind) != "numpy.random.mtrand":
        return
    getter, setter = [namespace_of(kind).get(name) for name in ("get_state", "set_state")]
    state = getter(instance)
    words = int.from_bytes(state[1].tobytes(), "little")
    seed = namespace_of(kind).get("seed")

    def put(to):
        # Before the module was loaded there was no state: it begins with one by chance.
        seed(instance) if to is absent else setter(instance, to)

    add("numpy.random.get_state()", state, put, digits_of((words, state[2:])), "generator")


def torch_cell(add):
    """The generator behind the functions of `torch` that make random numbers on the processor."""
    getter, setter = [own_function("torch.random", name, function) for name in ("get_rng_state", "set_rng_state")]
    if getter is not None and setter is not None:
        state = getter()
        text = digits_of(int.from_bytes(bytes(state.tolist()), "little"))
        add("torch.random.get_rng_state()", state, setter, text, "generator")
