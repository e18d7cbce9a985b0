"""unittest: what setUpClass made is changed by one method and read by another."""

import unittest


class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = ["one"]

    def test_a_changes(self):
        self.shared.append("two")

    def test_b_reads(self):
        self.assertEqual(self.shared, ["one"])


class Other(unittest.TestCase):
    def test_alone(self):
        self.assertEqual(getattr(Base, "shared", ["one"])[:1], ["one"])
