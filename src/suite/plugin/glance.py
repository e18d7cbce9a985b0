"""A quick look at what a test has left: a few milliseconds where little has changed.

Compiled by look.py for a survey, which passes in the definitions of walk.py, cells.py, special.py, fixtures.py,
quick.py and inner.py as `walk`, `cells`, `special`, `fixtures`, `quick` and `inner`, `cells_of` of many.py, and
`undone`, which says whether cells can be undone. The state to compare with is that of the process that all forks of a run
come from. Files are looked at only where something was written. Nothing is imported here.
"""

import os

walk, cells, quick = globals()["walk"], globals()["cells"], globals()["quick"]
Special, pairs_of = [globals()["special"][name] for name in ("Special", "pairs")]
inner, of_cache = [globals()["inner"][name] for name in ("inner", "of_cache")]
fixtures, can_be_undone, cells_of = globals()["fixtures"], globals()["undone"], globals()["cells_of"]

# What forgets nothing that a test could miss: caches of pure functions, warnings that pytest lets be given again, and
# what `unittest` notes for each class when its tests are over.
CACHES = walk["LEFT_OUT"] | {"warnings._filters_version"}
CACHING = ("__warningregistry__", "tearDown_exceptions") + tuple(walk["ABC_CACHES"])
# What is not restored in a process that goes on, besides modules whose import cannot be undone.
NOT_HERE = ("file", "directory", "fixture")
# Ids of classes: a metaclass may redefine equality.
NUMBERS, TEXTS = frozenset(map(id, (int, float, bool, type(None)))), frozenset(map(id, (str, bytes)))
# Saved now: a test may replace it.
evaluate = eval
MOST_TOLD_OF_A_FILE = 1000
RANDOM_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


def is_named_by_chance(name):
    """Whether no later test can know the name of a file: pytest's own directory, what `tempfile` has named; or whether
    it is bytecode, which matters only where its source has changed, and that is seen."""
    top, _, rest = name.partition("/")
    if name.endswith("/__pycache__") or name == "__pycache__":
        return True
    if top != "$TMPDIR":
        return False
    own = rest.partition("/")[0]
    return own.startswith("pytest-of-") or (len(own) == 11 and own[:3] == "tmp" and RANDOM_LETTERS.issuperset(own[3:]))


