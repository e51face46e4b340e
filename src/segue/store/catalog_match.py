"""Every track by its names and ids, for finding out what a row from elsewhere means."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.engine import Connection

from segue.data.imported import KnownTarget, KnownTrack
from segue.store.tables import (
    album_artists,
    albums,
    artists,
    external_ids,
    files,
    track_artists,
    tracks,
)


def known_tracks(connection: Connection) -> list[KnownTrack]:
    """All tracks, hidden ones too: a listen of a file that is gone still belongs to its track."""
    credit: dict[str, list[str]] = defaultdict(list)
    names = (
        select(track_artists.c.track_id, artists.c.name)
        .join(artists, artists.c.id == track_artists.c.artist_id)
        .order_by(track_artists.c.track_id, track_artists.c.position)
    )
    for track_id, name in connection.execute(names):
        credit[track_id].append(name)
    ids: dict[str, list[tuple[str, str]]] = defaultdict(list)
    schemes = select(external_ids.c.entity_id, external_ids.c.scheme, external_ids.c.value)
    for track_id, scheme, value in connection.execute(
        schemes.where(external_ids.c.kind == "track")
    ):
        ids[track_id].append((scheme, value))
    rows = select(
        tracks.c.id, tracks.c.title, tracks.c.duration_s, albums.c.title.label("album")
    ).outerjoin(albums, albums.c.id == tracks.c.album_id)
    return [
        KnownTrack(
            id=row.id,
            title=row.title,
            artists=tuple(credit.get(row.id, ())),
            album=row.album or "",
            duration_s=row.duration_s,
            ids=tuple(ids.get(row.id, ())),
        )
        for row in connection.execute(rows.order_by(tracks.c.id))
    ]


def known_artists(connection: Connection, only: Sequence[str] | None = None) -> list[KnownTarget]:
    """Artists by their names: all, or those of the ids (few enough for one statement)."""
    rows = select(artists.c.id, artists.c.name, artists.c.mbid).order_by(artists.c.id)
    if only is not None:
        rows = rows.where(artists.c.id.in_(only))
    return [
        KnownTarget(id=row.id, name=row.name, mbid=row.mbid or "")
        for row in connection.execute(rows)
    ]


def known_albums(connection: Connection, only: Sequence[str] | None = None) -> list[KnownTarget]:
    """Albums by their titles and artists: all, or those of the ids."""
    credit: dict[str, list[str]] = defaultdict(list)
    names = (
        select(album_artists.c.album_id, artists.c.name)
        .join(artists, artists.c.id == album_artists.c.artist_id)
        .order_by(album_artists.c.album_id, album_artists.c.position)
    )
    rows = select(albums.c.id, albums.c.title, albums.c.mbid).order_by(albums.c.id)
    if only is not None:
        names = names.where(album_artists.c.album_id.in_(only))
        rows = rows.where(albums.c.id.in_(only))
    for album_id, name in connection.execute(names):
        credit[album_id].append(name)
    return [
        KnownTarget(
            id=row.id, name=row.title, artists=tuple(credit.get(row.id, ())), mbid=row.mbid or ""
        )
        for row in connection.execute(rows)
    ]


def known_paths(connection: Connection) -> list[tuple[str, str]]:
    """Paths of files and the tracks they hold, files that are gone included."""
    statement = select(files.c.path, files.c.track_id).where(files.c.track_id.is_not(None))
    return [(row[0], row[1]) for row in connection.execute(statement.order_by(files.c.id))]
