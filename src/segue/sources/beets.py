"""beets' library.db: tracks with ids, and the counts and ratings that plugins keep with them.

``path`` is bytes; several values of one field stand apart by a backslash and U+2400. Counts come
from mpdstats, lastimport (the listener's Last.fm count) and metasync (iTunes); since they count the
same plays, the highest holds.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from itertools import groupby

from segue.data.imported import ImportedListen, ImportedRow, LeftOut, NamedTrack, RowProblem
from segue.sources.base import Format, Member
from segue.sources.databases import columns_of, has_columns, opened, read_only_tables
from segue.sources.moments import moment_s
from segue.sources.values import (
    clean,
    count,
    duration_s,
    isrc,
    mbid,
    number,
    one_artist,
    path_text,
    stars,
)

SEPARATOR = "\\␀"
_WANTED = ("id", "path", "title", "artist", "artists", "album", "length", "mb_trackid", "isrc")
_PLAYS = ("play_count", "lastfm_play_count", "itunes_playcount")
_KEYS = (*_PLAYS, "skip_count", "itunes_skipcount", "last_played", "itunes_lastplayed", "rating",
         "itunes_rating")  # fmt: skip


def _is_beets(member: Member) -> bool:
    return has_columns(member, "items", ("path", "title", "mb_trackid"))


def _read(member: Member) -> Iterator[ImportedRow]:
    with opened(member) as connection:
        known = columns_of(connection, "items")
        has_attributes = bool(columns_of(connection, "item_attributes"))
        read_only_tables(connection)
        columns = ", ".join(name for name in _WANTED if name in known)
        items = connection.execute(f"SELECT {columns} FROM items ORDER BY id")  # noqa: S608 - fixed names
        attributes = _Attributes(connection) if has_attributes else None
        for row, item in enumerate(items, 1):
            said = attributes.of(item["id"]) if attributes else {}
            try:
                yield _item(row, dict(item), said)
            except (ValueError, OverflowError) as error:
                yield RowProblem(row, str(error))


class _Attributes:
    """Attributes of items in the order of their ids, read alongside them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        marks = ",".join("?" * len(_KEYS))
        rows = connection.execute(
            "SELECT entity_id, key, value FROM item_attributes "  # noqa: S608 - question marks only
            f"WHERE key IN ({marks}) AND typeof(entity_id) = 'integer' ORDER BY entity_id",
            _KEYS,
        )
        self._groups = groupby(rows, key=lambda row: int(row["entity_id"]))
        self._current: tuple[int, dict[str, object]] | None = None

    def of(self, item_id: object) -> Mapping[str, object]:
        if not isinstance(item_id, int):
            return {}
        while self._current is None or self._current[0] < item_id:
            found = next(self._groups, None)
            if found is None:
                return {}
            self._current = (found[0], {row["key"]: row["value"] for row in found[1]})
        return self._current[1] if self._current[0] == item_id else {}


def _item(row: int, item: Mapping[str, object], said: Mapping[str, object]) -> ImportedRow:
    n_plays = max(count(said.get(key), key) for key in _PLAYS)
    n_skips = max(count(said.get(key), key) for key in ("skip_count", "itunes_skipcount"))
    rating = _rating(said)
    if not n_plays and not n_skips and rating is None:
        return LeftOut(row, "empty")  # in the library, never played
    title = _text(item, "title")
    path = _path(item.get("path"))
    if not title and not path:
        raise ValueError("the item has neither title nor path")
    last = [said[key] for key in ("last_played", "itunes_lastplayed") if said.get(key)]
    return ImportedListen(
        row=row,
        track=NamedTrack(
            title=title,
            artists=_artists(item),
            album=_text(item, "album"),
            duration_s=duration_s(item.get("length")),
            recording_mbid=mbid(item.get("mb_trackid")),
            isrc=isrc(_text(item, "isrc").partition(SEPARATOR)[0]),
            path=path,
        ),
        listened_at=moment_s(last[0], "last_played") if last and n_plays else None,
        n_plays=n_plays,
        n_skips=n_skips,
        rating=rating,
    )


def _rating(said: Mapping[str, object]) -> float | None:
    """What the listener said; up to 1 is what mpdstats reckoned from plays and skips."""
    stated = stars(said.get("itunes_rating"), "itunes_rating", 100)
    own = number(said.get("rating"), "rating", 0, 5)
    return own if stated is None and own is not None and own > 1 else stated


def _artists(item: Mapping[str, object]) -> tuple[str, ...]:
    several = tuple(name for name in _text(item, "artists").split(SEPARATOR) if name)
    return several or one_artist(_text(item, "artist"))


def _text(item: Mapping[str, object], key: str) -> str:
    value = item.get(key)
    return clean(value, key) if isinstance(value, str) else ""


def _path(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    # a name that is not UTF-8 keeps its bytes: the scanner spells it so, too
    return path_text(value) if isinstance(value, str) else ""


BEETS = Format(
    name="beets",
    title="beets, library database",
    recognises=_is_beets,
    rows=_read,
)
