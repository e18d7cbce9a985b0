"""Values as Python source, where they have one: what a report can say and a repair can put back.

Runs with the definitions of the files before it in its namespace.
"""

LONGEST_LITERAL = 20000
ROOT_MARK = "\x01"  # stands for the ordering's directory in a literal


def is_literal(value, depth=DEEPEST):
    kind = type(value)
    if is_class(value):
        return is_builtin_class(value)
    if kind is float:
        return value == value and value not in (1e999, -1e999)
    if kind is tuple or kind is list:
        return depth > 0 and all([is_literal(item, depth - 1) for item in value])
    if kind is dict:
        return depth > 0 and all([is_literal(item, depth - 1) for pair in value.items() for item in pair])
    if kind is set:
        return not PY2 and len(value) > 0 and depth > 0 and all([id(type(item)) in PLAIN for item in value])
    return id(kind) in PLAIN and value is not Ellipsis and value is not NotImplemented


def literal_of(value):
    """The value as Python source, or an empty text if it has none of a reasonable length."""
    text = source_of(value) if is_literal(value) else ""
    text = text.replace(State.root, ROOT_MARK)
    return text if len(text) <= LONGEST_LITERAL else ""


def is_builtin_class(value):
    return type(value) is type and builtins.__dict__.get(value.__name__) is value


def source_of(value):
    """A literal as `repr` writes it, with classes of `builtins` by their names."""
    kind = type(value)
    if is_class(value):
        return value.__name__
    if kind is tuple:
        items = [source_of(item) for item in value]
        return "(%s%s)" % (", ".join(items), "," if len(items) == 1 else "")
    if kind is list:
        return "[%s]" % ", ".join([source_of(item) for item in value])
    if kind is dict:
        return "{%s}" % ", ".join(["%s: %s" % (source_of(key), source_of(item)) for key, item in value.items()])
    return repr(value)


def value_of(literal):
    names = dict([(name, value) for name, value in builtins.__dict__.items() if is_class(value)])
    names.update(LITERALS)
    return eval(literal.replace(ROOT_MARK, State.root), {"__builtins__": names})
