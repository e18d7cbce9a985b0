"""Which tests share what others have set up: the next test decides which fixtures stay; and what is still set up.

Run by plugin.py in a namespace of its own, for CPython 3.6 and later. Nothing is imported here.
"""


class Relatives:
    """The tests of a session by the nodes of pytest that contain them."""

    def __init__(self, tests):
        self.groups = {}
        self.files = {}
        for place, test in enumerate(tests):
            for node in test.listchain()[:-1]:
                self.groups.setdefault(id(node), []).append((place, test))
            self.files.setdefault(file_of(test), (place, test))
        self.places = {id(test): place for place, test in enumerate(tests)}

    def sibling(self, test):
        """Another test for which most of what this one has set up stays set up, or None."""
        place = self.places[id(test)]
        for node in reversed(test.listchain()[:-1]):
            group = self.groups[id(node)]
            if len(group) > 1:
                after = [other for other in group if other[0] > place]
                return (after or group)[0][1]
        return None

    def stranger(self, test):
        """A test of another file, as far away as there is one, or None."""
        others = [other for file, (_, other) in self.files.items() if file != file_of(test)]
        chain = test.listchain()
        far = others[:1] + others[-1:]
        return min(far, key=lambda other: shared(chain, other.listchain())) if far else None

    @staticmethod
    def nearest_first(test, others):
        """Others, those first for which most of what this test has set up stays set up: a test of another class tears
        down what was set up for a class, and then nobody finds it any more."""
        chain = test.listchain()
        return sorted(others, key=lambda other: -shared(chain, other.listchain()))

    def following(self, test, last):
        """A test that keeps what the last test of a state has set up, after another one; or None if there is none."""
        return self.sibling(test) if file_of(test) == file_of(last) else last


class Standing:
    """Which of the nodes that a state has set up are still the same in a process that goes on from it."""

    def __init__(self, session):
        self.session = session
        self.first = self.left = self.now()

    def now(self):
        return {id(node) for node in self.session._setupstate.stack}

    def suffices(self, test):
        """Whether a test finds all of them that it is within."""
        self.left = self.left & self.now()
        chain = {id(node) for node in test.listchain()}
        return self.first & chain <= self.left


def needs_all(session, test):
    """Whether a test is within all nodes that are set up, so that none is torn down for it."""
    stack = list(session._setupstate.stack)
    chain = test.listchain()[: len(stack)]
    return len(stack) == len(chain) and all([node is its for node, its in zip(stack, chain)])


def shared(one, other):
    """How many nodes two chains have in common."""
    return len([node for node, its in zip(one, other) if node is its])


def file_of(test):
    """The outermost node that stands for a file, by its identity; a session or a directory does not."""
    for node in test.listchain():
        if type(node).__name__ not in ("Session", "Package", "Dir", "Directory"):
            return id(node)
    return id(test)
