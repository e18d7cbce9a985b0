"""The outcome of a step in the protocol's form: its letter, and two texts with details.

Runs with the definitions of the files before it in its namespace.
"""

import errno
import posix
import sys


def judge(action, failed, raised):
    if failed is not None:
        return judge_exception(action, failed, raised)
    if action.check == b"raises":
        return MISMATCHED, "expected %s, nothing was raised" % action.wanted, b""
    if action.check == b"expect":
        return judge_module(action)
    if action.check == b"warns":
        return judge_warnings(action)
    if action.verb == b"check" and not action.result:
        values = values_of(action.wanted).rstrip(", ")
        return MISMATCHED, "%s is false%s" % (action.name, ": " + values if values else ""), b""
    if action.verb == b"not-imported" and action.result:
        return MISMATCHED, "sys.modules has %r" % action.name, b""
    return PASSED, b"", b""


def judge_warnings(action):
    issued = [class_names(category) for category in action.result]
    if any([action.wanted in names for names in issued]):
        return PASSED, b"", b""
    others = ", ".join(sorted(set([names[0] for names in issued])))
    return (
        MISMATCHED,
        "expected %s, %s" % (action.wanted, "issued " + others if others else "no warning was issued"),
        b"",
    )


def is_good_end(action, failed, raised):
    """Whether a module that was run as a program has ended it as one that has done its work."""
    if action.verb != b"run-module" or failed is not SystemExit:
        return False
    status = SystemExit.code.__get__(raised)
    return status is None or (type(status) is int and status == 0)


def judge_exception(action, failed, raised):
    # The type of an instance of a 2.7 old-style class differs from the exception's.
    names = class_names(failed)
    if action.check == b"raises" and action.wanted in names:
        return PASSED, b"", b""
    if action.check != b"raises" and is_good_end(action, failed, raised):
        return judge(action, None, None)
    message = message_of(raised)
    if State.confined:
        message += denial(raised)
    return FAILED, names[0], message


def class_names(cls):
    """The names of a class and its bases, its own first."""
    if is_class(cls):
        return [class_name(base) for base in mro_of(cls)]
    names = [cls.__name__]
    for base in cls.__bases__:
        names.extend(class_names(base))
    return names


def exact(text):
    """A text as one of the builtin type, without methods of its own."""
    if isinstance(text, str):
        return str.__str__(text)
    return text if type(text) is type(u"") else u"%s" % text  # fmt: skip


def message_of(raised):
    """The `str` of an exception. If that may run code of the exception's own, it runs in a copy of this process."""
    if is_plainly_told(raised):
        return text_of(raised)
    State.own = True
    told = in_a_copy(lambda: told_by_itself(raised))
    State.own = False
    return native(told) if told is not None else "<no message: str() of the exception ended its process>"


def told_by_itself(raised):
    State.own = False
    return encoded(text_of(raised)) or b" "


def is_plainly_told(raised):
    kind = type(raised)
    if id(kind) in OLD_STYLE:
        return False
    for base in mro_of(kind):
        if is_heap(base) and ("__str__" in namespace_of(base) or "__getattribute__" in namespace_of(base)):
            return False
    return all([id(type(each)) in PLAIN for each in namespace_of(BaseException)["args"].__get__(raised)])


def text_of(raised):
    try:
        if PY2:
            try:
                return exact(str(raised))
            except UnicodeError:
                return exact(unicode(raised))  # noqa: F821
        return exact(str(raised))
    except:  # noqa: E722
        return "<no message: str() of the exception raised %s>" % class_names(exc_info()[0])[0]


def denial(raised):
    """How the confinement may have caused an exception, in words; empty if unknown."""
    seen = 0
    while raised is not None and seen < 10:
        if [base for base in mro_of(type(raised)) if base is EnvironmentError]:
            said = denied(raised)
            if said:
                return said
        if PY2:
            break
        cause = BaseException.__dict__["__cause__"].__get__(raised)
        raised = cause if cause is not None else BaseException.__dict__["__context__"].__get__(raised)
        seen += 1
    return ""


def denied(raised):
    code = EnvironmentError.errno.__get__(raised)
    if code not in (errno.EACCES, errno.EPERM, errno.EXDEV):
        return ""
    path = EnvironmentError.filename.__get__(raised)
    if path is None:
        return " [perhaps denied by taster: steps are confined, see --unconfined]"
    if type(path) not in (bytes, str, type(u"")):  # fmt: skip
        return ""
    other = getattr(EnvironmentError, "filename2", None)
    for name in (path, other.__get__(raised) if other is not None else None):
        if type(name) in (bytes, str, type(u"")) and is_outside(native_path(name)):  # fmt: skip
            return " [denied by taster: steps write only below their own directory, see --unconfined]"
    return ""


def native_path(name):
    return name if type(name) is str else native(name) if isinstance(name, bytes) else encoded(name)


def is_outside(path):
    """Whether a path lies outside the ordering's directory, where the system alone would have allowed writing."""
    if not path.startswith("/"):
        try:
            path = getcwd() + "/" + path
        except OSError:
            return False
    parts = []
    for part in path.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    path = "/" + "/".join(parts)
    if path.startswith(State.root_prefix):
        return False
    return access(path, posix.W_OK) or access(path.rpartition("/")[0] or "/", posix.W_OK)


def judge_module(action):
    try:
        module = sys.modules[action.name]
    except:  # noqa: E722
        return MISMATCHED, "sys.modules has no %r" % action.name, b""
    for path, wanted in action.wanted:
        dotted = ".".join(path)
        found = module
        for name in path:
            try:
                found = getattr(found, name)
            except AttributeError:
                return (
                    MISMATCHED,
                    "expected %s == %s, there is no attribute %r" % (dotted, short_text(wanted), name),
                    b"",
                )
            except:  # noqa: E722
                failed, raised = exc_info()[:2]
                return FAILED, class_names(failed)[0], message_of(raised)
        try:
            equal = bool(found == wanted)
        except:  # noqa: E722
            failed, raised = exc_info()[:2]
            return FAILED, class_names(failed)[0], message_of(raised)
        if not equal:
            return MISMATCHED, "expected %s == %s, found %s" % (dotted, short_text(wanted), short_text(found)), b""
    return PASSED, b"", b""


def shown(text):
    """A readable text, bounded."""
    data = rooted(text)
    return data if len(data) <= 4000 else data[:4000] + b"..."


def rooted(text):
    """A readable text: `$` replaces the ordering's directory."""
    return encoded(text).replace(encoded(State.root), b"$")
