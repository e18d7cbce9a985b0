"""Notices which lines seed the global generators of random numbers, while a process collects and runs tests.

Run by plugin.py before pytest is imported, in a process that nobody compares with another. Lines are traced only in
code that has a name such as `seed`: a line that has one, and across which the state of a generator changes, seeds it.
Written for CPython 3.6 and later.
"""

import linecache
import os
import sys

NAMES = {"seed", "manual_seed", "setstate", "set_state", "set_rng_state", "seed_everything", "set_seed"}
# Code of the generators themselves.
OWN = (os.sep + "random.py", os.sep + "numpy" + os.sep, os.sep + "torch" + os.sep)


def random_state():
    instance = getattr(sys.modules.get("random"), "_inst", None)
    return None if instance is None else hash(instance.getstate()[1])


def numpy_state():
    instance = getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None)
    if instance is None:
        return None
    state = instance.get_state()
    return hash((state[1].tobytes(), state[2]))


def torch_state():
    get = getattr(sys.modules.get("torch.random"), "get_rng_state", None)
    return None if get is None else hash(tuple(get().tolist()))


GENERATORS = {
    "random.getstate()": random_state,
    "numpy.random.get_state()": numpy_state,
    "torch.random.get_rng_state()": torch_state,
}


class Seeds:
    """The trace function of one process and of those that it forks."""

    def __init__(self, channel):
        self.channel = channel
        self.start = os.getcwd() + os.sep

    def begin(self):
        sys.settrace(self.called)

    def called(self, frame, event, arg):
        code = frame.f_code
        if not NAMES.intersection(code.co_names) or any(part in code.co_filename for part in OWN):
            return None
        last = [frame.f_lineno, self.states()]

        def passed(frame, event, arg):
            states = self.states()
            self.compare(code.co_filename, last[0], last[1], states)
            last[:] = frame.f_lineno, states
            return passed

        return passed

    @staticmethod
    def states():
        found = {}
        for name, state in GENERATORS.items():
            try:
                found[name] = state()
            except Exception:
                found[name] = None
        return found

    def compare(self, file, line, before, after):
        for name in GENERATORS:
            if before[name] is None or before[name] == after[name]:
                continue
            text = linecache.getline(file, line).strip()
            if any(each in text for each in NAMES):
                short = file[len(self.start) :] if file.startswith(self.start) else file
                self.channel.send("seeded", generator=name, at={"file": short, "line": line, "code": text[:300]})
