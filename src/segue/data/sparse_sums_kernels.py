"""Compiled part of :mod:`segue.data.sparse_sums`; its slow twin is ``numpy.bincount``."""

import numba
import numpy as np

from segue.types import FloatVector, IntVector


@numba.njit(cache=True, nogil=True)
def add_up(
    columns: IntVector, values: FloatVector, n_columns: int
) -> tuple[IntVector, FloatVector]:
    """Columns in the order they first appear, int32, and their sums, float64."""
    place = np.zeros(n_columns, np.int32)  # 1 + place among the touched; zero pages cost nothing
    touched = np.empty(min(len(columns), n_columns), np.int32)
    sums = np.empty(len(touched), np.float64)
    n = 0
    for at in range(len(columns)):
        column = columns[at]
        known = place[column]
        if known == 0:
            touched[n] = column
            sums[n] = values[at]
            n += 1
            place[column] = n
        else:
            sums[known - 1] += values[at]
    return touched[:n], sums[:n]
