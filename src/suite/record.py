"""Notes which files tests write, move and remove, and which modules they import, in the words of scenario steps.

Works by audit hooks, so on CPython 3.8 and later only. Compiled by plugin.py in the fork that is recorded and nowhere
else, so what it wraps stays wrapped. A file's text is read when the next import or file operation comes, or when the
test ends: an audit hook hears of a file when it is opened, not when it is written.
"""

import os
import sys

MOST_TEXT = 1 << 16


class Recorder:
    """One recording; `test` says which test is running, -1 none."""

    def __init__(self, channel, config):
        self.channel = channel
        self.current = -1
        self.busy = False
        self.pending = []
        self.path = []
        self.imported = set()
        roots = [os.getcwd(), str(getattr(config, "rootpath", None) or config.rootdir), os.environ["TMPDIR"]]
        self.roots = tuple(os.path.realpath(root) + os.sep for root in roots)
        library = os.path.dirname(os.__file__)
        self.foreign = (library, sys.prefix + os.sep + "lib", sys.base_prefix + os.sep + "lib")
        self.handlers = {
            "open": self.opened,
            "import": self.imports,
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
        """Two functions of importlib that no audit event tells of."""
        importlib = sys.modules.get("importlib")
        if importlib is None:
            return
        invalidate_caches, reload = importlib.invalidate_caches, importlib.reload

        def noted_invalidate_caches():
            self.step("invalidate-caches", "")
            return invalidate_caches()

        def noted_reload(module):
            self.step("reload", getattr(module, "__name__", ""))
            return reload(module)

        importlib.invalidate_caches, importlib.reload = noted_invalidate_caches, noted_reload

    def test(self, index):
        self.flush()
        self.current = index

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
        """One step after what was written before it."""
        busy, self.busy = self.busy, True
        self.flush()
        self.say(verb, subject, detail)
        self.busy = busy

    def place(self, path):
        """The path as an absolute one if it is the suite's business, else None."""
        if isinstance(path, int):
            return None
        path = os.path.realpath(os.fsdecode(path))
        inside = path.startswith(self.roots) and "__pycache__" not in path and not path.endswith(".pyc")
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
            try:
                with open(path, "rb") as file:
                    text = file.read(MOST_TEXT).decode("utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            self.say("write", path, text)
        self.busy = busy

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
        self.note_path()
        for each in sorted(self.imported):
            if each not in sys.modules:
                self.imported.discard(each)
                self.say("forget", each)
        self.imported.add(name)
        self.say("import", name)

    def note_path(self):
        """Entries of sys.path that are new since the last import."""
        now = [os.path.abspath(entry) for entry in sys.path if isinstance(entry, str)]
        now = [entry for entry in now if not entry.startswith(self.foreign)]
        for index, entry in enumerate(now):
            if entry not in self.path:
                first = bool(self.path) and index == 0
                self.say("sys-path", os.path.realpath(entry), "first" if first else "")
        self.path = now
