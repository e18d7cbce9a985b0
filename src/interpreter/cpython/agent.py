"""The agent: performs taster's steps in an interpreter, and keeps states as forked copies of it.

One file for CPython 2.7 and 3.6 to 3.13. It runs in a namespace of its own, with its own copy of the builtins and
references to all that it uses, so that no module code can take anything away from it; and it leaves nothing behind
that module code could see, but for the functions that it replaces (see `patch_import_system` and `patch_audit`).

Processes: the one that taster starts becomes the *watcher*, which ends all others when taster ends. Its child is the
*zygote*, which never performs a step. Every kept state is a process that waits for its one child; only the last
one reads commands. A frame is a letter, ten digits, a colon, the session's secret, and so many bytes, which hold fields,
each its length in decimal, a colon, and its bytes. A command has its arguments instead of the secret, in a fixed length.
"""

import sys

PROTOCOL = b"3"
COMMAND = 80  # bytes of a command without what follows its arguments
PY2 = sys.version_info[0] == 2

# Held here, since module code may replace what the modules offer.
if PY2:
    import __builtin__ as builtins
    import signal
else:
    import builtins
    import _signal as signal
import errno
import gc
import posix

# The longest payload of a frame that taster takes.
LONGEST = 64 << 20
# Seconds after which looking at a state is given up.
LONGEST_LOOK = 20
# Status of a process that can no longer talk to taster.
LOST = 117
# Status of a process that ended because it was told to.
TOLD = 113

read, write, close, dup, dup2 = posix.read, posix.write, posix.close, posix.dup, posix.dup2
waitpid, kill, getpid, exit_now = posix.waitpid, posix.kill, posix.getpid, posix._exit
setpgid, getcwd, chdir, stat = posix.setpgid, posix.getcwd, posix.chdir, posix.stat
SIGKILL = signal.SIGKILL
access, times = posix.access, posix.times
signal_now, getsignal = signal.signal, signal.getsignal
SIGCHLD, SIG_DFL = signal.SIGCHLD, signal.SIG_DFL
exc_info = sys.exc_info
gettrace, settrace, getprofile, setprofile = sys.gettrace, sys.settrace, sys.getprofile, sys.setprofile
get_limit, set_limit = sys.getrecursionlimit, sys.setrecursionlimit
modules = sys.modules
tools = {}
importlib = None
NoneType = type(None)
LITERALS = {"True": True, "False": False, "inf": 1e999, "nan": 1e999 - 1e999}


class State(object):
    """What this process knows of itself."""

    root = None  # the ordering's directory
    root_prefix = None  # the same, with a slash
    pid = 0
    name = b""  # the same, as a field of answers
    passed = b""  # the usual answer
    flushes = ()  # what flushes the interpreter's own streams
    commands = -1
    answers = -1
    secret = b""
    confined = False
    own = True  # whether what runs is the agent's own code, and not a step's
    thread = 0  # the one that the agent runs in
    hooked = False  # whether there is an audit hook, which nobody can look at
    generation = b"0"  # how often the ordering's directory was created anew, as far as this process has seen
    directory = None  # the working directory at the end of the last step; none where it had been deleted
    actions = ()
    main = None
    code = {}  # by path: a source and what it compiles to
    baseline = None
    environment = None  # at the start
    acted = False  # whether code ran that may have changed anything
    now = None  # the step's modification time, as st_mtime has it; none between steps


# Frames


def native(data):
    """The bytes as this version's own `str`."""
    return data if PY2 else data.decode("utf-8", "surrogateescape")


def encoded(text):
    """A `str` or `unicode` as bytes."""
    if isinstance(text, bytes):
        return bytes(text)
    if PY2:
        return text.encode("utf-8")
    return text.encode("utf-8", "backslashreplace")


def number(value):
    return ("%d" % value).encode("ascii")


