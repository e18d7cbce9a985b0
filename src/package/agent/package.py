"""The agent of `taster package`: imports a package's modules in copies of an interpreter that has imported none of them.

Processes: the one that taster starts becomes the *watcher* (processes.py). Its child, the *zygote*, imports nothing of the
package. For each question it forks a copy that imports one module, and that one forks copies that import a second. A copy
answers through a pipe to whoever forked it, who waits for it as long as an import may take, and no longer. For CPython 3.6
and later. Runs with the definitions of all files before it in its namespace.
"""

import gc
import sys


def as_imported(name):
    """Imports a module as a step's own code does."""
    State.own = False
    try:
        return import_outcome(name)
    finally:
        State.own = True


def digests_as_text(digests):
    return encoded("\n".join(["%s=%d" % item for item in sorted(digests.items())]))


def performed(names, wanted):
    """Imports modules one after the other; what the last came to, what is loaded, and the cells of the wanted modules."""
    for name in names[:-1]:
        as_imported(name)
    began = times()[4]
    fields = as_imported(names[-1])
    fields.append(number(int(1000 * (times()[4] - began))))
    loaded = Package.look.modules()
    fields.append(digests_as_text(Package.look.digests(loaded)))
    fields.append(encoded("\n".join(Package.look.unbound(loaded))))
    fields.append(encoded("\n".join(sorted(library_modules()))))
    for module in wanted:
        for key, text in Package.look.texts(module):
            fields.extend([encoded(module), encoded(key), shown(text)])
    return join(fields)


def library_modules():
    """The modules of the standard library that are loaded and were not at the start."""
    place = (dict_of(modules.get("os")) or {}).get("__file__") or ""
    prefix = place.rpartition("/")[0] + "/"
    found = []
    for name in list(modules):
        own = dict_of(modules.get(name)) if type(name) is str and name not in Package.at_start else None
        file = (own or {}).get("__file__")
        if type(file) is str and file.startswith(prefix) and "-packages/" not in file:
            found.append(name)
    return found


def perform_question(fields):
    """Answers with a letter (none if the copy came back) and what the copy told."""
    parted = fields.index(b"")
    names, wanted = [native(field) for field in fields[:parted]], [native(field) for field in fields[parted + 1 :]]
    letter, data = in_a_timed_copy(lambda: performed(names, wanted))
    send(ANSWER, join([letter, data]))


def known_question(fields):
    """What each module came to alone; cells that differ between equal runs come first."""
    masked = native(fields[0]).split("\n")
    Package.look.masked = frozenset([tuple(cell.split(":")) for cell in masked if cell])
    Package.names = [native(field) for field in fields[1::5]]
    known = []
    for letter, exception, digests, unbound in zip(fields[2::5], fields[3::5], fields[4::5], fields[5::5]):
        pairs = [line.split("=") for line in native(digests).split("\n") if line]
        known.append((letter, exception, dict([(name, int(digest)) for name, digest in pairs]), lines_of(unbound)))
    Package.known = known
    send(ANSWER, join([b""]))


def lines_of(field):
    return frozenset([line for line in native(field).split("\n") if line])


def after_question(fields):
    """Imports one module in a copy, then each other module in a copy of that copy. The copy answers itself, once for each
    that it tried; then the zygote says how it ended."""
    name, wanted = native(fields[0]), [int(field) for field in fields[1:]]
    known = names_there()
    handler, pid = fork_off()
    if not pid:
        try:
            setpgid(0, 0)
            State.pid = getpid()
            all_after(name, wanted)
        except BaseException:
            exit_now(LOST)
        exit_now(TOLD)
    status = wait_for(pid, handler)
    try:
        kill(-pid, SIGKILL)
    except OSError:
        pass
    remove_new(known)
    send(ANSWER, join([b"end", number(status)]))


def all_after(name, wanted):
    as_imported(name)
    flush_own()
    look, table = Package.look, modules
    here = look.digests(look.modules(), is_last=False)
    spare_memory()
    for index in wanted:
        letter, exception, digests, unbound = Package.known[index]
        other = Package.names[index]
        if is_loaded(other, table):
            # `sys.modules` answers, and no code runs: what is there now is what is there then.
            found = [] if letter != PASSED else differing(digests, unbound, here)
            fields = [PASSED, b"", b"", b"", b"", b"0"]
            how = b"loaded"
        else:
            told, data = in_a_timed_copy(lambda: after_import(other, digests, unbound))
            parts = split(data) if not told else [told, data, b"", b"", b"", b"0", b""]
            fields, found = parts[:6], lines_in_order(parts[6])
            how = b"run"
        same = fields[0] == letter and fields[1] == exception and not (found and letter == PASSED)
        send(ANSWER, join([b"same" if same else b"other", number(index), how] + fields + [encoded("\n".join(found))]))


