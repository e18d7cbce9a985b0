"""Places within the values that tests of a survey have left, where no text tells what a value holds, and within those
that fixtures have given to them.

Such values are new: the places that the survey began with are not in them, so what a later test puts there would go
unseen. Compiled by look.py for a survey, which passes in the definitions of walk.py and quick.py as `walk` and `quick`.
Nothing is imported here, and no object's code runs.
"""

walk, quick = globals()["walk"], globals()["quick"]
Walk, Spot, attributes, untold = [walk[name] for name in ("Walk", "Spot", "attributes", "untold")]

# Cells within all these values that are looked at.
MOST_CELLS = 20000


class NewOnly(Walk):
    """Goes only through what an earlier walk has not gone through: `known` has the ids of its containers."""

    def __init__(self, known):
        Walk.__init__(self)
        self.left = MOST_CELLS
        self.seen.update(known)

    def namespace(self, spot, value):
        names = attributes(value)
        if id(names) not in self.seen:
            self.seen.add(id(names))
            Walk.namespace(self, spot, value)


class Within:
    """Values by name, each with the module that it is found under, and the places within them."""

    def __init__(self, known, values):
        self.names = {}
        walked = NewOnly(known)
        for name, home, value in values:
            before = len(walked.places)
            if value is not untold:
                walked.descend(Spot(name, home, 1), value)
            for place in walked.places[before:]:
                self.names[id(place)] = name
        self.quick = quick["Quick"](walked.places)

    def differences(self):
        """What has changed in these values: pairs of the name of one and a cell within it."""
        return [(self.names[id(place)], each) for place in self.quick.suspects() for each in place.changed()]

    def changed(self):
        """The names of those that hold something else now."""
        return sorted({name for name, _ in self.differences()})


class Given:
    """What fixtures have given that stand for tests of a state, for as long as they stand: a later test of the same
    class or file finds what others have put into it."""

    def __init__(self, known, fixtures):
        self.fixtures = {name: (definition, given) for name, definition, given in fixtures}
        values = [(name, None, given) for name, (_, given) in self.fixtures.items()]
        self.within = Within(known, values)

    def stands(self, name):
        """Whether a fixture has not been torn down since."""
        definition, given = self.fixtures[name]
        result = getattr(definition, "cached_result", None)
        return result is not None and result[0] is given

    def differences(self):
        return [each for name, each in self.within.differences() if self.stands(name)]

    def is_put_back(self):
        """Gives them back what they held; returns whether they hold it then."""
        try:
            for each in self.differences():
                each.put(each.value)
            return not self.differences()
        except Exception:
            return False
