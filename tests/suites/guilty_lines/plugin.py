"""Registers itself when it is imported."""

import kept

kept.registered.append("plugin")  # guilty: test_nothing_is_registered
