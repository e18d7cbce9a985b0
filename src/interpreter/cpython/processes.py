"""The process that taster starts: it becomes the watcher of all others, and ends them when taster ends. And the descriptors
through which they talk.

Runs with what the files before it define in its namespace.
"""

import posix


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
