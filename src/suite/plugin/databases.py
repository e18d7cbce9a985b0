"""Databases that `sqlite3` keeps in the memory of a process, as places of the connections to them.

Compiled by look.py for the first look, with the definitions of values.py and places.py in its namespace; walk.py has its
definitions. Nothing is imported here, and looking runs no code of the suite, unless that has set a function which hears of
each statement.
"""

import sys

namespace_of, attributes, mro_of = globals()["namespace_of"], globals()["attributes"], globals()["mro_of"]
CannotPutBack = globals()["CannotPutBack"]
# A larger database is not looked into.
MOST_PAGES = 1000
MOST_SHOWN = 8
CLOSED = "closed"
# Statuses of a copy.
BUSY, LOCKED = 5, 6


def of_sqlite(name):
    """A class of the library in C, or None if nobody has loaded it."""
    return (attributes(dict.get(sys.modules, "_sqlite3")) or {}).get(name)


def is_connection(kind):
    """Whether objects of this class are connections whose database can be copied: from CPython 3.7 on."""
    base = of_sqlite("Connection")
    return base is not None and any([each is base for each in mro_of(kind)]) and "backup" in namespace_of(base)


def called(connection, name, *arguments, **more):
    """Calls a method of the library's own class."""
    return namespace_of(of_sqlite("Connection"))[name](connection, *arguments, **more)


def asked(connection, query):
    """The rows of a query, texts as bytes: a cursor of its own uses nothing that the suite has set for rows."""
    texts = namespace_of(of_sqlite("Connection"))["text_factory"]
    of_suite = texts.__get__(connection)
    texts.__set__(connection, bytes)
    try:
        cursor = of_sqlite("Cursor")(connection)
        return namespace_of(of_sqlite("Cursor"))["execute"](cursor, query).fetchall()
    finally:
        texts.__set__(connection, of_suite)


def is_in_memory(connection):
    try:
        return asked(connection, "select count(*) from pragma_database_list where file <> ''") == [(0,)]
    except Exception:
        return False  # it is closed, or belongs to another thread


def tables_of(connection):
    """Each table with how many rows it has and what distinguishes it: what made it, and the rows."""
    tables = {}
    if asked(connection, "pragma page_count")[0][0] <= MOST_PAGES:
        for kind, name, made in asked(connection, "select type, name, sql from sqlite_master order by rowid"):
            rows = rows_of(connection, name) if kind == b"table" else None
            text = None if rows is None else "1 row" if len(rows) == 1 else "%d rows" % len(rows)
            tables[name.decode("utf-8", "replace")] = (text or kind.decode(), made, rows)
    return tables


def rows_of(connection, name):
    try:
        return asked(connection, 'select * from "%s"' % name.decode("utf-8", "replace").replace('"', '""'))
    except Exception:
        return None  # an extension makes it that is not loaded any more


def ends_if_locked(status, remaining, total):
    """A copy waits for whoever reads or writes, who is this very thread."""
    if status in (BUSY, LOCKED):
        raise CannotPutBack("its database is being read or written")


class Database:
    """What a connection to a database in memory holds: one cell."""

    def __init__(self, spot, connection):
        self.spot, self.connection = spot, connection
        self.remember()

    def remember(self):
        self.saved, self.copy = self.now(), None
        if type(self.saved) is dict:
            copy = of_sqlite("Connection")(":memory:")
            try:
                self.copied(self.connection, copy)
                self.copy = copy
            except Exception:
                pass  # nobody has committed what it holds: then it can be compared, and not put back

    def now(self):
        """Its tables, `CLOSED`, or None where nobody can tell."""
        try:
            return tables_of(self.connection)
        except Exception as error:
            return CLOSED if "closed" in str(error) else None

    @staticmethod
    def copied(source, target):
        called(source, "backup", target, pages=-1, progress=ends_if_locked, sleep=0)

    def may_have(self, name):
        return name == self.spot.path + " database"

    def changed(self):
        saved, now = self.saved, self.now()
        if type(saved) is not dict or now is None or now == saved:
            return
        path, texts = self.spot.path, ("open", CLOSED) if now is CLOSED else texts_apart(saved, now)
        yield self.spot.told("content", path, path + " database", list(texts), saved, self.put)

    def put(self, _):
        if self.copy is None:
            raise CannotPutBack("what it held was not committed")
        if self.now() is CLOSED:
            called(self.connection, "__init__", ":memory:")
        called(self.connection, "rollback")
        self.copied(self.copy, self.connection)


def texts_apart(old, new):
    """The tables that are not the same in both, as two texts."""
    names = [name for name in list(old) + [each for each in new if each not in old] if old.get(name) != new.get(name)]
    more = len(names) - MOST_SHOWN
    for side in (old, new):
        told = ["%s: %s" % (name, side[name][0] if name in side else "absent") for name in names[:MOST_SHOWN]]
        yield ", ".join(told + (["(%d more)" % more] if more > 0 else []))
