"""`python -m taster ...`: the command `taster`; a hunt runs in the very Python that runs this, unless it names another."""

import os
import sys

from taster.program import path

HUNTS_HERE = ("hunt", "package")


def arguments(given, python):
    """The arguments of the command, with this Python for verbs that run in one, unless they name one."""
    own = given[: given.index("--")] if "--" in given else given
    if not own or own[0] not in HUNTS_HERE or any(word.split("=")[0] == "--python" for word in own):
        return given
    return [given[0], "--python", python] + given[1:]


if __name__ == "__main__":
    program = path()
    os.execv(program, [program] + arguments(sys.argv[1:], sys.executable))
