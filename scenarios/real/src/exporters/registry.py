"""The formats by name, and the loader of the plugins."""

import importlib
import pkgutil

_FORMATS = {}
_loaded = False


def register(name, exporter):
    if name in _FORMATS:
        raise ValueError("the format %r is registered twice" % name)
    _FORMATS[name] = exporter


def formats():
    """The names of the known formats, sorted."""
    return sorted(_FORMATS)


def load_all():
    """Imports every plugin, once."""
    global _loaded
    if _loaded:
        return
    import exporters.plugins

    for _, name, _ in pkgutil.iter_modules(exporters.plugins.__path__, "exporters.plugins."):
        importlib.import_module(name)
    _loaded = True
