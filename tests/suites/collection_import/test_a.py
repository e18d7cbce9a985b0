"""Puts a stub in the place of a module, for good, while it is imported."""

import sys
import types

sys.modules["settings"] = types.ModuleType("settings")
sys.modules["settings"].mode = "stub"


def test_a():
    pass
