"""Writes tracks in bulk: their artists, album, genres, tags, external ids and search words."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, update
from sqlalchemy.engine import Connection

from segue.data.records import TrackTags
from segue.store.batches import chunks
from segue.store.catalog_identity import Wanted, link_rows, resolve, resolve_terms
from segue.store.catalog_index import Searchable, index
from segue.store.catalog_tags import (
    album_artists_of,
    album_of,
    external_ids_of,
    track_artists_of,
    track_row,
)
from segue.store.folding import fold
from segue.store.ids import IdFactory
from segue.store.tables import (
    album_artists,
    albums,
    artists,
    external_ids,
    genres,
    tags,
    track_artists,
    track_genres,
    track_tags,
    tracks,
)


@dataclass(frozen=True, slots=True)
class TrackWrite:
    """One track to be written; ``tags`` are cleaned, ``flags`` are further columns of tracks."""

    track_id: str
    is_new: bool
    tags: TrackTags
    recording_key: str
    search_words: str
    flags: dict[str, Any]
    external_ids: tuple[tuple[str, str], ...] = ()


def write_tracks(
    connection: Connection, writes: Sequence[TrackWrite], ids: IdFactory, now: float
) -> None:
    """Insert or replace tracks with everything that hangs on them, except the counters."""
    if not writes:
        return
    artist_ids, new_artists = resolve(
        connection, artists, ("sort_name",), _all_artists(writes), ids, now
    )
    wanted_albums = [album_of(write.tags) for write in writes]
    album_ids, new_albums = resolve(
        connection,
        albums,
        ("sort_title", "artist_key"),
        [album for album in wanted_albums if album],
        ids,
        now,
    )
    own_album = [album_ids[a.key, a.mbid] if a else None for a in wanted_albums]
    _link_albums(connection, writes, own_album, new_albums, artist_ids)
    _write_rows(connection, writes, own_album, now)
    _link_tracks(connection, writes, artist_ids)
    _write_external_ids(connection, writes)
    _index_all(connection, writes, new_artists, new_albums)


def _all_artists(writes: Sequence[TrackWrite]) -> list[Wanted]:
    return list(
        chain.from_iterable(
            chain(track_artists_of(write.tags), album_artists_of(write.tags)) for write in writes
        )
    )


def _link_albums(
    connection: Connection,
    writes: Sequence[TrackWrite],
    own_album: list[str | None],
    new_albums: dict[str, Wanted],
    artist_ids: dict[tuple[tuple[str, ...], str | None], str],
) -> None:
    """Credits of new albums, from the first track that names them."""
    credited: dict[str, list[int | str]] = {}
    for write, album_id in zip(writes, own_album, strict=True):
        if album_id in new_albums and album_id not in credited:
            named = album_artists_of(write.tags)
            credited[album_id] = [artist_ids[item.key, item.mbid] for item in named]
    rows = link_rows(credited.items(), "album_id", "artist_id")
    if rows:
        connection.execute(insert(album_artists), rows)


def _write_rows(
    connection: Connection,
    writes: Sequence[TrackWrite],
    own_album: list[str | None],
    now: float,
) -> None:
    new: list[dict[str, Any]] = []
    old: list[dict[str, Any]] = []
    for write, album_id in zip(writes, own_album, strict=True):
        row = track_row(write.tags, album_id, write.recording_key) | write.flags
        if write.is_new:
            new.append({"id": write.track_id, "added_at": now} | row)
        else:
            old.append({"row_id": write.track_id} | row)
    if new:
        connection.execute(insert(tracks), new)
    if old:
        connection.execute(update(tracks).where(tracks.c.id == bindparam("row_id")), old)


def _link_tracks(
    connection: Connection,
    writes: Sequence[TrackWrite],
    artist_ids: dict[tuple[tuple[str, ...], str | None], str],
) -> None:
    old = [write.track_id for write in writes if not write.is_new]
    credited = [
        (write.track_id, [artist_ids[a.key, a.mbid] for a in track_artists_of(write.tags)])
        for write in writes
    ]
    _replace(connection, track_artists, old, link_rows(credited, "track_id", "artist_id"))
    for words, links, column in ((genres, track_genres, "genre"), (tags, track_tags, "tag")):
        said = [(w.track_id, _folded(getattr(w.tags, words.name))) for w in writes]
        numbers = resolve_terms(connection, words, chain.from_iterable(pairs for _, pairs in said))
        numbered = [(id_, [numbers[folded] for folded, _ in pairs]) for id_, pairs in said]
        _replace(connection, links, old, link_rows(numbered, "track_id", f"{column}_id"))


def _folded(names: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(fold(name) or name, name) for name in names]


def _replace(
    connection: Connection, table: Table, old: list[str], rows: list[dict[str, Any]]
) -> None:
    for part in chunks(old):
        connection.execute(delete(table).where(table.c.track_id.in_(part)))
    if rows:
        connection.execute(insert(table), rows)


def _write_external_ids(connection: Connection, writes: Sequence[TrackWrite]) -> None:
    """Ids from tags replace those from older tags; ids given from outside (Spotify) stay."""
    old = [write.track_id for write in writes if not write.is_new]
    for part in chunks(old):
        connection.execute(
            delete(external_ids).where(
                external_ids.c.kind == "track",
                external_ids.c.entity_id.in_(part),
                external_ids.c.scheme.in_(("mbid", "isrc")),
            )
        )
    rows = [
        {"kind": "track", "entity_id": write.track_id, "scheme": scheme, "value": value}
        for write in writes
        for scheme, value in dict.fromkeys((*external_ids_of(write.tags), *write.external_ids))
    ]
    if rows:
        connection.execute(insert(external_ids), rows)


def _index_all(
    connection: Connection,
    writes: Sequence[TrackWrite],
    new_artists: dict[str, Wanted],
    new_albums: dict[str, Wanted],
) -> None:
    items = [Searchable("artist", id_, item.row["name"]) for id_, item in new_artists.items()]
    items += (
        Searchable("album", id_, item.row["title"], item.row["artist_key"])
        for id_, item in new_albums.items()
    )
    items += (
        Searchable(
            "track",
            write.track_id,
            write.tags.title,
            " ".join((*write.tags.artists, write.tags.album, write.search_words)),
        )
        for write in writes
    )
    index(connection, items)
