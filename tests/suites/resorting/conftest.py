"""A plugin that sorts tests its own way, after everybody else."""

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.name, reverse=True)
