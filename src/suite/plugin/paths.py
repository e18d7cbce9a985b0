"""Paths and system calls as they were before any test, and the suite's own directories.

Used by written.py. Imports only modules that Python itself imports when it starts.
"""

import os
import sys

LARGEST = 1 << 30
MARKS = ("pytest.ini", "pyproject.toml", "setup.py", "setup.cfg", "tox.ini")
APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
KINDS = {0o100000: "f", 0o040000: "d", 0o120000: "l"}
MOST_LINKS = 40


def kind_of(stat):
    return KINDS.get(stat.st_mode & 0o170000, "o")


def described(stat):
    """The fields that distinguish a state from others, as words."""
    return "%s %d %d %d %d %d %d %d %d %d" % (
        kind_of(stat),
        stat.st_mode & 0o7777,
        stat.st_mtime_ns,
        stat.st_size,
        stat.st_dev,
        stat.st_ino,
        stat.st_ctime_ns,
        stat.st_nlink,
        stat.st_uid,
        stat.st_gid,
    )


class Files:
    """System calls and the encoding of paths, as they were before any test."""

    def __init__(self):
        self.lstat, self.readlink, self.getcwd, self.listdir = os.lstat, os.readlink, os.getcwd, os.listdir
        self.open, self.read, self.write, self.close = os.open, os.read, os.write, os.close
        self.fstat, self.stat, self.getpid, self.lseek = os.fstat, os.stat, os.getpid, os.lseek
        self.encoding = sys.getfilesystemencoding()

    def word(self, path):
        return "x" + path.encode(self.encoding, "surrogateescape").hex()

    def text(self, path):
        """A path as text, or None for a descriptor without one."""
        if type(path) is str:
            return path
        if type(path) is int:
            try:
                return self.readlink("/proc/self/fd/%d" % path)
            except OSError:
                return None
        if not isinstance(path, (bytes, bytearray)) and hasattr(type(path), "__fspath__"):
            path = type(path).__fspath__(path)
        return path if isinstance(path, str) else bytes(path).decode(self.encoding, "surrogateescape")

    def absolute(self, path, directory=-1):
        """The path from the root, links included; None if unknown."""
        path = self.text(path)
        if path is None or path[:1] == "/":
            return path
        base = self.getcwd() if directory is None or directory < 0 else self.text(directory)
        return None if base is None else base + "/" + path

    def there(self, path):
        try:
            return self.lstat(path)
        except (OSError, ValueError):
            return None

    def real(self, path):
        """The path without links; missing parts are kept as they are."""
        done, parts, links = "", path.split("/")[::-1], 0
        while parts:
            part = parts.pop()
            if part in ("", "."):
                continue
            if part == "..":
                done = done[: done.rfind("/")] if done else ""
                continue
            here = done + "/" + part
            stat = self.there(here)
            if stat is not None and kind_of(stat) == "l" and links < MOST_LINKS:
                links += 1
                target = self.readlink(here)
                done = "" if target[:1] == "/" else done
                parts.extend(target.split("/")[::-1])
                continue
            done = here
        return done or "/"

    def append(self, path, data):
        """One write call; the file is opened for it alone, since a test may close any descriptor and take its number."""
        number = self.open(path, APPEND, 0o600)
        try:
            self.write(number, data)
        finally:
            self.close(number)

    def since(self, path, offset):
        """The content of a file from this offset on."""
        number = self.open(path, READ)
        try:
            self.lseek(number, offset, 0)
            data, more = b"", self.read(number, 1 << 20)
            while more:
                data, more = data + more, self.read(number, 1 << 20)
        finally:
            self.close(number)
        return data

    def copy(self, path, to):
        """The content of a file, or False if it is too large."""
        source = self.open(path, READ)
        try:
            if self.fstat(source).st_size > LARGEST:
                return False
            target = self.open(to, NEW, 0o600)
            try:
                data = self.read(source, 1 << 20)
                while data:
                    while data:
                        data = data[self.write(target, data) :]
                    data = self.read(source, 1 << 20)
            finally:
                self.close(target)
        finally:
            self.close(source)
        return True


def decoded(text):
    """A path of a URI: `%20` is a space."""
    if text.startswith("//"):
        text = text[text.find("/", 2) :]
    parts = text.split("%")
    data = parts[0].encode("utf-8", "surrogateescape")
    for part in parts[1:]:
        data += bytes.fromhex(part[:2]) + part[2:].encode("utf-8", "surrogateescape")
    return data.decode("utf-8", "surrogateescape")


def places_of(config, start, files):
    """The suite's own directories: those in the arguments, or the current one, extended to the project around it.

    Never a common ancestor of several: a neighbour of the suite is not the suite.
    """
    places = []
    for argument in config.args:
        path = files.real(files.absolute(str(argument).split("::")[0]))
        stat = files.there(path)
        if stat is not None:
            places.append(path if kind_of(stat) == "d" else path.rpartition("/")[0])
    places = [project_around(place, start, files) for place in places or [start]]
    root = str(getattr(config, "rootpath", None) or config.rootdir)
    if getattr(config, "inipath", None) or getattr(config, "inifile", None):
        places.append(files.real(root))
    home = files.real(os.path.expanduser("~"))
    places = [place for place in places if place not in ("/", "", home)] or [start]
    return [each for each in dict.fromkeys(places) if not any(each.startswith(other + "/") for other in places)]


def project_around(place, start, files):
    """The nearest directory above that is marked as a project's, not above the one where pytest was started."""
    each = place
    while each == start or each.startswith(start + "/"):
        if any(files.there(each + "/" + mark) for mark in MARKS):
            return each
        each = each.rpartition("/")[0]
    return place
