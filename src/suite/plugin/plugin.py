"""Collects a suite once, and runs it in one order after another, each in a fork. Written for CPython 3.6 and later.

Started as `python plugin.py [PYTEST ARGUMENTS]` by taster, which writes commands to standard input and reads messages
from standard output; before anything else both are moved away from descriptors 0 and 1, so that no test can
read or write them. What the messages mean is described in message.rs. Looking at state, putting it back (state.py) and
recording (record.py) are separate files, compiled only when they are asked for; what keeps a run going is a third one
(unstoppable.py).

Nothing is imported here that pytest has not imported: the runner must not decide a verdict.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


# Exit statuses of branches; any other one is not of the plugin's making.
STATUSES = {"passed": 201, "failed": 202, "skipped": 203}
# Whether a file may be put back within a run: in a view of its own any, in place what the run itself has written.
MAY_WRITE = [lambda path: True]


def quoted(text):
    """JSON for a string, ASCII only. The json module may be something that the suite checks for."""
    out = []
    for character in text:
        code = ord(character)
        if character in '"\\':
            out.append("\\" + character)
        elif 32 <= code < 127:
            out.append(character)
        elif 0xD800 <= code < 0xE000:
            out.append("\\ufffd")
        elif code > 0xFFFF:
            code -= 0x10000
            out.append("\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)))
        else:
            out.append("\\u%04x" % code)
    return '"' + "".join(out) + '"'


def encoded(value):
    """JSON for what messages are made of."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return "%d" % value
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict):
        return "{" + ",".join(quoted(key) + ":" + encoded(each) for key, each in value.items()) + "}"
    return "[" + ",".join(encoded(each) for each in value) + "]"


class Channel:
    """Commands in, messages out. System calls are taken now: a test may replace those of `os`."""

    def __init__(self, commands, messages):
        self._commands = commands
        self._messages = messages
        self._read = os.read
        self._write = os.write
        self._buffer = b""

    def send(self, kind, **fields):
        fields["m"] = kind
        data = (encoded(fields) + "\n").encode("ascii")
        while data:
            data = data[self._write(self._messages, data) :]

    def line(self):
        """The next line of commands as words, None at the end of them."""
        while b"\n" not in self._buffer:
            data = self._read(self._commands, 65536)
            if not data:
                return None
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line.decode("ascii").split()

    def block(self):
        """Lines up to `go`: the first word of each is its key, None at the end of all commands."""
        block = {}
        while True:
            words = self.line()
            if words is None:
                return None
            if words == ["go"]:
                return block
            block[words[0]] = words[1:]


class Silence:
    """A channel to nobody."""

    def send(self, kind, **fields):
        pass


def text_of(word):
    """Text travels as hexadecimal digits: it may hold anything."""
    return bytes.fromhex(word[1:]).decode("utf-8", "surrogateescape")


def freeze_times(granularity):
    """Makes the import system see coarse modification times of whatever changes from now on.

    frozen: one and the same time, whenever it changed; 1s: whole seconds. Other readers of times see the real ones.
    """
    marker = os.path.join(_HERE, "now-%d" % os.getpid())
    os.close(os.open(marker, os.O_CREAT | os.O_WRONLY, 0o600))
    start = os.stat(marker).st_mtime_ns
    os.unlink(marker)
    external = sys.modules["_frozen_importlib_external"]
    real, result = external._path_stat, os.stat_result
    frozen = start // 1000000000

    def _path_stat(path):
        stat = real(path)
        if stat.st_mtime_ns < start:
            return stat
        fields = list(stat)[:10]
        fields[8] = frozen if granularity == "frozen" else stat.st_mtime_ns // 1000000000
        return result(fields)

    external._path_stat = _path_stat


def stand_here_anew():
    """Goes to the working directory by its name: another layer of files may lie over it since this process came here."""
    try:
        os.chdir(os.getcwd())
    except OSError:
        pass


