"""Looks at the import system's state for people, or for a comparison with the model: in this process, or in a copy of it.

Runs with the definitions of the files before it in its namespace.
"""

import posix
import sys


def environment():
    """The environment in `os.environ`, or as it was when the process started."""
    own = posix.environ
    os = modules.get("os")
    mapping = (dict_of(os) or {}).get("environ") if os is not None else None
    if mapping is not None and class_name(type(mapping)) == "_Environ":
        found = (dict_of(mapping) or {}).get("data" if PY2 else "_data")
        own = found if type(found) is dict else own
    items = [(key, value) for key, value in own.items() if is_text(key) and is_text(value)]
    return dict([(encoded(key), encoded(value)) for key, value in items])


def inspect():
    """Answers with a view of the state. A look that changes anything is made in a copy, which takes that with it."""
    if can_look_in_place():
        return tell_view()
    handler, pid = fork_off()
    if pid:
        if wait_for(pid, handler) != TOLD << 8:
            exit_now(LOST)
        return
    tell_view()
    exit_now(TOLD)


def can_look_in_place():
    """Whether a view only reads: no archive is read anew, and nothing but imports ran, so that no setting is made or
    changed for a moment by being read."""
    if State.acted or needs_all(State.baseline):
        return False
    return not any([has_archive(finder) for finder in sys.path_importer_cache.values()])


def tell_view():
    view = View(State.baseline, State.environment)
    send(INSPECTION, b"".join(view.state(State.directory, environment())))
