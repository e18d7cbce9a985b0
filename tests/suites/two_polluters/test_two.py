"""The victim fails only after both polluters, in either order."""

seen = set()


def test_first():
    seen.add("first")


def test_neutral():
    assert True


def test_second():
    seen.add("second")


def test_victim():
    assert seen != {"first", "second"}
