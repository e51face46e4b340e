"""Many rows put into the store of a benchmark at once: indexes are made after the rows."""

import sqlite3
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

_INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"


@contextmanager
def in_bulk(path: Path, tables: Sequence[str]) -> Generator[sqlite3.Connection, None, None]:
    """A connection for one large change of ``tables``; nobody else may write meanwhile."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -200000")
        connection.execute("BEGIN IMMEDIATE")  # all or nothing: a second try finds it as it was
        marks = ", ".join("?" * len(tables))
        found = connection.execute(f"{_INDEXES} AND tbl_name IN ({marks})", tables).fetchall()
        for name, _ in found:
            connection.execute(f'DROP INDEX "{name}"')
        yield connection
        for _, statement in found:
            connection.execute(statement)
        connection.execute("COMMIT")


def insert_rows(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> int:
    """Insert rows as fast as they come, and say how many there were."""
    marks = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
    return connection.executemany(statement, rows).rowcount
