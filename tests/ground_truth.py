"""Performs orderings of a scenario in this interpreter on a real file system with the real clock: nothing is patched.

Standard input: JSON with `root` (a directory on the file system to test), `mode`, and `scenarios`, each with `setup` and `tests`
(lists of steps) and `orderings` (lists of test indices, one per step). Standard output: JSON, for each scenario and
ordering the indices of the tests that failed. Each ordering runs in a fork of its own and in an empty directory of its own. Under `aligned` it starts right
after a second has begun and only while it can end within that second; under `scattered` all start at once, each after
a wait of its own that spreads them evenly over a second.
"""

import importlib
import json
import os
import shutil
import sys
import tempfile
import time

# Parts of a second in which an ordering may begin: all of it must end within that second.
ALIGNED_FROM = 0.02
ALIGNED_UNTIL = 0.6


def attribute(module, path):
    for name in path:
        module = getattr(module, name)
    return module


def judged(step, action):
    """Whether an action did what its step expects."""
    try:
        action()
    except BaseException as problem:
        return step.get("raises") in [cls.__name__ for cls in type(problem).__mro__]
    if "raises" in step:
        return False
    module = sys.modules.get(step.get("module"))
    try:
        return all(attribute(module, path) == value for path, value in step.get("expect", []))
    except AttributeError:
        return False


def run_import(step):
    names = step.get("names")
    code = "from %s import %s" % (step["module"], ", ".join(names)) if names else "import " + step["module"]
    exec(code, {"__name__": "__main__"})


def write(step):
    parent = os.path.dirname(step["path"])
    if parent and not os.path.isdir(parent):
        os.makedirs(parent)
    with open(step["path"], "wb") as file:
        file.write(step["text"].encode("utf-8"))


def make_directory(step):
    if not os.path.isdir(step["path"]):
        os.makedirs(step["path"])


def remove(step):
    if os.path.isdir(step["path"]) and not os.path.islink(step["path"]):
        shutil.rmtree(step["path"])
    else:
        os.remove(step["path"])


def put_on_path(step):
    path = os.path.normpath(os.path.join(os.getcwd(), step["path"]))
    sys.path.insert(0 if step["position"] == "first" else len(sys.path), path)


def reload_module(step):
    importlib.reload(sys.modules[step["module"]])


def run_code(step):
    exec(step["code"], {"__name__": "__main__"})


ACTIONS = {
    "write": write,
    "mkdir": make_directory,
    "remove": remove,
    "rename": lambda step: os.rename(step["path"], step["to"]),
    "touch": lambda step: os.utime(step["path"], None),
    "sleep": lambda step: time.sleep(step["seconds"]),
    "import": run_import,
    "reload": reload_module,
    "forget": lambda step: sys.modules.pop(step["module"], None),
    "sys-path": put_on_path,
    "invalidate-caches": lambda step: importlib.invalidate_caches(),
    "exec": run_code,
}


def perform(step):
    return judged(step, lambda: ACTIONS[step["verb"]](step))


def run_ordering(plan, ordering):
    """The tests that fail, in this process and directory."""
    sys.dont_write_bytecode = not plan["bytecode"]
    failed = set()
    done = [0] * len(plan["tests"])
    for step in plan["setup"]:
        if not perform(step):
            raise SystemExit("setup failed: %r" % step)
    for test in ordering:
        step = plan["tests"][test][done[test]]
        done[test] += 1
        if test not in failed and not perform(step):
            failed.add(test)
    return sorted(failed)


def in_fork(root, scenario, ordering, wait):
    """Starts one ordering in a fork: the process, and the file that its answer will be in."""
    directory = tempfile.mkdtemp(dir=root)
    answer = directory + ".json"
    process = os.fork()
    if process:
        return process, directory, answer
    status = 1
    try:
        os.chdir(directory)
        time.sleep(wait)
        failed = run_ordering(scenario, ordering)
        with open(answer, "w") as file:
            json.dump(failed, file)
        status = 0
    finally:
        os._exit(status)


def collect(started):
    process, directory, answer = started
    _, status = os.waitpid(process, 0)
    if status:
        raise SystemExit("an ordering ended with status %d" % status)
    with open(answer) as file:
        failed = json.load(file)
    shutil.rmtree(directory)
    os.remove(answer)
    return failed


def scattered(root, scenario):
    orderings = scenario["orderings"]
    waits = [number / float(len(orderings)) for number in range(len(orderings))]
    started = [in_fork(root, scenario, ordering, wait) for ordering, wait in zip(orderings, waits)]
    return [collect(one) for one in started]


def aligned(root, scenario):
    failed = []
    for ordering in scenario["orderings"]:
        second = time.time() % 1
        if not ALIGNED_FROM < second < ALIGNED_UNTIL:
            time.sleep((1 + ALIGNED_FROM - second) % 1 + 0.005)
        failed.append(collect(in_fork(root, scenario, ordering, 0)))
    return failed


def main():
    plan = json.load(sys.stdin)
    run = {"scattered": scattered, "aligned": aligned}[plan["mode"]]
    json.dump([run(plan["root"], scenario) for scenario in plan["scenarios"]], sys.stdout)


if __name__ == "__main__":
    main()
