//! What module bodies do, construct by construct: each is performed on every CPython and on the model like it, and none is refused.

use std::path::Path;

use crate::agreement::{Pair, installations};
use crate::not_run;
use taster::scenario::{Action, Check, Step};
use taster::world::Nanos;

/// A name and Python code whose assertions hold.
const CONSTRUCTS: [(&str, &str); 55] = [
    (
        "sources that code compiles",
        r#"
import os, py_compile, sys
tag = 'cpython-%d%d' % (sys.version_info[0], sys.version_info[1])
where = py_compile.compile('lib/n.py')
assert where == 'lib/__pycache__/n.' + tag + '.pyc' and os.path.isfile(where)
assert os.path.basename(py_compile.compile(os.path.join(os.getcwd(), 'lib/shelf/one.py'), doraise=True)) == 'one.' + tag + '.pyc'
if sys.version_info >= (3, 7):
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    assert py_compile.compile('lib/n.py', invalidation_mode=mode) == where
    py_compile.compile('lib/n.py', invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
try:
    py_compile.compile('lib/nowhere.py')
except FileNotFoundError as error:
    assert str(error) == "[Errno 2] No such file or directory: 'lib/nowhere.py'" and error.args[0] == 2
"#,
    ),
    (
        "abstract classes",
        r#"
import abc, types, p
from abc import ABC, abstractmethod
class Plugin(ABC):
    kind = 'plugin'
    @abstractmethod
    def run(self):
        return 1
    @property
    @abc.abstractmethod
    def name(self):
        return 'n'
    def told(self):
        return self.name + self.kind
class Half(Plugin):
    name = 'half'
class Whole(Half):
    def run(self):
        return super().run() + 1
assert Whole().run() == 2 and Whole().told() == 'halfplugin' and isinstance(Whole(), Plugin)
assert not hasattr(Whole(), 'other') and issubclass(Whole, ABC) and issubclass(Half, Plugin)
def why(made):
    try:
        made()
    except TypeError as error:
        return str(error)
for made, names in [(Half, ['run']), (Plugin, ['name', 'run'])]:
    text = why(made)
    assert text.startswith("Can't instantiate abstract class " + made.__name__) and 'name' in text or 'run' in text
class Meta(metaclass=abc.ABCMeta):
    @staticmethod
    @abstractmethod
    def of(value):
        pass
class Made(Meta):
    @staticmethod
    def of(value):
        return value
assert Made().of(3) == 3 and why(Meta)
class Mixed(Plugin, Meta):
    pass
assert why(Mixed)
raised = why(Mixed)
class Registered(ABC):
    def __init__(self, name='x'):
        self.name = name
    def __init_subclass__(cls):
        Registered.known = cls
class Plain(Registered):
    pass
assert Registered.known is Plain and Plain('y').name == 'y'
"#,
    ),
    (
        "classes with a base of Python's own",
        r#"
import collections, json, logging, threading, types
class Worker(threading.Thread):
    limit = 3
    def run(self):
        return self.limit
class Busy(Worker):
    limit = 4
class Registry(dict):
    kind = 'r'
class Encoder(json.JSONEncoder):
    def default(self, o):
        return str(o)
class Named(object):
    @staticmethod
    def twice(value):
        return value * 2
class Handler(Named, logging.StreamHandler):
    pass
Worker.limit = 5
assert Worker.limit == 5 and Busy.limit == 4 and Registry.kind == 'r' and Handler.twice(2) == 4
assert issubclass(Busy, threading.Thread) and issubclass(Registry, dict) and not issubclass(Worker, dict)
assert Busy.__name__ == 'Busy' and Encoder is not None and not issubclass(Worker, Exception)
"#,
    ),
    (
        "what is an instance of what",
        r#"
import p, types
class A(object):
    pass
class B(A):
    pass
assert isinstance('x', str) and isinstance(1, int) and isinstance(True, int) and not isinstance(1, bool)
assert isinstance([], (tuple, list)) and not isinstance({}, (str, int)) and isinstance((), (dict, (set, tuple)))
assert isinstance(B(), (str, A)) and not isinstance(A(), B) and not isinstance(None, A)
assert isinstance(p, types.ModuleType) and not isinstance('p', types.ModuleType) and isinstance(p, object)
assert isinstance(KeyError('k'), LookupError) and not isinstance(KeyError('k'), (A, OSError))
assert issubclass(bool, int) and not issubclass(int, str) and not isinstance(1.5, int)
assert not isinstance(A(), dict) and not isinstance(len, A) if False else True
try:
    try:
        raise ValueError('v')
    except dict:
        pass
except TypeError as error:
    assert str(error) == 'catching classes that do not inherit from BaseException is not allowed'
"#,
    ),
    (
        "objects and exceptions that say what they are",
        r#"
class Option(object):
    def __init__(self, name):
        self.name = name
    def __repr__(self):
        return 'Option(%r)' % self.name
class Flag(Option):
    def __str__(self):
        return '--' + self.name
assert str(Option('a')) == "Option('a')" == repr(Option('a')) and '%s' % Option('b') == "Option('b')"
assert str(Flag('v')) == '--v' and repr(Flag('v')) == "Option('v')" and f'{Flag("q")} {Flag("q")!r}' == "--q Option('q')"
assert '{} {x}'.format(Flag('f'), x=Flag('g')) == '--f --g'
class Missing(KeyError):
    def __init__(self, name):
        super().__init__(name)
        self.name = name
    def __str__(self):
        return 'no plugin named ' + self.name
class Coded(ValueError):
    code = 3
    def __str__(self):
        return '%d: %s' % (self.code, super().__str__())
class Both(Exception):
    def __repr__(self):
        return 'Both!'
try:
    raise Missing('x')
except LookupError as error:
    assert str(error) == 'no plugin named x' and f'{error}' == 'no plugin named x'
try:
    raise Coded('bad', 1)
except ValueError as error:
    assert str(error) == "3: ('bad', 1)" and '%s!' % error == "3: ('bad', 1)!"
assert str(Both('b')) == 'b' and repr(Both('b')) == 'Both!'
"#,
    ),
    (
        "exceptions with constructors of their own",
        r#"
class Refused(Exception):
    code = 7
    def __init__(self, name, *more, why='no'):
        self.name = name
        self.more = list(more)
        assert self.args[0] == name
        super().__init__('%s refused: %s' % (name, why))
        assert self.args == (name + ' refused: ' + why,)
    def told(self):
        return self.name + '!'
class Twice(Refused):
    def __init__(self, name):
        super(Twice, self).__init__(name, 2, why='twice')
class Quiet(ValueError):
    def __init__(self, a, b=0):
        self.sum = a + b
try:
    raise Refused('n', 1, why='late')
except Refused as error:
    assert str(error) == 'n refused: late' and error.name == 'n' and error.more == [1]
    assert error.code == 7 and error.told() == 'n!' and error.args == ('n refused: late',)
    error.more.append(5)
    assert error.more == [1, 5]
try:
    raise Twice('m')
except Exception as error:
    assert str(error) == 'm refused: twice' and type(error) is Twice and error.more == [2]
try:
    raise Quiet(3, b=4)
except ValueError as error:
    assert error.sum == 7 and error.args == (3,) and str(error) == '3'
class Empty(RuntimeError):
    def __init__(self):
        self.seen = []
try:
    try:
        raise Empty
    except Empty as error:
        error.seen.append(1)
        raise
except Empty as error:
    assert error.seen == [1] and str(error) == '' and error.args == ()
"#,
    ),
    (
        "loggers that say nothing",
        r#"
import logging
logger = logging.getLogger(__name__)
again = [logging.getLogger(), logging.getLogger(''), logging.getLogger(None), logging.root]
again[1].debug('root')
logger.debug('found %s', 'x')
logging.getLogger('a.b').info('nothing')
logging.getLogger('a.b').addHandler(logging.NullHandler())
from logging import getLogger, NullHandler
log = getLogger('a.b')
log.addHandler(NullHandler())
assert log.name == 'a.b'
"#,
    ),
    (
        "a package that adds to its own path",
        r#"
import os, shelf, wide
shelf.__path__.append(os.path.abspath('more/wide'))
import shelf.other
assert shelf.other.V == 2 and len(shelf.__path__) == 2
wide.__path__.insert(0, os.getcwd() + '/lib/shelf')
import wide.one
assert wide.one.V == 1 and [os.path.basename(path) for path in wide.__path__] == ['shelf', 'wide']
wide.__path__.extend([os.getcwd() + '/more/wide'])
from wide import other
assert other.V == 2 and other is not shelf.other
"#,
    ),
    (
        "slices of lists that are replaced and taken out",
        r#"
held = known = [1, 2, 3, 4]
del held[:1]
assert known == [2, 3, 4]
held[1:] = 'ab'
assert known == [2, 'a', 'b']
held[5:1] = (7,)
assert known == [2, 'a', 'b', 7]
held[2:1] = [8]
assert known == [2, 'a', 8, 'b', 7]
held[-2:] = held
assert known == [2, 'a', 8, 2, 'a', 8, 'b', 7]
del held[:]
assert known == [] and held is known
held[:] = {'k': 1}
assert known == ['k']
"#,
    ),
    (
        "loops that take modules out of sys.modules",
        r#"
import sys
import p, n, shelf.box, shelf.one
def purge(prefix):
    for name in list(sys.modules):
        if name == prefix or name.startswith(prefix + '.'):
            del sys.modules[name]
purge('shelf')
assert 'shelf' not in sys.modules and 'shelf.box' not in sys.modules and 'p' in sys.modules
for name in [name for name in sys.modules if name == 'n']:
    sys.modules.pop(name, None)
assert 'n' not in sys.modules
import shelf
assert not hasattr(shelf, 'one') and shelf.box
"#,
    ),
    (
        "classes of values, and what is no function",
        r#"
import p, types
class A(object):
    pass
assert type(A()) is A and type(A()) == A and type('x') == str and type(1) is not bool
total = True
total += 1
assert repr([total, True + True, 2 * True, True - 1, True / 2]) == '[2, 2, 2, 0, 0.5]'
assert repr([True & False, True | False, True ^ True, True & 3]) == '[False, True, False, 1]'
assert type([]) is list and type({}) is dict and type(KeyError('k')) is KeyError
import sys
class G(object):
    def __class_getitem__(cls, item):
        return (cls, item)
if sys.version_info >= (3, 7):
    assert G.__class_getitem__(1) == (G, 1)
for value, named in [(p, 'module'), (None, 'NoneType'), ('x', 'str'), (1, 'int'), ([], 'list'), ({}, 'dict')]:
    try:
        value(1)
    except TypeError as error:
        assert str(error) == "'" + named + "' object is not callable"
    else:
        assert False
"#,
    ),
    (
        "stand-ins that are packages",
        r#"
import sys, types
stub = types.ModuleType('standin')
stub.__path__ = []
sys.modules['standin'] = stub
try:
    import standin.more
except ImportError as error:
    assert str(error) == "No module named 'standin.more'"
else:
    assert False
try:
    from standin import V
except ImportError as error:
    assert "'V'" in str(error)
else:
    assert False
import os
stub.__path__ = [os.getcwd() + '/more/wide']
import standin.other
assert standin.other.V == 2 and stub.other is standin.other
"#,
    ),
    (
        "files that are loaded by their paths",
        r#"
import importlib.util, os, sys
spec = importlib.util.spec_from_file_location('named', os.path.abspath('lib/kept.py'))
module = importlib.util.module_from_spec(spec)
sys.modules['named'] = module
spec.loader.exec_module(module)
assert spec is not None and importlib.util.find_spec('p') is not None and importlib.util.find_spec('nowhere') is None
import named
assert named is module and named.__name__ == 'named' and named.one() == 1
if sys.version_info >= (3, 10):
    spec = importlib.util.spec_from_file_location('again', 'lib/kept.py')
    assert spec.origin == os.getcwd() + '/lib/kept.py'
"#,
    ),
    (
        "a submodule that blocks its package",
        r#"
import sys
try:
    from shut import door
except (ImportError, AttributeError) as error:
    found = str(error)
if sys.version_info[1] > 8:
    assert found == 'import of shut halted; None in sys.modules'
else:
    assert found == "'NoneType' object has no attribute 'door'"
assert 'shut.door' in sys.modules and sys.modules['shut'] is None
"#,
    ),
    (
        "packages that set their path",
        r#"
import os, sys
here = os.getcwd()
import wide
assert list(wide.__path__) == [here + '/lib/wide']
try:
    import wide.other
except ImportError:
    pass
sys.path.append(here + '/more')
del sys.modules['wide']
import wide.other
assert wide.other.V == 2 and list(wide.__path__) == [here + '/lib/wide', here + '/more/wide']
import shelf
shelf.__path__ = [here + '/more/wide']
import shelf.other
assert shelf.other.__file__ == here + '/more/wide/other.py'
try:
    __path__
except NameError as error:
    assert str(error) == "name '__path__' is not defined"
"#,
    ),
    (
        "functions that keep their results",
        r#"
import functools, sys
calls = []
@functools.lru_cache(maxsize=None)
def length(of, more=0):
    calls.append(of)
    return len(of) + more
assert length('abc') == 3 and length('abc') == 3 and calls == ['abc']
assert length('abc', 1) == 4 and length('abc', more=1) == 4 and length('abc', more=1) == 4 and len(calls) == 3
length.cache_clear()
assert length('abc') == 3 and len(calls) == 4 and length.__name__ == 'length'
@functools.lru_cache(maxsize=2)
def fails(n):
    calls.append(n)
    if n:
        raise KeyError(n)
    return n
for n in (1, 1, 0, False, 0):
    try:
        fails(n)
    except KeyError as error:
        calls.append('raised')
assert calls[4:] == [1, 'raised', 1, 'raised', 0] + ([False] if sys.version_info[1] > 6 else [])
@functools.lru_cache()
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
assert fib(10) == 55 and callable(fib)
import kept
assert kept.one() == 1 and kept.one() + kept.one() == 2
"#,
    ),
    (
        "several bases",
        r#"
class A: x, y = 'A', 'A'
class B(A): x = 'B'
class C(A): x, y, z = 'C', 'C', 'C'
class D(B, C): pass
d = D()
assert [d.x, d.y, d.z, D.y] == ['B', 'C', 'C', 'C']
class Mixin:
    def __init__(self, size): self.size = size
    def where(self): return 'mixin'
class Base(object):
    def where(self): return 'base'
class Both(Mixin, Base): pass
both = Both(3)
assert both.size == 3 and both.where() == 'mixin' and isinstance(both, Base) and issubclass(Both, Mixin)
class Lost(LookupError, A): pass
try:
    raise Lost('k')
except LookupError as e:
    assert str(e) == 'k' and e.args == ('k',) and isinstance(e, A)
"#,
    ),
    (
        "super()",
        r#"
log = []
class A:
    kind = 'a'
    def __init__(self, *names):
        super().__init__()
        log.append(['A', names])
    def say(self): return ['A']
    @classmethod
    def make(cls): return ['A', cls.__name__]
    @property
    def length(self): return 1
class B(A):
    def __init__(self, *names):
        log.append('B')
        super().__init__('b', *names)
    def say(self): return super().say() + ['B']
    @classmethod
    def make(cls): return super().make() + ['B']
    @property
    def length(self): return super().length + 1
class C(A):
    kind = 'c'
    def say(self): return super(C, self).say() + ['C']
    def own(self): return __class__.__name__ + super().kind
class D(B, C):
    def say(self):
        def inner(me): return super().say()
        return inner(self) + ['D']
d = D(1)
assert d.say() == ['A', 'C', 'B', 'D'] and D.make() == ['A', 'D', 'B'] and d.length == 2 and d.own() == 'Ca'
assert log == ['B', ['A', ('b', 1)]]
try:
    super(D, d).missing
except AttributeError as e:
    assert str(e) == "'super' object has no attribute 'missing'"
"#,
    ),
    (
        "plugins that a base class registers",
        r#"
class Plugin:
    known = []
    def __init_subclass__(cls):
        super().__init_subclass__()
        Plugin.known.append(cls.__name__)
class Loud:
    def __init_subclass__(cls):
        Plugin.known.append('loud')
        super().__init_subclass__()
class One(Plugin): pass
class Two(One): pass
class Three(Loud, Two): pass
assert Plugin.known == ['One', 'Two', 'loud', 'Three']
"#,
    ),
    (
        "generators",
        r#"
log = []
def count(n):
    log.append('begin')
    try:
        for i in range(n):
            log.append(i)
            yield i
    finally:
        log.append('end')
for x in count(2):
    log.append('body')
assert log == ['begin', 0, 'body', 1, 'body', 'end']
log.clear()
for x in count(5):
    if x == 1:
        break
assert log == ['begin', 0, 1, 'end'] and x == 1
assert list(count(3)) == [0, 1, 2] and tuple(i * 2 for i in count(2)) == (0, 2) and sorted(count(2), reverse=True) == [1, 0]
log.clear()
try:
    for x in count(5):
        raise KeyError('k')
except KeyError:
    log.append('caught')
assert log == ['begin', 0, 'end', 'caught']
def first(n):
    for x in count(n):
        return x
log.clear()
assert first(3) == 0 and log == ['begin', 0, 'end']
log.clear()
assert any(x == 1 for x in count(5)) and log == ['begin', 0, 1, 'end']
def chain(*parts):
    for part in parts:
        yield from part
    yield from count(2)
    yield
assert list(chain([1], (2, 3))) == [1, 2, 3, 0, 1, None]
class Shelf:
    def __init__(self): self.books = ['a', 'b']
    def walk(self):
        for book in self.books:
            got = yield book
            assert got is None
assert [(i, b) for i, b in enumerate(Shelf().walk())] == [(0, 'a'), (1, 'b')]
log.clear()
for i, x in enumerate(count(2)):
    log.append('body')
assert log == ['begin', 0, 'body', 1, 'body', 'end']
"#,
    ),
    (
        "modules that a generator imports",
        r#"
import importlib, sys
def load(names):
    for name in names:
        try:
            yield importlib.import_module(name).__name__
        except ImportError:
            yield None
        except KeyError as error:
            yield error.args
found = []
for name in load(['p', 'nowhere', 'bad', 'n']):
    found.append(name)
    assert ('n' in sys.modules) == (name == 'n')
assert found == ['p', None, ('k',), 'n']
"#,
    ),
    (
        "context managers of generators",
        r#"
import contextlib, sys
log = []
@contextlib.contextmanager
def patched(name, value=None):
    old = sys.modules.get(name)
    sys.modules[name] = value
    try:
        yield name
    finally:
        sys.modules.pop(name)
        log.append(old)
with patched('p'):
    try:
        import p
    except ImportError:
        log.append('blocked')
import p
assert log == ['blocked', None]
@contextlib.contextmanager
def quiet(*kinds):
    try:
        yield
    except kinds as error:
        log.append(str(error))
def give():
    with quiet(), patched('q', 3) as q:
        return q
assert give() == 'q' and 'q' not in sys.modules
with quiet(ValueError):
    raise ValueError('v')
assert log[-1] == 'v'
try:
    with quiet(ValueError):
        raise IndexError('i')
except IndexError as error:
    log.append(error.args)
assert log[-1] == ('i',)
for i in range(3):
    with quiet():
        if i == 1:
            break
assert i == 1
class Box:
    @contextlib.contextmanager
    def open(self):
        yield self
box = Box()
with box.open() as opened:
    assert opened is box
"#,
    ),
    (
        "arguments",
        r#"
def f(a, b=2, *c, d=4, **e):
    return [a, b, c, d, sorted(e)]
assert f(1) == [1, 2, (), 4, []]
assert f(1, 3, 5, d=6, z=1) == [1, 3, (5,), 6, ['z']]
assert f(b=1, a=0) == [0, 1, (), 4, []]
"#,
    ),
    (
        "decorators with arguments",
        r#"
R = {}
def reg(name):
    def deco(f):
        R[name] = f
        return f
    return deco
@reg('a')
def g(x):
    return x + 1
assert R['a'](1) == 2 and g(2) == 3 and list(R) == ['a']
"#,
    ),
    (
        "loops",
        r#"
t = 0
for i in range(5):
    if i == 1:
        continue
    if i == 4:
        break
    t += i
else:
    t = -1
assert t == 5
while t:
    t -= 1
else:
    t = 7
assert t == 7
"#,
    ),
    (
        "comprehensions",
        r#"
assert [x * 2 for x in [1, 2, 3] if x != 2] == [2, 6]
assert {k: v for k, v in {'a': 1}.items()} == {'a': 1}
assert {x for x in (1, 1)} == {1}
assert sum(x for x in [1, 2]) == 3
assert any(x for x in [0, 1, 1 // 1])
assert [x + y for x in [1] for y in [x, 2]] == [2, 3]
"#,
    ),
    (
        "names of functions around",
        r#"
n = 3
def outer():
    n = 1
    def inner():
        nonlocal n
        n += 1
        return n
    inner()
    return inner()
assert outer() == 3 and n == 3
"#,
    ),
    (
        "global names",
        r#"
def f():
    global G
    G = 4
f()
assert G == 4
"#,
    ),
    (
        "methods",
        r#"
class A:
    K = 1
    def __init__(self, x):
        self.x = x
    def m(self, y=1):
        return self.x + y + self.K
    @classmethod
    def c(cls):
        return cls.__name__
    @staticmethod
    def s(v):
        return v
    @property
    def p(self):
        return self.x * 10
class B(A):
    def m(self, y=2):
        return A.m(self, y) * 2
assert A(1).m() == 3 and B(1).m() == 8 and B.c() == 'B' and A.s(4) == 4 and B(2).p == 20
assert B(3).c() == 'B' and isinstance(B(1), A)
"#,
    ),
    (
        "texts from values",
        r#"
x = 'w'
assert f'a{x}b{1 + 1}{x!r}' == "awb2'w'"
assert '%s-%d' % (x, 3) == 'w-3' and '{} {1}'.replace('{1}', '{}').format(1, x) == '1 w'
assert '{a}{0}'.format(1, a=2) == '21'
"#,
    ),
    (
        "context managers",
        r#"
class M:
    log = []
    def __enter__(self):
        self.log.append('in')
        return 5
    def __exit__(self, kind, value, trace):
        self.log.append(kind is None)
        return kind is KeyError
with M() as v:
    assert v == 5
with M():
    raise KeyError('x')
assert M.log == ['in', True, 'in', False]
import contextlib
with contextlib.suppress(ValueError, KeyError):
    raise KeyError(1)
from contextlib import suppress
try:
    with suppress(ValueError):
        raise TypeError('t')
except TypeError as e:
    assert str(e) == 't'
else:
    assert False
"#,
    ),
    (
        "finally and return",
        r#"
def f():
    try:
        return 1
    finally:
        L.append(1)
L = []
assert f() == 1 and L == [1]
def g():
    for i in [1, 2]:
        try:
            continue
        finally:
            L.append(i)
    return L
assert g() == [1, 1, 2]
"#,
    ),
    (
        "a bare raise in a function",
        r#"
def f():
    raise
try:
    raise KeyError('k')
except KeyError:
    try:
        f()
    except KeyError as e:
        assert e.args == ('k',)
"#,
    ),
    (
        "annotations",
        r#"
x: int = 3
from typing import Optional, List
def f(a: int, b: Optional[List[str]] = None) -> 'X':
    c: undefined = 1
    return c
assert f(1) == 1 and x == 3
"#,
    ),
    (
        "subclasses are told",
        r#"
class P:
    subs = []
    def __init_subclass__(cls):
        P.subs.append(cls.__name__)
class Q(P):
    pass
assert P.subs == ['Q']
"#,
    ),
    (
        "lambdas and functions over elements",
        r#"
f = lambda x, y=2: x + y
assert f(1) == 3 and sorted([3, 1, 2], key=lambda v: -v) == [3, 2, 1]
assert max(1, 5, 2) == 5 and min([3, 2]) == 2
a, (b, c) = 1, [2, 3]
assert c == 3
assert dict(a=1) == {'a': 1} and dict([('k', 2)]) == {'k': 2}
assert [i for i, x in enumerate('ab')] == [0, 1] and list(zip([1], [2])) == [(1, 2)]
assert list(reversed([1, 2])) == [2, 1]
"#,
    ),
    (
        "recursion",
        r#"
def fact(n):
    return 1 if n < 2 else n * fact(n - 1)
assert fact(5) == 120
"#,
    ),
    (
        "sets and texts",
        r#"
s = {1, 2}
s.add(3)
s.discard(1)
assert s == {2, 3} and len(s) == 2
assert 'a.b.c'.rsplit('.', 1) == ['a.b', 'c'] and 'a b'.split() == ['a', 'b'] and 'a=b'.partition('=') == ('a', '=', 'b')
assert ' x '.strip() == 'x' and 'ab'.replace('a', 'c') == 'cb' and 'x'.isidentifier() and not '1x'.isidentifier()
"#,
    ),
    (
        "unpacked arguments",
        r#"
assert {**{'a': 1}, 'b': 2} == {'a': 1, 'b': 2} and [*range(2), 5] == [0, 1, 5]
def f(*a, **k):
    return a, k
assert f(*[1, 2], **{'z': 3}) == ((1, 2), {'z': 3})
"#,
    ),
    (
        "classes in functions",
        r#"
def f(a):
    return a
assert callable(f) and not callable(1)
def mk():
    class L:
        def who(self):
            return v
    v = 8
    return L()
assert mk().who() == 8
"#,
    ),
    (
        "a module's own attributes",
        r#"
import n
assert n.V == 'V' and n.f(1) == 2
from n import Z
assert Z == 'Z' and not hasattr(n, 'missing') and getattr(n, 'missing', 3) == 3
"#,
    ),
    (
        "specs",
        r#"
import importlib.util
assert importlib.util.find_spec('ghost') is None
spec = importlib.util.find_spec('n')
assert spec.name == 'n' and spec.parent == '' and spec.submodule_search_locations is None
m = importlib.util.module_from_spec(spec)
spec.loader.exec_module(m)
assert m.f(1) == 2
"#,
    ),
    (
        "lazy modules",
        r#"
import importlib.util, sys
spec = importlib.util.find_spec('n')
spec.loader = importlib.util.LazyLoader(spec.loader)
m = importlib.util.module_from_spec(spec)
sys.modules['n'] = m
spec.loader.exec_module(m)
assert 'p' not in sys.modules
assert m.f(1) == 2
assert 'p' in sys.modules
"#,
    ),
    (
        "lazy modules whose body fails",
        r#"
import importlib, importlib.util, sys
def lazy(name):
    spec = importlib.util.find_spec(name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
lazy('bad')
try:
    import bad
    assert bad.A == 1 and sys.version_info[1] < 13
except KeyError:
    assert sys.version_info[1] >= 13
del sys.modules['bad']
lazy('bad')
try:
    importlib.import_module('bad')
    assert sys.version_info[1] < 11
except KeyError:
    assert sys.version_info[1] >= 11
"#,
    ),
    (
        "paths",
        r#"
import os, n
assert os.path.basename(n.__file__) == 'n.py' and os.path.exists(n.__file__)
assert os.path.isdir(os.path.dirname(n.__file__)) and not os.path.isfile(os.path.join(os.getcwd(), 'ghost'))
"#,
    ),
    (
        "warnings",
        r#"
import warnings
class Old(DeprecationWarning):
    pass
assert issubclass(Old, Warning)
"#,
    ),
    (
        "built-in names",
        r#"
import builtins
builtins.shout = lambda text: text + '!'
assert shout('a') == 'a!'
import gettext
gettext.install('w')
assert _('x') == 'x'
"#,
    ),
    (
        "renamed modules",
        r#"
import n, importlib
n.__name__ = 'other'
assert n.__name__ == 'other'
"#,
    ),
    (
        "the working directory",
        r#"
import os
os.chdir('lib')
assert os.path.exists('n.py') and not os.path.exists('lib') and os.path.basename(os.getcwd()) == 'lib'
assert os.path.dirname(os.path.abspath('n.py')) == os.getcwd()
os.chdir('..')
assert os.path.isdir('lib')
for wrong, name in [('ghost', 'FileNotFoundError'), ('lib/n.py', 'NotADirectoryError')]:
    try:
        os.chdir(wrong)
    except OSError as e:
        assert e.__class__.__name__ == name
    else:
        assert False
"#,
    ),
    (
        "relative entries of sys.path",
        r#"
import os, sys
sys.path.remove(os.path.join(os.getcwd(), 'lib'))
sys.path.insert(0, 'lib')
import n
assert n.f(1) == 2 and os.path.exists(n.__file__)
sys.path.remove('lib')
"#,
    ),
    (
        "an empty entry of sys.path",
        r#"
import os, sys
sys.path.remove(os.path.join(os.getcwd(), 'lib'))
sys.path.insert(0, '')
os.chdir('lib')
import n
assert n.f(1) == 2 and os.path.dirname(n.__file__) == os.getcwd()
"#,
    ),
    (
        "a lazily loaded body that misses an attribute",
        r#"
import importlib.util, sys
spec = importlib.util.find_spec('lost')
loader = importlib.util.LazyLoader(spec.loader)
spec.loader = loader
lost = importlib.util.module_from_spec(spec)
sys.modules['lost'] = lost
loader.exec_module(lost)
assert getattr(lost, 'V', 7) == 7
assert lost.A == 1 and not hasattr(lost, 'V')
"#,
    ),
    (
        "pkgutil.iter_modules",
        r#"
import importlib, os, pkgutil, sys
import shelf
assert [info.name for info in pkgutil.iter_modules(shelf.__path__)] == ['box', 'one']
assert [(name, ispkg) for _, name, ispkg in pkgutil.iter_modules(shelf.__path__, 'shelf.')] == [('shelf.box', True), ('shelf.one', False)]
for info in pkgutil.iter_modules(shelf.__path__, prefix='shelf.'):
    importlib.import_module(info.name)
    assert info[1] == info.name
assert shelf.one.V == 1 and 'inspect' in sys.modules
assert list(pkgutil.iter_modules([os.path.join(os.getcwd(), 'nowhere')])) == []
assert len(list(pkgutil.iter_modules([os.path.dirname(shelf.one.__file__)]))) == 2
assert sorted(info.name for info in pkgutil.iter_modules([os.getcwd() + '/lib']) if info.ispkg) == ['shelf', 'wide']
"#,
    ),
    (
        "the directories of a package",
        r#"
import os, shelf
assert [os.path.basename(path) for path in shelf.__path__] == ['shelf'] and shelf.FOUND == ['box', 'one']
assert hasattr(shelf, '__path__') and not hasattr(shelf.box, 'path')
"#,
    ),
    (
        "backslashes",
        r#"
assert 'a\nb'.split('\n') == ['a', 'b'] and len('\t\\') == 2
"#,
    ),
];

/// Modules that some of the constructs import.
const MODULES: [(&str, &str); 13] = [
    ("lib/kept.py", "import functools\n@functools.lru_cache(maxsize=None)\ndef one():\n    return 1\n"),
    ("lib/shut/door.py", "import sys\nsys.modules['shut'] = None\n"),
    ("lib/wide/__init__.py", "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"),
    ("more/wide/__init__.py", ""),
    ("more/wide/other.py", "V = 2\n"),
    (
        "lib/n.py",
        r"
import p

def f(x):
    return x + 1

def __getattr__(name):
    if name == name.upper() and name[:1] != '_':
        return name
    raise AttributeError(name)
",
    ),
    ("lib/p.py", ""),
    (
        "lib/shelf/__init__.py",
        "import pkgutil\nFOUND = [name for _, name, _ in pkgutil.iter_modules(__path__)]\nfrom shelf import box\n",
    ),
    ("lib/shelf/box/__init__.py", ""),
    ("lib/shelf/one.py", "V = 1\n"),
    ("lib/shelf/data/words.txt", ""),
    ("lib/lost.py", "A = 1\nimport p\nV = p.f\n"),
    ("lib/bad.py", "A = 1\nraise KeyError('k')\n"),
];

fn steps_before() -> Vec<(Option<usize>, Step)> {
    let text = |(path, text): (&str, &str)| format!("{{ write = {path:?}, text = {text:?} }}");
    let setup: Vec<String> = MODULES.into_iter().map(text).collect();
    let scenario = format!(
        "title = \"t\"\nsetup = [{}, {{ sys-path = \"lib\" }}]\n[[test]]\nname = \"t\"\nsteps = [{{ sleep = \"1s\" }}]\n",
        setup.join(", ")
    );
    let scenario = taster::scenario::parse(Path::new("t.toml"), &scenario).expect("a scenario");
    scenario.setup.into_iter().map(|step| (None, step)).collect()
}

/// Steps that run modules as programs.
const PROGRAMS: [&str; 5] = [
    "[{ run-module = 'program' }, { not-imported = 'program' }, { check = 'noted.SEEN == [(\"__main__\", \"\")]' }]",
    "[{ run-module = 'house.door' }, { import = 'house.door' }, { check = 'len(noted.SEEN) == 2' }]",
    "[{ run-module = 'nowhere', raises = 'ImportError' }]",
    "[{ run-module = 'bad', raises = 'KeyError' }, { not-imported = 'bad' }]",
    "[{ run-module = 'house.door' }, { write = 'lib/house/door.py', text = 'import noted; noted.SEEN[:0] = [1]' }]",
];

#[test]
fn modules_run_as_programs_do_the_same_on_every_cpython() {
    let text = |steps: &str| {
        let noting = "import noted\\nnoted.SEEN.append((__name__, __package__))\\n";
        format!(
            "title = 't'\nsetup = [\n  {{ write = 'lib/noted.py', text = 'SEEN = []' }},\n  {{ write = 'lib/program.py', text = \"{noting}\" }},\n  \
             {{ write = 'lib/house/__init__.py' }},\n  {{ write = 'lib/house/door.py', text = \"{noting}\" }},\n  {{ write = \
             'lib/bad.py', text = 'raise KeyError(1)' }},\n  {{ sys-path = 'lib' }},\n]\n[[test]]\nname = 't'\nsteps = {steps}\n"
        )
    };
    for installation in &installations() {
        let mut pair = Pair::start(installation, true).expect("it starts");
        for steps in PROGRAMS {
            let scenario = taster::scenario::parse(Path::new("t.toml"), &text(steps))
                .unwrap_or_else(|wrong| panic!("{wrong}"));
            let setup = scenario.setup.into_iter().map(|step| (None, step));
            let own = scenario.tests[0].steps.iter().map(|step| (Some(0), step.clone()));
            let all: Vec<_> = setup.chain(own).collect();
            let label = &installation.identity.label;
            let compared = pair.compare(&all, Nanos::SECOND, Nanos(1_000));
            let compared = compared.unwrap_or_else(|difference| panic!("{steps} on {label}: {difference}"));
            assert_eq!(compared.refused, None, "{steps} on {label}");
            assert!(
                compared.outcomes.iter().all(|outcome| outcome.is_pass()),
                "{steps} on {label}: {:?}",
                compared.outcomes
            );
        }
    }
}

/// Bytecode that is checked by a hash, or not at all: a test's steps after `m` and `n` were written.
const HASHED: [&str; 5] = [
    "[{ compile = 'lib/m.py', invalidation = 'unchecked-hash' }, { write = 'lib/m.py', text = 'V = 22' }, { import = 'm', expect = { V = 1 } }, \
     { touch = 'lib/m.py' }, { reload = 'm', expect = { V = 1 } }]",
    "[{ compile = 'lib/m.py', invalidation = 'checked-hash' }, { write = 'lib/m.py', text = 'V = 22' }, { import = 'm', expect = { V = 22 } }, \
     { write = 'lib/m.py', text = 'V = 3' }, { sleep = '2s' }, { reload = 'm', expect = { V = 3 } }, { touch = 'lib/m.py' }, { forget = 'm' }, \
     { import = 'm', expect = { V = 3 } }]",
    "[{ compile = 'lib/n.py', invalidation = 'checked-hash' }, { rename = 'lib/n.py', to = 'lib/o.py' }, { import = 'o', expect = { V = 2 } }, \
     { rename = 'lib/o.py', to = 'lib/n.py' }, { invalidate-caches = true }, { import = 'n', expect = { V = 2 } }]",
    "[{ compile = 'lib/m.py', invalidation = 'unchecked-hash' }, { compile = 'lib/m.py' }, { write = 'lib/m.py', text = 'V = 22' }, \
     { import = 'm', expect = { V = 22 } }]",
    "[{ import = 'm', expect = { V = 1 } }, { compile = 'lib/m.py', invalidation = 'checked-hash' }, { remove = 'lib/m.py' }, { forget = 'm' }, \
     { import = 'm', raises = 'ImportError' }]",
];

#[test]
fn bytecode_by_hash_is_taken_as_by_every_cpython() {
    let mut found = installations();
    found.retain(|found| found.identity.version.minor > 6);
    if found.is_empty() {
        not_run::say("no CPython from 3.7 to 3.13 was found");
    }
    for installation in &found {
        for bytecode in [true, false] {
            let mut pair = Pair::start(installation, bytecode).expect("it starts");
            for steps in HASHED {
                let text = format!(
                    "title = 't'\nsetup = [{{ write = 'lib/m.py', text = 'V = 1' }}, {{ write = 'lib/n.py', text = 'V = 2' }}, \
                     {{ sys-path = 'lib' }}]\n[[test]]\nname = 't'\nsteps = {steps}\n"
                );
                passes_alike(&mut pair, &text, &format!("{steps} on {}", installation.identity.label));
            }
        }
    }
}

/// Symbolic links: a test's steps after `v1` and `v2` were written, each with a module `app`.
const LINKED: [&str; 7] = [
    "[{ symlink = 'current', to = 'v1' }, { sys-path = 'current' }, { import = 'app', expect = { V = 1 } }, { remove = 'current' }, \
     { symlink = 'current', to = 'v2' }, { reload = 'app' }, { forget = 'app' }, { sleep = '2s' }, { import = 'app' }]",
    "[{ mkdir = 'lib' }, { symlink = 'lib/app.py', to = 'v2/app.py' }, { sys-path = 'lib' }, { import = 'app', expect = { V = 2 } }, \
     { write = 'lib/app.py', text = 'V = 33' }, { forget = 'app' }, { import = 'app', expect = { V = 33 } }]",
    "[{ symlink = 'deep/current', to = 'v1' }, { chdir = 'deep/current' }, { sys-path = '', as = 'written' }, { import = 'app' }, \
     { exec = 'import os; assert os.getcwd().endswith(\"v1\"); os.chdir(\"..\"); assert os.path.isdir(\"deep/current\")' }]",
    "[{ symlink = 'lib/pack', to = 'v1/pack' }, { sys-path = 'lib' }, { import = 'pack.part', expect = { W = 1 } }, { not-imported = 'app' }, \
     { remove = 'v1/pack/part.py' }, { forget = 'pack.part' }, { import = 'pack.part', raises = 'ImportError' }]",
    "[{ symlink = 'lib/app.py', to = 'gone.py' }, { sys-path = 'lib' }, { import = 'app', raises = 'ImportError' }, \
     { write = 'gone.py', text = 'V = 4' }, { import = 'app', expect = { V = 4 } }]",
    "[{ symlink = 'lib', to = 'v1' }, { sys-path = 'lib' }, { sys-path = 'v1' }, { import = 'other', raises = 'ImportError' }, { write = 'v1/late.py' }, \
     { import = 'late', raises = 'ImportError' }, { invalidate-caches = true }, { import = 'late' }]",
    "[{ symlink = 'lib', to = 'v1' }, { exec = 'import os, pkgutil; assert [i.name for i in pkgutil.iter_modules([os.getcwd() + \"/lib\"])] == \
     [\"app\", \"pack\"] and os.path.exists(\"lib/app.py\") and os.path.isfile(\"lib/app.py\")' }]",
];

/// The steps of a scenario with one test pass on both, and do the same.
fn passes_alike(pair: &mut Pair, scenario: &str, about: &str) {
    let scenario =
        taster::scenario::parse(Path::new("t.toml"), scenario).unwrap_or_else(|wrong| panic!("{wrong}"));
    let setup = scenario.setup.into_iter().map(|step| (None, step));
    let own = scenario.tests[0].steps.iter().map(|step| (Some(0), step.clone()));
    let all: Vec<_> = setup.chain(own).collect();
    let compared = pair.compare(&all, Nanos::SECOND, Nanos(1_000));
    let compared = compared.unwrap_or_else(|difference| panic!("{about}: {difference}"));
    assert_eq!(compared.refused, None, "{about}");
    let passed = compared.outcomes.iter().all(|outcome| outcome.is_pass());
    assert!(passed, "{about}: {:?}", compared.outcomes);
}

#[test]
fn symbolic_links_are_followed_as_by_every_cpython() {
    let found = installations();
    if found.is_empty() {
        not_run::say("no CPython from 3.6 to 3.13 was found");
    }
    for installation in &found {
        let mut pair = Pair::start(installation, true).expect("it starts");
        for steps in LINKED {
            let text = format!(
                "title = 't'\nsetup = [{{ write = 'v1/app.py', text = 'V = 1' }}, {{ write = 'v2/app.py', text = 'V = 2' }}, \
                 {{ write = 'v1/pack/__init__.py' }}, {{ write = 'v1/pack/part.py', text = 'W = 1' }}]\n[[test]]\nname = 't'\nsteps = {steps}\n"
            );
            passes_alike(&mut pair, &text, &format!("{steps} on {}", installation.identity.label));
        }
    }
}

#[test]
fn each_construct_does_the_same_on_every_cpython() {
    let found = installations();
    if found.is_empty() {
        not_run::say("no CPython from 3.6 to 3.13 was found");
    }
    for installation in &found {
        let mut pair = Pair::start(installation, true).expect("it starts");
        for (name, code) in CONSTRUCTS {
            if name == "a module's own attributes" && installation.identity.version.minor == 6 {
                continue; // 3.6 asks no module
            }
            let mut steps = steps_before();
            let action = Action::Exec { code: code.into(), check: Check::Nothing };
            steps.push((Some(0), Step::Interpreter(action)));
            let label = &installation.identity.label;
            let compared = pair.compare(&steps, Nanos::SECOND, Nanos(1_000));
            let compared = compared.unwrap_or_else(|difference| panic!("{name} on {label}: {difference}"));
            assert_eq!(compared.refused, None, "{name} on {label}");
            let outcome = compared.outcomes.last().expect("a step");
            assert!(outcome.is_pass(), "{name} on {label}: {outcome}");
        }
    }
}
