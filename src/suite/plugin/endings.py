"""Whether any code runs when what tests have set up ends: else nothing changes then, and nobody need look once more.

Compiled by look.py for a survey, which passes in `defined_by` of fixtures.py. For CPython 3.6 and later. Nothing is
imported here.
"""

import sys

defined_by = globals()["defined_by"]
fixtures = sys.modules["_pytest.fixtures"]
partial, function, Definition = sys.modules["functools"].partial, type(defined_by), fixtures.FixtureDef


def codes_within(owner, name):
    """The code of the functions that a method of pytest's makes, if there is such a method."""
    method = vars(owner).get(name)
    return [part for part in getattr(method, "__code__", codes_within.__code__).co_consts if hasattr(part, "co_code")]


# In pytest 9, the first finalizer of each fixture is a function that calls a hook.
CALL_THE_HOOK = codes_within(Definition, "execute")
# In pytest 7, one that forgets a fixture waits for the end of its node, instead of a partial call.
FORGET = codes_within(fixtures.FixtureRequest, "_schedule_finalizers")


def has_more_to_end(session, test):
    """Whether any code waits for the end of nodes that a test is not within, or of all of them if there is none: a
    fixture that only returns what it gives is forgotten, and no code of anybody's runs for that."""
    if has_own_hook(session):
        return any([own for _, own in waiting(session)])
    kept = set() if test is None else set(map(id, test.listchain()))
    ending = [(node, own) for node, own in waiting(session) if id(node) not in kept]
    return not all([only_forgets(each, node) for node, own in ending for each in own])


def waiting(session):
    """What waits for the end of each node that is set up, without what the node itself does then."""
    state = session._setupstate
    old = getattr(state, "_finalizers", None)
    if old is not None:
        return list(old.items())
    return [(node, entry[0][1:]) for node, entry in state.stack.items()]


def has_own_hook(session):
    """Whether anybody but pytest hears that a fixture was forgotten."""
    hook = session.config.hook.pytest_fixture_post_finalizer
    names = [getattr(each.plugin, "__name__", type(each.plugin).__module__) for each in hook.get_hookimpls()]
    return not all([str(name).startswith("_pytest.") for name in names])


def only_forgets(finalizer, node):
    """Whether what waits for the end of a node does nothing but forget a fixture, and those that use it."""
    if type(finalizer) is function and finalizer.__code__ in CALL_THE_HOOK:
        return True
    if type(finalizer) is partial and finalizer.func is getattr(fixtures, "_teardown_yield_fixture", None):
        return is_of_idle_class(finalizer.args[0], node)
    definition = forgotten_by(finalizer)
    return definition is not None and all([only_forgets(each, node) for each in definition._finalizers])


def forgotten_by(finalizer):
    """The fixture that a finalizer of pytest's own forgets, or None."""
    if type(finalizer) is function and finalizer.__code__ in FORGET:
        names = finalizer.__code__.co_freevars
        return dict(zip(names, [each.cell_contents for each in finalizer.__closure__])).get("fixturedef")
    if type(finalizer) is partial and getattr(finalizer.func, "__func__", None) is Definition.finish:
        return finalizer.func.__self__
    return None


def is_of_idle_class(generator, node):
    """Whether a generator of pytest's own calls what `unittest.TestCase` itself has for the end of a class: nothing."""
    owner = vars(node).get("_obj")
    if getattr(generator, "__module__", None) != "_pytest.unittest" or not isinstance(owner, type):
        return False
    own = [defined_by(owner, name) for name in ("setUpClass", "tearDownClass")]
    return own == ["unittest.case"] * 2 and not getattr(owner, "_class_cleanups", None)