def threads_alive():
    """Threads of this process: all of them where the system tells, Python's elsewhere."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return len(sys._current_frames())


def loaded(name, **parts):
    """A file beside this one, run in a namespace of its own and not as a module: nothing is to be seen of it.

    Some import `gc`, which the suite may not have done.
    """
    unknown = "gc" not in sys.modules
    with open(os.path.join(_HERE, name), "rb") as file:
        code = compile(file.read(), os.path.join(_HERE, name), "exec")
    namespace = dict(parts, __name__="taster " + name)
    exec(code, namespace)
    if unknown:
        sys.modules.pop("gc", None)
    return namespace


def writing_noted(words):
    """What notes what is written, so that it can be put back; CPython tells of that from 3.8 on."""
    MAY_WRITE[0] = lambda path: False
    if not hasattr(sys, "addaudithook"):
        return None
    folder, ours = [text_of(word) for word in words]
    written = loaded("written.py")["Written"](loaded("paths.py"), folder, [ours, _HERE])
    MAY_WRITE[0] = written.has_written
    return written


def state_of(items):
    """What looks at state and puts it back."""
    walk = loaded("walk.py", **loaded("values.py", **loaded("kinds.py")))
    cells = loaded("cells.py", walk=walk, may_write=MAY_WRITE[0])
    process = loaded("process.py", walk=walk, Cell=cells["Cell"])
    return loaded("state.py", walk=walk, cells=cells, process=process)["State"](items, _HERE)


def file_of(item):
    """The file that a collected node comes from, as text."""
    return str(getattr(item, "fspath", None) or getattr(item, "path", ""))


def groups_of(item):
    """What wider fixtures and orders go by: the file, then the classes within it."""
    names = []
    node = item.parent
    while node is not None and node.parent is not None:
        if type(node).__name__ not in ("Session", "Package", "Dir", "Directory", "Instance"):
            names.append(node.nodeid)
        node = node.parent
    return names[::-1]


def short(report):
    """The last words of a failure, first; of an example in documentation, what it gave for what."""
    longrepr = getattr(report, "longrepr", None)
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        return crash.message[:2000]
    # A fixture that there is not is said after the source of the test that wants it.
    text = str(getattr(longrepr, "errorstring", None) or longrepr or "")
    if "\nExpected:\n" in text:
        text = " ".join(text[text.index("\nExpected:\n") :].split("\n\n")[0].split())
    errors = [line[1:].strip() for line in text.splitlines() if line.startswith("E ")]
    if errors and errors[0].startswith('File "'):
        # Where the syntax is wrong comes before what is wrong with it.
        errors = errors[-1:] + errors[:-1]
    return "\n".join(errors + [text])[:2000]


def executing(excinfo):
    """Names of the modules whose bodies were being executed when this was raised, outermost first."""
    names = []
    error, of_errors = excinfo.value, BaseException.__dict__
    for _ in range(20):
        trace, found = of_errors["__traceback__"].__get__(error), []
        while trace is not None:
            frame = trace.tb_frame
            if frame.f_code.co_name == "<module>" and type(frame.f_globals.get("__name__")) is str:
                found.append(frame.f_globals["__name__"])
            trace = trace.tb_next
        # An error that was caught and said otherwise: what it came from was raised further in.
        names += [name for name in found if name not in names]
        came_from = [of_errors[name].__get__(error) for name in ("__cause__", "__context__")]
        error = came_from[1] if came_from[0] is None else came_from[0]
        if error is None:
            break
    return names


class Watch:
    """Remembers state when the first of some files is collected, and looks at it when another one's turn comes."""

    def __init__(self, start):
        self.first = [text_of(word) for word in start["remember-at"]]
        self.then = [text_of(word) for word in start.get("look-at", ())]
        self.scopes = start["scopes"]
        self.repair = start.get("repair")
        self.state = None

    def begins(self, file, plugin):
        """A file is about to be collected."""
        if self.state is None and file in self.first:
            self.state = plugin.state = state_of(())
            for scope in self.scopes:
                self.state.remember(scope)
        elif self.state is not None and file in self.then:
            self.then = ()
            plugin.look(None, self.repair)


def quieten(config):
    """Leaves out what only the terminal would show, which takes a good part of the time: lines, long tracebacks.

    Values of local variables are shown as the user wants: that may run code of the suite.
    """
    option = config.option
    if getattr(option, "tbstyle", None) == "auto" and not getattr(option, "showlocals", False):
        option.tbstyle = "native"
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if type(reporter).__module__ != "_pytest.terminal":
        return
    for name in ("pytest_runtest_logstart", "pytest_runtest_logreport", "pytest_runtest_logfinish"):
        try:
            getattr(config.hook, name)._remove_plugin(reporter)
        except (AttributeError, ValueError):
            pass


