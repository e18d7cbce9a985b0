"""Needs the rate at once, so it cannot be imported in the middle of prices."""

from shop import prices

TOTAL = 10 * prices.RATE
