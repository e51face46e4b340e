"""Reads the history of a listener, and of everyone as columns for training."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import Row, func, select
from sqlalchemy.engine import Connection

from segue.data.feedback import EventColumns, played_fractions
from segue.data.records import EVENT_CODE, Event, EventKind
from segue.data.vocabulary import Vocabulary
from segue.store.batches import chunks
from segue.store.feedback_state import not_retracted
from segue.store.history_records import FeedbackState, HistoryMark, ListenerColumns, Played
from segue.store.tables import accounts, events, feedback_state, meta, retractions
from segue.store.training_table import streamed
from segue.types import FloatVector

ROWS_AT_ONCE = 100_000
DEPARTED = "n_departed"  # how many accounts were deleted so far, in ``meta``


def events_of(
    connection: Connection, listener_id: str, after_id: int = 0, limit: int | None = None
) -> list[Event]:
    """Events in order of arrival."""
    statement = _of(listener_id).where(events.c.id > after_id).order_by(events.c.id)
    return [_event(row) for row in connection.execute(statement.limit(limit))]


def page(
    connection: Connection, listener_id: str, before_id: int | None, limit: int
) -> list[Event]:
    """Newest arrivals first, those before ``before_id``."""
    statement = _of(listener_id).order_by(events.c.id.desc()).limit(limit)
    if before_id is not None:
        statement = statement.where(events.c.id < before_id)
    return [_event(row) for row in connection.execute(statement)]


def _of(listener_id: str) -> Any:
    return select(events).where(events.c.listener_id == listener_id, not_retracted())


def _event(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        listener_id=row.listener_id,
        track_id=row.track_id,
        kind=EventKind(row.kind),
        listened_at=row.listened_at,
        idempotency_key=row.idempotency_key,
        played_s=row.played_s,
        value=row.value,
        source=row.source,
        client=row.client,
    )


def newest_event_id(connection: Connection, listener_id: str) -> int:
    """Id of the event that arrived last, 0 when there is none."""
    statement = select(events.c.id).where(events.c.listener_id == listener_id, not_retracted())
    return connection.execute(statement.order_by(events.c.id.desc()).limit(1)).scalar() or 0


def mark(connection: Connection, listener_id: str) -> HistoryMark:
    """Newest event and number of retractions."""
    n = select(func.count()).where(retractions.c.listener_id == listener_id)
    newest = newest_event_id(connection, listener_id)
    return HistoryMark(newest, connection.execute(n).scalar_one())


def mark_of_all(connection: Connection) -> HistoryMark:
    """The same for everybody's events together."""
    newest = connection.execute(select(func.max(events.c.id))).scalar() or 0
    n = connection.execute(select(func.count()).select_from(retractions)).scalar_one()
    return HistoryMark(newest, n)


def n_departed(connection: Connection) -> int:
    """How many accounts were deleted so far."""
    row = connection.execute(select(meta.c.value).where(meta.c.key == DEPARTED))
    return int(row.scalar() or 0)


def listeners_with_events(connection: Connection) -> list[str]:
    """Ids of accounts that have an event which holds, ascending."""
    has_event = select(events.c.id).where(events.c.listener_id == accounts.c.id, not_retracted())
    statement = select(accounts.c.id).where(has_event.exists()).order_by(accounts.c.id)
    return list(connection.execute(statement).scalars())


def recently_played(connection: Connection, listener_id: str, n: int) -> list[str]:
    """Tracks in order of their last play, newest first, each once.

    The plays are walked newest first until enough tracks are found.
    """
    statement = (
        select(events.c.track_id)
        .where(
            events.c.listener_id == listener_id,
            events.c.kind == EventKind.PLAY.value,
            not_retracted(),
        )
        .order_by(events.c.listened_at.desc(), events.c.id.desc())
    )
    result = connection.execution_options(yield_per=200).execute(statement)
    distinct = dict.fromkeys(islice(_until_distinct(result.scalars(), n), None))
    result.close()
    return list(distinct)


def _until_distinct(track_ids: Any, n: int) -> Iterator[str]:
    seen: set[str] = set()
    for track_id in track_ids:
        if len(seen) >= n:
            return
        seen.add(track_id)
        yield track_id


