"""Which code is the suite's or the package's own, and the lines that reports name.

Run by hunt.py in a namespace of its own. Written for CPython 3.6 and later. Own code is what lies neither in the
interpreter's library nor among installed packages: files below pytest's root directory, and packages that are
installed from another checkout.
"""

import os
import sys

RUNNER = ("pytest", "_pytest", "pluggy", "py")
# How the names of the "files" of examples in documentation begin.
EXAMPLE = "<doctest "
MOST_DECORATORS = 30
# Earlier interpreters give the last line of a statement that has several.
ONE_LINE = sys.version_info >= (3, 8)
INSTALLED = ("site-packages", "dist-packages")
LONGEST_LINE = 300
# Frames of a call path that are named at each end.
MOST_FRAMES = 10
# Calls on the way to a change that a test could repeat, and the longest argument of one.
MOST_REPEATABLE = 4
LONGEST_ARGUMENT = 80
PLAIN = (type(None), bool, int, float, str, bytes)
FUNCTION = type(lambda: None)


class Sources:
    """The files of one suite."""

    def __init__(self, config, here):
        self.directory = os.getcwd()
        root = str(getattr(config, "rootpath", None) or config.rootdir)
        self.roots = [each.rstrip(os.sep) + os.sep for each in (root, os.path.realpath(root))]
        library = os.path.dirname(os.__file__)
        foreign = [here, library, os.path.realpath(library)] + [each for each in map(package_of, RUNNER) if each]
        self.foreign = tuple(each.rstrip(os.sep) + os.sep for each in foreign)
        self.known = {}
        self.texts = {}
        self.starts = {}
        self.examples = None  # in documentation: those of the test that runs

    def is_own(self, code):
        """Whether code is the suite's or the package's own."""
        name = code.co_filename
        own = self.known.get(name)
        if own is None:
            own = self.known[name] = self.is_own_file(name)
        return own

    def is_own_file(self, name):
        if name[:1] == "<":
            return name.startswith(EXAMPLE)
        path = self.absolute(name)
        if path.startswith(self.foreign):
            return False
        return not any(part in INSTALLED for part in self.relative(path).split(os.sep))

    def absolute(self, name):
        return os.path.normpath(os.path.join(self.directory, name))

    def relative(self, path):
        """A path below the root directory without it, any other path as it is."""
        for root in self.roots:
            if path.startswith(root):
                return path[len(root) :]
        return path

    def line(self, name, number):
        """A line as a message: its file, number and text."""
        return self.told(*self.place(name, number))

    def told(self, path, number):
        lines = self.lines(path)
        text = lines[number - 1].strip()[:LONGEST_LINE] if 0 < number <= len(lines) else ""
        return {"file": self.relative(path), "line": number, "code": text}

    def place(self, name, number):
        """The path and the number of a line, from what code says; examples in documentation count their own lines."""
        test, inner = self.examples, name.rpartition("[")[2].partition("]")[0]
        if name.startswith(EXAMPLE) and inner.isdigit() and test is not None and test.lineno is not None:
            name, number = test.filename or name, test.lineno + test.examples[int(inner)].lineno + number
        path = self.absolute(name)
        return path, number if ONE_LINE else self.start_of(path, number)

    def start_of(self, path, number):
        """The first line of the statement around a line."""
        if path not in self.starts:
            self.starts[path] = starts_in("\n".join(self.lines(path)))
        return max((start for start in self.starts[path] if start <= number), default=number)

    def lines(self, path):
        if path not in self.texts:
            self.texts[path] = lines_of(path)
        return self.texts[path]

    def innermost(self, frame):
        """The innermost frame of own code among this one and those that called it, or None."""
        while frame is not None and not self.is_own(frame.f_code):
            frame = frame.f_back
        return frame

    def calls(self, frame, number):
        """The way to this line of a frame: one text for each frame of own code, outermost first."""
        found = []
        while frame is not None:
            if self.is_own(frame.f_code):
                path, at = self.place(frame.f_code.co_filename, number)
                found.append("%s:%d in %s" % (self.relative(path), at, of(frame)))
            frame = frame.f_back
            number = frame and frame.f_lineno
        if len(found) > 2 * MOST_FRAMES:
            found[MOST_FRAMES:-MOST_FRAMES] = ["... and %d more" % (len(found) - 2 * MOST_FRAMES)]
        return found[::-1]

    def made_by(self, frame):
        """The calls on the way to a line of a frame that a test could repeat, innermost first."""
        found = []
        while frame is not None and len(found) < MOST_REPEATABLE:
            call = repeatable(frame) if self.is_own(frame.f_code) else None
            if call is not None:
                found.append(call)
            frame = frame.f_back
        return found

    def failed_at(self, item, error):
        """The innermost line of own code at which an exception was raised, as a message, or None."""
        if error.type.__module__ in ("doctest", "_pytest.doctest"):
            return self.example(error.value) or self.test(item)
        found, trace = None, error.tb
        while trace is not None:
            if self.is_own(trace.tb_frame.f_code):
                found = trace
            trace = trace.tb_next
        if found is None:
            return self.test(item)
        place = self.line(found.tb_frame.f_code.co_filename, found.tb_lineno)
        function = owned(found.tb_frame)
        if function is not None and function.split(" of ")[0] != str(getattr(item, "originalname", None) or item.name):
            place["function"] = function
        return place

    def example(self, failure):
        """The line of the first example in documentation that failed, if it is known."""
        failure = (getattr(failure, "failures", None) or [failure])[0]
        test, example = getattr(failure, "test", None), getattr(failure, "example", None)
        if test is None or example is None or test.filename is None or test.lineno is None:
            return None
        return self.line(test.filename, test.lineno + example.lineno + 1)

    def function(self, function):
        """The first line of a function of own code, as a message, or None."""
        code = getattr(getattr(function, "__func__", function), "__code__", None)
        code = getattr(getattr(function, "__wrapped__", None), "__code__", None) or code
        if code is None or not self.is_own(code):
            return None
        path, number = self.absolute(code.co_filename), code.co_firstlineno
        lines = self.lines(path)
        # Its decorators come first.
        for later in range(number, min(len(lines), number + MOST_DECORATORS) + 1):
            if lines[later - 1].split()[:1] in (["def"], ["async"]):
                number = later
                break
        return self.told(path, number)

    def test(self, item):
        """The line at which a test begins, as a message."""
        name, number = item.location[:2]
        if number is None:
            return None
        return self.function(getattr(item, "obj", None)) or self.line(os.path.join(self.roots[0], name), number + 1)


