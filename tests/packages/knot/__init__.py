"""A small package in which orders matter, for the tests of `taster package`."""
