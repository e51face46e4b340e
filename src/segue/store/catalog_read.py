"""Reads tracks, artists and albums by id, and the files behind them."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any, Literal

from sqlalchemy import Row, func, literal, select
from sqlalchemy.engine import Connection

from segue.data.records import Credit, EventKind, Track
from segue.store.batches import chunks
from segue.store.catalog_records import (
    Album,
    Artist,
    CatalogCounts,
    FileProblem,
    FileState,
    Genre,
    StoredFile,
)
from segue.store.tables import (
    album_artists,
    albums,
    artists,
    events,
    external_ids,
    files,
    genres,
    meta,
    track_artists,
    track_genres,
    tracks,
)

Credits = dict[str, tuple[Credit, ...]]


def tracks_by_id(connection: Connection, ids: Sequence[str]) -> list[Track]:
    """Visible tracks in the order asked; unknown and hidden ones are left out."""
    found: dict[str, Track] = {}
    for part in chunks(list(dict.fromkeys(ids))):
        columns = (tracks, albums.c.title.label("album"), albums.c.has_cover.label("album_cover"))
        statement = (
            select(*columns)
            .outerjoin(albums, albums.c.id == tracks.c.album_id)
            .where(tracks.c.id.in_(part), tracks.c.is_visible)
        )
        rows = connection.execute(statement).all()
        credit = track_credits(connection, part)
        genre_names = _genres_of(connection, part)
        found |= {
            row.id: _track(row, credit.get(row.id, ()), genre_names.get(row.id, ())) for row in rows
        }
    return [found[id_] for id_ in ids if id_ in found]


def _track(row: Row[Any], credit: tuple[Credit, ...], names: tuple[str, ...]) -> Track:
    # one picture for a whole album, so that it is fetched once
    cover_id = row.album_id if row.album_cover else (row.id if row.has_cover else None)
    return Track(
        id=row.id,
        title=row.title,
        artists=credit,
        album_id=row.album_id,
        album=row.album or "",
        genres=names,
        year=row.year,
        track_number=row.track_number,
        disc_number=row.disc_number,
        duration_s=row.duration_s,
        explicit=row.explicit,
        has_file=row.has_file,
        cover_id=cover_id,
        track_gain_db=row.track_gain_db,
        album_gain_db=row.album_gain_db,
        track_peak=row.track_peak,
        added_at=row.added_at,
    )


def track_credits(connection: Connection, ids: Sequence[str]) -> Credits:
    """The artists of each track in order of credit."""
    return _credits(connection, track_artists.c.track_id, track_artists, ids)


def _credits(connection: Connection, owner: Any, links: Any, ids: Sequence[str]) -> Credits:
    statement = (
        select(owner, artists.c.id, artists.c.name)
        .join(artists, artists.c.id == links.c.artist_id)
        .where(owner.in_(ids))
        .order_by(owner, links.c.position)
    )
    return {
        id_: tuple(pairs)
        for id_, pairs in _grouped(
            (r[0], Credit(r[1], r[2])) for r in connection.execute(statement)
        )
    }


def _genres_of(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    statement = (
        select(track_genres.c.track_id, genres.c.name)
        .join(genres, genres.c.id == track_genres.c.genre_id)
        .where(track_genres.c.track_id.in_(ids))
        .order_by(track_genres.c.track_id, track_genres.c.position)
    )
    pairs = ((row[0], row[1]) for row in connection.execute(statement))
    return {id_: tuple(names) for id_, names in _grouped(pairs)}


def _grouped(pairs: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, list[Any]]]:
    groups: dict[str, list[Any]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return groups.items()


def playable(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Those of the tracks whose file is there."""
    found: set[str] = set()
    for part in chunks(list(ids)):
        statement = select(tracks.c.id).where(
            tracks.c.id.in_(part), tracks.c.is_visible, tracks.c.has_file
        )
        found.update(connection.execute(statement).scalars())
    return found


def hidden_track_ids(connection: Connection) -> list[str]:
    """Ids of tracks that are not visible."""
    statement = select(tracks.c.id).where(tracks.c.is_visible.is_(False))
    return list(connection.execute(statement).scalars())


