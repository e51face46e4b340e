"""Counts of visible tracks on artists, genres and tags, and the sums on albums.

They are kept by difference: counted over the touched tracks before and after a change. Albums are
small and are summed again.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, bindparam, case, func, select, update
from sqlalchemy.engine import Connection

from segue.store.batches import chunks
from segue.store.tables import (
    albums,
    artists,
    genres,
    meta,
    tags,
    track_artists,
    track_genres,
    track_tags,
    tracks,
)

_COUNTED = (
    (artists, track_artists, "artist_id"),
    (genres, track_genres, "genre_id"),
    (tags, track_tags, "tag_id"),
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Visible links of some tracks, one counter for each of ``_COUNTED``, and their albums."""

    links: tuple[Counter[Any], ...]
    album_ids: frozenset[str]


def tally(connection: Connection, track_ids: list[str]) -> Tally:
    """Count the visible links of these tracks."""
    counters = tuple(_count(connection, link, column, track_ids) for _, link, column in _COUNTED)
    found: set[str] = set()
    for part in chunks(track_ids):
        statement = select(tracks.c.album_id).where(tracks.c.id.in_(part))
        found.update(id_ for id_ in connection.execute(statement).scalars() if id_ is not None)
    return Tally(counters, frozenset(found))


def settle(connection: Connection, track_ids: list[str], before: Tally) -> None:
    """Bring the counts up to date after these tracks changed."""
    after = tally(connection, track_ids)
    for (table, _, _), old, new in zip(_COUNTED, before.links, after.links, strict=True):
        rows = [
            {"row_id": id_, "difference": new[id_] - old[id_]}
            for id_ in old.keys() | new.keys()
            if new[id_] != old[id_]
        ]
        if rows:
            statement = update(table).where(table.c.id == bindparam("row_id"))
            connection.execute(
                statement.values(n_tracks=table.c.n_tracks + bindparam("difference")), rows
            )
    _sum_albums(connection, sorted(before.album_ids | after.album_ids))
    bump_version(connection)


def _count(connection: Connection, link: Table, column: str, track_ids: list[str]) -> Counter[Any]:
    counter: Counter[Any] = Counter()
    for part in chunks(track_ids):
        statement = (
            select(link.c[column], func.count())
            .join(tracks, tracks.c.id == link.c.track_id)
            .where(link.c.track_id.in_(part), tracks.c.is_visible)
            .group_by(link.c[column])
        )
        counter.update({row[0]: row[1] for row in connection.execute(statement)})
    return counter


def _sum_albums(connection: Connection, album_ids: list[str]) -> None:
    for part in chunks(album_ids):
        statement = (
            select(
                tracks.c.album_id,
                func.count(),
                func.coalesce(func.sum(tracks.c.duration_s), 0.0),
                func.max(case((tracks.c.has_cover, 1), else_=0)),
                func.min(tracks.c.year),
            )
            .where(tracks.c.album_id.in_(part), tracks.c.is_visible)
            .group_by(tracks.c.album_id)
        )
        sums = {row[0]: row[1:] for row in connection.execute(statement)}
        rows: list[dict[str, Any]] = []
        for id_ in part:
            n_tracks, duration_s, has_cover, year = sums.get(id_, (0, 0.0, 0, None))
            rows.append({"row_id": id_, "n_tracks": n_tracks, "duration_s": duration_s,
                         "has_cover": bool(has_cover), "year": year})  # fmt: skip
        connection.execute(update(albums).where(albums.c.id == bindparam("row_id")), rows)


def bump_version(connection: Connection) -> None:
    """Say that the catalogue has changed."""
    key = meta.c.key == "catalog_version"
    version = int(connection.execute(select(meta.c.value).where(key)).scalar_one())
    connection.execute(update(meta).where(key).values(value=str(version + 1)))
