"""The first code of an agent's process, which `-c` is given: runs the agent's files, each in a namespace that contains all
builtins and the definitions of the files before it. (A copy of the builtins as `__builtins__` would put 2.7 into its
restricted mode.) Asked to compile, it writes what it would have run instead, for interpreters that start later.

`FILES` is defined before it. Its arguments: the directory with the files, and `compile` or nothing.
"""

import sys

sys.path[:] = [entry for entry in sys.path if entry]
names = set(sys.modules)
if sys.version_info[0] == 2:
    import imp

    stamp = imp.get_magic() + sys.version
else:
    stamp = sys.modules["_frozen_importlib_external"].MAGIC_NUMBER + sys.version.encode()
import marshal  # noqa: E402 (after what was loaded before has been noted)

directory = sys.argv[1]
data = b""
if sys.argv[2:] != ["compile"]:
    try:
        with open(directory + "/compiled", "rb") as file:
            data = file.read()
    except (IOError, OSError):
        pass
if data.startswith(stamp):
    codes = marshal.loads(data[len(stamp) :])
else:
    codes = []
    for name in FILES.split():  # noqa: F821
        with open(directory + "/" + name) as file:
            codes.append((name, compile(file.read(), name, "exec")))
if sys.argv[2:] == ["compile"]:
    with open(directory + "/compiled", "wb") as file:
        file.write(stamp + marshal.dumps(codes))
else:
    spaces = {}
    for name, code in codes:
        space = dict(vars(sys.modules.get("builtins") or sys.modules["__builtin__"]))
        space.update(spaces)
        space["__name__"] = "taster " + name[:-3]
        exec(code, space)
        spaces.update(space)
    space["main"](names, directory)