def package_of(name):
    """The directory of a package of the runner, or None."""
    file = getattr(sys.modules.get(name), "__file__", None)
    return os.path.dirname(file) if file and os.path.basename(file).startswith("__init__.") else None


def lines_of(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []


def starts_in(text):
    """The lines at which statements begin."""
    ast = sys.modules["ast"]  # pytest has loaded it
    try:
        return [node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]
    except SyntaxError:
        return []


def of(frame):
    """What a frame runs: a function, or the body of a module."""
    name = frame.f_code.co_name
    module = frame.f_globals.get("__name__")
    return "module %s" % module if name == "<module>" and type(module) is str else name


def owned(frame):
    """The function that a frame runs, with the class whose method it is; None for what has no name of its own."""
    name, names = frame.f_code.co_name, frame.f_code.co_varnames
    if name.startswith("<"):
        return None
    first = frame.f_locals.get(names[0]) if names[:1] in (("self",), ("cls",)) else None
    if first is None:
        return name
    owner = first if issubclass(type(first), type) else type(first)
    return "%s of %s" % (name, type.__dict__["__name__"].__get__(owner))


def repeatable(frame):
    """The call that a frame runs, as a message: of a module's function, or of a class's method for classes, with plain arguments.
    None for another one."""
    code, module = frame.f_code, frame.f_globals.get("__name__")
    names = code.co_varnames[: code.co_argcount]
    keywords = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    if type(module) is not str or code.co_flags & (4 | 8 | 32 | 128 | 512):  # *args, **kwargs, generators, coroutines
        return None
    values = dict(frame.f_locals)
    name, function = code.co_name, frame.f_globals.get(code.co_name)
    holder = name
    if names[:1] == ("cls",):
        owner = values.get("cls")
        if not issubclass(type(owner), type):
            return None
        holder = type.__dict__["__name__"].__get__(owner)
        method = type.__dict__["__dict__"].__get__(owner).get(name)
        if frame.f_globals.get(holder) is not owner or type(method) is not classmethod:
            return None
        function, names, name = method.__func__, names[1:], "%s.%s" % (holder, name)
    if type(function) is not FUNCTION or function.__code__ is not code:
        return None
    arguments = [written(values.get(each, frame)) for each in names + keywords]
    if not all(arguments):
        return None
    for at, keyword in enumerate(keywords, len(names)):
        arguments[at] = "%s=%s" % (keyword, arguments[at])
    return {"module": module, "name": holder, "call": "%s(%s)" % (name, ", ".join(arguments))}


def written(value, depth=2):
    """A plain value as Python writes it, or None."""
    kind = type(value)
    if kind in (list, tuple, dict) and depth:
        inner = [part for pair in value.items() for part in pair] if kind is dict else value
        if any(written(each, depth - 1) is None for each in inner):
            return None
    elif kind not in PLAIN or kind is float and value - value != 0:
        return None
    text = repr(value)
    return text if len(text) <= LONGEST_ARGUMENT else None
