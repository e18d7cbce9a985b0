"""A package whose import failed once has lost its submodule when it is imported again."""

import switches


def test_eager():
    try:
        import half  # noqa: F401
    except RuntimeError:
        pass


def test_proper(monkeypatch):
    monkeypatch.setattr(switches, "READY", True)
    import half

    assert half.sub.V == 1
