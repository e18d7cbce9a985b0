"""Sees the stub if it is imported after it, and the module if before."""

import settings


def test_mode():
    assert settings.mode == "default"