def receive(size):
    """Exactly so many bytes; the process ends where taster has ended."""
    chunks = []
    while size:
        try:
            chunk = read(State.commands, size)
        except OSError:
            if exc_info()[1].errno == errno.EINTR:
                continue
            exit_now(LOST)
        if not chunk:
            leave()
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)


def receive_command():
    """The letter, the arguments, and what follows them."""
    head = receive(COMMAND)
    more = int(head[1:11])
    return head[:1], head[12:], receive(more) if more else b""


def send(kind, payload):
    if len(payload) > LONGEST:
        exit_now(LOST)
    data = kind + ("%010d:" % len(payload)).encode("ascii") + State.secret + payload
    while data:
        try:
            data = data[write(State.answers, data) :]
        except OSError:
            if exc_info()[1].errno != errno.EINTR:
                exit_now(LOST)


def join(fields):
    parts = []
    for field in fields:
        parts.append(number(len(field)))
        parts.append(b":")
        parts.append(field)
    return b"".join(parts)


def split(payload):
    fields = []
    at = 0
    while at < len(payload):
        colon = payload.index(b":", at)
        end = colon + 1 + int(payload[at:colon])
        fields.append(payload[colon + 1 : end])
        at = end
    return fields


# Actions


class Action(object):
    """A step in the form in which it is performed fastest."""

    def __init__(self, payload):
        self.verb, self.text, self.more, self.check, self.wanted = split(payload)
        self.code = None
        self.name = native(self.more)
        if self.verb in (b"import", b"exec", b"repair"):
            try:
                text = self.text.decode("utf-8")
                self.code = compile(text, "<step>", "exec", 0, True)
            except Exception:
                pass  # it is compiled again as the step, which then fails
        if self.check == b"expect":
            self.wanted = eval(self.wanted.decode("ascii"), {"__builtins__": LITERALS})
        elif self.check == b"raises":
            self.wanted = native(self.wanted)

    def run(self):
        verb = self.verb
        if verb in (b"import", b"exec"):
            code = self.code or compile(self.text.decode("utf-8"), "<step>", "exec", 0, True)
            exec(code, {"__name__": "__main__", "__builtins__": builtins})
        elif verb == b"repair":
            exec(self.code, {"ROOT": State.root, "__builtins__": builtins})
        elif verb == b"sys-path":
            path = State.root + native(self.text)
            sys.path.insert(0 if self.more == b"first" else len(sys.path), path)
        elif verb == b"reload":
            State.baseline.written.pop(self.name, None)
            importlib.reload(sys.modules[self.name])
        elif verb == b"forget":
            if self.name in State.baseline.modules:
                State.acted = True
            if self.name in sys.modules:
                del sys.modules[self.name]
        else:
            importlib.invalidate_caches()


class Guise(object):
    """What a step's code has set for its process, and what would get in the way of the agent's own work."""

    trace = profile = mask = limit = None
    events = ()  # of `sys.monitoring`, by tool


Guise = Guise()  # a function that a class holds would be a method on 2.7


# Signals whose handlers must not run in the agent's own code; 2.7 cannot hold them back.
HELD_BACK = [
    getattr(signal, name)
    for name in "SIGALRM SIGVTALRM SIGPROF SIGHUP SIGINT SIGTERM SIGUSR1 SIGUSR2 SIGIO SIGWINCH SIGCHLD SIGXCPU".split()
    if hasattr(signal, name)
]
sigmask = getattr(signal, "pthread_sigmask", None)
TIMERS = [(signal.ITIMER_REAL, signal.SIGALRM), (signal.ITIMER_VIRTUAL, signal.SIGVTALRM)]
TIMERS.append((signal.ITIMER_PROF, signal.SIGPROF))
setitimer, SIG_IGN = signal.setitimer, signal.SIG_IGN
monitoring = getattr(sys, "monitoring", None)
OWN_LIMIT = get_limit()
TOOLS = range(6)
if monitoring is not None:
    get_tool, get_events, set_events = monitoring.get_tool, monitoring.get_events, monitoring.set_events


