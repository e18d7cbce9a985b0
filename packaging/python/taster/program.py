"""Where the program `taster` is that was installed with this package."""

import os
import sys
import sysconfig


def path():
    """The path of the program: in the scripts of this environment, of the user, or beside a target directory's packages."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    user = "{}_user".format(os.name)
    folders = [sysconfig.get_path("scripts"), os.path.join(here, "bin")]
    if user in sysconfig.get_scheme_names():
        folders.append(sysconfig.get_path("scripts", user))
    for folder in folders:
        program = os.path.join(folder, "taster")
        if os.path.isfile(program):
            return program
    sys.exit("taster: the program is in none of {}; install pytest-taster again".format(", ".join(folders)))
