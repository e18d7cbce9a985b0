"""Runs, and exits."""

import sys

sys.exit(2)
