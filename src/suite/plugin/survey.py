"""A survey: tests each on its own, what they leave behind, and what others do in the state that they leave.

Run by plugin.py in a namespace of its own, for CPython 3.6 and later. The base never runs a test. A fork of it runs one
test after another on their own as long as all that each leaves can be put back there; or it makes a state, and forks of
that one run the others in it. message.rs describes the messages.

A fork costs more than ten small tests, since the system copies what it touches: that is why one serves several tests.
The forks of a run share the files that they write, so the base ends the run where a test has written something that
later ones could find: taster goes on in another run.

After each test, only those places are looked at that tests often change, or are known to change; at the end of a fork,
all are. If its tests have changed more, taster forgets what they did, and they run again, with a look at everything
after each. What a fork has told counts only once it says that it is sure: a test that ends the fork hides what the
tests before it have changed.
"""

Writes, Changed = globals()["Writes"], globals()["Changed"]
Forks = globals()["Forks"]
Standing, has_more_to_end, needs_all = [globals()[name] for name in ("Standing", "has_more_to_end", "needs_all")]
tear_down_to, names_in = globals()["tear_down_to"], globals()["names_in"]

MOST_TOLD = 1000
# The most tests of one fork, and of one that looks at everything after each.
MOST_AT_ONCE, MOST_LOOKED_AT = 100, 40
# What forks say when they are through: the number of tests that they have run, or one of these.
BROKEN, AGAIN = 203, 204


