"""Reads the environment while it is imported."""

import os

mode = os.environ.get("TASTER_MODE", "default")


def test_mode():
    assert mode == "default"
