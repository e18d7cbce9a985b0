"""Exporters of a report: each plugin registers its formats when it is imported."""

from exporters.registry import formats, load_all, register

__all__ = ["formats", "load_all", "register"]
