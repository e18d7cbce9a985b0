import importlib
import sys

import pytest


@pytest.fixture(scope="module")
def plugins(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugins")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def load(folder, name):
    (folder / (name + ".py")).write_text("NAME = %r\n" % name)
    return importlib.import_module(name).NAME


def test_first(plugins):
    assert load(plugins, "plugin_first") == "plugin_first"


def test_second(plugins):
    assert load(plugins, "plugin_second") == "plugin_second"
