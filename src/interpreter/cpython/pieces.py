"""Pieces of state by their addresses: what they hold, and putting one back.

An address says where a piece is, as Python code does: `builtins._`, `warnings.filters`, `decimal.getcontext().prec`.
Pieces are what differs from the contents of modules of the library when they were loaded, attributes of modules and
classes of the ordering, and settings. Runs with the definitions of the files before it in its namespace.
"""

MOST_PARTS = 1000
ABSENT = "absent"


# Entries of dicts, attributes of modules and classes, and contents of lists and sets.


class Piece(object):
    """A piece of state: an entry of what holds it or, without a key, all that it holds."""

    def __init__(self, address, letter, holder, key=None):
        self.address, self.letter, self.holder, self.key = address, letter, holder, key

    def entries(self):
        if self.letter == b"D":
            return self.holder
        return namespace_of(self.holder) if self.letter == b"T" else attributes_of(self.holder)

    def value(self):
        """What it holds, or the class itself where there is nothing."""
        if self.letter in (b"L", b"S"):
            return self.holder
        return self.entries().get(self.key, Piece)

    def put(self, value):
        if self.letter == b"L":
            self.holder[:] = value
        elif self.letter == b"S":
            self.holder.clear()
            self.holder.update(value)
        elif self.letter == b"T":
            if value is Piece:
                type.__delattr__(self.holder, self.key)
            else:
                type.__setattr__(self.holder, self.key, value)
        elif value is Piece:
            del self.entries()[self.key]
        else:
            self.entries()[self.key] = value


def address_of(where, letter, key):
    return where + "." + key if letter != b"D" and type(key) is str else "%s[%r]" % (where, key)


def contents_then(baseline):
    """What holds values, with the values when it was loaded; `builtins` under its own name, and not as what modules hold.

    The list of filters is the same in both modules of warnings, and people know it by the name of one."""
    for where, letter, value, keys, ids, held in baseline.contents_then():
        where = "warnings.filters" if where == "_warnings.filters" else where
        if letter == b"D" and value is builtins.__dict__:
            where, letter, value = builtins.__name__, b"I", builtins
        yield where, letter, value, keys, ids, held


def pieces_of_library(baseline):
    """What differs from the contents of library modules when they were loaded, with what was there then.

    A list whose name has another object by now is not what people find under its address."""
    pieces = list(differing_from_library(baseline))
    rebound = set([piece.address for piece, _ in pieces if piece.letter not in (b"L", b"S")])
    return [each for each in pieces if each[0].letter not in (b"L", b"S") or each[0].address not in rebound]


def differing_from_library(baseline):
    for where, letter, value, keys, ids, held in contents_then(baseline):
        if letter in (b"L", b"S"):
            if (list(map(id, value)) != ids) if letter == b"L" else (set(map(id, value)) != ids):
                yield Piece(where, letter, value), list(held)
        elif letter in (b"D", b"I", b"T"):
            try:
                own = held_by(letter, value)
            except Unmergeable:
                continue
            if len(own) == len(keys) and list(map(id, own.values())) == ids:
                continue
            for piece, then in changed_entries(where, letter, value, (own, held)):
                yield piece, then


def changed_entries(where, letter, value, contents):
    own, held = contents
    then = dict([(key, item) for key, item in held if id(type(key)) in PLAIN])
    for key in set(then) | set([key for key in own if id(type(key)) in PLAIN]):
        if (
            then.get(key, Piece) is own.get(key, Piece)
            or key in ABC_CACHES
            or key in ("__builtins__", "__warningregistry__")
        ):
            continue
        if "%s.%s" % (where, key) not in LEFT_OUT:
            yield Piece(address_of(where, letter, key), letter, value, key), then.get(key, Piece)


def pieces_of_ordering(baseline):
    """Attributes of the ordering's modules, and of the classes that these define."""
    at_start = baseline.modules
    names = [name for name in modules if type(name) is str and at_start.get(name, Piece) is not modules[name]]
    for name in sorted(names):
        module = modules[name]
        own = dict_of(module) if is_module(module) else None
        if own is None or not baseline.is_from_ordering(own):
            continue
        for key in sorted([key for key in own if type(key) is str]):
            if key[:2] == "__" and key != "__warningregistry__":
                continue
            value = own[key]
            yield Piece(name + "." + key, b"I", module, key)
            if is_class(value) and is_heap(value) and module_of(value) == own.get("__name__"):
                for attribute in sorted(
                    [each for each in namespace_of(value) if type(each) is str and each[:2] != "__"]
                ):
                    yield Piece("%s.%s.%s" % (name, key, attribute), b"T", value, attribute)


# What they hold, as text


