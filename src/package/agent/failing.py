"""What an import came to: its exception, and the chain of imports that led to it, from the traceback.

Looking runs no code of the exception, but for its message (judging.py). Runs with the definitions of kinds.py and
judging.py in its namespace.
"""

import types

TRACEBACK = types.TracebackType
CAUSE, CONTEXT = BaseException.__dict__["__cause__"], BaseException.__dict__["__context__"]
TRACE = BaseException.__dict__["__traceback__"]
MOST = 10  # exceptions in a chain of causes


def import_outcome(name):
    """Imports a module. The outcome as fields: letter, exception, message, chain of imports, circle."""
    try:
        __import__(name)
    except BaseException:
        failed, raised, trace = exc_info()
        try:
            return exception_fields(failed, raised, trace)
        finally:
            del failed, raised, trace
    return [PASSED, b"", b"", b"", b""]


def exception_fields(failed, raised, trace):
    chain, circle = chain_of(trace), []
    for error, its_trace in [(raised, trace)] + reasons_of(raised):
        its_chain = chain_of(its_trace)
        found = circle_in(error, its_chain)
        if found:
            # A reason that was caught further in has only the inner part of the chain in its traceback.
            chain = its_chain if len(its_chain) > len(chain) else chain
            circle = found
            break
    message = message_of(raised)
    if State.confined:
        message += denial(raised)
    parts = [class_names(failed)[0], message, ">".join(chain), ">".join(circle)]
    return [FAILED] + [shown(part) for part in parts]


def reasons_of(raised):
    """The exceptions behind this one, with their tracebacks."""
    found = []
    while len(found) < MOST:
        reason = CAUSE.__get__(raised)
        raised = reason if reason is not None else CONTEXT.__get__(raised)
        if raised is None:
            break
        found.append((raised, TRACE.__get__(raised)))
    return found


def chain_of(trace):
    """The modules whose bodies were running, the outermost first."""
    names = []
    while type(trace) is TRACEBACK:
        frame = trace.tb_frame
        if frame.f_code.co_name == "<module>":
            name = frame.f_globals.get("__name__") if type(frame.f_globals) is dict else None
            if type(name) is str and (not names or names[-1] != name):
                names.append(name)
        trace = trace.tb_next
    return names


def circle_in(raised, chain):
    """The part of the chain that comes back to its beginning: a module wants a name of one that is still being run."""
    wanted = wanted_of(raised)
    if wanted not in chain or not chain:
        return []
    return chain[chain.index(wanted) :] + [wanted]


def wanted_of(raised):
    """The module of which a name was wanted and not there, or None."""
    kinds = mro_of(type(raised))
    if ModuleNotFoundError in kinds:
        return None
    if ImportError in kinds:
        found = ImportError.__dict__["name"].__get__(raised)
        return found if type(found) is str else None
    if AttributeError in kinds and is_plainly_told(raised):
        before, _, after = text_of(raised).partition("module '")
        if before in ("", "partially initialized ") and after:
            return after.partition("'")[0]
    return None
