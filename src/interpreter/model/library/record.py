"""Writes the table of one CPython version's standard library that the model reads.

Run as `python record.py > 3.11.txt` with each CPython from 3.6 on. For each module the table records how it is found
and which modules its own body imports, in order, each observed in a fresh interpreter that was started like taster's
agent.

Lines: `started NAME...` lists the modules in sys.modules when the interpreter starts. Then one line per module,
sorted: the name, a letter (`b` built in, `f` frozen, `p` found on the path, `x` its import fails on the machine that
recorded, `w` a step that imports it shows a warning, which imports what displays warnings), the names that it
imports, with a `!` before a name that does not exist, and, for the modules that others import most often, the names
of its public attributes after a `|`.
"""

import os
import subprocess
import sys

STDLIB = os.path.dirname(os.path.abspath(os.__file__))
LEFT_OUT = (
    "__phello__ _pyrepl antigravity ctypes.macholib distutils encodings ensurepip idlelib lib2to3 msilib nt pip pydoc_data "
    "site-packages test this tkinter turtle turtledemo".split()
)
DESCRIBED = (
    "abc collections contextlib dataclasses datetime decimal enum errno functools importlib io itertools json logging "
    "math operator os os.path pathlib random re string subprocess sys tempfile threading time types typing unittest "
    "warnings".split()
)
OPTIONS = ["-E", "-s", "-S"]
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}


def left_out(name):
    if any(name == prefix or name.startswith(prefix + ".") for prefix in LEFT_OUT):
        return True
    last = name.rpartition(".")[2]
    return last in ("__main__", "test", "tests") or not name.replace(".", "_").isidentifier()


def names():
    found = set(sys.builtin_module_names)
    found.update(in_directory(STDLIB, ""))
    found.update(in_directory(os.path.join(STDLIB, "lib-dynload"), ""))
    found.discard("__main__")
    return sorted(name for name in found if not left_out(name))


def in_directory(directory, prefix):
    for entry in sorted(os.listdir(directory)):
        path = os.path.join(directory, entry)
        if os.path.isdir(path) and os.path.exists(os.path.join(path, "__init__.py")):
            name = prefix + entry
            if left_out(name):
                continue
            yield name
            for below in in_directory(path, name + "."):
                yield below
        elif entry.endswith((".py", ".so")) and not entry.startswith("__init__."):
            yield prefix + entry.partition(".")[0]


# Reports on one module; runs in a fresh interpreter.
PROBE = r"""
import sys
before = set(sys.modules)
name, described = sys.argv[1:]
asked = []

class Recorder:
    @staticmethod
    def find_spec(fullname, path=None, target=None):
        frame = sys._getframe(1)
        while frame is not None:
            if frame.f_globals.get("__name__") not in ("_frozen_importlib", "_frozen_importlib_external"):
                break
            frame = frame.f_back
        while frame is not None and frame.f_code.co_name != "<module>":
            frame = frame.f_back
        asked.append((frame.f_globals.get("__name__"), fullname))
        return None

sys.meta_path.insert(0, Recorder)
try:
    __import__(name)
except (AttributeError, ImportError):
    # Some, such as genericpath, can be imported only by a module that imports them in turn.
    try:
        __import__("os")
        failed = name not in sys.modules
    except ImportError:
        failed = True
else:
    failed = False
del sys.meta_path[0]
import _imp
if name in sys.builtin_module_names:
    kind = "b"
elif _imp.is_frozen(name):
    kind = "f"
else:
    kind = "p"
if failed:
    kind = "x"
words = [name, kind]
for asking, wanted in asked:
    if asking == name and wanted != name:
        words.append(wanted if wanted in sys.modules else "!" + wanted)
if described == "1" and not failed:
    words.append("|")
    words.extend(sorted(word for word in dir(sys.modules[name]) if not word.startswith("_")))
print(" ".join(words))
"""


# Finds out whether the import of a module shows a warning; runs in an interpreter in which warnings are errors.
WARNS = r"""
import sys
try:
    __import__(sys.argv[1])
except Warning:
    print("w")
except BaseException:
    pass
"""


def run(code, *arguments, options=()):
    # Not with -c, for which 3.13 loads linecache.
    command = [sys.executable] + OPTIONS + list(options) + ["-"] + list(arguments)
    pipe = subprocess.PIPE
    done = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=ENVIRONMENT, cwd="/")
    output = done.communicate(code.encode())[0].decode()
    return output if done.returncode == 0 else ""


def main():
    started = run("import sys\nprint('started', ' '.join(sorted(set(sys.modules) - {'__main__'})))")
    sys.stdout.write(started)
    for name in names():
        line = run(PROBE, name, str(int(name in DESCRIBED)))
        if run(WARNS, name, options=["-W", "error:::__main__"]):
            line = name + " w\n"
        sys.stdout.write(line or name + " x\n")


main()
