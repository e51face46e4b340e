"""Compiled half-steps of implicit ALS: every row of one side, the other side held fixed.

Row r solves ``(base + ridge[r] I + sum c v v') x = sum c t v`` over its entries. Rows are
independent, so that any number of threads gives the same result. Float32, C order.
"""

import numba
import numpy as np

from segue.types import FloatMatrix, FloatVector, IntVector

CHUNK = 32  # rows that one thread solves in a row


@numba.njit(cache=True, parallel=True, fastmath=True)
def half_step_cg(
    indptr: IntVector,
    indices: IntVector,
    confidence: FloatVector,
    target: FloatVector,
    fixed: FloatMatrix,
    base: FloatMatrix,
    ridge: FloatVector,
    x: FloatMatrix,
    n_steps: int,
) -> None:
    """Improve the rows of ``x`` in place by conjugate gradients from where they stand.

    Takacs, Pilaszy and Tikk 2011, "Applications of the conjugate gradient method for implicit
    feedback collaborative filtering". O(n_steps * (nnz d + n_rows d^2)); A is never built.
    """
    n_chunks = (len(ridge) + CHUNK - 1) // CHUNK
    for chunk in numba.prange(n_chunks):  # pyright: ignore[reportGeneralTypeIssues]
        # one allocation a chunk: three vectors that every row of it uses again
        work = np.empty((3, x.shape[1]), np.float32)
        residual = work[0]
        for r in range(chunk * CHUNK, min((chunk + 1) * CHUNK, len(ridge))):
            start, stop = indptr[r], indptr[r + 1]
            _times_base(base, ridge[r], x[r], -1.0, residual)
            _add_entries(start, stop, indices, confidence, target, -1.0, fixed, x[r], residual)
            _descend(start, stop, indices, confidence, target, fixed, base, ridge[r], x[r], work,
                     n_steps)  # fmt: skip


@numba.njit(cache=True, parallel=True, fastmath=True)
def half_step_cholesky(
    indptr: IntVector,
    indices: IntVector,
    confidence: FloatVector,
    target: FloatVector,
    fixed: FloatMatrix,
    base: FloatMatrix,
    ridge: FloatVector,
    x: FloatMatrix,
) -> None:
    """Replace the rows of ``x`` by the exact solutions; O(nnz d^2 / 2 + n_rows d^3 / 3)."""
    for r in numba.prange(len(ridge)):  # pyright: ignore[reportGeneralTypeIssues]
        upper = base.copy()
        side = np.zeros(x.shape[1], np.float32)
        for at in range(indptr[r], indptr[r + 1]):
            column = indices[at]
            for a in range(len(side)):
                scale = confidence[at] * fixed[column, a]
                side[a] += target[at] * scale
                for b in range(a, len(side)):
                    upper[a, b] += scale * fixed[column, b]
        for a in range(len(side)):
            upper[a, a] += ridge[r]
        solve_in_place(upper, side)
        for a in range(len(side)):
            x[r, a] = side[a]


@numba.njit(cache=True, fastmath=True)
def dot(a: FloatVector, b: FloatVector) -> np.float32:
    """Sum of the products."""
    total = np.float32(0.0)
    for k in range(len(a)):
        total += a[k] * b[k]
    return total


@numba.njit(cache=True, fastmath=True)
def _times_base(
    base: FloatMatrix, ridge: np.float32, v: FloatVector, sign: float, out: FloatVector
) -> None:
    """``sign (base + ridge I) v`` into ``out``; ``base`` is symmetric, so its rows are summed."""
    d, sign_32 = len(v), np.float32(sign)
    for a in range(d):
        out[a] = sign_32 * ridge * v[a]
    whole = d - d % 4
    for b in range(0, whole, 4):
        v0, v1 = sign_32 * v[b], sign_32 * v[b + 1]
        v2, v3 = sign_32 * v[b + 2], sign_32 * v[b + 3]
        for a in range(d):
            out[a] += (
                v0 * base[b, a] + v1 * base[b + 1, a] + v2 * base[b + 2, a] + v3 * base[b + 3, a]
            )
    for b in range(whole, d):
        for a in range(d):
            out[a] += sign_32 * v[b] * base[b, a]


