"""Copies of the process that have a time limit: each answers through a pipe, and what it leaves, processes and files in the
agent's directory, goes with it.

Runs with the definitions of protocol.py and unnoticed.py in its namespace.
"""

import posix

LATE, GONE = b"t", b"x"  # letters of outcomes: it took too long, its process ended
PART = 65536


class Package(object):
    """What the zygote knows, and all its copies."""

    look = None
    seconds = 10.0
    names = ()  # of the modules, as they are asked about
    known = ()  # of each, what it came to alone: letter, exception, digests by module, modules that are not bound
    select = None
    at_start = frozenset()  # modules of an interpreter that has imported nothing


def in_a_timed_copy(function):
    """What a function returns in a copy of this process: a letter, and bytes. No letter if it came back."""
    there, here = posix.pipe()
    known = names_there()
    handler, pid = fork_off()
    if not pid:
        answer_and_end(function, there, here)
    close(here)
    data, late = received(there)
    close(there)
    ended = system_waitpid(pid, posix.WNOHANG)[1] if data is None and late else None
    try:
        kill(-pid, SIGKILL)  # with what module code has forked from it
    except OSError:
        pass
    try:
        kill(pid, SIGKILL)
    except OSError:
        pass
    status = wait_for(pid, handler)
    remove_new(known)
    if data is not None:
        return b"", data
    if late and not ended:
        return LATE, b""
    return GONE, number(ended or status)


def answer_and_end(function, there, here):
    try:
        close(there)
        setpgid(0, 0)
        State.pid = getpid()
        data = function()
        if getpid() != State.pid:
            exit_now(0)  # forked by the module's code, and came back from it
        flush_own()
        data = number(len(data)) + b":" + State.secret + data
        while data:
            data = data[write(here, data) :]
    except BaseException:
        exit_now(LOST)
    exit_now(TOLD)


def received(there):
    """The whole of an answer, or None; and whether the time is over."""
    poll = Package.select.poll()
    poll.register(there, Package.select.POLLIN)
    until = times()[4] + Package.seconds
    data = b""
    while True:
        left = until - times()[4]
        if left <= 0:
            return None, True
        try:
            if not poll.poll(1000 * left + 1):
                continue
            part = read(there, PART)
        except BaseException:  # a signal handler of module code
            continue
        if not part:
            return None, False
        data += part
        digits, colon, rest = data.partition(b":")
        if colon and digits.isdigit() and len(rest) >= int(digits) + len(State.secret):
            return rest[len(State.secret) :] if rest.startswith(State.secret) else None, False


def flush_own():
    for flush_stream in State.flushes:
        try:
            flush_stream()
        except Exception:
            pass


def names_there():
    """The names in the agent's directory."""
    try:
        return frozenset(posix.listdir(State.root))
    except OSError:
        return frozenset()


def remove_new(known):
    """Removes what was not there before."""
    for name in names_there() - known:
        remove_tree(State.root_prefix + name)


def remove_tree(path):
    try:
        if posix.lstat(path).st_mode & 0o170000 == 0o040000:
            for name in posix.listdir(path):
                remove_tree(path + "/" + name)
            posix.rmdir(path)
        else:
            posix.unlink(path)
    except OSError:
        pass
