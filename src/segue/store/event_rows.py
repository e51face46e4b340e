"""Rows of events, many in one statement.

SQLite works outside of Python's lock while it runs one statement. An import that inserted row by
row would ask for the lock again after each, and wait for it as long as somebody computes: most of
the time. With a thousand rows in one statement it reads and matches the next rows meanwhile.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import TypeAlias

from sqlalchemy.engine import Connection

from segue.data.records import Event, EventKind

COLUMNS = ("listener_id", "track_id", "kind", "listened_at", "idempotency_key", "played_s", "value",
           "source", "client")  # fmt: skip
EventRow: TypeAlias = tuple[str | float | None, ...]

_KINDS = {kind: kind.value for kind in EventKind}  # ``value`` itself is slow to look up
_SIZES = (1024, 256, 64, 16, 4, 1)  # few statements, so that they stay prepared; 9,216 values


def row_of(event: Event) -> EventRow:
    """Values of an event in the order of :data:`COLUMNS`."""
    return (
        event.listener_id,
        event.track_id,
        _KINDS[event.kind],
        event.listened_at,
        event.idempotency_key,
        event.played_s,
        event.value,
        event.source,
        event.client,
    )


def insert_many(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Insert rows in order."""
    start = 0
    for size in _SIZES:
        while len(rows) - start >= size:
            values = tuple(chain.from_iterable(rows[start : start + size]))
            connection.exec_driver_sql(_insert_of(size), values)
            start += size


@lru_cache(len(_SIZES))
def _insert_of(n_rows: int) -> str:
    row = f"({', '.join('?' * len(COLUMNS))})"
    rows = ", ".join([row] * n_rows)
    return f"INSERT INTO events ({', '.join(COLUMNS)}) VALUES {rows}"  # noqa: S608 - only marks