@numba.njit(cache=True, fastmath=True)
def _add_entries(
    start: int,
    stop: int,
    indices: IntVector,
    confidence: FloatVector,
    target: FloatVector,
    sign: float,
    fixed: FloatMatrix,
    v: FloatVector,
    out: FloatVector,
) -> None:
    """Add to ``out`` the sum over entries of ``c (f.v) f``, or where ``sign`` is -1 of
    ``c (t - f.v) f``, what is left of the target: one pass over the entries for both.

    Four at a time, so that ``v`` and ``out`` are read and written once for four.
    """
    d, left = len(v), sign < 0
    whole = stop - (stop - start) % 4
    for at in range(start, whole, 4):
        f0, f1 = fixed[indices[at]], fixed[indices[at + 1]]
        f2, f3 = fixed[indices[at + 2]], fixed[indices[at + 3]]
        s0 = s1 = s2 = s3 = np.float32(0.0)
        for a in range(d):
            s0 += f0[a] * v[a]
            s1 += f1[a] * v[a]
            s2 += f2[a] * v[a]
            s3 += f3[a] * v[a]
        if left:
            s0, s1 = target[at] - s0, target[at + 1] - s1
            s2, s3 = target[at + 2] - s2, target[at + 3] - s3
        s0, s1 = s0 * confidence[at], s1 * confidence[at + 1]
        s2, s3 = s2 * confidence[at + 2], s3 * confidence[at + 3]
        for a in range(d):
            out[a] += s0 * f0[a] + s1 * f1[a] + s2 * f2[a] + s3 * f3[a]
    for at in range(whole, stop):
        f0 = fixed[indices[at]]
        s0 = dot(f0, v)
        s0 = confidence[at] * (target[at] - s0 if left else s0)
        for a in range(d):
            out[a] += s0 * f0[a]


@numba.njit(cache=True, fastmath=True)
def _descend(
    start: int,
    stop: int,
    indices: IntVector,
    confidence: FloatVector,
    target: FloatVector,
    fixed: FloatMatrix,
    base: FloatMatrix,
    ridge: np.float32,
    x: FloatVector,
    work: FloatMatrix,
    n_steps: int,
) -> None:
    """Conjugate gradients from ``x``; ``work[0]`` is ``b - A x``, the other rows are scratch."""
    residual, direction, image = work[0], work[1], work[2]
    for a in range(len(x)):
        direction[a] = residual[a]
    square = dot(residual, residual)
    enough = np.float32(1e-14) * square + np.float32(1e-30)  # below it, only rounding is left
    for _ in range(n_steps):
        if square <= enough:
            return
        _times_base(base, ridge, direction, 1.0, image)
        _add_entries(start, stop, indices, confidence, target, 1.0, fixed, direction, image)
        length = square / dot(direction, image)
        for a in range(len(x)):
            x[a] += length * direction[a]
            residual[a] -= length * image[a]
        previous, square = square, dot(residual, residual)
        for a in range(len(x)):
            direction[a] = residual[a] + square / previous * direction[a]


@numba.njit(cache=True, fastmath=True)
def solve_in_place(upper: FloatMatrix, side: FloatVector) -> None:
    """Cholesky ``A = U'U`` in the upper half of ``upper``, then the solution in ``side``."""
    d = len(side)
    for k in range(d):  # row after row, so that the inner loop reads memory in order
        pivot = np.sqrt(upper[k, k])
        for b in range(k, d):
            upper[k, b] /= pivot
        for a in range(k + 1, d):
            scale = upper[k, a]
            for b in range(a, d):
                upper[a, b] -= scale * upper[k, b]
    for k in range(d):
        side[k] /= upper[k, k]
        for a in range(k + 1, d):
            side[a] -= upper[k, a] * side[k]
    for k in range(d - 1, -1, -1):
        for b in range(k + 1, d):
            side[k] -= upper[k, b] * side[b]
        side[k] /= upper[k, k]
