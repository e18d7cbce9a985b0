"""The surroundings of a run: the times that the import system sees, the working directory, the threads of the
process.

Run by plugin.py, which passes in its folder as `here`, in a namespace of its own. Written for CPython 3.6 and later.
"""

import os
import sys

HERE = globals()["here"]
# A file of tests may replace these while it is collected.
listdir, getcwd, chdir = os.listdir, os.getcwd, os.chdir

# Plugins that change the order of tests, by the names under which `-p no:NAME` leaves them out.
SHUFFLING = ("randomly", "random_order", "random-order", "reverse", "pytest_reverse", "pytest-randomly")
# Options by which pytest chooses tests, or their order, by what failed in an earlier run.
CHOOSING = ("lf", "failedfirst", "newfirst", "stepwise", "stepwise_skip", "stepwise_reset")


def freeze_times(granularity):
    """Makes the import system see coarse modification times for files that change from now on.

    frozen: one and the same time, whenever it changed; 1s: whole seconds. Other readers of times see the real ones.
    """
    marker = os.path.join(HERE, "now-%d" % os.getpid())
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
    """Enters the working directory by its name: a new layer of files may lie over it since this process entered it."""
    try:
        chdir(getcwd())
    except OSError:
        pass


def threads_alive():
    """How many threads this process has: all of them if the system reports them, else those that Python knows."""
    try:
        return len(listdir("/proc/self/task"))
    except OSError:
        return len(sys._current_frames())


def choose_all(config):
    """Switches those options off; pytest has not set up their plugins yet."""
    for name in CHOOSING:
        if hasattr(config.option, name):
            setattr(config.option, name, False)


def options_of(config):
    """What besides the command line decides how pytest runs, for commands that a person pastes."""
    manager = config.pluginmanager
    return dict(
        addopts=[str(word) for word in config.getini("addopts")],
        environment=os.environ.get("PYTEST_ADDOPTS", ""),
        shuffling=[name for name in SHUFFLING if manager.hasplugin(name)],
        measures_coverage=manager.hasplugin("_cov") or manager.hasplugin("pytest_cov"),
    )
