"""The steps that take more than one statement. Apart from their purpose they leave nothing that module code could see:
no module is loaded for them.

Runs with the definitions of the files before it in its namespace.
"""

import posix
import sys

EXTERNAL = sys.modules.get("_frozen_importlib_external")
if PY2:
    import imp
    import marshal


def set_variable(name, value):
    """Sets a variable of `os.environ`, or takes it out if the value is None. `os` reads its variables from
    `posix.environ` when it is loaded."""
    os = sys.modules.get("os")
    if os is not None:
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
        return
    name, value = [text if PY2 or text is None else text.encode("utf-8", "surrogateescape") for text in (name, value)]
    if value is not None:
        posix.putenv(name, value)
        posix.environ[name] = value
    elif posix.environ.pop(name, None) is not None:
        posix.unsetenv(name)


def variable(name):
    """A variable of `os.environ`, or None."""
    os = sys.modules.get("os")
    if os is not None:
        return os.environ.get(name)
    value = posix.environ.get(name if PY2 else name.encode("ascii"))
    return value if PY2 or value is None else value.decode("utf-8", "surrogateescape")


def imported(names):
    """The modules with these names in `sys.modules`, by name."""
    return dict([(name, sys.modules[name]) for name in names if name in sys.modules])


def names_in(code):
    """The names that code looks up, and the code in it."""
    names = set(code.co_names)
    for constant in code.co_consts:
        if type(constant) is type(code):
            names.update(names_in(constant))
    return names


def holds(code):
    """Whether an expression is true. Its names stand for loaded modules and for builtins."""
    namespace = imported(names_in(code))
    namespace["__builtins__"] = builtins
    return bool(eval(code, namespace))


def values_of(paths):
    """The values of dotted names that begin with a loaded module, in words. Attributes may run code, so a copy of this
    process looks them up."""
    return native(in_a_copy(lambda: encoded("".join([value_of(path) for path in paths])) or b" ") or b" ").rstrip()


def value_of(path):
    try:
        found = sys.modules[path[0]]
        for name in path[1:]:
            found = getattr(found, name)
        if is_module(found):
            return ""
        return "%s = %s, " % (".".join(path), short_text(found))
    except:  # noqa: E722 (the expression did without it, or the outcome says why it could not)
        return ""


def compile_file(path, invalidation):
    """Writes the bytecode of a source, as `py_compile` does, and raises what compiling it raises."""
    if PY2:
        return compile_beside(path)
    target = EXTERNAL.cache_from_source(path)
    must_be_replaceable(target)
    loader = EXTERNAL.SourceFileLoader("<py_compile>", path)
    source = loader.get_data(path)
    code = loader.source_to_code(source, path)
    make_directories(target.rpartition("/")[0])
    if invalidation == b"timestamp":
        stats = loader.path_stats(path)
        pack = EXTERNAL._code_to_timestamp_pyc if sys.version_info >= (3, 7) else EXTERNAL._code_to_bytecode
        data = pack(code, stats["mtime"], stats["size"])
    elif sys.version_info >= (3, 7):
        magic = int.from_bytes(EXTERNAL.MAGIC_NUMBER, "little")
        digest = EXTERNAL._imp.source_hash(magic, source)
        data = EXTERNAL._code_to_hash_pyc(code, digest, invalidation == b"checked-hash")
    else:
        raise AttributeError("module 'py_compile' has no attribute 'PycInvalidationMode'")
    EXTERNAL._write_atomic(target, data, EXTERNAL._calc_mode(path))


def must_be_replaceable(target):
    """`py_compile` replaces neither a link nor anything that is no file."""
    try:
        mode = posix.lstat(target).st_mode
    except OSError:
        return
    kind = mode & 0o170000
    if kind != 0o100000:
        what = "is a symlink" if kind == 0o120000 else "is a non-regular file"
        raise FileExistsError("%s %s and will be changed into a regular file" % (target, what))  # noqa: F821 (3.3 and later)


def make_directories(path):
    try:
        posix.mkdir(path)
    except FileNotFoundError:  # noqa: F821 (3.3 and later)
        make_directories(path.rpartition("/")[0])
        posix.mkdir(path)
    except FileExistsError:  # noqa: F821
        pass


def compile_beside(path):
    """2.7 writes the magic number, the source's second and the code beside the source, and knows no other way."""
    with open(path, "U") as file:
        second = int(posix.fstat(file.fileno()).st_mtime) & 0xFFFFFFFF
        source = file.read()
    code = compile(source if source[-1:] == "\n" else source + "\n", path, "exec", 0, True)
    header = imp.get_magic() + "".join([chr(second >> shift & 0xFF) for shift in (0, 8, 16, 24)])
    with open(path + "c", "wb") as file:
        file.write(header + marshal.dumps(code))


def recording(action):
    """Runs a step, and keeps the categories of the warnings that it issues, whatever the filters say."""
    import warnings

    with warnings.catch_warnings(record=True) as issued:
        warnings.simplefilter("always")
        try:
            action.act()
        finally:
            action.result = [warning.category for warning in issued]
