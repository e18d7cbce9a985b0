"""Four tests have to run, in this order, before the fifth fails; two of them fail themselves."""

steps = []


def test_one():
    steps.append(1)


def test_two():
    if steps == [1]:
        steps.append(2)
        raise AssertionError("fails where it has its part in it")


def test_other():
    pass


def test_three():
    if steps == [1, 2]:
        steps.append(3)


def test_four():
    if steps == [1, 2, 3]:
        steps.append(4)
        raise AssertionError("fails where it has its part in it")


def test_victim():
    assert steps != [1, 2, 3, 4]
