"""The compiled update of BPR: one triple after another, so that a seed gives one result."""

import numba
import numpy as np

from segue.types import FloatMatrix, IntVector


@numba.njit(cache=True)
def is_among(columns: IntVector, start: int, stop: int, column: int) -> bool:
    """Whether ``column`` is in the ascending ``columns[start:stop]``."""
    end = stop
    while start < end:
        middle = (start + end) // 2
        if columns[middle] < column:
            start = middle + 1
        else:
            end = middle
    return start < stop and columns[start] == column


@numba.njit(cache=True, fastmath=True)
def bpr_epoch(
    indptr: IntVector,
    indices: IntVector,
    rows: IntVector,
    liked: IntVector,
    other: IntVector,
    listeners: FloatMatrix,
    tracks: FloatMatrix,
    learning_rate: float,
    regularization: float,
) -> int:
    """One stochastic step for each triple (row, liked, other); how many were steps.

    A triple whose other track the listener likes, too, is left out. The liked tracks of each row
    (``indptr``, ``indices``) ascend. Rendle et al. 2009, arXiv:1205.2618, figure 4.
    """
    rate, ridge = np.float32(learning_rate), np.float32(regularization)
    n_steps = 0
    for at in range(len(rows)):
        row = rows[at]
        if is_among(indices, int(indptr[row]), int(indptr[row + 1]), other[at]):
            continue
        u, v, w = listeners[row], tracks[liked[at]], tracks[other[at]]
        margin = np.float32(0.0)
        for a in range(len(u)):
            margin += u[a] * (v[a] - w[a])
        pull = np.float32(1.0) / (np.float32(1.0) + np.exp(margin))
        for a in range(len(u)):
            old, apart = u[a], v[a] - w[a]
            u[a] += rate * (pull * apart - ridge * old)
            v[a] += rate * (pull * old - ridge * v[a])
            w[a] += rate * (-pull * old - ridge * w[a])
        n_steps += 1
    return n_steps
