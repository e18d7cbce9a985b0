"""What tests of a survey do to the files and to what others have left: asked after each, so it has to be quick.

Compiled by look.py for a survey, which passes in the definitions of quick.py as `quick`, the classes of within.py
as `Within` and `Given`, `named_as` of many.py, and `by_chance`. Nothing is imported here, and system calls are saved
now: a test may replace those of `os`.
"""

import os
import sys

quick, by_chance, named_as = globals()["quick"], globals()["by_chance"], globals()["named_as"]
Within, Given = globals()["Within"], globals()["Given"]


class Writes:
    """Whether files were written that a later test of the same run could find.

    In a private view the room that is left in the layer tells of nearly every write, since the layer is empty when a
    run begins: only then are files looked at. In place, the log of what is written tells.
    """

    def __init__(self, written, state):
        self.written, self.state = written, state
        self.statvfs, self.stat, self.listdir, self.lstat = os.statvfs, os.stat, os.listdir, os.lstat
        self.open, self.close, self.unlink = os.open, os.close, os.unlink
        self.here = state.roots[0][0]
        self.temporary = state.roots[-1][0] if len(state.roots) > 1 else None
        self.said = False
        self.files = None

    def first_files(self):
        """The files as they are when a run begins. A view of its own is then as it was for every other run; in place,
        what others left may have been restored."""
        return self.state.first_files() if self.written is None else self.state.files_now()

    def begin(self):
        """From here on, only what is written later counts."""
        if self.written is None:
            if self.files is None:
                self.files = texts_of(self.first_files())
                self.touch()
            elif self.any():
                self.files = texts_of(self.state.files_now())
        self.room, self.chance, self.said = self.mark(), self.named_by_chance(), False

    def touch(self):
        """The temporary directory itself goes to the layer with its first file."""
        if self.temporary is not None:
            name = self.temporary + "/taster"
            try:
                self.close(self.open(name, os.O_CREAT | os.O_WRONLY, 0o600))
                self.unlink(name)
            except OSError:
                pass

    def mark(self):
        if self.written is not None:
            return self.stat(self.written.log).st_size
        try:
            room = self.statvfs(self.here)
        except OSError:
            return None
        return room.f_ffree, room.f_bfree

    def any(self):
        """Whether anything was written since."""
        if self.said:
            return True
        room = self.mark()
        if room is not None and room == self.room:
            return False
        if self.written is not None or self.files != texts_of(self.state.files_now()):
            self.said = True
            return True
        chance = self.named_by_chance()
        # Something was written, and neither here nor by names that no test can know.
        self.said = room is not None and chance == self.chance
        self.room, self.chance = room, chance
        return self.said

    def named_by_chance(self):
        """The names that do not count, with the times at which they changed: those in the temporary directory, and
        bytecode."""
        found = self.bytecode()
        try:
            for name in self.listdir(self.temporary) if self.temporary is not None else ():
                if by_chance("$TMPDIR/" + name):
                    path = self.temporary + "/" + name
                    found.append((name, self.lstat(path).st_mtime_ns))
                    if name.startswith("pytest-of-"):
                        for inner_name in self.listdir(path):
                            found.append((inner_name, self.lstat(path + "/" + inner_name).st_mtime_ns))
        except OSError:
            pass
        return sorted(found)

    def bytecode(self):
        """The files of bytecode in directories from which modules are imported."""
        cache, found = sys.path_importer_cache, []
        for directory in list(cache) if type(cache) is dict else ():
            if type(directory) is not str or not directory.startswith(self.here):
                continue
            folder = directory + "/__pycache__"
            try:
                for name in self.listdir(folder):
                    found.append((folder + "/" + name, self.lstat(folder + "/" + name).st_mtime_ns))
            except OSError:
                pass
        return found


def texts_of(cells):
    return {name: cell.text for name, cell in cells.items()}


class Changed:
    """Whether what tests have left is still there, in a process whose glance counts it as unchanged.

    The look is a quick one, at what they have left and at the places of some other cells.
    """

    def __init__(self, glance, left, others, tests):
        self.glance = glance
        self.given = Given(glance.containers, glance.standing_for(tests))
        left = [each for each in left if each.kind not in ("file", "directory", "fixture")]
        self.names = {each.name for each in left}
        self.many = {id(each.place): each.name for each in left if each.is_many}
        places = [each.place for each in left if each.place is not None] + glance.places_of(others)
        self.quick = quick["Quick"](list({id(place): place for place in places}.values()))
        held = list(zip(left, map(glance.within, left)))
        self.held = [(each, text) for each, text in held if text is not None]
        untold = [(each.name, each.home, each.now) for each, text in held if text is None]
        self.untold = Within(glance.containers, untold)

    def differences(self, item):
        """The cells that have changed, as far as a quick look sees them."""
        return self.glance.differences(item, False, self.quick)

    def named(self, differences):
        """Differences by the names of what these tests have left."""
        return named_as(self.many, differences)

    def names_within(self):
        """The cells with an object that holds something else now."""
        told = [each.name for each, held in self.held if self.glance.within(each) != held]
        return told + self.untold.changed()
