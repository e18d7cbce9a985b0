"""Imports the module that it is about."""

import plugin_one  # noqa: F401
