"""Compiled steps of the models of stars: the ridge of one row, and an epoch of SVD++. Float64."""

import numba
import numpy as np

from segue.types import FloatMatrix, FloatVector, IntVector


@numba.njit(cache=True)
def solve_row(
    others: FloatMatrix,
    columns: IntVector,
    rest: FloatVector,
    bias_regularization: float,
    regularization: float,
) -> FloatVector:
    """Bias and factors of one row: ridge of ``rest - bias of the other`` on (1, its factors).

    ``others`` (n_columns, 1 + d) has the bias first; ``rest`` are stars less the mean, one for each
    of ``columns``. O(n d^2 + d^3).
    """
    width = others.shape[1]
    matrix, side = np.zeros((width, width)), np.zeros(width)
    x = np.empty(width)
    for at in range(len(columns)):
        other = others[columns[at]]
        target = rest[at] - other[0]
        x[0] = 1.0
        x[1:] = other[1:]
        for a in range(width):
            side[a] += x[a] * target
            for b in range(a + 1):
                matrix[a, b] += x[a] * x[b]
    for a in range(width):
        for b in range(a):
            matrix[b, a] = matrix[a, b]
        matrix[a, a] += bias_regularization if a == 0 else regularization
    return np.linalg.solve(matrix, side)


@numba.njit(cache=True)
def solve_rows(
    indptr: IntVector,
    indices: IntVector,
    rest: FloatVector,
    others: FloatMatrix,
    bias_regularization: float,
    regularization: float,
    solved: FloatMatrix,
) -> None:
    """:func:`solve_row` for every row that has an entry, into ``solved``; others become zero."""
    for row in range(len(solved)):
        start, stop = indptr[row], indptr[row + 1]
        solved[row] = 0.0
        if stop > start:
            solved[row] = solve_row(
                others, indices[start:stop], rest[start:stop], bias_regularization, regularization
            )


@numba.njit(cache=True)
def svdpp_epoch(
    order: IntVector,
    indptr: IntVector,
    indices: IntVector,
    rest: FloatVector,
    met_indptr: IntVector,
    met_indices: IntVector,
    n_raters: FloatVector,
    n_met_by: FloatVector,
    tracks: FloatMatrix,
    implicit: FloatMatrix,
    learning_rate: float,
    listener_bias_regularization: float,
    bias_regularization: float,
    regularization: float,
    implicit_regularization: float,
) -> None:
    """One gradient step on ``tracks`` and ``implicit`` for each listener of ``order``, in place.

    The step is half the gradient of the listener's part of the loss at their own best bias and
    factors; a track's penalty is shared out among those who rated (or met) it, so that the parts of
    one epoch add up to the whole loss. What was rated has to be among what was met.
    """
    d = tracks.shape[1] - 1
    for listener in order:
        rated = indices[indptr[listener] : indptr[listener + 1]]
        met = met_indices[met_indptr[listener] : met_indptr[listener + 1]]
        if len(rated) == 0:
            continue
        own = rest[indptr[listener] : indptr[listener + 1]].copy()
        scale = 1.0 / np.sqrt(max(len(met) - 1, 1))
        everything = np.zeros(d)
        for j in met:
            everything += implicit[j]
        taste = np.empty((len(rated), d))
        for at in range(len(rated)):
            taste[at] = scale * (everything - implicit[rated[at]])
            own[at] -= tracks[rated[at], 1:] @ taste[at]
        solved = solve_row(tracks, rated, own, listener_bias_regularization, regularization)
        pull, drawn = np.zeros(d), np.empty((len(rated), d))
        for at in range(len(rated)):
            i = rated[at]
            error = own[at] - solved[0] - tracks[i, 0] - tracks[i, 1:] @ solved[1:]
            drawn[at] = error * tracks[i, 1:]
            pull += drawn[at]
            bias_shrink, shrink = bias_regularization / n_raters[i], regularization / n_raters[i]
            tracks[i, 0] += learning_rate * (error - bias_shrink * tracks[i, 0])
            step = error * (solved[1:] + taste[at]) - shrink * tracks[i, 1:]
            tracks[i, 1:] += learning_rate * step
        for j in met:
            shrink = implicit_regularization / n_met_by[j]
            implicit[j] += learning_rate * (scale * pull - shrink * implicit[j])
        for at in range(len(rated)):  # nobody is drawn by themselves
            implicit[rated[at]] -= learning_rate * scale * drawn[at]