def put_on():
    """Gives the process back what the steps' code has set for it."""
    if Guise.limit is not None:
        try:
            set_limit(Guise.limit)
        except Exception:
            pass  # it is lower than the agent's own depth
        Guise.limit = None
    if Guise.mask is not None:
        mask, Guise.mask = Guise.mask, None
        sigmask(signal.SIG_SETMASK, mask)
    for tool, events in Guise.events:
        set_events(tool, events)
    if Guise.profile is not None:
        setprofile(Guise.profile)
    if Guise.trace is not None:
        settrace(Guise.trace)


def perform(action):
    """Runs one action: the letter of its outcome, and two texts that say more."""
    raised = failed = None
    try:
        State.own = False
        put_on()
        action.run()
    except:  # noqa: E722 (2.7 also raises what is no BaseException)
        failed, raised = exc_info()[:2]
    # Of what stands in the way, each raises once at most. No function of Python is called, which would be traced.
    for _ in (1, 2, 3, 4):
        try:
            Guise.trace, Guise.profile = gettrace(), getprofile()
            settrace(None)
            setprofile(None)
            if get_limit() < OWN_LIMIT:
                Guise.limit = get_limit()
                set_limit(OWN_LIMIT)
            if monitoring is not None:
                Guise.events = []
                for tool in TOOLS:
                    if get_tool(tool) is not None:
                        Guise.events.append((tool, get_events(tool)))
                        set_events(tool, 0)
            if "signal" in modules:
                if sigmask is not None and Guise.mask is None:
                    Guise.mask = sigmask(signal.SIG_BLOCK, HELD_BACK)
                # A copy of a process has no timers. They end with their step everywhere.
                for timer, signal_number in TIMERS:
                    if setitimer(timer, 0) != (0.0, 0.0):
                        handler = getsignal(signal_number)
                        if handler is not None:
                            signal_now(signal_number, SIG_IGN)
                            signal_now(signal_number, handler)
            break
        except:  # noqa: E722
            pass
    State.own = True
    try:
        result = judge(action, failed, raised)
    except:  # noqa: E722 (code of the exception's or of the module's own raised where nobody expects it)
        result = b"f", class_names(exc_info()[0])[0], ""
    raised = None
    State.own = True
    if PY2:
        sys.exc_clear()
    return result


def judge(action, failed, raised):
    if failed is not None:
        return judge_exception(action, failed, raised)
    if action.check == b"raises":
        return b"m", "expected %s, nothing was raised" % action.wanted, b""
    if action.check == b"expect":
        return judge_module(action)
    return b"p", b"", b""


def judge_exception(action, failed, raised):
    # An instance of one of 2.7's old-style classes has another type than the exception.
    names = class_names(failed)
    if action.check == b"raises" and action.wanted in names:
        return b"p", b"", b""
    message = message_of(raised)
    if State.confined:
        message += denial(raised)
    return b"f", names[0], message


def class_names(cls):
    """The names of a class and its bases, its own first."""
    if is_class(cls):
        return [class_name(base) for base in mro_of(cls)]
    names = [cls.__name__]
    for base in cls.__bases__:
        names.extend(class_names(base))
    return names


def exact(text):
    """A text as one of the builtin type, whatever methods its own has."""
    if isinstance(text, str):
        return str.__str__(text)
    return text if type(text) is type(u"") else u"%s" % text  # fmt: skip


def message_of(raised):
    """What `str` gives: where that may run code of the exception's own, it does so in a copy of this process."""
    if is_plainly_told(raised):
        return text_of(raised)
    State.own = True
    told = in_a_copy(lambda: told_by_itself(raised))
    State.own = False
    return native(told) if told is not None else "<no message: str() of the exception ended its process>"


