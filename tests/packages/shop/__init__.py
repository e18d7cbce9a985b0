"""A small shop whose modules depend on who imports them first: the example of docs/package.md."""
