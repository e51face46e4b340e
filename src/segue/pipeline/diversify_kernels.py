"""Compiled greedy pass of :mod:`segue.pipeline.diversify`, which is also its slow twin.

One function a step, all on plain arrays of the pool; sums and products are taken in the same order
and width as there.
"""

import math
from typing import NamedTuple

import numba
import numpy as np

from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

NEVER = np.iinfo(np.int32).max


class Pool(NamedTuple):
    """The candidates: what each is worth by itself, and what it shares with the others.

    ``base`` float64 (n,), relevance less the tier; ``term_ends`` (n + 1,) and ``terms`` their terms
    as CSR; ``per_norm`` float32 (n,), one over the root of the number of terms; ``genres`` float32
    (n_genres, n), share of each wanted genre over the wish; ``wanted`` float32 (n_genres,).
    """

    base: FloatVector
    tier: IntVector
    artist: IntVector
    album: IntVector
    is_heard: BoolVector
    term_ends: IntVector
    terms: IntVector
    per_norm: FloatVector
    genres: FloatMatrix
    wanted: FloatVector
    before_artist: IntVector
    before_album: IntVector


class Rules(NamedTuple):
    """What is asked for; ``familiar`` is below zero where the scores decide."""

    n: int
    variety: float
    calibration: float
    alpha: float
    artist_gap: int
    album_gap: int
    familiar: float


@numba.njit(cache=True, nogil=True)
def greedy(pool: Pool, rules: Rules, n_terms: int) -> tuple[IntVector, IntVector]:
    """Places in list order, and how many of them broke the artist gap, the album gap, the mix."""
    n = len(pool.base)
    chosen = np.empty(min(rules.n, n), np.int64)
    relaxed = np.zeros(3, np.int64)
    ready = np.zeros(n, np.int64)  # the first place at which each may stand
    nearest = np.zeros(n, np.float32)
    given = pool.genres.copy()  # of the list with each candidate
    shared = np.zeros(len(given), np.float32)  # of the list alone
    mmr = pool.base.copy()
    utility = np.empty(n)
    has = np.zeros(n_terms, np.int16)  # the last place whose track has the term, from 1
    taken = np.zeros(2, np.int64)
    _space_from(ready, pool.artist, pool.before_artist, rules.artist_gap)
    _space_from(ready, pool.album, pool.before_album, rules.album_gap)
    for place in range(len(chosen)):
        _worth(pool, rules, place, mmr, given, shared, utility)
        best = _best_free(utility, ready, place, pool.is_heard, -1)
        if best < 0:
            best = _least_near(utility, ready)
            _count_broken(pool, rules, chosen[:place], best, relaxed)
        elif rules.familiar >= 0:
            kind = _turn(taken, rules.familiar, place)
            if kind >= 0:
                mine = _best_free(utility, ready, place, pool.is_heard, kind)
                if mine >= 0 and pool.tier[mine] == pool.tier[best]:
                    best = mine
                else:
                    relaxed[2] += 1
        chosen[place] = best
        taken[1 if pool.is_heard[best] else 0] += 1
        _space(ready, pool.artist, pool.artist[best], place, rules.artist_gap)
        _space(ready, pool.album, pool.album[best], place, rules.album_gap)
        ready[best] = NEVER
        if rules.variety > 0:
            _near(pool, rules.variety, best, place, has, nearest, mmr)
        for genre in range(len(given)):
            given[genre] += pool.genres[genre, best]
            shared[genre] += pool.genres[genre, best]
    return chosen, relaxed


@numba.njit(cache=True, nogil=True)
def _worth(
    pool: Pool, rules: Rules, n_taken: int, mmr: FloatVector, given: FloatMatrix,
    shared: FloatVector, utility: FloatVector,
) -> None:  # fmt: skip
    """Relevance, variety and the divergence of the genres, were each candidate taken next."""
    each = np.float32(1.0 / (n_taken + 1))
    alpha = np.float32(rules.alpha)
    off = np.zeros(len(utility), np.float32)
    for genre in range(len(given)):
        # most tracks are not of the genre: the list with each of them has the same share of it
        without = pool.wanted[genre] * np.log(shared[genre] * each + alpha)
        for row in range(len(utility)):
            if pool.genres[genre, row] == 0:
                off[row] += without
            else:
                ratio = given[genre, row] * each + alpha
                off[row] += pool.wanted[genre] * np.log(ratio)
    for row in range(len(utility)):
        utility[row] = mmr[row] + rules.calibration * off[row]


