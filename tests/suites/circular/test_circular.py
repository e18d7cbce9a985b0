"""Two modules that import each other: it works from one end only."""


def test_from_the_middle():
    import middle

    assert middle.Y == 1


def test_from_the_end():
    import ends

    assert ends.X == 1
