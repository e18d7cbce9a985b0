"""Asks the plugin, after one test of small suites, whether code waits for what the test has set up, and prints how many
suites it was right about. Started with the folder of the plugin's sources. For CPython 3.6 and later.
"""

import os
import sys

import pytest

sources = sys.argv[1]


def loaded(name, **parts):
    namespace = dict(parts, __name__=name)
    with open(os.path.join(sources, name)) as file:
        exec(compile(file.read(), name, "exec"), namespace)
    return namespace


FIXTURE = """import unittest
import pytest

@pytest.fixture(scope="SCOPE", autouse=True)
def around(request):
    BODY

def test_it():
    pass
"""
CASE = """import unittest

class TestIt(unittest.TestCase):
    BODY

    def test_it(self):
        CALL

    def test_other(self):
        pass
"""
HOOK = "def pytest_fixture_post_finalizer(fixturedef):\n    pass\n"
USED_BY = """import pytest

@pytest.fixture(scope="session")
def inner():
    BODY

@pytest.fixture(scope="session", autouse=True)
def outer(inner):
    return inner

def test_it():
    pass
"""


def fixture(scope, body):
    return FIXTURE.replace("SCOPE", scope).replace("BODY", body)


def case(body="pass", call="pass"):
    return CASE.replace("BODY", body).replace("CALL", call)


class_method = "@classmethod\n    def %s(cls):\n        pass"
# What each suite is, whether code waits for the end of all, and whether it does where a test of another file comes next.
SUITES = [
    ("nothing", "def test_it():\n    pass\n", False, False),
    ("a fixture that returns", fixture("session", "return []"), False, False),
    ("one that goes on", fixture("session", "yield []"), True, False),
    ("one of the module that goes on", fixture("module", "yield []"), True, True),
    ("one of the module that returns", fixture("module", "return []"), False, False),
    ("one that adds a finalizer", fixture("module", "request.addfinalizer(list)"), True, True),
    ("one that another uses", USED_BY.replace("BODY", "return []"), False, False),
    ("one that another uses and goes on", USED_BY.replace("BODY", "yield []"), True, False),
    ("a class of unittest", case(), False, False),
    ("one that sets something up", case(class_method % "setUpClass"), True, True),
    ("one that tears something down", case(class_method % "tearDownClass"), True, True),
    (
        "a function for the end of the module",
        "def teardown_module():\n    pass\n\ndef test_it():\n    pass\n",
        True,
        True,
    ),
]
if sys.version_info >= (3, 8):
    added = case(call="type(self).addClassCleanup(list)")
    SUITES.append(("one to whose end something was added", added, True, True))


class Asking:
    """Asks after the first test, while all that it shares is still set up."""

    def __init__(self):
        self.said = None

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        yield
        if self.said is None:
            called = {name: loaded("called.py")[name] for name in ("called_as", "is_of_runner")}
            fixtures = loaded("fixtures.py", Cell=None, shown=None, **called)
            ask = loaded("endings.py", defined_by=fixtures["defined_by"])["has_more_to_end"]
            other = item.session.items[-1]
            self.said = ask(item.session, None), ask(item.session, other)


def said_of(name, text, conftest):
    """What is said after the first test of a suite: its second file has another test."""
    os.mkdir(name)
    # A second test of the file keeps what stands for the file.
    first, last = text + "\ndef test_second():\n    pass\n", "def test_last():\n    pass\n"
    for file, content in (("test_a.py", first), ("test_b.py", last), ("conftest.py", conftest)):
        with open(os.path.join(name, file), "w") as opened:
            opened.write(content)
    for module in ("test_a", "test_b", "conftest"):
        sys.modules.pop(module, None)
    asking = Asking()
    null, before = os.open(os.devnull, os.O_WRONLY), os.dup(1)
    os.dup2(null, 1)
    try:
        pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", name, name], plugins=[asking])
    finally:
        sys.stdout.flush()
        os.dup2(before, 1)
    return asking.said


right = 0
for number, (what, text, at_the_end, before_another) in enumerate(SUITES):
    said = said_of("suite_%d" % number, text, "")
    if said == (at_the_end, before_another):
        right += 1
    else:
        print("%s: %r" % (what, said))
said = said_of("hooked", fixture("session", "return []"), HOOK)
if said[0]:
    right += 1
else:
    print("a hook: %r" % (said,))
print("%d as expected" % (right + (sys.version_info < (3, 8))))
