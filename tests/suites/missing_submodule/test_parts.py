"""One test uses a submodule that the other one imports."""


def test_careful():
    import parts.wheel

    assert parts.wheel.SPOKES == 36


def test_careless():
    import parts

    assert parts.wheel.SPOKES == 36
