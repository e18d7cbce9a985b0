"""Adds to another module when it is imported."""

from shop import currencies

currencies.NAMES.append("SEK")
