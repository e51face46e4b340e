"""The whole catalogue as arrays for training, built from streamed rows.

These are the only reads that walk whole tables on purpose.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import sparse
from sqlalchemy import select
from sqlalchemy.engine import Connection

from segue.data.dataset import TrackTable
from segue.data.vocabulary import Vocabulary
from segue.store.tables import (
    albums,
    artists,
    genres,
    tags,
    track_artists,
    track_genres,
    track_tags,
    tracks,
)

ROWS_AT_ONCE = 10_000


def streamed(connection: Connection, statement: Any) -> Iterator[tuple[Any, ...]]:
    """Rows of a long result without holding it all."""
    result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(statement)
    for part in result.partitions():
        yield from part  # type: ignore[misc]  # rows are tuples


class _Terms:
    """Collects (track row, term) pairs; a term is a kind and a name."""

    def __init__(self) -> None:
        self.columns: dict[tuple[str, str], int] = {}
        self.rows: list[int] = []
        self.of_row: list[int] = []

    def add(self, row: int, kind: str, key: str) -> None:
        """State that a track has a term."""
        self.rows.append(row)
        self.of_row.append(self.columns.setdefault((kind, key), len(self.columns)))

    def matrix(self, n_tracks: int) -> Any:
        """CSR float32 with ones."""
        shape = (n_tracks, len(self.columns))
        ones = np.ones(len(self.rows), np.float32)
        matrix = sparse.csr_matrix((ones, (self.rows, self.of_row)), shape=shape)
        matrix.sum_duplicates()
        matrix.data[:] = 1.0
        return matrix


def track_table(connection: Connection) -> TrackTable:
    """Visible tracks in order of id; those without a file are there as not owned.

    Terms of kind "artist" and "album" are named by title, kept apart by id.
    """
    columns = (
        tracks.c.id, tracks.c.title, tracks.c.album_id, tracks.c.recording_key, tracks.c.year,
        tracks.c.duration_s, tracks.c.added_at, tracks.c.has_file, tracks.c.explicit,
    )  # fmt: skip
    statement = select(*columns).where(tracks.c.is_visible).order_by(tracks.c.id)
    rows = list(streamed(connection, statement))
    ids = Vocabulary(row[0] for row in rows)
    terms = _Terms()
    credit, first_artist = _add_artists(connection, ids, terms)
    _add_words(connection, ids, terms, genres, track_genres, "genre")
    _add_words(connection, ids, terms, tags, track_tags, "tag")
    titles = dict(connection.execute(select(albums.c.id, albums.c.title)).all())
    for i, row in enumerate(rows):
        if row[2] is not None:
            terms.add(i, "album", row[2])
        if row[4]:
            terms.add(i, "decade", f"{row[4] // 10 * 10}s")
    names = {"album": titles, "artist": credit.names}
    artist_ids, album_ids = (
        Vocabulary(_distinct(first_artist)),
        Vocabulary(_distinct(row[2] for row in rows)),
    )
    return TrackTable(
        ids=ids,
        titles=[row[1] for row in rows],
        artists=[", ".join(credit.of_track.get(i, ())) for i in range(len(rows))],
        artist_idx=artist_ids.rows(id_ or "" for id_ in first_artist),
        album_idx=album_ids.rows(row[2] or "" for row in rows),
        artist_ids=artist_ids,
        album_ids=album_ids,
        recording_idx=_recordings([row[3] for row in rows]),
        year=np.array([row[4] or 0 for row in rows], np.int16),
        duration_s=np.array([np.nan if r[5] is None else r[5] for r in rows], np.float32),
        added_at=np.array([row[6] for row in rows], np.float64),
        owned=np.array([bool(row[7]) for row in rows], bool),
        explicit=np.array([bool(row[8]) for row in rows], bool),
        terms=terms.matrix(len(rows)),
        term_names=[names.get(kind, {}).get(key, key) for kind, key in terms.columns],
        term_kinds=[kind for kind, _ in terms.columns],
    )


class _Credits:
    """Names of all artists, and of each track's in order."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names
        self.of_track: dict[int, list[str]] = {}


def _add_artists(
    connection: Connection, ids: Vocabulary, terms: _Terms
) -> tuple[_Credits, list[str | None]]:
    credit = _Credits(dict(connection.execute(select(artists.c.id, artists.c.name)).all()))
    first: list[str | None] = [None] * len(ids)
    statement = select(track_artists.c.track_id, track_artists.c.artist_id).order_by(
        track_artists.c.track_id, track_artists.c.position
    )
    for track_id, artist_id in streamed(connection, statement):
        if (row := ids.get(track_id)) is not None:
            if first[row] is None:
                first[row] = artist_id
            credit.of_track.setdefault(row, []).append(credit.names[artist_id])
            terms.add(row, "artist", artist_id)
    return credit, first


def _add_words(
    connection: Connection, ids: Vocabulary, terms: _Terms, words: Any, links: Any, kind: str
) -> None:
    names = dict(connection.execute(select(words.c.id, words.c.name)).all())
    for track_id, word_id in streamed(connection, select(links.c.track_id, links.c[f"{kind}_id"])):
        if (row := ids.get(track_id)) is not None:
            terms.add(row, kind, names[word_id])


def _distinct(ids: Any) -> list[str]:
    return sorted({id_ for id_ in ids if id_ is not None})


def _recordings(keys: list[str]) -> Any:
    """One number for each recording; a track without a key is a recording of its own."""
    numbers: dict[Any, int] = {}
    rows = (numbers.setdefault(key or i, len(numbers)) for i, key in enumerate(keys))
    return np.fromiter(rows, np.int32, len(keys))
