"""Reads its partner's total, so each of the two imports the other."""

from shop import orders

RATE = 2


def total():
    return orders.TOTAL
