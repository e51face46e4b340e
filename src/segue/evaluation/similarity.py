"""How good a notion of "alike" is: neighbors of one genre by other artists, and hubs.

The artist filter is needed: tracks of one album share the room, the microphone and the mastering,
and a measure that only recognises those would look excellent (Flexer & Schnitzer 2010,
doi:10.1162/COMJ_a_00004).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from segue.types import FloatMatrix, IntVector

# gives the likeness of some rows to all, shape (n_asked, n); called block by block
Likeness = Callable[[IntVector], FloatMatrix]
BLOCK_ROWS = 512


@dataclass(frozen=True, slots=True)
class SimilarityReport:
    """``precision``: share of the k nearest by other artists that are of the same group, 0..1.

    ``skewness`` of the k-occurrence (Radovanovic et al. 2010, JMLR 11): how often each row is among
    the k nearest of another; 0 when all are so equally often, above 1 there are hubs.
    ``never_near`` is the share of rows that are near to none, ``largest_hub`` the most occurrences.
    """

    precision: float
    skewness: float
    never_near: float
    largest_hub: int


def similarity_report(
    likeness: Likeness,
    group_of: IntVector,
    artist_of: IntVector,
    k: int = 10,
    asked: IntVector | None = None,
) -> SimilarityReport:
    """Ask for the neighbors of rows among all rows, tracks of their own artist left out.

    Args:
        likeness: See :data:`Likeness`; larger is more alike. Its result is written to.
        group_of: Genre of each row, shape (n,).
        artist_of: Artist of each row, shape (n,); -1 is an artist of its own.
        k: Neighbors asked for, >= 1; n must be larger.
        asked: Different rows to ask about; None for every row.
    """
    n = len(group_of)
    all_asked = np.arange(n) if asked is None else asked
    occurrences = np.zeros(n, np.int64)
    hits = 0.0
    for start in range(0, len(all_asked), BLOCK_ROWS):
        rows = all_asked[start : start + BLOCK_ROWS]
        scores = likeness(rows)
        own = artist_of[rows][:, np.newaxis] == artist_of
        own &= artist_of[rows][:, np.newaxis] >= 0
        scores[own] = -np.inf
        scores[np.arange(len(rows)), rows] = -np.inf
        nearest = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        real = np.isfinite(np.take_along_axis(scores, nearest, axis=1))
        same = (group_of[nearest] == group_of[rows][:, np.newaxis]) & real
        hits += float((same.sum(axis=1) / np.maximum(real.sum(axis=1), 1)).sum())
        occurrences += np.bincount(nearest[real], minlength=n)
    return SimilarityReport(
        hits / len(all_asked),
        skewness(occurrences),
        float(np.mean(occurrences == 0)),
        int(occurrences.max()),
    )


def skewness(values: IntVector) -> float:
    """Third standardised moment of a population; 0 when all values are equal.

    >>> skewness(np.array([1, 1, 1, 5])).__round__(3)
    1.155
    """
    centred = values - values.mean()
    deviation = np.sqrt(np.mean(centred**2))
    return float(np.mean(centred**3) / deviation**3) if deviation > 0 else 0.0
