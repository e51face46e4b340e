"""Calibrated genres: a list whose genre mix follows the listener's (Steck, RecSys 2018)."""

from dataclasses import dataclass

import numpy as np

from segue.data.csr import RowEntries, row_entries
from segue.data.dataset import TrackTable
from segue.data.query import Profile
from segue.types import FloatMatrix, FloatVector, IntVector

ALPHA = 0.01  # the paper's smoothing, which keeps the divergence finite
CALIBRATION = 0.2  # weight of one nat of divergence; modest, so that scores lead
MAX_GENRES = 8  # the listener's largest genres; the tail has too little weight to steer by
MAX_PROFILE_ROWS = 300  # the best liked tracks are enough to know the mix


@dataclass(frozen=True, slots=True)
class GenreMix:
    """Share of each of the listener's genres.

    ``columns`` of the term matrix, (n_genres,); ``shares`` float64, sum to 1.
    """

    columns: IntVector
    shares: FloatVector


def genre_mix(profile: Profile, tracks: TrackTable) -> GenreMix | None:
    """The genres of the liked tracks, each track's preference split evenly over its genres.

    None when no liked track has a genre.
    """
    liked = np.argsort(-profile.preference, kind="stable")[:MAX_PROFILE_ROWS]
    liked = liked[profile.preference[liked] > 0]
    if not len(liked) or not len(tracks.term_names):
        return None
    entries = row_entries(tracks.terms, profile.track_idx[liked])
    used = np.flatnonzero(np.bincount(entries.columns, minlength=len(tracks.term_names)))
    genres = np.array([c for c in used.tolist() if tracks.term_kinds[c] == "genre"], np.int64)
    if not len(genres):
        return None
    weights = profile.preference[liked].astype(np.float64) @ genre_shares(entries, genres)
    largest = np.argsort(-weights, kind="stable")[:MAX_GENRES]
    return GenreMix(genres[largest], weights[largest] / weights[largest].sum())


def genre_shares(entries: RowEntries, genres: IntVector) -> FloatMatrix:
    """p(genre | track): even over the track's genres among ``genres``, (n_rows, n_genres).

    ``entries`` are rows of the term matrix; a track of none of the genres has a row of zeros.
    """
    last = max(int(entries.columns.max(initial=0)), int(genres.max(initial=0)))
    place = np.full(last + 1, -1, np.int64)
    place[genres] = np.arange(len(genres))
    columns = place[entries.columns]
    has = np.flatnonzero(columns >= 0)
    shares = np.zeros((len(entries.n_of), len(genres)))
    shares[entries.owner[has], columns[has]] = 1.0
    return shares / np.maximum(shares.sum(axis=1, keepdims=True), 1.0)


def divergence(wanted: FloatVector, given: FloatMatrix, alpha: float = ALPHA) -> FloatVector:
    """KL(p || (1 - alpha) q + alpha p) in nats, for each row q of ``given``, shape (n_rows,).

    >>> divergence(np.array([0.5, 0.5]), np.array([[0.5, 0.5]])).tolist()
    [0.0]
    """
    smoothed = (1.0 - alpha) * given + alpha * wanted
    return np.log(wanted / smoothed) @ wanted
