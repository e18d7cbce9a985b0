"""The import within one test changes what the other one reads."""

import registry


def test_plugin():
    import plugin_pack

    assert plugin_pack.plugin_one.registry is registry


def test_nothing_is_registered():
    assert registry.names == []
