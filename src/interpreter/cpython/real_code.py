"""Real code that a scenario reaches: directories of its author, and the interpreter's own site-packages.

Runs with the definitions of the files before it in its namespace.
"""

import posix
import sys


def reach(directories, with_site):
    """Puts the directories on `sys.path` behind what is there, and then what an ordinary start of this interpreter puts
    there. Returns what is new."""
    before = list(sys.path)
    sys.path.extend(directories)
    if with_site:
        import site  # 2.7 does the rest as it loads it

        if not PY2:
            site.main()
    return [entry for entry in sys.path if entry not in before]


def installed(wanted):
    """The versions of installed distributions with these names, as `name, version, name, version, ...`."""
    found = {}
    for entry in sys.path if wanted else ():
        try:
            names = sorted(posix.listdir(entry))
        except OSError:
            continue
        for name in names:
            stem, dot, kind = name.rpartition(".")
            if kind not in ("dist-info", "egg-info"):
                continue
            parts = stem.split("-")
            if normal(parts[0]) in wanted and normal(parts[0]) not in found:
                found[normal(parts[0])] = parts[1] if len(parts) > 1 else version_in(entry + "/" + name)
    return [encoded(part) for name in sorted(found) for part in (name, found[name])]


def normal(name):
    """The name of a distribution as PEP 503 compares it."""
    parts = name.lower().replace("_", "-").replace(".", "-").split("-")
    return "-".join([part for part in parts if part])


def version_in(path):
    """The version that a distribution's own description states, or nothing."""
    for name in ("", "/METADATA", "/PKG-INFO"):
        try:
            with open(path + name) as file:
                for line in file:
                    if line.startswith("Version:"):
                        return line[8:].strip()
        except (OSError, IOError, ValueError):
            pass
    return ""
