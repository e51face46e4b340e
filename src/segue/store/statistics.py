"""Counts over one listener's plays: by track, artist, genre and time, made by the database.

A play counts for every artist of its track. What was taken back counts for nothing.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from msgspec import Struct
from sqlalchemy import Integer, Subquery, cast, func, select

from segue.data.records import EventKind
from segue.store.engine import Database
from segue.store.tables import (
    artists,
    events,
    genres,
    retractions,
    track_artists,
    track_genres,
    tracks,
)

EVER = float("inf")
SLOT_S = 900  # no zone is off by less than a quarter of an hour


class CountedArtist(Struct, frozen=True, kw_only=True):
    """An artist, plays of their tracks, and when the last of them began (Unix s)."""

    id: str
    name: str
    n_plays: int
    last_listened_at: float


class CountedTrack(Struct, frozen=True, kw_only=True):
    """A track, its plays, and when the last of them began (Unix s)."""

    id: str
    n_plays: int
    last_listened_at: float


class CountedGenre(Struct, frozen=True, kw_only=True):
    """A genre and the plays of its tracks."""

    name: str
    n_plays: int


class Slot(NamedTuple):
    """Plays that began within one quarter of an hour, ``number`` quarters after 1970."""

    number: int
    n_plays: int
    heard_s: float


class Statistics:
    """Counts over the events of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def top_tracks(
        self, listener_id: str, n: int, since: float = 0.0, until: float = EVER
    ) -> list[CountedTrack]:
        """Tracks by plays in ``since <= t < until`` (Unix s), ties by the newer play."""
        counts = _by_track(listener_id, since, until).c
        statement = (
            select(counts.track_id, counts.n_plays, counts.last)
            .order_by(counts.n_plays.desc(), counts.last.desc(), counts.track_id)
            .limit(n)
        )
        with self._db.read() as connection:
            return [
                CountedTrack(id=row[0], n_plays=row[1], last_listened_at=row[2])
                for row in connection.execute(statement)
            ]

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

    def top_genres(
        self, listener_id: str, n: int, since: float = 0.0, until: float = EVER
    ) -> list[CountedGenre]:
        """Genres by plays in ``since <= t < until`` (Unix s); a play counts for each of them."""
        by_track = _by_track(listener_id, since, until)
        n_plays = func.sum(by_track.c.n_plays)
        statement = (
            select(genres.c.name, n_plays)
            .select_from(by_track)
            .join(track_genres, track_genres.c.track_id == by_track.c.track_id)
            .join(genres, genres.c.id == track_genres.c.genre_id)
            .group_by(genres.c.id)
            .order_by(n_plays.desc(), genres.c.name)
            .limit(n)
        )
        with self._db.read() as connection:
            return [CountedGenre(name=r[0], n_plays=r[1]) for r in connection.execute(statement)]

    def n_heard(self, listener_id: str, since: float = 0.0, until: float = EVER) -> tuple[int, int]:
        """Different tracks and artists that were played."""
        by_track = _by_track(listener_id, since, until)
        n_artists = (
            select(func.count(track_artists.c.artist_id.distinct()))
            .select_from(by_track)
            .join(track_artists, track_artists.c.track_id == by_track.c.track_id)
        )
        with self._db.read() as connection:
            n_tracks = connection.execute(select(func.count()).select_from(by_track)).scalar_one()
            return n_tracks, connection.execute(n_artists).scalar_one()

    def slots(self, listener_id: str, since: float = 0.0, until: float = EVER) -> list[Slot]:
        """Plays by the quarter of an hour in which they began: what any zone's clock is made of.

        ``heard_s`` counts the length of the track where it is not known how long it was heard.
        """
        number = _slot()
        heard_s = func.sum(func.coalesce(events.c.played_s, tracks.c.duration_s, 0.0))
        statement = (
            select(number, func.count(), heard_s)
            .select_from(events)
            .join(tracks, tracks.c.id == events.c.track_id)
            .where(*_plays(listener_id, since, until))
            .group_by(number)
            .order_by(number)
        )
        with self._db.read() as connection:
            return [Slot(*row) for row in connection.execute(statement)]

    def first_slots(self, listener_id: str) -> list[tuple[int, int]]:
        """Quarters of an hour in which tracks were played for the first time, and how many."""
        first = func.min(events.c.listened_at).label("first")
        of_track = (
            select(first).where(*_plays(listener_id, 0.0, EVER)).group_by(events.c.track_id)
        ).subquery()
        number = cast(of_track.c.first / SLOT_S, Integer)
        statement = select(number, func.count()).group_by(number).order_by(number)
        with self._db.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(statement)]

    def slots_of_artists(
        self, listener_id: str, artist_ids: Sequence[str], since: float, until: float = EVER
    ) -> list[tuple[str, int, int]]:
        """Artist, quarter of an hour and plays, for a few artists."""
        number, links = _slot(), track_artists.c
        pairs = select(links.track_id, links.artist_id).where(links.artist_id.in_(list(artist_ids)))
        # joined, the events would be walked once for every track of the artists
        statement = (
            select(events.c.track_id, number, func.count())
            .where(
                *_plays(listener_id, since, until),
                events.c.track_id.in_(
                    select(links.track_id).where(links.artist_id.in_(list(artist_ids)))
                ),
            )
            .group_by(events.c.track_id, number)
        )
        with self._db.read() as connection:
            artists_of: dict[str, list[str]] = {}
            for track_id, artist_id in connection.execute(pairs):
                artists_of.setdefault(track_id, []).append(artist_id)
            return [
                (artist_id, row[1], row[2])
                for row in connection.execute(statement)
                for artist_id in artists_of[row[0]]
            ]

    def span(self, listener_id: str) -> tuple[float, float] | None:
        """When the first and the last play began (Unix s), None when there is none."""
        at = events.c.listened_at
        statement = select(at).where(*_plays(listener_id, 0.0, EVER)).limit(1)
        with self._db.read() as connection:
            first = connection.execute(statement.order_by(at)).scalar()
            last = connection.execute(statement.order_by(at.desc())).scalar()
        return None if first is None or last is None else (first, last)


def _slot() -> Any:
    return cast(events.c.listened_at / SLOT_S, Integer)


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
