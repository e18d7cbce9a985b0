"""The agent: performs taster's steps in an interpreter, and keeps states as forked copies of it.

This file and the files before it are for CPython 2.7 and 3.6 to 3.14. Each runs in a namespace of its own, with its
own copy of the builtins, the definitions of the files before it, and references to everything that it uses, so that
module code cannot take anything away from it. They leave nothing that module code could see, except the functions
that import_hooks.py replaces.

Processes: the one that taster starts becomes the *watcher* (processes.py). Its child is the *zygote*, which never
performs a step. A session begins as a copy of it, and the next one when that has ended. Every kept state is a process
that waits for its one child; only the last one reads commands.
"""

import gc
import posix
import sys


def flush():
    """Flushes the interpreter's own streams, but not those that module code puts in their places."""
    for flush_stream in State.flushes:
        try:
            flush_stream()
        except (ValueError, OSError, IOError):
            pass


def step(arguments, inline):
    """Performs the step of a command, and answers. Touches little memory: a copy must copy what it writes to."""
    seconds, nanos, generation, flags, which = arguments.split()
    if ACTS in flags:
        State.acted = True
    acted = State.acted
    State.now = int(seconds) + 1e-9 * int(nanos)
    if acted or generation != State.generation:
        return_to_directory(generation)
    kind, first, second, line = perform(Action(inline) if which == b"-" else State.actions[int(which)])
    State.now = None
    if acted:
        settle()
    if PY2:
        try:
            State.baseline.learn_new_library()
        except Exception:  # the step's code has put something else in the place of `sys.modules`
            State.acted = True
    if kind != PASSED or FINGERPRINT in flags:
        answer = [State.name, kind, shown(first) if first else b"", shown(second) if second else b"", line]
        if FINGERPRINT in flags:
            answer.extend(fingerprint())
        send(RESULT, join(answer))
    else:
        send(RESULT, State.passed)


def settle():
    """Completes whatever the step's code left half done in the process."""
    flush()
    if getpid() != State.pid:
        exit_now(0)  # a child that the step's code forked, and which came back from the step
    try:
        State.directory = getcwd()
    except OSError:
        State.directory = None


class Look(object):
    """A look at a state. The step is done; if the look takes long, taster receives a sign of life."""

    began = None

    def goes_on(self):
        if self.began is None:
            self.began = times()[4]
            send(LOOKING, State.name)
        elif times()[4] - self.began > LONGEST_LOOK:
            raise Unmergeable("a state that takes too long to digest")


def fingerprint():
    """Whether the state can be compared with others; if so, its digest without the finders' times, and those times."""
    if State.hooked:
        return [b"0", b"an audit hook"]
    was = silence()
    try:
        digest = StateDigest(State.baseline, Look().goes_on)
        finders = digest.state(State.acted or needs_all(State.baseline), State.directory)
        parts = [b"1", b"".join(digest.parts)]
        if len(parts[1]) > LONGEST // 2:
            return [b"0", b"a state that is too large to send"]
        for path, listed in finders:
            parts.append(path)
            parts.append(encoded(repr(listed)))
        return parts
    except:  # noqa: E722 (module code can put anything anywhere)
        failed, raised = exc_info()[:2]
        return [b"0", shown("%s: %s" % (class_names(failed)[0], message_of(raised)))]
    finally:
        listen(was)


def return_to_directory(generation):
    """Returns by name: the working directory may have been removed and created again meanwhile."""
    if State.directory is not None and (State.generation != generation or State.directory != State.root):
        try:
            chdir(State.directory)
        except OSError:
            pass
    State.generation = generation


def end_of(pid, handler):
    """Waits for the child, and reports how it ended unless taster knows."""
    status = wait_for(pid, handler)
    try:
        kill(-pid, SIGKILL)  # what module code has forked from it
    except OSError:
        pass
    if status != TOLD << 8:
        send(ENDED, join([State.name, number(status)]))


def become_copy():
    setpgid(0, 0)
    State.pid = getpid()
    State.name = b"%d" % State.pid
    State.passed = b"%d:%d1:%s0:0:0:" % (len(State.name), State.pid, PASSED)


