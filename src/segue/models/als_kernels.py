"""Compiled half-steps of implicit ALS: every row of one side, the other side held fixed.

Row r solves ``(base + ridge[r] I + sum c v v') x = sum c t v`` over its entries. Rows are
independent, so that any number of threads gives the same result. Float32, C order.
"""

import numba
import numpy as np

from segue.types import FloatMatrix, FloatVector, IntVector


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
    for r in numba.prange(len(ridge)):  # pyright: ignore[reportGeneralTypeIssues]
        start, stop = indptr[r], indptr[r + 1]
        residual = np.empty(x.shape[1], np.float32)
        _image(start, stop, indices, confidence, fixed, base, ridge[r], x[r], residual)
        for a in range(len(residual)):
            residual[a] = -residual[a]
        for at in range(start, stop):
            scale = confidence[at] * target[at]
            for a in range(len(residual)):
                residual[a] += scale * fixed[indices[at], a]
        _descend(start, stop, indices, confidence, fixed, base, ridge[r], x[r], residual, n_steps)


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
        _solve_in_place(upper, side)
        for a in range(len(side)):
            x[r, a] = side[a]


@numba.njit(cache=True, fastmath=True)
def _dot(a: FloatVector, b: FloatVector) -> np.float32:
    total = np.float32(0.0)
    for k in range(len(a)):
        total += a[k] * b[k]
    return total


@numba.njit(cache=True, fastmath=True)
def _image(
    start: int,
    stop: int,
    indices: IntVector,
    confidence: FloatVector,
    fixed: FloatMatrix,
    base: FloatMatrix,
    ridge: np.float32,
    v: FloatVector,
    out: FloatVector,
) -> None:
    """``A v`` into ``out``."""
    d = len(v)
    for a in range(d):
        total = ridge * v[a]
        for b in range(d):
            total += base[a, b] * v[b]
        out[a] = total
    for at in range(start, stop):
        column = indices[at]
        dot = np.float32(0.0)
        for a in range(d):
            dot += fixed[column, a] * v[a]
        dot *= confidence[at]
        for a in range(d):
            out[a] += dot * fixed[column, a]


@numba.njit(cache=True, fastmath=True)
def _descend(
    start: int,
    stop: int,
    indices: IntVector,
    confidence: FloatVector,
    fixed: FloatMatrix,
    base: FloatMatrix,
    ridge: np.float32,
    x: FloatVector,
    residual: FloatVector,
    n_steps: int,
) -> None:
    """Conjugate gradients from ``x``, ``residual`` being ``b - A x``; both change in place."""
    direction, image = residual.copy(), np.empty_like(residual)
    square = _dot(residual, residual)
    enough = np.float32(1e-14) * square + np.float32(1e-30)  # below it, only rounding is left
    for _ in range(n_steps):
        if square <= enough:
            return
        _image(start, stop, indices, confidence, fixed, base, ridge, direction, image)
        length = square / _dot(direction, image)
        for a in range(len(x)):
            x[a] += length * direction[a]
            residual[a] -= length * image[a]
        previous, square = square, _dot(residual, residual)
        for a in range(len(x)):
            direction[a] = residual[a] + square / previous * direction[a]


@numba.njit(cache=True, fastmath=True)
def _solve_in_place(upper: FloatMatrix, side: FloatVector) -> None:
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
