"""Enters itself when it is imported."""

from knot import registry

registry.ENTRIES.append("plugin")
