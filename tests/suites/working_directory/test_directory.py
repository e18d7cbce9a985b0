"""The working directory is left changed."""

import os


def test_changes_directory():
    os.chdir("/")


def test_wants_directory():
    assert os.getcwd() != "/"
