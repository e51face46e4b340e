"""Compiled QuickScorer; its slow twin is the table look-up of :mod:`segue.pipeline.trees`."""

import numba
import numpy as np
from numpy.typing import NDArray

from segue.types import FloatMatrix, FloatVector, IntVector


@numba.njit(cache=True, nogil=True)
def leaves_left(
    rows: FloatMatrix,
    feature: IntVector,
    ends: IntVector,
    threshold: FloatVector,
    tree: IntVector,
    kept: NDArray[np.uint16],
    lowest_bit: NDArray[np.uint8],
    n_trees: int,
) -> IntVector:
    """Leftmost leaf that no split struck out, uint8 (n_rows, n_trees).

    Args:
        rows: Shape (n_rows, n_columns).
        feature: Each feature that has splits, once, ascending.
        ends: Where the splits of each of them end.
        threshold: Of each split, ascending within a feature: the first that a row does not pass
            ends the work on that feature.
        tree: Of each split.
        kept: Leaves that a split leaves when the row goes right.
        lowest_bit: Place of the lowest bit of every uint16.
        n_trees: How many trees.
    """
    reached = np.empty((len(rows), n_trees), np.uint8)
    left = np.empty(n_trees, np.uint16)
    for row in range(len(rows)):
        left[:] = np.uint16(0xFFFF)
        at = 0
        for place in range(len(feature)):
            value = rows[row, feature[place]]
            while at < ends[place] and value > threshold[at]:
                left[tree[at]] &= kept[at]
                at += 1
            at = ends[place]
        for t in range(n_trees):
            reached[row, t] = lowest_bit[left[t]]
    return reached
