"""Many changed entries of one dictionary as one cell: a cache that a test fills up, a registry that it clears.

To tell a thousand entries one by one takes longer than most tests do, and a list of them that ends somewhere says of no
two tests that they leave the same. Compiled by look.py for a survey, which passes in the definitions of walk.py and
inner.py as `walk` and `inner`, and its folder as `here`. Nothing is imported here, and no object's code runs.
"""

Difference, here = globals()["walk"]["Difference"], globals()["here"]
inner, number_of = [globals()["inner"][name] for name in ("inner", "number_of")]

# From so many on, the changed entries of one dictionary are one cell.
MANY = 100


class Many(Difference):
    """The changed entries of one dictionary. `whole` is what its values hold, in short, or None if nobody can tell; that and
    `texts` are made when somebody asks: to put them back, nobody has to tell them."""

    is_many = True

    def __init__(self, place, changes):
        self.changes, path = changes, place.spot.path

        def put(_):
            for each in changes:
                each.put(each.value)

        more = dict(home=place.spot.home, now=[each.now for each in changes])
        Difference.__init__(self, path + "[:]", "content", path, None, None, put, ["other"] * 2, **more)
        del self.texts

    def __getattr__(self, name):
        if name not in ("texts", "whole"):
            raise AttributeError(name)
        held = [inner(each.now) for each in self.changes]
        told = zip(self.changes, held)
        entries = sorted([each.name + " " + each.texts[1] + " " + (text or "") for each, text in told])
        # A cache of modules knows this program's own file, which lies elsewhere for each process.
        read = "\n".join(entries).replace(here, "")
        text = "%d entries changed, %s" % (len(held), number_of(read))
        self.texts, self.whole = ["as it was", text], None if None in held else text
        return getattr(self, name)


def cells_of(place):
    """The changed cells of a place, each with it."""
    found = list(place.changed())
    if len(found) >= MANY and all([each.kind == "item" for each in found]):
        found = [Many(place, found)]
    for each in found:
        each.place = place
    return found


def named_as(names, differences):
    """Differences, where those of one entry have the name that all of its dictionary were told by: `names` has these by
    the place's id."""
    for each in differences:
        each.name = names.get(id(each.place), each.name)
    return differences
