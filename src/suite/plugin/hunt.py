"""One collection and many runs of it: the pytest plugin that forks for each order, and reports outcomes of tests.

Run by plugin.py in a namespace of its own, with `pytest`, imported when the descriptors are safe, `loaded`, `code_of`,
and the definitions of messages.py, reports.py, surroundings.py and look.py as `messages`, `reports`, `surroundings`
and `looks`, and `wider_fixtures_of` of called.py. message.rs describes the messages. Written for CPython 3.6 and later.
"""

import os
import sys

pytest, loaded, code_of = globals()["pytest"], globals()["loaded"], globals()["code_of"]
messages, reports, surroundings, looks = [globals()[name] for name in ("messages", "reports", "surroundings", "looks")]
text_of, value_of, Silence = messages["text_of"], messages["value_of"], messages["Silence"]
file_of, short = reports["file_of"], reports["short"]
look = looks["look"]
wider_fixtures_of = globals()["wider_fixtures_of"]

# The files that forks need.
IN_FORKS = ("listings.py", "survey.py", "counted.py", "within.py", "left.py", "reads.py", "relatives.py", "endings.py")
# Exit statuses of branches; any other status is not from the plugin.
STATUSES = {"passed": 201, "failed": 202, "skipped": 203}


def collection_look(start, watched):
    """The look at state that a process begins with, or None if it was not requested."""
    if "remember-at" not in start:
        return None
    first, then = ([text_of(word) for word in start.get(key, ())] for key in ("remember-at", "look-at"))
    return looks["CollectionLook"](first, then, start["scopes"], repair_in(start), watched)


def repair_in(block):
    """The repair that a command requests, or None."""
    return value_of(block["repair"][0]) if "repair" in block else None