def albums_by_id(connection: Connection, ids: Sequence[str]) -> list[Album]:
    """Albums that have a visible track, in the order asked."""
    found: dict[str, Album] = {}
    for part in chunks(list(dict.fromkeys(ids))):
        rows = connection.execute(
            select(albums).where(albums.c.id.in_(part), albums.c.n_tracks > 0)
        ).all()
        credit = _credits(connection, album_artists.c.album_id, album_artists, part)
        for row in rows:
            found[row.id] = Album(
                id=row.id,
                title=row.title,
                artists=credit.get(row.id, ()),
                year=row.year,
                n_tracks=row.n_tracks,
                duration_s=row.duration_s,
                cover_id=row.id if row.has_cover else None,
                added_at=row.added_at,
            )
    return [found[id_] for id_ in ids if id_ in found]


def artists_by_id(connection: Connection, ids: Sequence[str]) -> list[Artist]:
    """Known artists in the order asked, also those who have no visible track at present."""
    found: dict[str, Artist] = {}
    for part in chunks(list(dict.fromkeys(ids))):
        statement = (
            select(album_artists.c.artist_id, func.min(albums.c.id))
            .join(albums, albums.c.id == album_artists.c.album_id)
            .where(album_artists.c.artist_id.in_(part), albums.c.has_cover)
            .group_by(album_artists.c.artist_id)
        )
        covers = {row[0]: row[1] for row in connection.execute(statement)}
        for row in connection.execute(select(artists).where(artists.c.id.in_(part))):
            cover_id = covers.get(row.id)
            found[row.id] = Artist(
                id=row.id, name=row.name, n_tracks=row.n_tracks, cover_id=cover_id
            )
    return [found[id_] for id_ in ids if id_ in found]


def track_ids_of_album(connection: Connection, album_id: str) -> list[str]:
    """Visible tracks in disc and track order; those without a number come last by title."""
    statement = select(tracks.c.id).where(tracks.c.album_id == album_id, tracks.c.is_visible)
    order = (
        func.coalesce(tracks.c.disc_number, 1),
        func.coalesce(tracks.c.track_number, 1_000_000),
        tracks.c.sort_title,
        tracks.c.id,
    )
    return list(connection.execute(statement.order_by(*order)).scalars())


def album_ids_of_artist(connection: Connection, artist_id: str) -> list[str]:
    """Albums credited to the artist, oldest first."""
    statement = (
        select(albums.c.id)
        .join(album_artists, album_artists.c.album_id == albums.c.id)
        .where(album_artists.c.artist_id == artist_id, albums.c.n_tracks > 0)
        .order_by(func.coalesce(albums.c.year, 9999), albums.c.sort_title, albums.c.id)
    )
    return list(connection.execute(statement).scalars())


def plays_of_top_tracks(connection: Connection, artist_id: str, n: int) -> dict[str, int]:
    """The artist's visible tracks that were played most by everyone, and how often each was."""
    n_plays = func.count(events.c.id)
    statement = (
        select(tracks.c.id, n_plays)
        .join(track_artists, track_artists.c.track_id == tracks.c.id)
        .outerjoin(
            events,
            (events.c.track_id == tracks.c.id) & (events.c.kind == literal(EventKind.PLAY.value)),
        )
        .where(track_artists.c.artist_id == artist_id, tracks.c.is_visible)
        .group_by(tracks.c.id, tracks.c.sort_title)
        .order_by(n_plays.desc(), tracks.c.sort_title, tracks.c.id)
    )
    return {row[0]: row[1] for row in connection.execute(statement.limit(n))}


def all_genres(connection: Connection) -> list[Genre]:
    """Genres with a visible track, most tracks first."""
    statement = select(genres.c.name, genres.c.n_tracks).where(genres.c.n_tracks > 0)
    order = (genres.c.n_tracks.desc(), genres.c.sort_name)
    return [Genre(row[0], row[1]) for row in connection.execute(statement.order_by(*order))]


