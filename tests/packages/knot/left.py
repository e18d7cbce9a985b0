"""One end of a circle: it can come after the other end, not before it."""

from knot.right import OTHER

NAME = "left"
BOTH = (NAME, OTHER)