def told_by_itself(raised):
    State.own = False
    return encoded(text_of(raised)) or b" "


def is_plainly_told(raised):
    kind = type(raised)
    if id(kind) in OLD_STYLE:
        return False
    for base in mro_of(kind):
        if is_heap(base) and ("__str__" in namespace_of(base) or "__getattribute__" in namespace_of(base)):
            return False
    return all([id(type(each)) in PLAIN for each in namespace_of(BaseException)["args"].__get__(raised)])


def text_of(raised):
    try:
        if PY2:
            try:
                return exact(str(raised))
            except UnicodeError:
                return exact(unicode(raised))  # noqa: F821
        return exact(str(raised))
    except:  # noqa: E722
        return "<no message: str() of the exception raised %s>" % class_names(exc_info()[0])[0]


def denial(raised):
    """What the confinement has to do with an exception, for people; nothing where that is not known."""
    seen = 0
    while raised is not None and seen < 10:
        if [base for base in mro_of(type(raised)) if base is EnvironmentError]:
            said = denied(raised)
            if said:
                return said
        if PY2:
            break
        cause = BaseException.__dict__["__cause__"].__get__(raised)
        raised = cause if cause is not None else BaseException.__dict__["__context__"].__get__(raised)
        seen += 1
    return ""


def denied(raised):
    code = EnvironmentError.errno.__get__(raised)
    if code not in (errno.EACCES, errno.EPERM, errno.EXDEV):
        return ""
    path = EnvironmentError.filename.__get__(raised)
    if path is None:
        return " [perhaps denied by taster: steps are confined, see --unconfined]"
    if type(path) not in (bytes, str, type(u"")):  # fmt: skip
        return ""
    other = getattr(EnvironmentError, "filename2", None)
    for name in (path, other.__get__(raised) if other is not None else None):
        if type(name) in (bytes, str, type(u"")) and is_outside(native_path(name)):  # fmt: skip
            return " [denied by taster: steps write only below their own directory, see --unconfined]"
    return ""


def native_path(name):
    return name if type(name) is str else native(name) if isinstance(name, bytes) else encoded(name)


def is_outside(path):
    """Whether a path lies outside of the ordering's directory, where the system alone would have let one write."""
    if not path.startswith("/"):
        try:
            path = getcwd() + "/" + path
        except OSError:
            return False
    parts = []
    for part in path.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    path = "/" + "/".join(parts)
    if path.startswith(State.root_prefix):
        return False
    return access(path, posix.W_OK) or access(path.rpartition("/")[0] or "/", posix.W_OK)


def judge_module(action):
    try:
        module = sys.modules[action.name]
    except:  # noqa: E722
        return b"m", "sys.modules has no %r" % action.name, b""
    for path, wanted in action.wanted:
        dotted = ".".join(path)
        found = module
        for name in path:
            try:
                found = getattr(found, name)
            except AttributeError:
                return b"m", "expected %s == %s, there is no attribute %r" % (dotted, short_text(wanted), name), b""
            except:  # noqa: E722
                failed, raised = exc_info()[:2]
                return b"f", class_names(failed)[0], message_of(raised)
        try:
            equal = bool(found == wanted)
        except:  # noqa: E722
            failed, raised = exc_info()[:2]
            return b"f", class_names(failed)[0], message_of(raised)
        if not equal:
            return b"m", "expected %s == %s, found %s" % (dotted, short_text(wanted), short_text(found)), b""
    return b"p", b"", b""


def shown(text):
    """A text for people: the ordering's directory as `$`, and not without end."""
    data = encoded(text).replace(encoded(State.root), b"$")
    return data if len(data) <= 4000 else data[:4000] + b"..."


# The step, and the walk through states


def flush():
    """What the interpreter's own streams still hold is written. What module code puts in their places is its own matter."""
    for flush_stream in State.flushes:
        try:
            flush_stream()
        except (ValueError, OSError, IOError):
            pass


