"""Records which files tests write, move and remove, and which modules they import, in the words of scenario steps.

Also recorded: the text of modules of the suite that exist at the start or are executed meanwhile (not those that
pytest itself has loaded: test files and conftests), and, when a test ends, the plain values in them and failed
imports.

Works by audit hooks, so only on CPython 3.8 and later. Compiled by plugin.py only in the fork that is recorded, so
its wrappers stay in place. A file's text is read at the next import or file operation, or when the test ends: an
audit hook hears of a file when it is opened, not when it is written.
"""

import os
import sys

kinds = globals()["kinds"]
attributes, module_of = kinds["dict_of"], kinds["module_of"]

MOST_TEXT = 1 << 16
MOST_PRESENT = 1 << 17
MOST_VALUES = 500


def literal(value):
    """A value as TOML, or None if it is not of the simplest kinds."""
    if value is True or value is False:
        return "true" if value else "false"
    if type(value) is int and abs(value) < 1 << 63:
        return "%d" % value
    if type(value) is str and len(value) < 200 and all(" " <= each <= "~" and each not in '"\\' for each in value):
        return '"%s"' % value
    if type(value) is list and len(value) < 20:
        inner = [literal(each) for each in value]
        return None if None in inner else "[%s]" % ", ".join(inner)
    return None


