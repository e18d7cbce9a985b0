import random


def test_draws():
    assert 0 <= random.random() < 1


def test_exact():
    assert random.random() == random.Random(20).random()
