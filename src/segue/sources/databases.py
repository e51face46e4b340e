"""Databases of other programs, opened so that they cannot be changed and cannot do harm.

SQL stays in ``store``; the readers of beets and Navidrome are the exception, since their databases
*are* the export. The file is opened immutable, only tables are read (a view could compute without
end), and the connection may do nothing but read.
"""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from segue.errors import InvalidInputError
from segue.sources.base import Member

MAGIC = b"SQLite format 3\x00"
MAX_BYTES = 32 << 30
MAX_VALUE_BYTES = 1 << 20
_ALLOWED = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION))


def is_database(member: Member) -> bool:
    """Whether it begins like an SQLite file."""
    return member.head().startswith(MAGIC)


@contextmanager
def opened(member: Member) -> Generator[sqlite3.Connection]:
    """A connection that reads only.

    Raises:
        InvalidInputError: It lies in an archive, is too large, is being written, or is damaged.
    """
    path = member.path
    if path is None:
        raise InvalidInputError(f"{member.name} is a database; unpack it and give the file")
    if member.size_bytes > MAX_BYTES:
        raise InvalidInputError(
            f"{member.name} has {member.size_bytes:,} bytes; at most {MAX_BYTES:,} are read"
        )
    _refuse_while_written(path, member.name)
    try:
        address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
        with closing(sqlite3.connect(address, uri=True)) as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
            connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            for pragma in ("trusted_schema = 0", "query_only = 1", "cell_size_check = 1"):
                connection.execute(f"PRAGMA {pragma}")
            connection.text_factory = _decoded
            connection.row_factory = sqlite3.Row
            yield connection
    except sqlite3.Error as error:
        raise InvalidInputError(f"{member.name} is a damaged database: {error}") from error


def columns_of(connection: sqlite3.Connection, table: str) -> frozenset[str]:
    """Names of the columns of a table; empty when there is no such table (a view is none)."""
    kinds = connection.execute(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchall()
    if not kinds or str(kinds[0][0]).lstrip()[:14].upper() == "CREATE VIRTUAL":
        return frozenset()
    found = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return frozenset(str(row[0]) for row in found)


def read_only_tables(connection: sqlite3.Connection) -> None:
    """From now on nothing but reading is allowed, and no pragma any more."""

    def decide(action: int, *_: str | None) -> int:
        return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY

    connection.set_authorizer(decide)


def has_columns(member: Member, table: str, wanted: Sequence[str]) -> bool:
    """Whether the file is a database that has such a table."""
    if not is_database(member) or member.path is None:
        return False
    try:
        with opened(member) as connection:
            return set(wanted) <= columns_of(connection, table)
    except InvalidInputError:
        return False


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _refuse_while_written(path: Path, name: str) -> None:
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size > 0:
        raise InvalidInputError(
            f"{name} is being written ({log.name} holds rows that are not in it yet); stop the "
            "program that owns it, or give a backup that it made"
        )
