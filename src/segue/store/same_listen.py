"""One play that arrives by several doors counts once.

A player, a scrobbler and an export report the same listen under keys of their own, some by its
start, some by its end. Two plays or skips of one listener and track are one listen when they come
by different doors (source and client) and lie no further apart than the track is long, or half a
minute. What one door says twice under two keys is two listens: only that door can know.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, exists, select
from sqlalchemy.engine import Connection

from segue.data.records import Event, EventKind
from segue.store.batches import chunks
from segue.store.tables import events, retractions, tracks

LISTENS = frozenset((EventKind.PLAY, EventKind.SKIP))
MIN_APART_S = 30.0
MAX_APART_S = 1_200.0  # a mix of hours does not swallow the evening

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_LENGTHS = select(tracks.c.id, tracks.c.duration_s).where(tracks.c.id.in_(_IDS))
_NEAR = (
    select(events.c.id, events.c.track_id, events.c.listened_at, events.c.source, events.c.client)
    .where(
        events.c.listener_id == bindparam("listener_id"),
        events.c.track_id.in_(_IDS),
        events.c.kind.in_([kind.value for kind in sorted(LISTENS)]),
        events.c.listened_at.between(bindparam("since"), bindparam("until")),
        ~exists().where(retractions.c.event_id == events.c.id),
    )
    .order_by(events.c.id)
)


class Heard(NamedTuple):
    """A listen that is stored, or about to be: ``id`` is None until it is."""

    id: int | None
    listened_at: float
    door: tuple[str, str]
    key: str = ""


class SameListens:
    """Listens near those of one batch, stored or in the batch itself.

    Args:
        connection: Inside the transaction that appends.
        batch: The new events; others than plays and skips are left alone.
    """

    def __init__(self, connection: Connection, batch: Iterable[Event]) -> None:
        listens = [event for event in batch if event.kind in LISTENS]
        self._heard: dict[tuple[str, str], list[Heard]] = defaultdict(list)
        self._apart_s = _apart(connection, {event.track_id for event in listens})
        of_listener: dict[str, list[Event]] = defaultdict(list)
        for event in listens:
            of_listener[event.listener_id].append(event)
        for listener_id, of_one in of_listener.items():
            self._read(connection, listener_id, of_one)

    def find(self, event: Event) -> Heard | None:
        """The listen by another door that this event reports again, the nearest in time."""
        if event.kind not in LISTENS:
            return None
        apart_s = self._apart_s.get(event.track_id, MIN_APART_S)
        near = [
            (abs(heard.listened_at - event.listened_at), place)
            for place, heard in enumerate(self._heard[event.listener_id, event.track_id])
            if heard.door != (event.source, event.client)
            and abs(heard.listened_at - event.listened_at) <= apart_s
        ]
        return self._heard[event.listener_id, event.track_id][min(near)[1]] if near else None

    def add(self, event: Event) -> None:
        """Take in an event of the batch that is going to be stored."""
        if event.kind in LISTENS:
            door = (event.source, event.client)
            heard = Heard(None, event.listened_at, door, event.idempotency_key)
            self._heard[event.listener_id, event.track_id].append(heard)

    def _read(self, connection: Connection, listener_id: str, batch: Sequence[Event]) -> None:
        times = [event.listened_at for event in batch]
        longest = max(self._apart_s.values(), default=MIN_APART_S)
        bounds = {
            "listener_id": listener_id, "since": min(times) - longest, "until": max(times) + longest
        }  # fmt: skip
        for part in chunks(sorted({event.track_id for event in batch})):
            for row in connection.execute(_NEAR, bounds | {"ids": part}):
                heard = Heard(row.id, row.listened_at, (row.source, row.client))
                self._heard[listener_id, row.track_id].append(heard)


def _apart(connection: Connection, track_ids: set[str]) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in chunks(sorted(track_ids)):
        for id_, duration_s in connection.execute(_LENGTHS, {"ids": part}):
            found[id_] = min(max(duration_s or 0.0, MIN_APART_S), MAX_APART_S)
    return found
