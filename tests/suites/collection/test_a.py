"""Its import alone spoils the other file's test; no test needs to run."""

import settings

settings.mode = "a"


def test_a():
    pass
