"""Starts pytest with taster's plugin in it. Written for CPython 3.6 and later.

Started as `python plugin.py [PYTEST ARGUMENTS]` by taster, which writes commands to standard input and reads messages
from standard output. Before anything else, both are moved away from descriptors 0 and 1, so that no test can read or
write them. message.rs describes the messages. The files beside this one are compiled when they are needed: the plugin
itself (hunt.py), looking at state and restoring it (look.py), recording (record.py).

Nothing is imported here that pytest has not imported: the runner must not decide a verdict.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


_CODES = {}


def code_of(name):
    """The code of a file beside this one. What is compiled before a fork need not be compiled in it."""
    if name not in _CODES:
        with open(os.path.join(_HERE, name), "rb") as file:
            _CODES[name] = compile(file.read(), os.path.join(_HERE, name), "exec")
    return _CODES[name]


def loaded(name, **parts):
    """The namespace of a file beside this one, run here and not as a module, so that the suite finds no trace of it.

    Some import `gc`, which the suite may not have imported.
    """
    unknown = "gc" not in sys.modules
    namespace = dict(parts, __name__="<taster>." + name)
    exec(code_of(name), namespace)
    if unknown:
        sys.modules.pop("gc", None)
    return namespace


def writing_noted(folders):
    """The recorder of written files, so that they can be restored, or None before CPython 3.8, which does not report
    them."""
    if not hasattr(sys, "addaudithook"):
        return None
    folder, ours = folders
    paths = loaded("paths.py")
    return loaded("written.py", log=loaded("log.py", paths=paths), paths=paths)["Written"](folder, [ours, _HERE])


def plugin(pytest, messages, channel, start, written):
    """The plugin. In a view of its own a run may restore any file, in place only those that it has written itself."""
    if "written" not in start:
        may_write = any_file
    else:
        may_write = written.has_written if written is not None else no_file
    surroundings = loaded("surroundings.py", here=_HERE)
    looks = loaded("look.py", loaded=loaded, may_write=may_write, here=_HERE)
    parts = dict(messages=messages, reports=loaded("reports.py"), surroundings=surroundings, looks=looks)
    parts.update(wider_fixtures_of=loaded("called.py")["wider_fixtures_of"])
    parts.update(loaded=loaded, code_of=code_of)
    return loaded("hunt.py", pytest=pytest, **parts)["Hunt"](channel, start, written)


def any_file(path):
    """Which files may be restored if runs have a view of their own."""
    return True


def no_file(path):
    """Which files may be restored in place if the run's writes are unknown."""
    return False


def main():
    """Moves the descriptors away, then runs pytest as `python -m pytest` would."""
    commands, messages = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    parts = loaded("messages.py")
    channel = parts["Channel"](commands, messages)
    if sys.path and sys.path[0] == _HERE:
        sys.path[0] = os.getcwd()
    for name in [name for name in sys.path_importer_cache if name.startswith(_HERE)]:
        del sys.path_importer_cache[name]
    start = channel.block()
    if start is None:
        return
    # After this line standard output is ours: a site customisation may have printed before it.
    os.write(messages, ("\n" + start["nonce"][0] + "\n").encode("ascii"))
    sys.argv[0] = "pytest"
    if "watch-seeds" in start:
        loaded("seeds.py")["Seeds"](channel).begin()
    folders = [parts["text_of"](word) for word in start.get("written", ())]
    written = writing_noted(folders) if folders else None
    try:
        import pytest
    except ImportError as error:
        channel.send("no-pytest", text=str(error))
        return
    if not hasattr(getattr(sys.modules.get("_pytest.runner"), "CallInfo", None), "from_call"):
        channel.send("old-pytest", version=str(pytest.__version__))
        return
    try:
        peers = loaded("peers.py", pytest=pytest)["Peers"](channel, os._exit)
        code = int(pytest.main(sys.argv[1:], plugins=[plugin(pytest, parts, channel, start, written), peers]))
    except BaseException:
        # A conftest or plugin that cannot be loaded, or exits.
        sys.__excepthook__(*sys.exc_info())
        code = 1
    channel.send("quit", code=code)
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
