"""A package with a part that has to be asked for."""