def most_played(connection: Connection, listener_id: str, n: int, since: float) -> list[Played]:
    """Tracks by number of plays since a time, ties by the newer play."""
    n_plays, last = func.count(), func.max(events.c.listened_at)
    statement = (
        select(events.c.track_id, n_plays, last)
        .where(
            events.c.listener_id == listener_id,
            events.c.listened_at >= since,
            events.c.kind == EventKind.PLAY.value,
            not_retracted(),
        )
        .group_by(events.c.track_id)
        .order_by(n_plays.desc(), last.desc(), events.c.track_id)
    )
    return [Played(*row) for row in connection.execute(statement.limit(n))]


def feedback_of(
    connection: Connection, listener_id: str, track_ids: list[str]
) -> dict[str, FeedbackState]:
    """Statements that hold, for those of the tracks that have any."""
    found: dict[str, FeedbackState] = {}
    for part in chunks(track_ids):
        statement = select(feedback_state).where(
            feedback_state.c.listener_id == listener_id, feedback_state.c.track_id.in_(part)
        )
        for row in connection.execute(statement):
            found[row.track_id] = FeedbackState(
                loved=row.loved,
                disliked=row.disliked,
                rating=row.rating,
                updated_at=row.updated_at,
            )
    return found


def loved(connection: Connection, listener_id: str, n: int) -> list[str]:
    """Loved tracks, the newest statement first."""
    statement = (
        select(feedback_state.c.track_id)
        .where(feedback_state.c.listener_id == listener_id, feedback_state.c.loved.is_(True))
        .order_by(feedback_state.c.updated_at.desc(), feedback_state.c.track_id)
    )
    return list(connection.execute(statement.limit(n)).scalars())


def event_columns(
    connection: Connection, listeners: Vocabulary, tracks: Vocabulary, duration_s: FloatVector
) -> EventColumns:
    """All events of the known listeners and tracks, in order of arrival, built piece by piece."""
    statement = (
        select(events.c.listener_id, events.c.track_id, events.c.kind, events.c.listened_at,
               events.c.played_s, events.c.value)
        .where(not_retracted()).order_by(events.c.id)
    )  # fmt: skip
    rows = streamed(connection, statement)
    parts = [EventColumns.empty()]
    while part := list(islice(rows, ROWS_AT_ONCE)):
        parts.append(_columns(part, listeners, tracks, duration_s))
    return EventColumns.joined(parts)


def columns_of(
    connection: Connection,
    listener_id: str,
    tracks: Vocabulary,
    duration_s: FloatVector,
    after_id: int = 0,
) -> ListenerColumns:
    """Events of one listener in order of arrival, as columns; unknown tracks are counted."""
    columns = (events.c.listener_id, events.c.track_id, events.c.kind, events.c.listened_at,
               events.c.played_s, events.c.value, events.c.id)  # fmt: skip
    statement = (
        select(*columns)
        .where(events.c.listener_id == listener_id, not_retracted(), events.c.id > after_id)
        .order_by(events.c.id)
    )
    rows = [tuple(row) for row in connection.execute(statement)]
    found = _columns(rows, Vocabulary([listener_id]), tracks, duration_s)
    return ListenerColumns(found, len(rows) - len(found), rows[-1][6] if rows else after_id)


def _columns(
    rows: list[tuple[Any, ...]], listeners: Vocabulary, tracks: Vocabulary, duration_s: FloatVector
) -> EventColumns:
    code = {kind.value: number for kind, number in EVENT_CODE.items()}
    listener_idx = listeners.rows(row[0] for row in rows)
    track_idx = tracks.rows(row[1] for row in rows)
    played_s = np.array([row[4] for row in rows], np.float64)  # None becomes NaN
    known = (listener_idx >= 0) & (track_idx >= 0)
    return EventColumns(
        listener_idx[known],
        track_idx[known],
        np.array([code[row[2]] for row in rows], np.int8)[known],
        np.array([row[3] for row in rows], np.float64)[known],
        played_fractions(played_s[known], duration_s[track_idx[known]]),
        np.array([row[5] for row in rows], np.float64).astype(np.float32)[known],
    )
