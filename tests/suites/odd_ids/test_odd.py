"""Ids with spaces, newlines, brackets, quotes, letters of many alphabets, and an empty one."""

import pytest

ODD = ["a b", "x::y", "[", "]", "new\nline", "tab\there", "quote\"'", "ünïcödé", "日本", "", "-k", "back\\slash", "%s"]
last = {}


@pytest.mark.parametrize("text", ODD)
def test_odd(text):
    if text == "日本":
        last["value"] = text
    if text == "-k":
        assert not last