class Survey:
    """The survey that one command asks for."""

    def __init__(self, hunt, session, block, state):
        self.hunt, self.session = hunt, session
        self.channel, self.leave = hunt.channel, hunt.system[2]
        self.relatives = state.relatives

        def tests(word):
            return [hunt.collected[int(number)] for number in block.get(word, ())]

        self.order, self.then = tests("order"), tests("then")
        self.leaving = {id(test) for test in tests("leaving")}
        self.fails = {id(test) for test in tests("fails")}
        self.lasting = {id(test) for test in tests("lasting")}
        self.together = "together" in block
        self.last = (tests("last") or [None])[0]
        self.glance = state.glance() if "look" in block else None
        self.known = [hunt.text_of(word) for word in block.get("known", ())]
        as_alone = [hunt.text_of(word) for word in block.get("as-alone", ())]
        self.as_alone = dict(zip(as_alone[::2], as_alone[1::2]))
        # Whether only the places that tests often change are looked at after each.
        self.quickly = False
        self.writes = Writes(hunt.written, state)
        self.in_forks = Forks(hunt, self.writes, (MOST_LOOKED_AT, AGAIN)).each

    def run(self):
        """Does all of it; never returns."""
        try:
            if self.glance is not None:
                self.glance.remember(None, self.writes.first_files())
            self.writes.begin()
            if self.surveyed():
                self.channel.send("done")
        except BaseException as error:
            self.failed(error)
        self.leave(0)

    def surveyed(self):
        """Runs all tests on their own, or makes all states; returns whether nothing was left out."""
        if not self.then:
            return self.in_forks(self.order, self.alone, MOST_AT_ONCE)
        if self.together or len(self.order) == 1:
            # Nothing comes after it that would need another process.
            return self.state(self.order) == 1
        return self.in_forks([[test] for test in self.order], lambda some: self.state(some[0]), 1)

    def failed(self, error):
        self.channel.send("look-failed", text="%s in a survey" % type(error).__name__)

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
        if self.glance is None:
            return []
        only = self.glance.often if self.quickly else None
        return self.glance.differences(test, self.writes.any(), only)

    def but_fixtures(self, differences):
        """What is left when all fixtures are forgotten."""
        return differences if self.glance is None else self.glance.without_fixtures(differences)

    # Tests on their own

    def alone(self, tests, again=False):
        """Runs tests on their own, as long as all is as it was before them; returns how many."""
        self.quickly = self.glance is not None and not again
        for number, test in enumerate(tests):
            if number and id(test) in self.lasting:
                # It has ended such a process before.
                return self.are_through(number, (), 0)
            self.channel.send("state")
            self.protocol(test, self.relatives.sibling(test), [test])
            near, everywhere = [], self.differences(test)
            if any([each.kind == "fixture" for each in everywhere]):
                near = list(zip(everywhere[:MOST_TOLD], self.glance.all_told(everywhere[:MOST_TOLD])))
                # For a test of another file, the fixtures of this one are torn down, which may change what they hold.
                stranger = self.relatives.stranger(test)
                more = has_more_to_end(self.session, stranger)
                self.tear_down(test, stranger)
                everywhere = self.differences(test) if more else self.glance.with_fixtures_of(test, everywhere)
            self.tell_left(near, everywhere)
            more = self.glance is not None and has_more_to_end(self.session, None)
            self.tear_down(test, None)
            self.end_test()
            self.is_sure()
            pending = self.differences(None) if more else self.but_fixtures(everywhere)
            if self.glance is None or self.writes.any() or self.hunt.threads_alive() > 1:
                return self.are_through(number + 1, pending, 0)
            if not self.glance.put_back(pending):
                return self.are_through(number + 1, pending, 0)
        return self.are_through(len(tests), (), 0)

    def tear_down(self, test, following):
        error = self.torn_down_to(test, following)
        if error is not None and self.hunt.held[1] != "failed":
            self.hunt.held = self.hunt.held[0], "failed", self.hunt.said(error)

    def torn_down_to(self, test, following):
        """Tears down what the next test does not need, in the time of a test; returns the first exception, or None."""
        if following is not None and needs_all(self.session, following):
            return None
        self.channel.send("testing")
        try:
            return tear_down_to(self.session, test, following)
        finally:
            self.channel.send("looking")

    def tell_left(self, near, everywhere):
        if self.glance is None:
            return
        known = {(each.name, each.texts[1]) for each in everywhere}
        near = [told for each, told in near if (each.name, each.texts[1]) not in known]
        self.channel.send(
            "left",
            near=near,
            cells=self.glance.all_told(everywhere[:MOST_TOLD]),
            all=max(len(near) + 1, len(everywhere)) <= MOST_TOLD and self.hunt.threads_alive() <= 1,
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
        if self.as_alone and self.glance is not None and self.glance.make_as_alone(left, self.as_alone):
            left = self.differences(tests[-1])
        self.tell_left((), left)
        self.end_test()
        self.channel.send("then")
        if self.hunt.threads_alive() > 1:
            # A fork would lose them.
            return 1
        changed = None
        if self.glance is not None:
            self.glance.remember(tests[-1])
            changed = Changed(self.glance, left, self.known, tests)
        self.writes.begin()
        if changed is None and self.last is None and len(self.then) == 1:
            # Nothing runs after it in this state, which needs no fork for that.
            return self.others(self.then, tests, None, False)
        then = self.relatives.nearest_first(tests[-1], self.then)

        def act(some, again=False):
            return self.others(some, tests, changed, again)

        return 1 if self.in_forks(then, act, MOST_AT_ONCE) else BROKEN

    def others(self, others, made, changed, again):
        """Runs others in a state, as long as it is as it was; returns how many."""
        self.quickly = changed is not None and not again
        standing, before, pending = Standing(self.session), made[-1], ()
        for number, test in enumerate(others):
            if number and id(test) in self.lasting:
                # It changes what cannot be restored here.
                return self.are_through(number, ())
            self.torn_down_to(before, test)
            if number and not standing.suffices(test):
                return self.are_through(number, ())
            if self.last is not None:
                self.and_last(test, made)
                return number + 1
            self.protocol(test, self.relatives.following(test, made[-1]), made + [test])
            standing.suffices(test)
            before = test
            if id(test) in self.fails and self.hunt.held[1] != "failed" and has_more_to_end(self.session, None):
                return self.to_the_end(test, number, changed)
            is_clean, pending = self.leaves(test, changed)
            if not is_clean:
                return self.are_through(number + 1, pending)
        return self.are_through(len(others), ())

    def to_the_end(self, test, number, changed):
        """Tears everything down after a test that fails alone and has passed here: what it failed in may have been just
        that. No state is left then, so the test comes first in a fork of its own. Returns how many have run."""
        if number:
            self.end_test()
            self.channel.send("forget", count=1)
            return self.are_through(number, self.differences(test))
        self.tear_down(test, None)
        self.leaves(test, changed)
        return self.are_through(1, ())

    def and_last(self, test, made):
        """Runs one of the others, and after it the test that is to come last; nothing can run after that."""
        order = made + [test, self.last]
        for ran, following in ((test, self.last), (self.last, None)):
            self.protocol(ran, following, order)
            self.end_test()
            self.is_sure()

    def leaves(self, test, changed):
        """Tells what one of the others did, and restores what it has changed. Returns whether all is as it was, and
        what it has changed."""
        index, outcome, _ = self.hunt.held
        self.end_test()
        self.is_sure()
        turned = (outcome == "failed") != (id(test) in self.fails)
        if changed is None:
            return not (turned or id(test) in self.leaving), ()
        if turned:
            self.channel.send("reads", i=index, names=names_in(test))
        found = changed.named(changed.differences(test) if self.quickly else self.differences(test))
        within = changed.names_within()
        names = sorted({each.name for each in found if each.name in changed.names}.union(within))
        if names:
            self.channel.send("changes", i=index, cells=names)
        new = [each for each in found if each.name not in changed.names][:MOST_TOLD]
        if new:
            self.channel.send("leaves-too", i=index, cells=[(each.name, self.glance.held(each)) for each in new])
        if within or self.writes.any() or self.hunt.threads_alive() > 1:
            return False, found
        return changed.given.is_put_back() and (not found or self.glance.put_back(found)), found

    def are_through(self, count, pending, sure=1):
        """Looks at everything, if only some places were looked at after each of these tests; returns the exit status.
        If they have changed more than `pending`, all but those that are sure are forgotten, and run again."""
        if not self.quickly:
            return count
        names = {each.name for each in pending}
        if count <= sure or not [each for each in self.glance.differences(None, False) if each.name not in names]:
            self.channel.send("sure")
            return count
        # If files were written, the next fork would find them: the first test has run in any case.
        kept = 1 if self.writes.any() else 0
        self.channel.send("forget", count=count - kept)
        self.channel.send("sure")
        return kept or AGAIN

    def is_sure(self):
        """Tells that what this fork has told is to be believed, where everything is looked at after each test."""
        if not self.quickly:
            self.channel.send("sure")
