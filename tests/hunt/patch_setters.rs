//! Brittle tests that need what only code of the package makes, each as a suite, with what the patch for it must contain.

use crate::patch_cases::Patched;

/// A state that only a function of the package makes, of what no text says.
const STATE: &str = "known = {}\n\n\ndef add(kind):\n    known[kind.__name__] = kind\n    return kind\n";

/// A package that gives a class a method.
const SOURCE: &str = "class Source:\n    pass\n\n\ndef make(self):\n    return 1\n\n\ndef prepare(user):\n    assert user\n    Source.make = make\n";

/// A test that adds to it, in a class that must be set up.
const SETTER: &str = "import unittest\n\nimport state\n\n\nclass TestMade(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        cls.kinds = []\n\n    def setUp(self):\n        self.kinds.append(object)\n\n    def test_adds(self):\n        @state.add\n        class Local:\n            pass\n\n        self.assertEqual(len(self.kinds), 1)\n";

#[rustfmt::skip]
pub(crate) const CASES: &[Patched] = &[
    Patched("setter_of_a_class_that_is_set_up", &[("state.py", STATE), ("test_a.py", SETTER), ("test_b.py", "import unittest\n\nimport state\n\n\nclass TestOther(unittest.TestCase):\n    def test_needs(self):\n        self.assertTrue(state.known[\"Local\"])\n")],
        &["+        from test_a import TestMade\n+        unittest.TestSuite([TestMade(\"test_adds\")]).debug()\n"], &["+        import unittest"]),
    Patched("setter_of_a_class_for_a_function", &[("state.py", STATE), ("test_a.py", SETTER), ("test_b.py", "import state\n\n\ndef test_needs():\n    assert state.known[\"Local\"]\n")],
        &["+    import unittest\n+    from test_a import TestMade\n+    unittest.TestSuite([TestMade(\"test_adds\")]).debug()\n"], &[]),
    Patched("setter_of_another_class_of_the_file", &[("state.py", STATE), ("test_a.py", "import unittest as ut\n\nimport state\n\n\nclass TestMade(ut.TestCase):\n    def setUp(self):\n        self.kind = object\n\n    def test_adds(self):\n        @state.add\n        class Local(self.kind):\n            pass\n\n\nclass TestOther(ut.TestCase):\n    def test_needs(self):\n        self.assertTrue(state.known[\"Local\"])\n")],
        &["+        ut.TestSuite([TestMade(\"test_adds\")]).debug()\n"], &["import unittest\n"]),
    Patched("setter_before_what_a_class_sets_up", &[("state.py", STATE), ("test_a.py", SETTER), ("test_b.py", "import unittest\n\nimport state\n\n\nclass TestOther(unittest.TestCase):\n    def setUp(self):\n        self.kind = state.known[\"Local\"]\n\n    def test_needs(self):\n        self.assertTrue(self.kind)\n")],
        &["+@pytest.fixture(autouse=True)\n+def state_is_set():\n", "+    from test_a import TestMade\n+    unittest.TestSuite([TestMade(\"test_adds\")]).debug()\n"], &[]),
    Patched("value_that_a_module_names", &[("state.py", SOURCE), ("test_a.py", "import state\n\n\ndef test_prepares():\n    state.prepare(object())\n\n\ndef test_needs():\n    assert state.Source().make() == 1\n")],
        &["+def test_needs(monkeypatch):\n", "+    monkeypatch.setattr(state.Source, \"make\", state.make, raising=False)\n"], &[]),
    Patched("value_that_a_fixture_needs", &[("state.py", SOURCE), ("test_a.py", "from unittest import mock\n\nimport pytest\n\nfrom state import Source, prepare\n\n\n@pytest.fixture\ndef source():\n    made = mock.Mock(Source)\n    prepare(made)\n    return made\n\n\ndef test_prepares(source):\n    assert source\n\n\ndef test_needs(source):\n    assert source.make()\n")],
        &["+@pytest.fixture(autouse=True)\n+def state_is_set(monkeypatch):\n", "+    import state\n", "+    monkeypatch.setattr(Source, \"make\", state.make, raising=False)\n"], &[]),
];
