"""`pytest --taster ...`: `taster hunt ...` on this very Python. Without the option, nothing changes."""

import pytest


def pytest_addoption(parser):
    parser.getgroup("taster").addoption(
        "--taster",
        action="store_true",
        help="hunt for tests whose outcome depends on the order: `taster hunt` with the other arguments of this command",
    )


# Before pytest captures output, and before it reads any conftest.py.
@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config):
    # Of the command line alone: a hunt starts pytest itself, with the options of the configuration.
    arguments = list(early_config.invocation_params.args)
    if "--taster" in arguments:
        import os
        import sys

        from taster.program import path

        arguments.remove("--taster")
        program = path()
        os.execv(program, [program, "hunt", "--python", sys.executable] + arguments)
    yield