def plugin_class(pytest):
    """The plugin itself; a function, because pytest is imported only after the descriptors are safe."""

    class Hunt:
        """One collection, many runs."""

        def __init__(self, channel, start, written):
            self.channel = channel
            self.written = written
            self.files = [text_of(word) for word in start.get("files", ())]
            self.collected = []
            self.position = {}
            self.run = None
            self.outcome = None
            self.state = None
            self.watch = Watch(start) if "remember-at" in start else None
            self.begun = 0
            self.system = loaded("forks.py")["unnoticed"](os.fork, threads_alive), os.waitpid, os._exit, os.getpid
            self.ends = loaded("unstoppable.py")
            self.ends["catch_all"]()
            self.parent = None

        # Collection

        @pytest.hookimpl(tryfirst=True)
        def pytest_cmdline_main(self, config):
            """One process, all tests: what spreads or stops a run early would decide which tests run at all."""
            if self.written is not None:
                self.written.suite(config)
            option = config.option
            option.continue_on_collection_errors = True
            for name, value in (
                ("maxfail", 0),
                ("collectonly", False),
                ("numprocesses", None),
                ("dist", "no"),
                ("tx", []),
            ):
                if hasattr(option, name):
                    setattr(option, name, value)

        @pytest.hookimpl(tryfirst=True)
        def pytest_collection(self, session):
            self.session = session
            if self.files:
                session.config.args[:] = self.files

        @pytest.hookimpl(tryfirst=True)
        def pytest_make_collect_report(self, collector):
            if self.watch is not None:
                self.watch.begins(file_of(collector), self)

        def pytest_collectreport(self, report):
            self.ends["go_on"](self.session)
            if report.failed:
                self.channel.send("collect-error", id=report.nodeid, text=short(report))

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_runtestloop(self, session):
            if self.written is not None:
                self.written.test_over()
            self.announce(session)
            self.serve(session)
            result = yield
            error = result.excinfo
            if error is not None:
                self.channel.send("stopped", text="%s: %s" % (error[0].__name__, error[1]))
            self.channel.send("done")
            os._exit(0)

        def announce(self, session):
            self.number(session.items)
            if not self.collected:
                # What pytest has to say of it is all that there is to tell.
                getattr(session.config.get_terminal_writer(), "flush", sys.stdout.flush)()
            for item in self.collected:
                self.channel.send("item", id=item.nodeid, file=file_of(item), groups=groups_of(item))
            config = session.config
            root = getattr(config, "rootpath", None) or config.rootdir
            self.channel.send(
                "collected",
                root=str(root),
                python="%d.%d.%d" % sys.version_info[:3],
                executable=sys.executable or "",
                pytest=pytest.__version__,
                threads=threads_alive(),
                bytecode=not sys.dont_write_bytecode,
                positional=[str(argument) for argument in config.args],
            )

        def number(self, items):
            """From here on the tests are numbered in this order."""
            self.collected = list(items)
            self.position = {id(item): index for index, item in enumerate(self.collected)}

        # Runs

        def serve(self, session):
            """Forks for each command; returns in the process that is to run, with its order in place."""
            signals = self.ends["Signals"]()
            while True:
                block = self.channel.block()
                if block is None:
                    os._exit(0)
                if "number" in block:
                    self.number([self.collected[int(word)] for word in block["number"]])
                    continue
                if "probe" in block and self.state is None:
                    self.state = state_of(self.collected)
                if "probe" in block:
                    self.state.watch_files([text_of(word) for word in block.get("files", ())])
                    self.state.remember(block["probe"][1])
                if block["where"] == ["here"]:
                    return self.prepare(session, block, signals)
                pid = self.system[0]()
                if pid == 0:
                    os.setpgid(0, 0)
                    return self.prepare(session, block, signals)
                try:
                    os.waitpid(pid, 0)
                except ChildProcessError:
                    # Where SIGCHLD is ignored, this is the news that it has ended.
                    pass
                self.channel.send("exit")

        def prepare(self, session, block, signals):
            self.run = block
            self.pid, self.parent = os.getpid(), self.ends["Parent"]()
            signals.let_through()
            self.ends["go_on"](session)
            stand_here_anew()
            if self.written is not None:
                self.written.begin(text_of(block["written"][0]))
            session.items[:] = [self.collected[int(word)] for word in block["order"]]
            session.testscollected = len(session.items)
            self.branch_tests = [self.collected[int(word)] for word in block.get("branch-tests", ())]
            self.branch_places = {int(word) for word in block.get("branch-places", ())}
            self.branch_until = block.get("branch-until")
            quieten(session.config)
            if block["timestamps"] != ["real"]:
                freeze_times(block["timestamps"][0])
            if "record" in block:
                self.recorder = loaded("record.py", kinds=loaded("kinds.py"))["Recorder"](self.channel, session.config)

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_runtest_protocol(self, item, nextitem):
            index = self.position.get(id(item), -1)
            if self.begun in self.branch_places:
                for test in self.branch_tests:
                    self.branch(test, item)
            self.begun += 1
            probe = self.run.get("probe")
            if probe is not None and int(probe[0]) == index:
                self.look(item, self.run.get("repair"))
            if "record" in self.run:
                self.recorder.test(index)
            self.outcome, self.text, self.ended_by = "passed", "", None
            self.channel.send("start", i=index)
            result = yield
            if self.system[3]() != self.pid:
                # A child of the test that was to end within it.
                self.system[2](0)
            if result.excinfo is not None:
                self.left_by(result.excinfo[1])
                self.ends["tear_down"](item, nextitem)
                result.force_result(True)
            if self.ended_by is not None:
                self.outcome, self.text = "failed", self.text or self.ended_by
            self.ends["go_on"](item.session)
            if "record" in self.run:
                self.recorder.test(-1)
            if self.written is not None:
                self.written.test_over()
            if self.parent is not None and self.parent.is_lost():
                self.channel.send("orphaned", i=index)
                self.system[2](0)
            self.channel.send("end", i=index, outcome=self.outcome, text=self.text)

        def left_by(self, error):
            """Something that pytest would end with has left the test."""
            self.ended_by = ("%s: %s" % (type(error).__name__, error)).rstrip(": ")

        def branch(self, test, following):
            """Runs a test in a fork, here and now, says what it did, and ends this run if that is what was waited for.

            Only where nothing that is set up has to be torn down for it: a fixture may stand for something outside of
            this process. For the same reason what is set up for the session stays so.
            """
            chain = test.listchain()
            if threads_alive() > 1 or any(node not in chain for node in test.session._setupstate.stack):
                return
            fork, waitpid, leave, getpid = self.system
            pid = fork()
            if pid == 0:
                try:
                    self.outcome, self.branch_places, self.channel = "passed", (), Silence()
                    self.pid, self.parent = getpid(), None
                    test.ihook.pytest_runtest_protocol(item=test, nextitem=following)
                    leave(STATUSES[self.outcome])
                finally:
                    leave(STATUSES["failed"])
            status = waitpid(pid, 0)[1]
            # The exit status is the upper byte; the lower one is of a signal.
            known = [outcome for outcome, number in STATUSES.items() if number << 8 == status]
            outcome = known[0] if known else "failed"
            self.channel.send("branched", i=self.position[id(test)], outcome=outcome)
            if self.branch_until == [outcome]:
                self.channel.send("done")
                leave(0)

        def look(self, item, repair):
            """Says what differs from the state that forks begin with, and puts back what is asked for.

            What a person could write before the test is done first: what that changes is among the differences.
            """
            self.state.item = item
            names = None if repair in (None, ["all"]) else [text_of(word) for word in repair]
            self.state.cure(names or ())
            for name, alone, after in self.state.differences():
                self.channel.send("cell", cell=name, alone=alone, after=after)
            if repair is not None:
                self.state.put_back(names)
                self.channel.send("repaired")

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_makereport(self, item, call):
            if call.excinfo is not None and self.ends["ends_pytest"](call.excinfo.type):
                self.left_by(call.excinfo.value)
            names = executing(call.excinfo) if call.excinfo is not None else ()
            if len(names) > 1:
                self.channel.send("executing", i=self.position.get(id(item), -1), modules=names)

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)
        def pytest_runtest_logreport(self, report):
            yield
            # What is set to end the session would tear down all that is set up for it, in newer versions.
            self.ends["go_on"](self.session)
            if report.outcome == "rerun":
                self.outcome, self.text, self.ended_by = "passed", "", None
            elif report.failed:
                self.outcome, self.text = "failed", short(report)
            elif report.skipped and self.outcome == "passed":
                self.outcome, self.text = "skipped", ""

    return Hunt


def main():
    """Takes the descriptors away, then runs pytest as `python -m pytest` would."""
    commands, messages = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    channel = Channel(commands, messages)
    if sys.path and sys.path[0] == _HERE:
        sys.path[0] = os.getcwd()
    for name in [name for name in sys.path_importer_cache if name.startswith(_HERE)]:
        del sys.path_importer_cache[name]
    start = channel.block()
    if start is None:
        return
    # After this line standard output may be trusted: a site customisation may have printed before it.
    os.write(messages, ("\n" + start["nonce"][0] + "\n").encode("ascii"))
    sys.argv[0] = "pytest"
    written = writing_noted(start["written"]) if "written" in start else None
    try:
        import pytest
    except ImportError as error:
        channel.send("no-pytest", text=str(error))
        return
    try:
        code = int(pytest.main(sys.argv[1:], plugins=[plugin_class(pytest)(channel, start, written)]))
    except BaseException:
        # A conftest or a plugin that cannot be loaded, or wants to end it all.
        sys.__excepthook__(*sys.exc_info())
        code = 1
    channel.send("quit", code=code)
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
