"""Puts objects that note whatever is asked of them where a hunt looks, looks, and tells what they noted. For CPython 3.6 and later.

Started with the folder of the sources, that of the interpreter's, and the file of the traps. Each place is tried in two
copies of this process: set up before state is remembered, and between that and the comparison.
"""

import importlib.util
import json
import os
import random
import sys
import threading

sources, interpreter, traps_file = sys.argv[1:]
finder = type(sys)("traps")
exec(compile(open(traps_file).read(), traps_file, "exec"), finder.__dict__)
sys.modules["traps"] = traps = finder


BLIND = []


def loaded(name, **parts):
    """The namespace of a file of the plugin, as the plugin itself loads it."""
    folder = interpreter if name == "kinds.py" else sources
    namespace = dict(parts, __name__=name)
    with open(os.path.join(folder, name)) as file:
        exec(compile(file.read(), name, "exec"), namespace)
    if name == "memory.py" and BLIND:
        # As on a system without `/proc`, or where objects lie in the memory differently.
        namespace["TELLS"].clear()
    return namespace


looks = loaded("look.py", loaded=loaded, may_write=lambda path: True, here=sources)


def lazily():
    """A module that is not loaded as long as nobody asks it anything."""
    spec = importlib.util.find_spec("this")
    spec.loader = importlib.util.LazyLoader(spec.loader)
    sys.modules["this"] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    json.lazy = module


def still_lazy():
    found = sys.modules.get("this")
    if found is not None and "s" in type(sys).__dict__["__dict__"].__get__(found):
        traps.SPRUNG.append("loaded")


def of(base):
    return type("Sub" + base.__name__, (base,), traps.body())()


def imitation():
    body = {"cache_info": traps.trap("cache_info"), "__module__": "functools"}
    return type("_lru_cache_wrapper", (object,), body)()


def replaced(name):
    """A container of `sys` of a class of its own."""
    return type("Sub", (dict,), traps.body())(getattr(sys, name))


def function():
    def held():
        pass

    held.__module__ = traps.Plain()
    held.__qualname__ = traps.Text("q")
    return held


def named_by_trap():
    traps.Plain.__module__ = traps.Plain()
    json.held = traps.Plain()


def many():
    """More entries than are told one by one, some of which only their own code could tell."""
    json.held = {}
    for number in range(200):
        json.held[number] = traps.Plain() if number % 2 else [traps.Text("text")]


def slotted():
    body = dict(traps.body(), __slots__=("one", "__weakref__"))
    body.pop("__dict__", None)
    json.held = type("Slotted", (object,), body)()


MORE = [
    lazily,
    many,
    slotted,
    lambda: traps.hold([of(set), of(tuple), of(bytearray), of(frozenset), of(bytes), of(int)]),
    lambda: traps.hold([imitation(), function()]),
    named_by_trap,
    lambda: traps.hold((traps.WithMeta, frozenset([traps.Plain()]), {(1, traps.Plain()): 2})),
    lambda: setattr(random, "_inst", traps.Plain()),
    lambda: setattr(random._inst, "gauss_next", traps.Plain()),
    lambda: setattr(sys, "path_importer_cache", replaced("path_importer_cache")),
    lambda: setattr(threading.Thread, "held", traps.WithMeta),
    lambda: setattr(os, "getcwd", traps.Plain()),
    lambda: setattr(sys, "getrecursionlimit", traps.Plain()),
    lambda: sys.modules.__setitem__("random", traps.Plain()),
    lambda: sys.modules.__setitem__("json.made", traps.Proxy("json.made")),
    lambda: sys.modules.__setitem__(traps.Text("made"), sys),
]


class Bare:
    """Attributes of pytest's own."""

    def __init__(self, **names):
        vars(self).update(names)


def with_fixture(given):
    """A test with a fixture of its file, which has given this to it."""
    definition = Bare(scope="module", baseid="test_a.py", func=function, cached_result=(given, None, None))
    return Bare(_fixtureinfo=Bare(name2fixturedefs={"made": [definition]}))


def tried(place, before):
    """What was noted, as text; ends the process."""
    look = looks["state_of"](())
    if before:
        place()
    traps.ARMED.append(1)
    for scope in ("near", "wide"):
        look.remember(scope)
    glance = look.glance()
    json.another = traps.Plain()
    del traps.ARMED[:]
    if not before:
        place()
    traps.ARMED.append(1)
    found = []
    for scope in ("near", "wide"):
        look.scope = scope
        found.append([difference.fields() for difference in look.differences()])
    left = glance.differences(None, True)
    found.append([glance.told(difference) for difference in left])
    within = loaded("within.py", walk=look.walk, quick=look.quick)
    parts = {"quick": look.quick, "by_chance": look.by_chance, "Within": within["Within"], "Given": within["Given"]}
    parts["named_as"] = look.named_as
    given = [dict.get(vars(json), "held"), json.another]
    test = with_fixture(given)
    changed = loaded("left.py", **parts)["Changed"](glance, left, ["json.held", "sys.path"], [test])
    glance.remember(None, look.first_files())
    changed.named(changed.differences(None))
    changed.names_within()
    given.append(json.another)
    is_put_back = changed.given.is_put_back() and len(given) == 2
    del traps.ARMED[:]
    still_lazy()
    if traps.SPRUNG or not (found[1] and found[2] and is_put_back):
        os.write(1, ("%s: %s\n" % (place, traps.SPRUNG or "no difference was found")).encode("ascii"))


PLACES = traps.PLACES + MORE
TRIED = [(place, before, False) for place in PLACES for before in (True, False)]
for place, before, blind in TRIED + [(place, before, True) for place, before, _ in TRIED[::10]]:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            BLIND[:] = [True] * blind
            tried(place, before)
            status = 0
        finally:
            if status:
                import traceback

                os.write(1, ("%s: %s\n" % (place.__code__.co_firstlineno, traceback.format_exc())).encode())
            os._exit(status)
    os.waitpid(pid, 0)
os.write(1, b"%d places\n" % len(PLACES))