class Hunt:
    """One collection, many runs."""

    def __init__(self, channel, start, written):
        self.channel, self.text_of = channel, text_of
        self.written = written
        self.files = [text_of(word) for word in start.get("files", ())]
        self.collected, self.position = [], {}
        self.run = self.state = self.tracer = self.sources = None
        self.watch = collection_look(start, lambda state: self.tracer_of(state, start))
        self.begun, self.listings, self.outcome = 0, None, None
        fork, self.threads_alive = loaded("forks.py")["unnoticed"](os.fork, surroundings["threads_alive"])
        self.system = fork, os.waitpid, os._exit, os.getpid
        self.ends = loaded("unstoppable.py")
        self.ends["catch_all"]()
        self.parent = self.survey = None
        # The end of a test that is not told yet, while a survey holds it back.
        self.held = None

    # Collection

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config):
        """Runs all tests in one process: options that distribute tests or stop a run early would decide which run."""
        if self.written is not None:
            self.written.suite(config)
        surroundings["choose_all"](config)
        option = config.option
        option.continue_on_collection_errors = True
        forced = dict(maxfail=0, collectonly=False, numprocesses=None, dist="no", tx=[])
        for name, value in forced.items():
            if hasattr(option, name):
                setattr(option, name, value)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session):
        self.session = session
        self.sources = loaded("sources.py")["Sources"](session.config, surroundings["HERE"])
        if self.files:
            session.config.args[:] = self.files

    @pytest.hookimpl(tryfirst=True)
    def pytest_make_collect_report(self, collector):
        if self.watch is not None:
            self.state = self.watch.begins(file_of(collector), self.channel)

    def pytest_collectreport(self, report):
        self.ends["go_on"](self.session)
        if report.failed:
            self.channel.send("collect-error", id=report.nodeid, text=short(report))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session):
        if self.watch is not None:
            self.watch.ends(self.channel)
        if self.written is not None:
            self.written.test_over()
        self.announce(session)
        # Else each fork would let go of all of them, and so write to every one.
        session.items[:] = []
        self.serve(session)
        yield

    def announce(self, session):
        self.number(session.items)
        if not self.collected:
            # pytest's message is the whole explanation.
            getattr(session.config.get_terminal_writer(), "flush", sys.stdout.flush)()
        for item in self.collected:
            self.channel.send("item", fixtures=wider_fixtures_of(item), **reports["place_of"](item))
        about = reports["about"](session.config, self.threads_alive())
        about.update(surroundings["options_of"](session.config))
        self.channel.send("collected", pytest=pytest.__version__, **about)

    def number(self, items):
        """Numbers the tests in this order from here on."""
        self.collected = list(items)
        self.position = {id(item): index for index, item in enumerate(self.collected)}

    # Runs

    def serve(self, session):
        """Forks for each command; returns in the process that runs it, with the order in place."""
        signals = self.ends["Signals"]()
        list(map(code_of, IN_FORKS))
        while True:
            block = self.channel.block()
            if block is None:
                os._exit(0)
            if "number" in block:
                self.number([self.collected[int(word)] for word in block["number"]])
                continue
            self.remember(block)
            if block["where"] == ["here"]:
                return self.prepare(session, block, signals)
            pid = self.system[0]()
            if pid == 0:
                os.setpgid(0, 0)
                return self.prepare(session, block, signals)
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                # If SIGCHLD is ignored, this error means that it has ended.
                pass
            self.channel.send("exit")

    def remember(self, block):
        """Remembers state before a run that is to compare it."""
        about = block.get("probe") or block.get("trace")
        if (about is not None or "survey" in block) and self.state is None:
            self.state = looks["state_of"](self.collected)
        if "survey" in block:
            looks["prepare"](self.state, self.collected, "look" in block)
        if about is not None:
            self.state.watch_files([text_of(word) for word in block.get("files", ())])
            self.state.remember(about[1])

    def tracer_of(self, state, block):
        """The tracer of what is to be watched line by line, or None if nothing is."""
        if "trace-cells" not in block:
            return None
        return loaded("trace.py")["tracer_of"](self.sources, state, value_of(block["trace-cells"][0]), block)

    def prepare(self, session, block, signals):
        self.run = block
        self.pid, self.parent = os.getpid(), self.ends["Parent"]()
        signals.let_through()
        self.ends["go_on"](session)
        surroundings["stand_here_anew"]()
        if self.written is not None:
            self.written.begin(text_of(block["written"][0]))
        session.items[:] = [self.collected[int(word)] for word in block["order"]]
        session.testscollected = len(session.items)
        self.branch_tests = [self.collected[int(word)] for word in block.get("branch-tests", ())]
        self.branch_places = {int(word) for word in block.get("branch-places", ())}
        self.branch_until = block.get("branch-until")
        reports["quieten"](session.config)
        if block["timestamps"] != ["real"]:
            surroundings["freeze_times"](block["timestamps"][0])
        if "survey" in block:
            self.survey = looks["survey"](self, session, block)
        elif block["timestamps"] == ["real"] and "probe" not in block and "trace" not in block:
            self.listings = loaded("listings.py")["Listings"]()
            self.listings.watch()
        if "trace" in block:
            # The test before which watching ends.
            self.state.item = self.collected[int(block["trace"][0])]
            self.tracer = self.tracer_of(self.state, block)
        if "record" in block:
            self.recorder = loaded("record.py", kinds=loaded("kinds.py"))["Recorder"](self.channel, session.config)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item, nextitem):
        if self.survey is not None:
            survey, self.survey = self.survey, None
            survey.run()
        index = self.position.get(id(item), -1)
        if self.begun in self.branch_places:
            for test in self.branch_tests:
                self.branch(test, item)
        self.begun += 1
        probe = self.run.get("probe")
        if probe is not None and int(probe[0]) == index:
            look(self.channel, self.state, item, repair_in(self.run))
        if "record" in self.run:
            self.recorder.test(index)
        self.outcome, self.text, self.ended_by = "passed", "", None
        if self.tracer is not None and self.state.item is item:
            self.tracer = self.tracer.tell(self.channel)
        self.channel.send("start", i=index)
        if self.tracer is not None:
            self.tracer.begins(item)
        result = yield
        if self.tracer is not None:
            self.tracer.ends()
        if self.system[3]() != self.pid:
            # A child of the test that should have ended within it.
            self.system[2](0)
        if result.excinfo is not None:
            self.left_by(result.excinfo[1])
            self.ends["tear_down"](item, nextitem)
            result.force_result(True)
        self.channel.send("looking")
        if self.ended_by is not None:
            self.outcome, self.text = "failed", self.text or self.ended_by
        self.ends["go_on"](item.session)
        if "record" in self.run:
            self.recorder.test(-1)
        if self.written is not None:
            self.written.test_over()
        if self.parent is not None and self.parent.is_lost():
            if self.held is not None:
                self.channel.send("stopped", text=self.ends["KILLS_ITS_PARENT"])
            else:
                self.channel.send("orphaned", i=index)
            self.system[2](0)
        changed = self.listings.told() if self.listings is not None else None
        if changed is not None:
            self.channel.send("imports-changed", path=changed)
        if self.held is not None:
            self.held = index, self.outcome, self.text
            return
        self.channel.send("end", i=index, outcome=self.outcome, text=self.text)

    def left_by(self, error):
        """An exception that would end pytest has left the test."""
        self.ended_by = self.said(error)

    @staticmethod
    def said(error):
        """An exception that no report describes, as text."""
        return ("%s: %s" % (type(error).__name__, error)).rstrip(": ")

    def branch(self, test, following):
        """Runs a test in a fork, here and now, reports its outcome, and ends this run if that was the outcome to wait
        for.

        Only if nothing that is set up has to be torn down for it: a fixture may stand for something outside this
        process. For the same reason, session fixtures stay set up.
        """
        chain = test.listchain()
        if self.threads_alive() > 1 or any(node not in chain for node in test.session._setupstate.stack):
            return
        fork, waitpid, leave, getpid = self.system
        self.channel.send("testing")
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
        outcome = {number << 8: outcome for outcome, number in STATUSES.items()}.get(status, "failed")
        self.channel.send("branched", i=self.position[id(test)], outcome=outcome)
        if self.branch_until == [outcome]:
            self.channel.send("done")
            leave(0)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        if call.excinfo is not None and self.ends["ends_pytest"](call.excinfo.type):
            self.left_by(call.excinfo.value)
        reports["tell_failure"](self.channel, self.position.get(id(item), -1), item, call, self.sources)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report):
        yield
        # In newer versions, a flag set to end the session would tear down everything that is set up for it.
        self.ends["go_on"](self.session)
        if report.outcome == "rerun":
            self.outcome, self.text, self.ended_by = "passed", "", None
        elif report.failed:
            self.outcome, self.text = "failed", short(report)
        elif report.skipped and self.outcome == "passed":
            self.outcome, self.text = "skipped", ""