@numba.njit(cache=True, nogil=True)
def _best_free(
    utility: FloatVector, ready: IntVector, place: int, is_heard: BoolVector, kind: int
) -> int:
    """Of the candidates that may stand here (and are of a kind, 0 new, 1 heard) the best; or -1."""
    best, most = -1, -np.inf
    for row in range(len(utility)):
        if (
            ready[row] <= place
            and utility[row] > most
            and (kind < 0 or is_heard[row] == (kind > 0))
        ):
            best, most = row, utility[row]
    return best


@numba.njit(cache=True, nogil=True)
def _least_near(utility: FloatVector, ready: IntVector) -> int:
    """Of the candidates that break a gap by the least, the one of greatest utility."""
    best, least = 0, ready.min()
    most = -np.inf
    for row in range(len(utility)):
        if ready[row] == least and utility[row] > most:
            best, most = row, utility[row]
    return best


@numba.njit(cache=True, nogil=True)
def _count_broken(
    pool: Pool, rules: Rules, taken: IntVector, best: int, relaxed: IntVector
) -> None:
    """Count the gaps that ``best`` breaks at the next place."""
    relaxed[0] += _is_near(pool.artist, pool.before_artist, taken, best, rules.artist_gap)
    relaxed[1] += _is_near(pool.album, pool.before_album, taken, best, rules.album_gap)


@numba.njit(cache=True, nogil=True)
def _is_near(labels: IntVector, before: IntVector, taken: IntVector, best: int, gap: int) -> int:
    """1 when the label of ``best`` stands among the last ``gap`` places, those before included."""
    if gap == 0 or labels[best] < 0:
        return 0
    for place in range(max(len(taken) - gap, 0), len(taken)):
        if labels[taken[place]] == labels[best]:
            return 1
    for place in range(max(len(before) + len(taken) - gap, 0), len(before)):
        if before[place] == labels[best]:
            return 1
    return 0


@numba.njit(cache=True, nogil=True)
def _turn(taken: IntVector, familiar: float, place: int) -> int:
    """The kind whose turn it is: 1 heard when the new ones are full, 0 new; -1 when both fit."""
    if taken[0] >= math.ceil((1.0 - familiar) * (place + 1) - 1e-9):
        return 1
    if taken[1] >= math.ceil(familiar * (place + 1) - 1e-9):
        return 0
    return -1


@numba.njit(cache=True, nogil=True)
def _space(ready: IntVector, labels: IntVector, label: int, place: int, gap: int) -> None:
    """Nobody of a label stands within the gap after a place that has it."""
    if gap == 0 or label < 0:
        return
    for row in range(len(ready)):
        if labels[row] == label and ready[row] < place + gap + 1:
            ready[row] = place + gap + 1


@numba.njit(cache=True, nogil=True)
def _space_from(ready: IntVector, labels: IntVector, before: IntVector, gap: int) -> None:
    """The same for the places before the list, -1 being the last of them."""
    for place in range(-min(gap, len(before)), 0):
        _space(ready, labels, before[len(before) + place], place, gap)


@numba.njit(cache=True, nogil=True)
def _near(
    pool: Pool, variety: float, best: int, place: int, has: IntVector, nearest: FloatVector,
    mmr: FloatVector,
) -> None:  # fmt: skip
    """How near each candidate is to the nearest one taken, now that ``best`` is."""
    for at in range(pool.term_ends[best], pool.term_ends[best + 1]):
        has[pool.terms[at]] = place + 1
    less = np.float32(-variety)
    for row in range(len(nearest)):
        shared = 0
        for at in range(pool.term_ends[row], pool.term_ends[row + 1]):
            shared += has[pool.terms[at]] == place + 1
        if pool.artist[best] >= 0 and pool.artist[row] == pool.artist[best]:
            shared += 1
        cosine = np.float32(shared) * pool.per_norm[row] * pool.per_norm[best]
        nearest[row] = max(nearest[row], cosine)
        mmr[row] = pool.base[row] + np.float64(nearest[row] * less)
