"""Places within the values that tests of a survey have left, where no text tells what a value holds.

Such values are new: the places that the survey began with are not in them, so what a later test puts there would go
unseen. Compiled by look.py for a survey, which passes in the definitions of walk.py and quick.py as `walk` and `quick`.
Nothing is imported here, and no object's code runs.
"""

walk, quick = globals()["walk"], globals()["quick"]
Walk, Spot, attributes, untold = [walk[name] for name in ("Walk", "Spot", "attributes", "untold")]

# Cells within all these values that are looked at.
MOST_CELLS = 20000


class NewOnly(Walk):
    """Goes only through what the places of an earlier walk do not have."""

    def __init__(self, places):
        Walk.__init__(self)
        self.left = MOST_CELLS
        self.seen.update([id(found[1]) for found in map(quick["container_of"], places) if found is not None])

    def namespace(self, spot, value):
        names = attributes(value)
        if id(names) not in self.seen:
            self.seen.add(id(names))
            Walk.namespace(self, spot, value)


class Within:
    """The cells with a value that nobody can tell, and the places within it."""

    def __init__(self, places, differences):
        self.names, found = {}, []
        walked = NewOnly(places)
        for each in differences:
            before = len(walked.places)
            if each.now is not untold:
                walked.descend(Spot(each.name, each.home, 1), each.now)
            for place in walked.places[before:]:
                self.names[id(place)] = each.name
            found += walked.places[before:]
        self.quick = quick["Quick"](found)

    def changed(self):
        """The names of the cells that hold something else now."""
        changed = [place for place in self.quick.suspects() if any(True for _ in place.changed())]
        return sorted({self.names[id(place)] for place in changed})
