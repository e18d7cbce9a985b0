"""Changes the environment while it is imported."""

import os

os.environ["TASTER_MODE"] = "a"


def test_a():
    pass