def step(arguments, inline):
    """Performs the step that a command describes, and answers. Touches little: what a copy writes to, it must copy."""
    seconds, nanos, generation, flags, which = arguments.split()
    if b"a" in flags:
        State.acted = True
    acted = State.acted
    State.now = int(seconds) + 1e-9 * int(nanos)
    if acted or generation != State.generation:
        return_to_directory(generation)
    kind, first, second = perform(Action(inline) if which == b"-" else State.actions[int(which)])
    State.now = None
    if acted:
        settle()
    if PY2:
        try:
            State.baseline.learn_new_library()
        except Exception:  # the step's code has put something else in the place of `sys.modules`
            State.acted = True
    if kind != b"p" or b"f" in flags:
        answer = [State.name, kind, shown(first) if first else b"", shown(second) if second else b""]
        if b"f" in flags:
            answer.extend(fingerprint())
        send(b"R", join(answer))
    else:
        send(b"R", State.passed)


def settle():
    """Whatever the step's code did to the process, it is not left half done."""
    flush()
    if getpid() != State.pid:
        exit_now(0)  # a child that the step's code forked, and which came back from the step
    try:
        State.directory = getcwd()
    except OSError:
        State.directory = None


class Look(object):
    """A look at a state. The step is done; where the look takes its time, taster is told so."""

    began = None

    def goes_on(self):
        if self.began is None:
            self.began = times()[4]
            send(b"L", State.name)
        elif times()[4] - self.began > LONGEST_LOOK:
            raise tools["Unmergeable"]("more than can be looked at")


def fingerprint():
    """Whether the state can be told from all others; then all of it but the finders' times, and those."""
    if State.hooked:
        return [b"0", b"an audit hook"]
    was = silence()
    try:
        digest = tools["StateDigest"](State.baseline, Look().goes_on)
        finders = digest.state(State.acted or needs_all(State.baseline), State.directory)
        parts = [b"1", b"".join(digest.parts)]
        if len(parts[1]) > LONGEST // 2:
            return [b"0", b"more than can be told"]
        for path, listed in finders:
            parts.append(path)
            parts.append(encoded(repr(listed)))
        return parts
    except:  # noqa: E722 (module code can put anything anywhere)
        failed, raised = exc_info()[:2]
        return [b"0", shown("%s: %s" % (class_names(failed)[0], message_of(raised)))]
    finally:
        listen(was)


def needs_all(baseline):
    return PY2 or baseline.library or baseline.unreadable


def environment():
    """The environment as `os.environ` has it, or as it was when the process started."""
    own = posix.environ
    os = modules.get("os")
    mapping = (dict_of(os) or {}).get("environ") if os is not None else None
    if mapping is not None and class_name(type(mapping)) == "_Environ":
        found = (dict_of(mapping) or {}).get("data" if PY2 else "_data")
        own = found if type(found) is dict else own
    items = [(key, value) for key, value in own.items() if is_text(key) and is_text(value)]
    return dict([(encoded(key), encoded(value)) for key, value in items])


def inspect():
    """In a copy, which takes the memory with it that this needs."""
    handler, pid = fork_off()
    if pid:
        if wait_for(pid, handler) != TOLD << 8:
            exit_now(LOST)
        return
    view = tools["View"](State.baseline, State.environment)
    send(b"I", join([shown(text) for text in view.state(State.directory, environment())]))
    exit_now(TOLD)


def return_to_directory(generation):
    """The working directory may have been removed and made again since: it is known by its name."""
    if State.directory is not None and (State.generation != generation or State.directory != State.root):
        try:
            chdir(State.directory)
        except OSError:
            pass
    State.generation = generation


def leave():
    """Ends this process and whatever module code has forked from it."""
    if State.pid == getpid():
        kill(0, SIGKILL)
    exit_now(0)


