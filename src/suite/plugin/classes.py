"""The subclasses that a class knows of, as places: code that asks `__subclasses__()` finds classes that tests defined.

Compiled by look.py for the first look, with the definitions of values.py and places.py in its namespace; walk.py has its
definitions. Nothing is imported here, and looking runs no code of the suite. No class is held: it would live longer.
"""

namespace_of, shown, CannotPutBack = globals()["namespace_of"], globals()["shown"], globals()["CannotPutBack"]
ASKED = "__subclasses__"
subclasses_of = type.__dict__[ASKED]
bases_of, into_bases = type.__dict__["__bases__"].__get__, type.__dict__["__bases__"].__set__
MOST_SHOWN = 8


def asks(function):
    """Whether the code of a function asks for the subclasses of a class."""
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        if ASKED in code.co_names:
            return True
        codes += [each for each in code.co_consts if type(each) is type(code)]
    return False


class Apart:
    """The base of what is a subclass no more."""


class Subclasses:
    """The subclasses of a class: one cell."""

    def __init__(self, spot, base):
        self.spot, self.base = spot.at("%s.%s()" % (spot.path, ASKED)), base
        self.remember()

    def remember(self):
        self.saved = self.now()

    def now(self):
        """The identities of the classes, with their texts."""
        return {id(each): shown(each) for each in subclasses_of(self.base)}

    def may_have(self, name):
        return name == self.spot.path

    def changed(self):
        saved, now = self.saved, self.now()
        if saved != now:
            path, texts = self.spot.path, [told(each) for each in (saved, now)]
            yield self.spot.told("content", path, path, texts, saved, self.put)

    def put(self, saved):
        now = subclasses_of(self.base)
        if len([each for each in now if id(each) in saved]) != len(saved):
            raise CannotPutBack("a class that is gone cannot be made again")
        for each in now:
            if id(each) not in saved:
                into_bases(each, tuple([Apart if base is self.base else base for base in bases_of(each)]))


def told(classes):
    texts = list(classes.values())
    more = ["(%d more)" % (len(texts) - MOST_SHOWN)] if len(texts) > MOST_SHOWN else []
    return "[%s]" % ", ".join(texts[:MOST_SHOWN] + more)
