"""One listener's plays, as columns to be counted and as a list of the artists played most.

A play counts for every artist of its track. What was taken back counts for nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct
from sqlalchemy import Subquery, func, select

from segue.data.records import EventKind
from segue.store.batches import as_list, in_list
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
from segue.store.training_table import ROWS_AT_ONCE, streamed
from segue.types import FloatVector, IntVector

EVER = float("inf")

_DURATIONS = select(tracks.c.id, tracks.c.duration_s).where(in_list(tracks.c.id))
_ARTISTS = (
    select(track_artists.c.track_id, artists.c.id, artists.c.name)
    .join(artists, artists.c.id == track_artists.c.artist_id)
    .where(in_list(track_artists.c.track_id))
)
_GENRES = (
    select(track_genres.c.track_id, genres.c.id, genres.c.name)
    .join(genres, genres.c.id == track_genres.c.genre_id)
    .where(in_list(track_genres.c.track_id))
)


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


class PlayColumns(NamedTuple):
    """Plays in any order.

    Attributes:
        track_ids: Every track among them, each once.
        track: Position in ``track_ids``, int32, shape (n,).
        at: When each began, Unix s, shape (n,).
        played_s: How long it was heard, NaN where that is not known, shape (n,).
        newest_id: Of the events that were looked at.
    """

    track_ids: list[str]
    track: IntVector
    at: FloatVector
    played_s: FloatVector
    newest_id: int


class Links(NamedTuple):
    """Artists or genres of tracks: link ``i`` leads from track ``of[i]`` to ``ids[to[i]]``."""

    of: IntVector
    to: IntVector
    ids: list[str]
    names: list[str]


class Described(NamedTuple):
    """What tracks have to do with; ``duration_s`` is 0 where it is unknown, shape (n_tracks,)."""

    duration_s: FloatVector
    artists: Links
    genres: Links


class Statistics:
    """Plays of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def plays(self, listener_id: str, after_id: int = 0) -> PlayColumns:
        """Plays of a listener that hold.

        Args:
            listener_id: Whose.
            after_id: Only those that arrived later.
        """
        with self._db.read() as connection:
            return _play_columns(streamed(connection, _plays_of(listener_id, after_id)), after_id)

    def described(self, track_ids: Sequence[str]) -> Described:
        """What tracks have to do with: their lengths, artists and genres."""
        row_of = {id_: row for row, id_ in enumerate(track_ids)}
        duration_s = np.zeros(len(track_ids))
        with self._db.read() as connection:
            ids = {"ids": as_list(track_ids)}
            for id_, length_s in connection.execute(_DURATIONS, ids):
                duration_s[row_of[id_]] = length_s or 0.0
            return Described(
                duration_s,
                _links(row_of, connection.execute(_ARTISTS, ids)),
                _links(row_of, connection.execute(_GENRES, ids)),
            )

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


def _plays_of(listener_id: str, after_id: int) -> Any:
    of = events.c
    columns = (of.id, of.track_id, of.listened_at, of.played_s, of.kind)
    if after_id == 0:  # all of it stands in one index, by time
        return select(*columns).where(*_plays(listener_id, 0.0, EVER)).order_by(of.listened_at)
    taken_back = select(retractions.c.event_id).where(retractions.c.listener_id == listener_id)
    # what kind an event is of is looked at here: an index with it would be walked whole
    return select(*columns).where(
        of.listener_id == listener_id, of.id > after_id, of.id.not_in(taken_back)
    )


def _play_columns(rows: Iterator[tuple[Any, ...]], after_id: int) -> PlayColumns:
    row_of: dict[str, int] = {}
    track, at, played_s = [np.array([], np.int32)], [np.array([])], [np.array([])]
    newest_id = after_id
    while part := list(islice(rows, ROWS_AT_ONCE)):
        newest_id = max(newest_id, *(row[0] for row in part))
        plays = [row for row in part if row[4] == EventKind.PLAY.value]
        track.append(np.array([row_of.setdefault(row[1], len(row_of)) for row in plays], np.int32))
        at.append(np.array([row[2] for row in plays], np.float64))
        played_s.append(np.array([row[3] for row in plays], np.float64))  # None becomes NaN
    return PlayColumns(
        list(row_of), np.concatenate(track), np.concatenate(at), np.concatenate(played_s), newest_id
    )


def _links(row_of: Mapping[str, int], rows: Iterable[Any]) -> Links:
    of, to = list[int](), list[int]()
    position: dict[str, int] = {}
    names: list[str] = []
    for track_id, id_, name in rows:
        of.append(row_of[track_id])
        to.append(position.setdefault(id_, len(position)))
        if len(position) > len(names):
            names.append(name)
    return Links(np.array(of, np.int32), np.array(to, np.int32), list(position), names)


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
