"""The protocol between the agent and taster, and the state of an agent process.

A frame is a letter, ten digits, a colon, the session's secret, and as many bytes as the digits say. These hold
fields, each its length in decimal, a colon, and its bytes. A command has arguments of fixed length instead of the
secret. protocol.rs is the other side. Runs with the definitions of the files before it in its namespace. The files
after it use the functions that it takes from modules here, since module code may replace those in the modules.
"""

import sys

PROTOCOL = b"5"
COMMAND = 80  # bytes of a command without what follows its arguments
PY2 = sys.version_info[0] == 2

# Kept here, since module code may replace them in the modules.
if PY2:
    import __builtin__ as builtins  # noqa: F401 (for the files after this one)
    import signal
else:
    import builtins  # noqa: F401
    import _signal as signal
import errno
import posix

# Letters of taster's commands.
CONFIGURE = b"C"
BEGIN = b"B"
REST = b"R"
STEP = b"S"
STEP_IN_A_COPY = b"F"
COPY = b"N"
INSPECT = b"I"
ASCEND = b"A"
QUESTION = b"Q"

# Letters of the agent's frames.
HELLO = b"H"
RESULT = b"R"
LOOKING = b"L"
ENDED = b"E"
COPIED = b"P"
INSPECTION = b"I"
ANSWER = b"Q"
RESTED = b"Z"

# Letters of outcomes.
PASSED = b"p"
FAILED = b"f"
MISMATCHED = b"m"

# Flags of a command to perform a step: digest the state after it; its code may change anything.
FINGERPRINT = b"f"
ACTS = b"a"

# The longest payload of a frame that taster accepts.
LONGEST = 64 << 20
# Seconds after which the look at a state is given up.
LONGEST_LOOK = 20
# Status of a process that can no longer talk to taster.
LOST = 117
# Status of a process that ended on command.
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
NoneType = type(None)
LITERALS = {"True": True, "False": False, "inf": 1e999, "nan": 1e999 - 1e999}


class State(object):
    """The state of this process."""

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
    real = ()  # the entries of `sys.path` that lead to real code outside the standard library
    with_site = False  # whether the interpreter's own site-packages are among them
    requires = ()  # the names of distributions that taster asks for
    environment = None  # at the start
    told_settings = ()  # what pieces.py tells of settings, at the start
    acted = False  # whether code ran that may have changed anything
    importlib = None  # the agent's own
    warnings = None  # the agent's own
    half_read = ()  # pairs of a module that was read half-initialised and who read it, where that is watched
    remembered = {}  # by address: what pieces of state held when diagnosis asked for it
    remembered_modules = {}  # what was in sys.modules then
    now = None  # the step's modification time, as st_mtime has it; none between steps


def leave():
    """Ends this process and all processes that module code has forked from it."""
    if State.pid == getpid():
        kill(0, SIGKILL)
    exit_now(0)


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
    """Reads exactly `size` bytes; the process ends if taster has ended."""
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
    """The letter, the arguments, and the payload."""
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