def end_of(pid, handler):
    """Waits for the child, and tells taster how it ended where taster does not know."""
    status = wait_for(pid, handler)
    try:
        kill(-pid, SIGKILL)  # what module code has forked from it
    except OSError:
        pass
    if status != TOLD << 8:
        send(b"E", join([State.name, number(status)]))


def become_copy():
    setpgid(0, 0)
    State.pid = getpid()
    State.name = b"%d" % State.pid
    State.passed = b"%d:%d1:p0:0:" % (len(State.name), State.pid)


def serve():
    """Reads commands until this process ends."""
    while True:
        kind, arguments, more = receive_command()
        if kind == b"A":
            exit_now(TOLD)
        elif kind == b"S":
            step(arguments, more)
        elif kind == b"I":
            inspect()
        elif kind == b"F" or kind == b"N":
            try:
                handler, pid = fork_off()
            except Exception:  # a limit of the step's code
                send(b"E", join([State.name, number(LOST << 8)]))
                continue
            if pid:
                end_of(pid, handler)
                continue
            become_copy()
            if kind == b"F":
                step(arguments, more)
            else:
                send(b"P", State.name)
        else:
            exit_now(LOST)


# Start


def end_session(session):
    """Ends every process of the session, as far as this system shows which they are."""
    ended = True
    while ended:
        ended = False
        try:
            entries = posix.listdir("/proc")
        except OSError:
            return
        for name in entries:
            if name.isdigit() and session_of(name) == session:
                try:
                    kill(int(name), SIGKILL)
                    ended = True
                except OSError:
                    pass


def session_of(name):
    """The session of a process that is not dead yet."""
    try:
        descriptor = posix.open("/proc/" + name + "/stat", posix.O_RDONLY)
    except OSError:
        return None
    try:
        fields = read(descriptor, 1024).rpartition(b")")[2].split()
    except OSError:
        return None
    finally:
        close(descriptor)
    return int(fields[3]) if len(fields) > 3 and fields[0] not in (b"Z", b"X") else None


def watch(zygote):
    """What the watcher does: waits until taster or the zygote ends, and ends whatever is left then."""
    import select

    woken, wake = posix.pipe()
    if not PY2:
        posix.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    poll = select.poll()
    poll.register(State.answers, 0)  # nothing but the hang-up: taster has closed its end
    poll.register(woken, select.POLLIN)
    close(State.commands)
    while True:
        ended = waitpid(zygote, posix.WNOHANG)[0]
        if ended:
            break
        try:
            if any(descriptor == State.answers for descriptor, _ in poll.poll()):
                break
            read(woken, 1024)
        except (OSError, select.error):
            pass
    if not ended:
        poll.unregister(State.answers)
        try:
            poll.poll(200)  # whoever waits for a command ends on its own
            ended = waitpid(zygote, posix.WNOHANG)[0]
        except (OSError, select.error):
            pass
    end_session(zygote)
    if not ended:
        wait_for(zygote)
    exit_now(0)


def move_descriptors():
    """Standard input and output become the protocol, and are moved out of the way of module code at once: to numbers that
    nobody knows, as high as the system lets them be."""
    drawn = bytearray(posix.urandom(3))
    for first, span in ((256, 700), (64, 100), (8, 8), (3, 1)):
        State.commands = first + (drawn[0] * 256 + drawn[1]) % span
        State.answers = State.commands + 1 + drawn[2] % span % 16
        try:
            move_descriptor(0, State.commands)
            move_descriptor(1, State.answers)
            break
        except OSError:
            pass  # past the limit of descriptors
    dup2(2, 1)
    null = posix.open("/dev/null", posix.O_RDONLY)
    dup2(null, 0)
    close(null)


