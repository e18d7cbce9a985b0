"""pytest's reports in taster's form: where a test comes from, why it failed, what the terminal leaves out.

Run by plugin.py in a namespace of its own. Written for CPython 3.6 and later.
"""

import sys


def file_of(item):
    """The file that a collected node comes from, as text."""
    return str(getattr(item, "fspath", None) or getattr(item, "path", ""))


def groups_of(item):
    """The groups of wider fixtures and orders: the file, then the classes within it."""
    names = []
    node = item.parent
    while node is not None and node.parent is not None:
        if type(node).__name__ not in ("Session", "Package", "Dir", "Directory", "Instance"):
            names.append(node.nodeid)
        node = node.parent
    return names[::-1]


def place_of(item):
    """A collected test: its node id, its file and its groups."""
    return {"id": item.nodeid, "file": file_of(item), "groups": groups_of(item)}


def about(config, threads):
    """Facts about a collected suite and the interpreter."""
    root = getattr(config, "rootpath", None) or config.rootdir
    return {
        "root": str(root),
        "python": "%d.%d.%d" % sys.version_info[:3],
        "executable": sys.executable or "",
        "threads": threads,
        "numpy_threads": "numpy" in sys.modules and threads > len(sys._current_frames()),
        "bytecode": not sys.dont_write_bytecode,
        "positional": [str(argument) for argument in config.args],
    }


def short(report):
    """The error of a failed report, then the rest of it; for a documentation example, the input and the output."""
    longrepr = getattr(report, "longrepr", None)
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        return crash.message[:2000]
    # pytest reports a missing fixture after the source of the test that wants it.
    text = str(getattr(longrepr, "errorstring", None) or longrepr or "")
    if "\nExpected:\n" in text:
        text = " ".join(text[text.index("\nExpected:\n") :].split("\n\n")[0].split())
    errors = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    if errors and errors[0].startswith('File "'):
        # The place of a syntax error comes before its description.
        errors = errors[-1:] + errors[:-1]
    return "\n".join(errors + [text])[:2000]


def tell_failure(channel, index, item, call, sources):
    """Tells where a part of a test failed, if it did: the line of own code, and the modules that were being executed."""
    # unittest's errors are not in the call yet.
    error = call.excinfo or next(iter(getattr(item, "_excinfo", None) or ()), None)
    place = None if error is None else sources.failed_at(item, error)
    if place is not None:
        channel.send("failed-at", i=index, **place)
    names = executing(call.excinfo) if call.excinfo is not None else ()
    if len(names) > 1:
        channel.send("executing", i=index, modules=names)


def executing(excinfo):
    """The modules whose bodies were being executed when this was raised, outermost first."""
    names = []
    error, of_errors = excinfo.value, BaseException.__dict__
    for _ in range(20):
        trace, found = of_errors["__traceback__"].__get__(error), []
        while trace is not None:
            frame = trace.tb_frame
            if frame.f_code.co_name == "<module>" and type(frame.f_globals.get("__name__")) is str:
                found.append(frame.f_globals["__name__"])
            trace = trace.tb_next
        # The error behind a replaced one was raised further in.
        names += [name for name in found if name not in names]
        came_from = [of_errors[name].__get__(error) for name in ("__cause__", "__context__")]
        error = came_from[1] if came_from[0] is None else came_from[0]
        if error is None:
            break
    return names


def leave_sources_unread():
    """pytest 5 parses the whole file of each frame, even if it shows none: of a large package that takes longer than its tests."""
    formatter = getattr(sys.modules.get("_pytest._code.code"), "FormattedExcinfo", None)
    read = getattr(formatter, "_getentrysource", None)
    if read is None or not sys.modules["pytest"].__version__.startswith("5."):
        return

    def _getentrysource(self, entry):
        style = self.style if entry._repr_style is None else entry._repr_style
        return None if style == "no" else read(self, entry)

    formatter._getentrysource = _getentrysource


def quieten(config):
    """Leaves out what only the terminal would show, which takes much of the time: lines, tracebacks.

    Values of local variables are shown as the user wants: that may run code of the suite.
    """
    option = config.option
    if getattr(option, "tbstyle", None) == "auto" and not getattr(option, "showlocals", False):
        option.tbstyle = "no"
        leave_sources_unread()
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if type(reporter).__module__ != "_pytest.terminal":
        return
    for name in ("pytest_runtest_logstart", "pytest_runtest_logreport", "pytest_runtest_logfinish"):
        try:
            getattr(config.hook, name)._remove_plugin(reporter)
        except (AttributeError, ValueError):
            pass