class Recorder:
    """One recording; `test` is the number of the running test, or -1."""

    def __init__(self, channel, config):
        self.channel = channel
        self.current = -1
        self.busy = False
        self.pending = []
        self.path = None
        self.imported = set()
        self.began = False
        self.told = set()
        self.tried = []
        roots = [os.getcwd(), str(getattr(config, "rootpath", None) or config.rootdir), os.environ["TMPDIR"]]
        self.roots = tuple(os.path.realpath(root) + os.sep for root in roots)
        library = os.path.dirname(os.__file__)
        self.foreign = (library, sys.prefix + os.sep + "lib", sys.base_prefix + os.sep + "lib")
        self.handlers = {
            "open": self.opened,
            "import": self.imports,
            "exec": self.executed,
            "os.mkdir": lambda arguments: self.file_step("mkdir", arguments[0]),
            "os.remove": lambda arguments: self.file_step("remove", arguments[0]),
            "os.rmdir": lambda arguments: self.file_step("remove", arguments[0]),
            "shutil.rmtree": lambda arguments: self.file_step("remove", arguments[0]),
            "os.rename": lambda arguments: self.file_step("rename", arguments[0], arguments[1]),
            "os.utime": lambda arguments: self.file_step("touch", arguments[0]),
        }
        self.wrap()
        sys.addaudithook(self.heard)

    def wrap(self):
        """Wraps what has no audit event: two functions of importlib, and imports by `import_module`, which calls a
        third."""
        importlib = sys.modules.get("importlib")
        if importlib is None:
            return
        invalidate_caches, reload = importlib.invalidate_caches, importlib.reload

        def noted_invalidate_caches():
            self.step("invalidate-caches", "")
            return invalidate_caches()

        def noted_reload(module):
            name = (attributes(module) or {}).get("__name__")
            self.step("reload", name if type(name) is str else "")
            return reload(module)

        importlib.invalidate_caches, importlib.reload = noted_invalidate_caches, noted_reload
        bootstrap = sys.modules["_frozen_importlib"]
        gcd_import = bootstrap._gcd_import

        def _gcd_import(name, package=None, level=0):
            if level == 0 and type(name) is str and not self.loaded(name):
                self.heard("import", (name,))
            return gcd_import(name, package, level)

        bootstrap._gcd_import = _gcd_import

    def test(self, index):
        self.flush()
        self.busy = True
        if not self.began:
            self.began = True
            self.note_path()
            self.present()
        if self.current >= 0:
            self.values()
            for name in self.tried:
                if not self.loaded(name):
                    self.say("raised", name)
        self.tried = []
        self.busy = False
        self.current = index

    @staticmethod
    def loaded(name):
        """Whether `sys.modules` has a name, whatever its class."""
        return issubclass(type(sys.modules), dict) and dict.__contains__(sys.modules, name)

    def modules(self):
        """Modules of the suite except test files: name, module, file."""
        for name, module in list(dict.items(sys.modules)) if issubclass(type(sys.modules), dict) else ():
            names = attributes(module)
            if type(name) is not str or names is None or type(names.get("__file__")) is not str:
                continue
            path = self.place(names["__file__"])
            by_pytest = (module_of(type(names.get("__loader__"))) or "").startswith("_pytest.")
            if path is not None and path.endswith(".py") and not by_pytest:
                yield name, names, path

    def present(self):
        """The modules that exist already, unless there are too many."""
        paths = [path for _, _, path in self.modules()]
        if sum(os.path.getsize(path) for path in paths if os.path.exists(path)) <= MOST_PRESENT:
            for path in paths:
                self.module(path)

    def values(self):
        left = MOST_VALUES
        for name, names, _ in self.modules():
            for key in list(names):
                value = None if type(key) is not str or key.startswith("__") else literal(names[key])
                left -= value is not None
                if value is not None and left > 0:
                    self.say("value", name + ":" + key, value)

    def module(self, path):
        if path in self.told:
            return
        self.told.add(path)
        text = self.text(path)
        if text is not None:
            self.say("module", path, text)

    def executed(self, arguments):
        """Called before the body of a module runs."""
        code = arguments[0]
        if type(code) is not kinds["CODE"] or code.co_name != "<module>" or not code.co_filename.endswith(".py"):
            return
        path = self.place(code.co_filename)
        if path is not None and path not in self.pending:
            self.module(path)

    def heard(self, event, arguments):
        handler = self.handlers.get(event)
        if handler is None or self.busy or self.current < 0:
            return
        self.busy = True
        try:
            handler(arguments)
        finally:
            self.busy = False

    def say(self, verb, subject, detail=""):
        self.channel.send("recorded", test=self.current, verb=verb, subject=subject, detail=detail)

    def step(self, verb, subject, detail=""):
        """Records one step, after what was written before it."""
        busy, self.busy = self.busy, True
        self.flush()
        self.say(verb, subject, detail)
        self.busy = busy

    def place(self, path):
        """The absolute path if it belongs to the suite, else None.

        A path object is asked for its path, as the reported operation has done; a text of another class is not asked.
        """
        if issubclass(type(path), int):
            return None
        if issubclass(type(path), str):
            path = str.__getitem__(path, slice(None))
        path = os.path.realpath(os.fsdecode(path))
        cached = "__pycache__" in path or path.endswith(".pyc")
        inside = path.startswith(self.roots) and not cached and "site-packages" not in path
        return path if inside else None

    def opened(self, arguments):
        path, mode, flags = arguments
        writes = any(letter in mode for letter in "wax+") if mode else bool((flags or 0) & (os.O_WRONLY | os.O_RDWR))
        path = self.place(path) if writes else None
        if path is not None and path not in self.pending:
            self.pending.append(path)

    def flush(self):
        busy, self.busy = self.busy, True
        pending, self.pending = self.pending, []
        for path in pending:
            text = self.text(path)
            if text is not None:
                self.say("write", path, text)
        self.busy = busy

    @staticmethod
    def text(path):
        try:
            with open(path, "rb") as file:
                return file.read(MOST_TEXT).decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def file_step(self, verb, path, to=None):
        place = self.place(path)
        if place is None:
            return
        target = "" if to is None else self.place(to)
        if target is not None:
            self.step(verb, place, target)

    def imports(self, arguments):
        name = arguments[0]
        self.flush()
        if self.within_import():
            self.imported.add(name)
            return
        self.note_path()
        for each in sorted(self.imported):
            if not self.loaded(each):
                self.imported.discard(each)
                self.say("forget", each)
        self.imported.add(name)
        if name not in self.tried:
            self.tried.append(name)
        self.say("import", name)

    @staticmethod
    def within_import():
        """Whether this is part of another import, or not the test's: 3.13 imports the subject of an error again, to
        show it."""
        frame = sys._getframe(2)
        while frame is not None:
            code = frame.f_code
            if code.co_name == "_find_and_load" and code.co_filename == "<frozen importlib._bootstrap>":
                return True
            if code.co_name == "_compute_suggestion_error":
                return True
            frame = frame.f_back
        return False

    def note_path(self):
        """Entries of sys.path that are new since the last import; `there` if this is the first one."""
        entries = list.__iter__(sys.path) if issubclass(type(sys.path), list) else ()
        now = [os.path.abspath(entry) for entry in entries if type(entry) is str]
        now = [entry for entry in now if not entry.startswith(self.foreign)]
        for index, entry in enumerate(now):
            if self.path is None or entry not in self.path:
                detail = "there" if self.path is None else "first" if index == 0 else ""
                self.say("sys-path", os.path.realpath(entry), detail)
        self.path = now
