"""The few functions of the interpreter that the agent replaces: the import system's look at times, and audit hooks.

Runs with what the files before it define in its namespace.
"""

import posix
import sys


def patch_audit():
    """An audit hook of module code hears nothing of what the agent itself does: it could not go on otherwise."""
    import _thread

    add_hook, get_ident = sys.addaudithook, _thread.get_ident
    State.thread = get_ident()

    def addaudithook(hook):
        def relay(event, arguments):
            if not State.own or get_ident() != State.thread:
                hook(event, arguments)

        State.hooked = True
        return add_hook(relay)

    addaudithook.__doc__ = add_hook.__doc__
    addaudithook.__module__ = "sys"
    addaudithook.__qualname__ = "addaudithook"
    sys.addaudithook = addaudithook


def patch_import_system():
    """The import system sees virtual times during a step as well as after it.

    Whatever the step has changed has a real modification time, newer than all virtual ones, and reads as the step's own.
    Sources that were compiled before are not compiled again; and what a module of the standard library holds is taken
    down when it has just been loaded.
    """
    bootstrap, external = modules["_frozen_importlib"], modules["_frozen_importlib_external"]
    load_unlocked = bootstrap._load_unlocked
    source_to_code = external.SourceLoader.source_to_code
    stat_result = posix.stat_result
    newest = 1600000000  # Directory::NEWEST

    def _path_stat(path):
        found = stat(path)
        if found.st_mtime > newest and State.now is not None:
            if not path.startswith("/") or path.startswith(State.root_prefix) or path == State.root:
                return stat_result(tuple(found), {"st_mtime": State.now})
        return found

    def _load_unlocked(spec):
        module = load_unlocked(spec)
        own, State.own = State.own, True
        try:
            State.baseline.learn_loaded(spec)
        finally:
            State.own = own
        return module

    def cached_source_to_code(self, data, path, **options):
        known = State.code.get(path)
        if known is not None and known[0] == data:
            return known[1]
        return source_to_code(self, data, path, **options)

    external._path_stat = _path_stat
    bootstrap._load_unlocked = _load_unlocked
    external.SourceLoader.source_to_code = cached_source_to_code
