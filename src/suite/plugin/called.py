"""What fixtures of wider scope are called as cells, and which of them a test uses.

Run by plugin.py in a namespace of its own. pytest makes fixtures of the set-up functions of `unittest` and of its own
older style, and gives them private names, which differ from version to version; what a cell is called is the name of
that function and of its owner.
"""

import sys

MARKS = ("_xunit_", "xunit_", "_unittest_", "unittest_")
# Up to pytest 5 the names are those of private attributes.
OLD_MARKS = ("_Module__pytest_", "_Package__pytest_", "_Class__pytest_", "_UnitTestCase__pytest_")
OLD_WORDS = {"class_setup": "setUpClass", "method_setup": "setup_method"}


def set_up_by(name, holder):
    """The function of the suite that pytest runs as this fixture, with its owner; None for a fixture that the suite
    has named itself. `holder` is the id of the node that has the fixture."""
    for mark in OLD_MARKS:
        if name.startswith(mark):
            function = name[len(mark) :]
            return "%s of %s" % (OLD_WORDS.get(function, function), owner_in(holder))
    for mark in MARKS:
        function, found, owner = name[len(mark) :].partition("_fixture_")
        if name.startswith(mark) and found:
            return "%s of %s" % (function, owner or owner_in(holder))
    return None


def owner_in(holder):
    """The last part of a node's id: a class, or a module by its name in Python."""
    last = str(holder).split("::")[-1].split("/")[-1]
    return last[:-3] if last.endswith(".py") else last


def called_as(name, definition):
    """The name of a fixture of wider scope, and what it is called as a cell."""
    own, scope = set_up_by(name, getattr(definition, "baseid", "")), str(definition.scope)
    return own, scope, own or "fixture %s (%s)" % (name, scope)


def is_of_runner(definition):
    """Whether pytest itself has this fixture."""
    module = getattr(getattr(definition, "func", None), "__module__", None)
    return type(module) is str and module.partition(".")[0] in ("_pytest", "pytest")


def may_ask_for_any(item, information, definitions):
    """Whether a test can ask for fixtures by name when it runs: it, or a fixture of the suite's that it uses, has `request`. What
    pytest's own fixtures do with that asks for no others; a doctest has `getfixture`."""
    function = sys.modules["_pytest.python"].Function
    if not isinstance(item, function) or "request" in getattr(information, "argnames", ("request",)):
        return True
    every = [each for name in definitions for each in definitions[name] if not is_of_runner(each)]
    return any(["request" in getattr(each, "argnames", ("request",)) for each in every])


def wider_fixtures_of(item):
    """The cells of those fixtures of a class, module or package that a test uses; None if it may ask for others when it
    runs."""
    information = getattr(item, "_fixtureinfo", None)
    definitions = getattr(information, "name2fixturedefs", None)
    if definitions is None or may_ask_for_any(item, information, definitions):
        return None
    every = [called_as(name, definition) for name in definitions for definition in definitions[name]]
    return sorted({place for _, scope, place in every if scope not in ("function", "session")})
