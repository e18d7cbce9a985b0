"""Objects that note whatever is asked of them once `ARMED` is not empty. For CPython 2.7 and 3.6 to 3.13."""

import collections
import functools
import itertools
import json
import signal
import sys
import weakref

ARMED = []
SPRUNG = []
NAMES = (
    "__hash__ __eq__ __ne__ __lt__ __len__ __iter__ __bool__ __nonzero__ __repr__ __str__ __getitem__ __contains__ "
    "__reduce_ex__ __reduce__ __getstate__ __call__ __get__ __dir__ __format__ items keys"
).split()
ANSWERS = {
    "__hash__": object.__hash__,
    "__eq__": lambda self, other: self is other,
    "__ne__": lambda self, other: self is not other,
    "__len__": lambda self: 1,
    "__iter__": lambda self: iter([]),
    "__repr__": lambda self: "r",
    "__str__": lambda self: "s",
    "__format__": lambda self, how: "f",
}


def trap(name):
    def method(self, *arguments):
        if ARMED:
            SPRUNG.append(name)
        return ANSWERS.get(name, lambda *_: True)(self, *arguments)

    return method


def looked_up(self, name):
    if ARMED:
        SPRUNG.append("attribute " + name)
    return object.__getattribute__(self, name)


def answering(name):
    return property(lambda self: (ARMED and SPRUNG.append(name), type(self))[1])


def body(**more):
    found = dict((name, trap(name)) for name in NAMES)
    found.update(more, __getattribute__=looked_up, __class__=answering("__class__"))
    return found


def of_class(name):
    def method(cls, *arguments):
        if ARMED:
            SPRUNG.append("class " + name)
        return getattr(type, name)(cls, *arguments)

    return method


def metaclass():
    found = dict((name, of_class(name)) for name in ("__hash__", "__getattribute__", "__repr__", "__subclasses__"))
    found["__instancecheck__"] = found["__subclasscheck__"] = lambda cls, other: bool(SPRUNG.append("check")) or False
    found["__eq__"] = lambda cls, other: (ARMED and SPRUNG.append("class __eq__"), cls is other)[1]
    for name in ("__name__", "__module__", "__bases__", "__flags__", "__mro__", "__dict__"):
        found[name] = property(lambda cls, name=name: (ARMED and SPRUNG.append("class " + name), "x")[1])
    return type("Meta", (type,), found)


Plain = type("Plain", (object,), body())
Hidden = type("Hidden", (object,), body(__dict__=answering("__dict__")))
Proxy = type("Proxy", (type(sys),), body(__dict__=answering("__dict__")))
Error = type("Error", (Exception,), body(args=answering("args")))
WithMeta = metaclass()("WithMeta", (object,), {})
Dict, List, Text = (type("Sub" + base.__name__, (base,), body()) for base in (dict, list, str))
HELD = []


def hold(value):
    json.held = value


def module(value):
    made = type(sys)("made")
    made.x = made.__file__ = made.__spec__ = made.__path__ = value
    sys.modules["made"] = made


def cached():
    keep = getattr(functools, "lru_cache", lambda: lambda function: function)()
    function = keep(lambda key: Plain())
    function(1)
    return function


# Each puts such an object where a look comes by.
PLACES = [
    lambda: hold(Plain()),
    lambda: hold(Hidden()),
    lambda: hold(WithMeta()),
    lambda: hold(WithMeta),
    lambda: hold([Dict(), List(), Text(), Error()]),
    lambda: hold({Plain(): 1, WithMeta: 2}),
    lambda: hold(set([Plain()])),
    lambda: hold(lambda x=Plain(): x),
    lambda: hold(classmethod(Plain())),
    lambda: hold(collections.OrderedDict([(Plain(), 1)])),
    lambda: hold([collections.deque([Plain()]), collections.defaultdict(Plain(), {Plain(): 1})]),
    lambda: hold([iter([Plain()]), itertools.chain([Plain()]), functools.partial(Plain(), Plain())]),
    lambda: hold(cached()),
    lambda: HELD.append(Plain()) or hold(weakref.ref(HELD[-1], Plain())),
    lambda: sys.modules.__setitem__("made", Plain()),
    lambda: sys.modules.__setitem__("made", Hidden()),
    lambda: sys.modules.__setitem__("made", Proxy("made")),
    lambda: module(Plain()),
    lambda: sys.meta_path.append(Plain()),
    lambda: sys.path_hooks.append(Plain()),
    lambda: sys.path.append(Plain()),
    lambda: setattr(sys, "path", Plain()),
    lambda: sys.path_importer_cache.__setitem__("made", Plain()),
    lambda: sys.path_importer_cache.__setitem__(Plain(), None),
    lambda: setattr(sys, "stdout", Plain()),
    lambda: setattr(__import__("os"), "environ", Plain()),
    lambda: setattr(__import__("os"), "environ", Dict()),
    lambda: setattr(json, "__spec__", Plain()),
    lambda: setattr(json, "dumps", Plain()),
    lambda: setattr(json.dumps, "__defaults__", (Plain(),)),
    lambda: setattr(json.JSONEncoder, "held", property(Plain())),
    lambda: json.__dict__.__setitem__(Plain(), 1),
    lambda: signal.signal(signal.SIGUSR1, Plain()),
]
