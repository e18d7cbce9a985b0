"""Import locks that somebody waits for: told by a thread while a step hangs, since the step itself will not answer.

Runs with the definitions of the files before it in its namespace.
"""

import sys

LOCKS_MARK = "taster: import lock: "


def watch_held_locks(seconds):
    """Tells, after so much real time, on the stream for errors, which import locks are held and who waits for them."""
    if PY2:
        return  # it has one lock for all modules, which says nothing
    import _thread

    lock = _thread.allocate_lock()
    lock.acquire()
    write_now = posix.write

    def tell():
        lock.acquire(True, seconds)
        for line in held_locks():
            write_now(2, (LOCKS_MARK + line + "\n").encode("utf-8", "backslashreplace"))

    _thread.start_new_thread(tell, ())


def held_locks():
    """A sentence for each import lock that a thread waits for."""
    blocking, frames = modules["_frozen_importlib"]._blocking_on, sys._current_frames()
    # By thread the lock that it waits for; from 3.12 on a list of them, which later versions refer to weakly.
    for waiting, found in list(getattr(blocking, "data", blocking).items()):
        found = found() if isinstance(found, modules["_weakref"].ref) else found
        if not isinstance(found, list):
            found = [] if found is None else [found]
        for lock in list(found):
            held = lock.owner[0] if type(lock.owner) is tuple else lock.owner
            if held is not None and held != waiting:
                yield "%s is wanted by a thread in %s and held by a thread in %s" % (
                    lock.name,
                    place_of(frames.get(waiting)),
                    place_of(frames.get(held)),
                )


def place_of(frame):
    """The innermost function of a thread that is not the import system's, and the module whose body it runs in."""
    while frame is not None and is_import_system(frame):
        frame = frame.f_back
    if frame is None:
        return "unknown code"
    at = "%s of %s, line %d" % (frame.f_code.co_name, frame.f_globals.get("__name__"), frame.f_lineno)
    while frame is not None and frame.f_code.co_name != "<module>":
        frame = frame.f_back
    body = frame.f_globals.get("__name__") if frame is not None else None
    return at if body is None else "%s (in the body of %s)" % (at, body)
