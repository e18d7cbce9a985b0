"""What other plugins do at the end of a run, and on the way: neither is anybody's concern in a hunt.

Run by plugin.py, which passes in `pytest`, in a namespace of its own. Written for CPython 3.6 and later.
"""

pytest = globals()["pytest"]


class Peers:
    """The plugin that keeps others out of runs."""

    def __init__(self, channel, leave):
        self.channel, self.leave = channel, leave

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config):
        """Before pytest-cov reads its options there: nobody reads what it would measure, its trace function takes time and the
        place of a look at lines, and its end of a run, in a fork, would be an internal error of pytest's."""
        option = early_config.known_args_namespace
        if getattr(option, "no_cov", None) is False:
            option.no_cov = True
        yield

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config):
        """Before pytest-rerunfailures is configured: where pytest-xdist is installed too, it starts a thread for the processes of that,
        of which there are none here, and forks would lose it. What a test does again it does at once."""
        reruns = config.pluginmanager.getplugin("rerunfailures")
        if getattr(reruns, "HAS_PYTEST_HANDLECRASHITEM", False):
            reruns.HAS_PYTEST_HANDLECRASHITEM = False
        # From an option, the settings, or a mark of a test.
        if hasattr(reruns, "get_reruns_delay"):
            reruns.get_reruns_delay = lambda item: 0

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtestloop(self):
        """The run ends with its tests: what other plugins do then, around this one, is about reports."""
        result = yield
        error = result.excinfo
        if error is not None:
            self.channel.send("stopped", text="%s: %s" % (error[0].__name__, error[1]))
        self.channel.send("done")
        self.leave(0)
