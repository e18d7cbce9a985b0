"""The plugins that come along; a plugin directory of the user's may be put on `__path__`."""