def serve():
    """Reads commands until this process ends."""
    while True:
        kind, arguments, more = receive_command()
        if kind == ASCEND:
            exit_now(TOLD)
        elif kind == STEP:
            step(arguments, more)
        elif kind == INSPECT:
            inspect()
        elif kind == REST:
            send(RESTED, b"")
        elif kind == STEP_IN_A_COPY or kind == COPY or kind == BEGIN:
            if kind == BEGIN:
                State.secret = split(more)[0]
            try:
                handler, pid = fork_off()
            except Exception:  # a limit of the step's code
                send(ENDED, join([State.name, number(LOST << 8)]))
                continue
            if pid:
                end_of(pid, handler)
                continue
            become_copy()
            if kind == STEP_IN_A_COPY:
                step(arguments, more)
            else:
                if kind == BEGIN:
                    begin(split(more))
                send(COPIED, State.name)
        else:
            exit_now(LOST)


def clean_up(before, directory):
    """Leaves the interpreter as freshly started, before its first line."""
    for name in list(modules):
        if name not in before or name == "linecache":  # 3.13 loads that for `-c`, and looks for it in the directory
            del modules[name]
    sys.path_importer_cache.pop(directory, None)
    State.main = modules["__main__"]  # 2.7 empties the namespace of a module that nothing refers to
    main = type(sys)("__main__")
    if not PY2:
        main.__builtins__ = builtins
    modules["__main__"] = main
    sys.argv[:] = [""]
    State.real = reach(State.real, State.with_site)
    try:
        __import__("taster_no_such_module")  # the finders of the standard library's directories are there from now on
    except ImportError:
        pass
    if PY2:
        sys.exc_clear()


def main(before, directory):
    """Called by the first line of the process: `before` are the modules of an untouched interpreter."""
    find_lists()
    note_start()
    posix.umask(0o022)
    move_descriptors()
    import importlib

    import warnings

    State.importlib, State.warnings = importlib, warnings
    signal_now(SIGCHLD, SIG_DFL)  # taster may have been started with it ignored
    zygote = fork()
    if zygote:
        watch(zygote)
    posix.setsid()
    State.pid = getpid()
    State.name = number(State.pid)
    State.flushes = [stream.flush for stream in (sys.stdout, sys.stderr) if stream is not None]
    configure()
    if not PY2:
        patch_import_system()
    if hasattr(sys, "addaudithook"):
        patch_audit()
    library = list(sys.path)
    clean_up(before, directory)
    found = installed(State.requires)
    watch_variables()
    State.environment = environment()
    State.baseline = Baseline(State.root, library, State.real)
    State.baseline.start()
    keep_listings()
    keep_settings()
    freeze()
    version = ".".join([str(part) for part in sys.version_info[:3]])
    send(HELLO, join([PROTOCOL, encoded(version), State.name, join(found)]))
    try:
        serve()
    except:  # noqa: E722 (no memory, say)
        pass
    exit_now(LOST)


def configure():
    """Reads the first command: the ordering's directory, and the real code that steps reach."""
    fields = split(receive_command()[2])
    State.secret, State.confined = fields[0], fields[3] == b"1"
    State.root = native(fields[1])
    State.root_prefix = State.root + "/"
    sys.dont_write_bytecode = fields[2] == b"0"
    State.real, State.with_site = [native(path) for path in split(fields[4])], fields[5] == b"1"
    State.requires = [native(name) for name in split(fields[6])]
    chdir(State.root)
    State.directory = State.root


def begin(fields):
    """Makes a copy of the zygote the first process of a session: it learns the steps to come."""
    State.actions = [Action(field) for field in split(fields[1])]
    if not PY2:
        compile_sources(split(fields[2]))
    freeze()


def freeze():
    """Spares the collector what is there, and copies of this process its memory."""
    if hasattr(gc, "freeze"):
        gc.collect()
        gc.freeze()
    note_end_of_start(Guise)


def compile_sources(fields):
    """Compiles sources under their future paths, except those with a warning, which must show at their import."""
    was_there = "warnings" in modules
    warnings = modules.setdefault("warnings", State.warnings)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path, source in zip(fields[::2], fields[1::2]):
            path = State.root_prefix + native(path)
            try:
                State.code[path] = (source, compile(source, path, "exec", 0, True))
            except Exception:
                pass  # it is compiled again when it is imported, and fails then
    if not was_there:
        del modules["warnings"]
