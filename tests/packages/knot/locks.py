"""Sets the switch."""

from knot import switch

switch.LOCKED = True