def spare_memory():
    """What is there now need not be looked through, and so copied, by the collector of every copy."""
    if hasattr(gc, "freeze"):
        gc.freeze()


def lines_in_order(field):
    return [line for line in native(field).split("\n") if line]


def is_loaded(name, table):
    """Whether importing it finds it and all its parents in `sys.modules`."""
    while name:
        if table.get(name) is None:
            return False
        name = name.rpartition(".")[0]
    return True


def after_import(name, digests, unbound):
    fields = as_imported(name)
    found = []
    if fields[0] == PASSED:
        look = Package.look
        loaded = [each for each in look.modules() if each in digests]
        found = differing(digests, unbound, look.digests(loaded))
    return join(fields + [b"0", encoded("\n".join(found))])


def differing(digests, unbound, here):
    """What is otherwise than alone: modules that hold something else, that are not loaded, that are not bound."""
    found = []
    for name, digest in digests.items():
        if name not in here:
            found.append("-" + name)
        elif here[name] != digest:
            found.append("%s=%d" % (name, here[name]))
    loaded = [name for name in digests if name in here]
    found.extend(["!" + name for name in Package.look.unbound(loaded) if name not in unbound])
    return sorted(found)


def list_question(fields):
    letter, data = in_a_timed_copy(lambda: join(listed(native(fields[0]))))
    send(ANSWER, join([letter, data]))


QUESTIONS = {b"list": list_question, b"perform": perform_question, b"known": known_question, b"after": after_question}


def freeze_times():
    """Every directory looks as if it had never changed, as on the coarsest clock."""
    external, stat_result = modules["_frozen_importlib_external"], posix.stat_result

    def _path_stat(path):
        found = stat(path)
        if found.st_mode & 0o170000 == 0o040000:
            return stat_result(tuple(found), {"st_mtime": 1.0})
        return found

    external._path_stat = _path_stat


def forget_bytecode(places):
    """Sources of the package are compiled from their text, whatever bytecode lies beside them."""
    external = modules["_frozen_importlib_external"]
    cache_from_source = external.cache_from_source
    prefixes = tuple([place + "/" for place in places])

    def without(path, *arguments, **options):
        if str(path).startswith(prefixes):
            raise NotImplementedError("taster imports this package without bytecode")
        return cache_from_source(path, *arguments, **options)

    external.cache_from_source = without


def clean_up_modules(before, directory):
    """Leaves the interpreter as freshly started."""
    for name in list(modules):
        if name not in before or name == "linecache":
            del modules[name]
    sys.path_importer_cache.pop(directory, None)
    State.main = modules["__main__"]
    main_module = type(sys)("__main__")
    main_module.__builtins__ = builtins
    modules["__main__"] = main_module
    sys.argv[:] = [""]
    try:
        __import__("taster_no_such_module")
    except ImportError:
        pass


def main(before, directory):
    """Called by the first line of the process: `before` are the modules of an untouched interpreter."""
    find_lists()
    posix.umask(0o022)
    move_descriptors()
    import select

    Package.select = select
    signal_now(SIGCHLD, SIG_DFL)
    zygote = fork()
    if zygote:
        watch(zygote)
    posix.setsid()
    State.pid = getpid()
    State.name = number(State.pid)
    State.flushes = [stream.flush for stream in (sys.stdout, sys.stderr) if stream is not None]
    warm = configure_package()
    clean_up_modules(before, directory)
    Package.at_start = frozenset(modules)
    for name in warm:
        as_imported(name)
    if warm:
        spare_memory()
    version = ".".join([str(part) for part in sys.version_info[:3]])
    send(HELLO, join([PROTOCOL, encoded(version), State.name]))
    try:
        while True:
            fields = split(receive_command()[2])
            QUESTIONS[fields[0]](fields[1:])
    except BaseException:
        exit_now(LOST)


def configure_package():
    """Reads the first command: secret, directory, whether confined, package, seconds, conditions, its directories, modules
    of the standard library to import at once, then directories for `sys.path`. Returns those modules."""
    fields = split(receive_command()[2])
    State.secret, State.confined = fields[0], fields[2] == b"1"
    State.root = native(fields[1])
    State.root_prefix = State.root + "/"
    Package.look = PackageLook(native(fields[3]), modules)
    Package.seconds = int(fields[4]) / 1000.0
    conditions = native(fields[5]).split(",")
    sys.dont_write_bytecode = True
    if "frozen" in conditions:
        freeze_times()
    if "without-bytecode" in conditions:
        forget_bytecode(lines_in_order(fields[6]))
    sys.path[:0] = [native(field) for field in fields[8:]]
    chdir(State.root)
    State.directory = State.root
    return lines_in_order(fields[7])
