"""Rows of imports whose track is doubtful, kept until their listener has decided.

All rows that name a track in the same words are one doubt. A decision is remembered, so that the
same words are decided for whatever is imported later.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct
from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Connection

from segue.data.imported import ImportedListen, ImportedRule, NamedTrack
from segue.errors import NotFoundError
from segue.store.batches import checked_limit, chunks
from segue.store.engine import Database
from segue.store.import_tables import import_doubt_rows, import_doubts

State = Literal["open", "accepted", "refused"]
Waiting: TypeAlias = ImportedListen | ImportedRule
_RULE = '{"is":"rule"'  # how a rule begins; what else waits has no such mark


class Doubt(Struct, frozen=True, kw_only=True):
    """One decision to make: is ``named`` the track ``track_id``? ``n_rows`` rows wait for it."""

    id: int
    named: NamedTrack
    track_id: str
    confidence: float
    reason: str
    n_rows: int = 0


class DoubtfulRow(Struct, frozen=True, kw_only=True):
    """A row to keep; ``key`` is equal for rows that name a track in the same words.

    ``row_key`` is the same each time the row is imported, and ``client`` the source it came by.
    """

    key: str
    row_key: str
    client: str
    listen: Waiting
    track_id: str
    confidence: float
    reason: str


class Decision(Struct, frozen=True):
    """What was decided about some words: "accepted" is the track, "refused" another one."""

    state: State
    track_id: str


class ImportDoubts:
    """Doubtful rows of all listeners.

    Args:
        db: The database.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, listener_id: str, rows: Sequence[DoubtfulRow], now: float) -> int:
        """Keep rows, durable at return; how many are new."""
        return self._db.write(lambda connection: _keep(connection, listener_id, rows, now))

    def decisions(self, listener_id: str) -> Mapping[str, Decision]:
        """What was decided, by the key of the words."""
        statement = select(import_doubts.c.key, import_doubts.c.state, import_doubts.c.track_id)
        of_listener = import_doubts.c.listener_id == listener_id
        with self._db.read() as connection:
            rows = connection.execute(statement.where(of_listener, import_doubts.c.state != "open"))
            return {row.key: Decision(row.state, row.track_id) for row in rows}

    def waiting(self, listener_id: str, after: int = 0, limit: int = 50) -> list[Doubt]:
        """Doubts to decide about, those whose id follows ``after``."""
        n_rows = (
            select(func.count())
            .where(import_doubt_rows.c.doubt_id == import_doubts.c.id)
            .scalar_subquery()
        )
        statement = (
            select(import_doubts, n_rows.label("n_rows"))
            .where(
                import_doubts.c.listener_id == listener_id,
                import_doubts.c.state == "open",
                import_doubts.c.id > after,
            )
            .order_by(import_doubts.c.id)
            .limit(checked_limit(limit))
        )
        with self._db.read() as connection:
            return [
                Doubt(
                    id=row.id,
                    named=msgspec.json.decode(row.named, type=NamedTrack),
                    track_id=row.track_id,
                    confidence=row.confidence,
                    reason=row.reason,
                    n_rows=row.n_rows,
                )
                for row in connection.execute(statement)
            ]

    def count(self, listener_id: str) -> int:
        """How many doubts wait for a decision."""
        statement = select(func.count()).where(
            import_doubts.c.listener_id == listener_id, import_doubts.c.state == "open"
        )
        with self._db.read() as connection:
            return int(connection.execute(statement).scalar_one())

    def rows_of(
        self, listener_id: str, doubt_id: int
    ) -> tuple[Decision, list[tuple[str, Waiting]]]:
        """Where a doubt stands, and its rows with the source each came by.

        Raises:
            NotFoundError: No such doubt, or somebody else's.
        """
        with self._db.read() as connection:
            found = connection.execute(
                select(import_doubts.c.state, import_doubts.c.track_id).where(
                    import_doubts.c.id == doubt_id, import_doubts.c.listener_id == listener_id
                )
            ).first()
            if found is None:
                raise NotFoundError(f"there is no doubtful track {doubt_id}")
            rows = connection.execute(
                select(import_doubt_rows.c.client, import_doubt_rows.c.listen)
                .where(import_doubt_rows.c.doubt_id == doubt_id)
                .order_by(import_doubt_rows.c.row_key)
            )
            waiting = [(client, _waiting(text)) for client, text in rows]
        return Decision(found.state, found.track_id), waiting

    def decide(
        self, listener_id: str, doubt_id: int, state: State, track_id: str | None = None
    ) -> None:
        """Remember a decision; the rows are no longer kept, their events must be stored before.

        ``track_id`` is the track it is, where that is another one than was guessed.

        Raises:
            NotFoundError: No such doubt, or somebody else's.
        """
        values = {"state": state} if track_id is None else {"state": state, "track_id": track_id}

        def run(connection: Connection) -> None:
            done = connection.execute(
                update(import_doubts)
                .where(import_doubts.c.id == doubt_id, import_doubts.c.listener_id == listener_id)
                .values(values)
            )
            if not done.rowcount:
                raise NotFoundError(f"there is no doubtful track {doubt_id}")
            connection.execute(
                import_doubt_rows.delete().where(import_doubt_rows.c.doubt_id == doubt_id)
            )

        self._db.write(run)


def _waiting(text: str) -> Waiting:
    if text.startswith(_RULE):
        return msgspec.json.decode(text, type=ImportedRule)
    return msgspec.json.decode(text, type=ImportedListen)


def _keep(connection: Connection, listener_id: str, rows: Sequence[DoubtfulRow], now: float) -> int:
    first: dict[str, DoubtfulRow] = {}
    for row in rows:
        first.setdefault(row.key, row)
    ids = _ids(connection, listener_id, list(first))
    missing = [row for key, row in first.items() if key not in ids]
    if missing:
        connection.execute(insert(import_doubts), [
            {"listener_id": listener_id, "key": row.key, "track_id": row.track_id,
             "named": msgspec.json.encode(row.listen.track).decode(), "reason": row.reason,
             "confidence": row.confidence, "state": "open", "created_at": now}
            for row in missing
        ])  # fmt: skip
        ids |= _ids(connection, listener_id, [row.key for row in missing])
    wanted = {(ids[row.key], row.row_key): row for row in rows}
    known: set[tuple[int, str]] = set()
    for part in chunks(list({row_key for _, row_key in wanted})):
        statement = select(import_doubt_rows.c.doubt_id, import_doubt_rows.c.row_key)
        known.update(
            (row.doubt_id, row.row_key)
            for row in connection.execute(statement.where(import_doubt_rows.c.row_key.in_(part)))
        )
    new = [
        {"doubt_id": doubt_id, "row_key": row_key, "client": row.client,
         "listen": msgspec.json.encode(row.listen).decode()}
        for (doubt_id, row_key), row in wanted.items() if (doubt_id, row_key) not in known
    ]  # fmt: skip
    if new:
        connection.execute(insert(import_doubt_rows), new)
    return len(new)


def _ids(connection: Connection, listener_id: str, keys: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in chunks(keys):
        statement = select(import_doubts.c.key, import_doubts.c.id).where(
            import_doubts.c.listener_id == listener_id, import_doubts.c.key.in_(part)
        )
        found.update((row.key, row.id) for row in connection.execute(statement))
    return found
