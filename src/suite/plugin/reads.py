"""The names and texts in the code of a test: what it is likely to read.

Compiled by look.py for a survey. Nothing is imported here, and no code of the suite runs.
"""

CODE = type((lambda: None).__code__)
# So many names of one test, and so long ones.
MOST, LONGEST = 300, 100


def names_in(test):
    """The names in the code of a test, and the texts: those of the functions within it too."""
    function = getattr(test, "obj", None)
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    found, waiting = [], [code] if type(code) is CODE else []
    while waiting:
        code = waiting.pop()
        found += code.co_names
        found += [each for each in code.co_consts if type(each) is str]
        waiting += [each for each in code.co_consts if type(each) is CODE]
    return sorted({each for each in found if len(each) <= LONGEST})[:MOST]
