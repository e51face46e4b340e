"""Counts over one listener's plays: by track, artist, genre and time, made by the database.

A play counts for every artist of its track. What was taken back counts for nothing.
"""

from typing import Any

from msgspec import Struct
from sqlalchemy import Subquery, func, select

from segue.data.records import EventKind
from segue.store.engine import Database
from segue.store.tables import artists, events, retractions, track_artists

EVER = float("inf")


class CountedArtist(Struct, frozen=True, kw_only=True):
    """An artist, plays of their tracks, and when the last of them began (Unix s)."""

    id: str
    name: str
    n_plays: int
    last_listened_at: float


class Statistics:
    """Counts over the events of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def top_artists(
        self, listener_id: str, n: int, since: float = 0.0, until: float = EVER
    ) -> list[CountedArtist]:
        """Artists by plays in ``since <= t < until`` (Unix s), ties by the newer play."""
        by_track = _by_track(listener_id, since, until)
        n_plays, last = func.sum(by_track.c.n_plays), func.max(by_track.c.last)
        statement = (
            select(artists.c.id, artists.c.name, n_plays, last)
            .select_from(by_track)
            .join(track_artists, track_artists.c.track_id == by_track.c.track_id)
            .join(artists, artists.c.id == track_artists.c.artist_id)
            .group_by(artists.c.id)
            .order_by(n_plays.desc(), last.desc(), artists.c.id)
            .limit(n)
        )
        with self._db.read() as connection:
            return [
                CountedArtist(id=row[0], name=row[1], n_plays=row[2], last_listened_at=row[3])
                for row in connection.execute(statement)
            ]


def _plays(listener_id: str, since: float, until: float) -> tuple[Any, ...]:
    """Conditions on ``events``: plays of a listener within a time that hold."""
    taken_back = select(retractions.c.event_id).where(retractions.c.listener_id == listener_id)
    within = [events.c.listened_at >= since]
    if until != EVER:
        within.append(events.c.listened_at < until)
    return (
        events.c.listener_id == listener_id,
        events.c.kind == EventKind.PLAY.value,
        *within,
        events.c.id.not_in(taken_back),
    )


def _by_track(listener_id: str, since: float, until: float) -> Subquery:
    return (
        select(
            events.c.track_id,
            func.count().label("n_plays"),
            func.max(events.c.listened_at).label("last"),
        )
        .where(*_plays(listener_id, since, until))
        .group_by(events.c.track_id)
        .subquery()
    )
