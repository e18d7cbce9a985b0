"""Names by which everybody knows an object, wherever else it is held: those of loggers, and of what manages them.

Compiled by look.py for the first look, with the definitions of values.py and places.py in its namespace; walk.py has its
definitions. Nothing is imported here, and looking runs no code of the suite.
"""

import sys

Spot, attributes, absent = globals()["Spot"], globals()["attributes"], globals()["absent"]
namespace_of, text_in, mro_of = globals()["namespace_of"], globals()["text_in"], globals()["mro_of"]
LOGGER = "logging.getLogger(%s)"


def of_logging(name):
    """What the library has under a name, or None if nobody has loaded it."""
    return (attributes(dict.get(sys.modules, "logging")) or {}).get(name)


def is_logger(kind):
    """Whether objects of this class are loggers of the standard library, or of a class built on theirs."""
    logger = of_logging("Logger")
    return any(base is logger for base in mro_of(kind))


def manager():
    """What knows all loggers: an attribute of their class."""
    logger = of_logging("Logger")
    return None if logger is None else namespace_of(logger).get("manager")


def known_as(spot, value):
    """The spot of a logger, or of their manager, by that name; another spot as it is."""
    own = attributes(manager())
    if own is None:
        return spot
    path = None
    if is_logger(type(value)):
        name = text_in(attributes(value), "name")
        if value is of_logging("root"):
            path = LOGGER % ""
        elif name is not None and dict.get(own.get("loggerDict") or {}, name) is value:
            path = LOGGER % repr(name)
    elif own is attributes(value):
        path = "logging.root.manager"
    return spot if path is None else Spot(path, "logging", spot.depth, spot.kind)
