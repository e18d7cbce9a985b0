"""A module that only one test imports."""