def told_pieces():
    """Address, shown text and literal of every piece but settings, and both of what it was when its module was loaded."""
    baseline = State.baseline
    told = []
    if State.acted or needs_all(baseline):
        for piece, then in pieces_of_library(baseline):
            if not is_module(piece.value()):
                told.append((piece.address,) + told_value(piece.value()) + told_value(then))
    for piece in pieces_of_ordering(baseline):
        if piece.letter == b"T" or piece.key == "__warningregistry__":
            told.append((piece.address,) + told_value(piece.value()) + (ABSENT, ""))
    return told


def told_value(value):
    return (ABSENT, "") if value is Piece else (short_text(value), literal_of(value))


def shown_setting(value):
    """The state of a generator of random numbers by what tells it from others."""
    if type(value) is tuple and len(value) == 2 and type(value[0]) is tuple:
        return "number %d of the state that begins with %d" % (value[0][-1], value[0][1])
    return short_text(value)


# Putting back


class Kept(object):
    """A value and what it held, down to some depth: put back in place, so that all who have it see it."""

    def __init__(self, value, depth=DEEPEST):
        self.value, self.parts = value, None
        kind = type(value)
        if not depth or is_module(value) or is_class(value):
            return
        if (kind is list or kind is dict or kind is set) and len(value) > MOST_PARTS:
            return
        if kind is list:
            self.parts = [Kept(item, depth - 1) for item in value]
        elif kind is dict:
            self.parts = [(key, Kept(item, depth - 1)) for key, item in value.items()]
        elif kind is set:
            self.parts = list(value)
        elif is_heap(kind) and dict_of(value) is not None:
            self.parts = [(key, Kept(item, depth - 1)) for key, item in dict_of(value).items()]

    def again(self):
        kind, value = type(self.value), self.value
        if self.parts is None:
            return value
        if kind is list:
            value[:] = [part.again() for part in self.parts]
        elif kind is set:
            value.clear()
            value.update(self.parts)
        else:
            own = value if kind is dict else dict_of(value)
            parts = [(key, part.again()) for key, part in self.parts]
            own.clear()
            own.update(parts)
        return value


def remember():
    """Keeps what all pieces hold now, and which modules there are, so that one can be put back later in this process."""
    State.remembered = dict([(piece.address, Kept(piece.value())) for piece in pieces_of_ordering(State.baseline)])
    State.remembered_modules = dict(modules)
    for piece, _ in pieces_of_library(State.baseline):
        State.remembered[piece.address] = Kept(piece.value())


def restore(address, literal=None):
    """Gives a piece the value of a literal; without one, what it held when it was remembered or, of the library, loaded."""
    for name, known, _, write in SETTINGS:
        if known == address:
            return write(own_of(name), value_of(literal))
    if address.startswith("sys.modules['"):
        name = value_of(address[len("sys.modules[") : -1])
        modules[name] = State.remembered_modules[name]
        return None
    address = address.replace("$", State.root)
    piece, then = found_piece(address)
    if literal is not None:
        value = value_of(literal)
    elif address in State.remembered:
        value = State.remembered[address].again()
    elif then is Piece and State.remembered and not was_there(address):
        raise LookupError("nobody has seen %s before" % address)
    else:
        value = then
    State.baseline.written.clear()
    piece.put(value)
    if address.startswith("warnings."):
        changed = dict_of(modules["warnings"]).get("_filters_mutated")
        if changed is not None:
            changed()


def was_there(address):
    """Whether the module or class was remembered, so that it did not have this attribute."""
    holder = address.rpartition(".")[0]
    return any([known.rpartition(".")[0] == holder for known in State.remembered])


def restore_variable(environ, name):
    """Gives an environment variable what it was at the start."""
    value = State.environment.get(encoded(name))
    if value is None:
        environ.pop(name)
    else:
        environ[name] = native(value)


def found_piece(address):
    """The piece at an address, which may hold nothing now, and what was there when its module was loaded."""
    for piece, then in pieces_of_library(State.baseline):
        if piece.address == address:
            return piece, then
    for piece in pieces_of_ordering(State.baseline):
        if piece.address == address:
            return piece, Piece
    for where, letter, value, _, _, held in contents_then(State.baseline):
        if not address.startswith(where):
            continue
        if letter in (b"L", b"S") and address == where:
            return Piece(address, letter, value), list(held)
        rest = address[len(where) :]
        if letter == b"D" and rest[:1] == "[" and rest[-1:] == "]":
            return Piece(address, letter, value, value_of(rest[1:-1])), Piece
        if letter in (b"I", b"T") and rest[:1] == "." and "." not in rest[1:]:
            return Piece(address, letter, value, rest[1:]), Piece
    name, _, key = address.rpartition(".")
    if name in modules:
        return Piece(address, b"I", modules[name], key), Piece
    raise LookupError(address)
