"""What is left of rows after they are deleted: in free pages, in the log, in copies of the file.

SQLite leaves deleted content in the file until the place is used again
(https://sqlite.org/pragma.html#pragma_secure_delete), so the file is written anew.
"""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from segue.errors import StoreError
from segue.store.connections import sqlite_engine


def copies_of(path: Path) -> Iterator[Path]:
    """Copies that upgrades of the schema left beside a database."""
    yield from sorted(path.parent.glob(f"{path.name}.schema-*.bak"))


def erase_in_copies(path: Path, account_id: str, failures_key: str) -> None:
    """Delete an account from every copy beside a database, as its own schema cascades."""
    for copy in copies_of(path):
        engine = sqlite_engine(copy, "writer")
        try:
            with engine.begin() as connection:
                connection.execute(
                    text("DELETE FROM login_failures WHERE key = :key"), {"key": failures_key}
                )
                connection.execute(
                    text("DELETE FROM jobs WHERE instr(params, :id)"), {"id": account_id}
                )
                connection.execute(text("DELETE FROM accounts WHERE id = :id"), {"id": account_id})
        except DatabaseError as error:
            raise StoreError(f"the copy {copy} cannot be cleaned: {error.orig}") from error
        finally:
            engine.dispose()
        compact(copy)


def compact(path: Path) -> None:
    """Write a database file anew, without anything that was deleted, and empty its log.

    Others read meanwhile; who writes waits. Needs as much free disk as the file is large.

    Raises:
        StoreError: There is no room, or somebody has been writing for too long.
    """
    engine = sqlite_engine(path, "writer")
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA temp_store = FILE")  # in memory it would be as large as the file
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.close()
    except Exception as error:
        raise StoreError(f"the database {path} cannot be written anew: {error}") from error
    finally:
        raw.close()
        engine.dispose()
