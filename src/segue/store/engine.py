"""The database: many readers, one writer, one file.

Readers see one snapshot each and never wait; writing is queued to :class:`~segue.store.writer.
Writer` and is on stable storage before anybody is told. Several processes may open the file.
"""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import PoolProxiedConnection

from segue.errors import InvalidInputError, StoreError
from segue.store.connections import sqlite_engine
from segue.store.copies import compact
from segue.store.fulltext import clear_fulltext
from segue.store.recording_tables import metadata  # here it is complete
from segue.store.schema import Purpose, open_schema
from segue.store.tables import meta
from segue.store.writer import Writer

T = TypeVar("T")

READERS = 8  # pooled read connections; as many again for a burst


class Database:
    """One open database file.

    Args:
        path: The SQLite file; made when absent, migrated when older than this code.
        purpose: What it is made for, and, for "test", what it must have been made for.

    Raises:
        StoreError: Not ours, newer than this code, damaged, or not meant for tests.
    """

    def __init__(self, path: Path, *, purpose: Purpose = "library") -> None:
        self.path = Path(path)
        self.purpose: Purpose = open_schema(self.path, purpose)
        self._readers = sqlite_engine(self.path, "reader", READERS)
        self._writer = Writer(sqlite_engine(self.path, "writer"))
        self._watcher = sqlite_engine(self.path, "reader")
        self._watching: PoolProxiedConnection | None = None
        self._watch_lock = threading.Lock()

    def __enter__(self) -> "Database":
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def read(self) -> Generator[Connection, None, None]:
        """A connection that cannot write; all its reads see the same moment."""
        try:
            with self._readers.connect() as connection:
                yield connection
        except DatabaseError as error:
            raise StoreError(f"the database {self.path} could not be read: {error.orig}") from error
        except UnicodeEncodeError as error:  # a lone surrogate in what was asked for
            raise InvalidInputError("text with lone surrogates cannot be looked up") from error

    def submit(self, run: Callable[[Connection], T]) -> "Future[T]":
        """Queue a write. ``run`` gets a connection inside a savepoint of its own.

        The future is resolved after the commit, so a result means that it is durable. ``run``
        must be short, must not commit and may be undone as a whole when it raises.
        """
        return self._writer.submit(run)

    def write(self, run: Callable[[Connection], T]) -> T:
        """Queue a write and wait until it is on stable storage."""
        return self.submit(run).result()

    def close(self) -> None:
        """Finish what is queued, then close every connection. May be called twice."""
        self._writer.close()
        self._readers.dispose()
        with self._watch_lock:
            if self._watching is not None:
                self._watching.close()
                self._watching = None
        self._watcher.dispose()

    def revision(self) -> int:
        """Another number than before whenever anything was committed since, by any process.

        A few microseconds, so that whoever keeps answers can ask before each of them. Read it
        before what is kept under it. SQLite's own counter, which holds for one connection only
        (https://sqlite.org/pragma.html#pragma_data_version); another database would keep a row.
        """
        with self._watch_lock:
            if self._watching is None:
                self._watching = self._watcher.raw_connection()
            cursor = self._watching.cursor()
            cursor.execute("PRAGMA data_version")
            row = cursor.fetchone()
        return int(row[0]) if row else -1

    @property
    def instance_id(self) -> str:
        """The random name of this database, given when it was created."""
        with self.read() as connection:
            row = connection.execute(select(meta.c.value).where(meta.c.key == "instance_id"))
            return str(row.scalar_one())

    def check(self) -> list[str]:
        """Problems that SQLite finds in the file, in its words; empty when it is sound."""
        with self.read() as connection:
            rows = connection.exec_driver_sql("PRAGMA quick_check(20)").scalars().all()
        return [str(row) for row in rows if row != "ok"]

    def compact(self) -> None:
        """Write the file anew, so that nothing of what was deleted is left in it.

        Raises:
            StoreError: There is no room, or somebody has been writing for too long.
        """
        compact(self.path)

    def wipe(self) -> None:
        """Delete every row. For databases that were created for tests, and no others.

        Raises:
            StoreError: This database was not created for tests.
        """
        if self.purpose != "test":
            raise StoreError(
                f"{self.path} was not created for tests; it is never wiped. "
                "To start over, stop Segue and move the file away"
            )
        self.write(_delete_everything)


def _delete_everything(connection: Connection) -> None:
    marker = select(meta.c.value).where(meta.c.key == "purpose")
    if connection.execute(marker).scalar() != "test":  # asked again where it is deleted
        raise StoreError("the database was not created for tests")
    clear_fulltext(connection)
    for table in reversed(metadata.sorted_tables):
        if table is not meta:
            connection.execute(delete(table))
