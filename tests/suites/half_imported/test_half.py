"""A package whose import failed once has lost its submodule when it is imported again."""


def test_eager():
    try:
        import half  # noqa: F401
    except RuntimeError:
        pass


def test_proper():
    import configure  # noqa: F401
    import half

    assert half.sub.V == 1
