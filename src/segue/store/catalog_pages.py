"""Pages of long lists by key set: each begins after the last row of the one before.

An offset would read and throw away all earlier rows, and skips or repeats rows when the list
changes between two pages (Winand, SQL Performance Explained, ch. 7).
"""

from typing import Any, Literal, TypeAlias

from sqlalchemy import ColumnElement, Table, func, select, tuple_
from sqlalchemy.engine import Connection

from segue.data.records import Track
from segue.errors import InvalidInputError
from segue.store.batches import checked_limit, decode_cursor, encode_cursor
from segue.store.catalog_read import albums_by_id, artists_by_id, tracks_by_id
from segue.store.catalog_records import Album, Artist, Page
from segue.store.folding import fold
from segue.store.tables import (
    album_artists,
    albums,
    artists,
    genres,
    track_artists,
    track_genres,
    tracks,
)

Order: TypeAlias = Literal["title", "newest"]


def tracks_page(
    connection: Connection,
    *,
    cursor: str | None = None,
    limit: int = 50,
    order: Order = "title",
    artist_id: str | None = None,
    genre: str | None = None,
    year: int | None = None,
) -> Page[Track]:
    """Visible tracks by title, or newest first."""
    where = _tracks_wanted(genre, year)
    if artist_id is not None:
        of_artist = select(track_artists.c.track_id).where(track_artists.c.artist_id == artist_id)
        where.append(tracks.c.id.in_(of_artist))
    key, id_, is_down = _order(tracks, order)
    ids, following = _page(
        connection, select(id_, key).where(*where), key, id_, is_down, cursor, limit
    )
    return Page(tuple(tracks_by_id(connection, ids)), following)


def tracks_window(
    connection: Connection,
    start: int,
    *,
    limit: int = 50,
    order: Order = "title",
    genre: str | None = None,
    year: int | None = None,
) -> list[Track]:
    """Visible tracks from the one numbered ``start`` on, counted from 0 in the order of the list.

    For a list that is entered anywhere: the index is walked from its begin, some 3 ms for 100,000.
    """
    checked_limit(limit)
    key, id_, is_down = _order(tracks, order)
    by = (key.desc(), id_.desc()) if is_down else (key, id_)
    statement = select(id_).where(*_tracks_wanted(genre, year)).order_by(*by)
    ids = connection.execute(statement.offset(start).limit(limit)).scalars()
    return list(tracks_by_id(connection, list(ids)))


def n_tracks(connection: Connection, genre: str | None = None, year: int | None = None) -> int:
    """Visible tracks of a genre and a year."""
    statement = select(func.count()).select_from(tracks).where(*_tracks_wanted(genre, year))
    return connection.execute(statement).scalar_one()


def albums_page(
    connection: Connection,
    *,
    cursor: str | None = None,
    limit: int = 50,
    order: Order = "title",
    artist_id: str | None = None,
    genre: str | None = None,
    year: int | None = None,
) -> Page[Album]:
    """Albums with a visible track, by title or newest first."""
    where: list[ColumnElement[bool]] = [albums.c.n_tracks > 0]
    if artist_id is not None:
        of_artist = select(album_artists.c.album_id).where(album_artists.c.artist_id == artist_id)
        where.append(albums.c.id.in_(of_artist))
    if genre is not None:
        of_genre = select(tracks.c.album_id).where(
            tracks.c.id.in_(_tracks_of_genre(genre)), tracks.c.is_visible
        )
        where.append(albums.c.id.in_(of_genre))
    if year is not None:
        where.append(albums.c.year == year)
    key, id_, is_down = _order(albums, order)
    ids, following = _page(
        connection, select(id_, key).where(*where), key, id_, is_down, cursor, limit
    )
    return Page(tuple(albums_by_id(connection, ids)), following)


def artists_page(
    connection: Connection, *, cursor: str | None = None, limit: int = 50, genre: str | None = None
) -> Page[Artist]:
    """Artists with a visible track, by name."""
    where: list[ColumnElement[bool]] = [artists.c.n_tracks > 0]
    if genre is not None:
        of_genre = (
            select(track_artists.c.artist_id)
            .join(tracks, tracks.c.id == track_artists.c.track_id)
            .where(track_artists.c.track_id.in_(_tracks_of_genre(genre)), tracks.c.is_visible)
        )
        where.append(artists.c.id.in_(of_genre))
    key, id_ = artists.c.sort_name, artists.c.id
    statement = select(id_, key).where(*where)
    ids, following = _page(connection, statement, key, id_, False, cursor, limit)  # noqa: FBT003
    return Page(tuple(artists_by_id(connection, ids)), following)


def _tracks_wanted(genre: str | None, year: int | None) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [tracks.c.is_visible]
    if genre is not None:
        where.append(tracks.c.id.in_(_tracks_of_genre(genre)))
    if year is not None:
        where.append(tracks.c.year == year)
    return where


def _tracks_of_genre(genre: str) -> Any:
    return (
        select(track_genres.c.track_id)
        .join(genres, genres.c.id == track_genres.c.genre_id)
        .where(genres.c.sort_name == (fold(genre) or genre))
    )


def _order(table: Table, order: Order) -> tuple[ColumnElement[Any], ColumnElement[Any], bool]:
    """Sort key, id, and whether it runs downwards."""
    if order == "title":
        return table.c.sort_title, table.c.id, False
    if order == "newest":
        return table.c.added_at, table.c.id, True
    raise InvalidInputError(f"order must be title or newest, got {order!r}")


def _page(
    connection: Connection,
    statement: Any,
    key: ColumnElement[Any],
    id_: ColumnElement[Any],
    is_down: bool,
    cursor: str | None,
    limit: int,
) -> tuple[list[str], str | None]:
    """Ids of one page and the cursor of the next; one row more is read to know if there is one."""
    checked_limit(limit)
    if cursor is not None:
        last = tuple_(*decode_cursor(cursor, float if is_down else str))
        place = tuple_(key, id_)
        statement = statement.where(place < last if is_down else place > last)
    order = (key.desc(), id_.desc()) if is_down else (key, id_)
    rows: list[Any] = list(connection.execute(statement.order_by(*order).limit(limit + 1)))
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = encode_cursor(rows[-1][1], rows[-1][0])
    return [row[0] for row in rows], following
