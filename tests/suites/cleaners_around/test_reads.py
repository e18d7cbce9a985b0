import counter
import pytest


def test_victim():
    assert counter.hits == 0


@pytest.mark.parametrize("n", range(60))
def test_harmless(n):
    assert n >= 0
