//! Bodies that are inert, and bodies that are not.

use super::is_inert;

#[test]
fn bodies_that_bind_and_import_are_inert() {
    for source in [
        "",
        "# nothing\n",
        "'docstring'\n",
        "a = 0\n",
        "x = y = [1, 'a', (2.5, None), {'k': {1, 2}}]\n",
        "a, b = 1, 2\n",
        "n = -1\nbig = 60 * 60\n",
        "import os, a.b.c as d\n",
        "from . import sibling\nfrom ..up import name as other\nfrom p.q import r\n",
        "from __future__ import annotations\n",
        "import p\nV = p.s.V\n",
        "import sys\nif sys.version_info >= (3, 8):\n    import a\nelse:\n    import b\n",
        "try:\n    import a\nexcept ImportError as e:\n    a = None\nfinally:\n    done = True\n",
        "raise ImportError('no')\n",
        "raise RuntimeError\n",
        "assert False, 'never'\n",
        "def f(x, y=1, *rest, **more):\n    anything(goes)\n",
        "class Error(Exception):\n    code = 1\n    def method(self): call()\nraise Error\n",
        "f = lambda x: x()\n",
        "__all__ = ['a']\n__version__ = '1'\n",
        "V = 1 if __name__ == 'm' else 2\n",
        "del a\n",
    ] {
        assert!(is_inert(source), "{source:?}");
    }
}

#[test]
fn bodies_that_could_do_more_are_not() {
    for source in [
        "f()\n",
        "import os\nV = os.stat('a').st_mtime\n",
        "import os\nos.environ['K'] = 'x'\n",
        "import a\na.x = 1\n",
        "from a import *\n",
        "__path__ = ['/elsewhere']\n",
        "def __getattr__(name):\n    return 1\n",
        "from os import system as __getattr__\n",
        "class A:\n    def __eq__(self, other): return True\n",
        "class A(Base): pass\n",
        "class A(metaclass=M): pass\n",
        "@decorate\ndef f(): pass\n",
        "def f(x=g()): pass\n",
        "for x in y: pass\n",
        "while True: pass\n",
        "with a: pass\n",
        "x = [i for i in y]\n",
        "x = a + b\n",
        "x += 1\n",
        "x = f'{a}'\n",
        "x = a[0]\n",
        "(y := 1)\n",
        "x: int = f()\n",
        "9 ** 9999999\n",
        "from sys import path_importer_cache as c\n",
        "import sys\nc = sys.path_importer_cache\n",
        "import antigravity\n",
        "from unittest import __main__\n",
        "import unittest.__main__\n",
        "ImportError = f\nraise ImportError('x')\n",
        "from os import abort\nraise abort\n",
        "raise f()\n",
        "# coding: utf-7\na = 1\n",
        "try:\n    pass\nexcept* f():\n    pass\n",
    ] {
        assert!(!is_inert(source), "{source:?}");
    }
}

#[test]
fn what_no_python_compiles_is_inert() {
    for source in ["x = (\n", "def f(:\n", "this is not python\n", "x =\n", "1 1\n"] {
        assert!(is_inert(source), "{source:?}");
    }
}

#[test]
fn what_an_older_python_compiles_is_judged_by_what_it_could_do() {
    for source in [
        "exec 'import os'\n",
        "print os.stat('x')\n",
        "print f\n",
        "x = `a`\n",
        "async = f()\n",
        "raise E, 'x'\n",
    ] {
        assert!(!is_inert(source), "{source:?}");
    }
}
