"""Compiled passes of ranking: who named which track, ties, versions, and who is looked at.

The slow twins are the NumPy ways in :mod:`segue.pipeline.rank`, :mod:`segue.pipeline.controls`,
:mod:`segue.pipeline.candidates` and :mod:`segue.pipeline.diversify`. Rows are looked up in a small
hash table (open addressing, multiplicative): some thousand of them fit the nearest cache, where an
array as long as the catalogue would not.
"""

import numba
import numpy as np

from segue.data.row_table_kernels import place_of, slot, table_of
from segue.types import BoolVector, FloatMatrix, FloatVector, IntVector

FREE = np.iinfo(np.int32).min  # no label


@numba.njit(cache=True, nogil=True)
def fused(
    named: IntVector, ends: IntVector, weights: FloatVector, tiers: IntVector, rows: IntVector,
    k: float,
) -> tuple[FloatMatrix, FloatVector, IntVector]:  # fmt: skip
    """What each part gives to each of ``rows`` (n, n_parts), the sums, and the best tiers.

    ``named`` holds the rows of all parts one after the other, best first; ``ends`` where each ends.
    """
    keys, places, bits = table_of(rows, 2)
    where = np.empty(len(named), np.int32)
    tier = np.full(len(rows), np.iinfo(np.int32).max, np.int32)
    begin = 0
    for part in range(len(ends)):
        for at in range(begin, ends[part]):
            place = place_of(keys, places, bits, named[at])
            where[at] = place
            tier[place] = min(tier[place], tiers[part])
        begin = ends[part]
    given = np.zeros((len(rows), len(ends)))
    scores = np.zeros(len(rows))
    begin = 0
    for part in range(len(ends)):
        for at in range(begin, ends[part]):
            if tier[where[at]] == tiers[part]:
                worth = weights[part] / (k + (at - begin + 1))
                given[where[at], part] = worth
                scores[where[at]] += worth
        begin = ends[part]
    return given, scores, tier


@numba.njit(cache=True, nogil=True)
def mend_ties(order: IntVector, scores: FloatVector, rows: IntVector) -> None:
    """Bring equal neighbours into the order of their rows; ``order`` has the scores falling."""
    for at in range(1, len(order)):
        here = order[at]
        before = at - 1
        while (
            before >= 0
            and scores[order[before]] == scores[here]
            and rows[order[before]] > rows[here]
        ):
            order[before + 1] = order[before]
            before -= 1
        order[before + 1] = here


@numba.njit(cache=True, nogil=True)
def preferences_of(
    known: IntVector, preference: FloatVector, rows: IntVector
) -> tuple[FloatVector, bool]:
    """The preference of each row, 0 for those not known, and whether one is below zero."""
    keys, places, bits = table_of(known, 2)
    own = np.zeros(len(rows), np.float32)
    any_below = False
    for at in range(len(rows)):
        place = place_of(keys, places, bits, rows[at])
        if place >= 0:
            own[at] = preference[place]
            any_below |= preference[place] < 0
    return own, any_below


@numba.njit(cache=True, nogil=True)
def are_in(rows: IntVector, wanted: IntVector) -> BoolVector:
    """Which of ``wanted`` are among different ``rows``."""
    keys, places, bits = table_of(rows, 2)
    found = np.empty(len(wanted), np.bool_)
    for at in range(len(wanted)):
        found[at] = place_of(keys, places, bits, wanted[at]) >= 0
    return found


@numba.njit(cache=True, nogil=True)
def first_of_each(labels: IntVector) -> IntVector:
    """Places of the first of each label, ascending; labels are int32 above the least."""
    bits = 4
    while (1 << bits) < 2 * len(labels):
        bits += 1
    keys = np.full(1 << bits, FREE, np.int32)
    first = np.empty(len(labels), np.int64)
    n = 0
    for place in range(len(labels)):
        at = slot(labels[place], bits)
        while keys[at] != FREE and keys[at] != labels[place]:
            at = (at + 1) & ((1 << bits) - 1)
        if keys[at] == FREE:
            keys[at] = labels[place]
            first[n] = place
            n += 1
    return first[:n]


@numba.njit(cache=True, nogil=True)
def best_of_both(
    rows: IntVector, scores: FloatVector, quota: int,
    other_rows: IntVector, other_scores: FloatVector, other_quota: int, allowed: BoolVector,
) -> tuple[IntVector, FloatVector]:  # fmt: skip
    """The best allowed of two lists, each with its own quota, as one list, best first.

    Both have falling scores, and no row in common; ties go to the lower row.
    """
    mine, n_mine = _permitted(rows, allowed, quota)
    theirs, n_theirs = _permitted(other_rows, allowed, other_quota)
    found = np.empty(n_mine + n_theirs, np.int32)
    worth = np.empty(n_mine + n_theirs, scores.dtype)
    a = b = 0
    for place in range(len(found)):
        is_mine = b >= n_theirs
        if a < n_mine and b < n_theirs:
            left, right = scores[mine[a]], other_scores[theirs[b]]
            is_mine = left > right or (left == right and rows[mine[a]] < other_rows[theirs[b]])
        if is_mine:
            found[place], worth[place] = rows[mine[a]], scores[mine[a]]
            a += 1
        else:
            found[place], worth[place] = other_rows[theirs[b]], other_scores[theirs[b]]
            b += 1
    return found, worth


@numba.njit(cache=True, nogil=True)
def _permitted(rows: IntVector, allowed: BoolVector, quota: int) -> tuple[IntVector, int]:
    places = np.empty(max(min(quota, len(rows)), 0), np.int64)
    n = 0
    for place in range(len(rows)):
        if n >= len(places):
            break
        if allowed[rows[place]]:
            places[n] = place
            n += 1
    return places, n


@numba.njit(cache=True, nogil=True)
def pool_places(
    artist: IntVector, tier: IntVector, is_heard: BoolVector, is_mixed: bool, per_artist: int,
    size: int,
) -> IntVector:  # fmt: skip
    """Places worth looking at, ascending: see ``_pool`` of :mod:`segue.pipeline.diversify`."""
    is_late = _is_late(artist, per_artist)
    keep = np.zeros(len(artist), np.bool_)
    room = np.array([size // 2, size // 2] if is_mixed else [size, 0])
    begin = 0
    while begin < len(artist):
        end = begin
        while end < len(artist) and tier[end] == tier[begin]:
            end += 1
        for late in (False, True):
            for place in range(begin, end):
                kind = 1 if is_mixed and is_heard[place] else 0
                if is_late[place] == late and room[kind] > 0:
                    room[kind] -= 1
                    keep[place] = True
        begin = end
    return np.flatnonzero(keep)


@numba.njit(cache=True, nogil=True)
def _is_late(artist: IntVector, per_artist: int) -> BoolVector:
    """Whether so many of the same artist (>= 0) stand before."""
    bits = 4
    while (1 << bits) < 2 * len(artist):
        bits += 1
    keys, counts = np.full(1 << bits, -1, np.int32), np.zeros(1 << bits, np.int32)
    late = np.zeros(len(artist), np.bool_)
    for place in range(len(artist)):
        if artist[place] < 0:
            continue
        at = slot(artist[place], bits)
        while keys[at] >= 0 and keys[at] != artist[place]:
            at = (at + 1) & ((1 << bits) - 1)
        keys[at] = artist[place]
        late[place] = counts[at] >= per_artist
        counts[at] += 1
    return late