class Glance:
    """The state that a survey begins with, and looks at what differs from it."""

    untold = walk["untold"]

    def __init__(self, state, places):
        self.state = state
        self.quick = places
        self.places = places.places
        self.before, self.special = {"file": {}}, Special()
        often = state.often()
        self.often = quick["Quick"]([place for place in self.places if place.spot.home in often])
        containers = [found[1] for found in map(quick["container_of"], self.places) if found is not None]
        self.by_path, self.containers = {}, frozenset(map(id, containers))
        for place in self.places:
            self.by_path.setdefault(place.spot.path, []).append(place)
        self.remember(None)

    def remember(self, item, files=None):
        """From here on, what is there now counts as unchanged, and these `files` if they are given."""
        self.quick.remember()
        self.often.remember()
        self.special.remember()
        if files is not None:
            self.before["file"] = files
        self.before["fixture"] = self.now("fixture", item)

    def now(self, kind, item):
        """The cells of files or of fixtures."""
        if kind == "file":
            return self.state.files_now()
        found = {}
        fixtures["fixture_cells"](found, item)
        return found

    def differences(self, item, with_files, only=None):
        """The cells that differ, those of `only` some places if these are given; each knows the place, or the kind, by
        which it was found."""
        found = []
        for kind, pairs in self.special.pairs():
            differing = self.differing(kind, pairs)
            if not differing:
                self.special.is_as_before(kind)
            found += differing
        for kind in ("fixture", "file") if with_files else ("fixture",):
            found += self.of_kind(kind, item)
        for place in (only or self.quick).suspects():
            found += cells_of(place)
        return [each for each in found if is_told(each)]

    @staticmethod
    def without_fixtures(differences):
        """Those that are left where all fixtures are torn down, and none runs code then."""
        return [each for each in differences if each.of_kind != "fixture"]

    def with_fixtures_of(self, item, differences):
        """The same, with those fixtures alone that stand for a test now."""
        return self.without_fixtures(differences) + self.of_kind("fixture", item)

    def of_kind(self, kind, item):
        """The cells of a kind that differ."""
        if kind in Special.KINDS:
            return self.differing(kind, self.special.pairs_of(kind))
        return self.differing(kind, pairs_of(self.before[kind], self.now(kind, item)))

    def differing(self, kind, pairs):
        """Those of some cells that differ."""
        found = []
        for name, old, new in pairs:
            if kind == "fixture" and new is None:
                # It was torn down, as it is at the end of its scope.
                continue
            if old is None or new is None or self.state.differ(old, new):
                difference = self.state.difference(name, old, new)
                difference.of_kind = kind
                if kind == "fixture":
                    difference.now, difference.texts[1] = new.held, new.text
                found.append(difference)
        return found

    def put_back(self, differences):
        """Restores the state that the survey, or a state of it, began with, if that can be done in this process: not
        every module can be imported a second time as if it were the first. Returns whether these cells are as they
        were."""
        if any([each.kind in NOT_HERE for each in differences]) or not can_be_undone(differences):
            return False
        try:
            for each in differences:
                each.put(each.value)
            self.state.settle()
            return not self.still_changed(differences)
        except Exception:
            return False

    @staticmethod
    def make_as_alone(differences, as_alone):
        """Gives those of these cells that are to hold another value that one, by its text; returns whether any are."""
        given = False
        for each in differences:
            text = as_alone.get(each.name)
            if text is not None and is_plain(each) and each.texts[1] != text:
                try:
                    each.put(evaluate(text, {"__builtins__": {}}))
                    given = True
                except Exception:
                    pass
        return given

    def still_changed(self, differences):
        """What differs where these were found."""
        places = {id(each.place): each.place for each in differences if each.place is not None}
        found = [each for place in places.values() for each in place.changed()]
        for kind in {each.of_kind for each in differences if each.place is None}:
            found += self.of_kind(kind, None)
        return [each for each in found if is_told(each)]

    @staticmethod
    def standing_for(tests):
        """The fixtures of wider scope that are set up for any of these tests: their names, definitions and values."""
        return fixtures["standing_for"](tests)

    def places_of(self, names):
        """The places with these cells."""
        found = {}
        for name in names:
            ends = [end for end, letter in enumerate(name) if letter in ".[ "] + [len(name)]
            for path in [name[:end] for end in ends]:
                found.update({id(place): place for place in self.by_path.get(path, ()) if place.may_have(name)})
        return list(found.values())

    def all_told(self, differences):
        """Differences as messages, each with whether it lasts: whether a process that goes on cannot restore it."""
        undone = can_be_undone(differences)
        lasts = {"module": not undone, "file": True, "directory": True}
        return [dict(self.told(each), lasts=lasts.get(each.kind, False)) for each in differences]

    def told(self, difference):
        """A difference as a message, with what its value holds."""
        more = dict(after=text_of(difference), plain=is_plain(difference), held=self.held(difference))
        return dict(difference.fields(), **more)

    def in_file(self, name):
        """The content of a small file: the time of its last change is another one in each run."""
        for root, label in reversed(self.state.roots):
            if name.startswith(label):
                path = os.path.join(root, name[len(label) :])
                try:
                    content = cells["content_of"](path, os.lstat(path))
                except OSError:
                    return None
                return None if content is None or len(content[0]) > MOST_TOLD_OF_A_FILE else repr(content[0])
        return None

    def held(self, difference):
        """What the value holds, as text: None where nobody can tell."""
        if difference.is_many:
            return difference.whole
        if difference.kind == "cache":
            return of_cache(difference.now)
        if difference.kind == "file" and difference.kinds[1] != "absent":
            return self.in_file(difference.key)
        return text_of(difference) if difference.now is walk["untold"] else inner(difference.now)

    @staticmethod
    def within(difference):
        """What the value holds that can change while it stays the same object; None where nothing can, or nobody can
        tell."""
        now = difference.now
        if difference.kind == "cache":
            return of_cache(difference.place.results())
        return None if now is walk["untold"] or id(type(now)) in walk["PLAIN"] else inner(now)


def text_of(difference):
    """The text of the value; another object with the same one is another value."""
    before, after = difference.texts
    return after + " (another one)" if before == after else after


def is_plain(difference):
    """Whether the text of the value says all of it, and the place can be given another one."""
    kind = id(type(difference.now))
    is_short = kind in NUMBERS or (kind in TEXTS and len(difference.now) <= 100)
    return is_short and difference.place is not None and difference.texts[1] == repr(difference.now)


def is_told(difference):
    return not (difference.name in CACHES or (difference.kind == "attribute" and difference.key in CACHING))