def file_states(connection: Connection, root: str) -> dict[str, FileState]:
    """Every known file below a folder, gone ones included, by path."""
    stem = root.rstrip("/")
    statement = select(
        files.c.path, files.c.size_bytes, files.c.modified_ns, files.c.fingerprint,
        files.c.track_id, files.c.is_gone, files.c.problem, files.c.lyrics_ns,
        files.c.reading,
    ).where(files.c.path > f"{stem}/", files.c.path < f"{stem}0")  # fmt: skip  # "0" follows "/"
    return {row[0]: FileState(*row) for row in connection.execute(statement)}


def problems(connection: Connection, after: int, limit: int) -> list[FileProblem]:
    """Files that cannot be used, from the one after ``after`` on."""
    statement = (
        select(files.c.id, files.c.path, files.c.problem)
        .where(files.c.id > after, files.c.problem.is_not(None), files.c.is_gone.is_(False))
        .order_by(files.c.id)
    )
    return [FileProblem(*row) for row in connection.execute(statement.limit(limit))]


def counts(connection: Connection) -> CatalogCounts:
    """The size of the catalogue."""
    sums = select(func.count(), func.coalesce(func.sum(tracks.c.duration_s), 0.0),
                  func.count().filter(tracks.c.has_file)).where(tracks.c.is_visible)  # fmt: skip
    n_tracks, duration_s, n_files = connection.execute(sums).one()

    def shown(table: Any) -> int:
        statement = select(func.count()).select_from(table).where(table.c.n_tracks > 0)
        return connection.execute(statement).scalar_one()

    broken = select(func.count()).where(files.c.problem.is_not(None), files.c.is_gone.is_(False))
    return CatalogCounts(
        n_tracks=n_tracks,
        n_files=n_files,
        n_artists=shown(artists),
        n_albums=shown(albums),
        n_genres=shown(genres),
        n_problems=connection.execute(broken).scalar_one(),
        duration_s=duration_s,
    )


def version(connection: Connection) -> int:
    """A number that grows with every change of the catalogue."""
    statement = select(meta.c.value).where(meta.c.key == "catalog_version")
    return int(connection.execute(statement).scalar_one())


def file_of_track(connection: Connection, track_id: str) -> StoredFile | None:
    """The file to play, None when there is none at present."""
    statement = (
        select(files, tracks.c.duration_s)
        .join(tracks, tracks.c.id == files.c.track_id)
        .where(files.c.track_id == track_id, tracks.c.is_visible, files.c.is_gone.is_(False))
    )
    row = connection.execute(statement).first()
    if row is None:
        return None
    return StoredFile(
        path=row.path,
        size_bytes=row.size_bytes,
        modified_ns=row.modified_ns,
        suffix=PurePath(row.path).suffix.lower(),
        duration_s=row.duration_s,
        bitrate_kbps=row.bitrate_kbps,
        sample_rate_hz=row.sample_rate_hz,
        channels=row.channels,
    )


def cover_source(
    connection: Connection, cover_id: str
) -> tuple[Literal["folder", "embedded"], str] | None:
    """Where the picture of a track or album lies: a folder's image, else inside an audio file."""
    columns = (files.c.cover_path, files.c.path, files.c.has_embedded_cover)
    statement = (
        select(*columns)
        .join(tracks, tracks.c.id == files.c.track_id)
        .where(tracks.c.is_visible, tracks.c.has_cover, files.c.is_gone.is_(False))
        .order_by(tracks.c.disc_number, tracks.c.track_number, tracks.c.id)
        .limit(1)
    )
    row = (
        connection.execute(statement.where(tracks.c.album_id == cover_id)).first()
        or connection.execute(statement.where(tracks.c.id == cover_id)).first()
    )
    if row is None:
        return None
    return ("folder", row.cover_path) if row.cover_path else ("embedded", row.path)


def by_external_id(connection: Connection, kind: str, scheme: str, value: str) -> list[str]:
    """Ids of the tracks that carry an external id; one recording may be there as many files."""
    statement = select(external_ids.c.entity_id).where(
        external_ids.c.kind == kind,
        external_ids.c.scheme == scheme,
        external_ids.c.value == value,
    )
    return sorted(connection.execute(statement).scalars())
