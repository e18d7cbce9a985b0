import counter
import pytest


@pytest.mark.parametrize("n", range(30))
def test_harmless_before(n):
    assert n >= 0


def test_cleans_before():
    counter.hits = 0


def test_polluter():
    counter.hits = 1


def test_cleans_after():
    counter.hits = 0


@pytest.mark.parametrize("n", range(30))
def test_harmless_after(n):
    assert n >= 0
