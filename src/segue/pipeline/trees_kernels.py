"""Compiled V-QuickScorer; its slow twin is the table look-up of :mod:`segue.pipeline.trees`."""

import numba
import numpy as np
from numpy.typing import NDArray

from segue.types import FloatMatrix, FloatVector, IntVector


@numba.njit(cache=True, nogil=True)
def leaves_and_values(
    columns: FloatMatrix,
    starts: IntVector,
    feature: IntVector,
    threshold: FloatVector,
    kept: NDArray[np.uint32],
    lowest_bit: NDArray[np.uint8],
    leaf_value: FloatMatrix,
) -> tuple[NDArray[np.uint8], FloatVector]:
    """Leftmost leaf that no split struck out, uint8 (n_trees, n_rows), and the sums of values.

    Split by split, all rows at once: the inner loop is a comparison and an AND of neighbours in
    memory, which the compiler makes into vector instructions (Lucchese et al., "QuickScorer with
    SIMD", SIGIR 2016). The sum runs over the trees in order.

    Args:
        columns: float32 (n_features, n_rows), C order.
        starts: Where the splits of each tree begin, (n_trees + 1,).
        feature: Of each split, tree after tree.
        threshold: Of each split, float32; a row goes right where its value is greater.
        kept: Leaves that a split leaves when the row goes right.
        lowest_bit: Place of the lowest bit of every uint16.
        leaf_value: float64 (n_trees, n_leaves).
    """
    n_trees, n_rows = len(starts) - 1, columns.shape[1]
    reached = np.empty((n_trees, n_rows), np.uint8)
    values = np.zeros(n_rows)
    left = np.empty(n_rows, np.uint32)
    for tree in range(n_trees):
        left[:] = np.uint32(0xFFFF)
        for split in range(starts[tree], starts[tree + 1]):
            column, limit, mask = columns[feature[split]], threshold[split], kept[split]
            for row in range(n_rows):
                left[row] &= mask if column[row] > limit else np.uint32(0xFFFF)
        for row in range(n_rows):
            leaf = lowest_bit[left[row]]
            reached[tree, row] = leaf
            values[row] += leaf_value[tree, leaf]
    return reached, values
