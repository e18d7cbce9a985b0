"""Variables of the context that tests run in (`contextvars`), as cells.

Compiled by look.py, which passes in the definitions of walk.py as `walk`, and the class of cells as `Cell`. As in
walk.py, no object's code runs: a context and its variables are of the interpreter's own classes, from 3.7 on.
"""

import sys

walk, Cell, CannotPutBack = globals()["walk"], globals()["Cell"], globals()["CannotPutBack"]
absent, attributes, shown, PLAIN = walk["absent"], walk["attributes"], walk["shown"], walk["PLAIN"]
# The variable of `decimal`, which has a cell of its own.
DECIMAL = "decimal_context"


def variables():
    """The variables that have a value, with these, and the class of contexts."""
    current = (attributes(dict.get(sys.modules, "_contextvars")) or {}).get("copy_context")
    if type(current) is not walk["BUILTIN"]:
        return [], None
    context = current()
    return list(type(context).items(context)), type(context)


def variable_cells(cells):
    """Each under its name, unless several have it: a walk finds most of these where they are held."""
    found, kind = variables()
    names = [variable.name for variable, _ in found]
    for variable, value in found:
        name = "ContextVar(%r)" % variable.name
        if variable.name != DECIMAL and names.count(variable.name) == 1:
            more = {"without": "not set", "by_identity": id(type(value)) not in PLAIN, "home": "contextvars"}
            cells[name] = Cell("process", name, shown(value), value, into_context(variable, kind), **more)


def of_decimal(own, get):
    """The context of `decimal`, of whose C code `own` has the names. To ask for it would make it, for good."""
    found, kind = variables()
    made = [value for variable, value in found if variable.name == DECIMAL]
    return get() if kind is None else made[0] if made else own.get("DefaultContext")


def into_context(variable, kind):
    def put(value):
        if value is absent:
            try:
                value = kind().run(variable.get)
            except LookupError:
                raise CannotPutBack("a variable of a context that has no default cannot be emptied")
        variable.set(value)

    return put
