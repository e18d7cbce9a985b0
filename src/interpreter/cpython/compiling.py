"""Compiles Python texts and runs none of them: which of them are syntax errors here, and where.

Reads a JSON array of [kind, text] from stdin and writes a JSON array to stdout: for each text null, or the line, the column
(both from 1; 0 if unknown) and the message of the error. For CPython 2.7 and 3.6 and later.
"""

import json
import sys
import warnings


def fault(kind, text):
    # A file's text is compiled from its bytes, so that it may name its encoding.
    source = text.encode("utf-8") if kind == "file" else text
    try:
        compile(source, "<text>", "eval" if kind == "expression" else "exec", 0, True)
    except SyntaxError as error:
        return [error.lineno or 0, max(error.offset or 0, 0), str(error.msg)]
    except Exception as error:
        return [0, 0, "%s: %s" % (type(error).__name__, error)]
    return None


def main():
    warnings.simplefilter("ignore")
    texts = json.loads(getattr(sys.stdin, "buffer", sys.stdin).read().decode("utf-8"))
    json.dump([fault(kind, text) for kind, text in texts], sys.stdout)


main()
