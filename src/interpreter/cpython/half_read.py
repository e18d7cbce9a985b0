"""Which modules are read while they are being imported: noted from when diagnosis asks for it, as evidence of circles.

Runs with the definitions of the files before it in its namespace.
"""

import sys


def watch_imports():
    """From now on each import that finds a module half-initialised is noted, with the module that imports."""
    State.half_read = []
    if PY2:
        watch_function()
    else:
        watch_locks()


def watch_locks():
    """The import system waits for a module that is being imported in one function."""
    bootstrap = modules["_frozen_importlib"]
    wait = bootstrap._lock_unlock_module

    def _lock_unlock_module(name):
        note_half_read(name, sys._getframe(1))
        return wait(name)

    bootstrap._lock_unlock_module = _lock_unlock_module


def watch_function():
    """2.7 keeps no record of what is being imported, but each such module's body runs in a frame."""
    before = builtins.__import__

    def __import__(name, globals=None, locals=None, fromlist=None, level=-1):
        package = (globals or {}).get("__package__") or (globals or {}).get("__name__", "").rpartition(".")[0]
        for wanted in (package + "." + name, name):
            if wanted in modules:
                note_half_read(wanted, sys._getframe(1))
        return before(name, globals, locals, fromlist, level)

    builtins.__import__ = __import__


def note_half_read(name, frame):
    own, State.own = State.own, True
    try:
        if is_half_initialised(name, frame) and not is_of_library(name):
            while frame is not None and is_import_system(frame):
                frame = frame.f_back
            reader = frame.f_globals.get("__name__") if frame is not None else None
            pair = (name, reader if type(reader) is str else "?")
            if pair not in State.half_read and pair[0] != pair[1]:
                State.half_read.append(pair)
    finally:
        State.own = own


def is_import_system(frame):
    """Whether a frame is of the import system, or of the agent's functions in it."""
    name = str(frame.f_globals.get("__name__"))
    return name.partition(".")[0] in ("importlib", "_frozen_importlib") or name.startswith("taster ")


LIBRARY = dict_of(sys.modules["encodings"])["__file__"].rpartition("/encodings/")[0] + "/"


def is_of_library(name):
    """Whether a module is of the standard library, which has circles that work."""
    file = (dict_of(modules[name]) or {}).get("__file__")
    return type(file) is str and file.startswith(LIBRARY) and "/site-packages/" not in file


def is_half_initialised(name, frame):
    module = modules.get(name)
    namespace = dict_of(module) if is_module(module) else None
    if namespace is None:
        return False
    if not PY2:
        return (dict_of(namespace.get("__spec__")) or {}).get("_initializing") is True
    while frame is not None:
        if frame.f_globals is namespace and frame.f_code.co_name == "<module>":
            return True
        frame = frame.f_back
    return False
