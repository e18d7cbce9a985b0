"""Dictionaries, whose order is state beside what they hold.

Compiled by look.py for the first look, with the definitions of values.py and places.py in its namespace; walk.py has its
definitions. Nothing is imported here, and looking runs no code of the suite.
"""

import sys

Entries, into_dict, absent = globals()["Entries"], globals()["into_dict"], globals()["absent"]
mark, items_of, PLAIN, ORDERED = [globals()[name] for name in ("mark", "items_of", "PLAIN", "ORDERED")]
is_same = sys.modules["_operator"].is_
# The order of a larger dictionary is no state: putting entries back in their order would take too long.
MOST_IN_ORDER = 1000


class Items(Entries):
    """The entries of a dictionary, each a cell; and a cell for the order of those that have stayed."""

    def __init__(self, spot, value):
        self.value = value
        self.is_ordered = issubclass(type(value), ORDERED)
        Entries.__init__(self, spot, lambda: items_of(value), self.into, "item", value)

    def remember(self):
        Entries.remember(self)
        self.ordered_then = self.keys() if self.is_ordered else None

    def keys_then(self):
        return [key for key, _ in self.saved] if self.ordered_then is None else self.ordered_then

    def may_have(self, name):
        return name == self.spot.path + " order" or Entries.may_have(self, name)

    def keys(self):
        """The keys in their order; none unless all are plain: an `OrderedDict` looks them up, and so does who moves
        them, which runs the code of others."""
        keys = list(dict.__iter__(self.value))
        if not PLAIN.issuperset(map(id, map(type, keys))):
            return []
        if not self.is_ordered:
            return keys
        try:
            return list(ORDERED.__iter__(self.value))
        except (KeyError, RuntimeError):
            return []  # what was put there behind its back has broken it

    def changed(self):
        for difference in Entries.changed(self):
            yield difference
        # Only a place of its own sees that an `OrderedDict` holds the same in another order.
        if not self.is_ordered:
            for difference in self.moved():
                yield difference

    def moved(self):
        then, now = self.keys_then(), self.keys()
        # If one begins with the other, some came or went at the end, and nothing has moved.
        if max(len(then), len(now)) <= MOST_IN_ORDER and not all(map(is_same, then, now)):
            stayed = set(map(mark, then)).intersection(map(mark, now))
            orders = [[each for each in map(mark, keys) if each in stayed] for keys in (then, now)]
            if orders[0] != orders[1]:
                path = self.spot.path
                yield self.spot.change("content", path, path + " order", then, now, self.put_in_order)

    def into(self, key):
        put = into_dict(self.value, key)

        def put_in_its_place(value):
            is_new = value is not absent and not dict.__contains__(self.value, key)
            put(value)
            if is_new and len(self.saved) <= MOST_IN_ORDER:
                self.put_in_order(self.keys_then())

        return put_in_its_place

    def put_in_order(self, wanted):
        """Puts what is there in the order that is wanted, as far as it says one; the rest comes last."""
        now = self.keys()
        places = {mark(key): place for place, key in enumerate(wanted)}
        keys = sorted(now, key=lambda key: places.get(mark(key), len(places)))
        if all(one is other for one, other in zip(keys, now)):
            return
        for key in keys:
            if self.is_ordered:
                ORDERED.move_to_end(self.value, key)
            else:
                dict.__setitem__(self.value, key, dict.pop(self.value, key))


class Order:
    """The order of an `OrderedDict`, of which its entries tell nothing."""

    def __init__(self, items):
        self.items, self.ordered = items, items.value
        self.spot = items.spot

    def remember(self):
        self.items.ordered_then = self.items.keys()

    def may_have(self, name):
        return name == self.spot.path + " order"

    def changed(self):
        return self.items.moved()
