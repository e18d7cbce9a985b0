"""The other end of the circle."""

OTHER = "right"

from knot.left import NAME

BOTH = (OTHER, NAME)
