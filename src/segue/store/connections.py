"""SQLite connections with the pragmas we promise (https://sqlite.org/pragma.html).

pysqlite opens transactions by itself, deferred, and a deferred transaction that turns to writing
fails at once when somebody else wrote meanwhile, whatever the busy timeout. So its own handling is
off (``isolation_level=None``) and SQLAlchemy's "begin" event sends the BEGIN that we mean.
"""

from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.pool import QueuePool

BUSY_TIMEOUT_MS = 15_000

_PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
    "PRAGMA synchronous = FULL",  # NORMAL loses acknowledged listens at a power cut
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16384",  # KiB
)
_WRITER_PRAGMAS = (
    "PRAGMA secure_delete = ON",  # what a listener deletes is overwritten
    # every index of the history has its own place where a listen goes: with less of them at hand
    # an import reads and writes each page again and again
    "PRAGMA cache_size = -32768",
    "PRAGMA wal_autocheckpoint = 8192",  # pages (32 MiB): one that changes often is copied once
)


def sqlite_engine(
    path: Path, role: Literal["reader", "writer", "migration"], pool_size: int = 1
) -> Engine:
    """An engine for one role over the file.

    Args:
        path: The database file.
        role: "reader" cannot write (``query_only``) and sees one snapshot for each transaction;
            "writer" begins every transaction IMMEDIATE; "migration" does too, with foreign keys
            off, because rebuilding a table would otherwise delete what refers to it.
        pool_size: Connections kept; a reader may open as many again for a burst.
    """
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=pool_size if role == "reader" else 0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,  # the pool lends a connection to one thread at a time
            "timeout": BUSY_TIMEOUT_MS / 1000,
        },
    )
    keys = "OFF" if role == "migration" else "ON"
    pragmas = [*_PRAGMAS, f"PRAGMA foreign_keys = {keys}"]
    if role == "reader":
        pragmas.append("PRAGMA query_only = ON")
    if role == "writer":
        pragmas += _WRITER_PRAGMAS

    def set_pragmas(raw: Any, _record: Any) -> None:
        cursor = raw.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if role == "reader" else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", set_pragmas)
    event.listen(engine, "begin", begin)
    return engine


def in_transaction(connection: Connection) -> bool:
    """Whether SQLite itself is in a transaction; it ends one on its own when the disk is full."""
    return bool(connection.connection.dbapi_connection.in_transaction)  # type: ignore[union-attr]