def move_descriptor(old, new):
    if PY2:
        import fcntl  # an extension module

        dup2(old, new)
        fcntl.fcntl(new, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
    else:
        dup2(old, new, False)


def patch_audit():
    """An audit hook of module code hears nothing of what the agent itself does: it could not go on otherwise."""
    import _thread

    add_hook, get_ident = sys.addaudithook, _thread.get_ident
    State.thread = get_ident()

    def addaudithook(hook):
        def relay(event, arguments):
            if not State.own or get_ident() != State.thread:
                hook(event, arguments)

        State.hooked = True
        return add_hook(relay)

    addaudithook.__doc__ = add_hook.__doc__
    addaudithook.__module__ = "sys"
    addaudithook.__qualname__ = "addaudithook"
    sys.addaudithook = addaudithook


def patch_import_system():
    """The import system sees virtual times during a step as well as after it.

    Whatever the step has changed has a real modification time, newer than all virtual ones, and reads as the step's own.
    Sources that were compiled before are not compiled again; and what a module of the standard library holds is taken
    down when it has just been loaded.
    """
    bootstrap, external = modules["_frozen_importlib"], modules["_frozen_importlib_external"]
    load_unlocked = bootstrap._load_unlocked
    source_to_code = external.SourceLoader.source_to_code
    stat_result = posix.stat_result
    newest = 1600000000  # Directory::NEWEST

    def _path_stat(path):
        found = stat(path)
        if found.st_mtime > newest and State.now is not None:
            if not path.startswith("/") or path.startswith(State.root_prefix) or path == State.root:
                return stat_result(tuple(found), {"st_mtime": State.now})
        return found

    def _load_unlocked(spec):
        module = load_unlocked(spec)
        own, State.own = State.own, True
        try:
            State.baseline.learn_loaded(spec)
        finally:
            State.own = own
        return module

    def cached_source_to_code(self, data, path, **options):
        known = State.code.get(path)
        if known is not None and known[0] == data:
            return known[1]
        return source_to_code(self, data, path, **options)

    external._path_stat = _path_stat
    bootstrap._load_unlocked = _load_unlocked
    external.SourceLoader.source_to_code = cached_source_to_code


def clean_up(before, directory):
    """Leaves the interpreter as one that has just started, to read its first line."""
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
    try:
        __import__("taster_no_such_module")  # the finders of the standard library's directories are there from now on
    except ImportError:
        pass
    if PY2:
        sys.exc_clear()


def main(before, directory, state_tools):
    """What the first line of the process calls: `before` are the modules that an untouched interpreter has."""
    global importlib, tools
    tools = state_tools
    find_lists()
    note_start()
    posix.umask(0o022)
    move_descriptors()
    import importlib

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
    clean_up(before, directory)
    watch_variables()
    State.environment = environment()
    State.baseline = tools["Baseline"](State.root)
    State.baseline.start()
    if hasattr(gc, "freeze"):
        gc.collect()
        gc.freeze()
    note_end_of_start(Guise)
    version = ".".join([str(part) for part in sys.version_info[:3]])
    send(b"H", join([PROTOCOL, encoded(version), State.name]))
    try:
        serve()
    except:  # noqa: E722 (no memory, say)
        pass
    exit_now(LOST)


def configure():
    """Takes the first frame: where the ordering's directory is, and what will be done."""
    fields = split(receive_command()[2])
    State.secret, State.confined = fields[0], fields[3] == b"1"
    State.root = native(fields[1])
    State.root_prefix = State.root + "/"
    sys.dont_write_bytecode = fields[2] == b"0"
    State.actions = [Action(field) for field in split(fields[4])]
    if not PY2:
        compile_sources(split(fields[5]))
    chdir(State.root)
    State.directory = State.root


def compile_sources(fields):
    """Compiles sources by where they will lie; not those that give a warning, which is to be seen when they are imported."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path, source in zip(fields[::2], fields[1::2]):
            path = State.root_prefix + native(path)
            try:
                State.code[path] = (source, compile(source, path, "exec", 0, True))
            except Exception:
                pass  # it is compiled again when it is imported, and fails then
