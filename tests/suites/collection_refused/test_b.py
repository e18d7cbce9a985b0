"""Cannot be collected once the module is refused."""

import settings


def test_mode():
    assert settings.mode == "default"
