"""What a fixture has made, as text, so that it shows when a test changes it: what it has given to its tests, and what
it has set in the class or module that it is set up for.

Compiled by look.py, which passes in the definitions of walk.py as `walk` and of inner.py as `inner`. As in walk.py, no
object's code runs. What is held in C does not show.
"""

walk, told = globals()["walk"], globals()["inner"]["told"]
OWNERS = {"class": "cls", "module": "module"}


class Made:
    """What one fixture makes, counted from now on: the key of its cell says its scope at the end."""

    def __init__(self, key, item):
        self.owner = getattr(item, OWNERS.get(key.rpartition(" (")[2].rstrip(")"), ""), None)
        self.before = self.in_owner()
        self.names = None

    def now(self, cell):
        """What is made by now; None as long as the fixture is not set up."""
        if cell is None:
            return None
        if self.names is None:
            # What the owner got meanwhile is made by the set-up.
            own = self.in_owner()
            self.names = [name for name in own if own[name] != self.before.get(name)]
        names = walk["by_name"](names_in(self.owner)) if self.names else {}
        return cell.text, text_of(cell.held), [text_of(names[name]) for name in self.names if name in names]

    def in_owner(self):
        """What the attributes of the class or module hold, by name."""
        names = walk["by_name"](names_in(self.owner))
        return {name: text_of(value) for name, value in names.items() if name not in walk["UNINTERESTING_ATTRIBUTES"]}


def names_in(owner):
    """The attributes of a class or module."""
    return dict(walk["namespace_of"](owner)) if walk["is_class"](owner) else walk["attributes"](owner)


def text_of(value):
    if walk["is_class"](value) and walk["is_heap"](value):
        return {name: told(each, {}, []) for name, each in names_in(value).items()}
    return told(value, {}, [])
