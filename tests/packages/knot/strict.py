"""Cannot be imported once the switch is set."""

from knot import switch

if switch.LOCKED:
    raise RuntimeError("locked")
