"""Whether the files are open with which pytest captures what tests print, as cells: a test that closes `sys.stdout` closes
that of pytest, and all tests after it fail.

Compiled by look.py, which passes in the class of cells as `Cell`, `CannotPutBack`, `items`, the tests, and `tear_down_to`;
it replaces `next_item`. Nothing is read from an object but where that is a text file of the library.
"""

import io
import os
import tempfile

Cell, CannotPutBack = globals()["Cell"], globals()["CannotPutBack"]
items, tear_down_to = globals()["items"], globals()["tear_down_to"]
STREAMS = (("stdout", "out"), ("stderr", "err"))
TextFile, temporary_file, in_memory, dup2 = io.TextIOWrapper, tempfile.TemporaryFile, io.BytesIO, os.dup2
is_closed = TextFile.__dict__["closed"].__get__


def next_item():
    """The test that is about to run, if that is known."""
    return None


def captures():
    """What captures each stream in all tests, with the name of the stream."""
    plugins = getattr(getattr(items[0], "config", None), "pluginmanager", None) if items else None
    manager = None if plugins is None else plugins.getplugin("capturemanager")
    capturing = getattr(manager, "_global_capturing", None)
    return [(name, getattr(capturing, part, None)) for name, part in STREAMS]


def stream_cells(cells):
    for name, capture in captures():
        file = getattr(capture, "tmpfile", None)
        if not isinstance(file, TextFile):
            continue
        try:
            closed = is_closed(file)
        except ValueError:
            continue  # somebody has taken what it writes to
        key = "sys.%s.closed" % name
        cells[key] = Cell("process", key, repr(closed), closed, put(capture, file), home="sys")


def put(capture, file):
    """Closes the file, or makes an open one of it; it stays the same object, which others may hold."""

    def put_closed(closed):
        if closed is True:
            file.close()
            return
        target = getattr(capture, "targetfd", None)
        of_system = type(target) is int
        if of_system:
            TextFile.__init__(
                file, temporary_file(buffering=0), encoding="utf-8", errors="replace", newline="", write_through=True
            )
        else:
            TextFile.__init__(file, in_memory(), encoding="utf-8", newline="", write_through=True)
        state = getattr(capture, "_state", None)
        if of_system and state in ("started", "resumed"):
            dup2(file.fileno(), target)
        if is_closed(file):
            raise CannotPutBack("the file of pytest that captures it cannot be opened again")
        # With a closed file, pytest did not come to tear down the last test.
        tear_down_to(items[0].session, items[0], next_item())

    return put_closed
