"""Needs the other end, which needs a name that is bound only here and only later."""

import middle  # noqa: F401

X = 1
