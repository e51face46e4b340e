"""What the local models solve on one neighbourhood: its Gram matrix, an elastic net, a ridge."""

import numpy as np

from segue.types import CsrMatrix, FloatMatrix, FloatVector, IntVector


def local_gram(by_track: CsrMatrix, hood: IntVector) -> FloatMatrix:
    """``X[:, hood].T @ X[:, hood]`` as a dense array, from X as CSC.

    >>> from scipy import sparse
    >>> local_gram(sparse.csc_matrix([[1.0, 5.0, 2.0]]), np.array([0, 2])).tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    columns = by_track[:, hood]
    return np.asarray((columns.T @ columns).toarray(), np.float64)


def descend(
    gram: FloatMatrix, right: FloatVector, l1: float, l2: float, max_sweeps: int, tolerance: float
) -> FloatVector:
    """``min 1/2 w'Gw - right'w + l1 sum(w) + l2/2 w'w`` over ``w >= 0``, by coordinate descent.

    Ends when no weight moved by more than ``tolerance`` in a sweep, or after ``max_sweeps``.

    >>> descend(np.array([[2.0]]), np.array([3.0]), 1.0, 2.0, 10, 0.0).tolist()
    [0.5]
    """
    curvature = (np.diag(gram) + l2).tolist()
    weights = [0.0] * len(right)  # single numbers of a list are read faster than of an array
    slope = right - l1  # minus the gradient of all but the part of a weight's own l2
    for _ in range(max_sweeps):
        largest_step = 0.0
        for i, curve in enumerate(curvature):
            before = weights[i]
            after = max(before + (float(slope[i]) - l2 * before) / curve, 0.0)
            if after != before:
                slope -= (after - before) * gram[i]
                weights[i] = after
                largest_step = max(largest_step, abs(after - before))
        if largest_step <= tolerance:
            break
    return np.array(weights, np.float64)


def solve_ridge(gram: FloatMatrix, right: FloatVector, ridge: FloatVector) -> FloatVector:
    """``(G + diag ridge)^-1 right`` for ``ridge > 0``."""
    return np.linalg.solve(gram + np.diag(ridge), right)
