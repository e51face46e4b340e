"""Navidrome's navidrome.db: scrobbles (a log of plays), counts, ratings, stars, playlists.

Plays that the log has are events; the count of a track stands for the rest. A database holds every
user of the server: one is read, and must be named where several have listened.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from segue.data.imported import (
    ImportedListen,
    ImportedRow,
    LeftOut,
    NamedTrack,
    PlaylistEntry,
    RowProblem,
)
from segue.errors import InvalidInputError
from segue.sources.base import Format, Member
from segue.sources.databases import columns_of, has_columns, opened, read_only_tables
from segue.sources.moments import moment_s
from segue.sources.values import clean, count, duration_s, mbid, one_artist, path_text, stars

_TRACK = ("path", "title", "artist", "album", "duration", "mbz_recording_id", "mbz_track_id")
_ANNOTATION = ("play_count", "play_date", "rating", "starred", "starred_at")


@dataclass(frozen=True, slots=True)
class _Tables:
    """Which columns this version of Navidrome has."""

    tracks: str
    annotations: str
    has_scrobbles: bool
    has_playlists: bool


def _is_navidrome(member: Member) -> bool:
    return has_columns(member, "media_file", ("id", "path", "title")) and has_columns(
        member, "annotation", ("user_id", "item_id", "item_type")
    )


def of_user(user_name: str) -> Format:
    """The source for one user of the server, by login name."""
    return Format(
        name=NAVIDROME.name,
        title=NAVIDROME.title,
        recognises=_is_navidrome,
        rows=partial(_read, user_name),
    )


def listening_users(member: Member) -> tuple[str, ...]:
    """Login names of the users that played, rated or starred something, sorted."""
    with opened(member) as connection:
        if not columns_of(connection, "user"):
            return ()
        read_only_tables(connection)
        rows = connection.execute(
            "SELECT user_name FROM user WHERE id IN (SELECT user_id FROM annotation WHERE "
            "play_count > 0 OR rating > 0 OR starred) ORDER BY user_name"
        )
        return tuple(str(row[0]) for row in rows)


def _read(user_name: str, member: Member) -> Iterator[ImportedRow]:
    if not user_name:
        users = listening_users(member)
        if len(users) != 1:
            raise InvalidInputError(
                f"{member.name} holds the listening of {len(users)} users; say whose is wanted: "
                f"{', '.join(users)[:500] or 'nobody has listened'}"
            )
        user_name = users[0]
    with opened(member) as connection:
        tables = _tables(connection)
        read_only_tables(connection)
        found = connection.execute(
            "SELECT id FROM user WHERE user_name = ?", (user_name,)
        ).fetchone()
        if found is None:
            raise InvalidInputError(f"{member.name} has no user {user_name!r}")
        queries = (_scrobbles, _counts, _entries)
        row = 0
        for make in queries:
            for value in make(connection, tables, str(found[0])):
                row += 1
                try:
                    yield _row(row, dict(value))
                except (ValueError, OverflowError) as error:
                    yield RowProblem(row, str(error))


def _tables(connection: sqlite3.Connection) -> _Tables:
    tracks, annotation = (columns_of(connection, name) for name in ("media_file", "annotation"))
    return _Tables(
        tracks=", ".join(f"m.{name} AS {name}" for name in _TRACK if name in tracks),
        annotations=", ".join(f"a.{name} AS {name}" for name in _ANNOTATION if name in annotation),
        has_scrobbles="submission_time" in columns_of(connection, "scrobbles"),
        has_playlists="owner_id" in columns_of(connection, "playlist")
        and "media_file_id" in columns_of(connection, "playlist_tracks"),
    )


def _scrobbles(
    connection: sqlite3.Connection, tables: _Tables, user_id: str
) -> Iterator[sqlite3.Row]:
    if not tables.has_scrobbles:
        return
    yield from connection.execute(
        f"SELECT {tables.tracks}, s.submission_time AS submission_time "  # noqa: S608 - fixed names
        "FROM scrobbles s JOIN media_file m ON m.id = s.media_file_id WHERE s.user_id = ? "
        "ORDER BY s.submission_time, s.media_file_id",
        (user_id,),
    )


def _counts(connection: sqlite3.Connection, tables: _Tables, user_id: str) -> Iterator[sqlite3.Row]:
    logged = (
        "(SELECT COUNT(*) FROM scrobbles s WHERE s.media_file_id = m.id AND s.user_id = a.user_id)"
        if tables.has_scrobbles
        else "0"
    )
    yield from connection.execute(
        f"SELECT {tables.tracks}, {tables.annotations}, {logged} AS n_logged "  # noqa: S608 - fixed names
        "FROM annotation a JOIN media_file m ON m.id = a.item_id "
        "WHERE a.user_id = ? AND a.item_type = 'media_file' ORDER BY m.id",
        (user_id,),
    )


def _entries(
    connection: sqlite3.Connection, tables: _Tables, user_id: str
) -> Iterator[sqlite3.Row]:
    if not tables.has_playlists:
        return
    yield from connection.execute(
        f"SELECT {tables.tracks}, p.name AS playlist "  # noqa: S608 - fixed names
        "FROM playlist p JOIN playlist_tracks t ON t.playlist_id = p.id "
        "JOIN media_file m ON m.id = t.media_file_id WHERE p.owner_id = ? ORDER BY p.id, t.id",
        (user_id,),
    )


def _row(row: int, value: Mapping[str, Any]) -> ImportedRow:
    track = NamedTrack(
        title=_text(value, "title"),
        artists=one_artist(_text(value, "artist")),
        album=_text(value, "album"),
        duration_s=duration_s(value.get("duration")),
        recording_mbid=mbid(value.get("mbz_recording_id") or value.get("mbz_track_id")),
        path=path_text(str(value.get("path") or "")),
    )
    if "submission_time" in value:
        return ImportedListen(
            row=row, track=track, listened_at=moment_s(value["submission_time"], "submission_time")
        )
    if "playlist" in value:
        return PlaylistEntry(row=row, playlist=_text(value, "playlist"), track=track)
    n_plays = max(0, count(value.get("play_count"), "play_count") - int(value["n_logged"]))
    rating = stars(value.get("rating"), "rating", 5)
    starred = bool(value.get("starred"))
    if not n_plays and rating is None and not starred:
        return LeftOut(row, "repeated" if value["n_logged"] else "empty")
    when = value.get("play_date") if n_plays else value.get("starred_at")
    return ImportedListen(
        row=row,
        track=track,
        listened_at=moment_s(when, "play_date") if when else None,
        n_plays=n_plays,
        rating=rating,
        loved=starred,
    )


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return clean(found, key) if isinstance(found, str) else ""


NAVIDROME = Format(
    name="navidrome",
    title="Navidrome, database",
    recognises=_is_navidrome,
    rows=partial(_read, ""),
)
