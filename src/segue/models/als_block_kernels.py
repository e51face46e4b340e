"""Compiled half-step of implicit ALS by blocks of factors; see :mod:`segue.models.als_kernels`.

iALS++: Rendle, Krichene, Zhang and Koren 2021, "iALS++: Speeding up matrix factorization with
subspace optimization", arXiv:2110.14044. With the other factors of a row where they are, the loss
is quadratic in one block of them, so that one Newton step solves the block::

    (base + ridge I + sum c v v')[block, block] step = -gradient[block]

What is left of each entry's target is kept while the blocks of a row take turns. A block costs no
more than its share of the factors and its own small system; the system of all factors is never
built. One block of all factors is the exact solution.
"""

import numba
import numpy as np

from segue.models.als_kernels import CHUNK, dot, solve_in_place
from segue.types import FloatMatrix, FloatVector, IntVector


@numba.njit(cache=True, parallel=True, fastmath=True)
def half_step_block(
    indptr: IntVector,
    indices: IntVector,
    confidence: FloatVector,
    target: FloatVector,
    fixed: FloatMatrix,
    base: FloatMatrix,
    ridge: FloatVector,
    x: FloatMatrix,
    block_size: int,
) -> None:
    """Improve the rows of ``x`` in place, each block of factors once, in order.

    O(nnz d (b / 2 + 3) + n_rows (d^2 + d b^2 / 3)) with b factors a block.
    """
    d = x.shape[1]
    n_chunks = (len(ridge) + CHUNK - 1) // CHUNK
    for chunk in numba.prange(n_chunks):  # pyright: ignore[reportGeneralTypeIssues]
        first, end = chunk * CHUNK, min((chunk + 1) * CHUNK, len(ridge))
        longest = 0
        for r in range(first, end):
            longest = max(longest, indptr[r + 1] - indptr[r])
        left = np.empty(longest, np.float32)
        # one allocation a chunk: the matrix of a block, and in the last row its right side
        work = np.empty((block_size + 1, block_size), np.float32)
        for r in range(first, end):
            start, stop = indptr[r], indptr[r + 1]
            for at in range(start, stop):
                left[at - start] = target[at] - dot(fixed[indices[at]], x[r])
            for low in range(0, d, block_size):
                high = min(low + block_size, d)
                n = high - low
                upper, side = work[:n, :n], work[block_size, :n]
                _start_block(low, base, ridge[r], x[r], upper, side)
                _add_block(start, stop, low, indices, confidence, left, fixed, upper, side)
                solve_in_place(upper, side)
                for a in range(n):
                    x[r, low + a] += side[a]
                for at in range(start, stop):
                    left[at - start] -= dot(fixed[indices[at], low:high], side)


@numba.njit(cache=True, fastmath=True)
def _start_block(
    low: int,
    base: FloatMatrix,
    ridge: np.float32,
    x: FloatVector,
    upper: FloatMatrix,
    side: FloatVector,
) -> None:
    """What all columns and the ridge add to the matrix of a block and to its right side."""
    n = len(side)
    for a in range(n):
        for b in range(n):
            upper[a, b] = base[low + a, low + b]
        upper[a, a] += ridge
        side[a] = -ridge * x[low + a] - dot(base[low + a], x)


@numba.njit(cache=True, fastmath=True)
def _add_block(
    start: int,
    stop: int,
    low: int,
    indices: IntVector,
    confidence: FloatVector,
    left: FloatVector,
    fixed: FloatMatrix,
    upper: FloatMatrix,
    side: FloatVector,
) -> None:
    """Add the entries; four at a time, so that the matrix is read and written once for four.

    Whole rows are added where half would do, as short rows of one length are faster than long
    and short ones.
    """
    n = len(side)
    high = low + n
    whole = stop - (stop - start) % 4
    for at in range(start, whole, 4):
        f0, f1 = fixed[indices[at], low:high], fixed[indices[at + 1], low:high]
        f2, f3 = fixed[indices[at + 2], low:high], fixed[indices[at + 3], low:high]
        c0, c1, c2, c3 = confidence[at], confidence[at + 1], confidence[at + 2], confidence[at + 3]
        e0, e1 = c0 * left[at - start], c1 * left[at + 1 - start]
        e2, e3 = c2 * left[at + 2 - start], c3 * left[at + 3 - start]
        for a in range(n):
            side[a] += e0 * f0[a] + e1 * f1[a] + e2 * f2[a] + e3 * f3[a]
            s0, s1, s2, s3 = c0 * f0[a], c1 * f1[a], c2 * f2[a], c3 * f3[a]
            for b in range(n):
                upper[a, b] += s0 * f0[b] + s1 * f1[b] + s2 * f2[b] + s3 * f3[b]
    for at in range(whole, stop):
        f0, c0 = fixed[indices[at], low:high], confidence[at]
        for a in range(n):
            side[a] += c0 * left[at - start] * f0[a]
            s0 = c0 * f0[a]
            for b in range(n):
                upper[a, b] += s0 * f0[b]
