//! State that C keeps, or that no expression names as it is, each as a suite, with what the patch for it must contain.

use crate::patch_cases::Patched;

#[rustfmt::skip]
pub(crate) const CASES: &[Patched] = &[
    Patched("deque", &[("state.py", "import collections\n\nlast = collections.deque(maxlen=3)\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.last.append(1)\n\n\ndef test_reads():\n    assert not state.last\n")],
        &["# state.last[:]: deque([]) alone, deque([1]) after\n", "+    saved = list(state.last)\n+    yield\n+    state.last.clear()\n+    state.last.extend(saved)\n"], &[]),
    Patched("array", &[("state.py", "import array\n\nnumbers = array.array('i', [1])\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.numbers.append(2)\n\n\ndef test_reads():\n    assert len(state.numbers) == 1\n")],
        &["array('i', [1]) alone, array('i', [1, 2]) after\n", "+    saved = state.numbers[:]\n+    yield\n+    state.numbers[:] = saved\n"], &[]),
    Patched("bytes_that_change", &[("state.py", "buffer = bytearray(b'a')\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.buffer.extend(b'b')\n\n\ndef test_reads():\n    assert state.buffer == b'a'\n")],
        &["bytearray(b'a') alone, bytearray(b'ab') after\n", "+    state.buffer[:] = saved\n"], &[]),
    Patched("slots", &[("state.py", "class Point:\n    __slots__ = ('x', 'y')\n\n    def __init__(self):\n        self.x = 0\n\n\npoint = Point()\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.point.x = 1\n\n\ndef test_reads():\n    assert state.point.x == 0\n")],
        &["+    monkeypatch.setattr(state.point, \"x\", 1)\n"], &[]),
    Patched("counter", &[("state.py", "import itertools\n\n\nclass Row:\n    numbers = itertools.count(1)\n\n    def __init__(self):\n        self.number = next(self.numbers)\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    assert state.Row().number > 0\n\n\ndef test_reads():\n    assert state.Row().number == 1\n")],
        &["# state.Row.numbers: count(1) alone, count(2) after\n", "+import itertools\n", "+    monkeypatch.setattr(state.Row, \"numbers\", itertools.count(1))\n"], &[]),
    Patched("unittest_counter", &[("state.py", "from itertools import count\n\nnumbers = count(1)\n"), ("test_a.py", "import unittest\n\nimport state\n\n\nclass TestRow(unittest.TestCase):\n    def test_a_sets(self):\n        self.assertTrue(next(state.numbers))\n\n    def test_b_reads(self):\n        self.assertEqual(next(state.numbers), 1)\n")],
        &["+        self.addCleanup(setattr, state, \"numbers\", state.numbers)\n+        state.numbers = itertools.count(1)\n"], &["monkeypatch"]),
    Patched("entry_within_a_closure", &[("state.py", "def kept(function):\n    seen = {}\n\n    def asked(number):\n        if number not in seen:\n            seen[number] = function(number)\n        return seen[number]\n\n    return asked\n\n\nfactor = 2\n\n\n@kept\ndef scaled(number):\n    return number * factor\n"), ("test_a.py", "import state\n\n\ndef test_sets(monkeypatch):\n    monkeypatch.setattr(state, \"factor\", 10)\n    assert state.scaled(4) >= 8\n\n\ndef test_reads():\n    assert state.scaled(4) == 8\n")],
        &["+import inspect\n", "+    inspect.getclosurevars(state.scaled).nonlocals[\"seen\"].pop(4, None)\n"], &[]),
    Patched("variable_of_a_closure", &[("state.py", "def counting():\n    calls = 0\n\n    def count():\n        nonlocal calls\n        calls += 1\n        return calls\n\n    return count\n\n\ncount = counting()\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    assert state.count() > 0\n\n\ndef test_reads():\n    assert state.count() == 1\n")],
        &["state.count.__closure__[state.count.__code__.co_freevars.index(\"calls\")]"], &[]),
    Patched("key_that_cannot_be_written", &[("state.py", "class Kind:\n    pass\n\n\nconverters = {}\n\n\ndef register(kind, function):\n    converters[kind] = function\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.register(state.Kind, str)\n\n\ndef test_reads():\n    assert state.Kind not in state.converters\n")],
        &["+def restored_converters():\n", "+    saved = dict(state.converters)\n+    yield\n+    state.converters.clear()\n+    state.converters.update(saved)\n"], &[]),
    Patched("variable_of_a_context", &[("state.py", "import contextvars\n\nuser = contextvars.ContextVar(\"user\", default=None)\n"), ("test_a.py", "from state import user\n\n\ndef test_sets():\n    user.set(\"eve\")\n\n\ndef test_reads():\n    assert user.get() is None\n")],
        &["# state.user: None alone, 'eve' after\n", "+    saved = user.set(user.get(None))\n+    yield\n+    user.reset(saved)\n"], &[]),
    Patched("one_of_several_variables_of_one_name", &[("state.py", "import contextvars\n\n\nclass Local:\n    def __init__(self):\n        self.held = contextvars.ContextVar(\"local\")\n\n    def put(self, value):\n        self.held.set(value)\n\n    def get(self):\n        return self.held.get(None)\n\n\nlanguage = Local()\nzone = Local()\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.language.put(\"de\")\n    state.zone.put(\"UTC\")\n\n\ndef test_reads():\n    assert state.language.get() is None\n")],
        &["# state.language.held: absent alone, 'de' after\n", "+    saved = state.language.held.set(state.language.held.get(None))\n", "+    state.language.held.reset(saved)\n"], &[]),
    Patched("signal", &[("test_a.py", "import signal\n\n\ndef test_sets():\n    signal.signal(signal.SIGUSR1, signal.SIG_IGN)\n\n\ndef test_reads():\n    assert signal.getsignal(signal.SIGUSR1) == signal.SIG_DFL\n")],
        &["# signal.getsignal(signal.SIGUSR1): signal.SIG_DFL alone, signal.SIG_IGN after\n", "+    saved = signal.getsignal(signal.SIGUSR1)\n+    yield\n+    signal.signal(signal.SIGUSR1, saved)\n"], &[]),
    Patched("time_zone", &[("test_a.py", "import os\nimport time\n\n\ndef test_sets():\n    os.environ[\"TZ\"] = \"UTC-9\"\n    time.tzset()\n\n\ndef test_reads():\n    assert time.localtime(0).tm_hour != 9\n")],
        &["+    os.environ.pop(\"TZ\", None)\n+    time.tzset()\n"], &[]),
    Patched("timeout_of_sockets", &[("test_a.py", "import socket\n\n\ndef test_sets():\n    socket.setdefaulttimeout(3)\n\n\ndef test_reads():\n    assert socket.getdefaulttimeout() is None\n")],
        &["+    saved = socket.getdefaulttimeout()\n+    yield\n+    socket.setdefaulttimeout(saved)\n"], &[]),
    Patched("limit_of_fields", &[("test_a.py", "def test_sets():\n    import csv\n\n    csv.field_size_limit(10)\n\n\ndef test_reads():\n    import csv\n\n    assert list(csv.reader([\"x\" * 20]))\n")],
        &["+    saved = csv.field_size_limit()\n+    yield\n+    csv.field_size_limit(saved)\n"], &[]),
    Patched("module_that_no_import_has", &[("state.py", "import types\n\nheld = {'inner': types.ModuleType('inner')}\n\n\ndef fill():\n    held['inner'].value = 1\n"), ("test_a.py", "import state\n\n\ndef test_sets():\n    state.fill()\n\n\ndef test_reads():\n    assert not hasattr(state.held[\"inner\"], \"value\")\n")],
        &["# state.held['inner'].value: absent alone, 1 after\n", "+    vars(state.held['inner']).pop(\"value\", None)\n"], &[]),
];
