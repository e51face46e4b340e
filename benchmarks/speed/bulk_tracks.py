"""A made-up catalogue put into the store at once: the rows that scanning its files would make.

A scan of a million files takes minutes of reading back what it has just written. Here everything is
known before: each album is of one artist, nothing is stored yet, and no two files are one track.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import numpy as np

from benchmarks.speed.bulk import in_bulk, insert_rows
from segue.data.dataset import TrackTable
from segue.data.records import READING
from segue.store.engine import Database
from segue.store.folding import fold, words_of
from segue.store.fulltext import padded
from segue.store.ids import new_id

_TABLES = ("artists", "albums", "album_artists", "tracks", "track_artists", "genres",
           "track_genres", "files", "search_entries", "spelling_words")  # fmt: skip


class _Catalogue(NamedTuple):
    """What is made-up, and the new ids of its artists (by folded name), albums and tracks."""

    table: TrackTable
    artist_ids: dict[str, str]
    album_ids: list[str]
    track_ids: list[str]

    def artist_of(self, row: int) -> str:
        return self.artist_ids[fold(self.table.artists[row])]


def store_tracks(database: Database, table: TrackTable, now: float) -> None:
    """Store every row of a made-up catalogue as a file that was scanned.

    Args:
        database: Nobody else writes to it, and it has no track.
        table: Made by :func:`segue.synthetic.listeners.make_catalogue`.
        now: Unix time (s) at which they were added.
    """
    artist_ids = {fold(name): new_id() for name in dict.fromkeys(table.artists)}
    made = _Catalogue(table, artist_ids, [new_id() for _ in table.album_ids],
                      [new_id() for _ in range(len(table))])  # fmt: skip
    with in_bulk(database.path, _TABLES) as connection:
        _write_artists(connection, made, now)
        _write_albums(connection, made, now)
        _write_tracks(connection, made, now)
        _write_genres(connection, made)
        _write_search(connection, made)


def _write_artists(connection: sqlite3.Connection, made: _Catalogue, now: float) -> None:
    n_tracks = Counter(map(fold, made.table.artists))
    names = {fold(name): name for name in reversed(made.table.artists)}
    insert_rows(
        connection, "artists", ("id", "name", "sort_name", "n_tracks", "added_at"),
        ((id_, names[key], key, n_tracks[key], now) for key, id_ in made.artist_ids.items()),
    )  # fmt: skip


def _write_albums(connection: sqlite3.Connection, made: _Catalogue, now: float) -> None:
    table = made.table
    n_tracks = np.bincount(table.album_idx, minlength=len(made.album_ids)).tolist()
    lengths = np.bincount(table.album_idx, table.duration_s, len(made.album_ids)).tolist()
    firsts = np.unique(table.album_idx, return_index=True)[1].tolist()
    insert_rows(
        connection, "albums",
        ("id", "title", "sort_title", "artist_key", "year", "n_tracks", "duration_s", "has_cover",
         "added_at"),
        ((id_, title, fold(title), fold(table.artists[row]), int(table.year[row]), n, length, False,
          now)
         for id_, title, row, n, length in zip(made.album_ids, _album_titles(table), firsts,
                                               n_tracks, lengths, strict=True)),
    )  # fmt: skip
    credits_ = ((id_, 0, made.artist_of(row))
                for id_, row in zip(made.album_ids, firsts, strict=True))  # fmt: skip
    insert_rows(connection, "album_artists", ("album_id", "position", "artist_id"), credits_)


def _album_titles(table: TrackTable) -> list[str]:
    return [f"Album {name}" for name in table.album_ids]


def _write_tracks(connection: sqlite3.Connection, made: _Catalogue, now: float) -> None:
    table, ids = made.table, made.track_ids
    album_of = [made.album_ids[album] for album in table.album_idx.tolist()]
    columns = zip(ids, table.titles, map(fold, table.titles), album_of, table.ids,
                  table.year.tolist(), table.duration_s.tolist(), table.explicit.tolist(),
                  strict=True)  # fmt: skip
    insert_rows(
        connection, "tracks",
        ("id", "title", "sort_title", "album_id", "recording_key", "year", "duration_s",
         "explicit", "is_visible", "has_file", "has_cover", "added_at"),
        ((*row, True, True, False, now) for row in columns),
    )  # fmt: skip
    credits_ = ((id_, 0, made.artist_of(row)) for row, id_ in enumerate(ids))
    insert_rows(connection, "track_artists", ("track_id", "position", "artist_id"), credits_)
    insert_rows(
        connection, "files",
        ("path", "size_bytes", "modified_ns", "fingerprint", "track_id", "is_gone",
         "has_embedded_cover", "lyrics_ns", "reading", "scanned_at"),
        ((f"/made-up/{name}.flac".encode(), 1, 1, name, id_, False, False, 0, READING, now)
         for name, id_ in zip(table.ids, ids, strict=True)),
    )  # fmt: skip


def _write_genres(connection: sqlite3.Connection, made: _Catalogue) -> None:
    table = made.table
    genres = [column for column, kind in enumerate(table.term_kinds) if kind == "genre"]
    n_tracks = np.bincount(table.terms.indices, minlength=len(table.term_kinds))
    number = {column: number for number, column in enumerate(genres, start=1)}
    insert_rows(
        connection, "genres", ("id", "name", "sort_name", "n_tracks"),
        ((number[c], table.term_names[c], fold(table.term_names[c]), int(n_tracks[c]))
         for c in genres),
    )  # fmt: skip
    insert_rows(connection, "track_genres", ("track_id", "position", "genre_id"),
                _genre_links(made, number))  # fmt: skip


def _genre_links(made: _Catalogue, number: dict[int, int]) -> Iterator[tuple[str, int, int]]:
    terms = made.table.terms
    bounds = terms.indptr.tolist()
    for row, id_ in enumerate(made.track_ids):
        columns = terms.indices[bounds[row] : bounds[row + 1]].tolist()
        for position, column in enumerate(c for c in columns if c in number):
            yield id_, position, number[column]


def _write_search(connection: sqlite3.Connection, made: _Catalogue) -> None:
    insert_rows(connection, "search_entries", ("kind", "entity_id", "name", "words"),
                _entries(made))  # fmt: skip
    names = connection.execute("SELECT name FROM search_entries").fetchall()
    known = dict.fromkeys(word for (name,) in names for word in name.split())
    numbers = count(1)
    insert_rows(connection, "spelling_words", ("id", "word", "padded"),
                ((next(numbers), word, padded(word)) for word in known))  # fmt: skip
    for name in ("search_fts", "spelling_fts"):
        connection.execute(f"INSERT INTO {name} ({name}) VALUES ('rebuild')")  # noqa: S608


def _entries(made: _Catalogue) -> Iterator[tuple[Any, ...]]:
    table = made.table
    titles = [" ".join(dict.fromkeys(words_of(title))) for title in _album_titles(table)]
    artist_of = [" ".join(words_of(name)) for name in table.artists]
    for key, id_ in made.artist_ids.items():
        yield "artist", id_, " ".join(words_of(key)), ""
    firsts = np.unique(table.album_idx, return_index=True)[1].tolist()
    for id_, title, row in zip(made.album_ids, titles, firsts, strict=True):
        yield "album", id_, title, artist_of[row]
    for row, (id_, album) in enumerate(zip(made.track_ids, table.album_idx.tolist(), strict=True)):
        words = dict.fromkeys(f"{artist_of[row]} {titles[album]}".split())
        name = dict.fromkeys(words_of(table.titles[row]))
        yield "track", id_, " ".join(name), " ".join(words)
