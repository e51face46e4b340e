"""One play that arrives by several doors counts once.

A player, a scrobbler and an export report the same listen under keys of their own, some by its
start, some by its end. Two plays or skips of one listener and track are one listen when they come
by different doors (source and client) and lie no further apart than the track is long, or half a
minute. What one door says twice under two keys is two listens: only that door can know.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import NamedTuple

from sqlalchemy import bindparam, exists, or_, select
from sqlalchemy.engine import Connection

from segue.data.records import Event, EventKind
from segue.store.batches import as_list, in_list
from segue.store.tables import events, retractions, tracks

LISTENS = frozenset((EventKind.PLAY, EventKind.SKIP))
MIN_APART_S = 30.0
MAX_APART_S = 1_200.0  # a mix of hours does not swallow the evening
STRETCH_GAP_S = 86_400.0  # longer than 2 * MAX_APART_S, so that no two stretches overlap

_LENGTHS = select(tracks.c.id, tracks.c.duration_s).where(in_list(tracks.c.id))
# not in an order of the database's: SQLite would walk the whole history by id to have it
_NEAR = select(
    events.c.id, events.c.track_id, events.c.listened_at, events.c.source, events.c.client
).where(
    events.c.listener_id == bindparam("listener_id"),
    events.c.kind.in_([kind.value for kind in sorted(LISTENS)]),
    events.c.listened_at.between(bindparam("since"), bindparam("until")),
    or_(events.c.source != bindparam("source"), events.c.client != bindparam("client")),
    ~exists().where(retractions.c.event_id == events.c.id),
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
        self._heard: dict[tuple[str, str], list[Heard]] = defaultdict(list)
        listens = [event for event in batch if event.kind in LISTENS]
        by_door: dict[tuple[str, tuple[str, str]], list[Event]] = defaultdict(list)
        for event in listens:
            by_door[event.listener_id, (event.source, event.client)].append(event)
        # of a batch by one door nothing is a listen again of the batch itself
        n_doors = Counter(listener_id for listener_id, _ in by_door)
        self._mixed = {listener_id for listener_id, n in n_doors.items() if n > 1}
        for (listener_id, door), of_door in by_door.items():
            self._read(connection, listener_id, door, of_door)
        compared = {track_id for _, track_id in self._heard}
        compared |= {event.track_id for event in listens if event.listener_id in self._mixed}
        self._apart_s = _apart(connection, compared)

    def find(self, event: Event) -> Heard | None:
        """The listen by another door that this event reports again, the nearest in time."""
        heard = self._heard.get((event.listener_id, event.track_id))
        if heard is None or event.kind not in LISTENS:
            return None
        door, apart_s = (event.source, event.client), self._apart_s[event.track_id]
        away_s = [
            math.inf if one.door == door else abs(one.listened_at - event.listened_at)
            for one in heard
        ]
        nearest = min(range(len(heard)), key=away_s.__getitem__)
        return heard[nearest] if away_s[nearest] <= apart_s else None

    def add(self, event: Event) -> None:
        """Take in an event of the batch that is going to be stored."""
        if event.listener_id in self._mixed and event.kind in LISTENS:
            door = (event.source, event.client)
            heard = Heard(None, event.listened_at, door, event.idempotency_key)
            self._heard[event.listener_id, event.track_id].append(heard)

    def _read(
        self,
        connection: Connection,
        listener_id: str,
        door: tuple[str, str],
        batch: Sequence[Event],
    ) -> None:
        """What other doors than this one stored near its events."""
        track_ids = {event.track_id for event in batch}
        known = {"listener_id": listener_id, "source": door[0], "client": door[1]}
        for first, last in _stretches(sorted(event.listened_at for event in batch)):
            bounds = {"since": first - MAX_APART_S, "until": last + MAX_APART_S}
            for row in sorted(connection.execute(_NEAR, known | bounds), key=itemgetter(0)):
                if row.track_id in track_ids:
                    heard = Heard(row.id, row.listened_at, (row.source, row.client))
                    self._heard[listener_id, row.track_id].append(heard)


def _stretches(times: Sequence[float]) -> Iterator[tuple[float, float]]:
    """First and last of ascending times that lie close together, so that little else is read.

    >>> list(_stretches([0.0, 60.0, 1e6]))
    [(0.0, 60.0), (1000000.0, 1000000.0)]
    """
    first = last = times[0]
    for at in times[1:]:
        if at - last > STRETCH_GAP_S:
            yield first, last
            first = at
        last = at
    yield first, last


def _apart(connection: Connection, track_ids: set[str]) -> dict[str, float]:
    found = connection.execute(_LENGTHS, {"ids": as_list(track_ids)}) if track_ids else ()
    return {id_: min(max(duration_s or 0.0, MIN_APART_S), MAX_APART_S) for id_, duration_s in found}
