"""The few functions of the interpreter that the agent replaces: the import system's reading of times and writing of
bytecode, and audit hooks.

Runs with the definitions of the files before it in its namespace.
"""

import posix
import sys


def patch_audit():
    """Hides the agent's own work from module code's audit hooks, which could otherwise stop it."""
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
    """Makes the import system see virtual times during a step as well as after it, and write nothing elsewhere.

    A file that the step has changed has a real modification time, newer than all virtual ones, and reads as the
    step's own. Sources that were compiled before are not compiled again, and the contents of a standard-library
    module are recorded right after it is loaded.
    """
    bootstrap, external = modules["_frozen_importlib"], modules["_frozen_importlib_external"]
    load_unlocked = bootstrap._load_unlocked
    source_to_code = external.SourceLoader.source_to_code
    cache_bytecode = external.SourceFileLoader._cache_bytecode
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
            if State.baseline is not None:
                State.baseline.learn_loaded(spec)
        finally:
            State.own = own
        return module

    def _cache_bytecode(self, source_path, bytecode_path, data):
        """Writes none beside sources that are not the ordering's, whether or not the process could."""
        if bytecode_path.startswith(State.root_prefix) or not bytecode_path.startswith("/"):
            return cache_bytecode(self, source_path, bytecode_path, data)

    def cached_source_to_code(self, data, path, **options):
        known = State.code.get(path)
        if known is not None and known[0] == data:
            return known[1]
        return source_to_code(self, data, path, **options)

    external._path_stat = _path_stat
    bootstrap._load_unlocked = _load_unlocked
    external.SourceLoader.source_to_code = cached_source_to_code
    external.SourceFileLoader._cache_bytecode = _cache_bytecode
