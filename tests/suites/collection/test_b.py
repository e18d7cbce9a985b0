"""Passes when this file is collected alone."""

import settings


def test_mode():
    assert settings.mode == "default"
