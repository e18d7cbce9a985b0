"""Notices that what the import system has looked at changes while tests run: only then can the time of a file decide.

Run by plugin.py in a namespace of its own. The import system asks for the status of each directory that it searches,
and of each source file that it loads, by one function of its own; that function is replaced in a run that nobody
compares with another state. Written for CPython 3.6 and later.
"""

import os
import sys


class Listings:
    """The looks of the import system in one process."""

    def __init__(self):
        self.changed = None
        self.sources = {}
        self.external = sys.modules["_frozen_importlib_external"]
        self.real, self.listdir = self.external._path_stat, os.listdir
        self.getpid, self.pid = os.getpid, os.getpid()

    def watch(self):
        """Watches from now on. What the import system asks for is answered as before."""
        real, looked = self.real, self.looked

        def _path_stat(path):
            stat = real(path)
            if self.changed is None and type(path) is str:
                looked(path, stat)
            return stat

        self.external._path_stat = _path_stat

    def looked(self, path, stat):
        """The import system has looked at a path."""
        if stat.st_mode & 0o170000 == 0o040000:
            if self.is_listed_otherwise(path, stat):
                self.changed = path
        elif path.endswith(".py"):
            now = (stat.st_mtime_ns, stat.st_size)
            if self.sources.setdefault(path, now) != now:
                self.changed = path

    def is_listed_otherwise(self, path, stat):
        """Whether a directory holds other names than at the last look, apart from the one for bytecode."""
        finder = dict.get(sys.path_importer_cache, path)
        own = getattr(finder, "__dict__", None) if type(finder) is self.external.FileFinder else None
        if own is None or own.get("_path_mtime") in (None, -1, stat.st_mtime):
            return False
        names = own.get("_path_cache")
        try:
            return type(names) is set and set(self.listdir(path)) - {"__pycache__"} != names - {"__pycache__"}
        except OSError:
            return False

    def told(self):
        """What has changed, once; None for nothing, and in processes that tests have forked."""
        changed = self.changed if self.getpid() == self.pid else None
        if changed is not None:
            self.changed = ""
        return changed or None
