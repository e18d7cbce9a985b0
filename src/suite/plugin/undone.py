"""Which imports of a test can be undone in a process that goes on, so that a later test imports the same modules as if
they had never been loaded.

Compiled by look.py for a survey, which passes in the definitions of walk.py as `walk`. Only modules of the suite's own
in Python are: their code runs again. A class among what they define must not be known to a class elsewhere, which
would go on to list it. Nothing is imported here, and no object's code runs.
"""

import os
import sys

walk = globals()["walk"]
attributes, loaded_module, absent, text_in = [
    walk[name] for name in ("attributes", "loaded_module", "absent", "text_in")
]
is_class, is_heap, module_of, namespace_of = [
    walk[name] for name in ("is_class", "is_heap", "module_of", "namespace_of")
]
bases_of = type.__dict__["__bases__"].__get__
SOURCE_LOADER = sys.modules["_frozen_importlib_external"].SourceFileLoader
LIBRARY = os.path.dirname(os.__file__)


def can_be_undone(differences):
    """Whether all modules that differ are new ones whose import can be undone."""
    new = [each for each in differences if each.kind == "module"]
    if not new:
        return True
    names = {each.key for each in new}
    return all([each.value is absent and is_own(attributes(loaded_module(each.key)), names) for each in new])


def is_own(names, new):
    """Whether a module with these names is one of the suite's own, in Python, and unknown to classes elsewhere."""
    if names is None or type(names.get("__loader__")) is not SOURCE_LOADER:
        return False
    file = text_in(names, "__file__")
    if file is None or file.startswith(LIBRARY) or "site-packages" in file:
        return False
    return all([are_known_to(each, new) for each in classes_in(names, new)])


def classes_in(names, new):
    """The classes of these modules under these names, and those within them."""
    found, waiting = [], [names]
    while waiting:
        for value in list(dict.values(waiting.pop())):
            if is_class(value) and module_of(value) in new and not any([value is each for each in found]):
                found.append(value)
                waiting.append(dict(namespace_of(value)))
    return found


def are_known_to(value, new):
    """Whether only these modules, and builtin classes, know of a class as a subclass."""
    return all([not is_heap(base) or module_of(base) in new for base in bases_of(value)])
