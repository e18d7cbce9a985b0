"""Fixtures of wider scope that are already set up, as cells, under the names that a person has given them.

Compiled by look.py, which passes in the class of cells as `Cell`, and `shown`, which makes texts of values. pytest
makes fixtures of the set-up functions of `unittest` and of its own older style, and gives them private names, which
differ from version to version; what a cell is called is the name of that function and of its owner. A class of
`unittest` without a `setUpClass` of its own has no such cell: that of `TestCase` does nothing.
"""

Cell, shown = globals()["Cell"], globals()["shown"]
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


def does_nothing(own, item):
    """Whether the function that a fixture runs is only what `unittest.TestCase` has for a class."""
    owner = getattr(item, "cls", None)
    if own is None or not own.startswith("setUpClass of ") or not isinstance(owner, type):
        return False
    return all([defined_by(owner, function) == "unittest.case" for function in ("setUpClass", "tearDownClass")])


def defined_by(owner, function):
    """The module of the class that a class has a function from, read from dictionaries alone."""
    for base in type.__dict__["__mro__"].__get__(owner):
        names = type.__dict__["__dict__"].__get__(base)
        if function in names:
            return names.get("__module__")
    return None


def fixture_cells(cells, item):
    """After a tear-down, each is set up again for the test."""

    def put(definition):
        def put_fixture(_):
            finalizers = getattr(definition, "_finalizers", None) or []
            while finalizers:
                finalizers.pop()()
            definition.cached_result = None

        return put_fixture

    definitions = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", None) or {}
    for name in definitions:
        for definition in definitions[name]:
            result = getattr(definition, "cached_result", None)
            if result is None or str(definition.scope) == "function":
                continue
            own, scope = set_up_by(name, getattr(definition, "baseid", "")), str(definition.scope)
            if does_nothing(own, item):
                continue
            if own is None:
                text = "set up already" + ("" if result[0] is None else ", holds " + shown(result[0]))
                place, without = "fixture %s (%s)" % (name, scope), "not set up"
            else:
                place, text, without = own, "had already run", "had not run"
            key = "%s (%s)" % (own or name, scope)
            cells[place] = Cell("fixture", key, text, True, put(definition), without=without, held=result[0])
