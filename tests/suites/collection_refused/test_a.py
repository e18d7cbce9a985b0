"""Makes every later import of a module fail."""

import sys

sys.modules["settings"] = None


def test_a():
    pass
