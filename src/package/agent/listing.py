"""The modules of a package, from its directories: nothing of the package is imported.

Runs with the definitions of protocol.py in its namespace, in a copy of the process, which takes what this loads with it.
"""

TEST_NAMES = frozenset(["tests", "test", "conftest"])


def listed(package):
    """Fields: an error or nothing, the directories, then for each module its name, whether it is of the package's tests,
    and its file."""
    import importlib.machinery
    import importlib.util

    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError) as error:
        return [encoded(str(error))]
    if spec is None:
        return [encoded(missing(package))]
    if spec.submodule_search_locations is None:
        return [b"", b"", encoded(package), b"0", encoded(spec.origin or "")]
    places = list(spec.submodule_search_locations)
    suffixes = sorted(importlib.machinery.all_suffixes(), key=lambda suffix: -len(suffix))
    found = {}
    for place in places:
        below(place, package, suffixes, found, 0)
    fields = [b"", encoded("\n".join(places)), encoded(package), b"0", encoded(spec.origin or "")]
    for name in sorted(found):
        parts = name.split(".")[1:]
        is_test = any(part in TEST_NAMES or part.startswith("test_") for part in parts)
        fields.extend([encoded(name), b"1" if is_test else b"0", encoded(found[name])])
    return fields


def below(directory, package, suffixes, found, depth):
    """Adds the modules in a directory and below it; returns whether there are any."""
    import os

    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return False
    any_found = False
    for name in names:
        path = directory + "/" + name
        if name.isidentifier() and name != "__pycache__" and os.path.isdir(path) and depth < 20:
            inside = {}
            full = package + "." + name
            if below(path, full, suffixes, inside, depth + 1) or has_init(path, suffixes):
                found[full] = next((path + "/__init__" + each for each in suffixes if is_init(path, each)), path)
                found.update(inside)
                any_found = True
            continue
        for suffix in suffixes:
            stem = name[: -len(suffix)]
            if name.endswith(suffix) and stem.isidentifier() and not os.path.isdir(path):
                if stem != "__init__":
                    found.setdefault(package + "." + stem, path)
                any_found = True
                break
    return any_found


def is_init(directory, suffix):
    return access(directory + "/__init__" + suffix, posix.F_OK)


def has_init(directory, suffixes):
    return any(is_init(directory, suffix) for suffix in suffixes)


def missing(package):
    """Why there is no such package; a distribution of that name may have modules of other names."""
    import importlib

    try:
        metadata = importlib.import_module("importlib.metadata")
        files = metadata.files(package) or []
    except Exception:
        files = []
    tops = set()
    for file in files:
        first = file.parts[0]
        if len(file.parts) > 1 and file.parts[1].endswith((".py", ".so")) and first.isidentifier():
            tops.add(first)
        elif len(file.parts) == 1 and first.endswith(".py"):
            tops.add(first[:-3])
    named = " and ".join(sorted(tops))
    if named:
        return "no module is named %s; the distribution of that name brings %s" % (package, named)
    return "no module is named %s" % package
