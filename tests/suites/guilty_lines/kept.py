"""State of a package, and functions that change it."""

import functools

mode = "plain"
table = {}
names = []
registered = []
ready = []


class Settings:
    level = 1


def set_mode(value):
    global mode
    mode = value  # guilty: test_mode_is_plain


def from_a_thread():
    table["thread"] = 1  # guilty: test_no_thread_was_there


def each(function, *values):
    for value in values:
        function(value)  # guilty: test_names_are_empty


@functools.lru_cache(maxsize=None)
def doubled(number):
    return number * 2
