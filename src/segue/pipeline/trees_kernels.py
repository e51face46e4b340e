"""Compiled QuickScorer; its slow twin is the table look-up of :mod:`segue.pipeline.trees`."""

import numba
import numpy as np
from numpy.typing import NDArray

from segue.types import FloatMatrix, FloatVector, IntVector


@numba.njit(cache=True, nogil=True)
def leaves_left(
    rows: FloatMatrix,
    feature: IntVector,
    threshold: FloatVector,
    tree: IntVector,
    struck: NDArray[np.uint16],
    n_trees: int,
) -> IntVector:
    """Leftmost leaf that no split struck out, uint8 (n_rows, n_trees).

    Splits stand by feature, then by threshold: the first one of a feature that a row does not pass
    ends the work on that feature.
    """
    reached = np.empty((len(rows), n_trees), np.uint8)
    left = np.empty(n_trees, np.uint16)
    n_splits = len(feature)
    for row in range(len(rows)):
        left[:] = np.uint16(0xFFFF)
        at = 0
        while at < n_splits:
            column = feature[at]
            value = rows[row, column]
            while at < n_splits and feature[at] == column and value > threshold[at]:
                left[tree[at]] &= ~struck[at]
                at += 1
            while at < n_splits and feature[at] == column:
                at += 1
        for t in range(n_trees):
            bits = left[t]
            leaf = 0
            while leaf < 16 and not (bits >> leaf) & 1:
                leaf += 1
            reached[row, t] = leaf
    return reached
