"""Fixtures of wider scope that are already set up, as cells.

Compiled by look.py, which passes in the class of cells as `Cell`, `shown`, which makes texts of values, and `called_as` and
`is_of_runner` of called.py. A class of `unittest` without a `setUpClass` of its own has no such cell: that of `TestCase` does nothing.
"""

Cell, shown = globals()["Cell"], globals()["shown"]
called_as, is_of_runner = globals()["called_as"], globals()["is_of_runner"]


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


def definitions_for(item):
    """The fixtures of a test, by name and definition."""
    own = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", None) or {}
    return [(name, definition) for name in own for definition in own[name]]


def standing_beside(item):
    """The fixtures of the suite that only other tests of the run use, by name and definition: they may stand for these."""
    own = {id(definition) for _, definition in definitions_for(item)}
    every = [each for other in getattr(getattr(item, "session", None), "items", ()) for each in definitions_for(other)]
    others = {id(each[1]): each for each in every if id(each[1]) not in own}
    return [each for each in others.values() if not is_of_runner(each[1])]


def standing_for(tests):
    """Those that are set up for any of these tests, each with its name, its definition and what it has given to them."""
    found = {}
    for test in tests:
        for name, definition in definitions_for(test):
            result = getattr(definition, "cached_result", None)
            is_wide = str(definition.scope) != "function" and not is_of_runner(definition)
            if is_wide and result is not None and result[0] is not None:
                found.setdefault(called_as(name, definition)[2], (definition, result[0]))
    return [(name, definition, given) for name, (definition, given) in found.items()]


def fixture_cells(cells, item, beside=False):
    """Those of a test, and those that stand `beside` it for other tests if these are asked for. After a tear-down, each
    is set up again for the tests that use it."""

    def put(definition):
        def put_fixture(_):
            finalizers = getattr(definition, "_finalizers", None) or []
            while finalizers:
                finalizers.pop()()
            definition.cached_result = None

        return put_fixture

    for name, definition in definitions_for(item) + (standing_beside(item) if beside else []):
        result = getattr(definition, "cached_result", None)
        if result is None or str(definition.scope) == "function":
            continue
        own, scope, place = called_as(name, definition)
        if place in cells or does_nothing(own, item):
            continue
        if own is None:
            text = "set up already" + ("" if result[0] is None else ", holds " + shown(result[0]))
            without = "not set up"
        else:
            text, without = "had already run", "had not run"
        key = "%s (%s)" % (own or name, scope)
        cells[place] = Cell("fixture", key, text, True, put(definition), without=without, held=result[0])
