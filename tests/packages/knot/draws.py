"""Holds something else in every process."""

import os

TOKEN = os.urandom(8)
