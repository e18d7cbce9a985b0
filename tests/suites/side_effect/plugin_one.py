"""Registers itself when it is imported."""

import registry

registry.names.append("one")
