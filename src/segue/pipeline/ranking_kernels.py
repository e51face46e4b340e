"""Compiled rows of the learned ranker; the slow twin is :mod:`segue.pipeline.ranking_features`.

What is the same for every list of a listener comes ready (:class:`OfListener`); one pass over the
candidates fills the rest, column after column, as the trees read it.
"""

from typing import NamedTuple

import numba
import numpy as np

from segue.data.row_table_kernels import place_of, table_of
from segue.types import FloatMatrix, FloatVector, IntVector

SECONDS_PER_DAY = 86_400.0


class OfListener(NamedTuple):
    """What a listener did, by track, artist and album, and where their taste stood last.

    ``own`` float32 (n_known, 6), all but the last of the columns ``OWN``; ``artists`` and
    ``albums`` different labels, their ``..._worth`` float32 (n, 2): liked and disliked;
    ``directions`` float64 (n_terms, n_groups); ``mean_year`` NaN where no year is known.
    """

    track_idx: IntVector
    own: FloatMatrix
    last_listened_at: FloatVector
    artists: IntVector
    artist_worth: FloatMatrix
    albums: IntVector
    album_worth: FloatMatrix
    directions: FloatMatrix
    mean_year: float


class OfTracks(NamedTuple):
    """Columns of the catalogue, and its vectors as CSR (empty where there are none)."""

    artist: IntVector
    album: IntVector
    year: IntVector
    duration_s: FloatVector
    added_at: FloatVector
    popularity: FloatMatrix
    indptr: IntVector
    indices: IntVector
    data: FloatVector


class Named(NamedTuple):
    """What the sources of the ranker named: rows and scores one source after the other."""

    rows: IntVector
    scores: FloatVector
    ends: IntVector
    column: IntVector


@numba.njit(cache=True, nogil=True)
def columns_of(
    candidates: IntVector, named: Named, mine: OfListener, tracks: OfTracks, context: FloatVector,
    n_sources: int, rrf_k: float, now: float,
) -> FloatMatrix:  # fmt: skip
    """float32 (n_features, n_candidates), in the order of ``feature_names``."""
    n_groups, n_windows = mine.directions.shape[1], tracks.popularity.shape[1]
    own = 2 * n_sources
    kin = own + mine.own.shape[1] + 1
    close = kin + 4
    track = close + n_groups + n_windows
    out = np.zeros((track + 3 + len(context), len(candidates)), np.float32)
    _sources(out, candidates, named, rrf_k)
    _own(out[own:kin], candidates, mine, now)
    _kin(out[kin : kin + 2], tracks.artist, candidates, mine.artists, mine.artist_worth)
    _kin(out[kin + 2 : close], tracks.album, candidates, mine.albums, mine.album_worth)
    _close(out[close : close + n_groups], candidates, mine.directions, tracks)
    _track(out[track - n_windows : track + 3], candidates, mine.mean_year, tracks, now)
    for column in range(len(context)):
        out[track + 3 + column] = context[column]
    return out


@numba.njit(cache=True, nogil=True)
def _sources(out: FloatMatrix, candidates: IntVector, named: Named, rrf_k: float) -> None:
    keys, places, bits = table_of(candidates, 2)
    begin = 0
    for part in range(len(named.ends)):
        column, end = 2 * named.column[part], named.ends[part]
        best = named.scores[begin] if end > begin else 0.0
        for at in range(begin, end):
            place = place_of(keys, places, bits, named.rows[at])
            if place >= 0:
                out[column, place] = named.scores[at] / best if best > 0 else 0.0
                out[column + 1, place] = rrf_k / (rrf_k + 1 + (at - begin))
        begin = end


@numba.njit(cache=True, nogil=True)
def _own(out: FloatMatrix, candidates: IntVector, mine: OfListener, now: float) -> None:
    keys, places, bits = table_of(mine.track_idx, 2)
    last = len(out) - 1
    for at in range(len(candidates)):
        place = place_of(keys, places, bits, candidates[at])
        out[last, at] = -1.0
        if place >= 0:
            for column in range(last):
                out[column, at] = mine.own[place, column]
            out[last, at] = _log_days(now - float(mine.last_listened_at[place]))


@numba.njit(cache=True, nogil=True)
def _kin(
    out: FloatMatrix, labels: IntVector, candidates: IntVector, known: IntVector, worth: FloatMatrix
) -> None:
    keys, places, bits = table_of(known, 2)
    for at in range(len(candidates)):
        label = int(labels[candidates[at]])
        place = place_of(keys, places, bits, label) if label >= 0 else -1
        if place >= 0:
            out[0, at] = worth[place, 0]
            out[1, at] = worth[place, 1]


@numba.njit(cache=True, nogil=True)
def _close(
    out: FloatMatrix, candidates: IntVector, directions: FloatMatrix, tracks: OfTracks
) -> None:
    if not len(directions):
        return
    for at in range(len(candidates)):
        row = candidates[at]
        for group in range(len(out)):
            total = 0.0
            for entry in range(tracks.indptr[row], tracks.indptr[row + 1]):
                total += tracks.data[entry] * directions[tracks.indices[entry], group]
            out[group, at] = total


@numba.njit(cache=True, nogil=True)
def _track(
    out: FloatMatrix, candidates: IntVector, mean_year: float, tracks: OfTracks, now: float
) -> None:
    n_windows = tracks.popularity.shape[1]
    for at in range(len(candidates)):
        row = candidates[at]
        for window in range(n_windows):
            out[window, at] = tracks.popularity[row, window]
        is_known = tracks.year[row] > 0 and not np.isnan(mean_year)
        out[n_windows, at] = abs(np.float64(tracks.year[row]) - mean_year) if is_known else -1.0
        duration_s = tracks.duration_s[row]
        out[n_windows + 1, at] = -1.0 if np.isnan(duration_s) else duration_s
        out[n_windows + 2, at] = _log_days(now - float(tracks.added_at[row]))


@numba.njit(cache=True, nogil=True)
def _log_days(seconds: float) -> float:
    return np.log1p(max(seconds, 0.0) / SECONDS_PER_DAY)
