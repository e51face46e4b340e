"""Tracks of a real library as the table that listeners are planted in."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from segue.data.dataset import TrackTable
from segue.data.records import Track
from segue.data.vocabulary import Vocabulary


def table_of(tracks: Sequence[Track]) -> TrackTable:
    """A table with the names, lengths, years and terms (genre, artist, album, decade) of tracks.

    >>> from segue.data.records import Credit
    >>> ada = Credit("a", "Ada")
    >>> table = table_of([Track(id="t", title="A", artists=(ada,), genres=("folk",))])
    >>> table.artists[0], sorted(table.term_kinds)
    ('Ada', ['artist', 'genre'])
    """
    terms: dict[tuple[str, str], int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, track in enumerate(tracks):
        for term in _terms(track):
            rows.append(row)
            columns.append(terms.setdefault(term, len(terms)))
    first = [track.artists[0].id if track.artists else "" for track in tracks]
    albums = [track.album_id or "" for track in tracks]
    artist_ids = Vocabulary(sorted(set(first) - {""}))
    album_ids = Vocabulary(sorted(set(albums) - {""}))
    n = len(tracks)
    ones = np.ones(len(rows), np.float32)
    return TrackTable(
        ids=Vocabulary(track.id for track in tracks),
        titles=[track.title for track in tracks],
        artists=[", ".join(one.name for one in track.artists) for track in tracks],
        artist_idx=artist_ids.rows(first),
        album_idx=album_ids.rows(albums),
        artist_ids=artist_ids,
        album_ids=album_ids,
        recording_idx=np.arange(n, dtype=np.int32),
        year=np.array([track.year or 0 for track in tracks], np.int16),
        duration_s=np.array([_or_nan(track.duration_s) for track in tracks], np.float32),
        added_at=np.array([track.added_at for track in tracks], np.float64),
        owned=np.array([track.has_file for track in tracks], bool),
        explicit=np.array([bool(track.explicit) for track in tracks], bool),
        terms=sparse.csr_matrix((ones, (rows, columns)), shape=(n, len(terms))),
        term_names=[name for _, name in terms],
        term_kinds=[kind for kind, _ in terms],
    )


def _terms(track: Track) -> list[tuple[str, str]]:
    found = [("genre", name) for name in track.genres]
    found += [("artist", one.name) for one in track.artists]
    if track.album:
        found.append(("album", track.album))
    if track.year:
        found.append(("decade", f"{track.year // 10 * 10}s"))
    return list(dict.fromkeys(found))


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value
