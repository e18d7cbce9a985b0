"""A survey: tests each on its own, what they leave behind, and what others do in the state that they leave.

Run by plugin.py in a namespace of its own, for CPython 3.6 and later. The base never runs a test. A fork of it runs one
test after another on their own as long as all that each leaves can be put back there; or it makes a state, and forks of
that one run the others in it. message.rs describes the messages.

A fork costs more than ten small tests, since the system copies what it touches: that is why one serves several tests.
The forks of a run share the files that they write, so the base ends the run where a test has written something that
later ones could find: taster goes on in another run.
"""

import os
import sys

Writes, Changed, Relatives = globals()["Writes"], globals()["Changed"], globals()["Relatives"]
tear_down_to = globals()["tear_down_to"]

MOST_TOLD = 1000
MOST_AT_ONCE = 200
# Exit statuses of forks. One that runs several tests ends with their number, which is not larger than MOST_AT_ONCE.
WHOLE, BROKEN = 0, 203


class Survey:
    """The survey that one command asks for."""

    def __init__(self, hunt, session, block, state):
        self.hunt, self.session = hunt, session
        self.fork, self.waitpid, self.leave, self.getpid = hunt.system
        self.setpgid, self.channel, self.signals = os.setpgid, hunt.channel, sys.modules["_signal"]
        self.relatives = Relatives(hunt.collected)

        def tests(word):
            return [hunt.collected[int(number)] for number in block.get(word, ())]

        self.order, self.then = tests("order"), tests("then")
        self.leaving = {id(test) for test in tests("leaving")}
        self.fails = {id(test) for test in tests("fails")}
        self.together = "together" in block
        self.glance = state.glance() if "look" in block else None
        self.writes = Writes(hunt.written, state)

    def run(self):
        """Does all of it; never returns."""
        if self.glance is not None:
            self.glance.remember(None, True)
        self.writes.begin()
        if self.then:
            states = [self.order] if self.together else [[test] for test in self.order]
            done = self.in_forks(states, lambda some: self.state(some[0]), 1)
        else:
            done = self.in_forks(self.order, self.alone, MOST_AT_ONCE)
        if done:
            self.channel.send("done")
        self.leave(0)

    def in_forks(self, parts, act, most):
        """Lets forks do something with parts of a list, one after the other: each says how many it has done. Returns
        whether all were done; not all are if one fork is lost, or has written what the next ones would find."""
        done = 0
        while done < len(parts):
            some = parts[done : done + most]
            count = self.forked(lambda: act(some))
            if count is None or not 0 < count <= len(some):
                return False
            done += count
            if done < len(parts) and self.writes.any():
                return False
        return True

    def forked(self, act):
        """Does something in a fork, which ends with the status that it gives; the status, or None if it ended
        otherwise."""
        pid = self.fork()
        if pid == 0:
            try:
                self.setpgid(0, 0)
                self.hunt.pid, self.hunt.parent = self.getpid(), self.hunt.ends["Parent"]()
                self.leave(act())
            except BaseException as error:
                self.channel.send("look-failed", text="%s in a survey" % type(error).__name__)
            finally:
                self.leave(BROKEN)
        signal, number = self.signals.signal, self.signals.SIGCHLD
        # A test may have made the system forget children, or handle their ends itself.
        before = signal(number, self.signals.SIG_DFL)
        try:
            status = self.waitpid(pid, 0)[1]
        finally:
            signal(number, self.signals.SIG_DFL if before is None else before)
        # The exit status is the upper byte; the lower one is of a signal.
        return status >> 8 if status & 0xFF == 0 else None

    def protocol(self, test, following, order):
        """Runs a test as pytest does; its end is told later, since what it has set up is still torn down."""
        self.session.items[:] = order
        self.session.testscollected = len(order)
        self.hunt.held = ()
        test.ihook.pytest_runtest_protocol(item=test, nextitem=following)

    def end_test(self):
        """Tells the end of the test that is held back."""
        index, outcome, text = self.hunt.held
        self.hunt.held = None
        self.channel.send("end", i=index, outcome=outcome, text=text)

    def differences(self, test):
        return [] if self.glance is None else self.glance.differences(test, self.writes.any())

    # Tests on their own

    def alone(self, tests):
        """Runs tests on their own, as long as all is as it was before them; returns how many."""
        for number, test in enumerate(tests):
            self.channel.send("state")
            self.protocol(test, self.relatives.sibling(test), [test])
            near = self.differences(test)
            everywhere = near
            if any([each.kind == "fixture" for each in near]):
                # For a test of another file, the fixtures of this one are torn down.
                self.tear_down(test, self.relatives.stranger(test))
                everywhere = self.differences(test)
            self.tell_left(near, everywhere)
            self.tear_down(test, None)
            self.end_test()
            if self.glance is None or self.writes.any() or not self.put_back(test, bool(near)):
                return number + 1
        return len(tests)

    def put_back(self, test, has_left):
        """Restores what a test has left; whether all is as it was."""
        if self.hunt.threads_alive() > 1:
            return False
        return not has_left or self.glance.put_back(self.glance.differences(test, False))

    def tear_down(self, test, following):
        error = tear_down_to(self.session, test, following)
        if error is not None and self.hunt.held[1] != "failed":
            self.hunt.held = self.hunt.held[0], "failed", self.hunt.said(error)

    def tell_left(self, near, everywhere):
        if self.glance is None:
            return
        known = {(each.name, each.texts[1]) for each in everywhere}
        near = [each for each in near if (each.name, each.texts[1]) not in known]
        self.channel.send(
            "left",
            near=[self.glance.told(each) for each in near[:MOST_TOLD]],
            cells=[self.glance.told(each) for each in everywhere[:MOST_TOLD]],
            all=len(near) <= MOST_TOLD and len(everywhere) <= MOST_TOLD and self.hunt.threads_alive() <= 1,
            wrote=self.writes.any(),
        )

    # Others in the state that tests leave

    def state(self, tests):
        """Runs the tests that make a state, then the others there; returns 1 if all have run."""
        self.channel.send("state")
        for number, test in enumerate(tests):
            is_last = number + 1 == len(tests)
            self.protocol(test, self.relatives.sibling(test) if is_last else tests[number + 1], tests)
            if not is_last:
                self.end_test()
        left = self.differences(tests[-1])
        self.tell_left((), left)
        self.end_test()
        self.channel.send("then")
        if self.hunt.threads_alive() > 1:
            # A fork would lose them.
            return 1
        changed = None
        if self.glance is not None:
            self.glance.remember(tests[-1], False)
            changed = Changed(self.glance, left)
        self.writes.begin()
        then = self.relatives.nearest_first(tests[-1], self.then)
        return 1 if self.in_forks(then, lambda some: self.others(some, tests, changed), MOST_AT_ONCE) else BROKEN

    def others(self, others, tests, changed):
        """Runs others in a state, as long as it is as it was; returns how many."""
        tear_down_to(self.session, tests[-1], others[0])
        for number, test in enumerate(others):
            following = others[number + 1] if number + 1 < len(others) else None
            self.protocol(test, following, tests + others[: number + 1])
            index, outcome, _ = self.hunt.held
            self.end_test()
            names = changed.names_of_changed() if changed is not None else []
            if names:
                self.channel.send("changes", i=index, cells=names)
            turned = (outcome == "failed") != (id(test) in self.fails)
            if not (names or turned or id(test) in self.leaving):
                continue
            if changed is None or changed.names_within() or self.writes.any() or not self.put_back(test, True):
                return number + 1
        return len(others)
