"""A switch that others set and read."""

LOCKED = False
